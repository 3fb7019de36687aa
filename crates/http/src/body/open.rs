//! From the bytes on the wire to the checked bytes of an object.

use super::chunked::{Decoder, Framing};
use super::sha256::Sha256Check;
use crate::auth::{Identity, PayloadMode};
use base::ByteStream;
use parking_lot::Mutex;
use std::sync::Arc;

/// What a request's headers say about its body besides its hash.
#[derive(Clone, Debug, Default)]
pub struct Announced {
    /// `x-amz-decoded-content-length`: the bytes within the `aws-chunked` framing. Kept to if it is there.
    pub decoded_length: Option<u64>,
    /// The names in `x-amz-trailer`, lower case. Each must come, and no other.
    pub trailers: Vec<String>,
}

impl Announced {
    /// The trailer names of a request: all `x-amz-trailer` headers, each with one name or several separated by commas.
    pub fn trailer_names(headers: &http::HeaderMap) -> Vec<String> {
        let values = headers.get_all("x-amz-trailer").iter().filter_map(|value| value.to_str().ok());
        let names = values.flat_map(|value| value.split(',')).map(|name| name.trim().to_ascii_lowercase());
        names.filter(|name| !name.is_empty()).collect()
    }
}

/// A body whose framing is taken off and whose promises are checked as it is read.
pub struct OpenedBody {
    /// The bytes. They are to be trusted only once the stream has ended without an error: signatures and hashes come after what
    /// they protect. Errors that are the sender's fault hold a [`super::BodyError`].
    pub stream: ByteStream,
    /// The trailers, once the stream has ended.
    pub trailers: Trailers,
}

/// Trailers of a body: empty until its stream has ended without an error.
#[derive(Clone, Debug, Default)]
pub struct Trailers(Arc<Mutex<Vec<(String, String)>>>);

impl Trailers {
    /// The value of a trailer; `name` in lower case.
    pub fn get(&self, name: &str) -> Option<String> {
        self.0.lock().iter().find(|(key, _)| key == name).map(|(_, value)| value.clone())
    }

    pub(super) fn set(&self, trailers: Vec<(String, String)>) {
        *self.0.lock() = trailers;
    }
}

impl Identity {
    /// Opens the body of the request that this identity was established for.
    pub fn open_body(&self, raw: ByteStream, announced: Announced) -> OpenedBody {
        let seed = match self {
            Identity::Signed(signed) => signed.seed.clone(),
            Identity::Anonymous { .. } => None,
        };
        let trailers = Trailers::default();
        let framing = match (self.payload(), seed) {
            (PayloadMode::Hash(hash), _) => {
                return OpenedBody { stream: Box::pin(Sha256Check::new(raw, hash)), trailers };
            }
            (PayloadMode::StreamingSigned { trailer }, Some(seed)) => Framing::Signed { seed, trailer },
            (PayloadMode::StreamingUnsignedTrailer, _) => Framing::Unsigned,
            // Streams are only ever signed together with a seed.
            (PayloadMode::Unsigned | PayloadMode::EmptyAssumed | PayloadMode::StreamingSigned { .. }, _) => {
                return OpenedBody { stream: raw, trailers };
            }
        };
        let stream = Box::pin(Decoder::new(raw, framing, announced, trailers.clone()));
        OpenedBody { stream, trailers }
    }
}
