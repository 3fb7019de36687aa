//! The outcome of authentication.

use super::{ChunkSeed, PayloadMode};

/// Who sent a request, and what its body was promised to be.
#[derive(Debug)]
pub enum Identity {
    /// Nobody signed it.
    Anonymous {
        /// What the body is.
        payload: PayloadMode,
    },
    /// The holder of an access key signed it, and the signature is right.
    Signed(Signed),
}

/// A request with a right signature. Only this crate makes one.
#[derive(Debug)]
#[non_exhaustive]
pub struct Signed {
    /// The key it was signed with.
    pub access_key: String,
    /// How it was signed.
    pub version: SignatureVersion,
    /// Where the signature was.
    pub place: Place,
    /// What the body is.
    pub payload: PayloadMode,
    /// What its chunks are signed with; present exactly if the payload is [`PayloadMode::StreamingSigned`].
    pub seed: Option<ChunkSeed>,
}

/// The versions of AWS's signatures.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum SignatureVersion {
    V2,
    V4,
}

/// Where a signature was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Place {
    /// In the `Authorization` header.
    Header,
    /// In the query: a presigned URL.
    Query,
    /// In the fields of a form.
    Form,
}

impl Identity {
    /// The key the request was signed with; `None` for an anonymous one.
    pub fn access_key(&self) -> Option<&str> {
        match self {
            Identity::Anonymous { .. } => None,
            Identity::Signed(signed) => Some(&signed.access_key),
        }
    }

    /// What the body was promised to be.
    pub fn payload(&self) -> PayloadMode {
        match self {
            Identity::Anonymous { payload } => *payload,
            Identity::Signed(signed) => signed.payload,
        }
    }
}
