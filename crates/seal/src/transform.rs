//! Bytes in, other bytes out: what encryption and compression have in common.

use base::{ByteStream, StreamError};
use bytes::Bytes;
use futures_util::StreamExt;
use futures_util::stream;

/// A change to bytes that come in pieces. The caller pulls until there is nothing, then pushes the next piece
/// or says that there is none, and pulls again. So what comes out is made one piece at a time, however much
/// one piece of input stands for.
pub trait Transform {
    type Error: std::error::Error + Send + Sync + 'static;

    /// Takes the next piece of input; only when [`Transform::pull`] had nothing more.
    fn push(&mut self, piece: Bytes);

    /// No more input follows.
    fn end(&mut self);

    /// The next piece of output. `None` asks for input; after [`Transform::end`] it means the end. After an
    /// error nothing follows.
    fn pull(&mut self) -> Result<Option<Bytes>, Self::Error>;

    /// Whether all that is wanted has come out, so that no more input needs to be read.
    fn is_over(&self) -> bool {
        false
    }
}

/// A body as a transform leaves it. It stops reading `body` once the transform has had enough.
pub fn through<T>(body: ByteStream, transform: T) -> ByteStream
where
    T: Transform + Send + 'static,
{
    let state = Some((body, transform, false));
    Box::pin(stream::unfold(state, |state| async {
        let (mut body, mut transform, mut ended) = state?;
        loop {
            match transform.pull() {
                Ok(Some(piece)) => return Some((Ok(piece), Some((body, transform, ended)))),
                Err(error) => return Some((Err(StreamError::Failed(Box::new(error))), None)),
                Ok(None) if ended || transform.is_over() => return None,
                Ok(None) => {}
            }
            match body.next().await {
                Some(Ok(piece)) => transform.push(piece),
                Some(Err(error)) => return Some((Err(error), None)),
                None => {
                    transform.end();
                    ended = true;
                }
            }
        }
    }))
}

/// Drops the first bytes of a stream and gives an exact number of those that follow.
#[derive(Debug)]
pub struct Window {
    skip: u64,
    /// Bytes still to give; `None`: all that come.
    take: Option<u64>,
    piece: Bytes,
    ended: bool,
}

/// The stream ended before the window did.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the stream is {missing} bytes too short")]
pub struct WindowError {
    pub missing: u64,
}

impl Window {
    /// `take` bytes from offset `skip` on; an error if the stream has fewer.
    pub fn new(skip: u64, take: u64) -> Self {
        Window { skip, take: Some(take), piece: Bytes::new(), ended: false }
    }

    /// All from offset `skip` on.
    pub fn from(skip: u64) -> Self {
        Window { skip, take: None, piece: Bytes::new(), ended: false }
    }
}

/// The smaller of a length and a count.
fn clamp(len: usize, count: u64) -> usize {
    usize::try_from(count).map_or(len, |count| count.min(len))
}

impl Transform for Window {
    type Error = WindowError;

    fn push(&mut self, piece: Bytes) {
        self.piece = piece;
    }

    fn end(&mut self) {
        self.ended = true;
    }

    fn pull(&mut self) -> Result<Option<Bytes>, WindowError> {
        let mut piece = std::mem::take(&mut self.piece);
        let skipped = clamp(piece.len(), self.skip);
        self.skip -= skipped as u64;
        piece = piece.slice(skipped..);
        if let Some(take) = &mut self.take {
            piece.truncate(clamp(piece.len(), *take));
            *take -= piece.len() as u64;
        }
        if !piece.is_empty() {
            return Ok(Some(piece));
        }
        match self.take {
            Some(missing) if self.ended && missing > 0 => Err(WindowError { missing }),
            _ => Ok(None),
        }
    }

    fn is_over(&self) -> bool {
        self.take == Some(0)
    }
}
