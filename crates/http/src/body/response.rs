//! The body of an answer.

use base::{ByteStream, StreamError};
use bytes::Bytes;
use http_body::{Body, Frame, SizeHint};
use std::pin::Pin;
use std::task::{Context, Poll};

/// An answer's body. Its length is known before its first byte, and it is kept to: the server writes `Content-Length`.
/// Only where nobody can know it the body says itself where it ends ([`ResponseBody::unmeasured`]).
pub struct ResponseBody {
    source: Source,
    left: u64,
    /// Whether `left` says how much will come.
    measured: bool,
    ending: Option<Ending>,
}

/// Whoever wants to know when nothing more is sent, and how much was.
struct Ending {
    sent: u64,
    tell: Option<Box<dyn FnOnce(u64) + Send>>,
}

impl Drop for Ending {
    fn drop(&mut self) {
        if let Some(tell) = self.tell.take() {
            tell(self.sent);
        }
    }
}

enum Source {
    Done,
    Whole(Bytes),
    Stream(ByteStream),
    /// It can't be finished; told when what has been given is on its way.
    Failed(ResponseError),
}

/// Why an answer could not be finished. The connection breaks: HTTP has no other way to say so once the head is gone.
#[derive(Debug, thiserror::Error)]
pub enum ResponseError {
    /// The producer failed.
    #[error("the answer broke off: {0}")]
    Broken(#[source] StreamError),
    /// The producer gave another number of bytes than it had promised; the count is what was still due.
    #[error("the answer has another length than announced ({0} bytes were still due)")]
    WrongLength(u64),
}

impl ResponseBody {
    /// No bytes.
    pub fn empty() -> Self {
        ResponseBody { source: Source::Done, left: 0, measured: true, ending: None }
    }

    /// `length` bytes from `stream`. If it gives more, fewer or an error, the connection is broken off.
    pub fn stream(stream: ByteStream, length: u64) -> Self {
        ResponseBody { source: Source::Stream(stream), left: length, measured: true, ending: None }
    }

    /// All of `stream`, of a length that isn't known; it goes out in chunks.
    pub fn unmeasured(stream: ByteStream) -> Self {
        ResponseBody { source: Source::Stream(stream), left: u64::MAX, measured: false, ending: None }
    }

    /// Tells `tell` how many bytes the connection took, when it has taken all or is gone.
    pub fn on_end(&mut self, tell: impl FnOnce(u64) + Send + 'static) {
        self.ending = Some(Ending { sent: 0, tell: Some(Box::new(tell)) });
    }

    /// How many bytes are still to be sent, at most.
    pub fn len(&self) -> u64 {
        self.left
    }

    /// Whether nothing is to be sent any more.
    pub fn is_empty(&self) -> bool {
        self.left == 0
    }

    /// Waits once before the error, so that the connection sends what it holds (at least the head): a client that sees
    /// an answer break off knows more than one whose connection breaks.
    fn fail(&mut self, error: ResponseError, cx: &Context<'_>) -> Poll<Option<Result<Frame<Bytes>, ResponseError>>> {
        self.source = Source::Failed(error);
        cx.waker().wake_by_ref();
        Poll::Pending
    }
}

impl From<Bytes> for ResponseBody {
    fn from(bytes: Bytes) -> Self {
        if bytes.is_empty() {
            return ResponseBody::empty();
        }
        let left = bytes.len() as u64;
        ResponseBody { source: Source::Whole(bytes), left, measured: true, ending: None }
    }
}

impl From<String> for ResponseBody {
    fn from(text: String) -> Self {
        Bytes::from(text).into()
    }
}

impl From<&'static str> for ResponseBody {
    fn from(text: &'static str) -> Self {
        Bytes::from_static(text.as_bytes()).into()
    }
}

impl Body for ResponseBody {
    type Data = Bytes;
    type Error = ResponseError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, ResponseError>>> {
        let this = &mut *self;
        let next = match &mut this.source {
            Source::Done => return Poll::Ready(None),
            Source::Failed(_) => match std::mem::replace(&mut this.source, Source::Done) {
                Source::Failed(error) => return Poll::Ready(Some(Err(error))),
                _ => return Poll::Ready(None),
            },
            Source::Whole(bytes) => Some(Ok(std::mem::take(bytes))),
            Source::Stream(stream) => std::task::ready!(stream.as_mut().poll_next(cx)),
        };
        let data = match next {
            Some(Ok(data)) => data,
            Some(Err(error)) => return this.fail(ResponseError::Broken(error), cx),
            None if this.left == 0 => return Poll::Ready(None),
            None if !this.measured => {
                this.left = 0;
                return Poll::Ready(None);
            }
            None => return this.fail(ResponseError::WrongLength(this.left), cx),
        };
        match this.left.checked_sub(data.len() as u64) {
            Some(left) => this.left = left,
            None => return this.fail(ResponseError::WrongLength(this.left), cx),
        }
        if let Some(ending) = &mut this.ending {
            ending.sent += data.len() as u64;
        }
        if this.left == 0 {
            this.source = Source::Done;
        }
        Poll::Ready(Some(Ok(Frame::data(data))))
    }

    fn is_end_stream(&self) -> bool {
        self.left == 0
    }

    fn size_hint(&self) -> SizeHint {
        if self.measured || self.left == 0 { SizeHint::with_exact(self.left) } else { SizeHint::default() }
    }
}
