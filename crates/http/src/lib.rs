//! Listeners, TLS, limits, timeouts and signatures: what every HTTP door shares.
//!
//! The crate takes connections ([`listen`], [`Server`]), bounds what a client may cost ([`Limits`]), hands each
//! request to a [`Handler`], and tells who sent it ([`auth`]). It knows no operation: what a request means is the
//! handler's business.
//!
//! What it promises to a handler:
//! - a request whose length headers disagree, repeat or contradict each other never reaches it;
//! - a body ends with `None` only if it came whole; a silent or lost client is an error in the stream;
//! - an answer that can't be finished ends in a broken connection, never in a short body that looks whole.

pub mod auth;
mod body;
mod handler;
pub mod headers;
mod limits;
mod listen;
mod server;
mod stall;
mod tls;

pub use body::{
    Announced, BodyError, CollectError, OpenedBody, RequestBody, ResponseBody, ResponseError, Trailers, collect,
};
pub use handler::{ConnInfo, Handler, Refusal};
pub use limits::Limits;
pub use listen::{ListenAddress, ListenError, SocketOptions, listen};
pub use server::Server;
pub use tls::{TlsError, TlsSource};
