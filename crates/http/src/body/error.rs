//! Why a body was refused.

use base::StreamError;

/// What was wrong with a request's body. It travels in [`StreamError::Refused`]; [`BodyError::of`] finds it there.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BodyError {
    /// The `aws-chunked` framing is broken, or a trailer came that was not announced.
    /// S3: 400 BadRequest "malformed chunked encoding".
    #[error("malformed chunked encoding")]
    Malformed,
    /// A signed chunk is larger than 16 MiB. S3: 400 BadRequest "chunk too big: choose chunk size <= 16MiB".
    #[error("chunk too big: choose chunk size <= 16MiB")]
    ChunkTooBig,
    /// A chunk's or the trailer's signature is wrong. S3: 403 SignatureDoesNotMatch.
    #[error("the signature of a chunk does not match")]
    Signature,
    /// `x-amz-content-sha256` isn't the hash of the body. S3: 400 XAmzContentSHA256Mismatch.
    #[error("the body does not have the announced SHA-256")]
    Sha256Mismatch,
    /// More bytes than announced. S3: 400 ExcessData.
    #[error("more data than announced")]
    ExcessData,
    /// Fewer bytes than announced, or the framing breaks off before the final chunk. S3: 400 IncompleteBody.
    #[error("less data than announced")]
    IncompleteBody,
    /// A trailer that `x-amz-trailer` announced did not come. S3: 400 BadRequest (MalformedTrailerError at AWS).
    #[error("the announced trailer {0} is missing")]
    TrailerMissing(String),
}

impl BodyError {
    /// The refusal inside a stream's error, if that is what it is.
    pub fn of(error: &StreamError) -> Option<&BodyError> {
        match error {
            StreamError::Refused(cause) => cause.downcast_ref(),
            _ => None,
        }
    }
}

impl From<BodyError> for StreamError {
    fn from(error: BodyError) -> Self {
        StreamError::Refused(Box::new(error))
    }
}
