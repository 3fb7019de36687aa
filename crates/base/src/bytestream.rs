//! A body of bytes that arrives in pieces.

use bytes::Bytes;
use futures_util::Stream;
use std::pin::Pin;

/// A body in pieces of any size above zero. It ends with `None`; after an error nothing follows.
/// Dropping it gives up whatever produces it.
pub type ByteStream = Pin<Box<dyn Stream<Item = Result<Bytes, StreamError>> + Send>>;

/// Why a body broke off.
#[derive(Debug, thiserror::Error)]
pub enum StreamError {
    /// The sender closed or lost the connection before the end.
    #[error("the sender went away before the end of the body")]
    Gone,
    /// The sender was silent for longer than the named limit.
    #[error("the sender was silent for too long")]
    TimedOut,
    /// The body isn't what it was announced to be (framing, length, hash, signature). The cause says
    /// what, in the vocabulary of the crate that found it, which can downcast it again.
    #[error("the body was refused: {0}")]
    Refused(Box<dyn std::error::Error + Send + Sync>),
    /// The producer failed (a drive, a decoder).
    #[error("the body could not be produced: {0}")]
    Failed(Box<dyn std::error::Error + Send + Sync>),
}
