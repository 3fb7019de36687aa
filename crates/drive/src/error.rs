//! What can be wrong with a drive's answer.

use std::sync::Arc;

/// Why a drive couldn't do what it was asked. Names are added where they are known: the drive and the path.
#[derive(Clone, Debug, thiserror::Error)]
pub enum DriveError {
    #[error("{drive}: bucket '{bucket}' does not exist")]
    BucketNotFound { drive: String, bucket: String },
    #[error("{drive}: bucket '{bucket}' exists")]
    BucketExists { drive: String, bucket: String },
    #[error("{drive}: bucket '{bucket}' is not empty")]
    BucketNotEmpty { drive: String, bucket: String },
    /// No such name, file or part.
    #[error("{drive}: '{path}' does not exist")]
    NotFound { drive: String, path: String },
    #[error("{drive}: '{path}' has no version {version}")]
    VersionNotFound { drive: String, path: String, version: uuid::Uuid },
    /// A newer change to the same version is already there.
    #[error("{drive}: '{path}' has been overwritten by something newer")]
    Superseded { drive: String, path: String },
    /// The bytes on the drive aren't what they should be.
    #[error("{drive}: '{path}' is corrupt: {reason}")]
    Corrupt { drive: String, path: String, reason: String },
    /// Something in the way (a file where a folder should be), or a name the file system can't hold.
    #[error("{drive}: '{path}' can't be used as a name: {reason}")]
    BadName { drive: String, path: String, reason: String },
    #[error("{drive}: permission denied at '{path}'")]
    PermissionDenied { drive: String, path: String },
    #[error("{drive}: the file system is read-only at '{path}'")]
    ReadOnly { drive: String, path: String },
    #[error("{drive}: no space left for '{path}'")]
    Full { drive: String, path: String },
    /// The drive has no (or another) `format.json`, or is another file system than the one opened.
    #[error("{drive}: this is not the drive that was opened: {reason}")]
    NotThisDrive { drive: String, reason: String },
    /// Another server holds the drive.
    #[error("{drive}: in use by another server")]
    InUse { drive: String },
    /// Taken out of service.
    #[error("{drive}: out of service: {reason}")]
    Faulty { drive: String, reason: String },
    #[error("{drive}: no answer in time")]
    TimedOut { drive: String },
    #[error("{drive}: '{path}': {source}")]
    Io { drive: String, path: String, source: Arc<std::io::Error> },
}

impl DriveError {
    /// Whether the drive said for certain that the thing isn't there.
    pub fn is_absence(&self) -> bool {
        matches!(
            self,
            DriveError::BucketNotFound { .. } | DriveError::NotFound { .. } | DriveError::VersionNotFound { .. }
        )
    }

    /// Whether the drive itself couldn't be asked (as opposed to an answer about the thing).
    pub fn is_unavailable(&self) -> bool {
        matches!(
            self,
            DriveError::Faulty { .. }
                | DriveError::TimedOut { .. }
                | DriveError::NotThisDrive { .. }
                | DriveError::InUse { .. }
                | DriveError::PermissionDenied { .. }
        )
    }
}
