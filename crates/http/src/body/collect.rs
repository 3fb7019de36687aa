//! A whole small body in memory: XML documents.

use base::{ByteStream, StreamError};
use bytes::{Bytes, BytesMut};
use futures_util::StreamExt;

/// Why a body could not be collected.
#[derive(Debug, thiserror::Error)]
pub enum CollectError {
    /// The body is longer than the limit, in bytes.
    #[error("the body is longer than {0} bytes")]
    TooLong(usize),
    /// The body broke off.
    #[error(transparent)]
    Broken(#[from] StreamError),
}

/// Reads all of `body`, which may be `limit` bytes long at most. Memory grows with what arrives, not with what was
/// announced.
pub async fn collect(mut body: ByteStream, limit: usize) -> Result<Bytes, CollectError> {
    let mut first = Bytes::new();
    let mut rest = BytesMut::new();
    while let Some(piece) = body.next().await {
        let piece = piece?;
        if first.len() + rest.len() + piece.len() > limit {
            return Err(CollectError::TooLong(limit));
        }
        if first.is_empty() {
            first = piece;
        } else {
            rest.extend_from_slice(&piece);
        }
    }
    if rest.is_empty() {
        return Ok(first);
    }
    let mut whole = BytesMut::with_capacity(first.len() + rest.len());
    whole.extend_from_slice(&first);
    whole.extend_from_slice(&rest);
    Ok(whole.freeze())
}
