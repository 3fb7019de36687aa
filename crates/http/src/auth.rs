//! Who sent a request: AWS Signature Version 4 in headers and in URLs, and Version 2 beside it.
//!
//! Pure: no I/O, no clock. [`Authenticator::authenticate`] takes the head of a request, the time and the keys, and
//! gives an [`Identity`] or the exact reason why not. What the body must be is part of the identity
//! ([`PayloadMode`]); [`Identity::open_body`] checks it while the body is read.
//!
//! Rules: AWS, "Authenticating Requests (AWS Signature Version 4)"; where servers of this family differ, MinIO's.

mod authenticate;
mod canonical;
mod credential;
mod date;
mod error;
mod form;
mod header;
mod identity;
mod keys;
mod kind;
mod payload;
mod presigned;
mod query;
mod signature;
#[cfg(test)]
pub(crate) mod tests;
mod v2;

pub use authenticate::{Authenticator, Expected, Service};
pub use error::AuthError;
pub use form::{FormFields, authenticate_form};
pub use identity::{Identity, Place, SignatureVersion, Signed};
pub use keys::{Credentials, KeyError, SessionToken, SigningKeys};
pub use kind::{AuthKind, SeveralKinds};
pub use payload::PayloadMode;
pub use query::Query;
pub use signature::{ChunkSeed, SigningKey};

pub(crate) use signature::{EMPTY_SHA256, Hex, hex_of, sha256_hex};

use http::{HeaderMap, Method};

/// The head of a request, as far as it is signed.
#[derive(Clone, Copy, Debug)]
pub struct RequestView<'a> {
    /// The method as sent.
    pub method: &'a Method,
    /// The path as sent, with its percent escapes.
    pub path: &'a str,
    /// The query as sent, without the question mark; empty if there is none.
    pub query: &'a str,
    /// All headers.
    pub headers: &'a HeaderMap,
    /// The host as sent: the `Host` header, or HTTP/2's `:authority`.
    pub host: &'a str,
}

impl<'a> RequestView<'a> {
    /// The head of a request that came over HTTP.
    pub fn of(parts: &'a http::request::Parts) -> Self {
        let named = parts.uri.authority().map(|authority| authority.as_str());
        let host = named.or_else(|| parts.headers.get(http::header::HOST)?.to_str().ok());
        RequestView {
            method: &parts.method,
            path: parts.uri.path(),
            query: parts.uri.query().unwrap_or_default(),
            headers: &parts.headers,
            host: host.unwrap_or_default(),
        }
    }

    /// The first value of a header, as bytes.
    fn header(&self, name: &str) -> Option<&'a [u8]> {
        self.headers.get(name).map(|value| value.as_bytes())
    }
}
