//! The hash of a plain body.

use super::BodyError;
use base::{ByteStream, StreamError};
use bytes::Bytes;
use futures_util::Stream;
use sha2::{Digest, Sha256};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// Passes a body through and ends it with an error if its SHA-256 isn't the announced one.
pub(super) struct Sha256Check {
    source: ByteStream,
    /// `None` once the stream has ended.
    hasher: Option<Sha256>,
    announced: [u8; 32],
}

impl Sha256Check {
    pub(super) fn new(source: ByteStream, announced: [u8; 32]) -> Self {
        Sha256Check { source, hasher: Some(Sha256::new()), announced }
    }
}

impl Stream for Sha256Check {
    type Item = Result<Bytes, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        let Some(hasher) = &mut this.hasher else {
            return Poll::Ready(None);
        };
        let next = ready!(this.source.as_mut().poll_next(cx));
        if let Some(Ok(data)) = &next {
            hasher.update(data);
            return Poll::Ready(next);
        }
        let found: Option<[u8; 32]> = this.hasher.take().map(|hasher| hasher.finalize().into());
        if next.is_none() && found != Some(this.announced) {
            return Poll::Ready(Some(Err(BodyError::Sha256Mismatch.into())));
        }
        Poll::Ready(next)
    }
}
