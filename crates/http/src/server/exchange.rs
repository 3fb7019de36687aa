//! One request and its answer: from hyper to the handler and back.

use super::Shared;
use super::heads::Heads;
use super::progress::{Progress, Progresses};
use crate::body::Wire;
use crate::{ConnInfo, Refusal, RequestBody, ResponseBody, ResponseError};
use bytes::Bytes;
use futures_util::FutureExt;
use http::header::{CONNECTION, EXPECT, HOST, TRANSFER_ENCODING};
use http::{HeaderValue, Request, Response, Version};
use http_body::{Body, Frame, SizeHint};
use hyper::body::Incoming;
use std::convert::Infallible;
use std::panic::AssertUnwindSafe;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, AtomicUsize, Ordering};
use std::task::{Context, Poll};
use tokio::sync::OwnedSemaphorePermit;

/// What the requests of one connection share.
pub(super) struct Connection {
    pub(super) shared: Arc<Shared>,
    pub(super) info: ConnInfo,
    /// Verdicts on HTTP/1 heads.
    pub(super) heads: Arc<Heads>,
    /// A body was given up before its end.
    pub(super) unread: Arc<AtomicBool>,
    /// Answers on their way over HTTP/2.
    pub(super) progresses: Progresses,
    /// How many requests have come.
    count: AtomicU64,
    /// How many of them are not finished.
    active: AtomicUsize,
}

impl Connection {
    pub(super) fn new(shared: Arc<Shared>, info: ConnInfo) -> Self {
        Connection {
            shared,
            info,
            heads: Arc::new(Heads::new()),
            unread: Arc::default(),
            progresses: Progresses::default(),
            count: AtomicU64::new(0),
            active: AtomicUsize::new(0),
        }
    }

    /// Requests that have come so far, and those that are not finished.
    pub(super) fn requests(&self) -> (u64, usize) {
        (self.count.load(Ordering::Relaxed), self.active.load(Ordering::Relaxed))
    }

    /// Answers a request.
    pub(super) async fn serve(self: Arc<Self>, request: Request<Incoming>) -> Result<Response<Answer>, Infallible> {
        let active = Active::new(Arc::clone(&self));
        let number = self.count.fetch_add(1, Ordering::Relaxed);
        let http1 = request.version() <= Version::HTTP_11;
        let bad = if http1 { self.bad_head(number, &request) } else { None };
        // After chunks the scanner of heads can't follow. And a client that was promised a 100 and gets its answer at once, since
        // there is no body to wait for, must begin anew: the AWS CLI, after an empty file, would read its next answer wrongly.
        let unpromised = request.headers().contains_key(EXPECT) && request.body().is_end_stream();
        let last = http1 && (bad.is_some() || unpromised || request.headers().contains_key(TRANSFER_ENCODING));
        let progress = (!http1).then(|| self.progresses.begin(Arc::clone(&self.shared.world.clock)));

        let shared = &self.shared;
        let (clock, stall) = (Arc::clone(&shared.world.clock), shared.limits.stall);
        let unread = Arc::clone(&self.unread);
        let request = request.map(|body| RequestBody::from_wire(Wire::new(body, clock, stall, unread)));
        let (mut response, permit) = match bad {
            Some(reason) => (shared.handler.refuse(Refusal::BadHead(reason)), None),
            None => self.answer(request).await,
        };
        // Where a body was left unread, what comes next might be taken for it: a client that was not sent its 100 won't send it.
        if last || (http1 && self.unread.load(Ordering::Relaxed)) {
            response.headers_mut().insert(CONNECTION, HeaderValue::from_static("close"));
        }
        Ok(response.map(|body| Answer { body, progress, _permit: permit, _active: active }))
    }

    fn bad_head(&self, number: u64, request: &Request<Incoming>) -> Option<&'static str> {
        let (uri, version) = (request.uri(), request.version());
        let hosts = request.headers().get_all(HOST).iter().count();
        if self.heads.is_bad(number) {
            Some("conflicting or repeated length headers")
        } else if hosts > 1 {
            Some("repeated Host header")
        } else if hosts == 0 && version == Version::HTTP_11 {
            Some("missing required Host header")
        } else if uri.scheme().is_none() && uri.authority().is_some() {
            // `GET name HTTP/1.1`: the form that only CONNECT has.
            Some("the request target is no path")
        } else {
            None
        }
    }

    /// Waits for a place among the requests being worked on and asks the handler.
    async fn answer(&self, request: Request<RequestBody>) -> (Response<ResponseBody>, Option<OwnedSemaphorePermit>) {
        let handler = &self.shared.handler;
        let permit = if handler.urgent(&request) {
            None
        } else {
            match self.shared.admit().await {
                Some(permit) => Some(permit),
                None => return (handler.refuse(Refusal::Overloaded), None),
            }
        };
        let work = async { handler.handle(request, self.info).await };
        let response = AssertUnwindSafe(work).catch_unwind().await;
        (response.unwrap_or_else(|_| handler.refuse(Refusal::Panicked)), permit)
    }
}

/// Counts a request while it lives.
struct Active(Arc<Connection>);

impl Active {
    fn new(connection: Arc<Connection>) -> Self {
        connection.active.fetch_add(1, Ordering::Relaxed);
        Active(connection)
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        self.0.active.fetch_sub(1, Ordering::Relaxed);
    }
}

/// An answer's body, and what the request holds until its last byte is sent.
pub(super) struct Answer {
    body: ResponseBody,
    progress: Option<Progress>,
    _permit: Option<OwnedSemaphorePermit>,
    _active: Active,
}

impl Body for Answer {
    type Data = Bytes;
    type Error = ResponseError;

    fn poll_frame(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Result<Frame<Bytes>, ResponseError>>> {
        let this = &mut *self;
        let frame = Pin::new(&mut this.body).poll_frame(cx);
        if let Some(progress) = &this.progress {
            progress.polled(frame.is_pending());
        }
        if let Poll::Ready(Some(Err(error))) = &frame {
            tracing::warn!(%error, peer = %this._active.0.info.peer, "an answer broke off");
        }
        frame
    }

    fn is_end_stream(&self) -> bool {
        self.body.is_end_stream()
    }

    fn size_hint(&self) -> SizeHint {
        self.body.size_hint()
    }
}
