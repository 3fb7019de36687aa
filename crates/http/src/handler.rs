//! Who answers requests.

use crate::{RequestBody, ResponseBody};
use futures_util::future::BoxFuture;
use http::{Request, Response};
use std::net::SocketAddr;

/// Answers requests. One value serves all connections at the same time.
pub trait Handler: Send + Sync + 'static {
    /// Answers one request. The future is dropped when the client hangs up.
    ///
    /// The body is read only when asked for: a request refused before that has not been told to send it
    /// (`Expect: 100-continue`).
    fn handle(&self, request: Request<RequestBody>, conn: ConnInfo) -> BoxFuture<'_, Response<ResponseBody>>;

    /// The answer for a request that the server can't hand to [`Handler::handle`], or that failed there.
    fn refuse(&self, refusal: Refusal) -> Response<ResponseBody>;

    /// Whether the request must be answered even when the server is at its limit of requests: health probes. Their
    /// work must be small.
    fn urgent(&self, request: &Request<RequestBody>) -> bool {
        let _ = request;
        false
    }
}

/// Where a request came from.
#[derive(Clone, Copy, Debug)]
pub struct ConnInfo {
    /// The client's end of the connection.
    pub peer: SocketAddr,
    /// The server's end.
    pub local: SocketAddr,
    /// Whether the connection is encrypted.
    pub tls: bool,
}

/// Why the server itself answers.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Refusal {
    /// The head breaks HTTP's rules where that is dangerous; the text says how. 400 BadRequest. The connection is
    /// closed after the answer.
    BadHead(&'static str),
    /// Too many requests are being worked on and wait. 429 TooManyRequests with `Retry-After`.
    Overloaded,
    /// The handler panicked. 500 InternalError.
    Panicked,
}
