//! The body of a request.

use crate::stall::Watchdog;
use base::{ByteStream, Clock, StreamError};
use bytes::Bytes;
use futures_util::Stream;
use http_body::Body;
use hyper::body::Incoming;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::task::{Context, Poll};
use std::time::Duration;

/// A request's body, not read yet. Dropping it gives the body up: the connection is closed after the answer.
pub struct RequestBody {
    source: Source,
    length: Option<u64>,
}

enum Source {
    Empty,
    Wire(Wire),
    Stream(ByteStream),
}

impl RequestBody {
    /// No body.
    pub fn empty() -> Self {
        RequestBody { source: Source::Empty, length: Some(0) }
    }

    /// A body that doesn't come from a connection, of `length` bytes if that is known.
    pub fn from_stream(stream: ByteStream, length: Option<u64>) -> Self {
        RequestBody { source: Source::Stream(stream), length }
    }

    pub(crate) fn from_wire(wire: Wire) -> Self {
        if wire.incoming.is_end_stream() {
            return RequestBody::empty();
        }
        let length = wire.incoming.size_hint().exact();
        RequestBody { source: Source::Wire(wire), length }
    }

    /// The announced length in bytes: zero if there is no body, `None` if the client didn't say (HTTP/1.1 chunks, HTTP/2 without a
    /// length). The stream keeps to it: fewer bytes end in [`StreamError::Gone`].
    pub fn content_length(&self) -> Option<u64> {
        self.length
    }

    /// The body's bytes as they come. A client that sends nothing for the stall limit, while bytes are waited for, ends in
    /// [`StreamError::TimedOut`]; a lost client in [`StreamError::Gone`].
    pub fn into_stream(self) -> ByteStream {
        match self.source {
            Source::Empty => Box::pin(futures_util::stream::empty()),
            Source::Wire(wire) => Box::pin(wire),
            Source::Stream(stream) => stream,
        }
    }
}

impl From<Bytes> for RequestBody {
    fn from(bytes: Bytes) -> Self {
        if bytes.is_empty() {
            return RequestBody::empty();
        }
        let length = u64::try_from(bytes.len()).ok();
        RequestBody::from_stream(Box::pin(futures_util::stream::iter([Ok(bytes)])), length)
    }
}

/// A body on its connection.
pub(crate) struct Wire {
    incoming: Incoming,
    watchdog: Watchdog,
    ended: bool,
    /// Set when the body is given up before its end: the connection then closes with care.
    unread: Arc<AtomicBool>,
}

impl Wire {
    pub(crate) fn new(incoming: Incoming, clock: Arc<dyn Clock>, stall: Duration, unread: Arc<AtomicBool>) -> Self {
        Wire { incoming, watchdog: Watchdog::new(clock, stall), ended: false, unread }
    }
}

impl Stream for Wire {
    type Item = Result<Bytes, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        if this.ended {
            return Poll::Ready(None);
        }
        loop {
            let frame = match Pin::new(&mut this.incoming).poll_frame(cx) {
                Poll::Pending if this.watchdog.poll_stalled(cx) => Some(Err(StreamError::TimedOut)),
                Poll::Pending => return Poll::Pending,
                Poll::Ready(None) => None,
                Poll::Ready(Some(Err(_lost))) => Some(Err(StreamError::Gone)),
                Poll::Ready(Some(Ok(frame))) => match frame.into_data() {
                    Ok(data) if !data.is_empty() => Some(Ok(data)),
                    // HTTP's own trailers carry nothing that S3 uses.
                    _ => continue,
                },
            };
            this.watchdog.progressed();
            this.ended = !matches!(frame, Some(Ok(_)));
            if matches!(frame, Some(Err(_))) {
                this.unread.store(true, Ordering::Relaxed);
            }
            return Poll::Ready(frame);
        }
    }
}

impl Drop for Wire {
    fn drop(&mut self) {
        if !self.ended && !self.incoming.is_end_stream() {
            self.unread.store(true, Ordering::Relaxed);
        }
    }
}
