//! What `x-amz-content-sha256` promises about a body.

use super::{AuthError, Hex};
use http::Method;

/// How the body of a request is protected.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum PayloadMode {
    /// Not at all: `UNSIGNED-PAYLOAD`, or an anonymous request that names no hash.
    Unsigned,
    /// The SHA-256 of the whole body.
    Hash([u8; 32]),
    /// Not named in a signed header request: signed as if empty, and not checked.
    EmptyAssumed,
    /// `aws-chunked`, each chunk signed; with a signed trailer or without any.
    StreamingSigned {
        /// Whether trailers follow the last chunk.
        trailer: bool,
    },
    /// `aws-chunked` without signatures, trailers after the last chunk.
    StreamingUnsignedTrailer,
}

impl PayloadMode {
    /// Whether the body is framed in `aws-chunked`, so that its length is `x-amz-decoded-content-length`.
    pub fn is_chunked(self) -> bool {
        matches!(self, PayloadMode::StreamingSigned { .. } | PayloadMode::StreamingUnsignedTrailer)
    }

    /// Reads the value of `x-amz-content-sha256`. Only PUT requests may stream.
    pub(super) fn parse(text: &[u8], method: &Method) -> Result<PayloadMode, AuthError> {
        let streaming = match text {
            b"UNSIGNED-PAYLOAD" => return Ok(PayloadMode::Unsigned),
            b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD" => PayloadMode::StreamingSigned { trailer: false },
            b"STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER" => PayloadMode::StreamingSigned { trailer: true },
            b"STREAMING-UNSIGNED-PAYLOAD-TRAILER" => PayloadMode::StreamingUnsignedTrailer,
            _ => {
                let mut hash = [0; 32];
                let parsed = (text.len() == Hex::LEN).then(|| hex::decode_to_slice(text, &mut hash).ok()).flatten();
                return parsed.map(|()| PayloadMode::Hash(hash)).ok_or(AuthError::BadPayloadHash);
            }
        };
        if method == Method::PUT { Ok(streaming) } else { Err(AuthError::BadPayloadHash) }
    }
}
