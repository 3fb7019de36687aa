//! What a client may cost: each limit with its reason.

use base::KIB;
use std::time::Duration;

/// Open connections. One costs a task, a socket and an 8 KiB buffer that grows only while it is used: at the limit
/// idle clients hold about 200 MiB. More wait in the kernel's backlog.
pub const CONNECTIONS: usize = 8192;

/// Requests being worked on, from the head to the last byte of the answer. Each may hold a few blocks of an object in
/// memory, so this is what bounds memory under load.
pub const REQUESTS: usize = 1024;

/// Requests that wait for their turn; a request costs its head (some KiB) while it waits.
pub const WAITING: usize = 4096;

/// How long a request waits for its turn before it is turned away: within the patience of every S3 client.
pub const WAIT: Duration = Duration::from_secs(10);

/// From the moment a connection is ready for a request to the last byte of the request's head. Covers both an idle
/// connection and a client that sends its head one byte at a time.
pub const HEAD: Duration = Duration::from_secs(30);

/// How long a client may neither send the body that is wanted nor take the answer that is ready. Renewed by every
/// byte: a slow client is served, a silent one is not.
pub const STALL: Duration = Duration::from_secs(30);

/// A TLS handshake takes a few round trips; who needs longer is not trying.
pub const HANDSHAKE: Duration = Duration::from_secs(10);

/// How long a connection is still read, and the bytes thrown away, after an answer that was given before the whole
/// body had come: closing at once would reset the connection and could destroy the answer on its way.
pub const LINGER: Duration = Duration::from_secs(2);

/// The request line and headers together. S3 allows 8 KiB of headers and answers more with an error of its own, which
/// it can only do for heads that are read. MinIO takes 1 MiB, but hyper's read buffer has this size too: each upload grows
/// one, so that 64 of them would hold 64 MiB instead of 16.
pub const HEAD_BYTES: u64 = 256 * KIB;

/// Header lines in a request. 2 KiB of user metadata in the shortest possible lines stay below it.
pub const HEADER_LINES: usize = 256;

/// Streams that a client may have open on one HTTP/2 connection; each is a request and counts as one.
pub const STREAMS: u32 = 128;

/// Answer bytes that wait for an HTTP/2 client's window, for each stream.
pub const SEND_BUFFER: u64 = 256 * KIB;

/// The limits of one server. Start from [`Limits::default`] and change what the configuration names.
#[derive(Clone, Debug)]
pub struct Limits {
    /// Open connections; see [`CONNECTIONS`].
    pub connections: usize,
    /// Requests being worked on; see [`REQUESTS`].
    pub requests: usize,
    /// Requests waiting for their turn; see [`WAITING`].
    pub waiting: usize,
    /// How long they wait; see [`WAIT`].
    pub wait: Duration,
    /// For an idle connection and the next head; see [`HEAD`].
    pub head: Duration,
    /// For each read of a body and each write of an answer; see [`STALL`].
    pub stall: Duration,
    /// For a TLS handshake; see [`HANDSHAKE`].
    pub handshake: Duration,
    /// After an early answer; see [`LINGER`].
    pub linger: Duration,
}

impl Default for Limits {
    fn default() -> Self {
        Limits {
            connections: CONNECTIONS,
            requests: REQUESTS,
            waiting: WAITING,
            wait: WAIT,
            head: HEAD,
            stall: STALL,
            handshake: HANDSHAKE,
            linger: LINGER,
        }
    }
}
