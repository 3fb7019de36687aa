//! Tar: entries one after the other, in 512-byte blocks.
//!
//! Reads what tar programs write: v7, ustar, GNU (long names, numbers in binary) and pax (POSIX). Global pax records say
//! nothing of single entries here. Sparse files are refused: a few bytes would stand for any number of zeros.

mod header;
mod pax;
mod reader;
#[cfg(test)]
mod tests;

pub use reader::{Event, TarReader};

use base::Timestamp;

/// The longest name that a GNU entry may carry, in bytes: more than any key has.
pub const MAX_LONG_NAME: u64 = 64 * 1024;
/// The longest extended header of an entry, in bytes.
pub const MAX_PAX: u64 = 1024 * 1024;

/// What an entry is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum EntryKind {
    File,
    Directory,
    /// A device or a pipe: nothing but a name.
    Special,
    /// A link, or what this reader doesn't know.
    Other,
}

/// An entry's head.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct TarEntry {
    /// As stored; bytes that aren't UTF-8 are replaced.
    pub name: String,
    pub kind: EntryKind,
    /// Bytes that follow.
    pub size: u64,
    pub mod_time: Timestamp,
    /// The entry's own pax records, in the order of the file.
    pub records: Vec<(String, String)>,
}

/// Why a tar can't be read.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum TarError {
    #[error("invalid tar header")]
    Header,
    #[error("unexpected EOF")]
    Truncated,
    #[error("a name or an extended header is too long")]
    TooLong,
    #[error("sparse files are not supported")]
    Sparse,
}
