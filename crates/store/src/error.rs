//! What can go wrong in the store, in its own words; only the protocol crates know S3 codes.

use crate::types::{Rejection, VersionId};
use base::StreamError;
use drive::DriveError;

/// Why the store couldn't do what it was asked.
#[derive(Debug, thiserror::Error)]
pub enum StoreError {
    #[error("bucket '{bucket}' does not exist")]
    BucketNotFound { bucket: String },
    #[error("bucket '{bucket}' exists")]
    BucketExists { bucket: String },
    #[error("bucket '{bucket}' is not empty")]
    BucketNotEmpty { bucket: String },
    #[error("'{bucket}' is not a bucket name: {reason}")]
    BadBucketName { bucket: String, reason: &'static str },
    #[error("'{key}' is not an object name: {reason}")]
    BadKey { key: String, reason: &'static str },
    #[error("'{bucket}/{key}' does not exist")]
    KeyNotFound { bucket: String, key: String },
    #[error("'{bucket}/{key}' has no version {version}")]
    VersionNotFound { bucket: String, key: String, version: VersionId },
    /// The version asked for (or the latest) is a delete marker.
    #[error("'{bucket}/{key}' is deleted (marker {version})")]
    DeleteMarker {
        bucket: String,
        key: String,
        version: VersionId,
        /// Asked for by its id, rather than met as the latest.
        by_id: bool,
        mod_time: base::Timestamp,
    },
    #[error("'{bucket}/{key}' has no upload '{upload_id}'")]
    UploadNotFound { bucket: String, key: String, upload_id: String },
    /// A listed part isn't there, or has another etag.
    #[error("part {number} of upload '{upload_id}' is missing or has another etag")]
    BadPart { upload_id: String, number: u32 },
    /// A precondition doesn't hold.
    #[error("a precondition on '{bucket}/{key}' does not hold")]
    PreconditionFailed { bucket: String, key: String },
    /// The key lies below an existing object's metadata file, or the like.
    #[error("'{bucket}/{key}' can't be written: {reason}")]
    Blocked { bucket: String, key: String, reason: String },
    /// The body broke off or was refused.
    #[error(transparent)]
    Body(StreamError),
    /// Fewer bytes came than were announced.
    #[error("the body ended after {got} of {expected} bytes")]
    ShortBody { expected: u64, got: u64 },
    /// More bytes came than were announced.
    #[error("the body is longer than the {expected} bytes announced")]
    LongBody { expected: u64 },
    /// The layer above refused the change at the end of the body.
    #[error("refused: {0}")]
    Rejected(Rejection),
    /// Too few drives answered alike to read.
    #[error("'{what}': too few drives for a read ({got} of {needed}): {cause}")]
    ReadQuorum { what: String, got: usize, needed: usize, cause: String },
    /// Too few drives to write.
    #[error("'{what}': too few drives for a write ({got} of {needed}): {cause}")]
    WriteQuorum { what: String, got: usize, needed: usize, cause: String },
    /// No room for it.
    #[error("no space left for '{what}'")]
    Full { what: String },
    /// The lock of a name wasn't had in time.
    #[error("'{what}' is busy")]
    Busy { what: String },
    /// More versions than allowed.
    #[error("'{bucket}/{key}' has too many versions (limit {limit})")]
    TooManyVersions { bucket: String, key: String, limit: usize },
    /// What is stored can't be understood.
    #[error("'{what}' is damaged: {reason}")]
    Damaged { what: String, reason: String },
    #[error(transparent)]
    Drive(DriveError),
    /// The server is stopping.
    #[error("the store is closing")]
    Closing,
}

impl StoreError {
    /// A key that can't be a name.
    pub(crate) fn bad_key(key: &str, error: format::names::NameError) -> Self {
        use format::names::NameError;
        let reason = match error {
            NameError::Empty => "it is empty",
            NameError::TooLong => "it is longer than 1024 bytes",
            NameError::Nul => "it has a NUL byte",
            NameError::EmptyElement => "it has an empty path element",
            NameError::DotElement => "it has a path element that is . or ..",
            NameError::ElementTooLong => "it has a path element of more than 255 bytes",
            NameError::Bucket => "it is no name",
        };
        StoreError::BadKey { key: key.to_owned(), reason }
    }
}
