//! Why bytes are not an `xl.meta`.

use crate::msgpack;

/// Why a file, or one version in it, can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum XlError {
    /// The file doesn't begin like an `xl.meta`: it may be an old `xl.json`, or anything.
    #[error("not an xl.meta file")]
    NotXl,
    /// The file is an `xl.meta` but damaged. Healing rewrites it.
    #[error("corrupt xl.meta: {0}")]
    Corrupt(#[source] Corruption),
    /// The file was written by a release whose format this one doesn't know. It must not be rewritten.
    #[error("unknown {what} version {version} in xl.meta")]
    UnsupportedVersion {
        /// Which of the format's version numbers: major, minor, header or metadata.
        what: &'static str,
        /// The number found.
        version: u64,
    },
}

/// What is damaged.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum Corruption {
    /// The metadata's checksum is not that of its bytes.
    #[error("checksum mismatch")]
    Checksum,
    /// Bytes that are not the value that belongs there.
    #[error(transparent)]
    Msgpack(#[from] msgpack::Error),
    /// A field that is missing or out of its range; its name.
    #[error("bad field {0}")]
    Field(&'static str),
    /// An old `xl.json` that is not the JSON it should be; the parser's words.
    #[error("bad JSON: {0}")]
    Json(String),
}

impl From<msgpack::Error> for XlError {
    fn from(error: msgpack::Error) -> Self {
        XlError::Corrupt(error.into())
    }
}

impl XlError {
    /// A file that should hold an object holds none.
    pub(crate) fn missing_object() -> Self {
        XlError::field("V2Obj")
    }

    pub(super) fn field(name: &'static str) -> Self {
        XlError::Corrupt(Corruption::Field(name))
    }
}
