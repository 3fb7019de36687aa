//! What ends a run.

use std::fmt::Display;
use std::io;

/// Why no (more) numbers come.
#[derive(Debug, thiserror::Error)]
pub enum Failure {
    /// The machine refused something.
    #[error("{what}: {source}")]
    Io {
        /// The file, address or program concerned.
        what: String,
        /// What it said.
        source: io::Error,
    },
    /// A server did not come up.
    #[error("server {name} did not answer within {seconds} s; it said: {said}")]
    NotStarted {
        /// As named in the options.
        name: String,
        /// How long it had.
        seconds: u64,
        /// The end of its output.
        said: String,
    },
    /// A server answered a request of the preparations in a way that makes measuring pointless.
    #[error("server {name}, cell {cell}, {step}: {said}")]
    Preparation {
        /// As named in the options.
        name: String,
        /// The cell's name.
        cell: String,
        /// What was being prepared.
        step: &'static str,
        /// The first wrong answer.
        said: String,
    },
    /// A tool that counts system calls failed.
    #[error("counting system calls with {tool}: {said}")]
    Counting {
        /// `perf` or `strace`.
        tool: &'static str,
        /// What it said.
        said: String,
    },
}

impl Failure {
    /// Adds what an error of the system is about.
    pub fn io(what: impl Display) -> impl FnOnce(io::Error) -> Failure {
        move |source| Failure::Io { what: what.to_string(), source }
    }
}
