//! What can go wrong in the use cases, in their own words. Only the protocol crates know codes and statuses.

use crate::{Configuration, ConfigurationList, DocumentKind, Object, VersionId};
use base::{StreamError, Timestamp};
use iam::{Action, Denied};
use kms::KmsError;
use store::StoreError;

/// Why a use case couldn't be carried out.
#[derive(Debug, thiserror::Error)]
pub enum ServiceError {
    #[error(transparent)]
    Denied(#[from] Denied),
    /// What an object was to be asked, or what it holds, is not as it should be.
    #[error(transparent)]
    Select(#[from] select::SelectError),
    /// The front end asked with a grant for something else. A bug, never the client's fault.
    #[error("a grant for {granted} was shown for {wanted}")]
    WrongGrant { granted: Action, wanted: Action },

    // Buckets
    #[error("bucket '{bucket}' does not exist")]
    NoSuchBucket { bucket: String },
    #[error("bucket '{bucket}' exists")]
    BucketExists { bucket: String },
    /// `versioned` tells that versions or delete markers may be all that is left.
    #[error("bucket '{bucket}' is not empty")]
    BucketNotEmpty { bucket: String, versioned: bool },
    #[error("'{bucket}' is not a bucket name: {reason}")]
    InvalidBucketName { bucket: String, reason: &'static str },
    /// The location asked for isn't where this server is.
    #[error("the region of this server is '{expected}'")]
    WrongRegion { expected: String },
    /// The bucket has no such document.
    #[error("bucket '{bucket}' has no {kind} document")]
    NoSuchDocument { bucket: String, kind: DocumentKind },
    #[error("bucket '{bucket}' has no {kind}")]
    NoSuchConfiguration { bucket: String, kind: Configuration },
    /// `id` of one of several configurations of a kind.
    #[error("bucket '{bucket}' has no {list} '{id}'")]
    NoSuchListedConfiguration { bucket: String, list: ConfigurationList, id: String },
    /// A bucket has as many configurations of a kind as it can have; the text is for the client.
    #[error("{reason}")]
    TooManyConfigurations { reason: String },
    /// Records of requests can't go to this bucket.
    #[error("requests can't be recorded in bucket '{target}': {reason}")]
    InvalidLogTarget { target: String, reason: &'static str },
    /// The document isn't well-formed XML, or not of its kind.
    #[error("the document is malformed: {reason}")]
    MalformedDocument { reason: String },
    /// The policy can't be understood; the text is for whoever wrote it.
    #[error("the policy is malformed: {reason}")]
    MalformedPolicy { reason: String },
    #[error("the access control list is malformed: {reason}")]
    MalformedAcl { reason: String },
    /// The bucket's ownership controls switch lists off.
    #[error("bucket '{bucket}' has no access control lists")]
    AclNotSupported { bucket: String },
    /// Lists can't be switched off while one is in use.
    #[error("the list of bucket '{bucket}' gives others something")]
    AclInUse { bucket: String },
    #[error("nobody has the address '{address}'")]
    UnknownEmailAddress { address: String },
    #[error("bucket '{bucket}' has no ownership controls")]
    NoOwnershipControls { bucket: String },
    #[error("bucket '{bucket}' has no public access block")]
    NoPublicAccessBlock { bucket: String },
    /// Somebody else has a bucket of this name.
    #[error("bucket '{bucket}' is somebody else's")]
    BucketTaken { bucket: String },
    /// A well-formed versioning document that can't be applied.
    #[error("the versioning document is invalid: {reason}")]
    InvalidVersioning { reason: String },
    /// The bucket's other settings don't allow this (400).
    #[error("bucket '{bucket}': {reason}")]
    InvalidBucketState { bucket: String, reason: &'static str },
    /// Object lock can't be set on a bucket that isn't versioned (409).
    #[error("bucket '{bucket}' is not versioned")]
    LockNotEnableable { bucket: String },
    /// A default retention that is too short or too long; the text is for the client.
    #[error("{reason}")]
    InvalidRetentionPeriod { reason: String },
    /// An operation that needs object lock, on a bucket without it (400).
    #[error("bucket '{bucket}' has no object lock configuration")]
    BucketWithoutLock { bucket: String },
    /// A forced deletion that object lock forbids. `bucket_wide`: of the bucket itself.
    #[error("a forced delete is forbidden on bucket '{bucket}', which has object lock")]
    ForceDeleteForbidden { bucket: String, bucket_wide: bool },

    // Objects
    #[error("'{bucket}/{key}' does not exist")]
    NoSuchKey { bucket: String, key: String },
    #[error("'{bucket}/{key}' has no version {version}")]
    NoSuchVersion { bucket: String, key: String, version: VersionId },
    /// The version asked for, or the latest, is a delete marker. `by_id`: asked for by its id.
    #[error("'{bucket}/{key}' is deleted (marker {version})")]
    DeleteMarker { bucket: String, key: String, version: VersionId, by_id: bool, mod_time: Timestamp },
    #[error("'{key}' is not an object name: {reason}")]
    InvalidKey { key: String, reason: &'static str },
    #[error("the key is longer than 1024 bytes")]
    KeyTooLong { key: String },
    /// Something stored is in the way of this name.
    #[error("'{bucket}/{key}' can't be written: {reason}")]
    Blocked { bucket: String, key: String, reason: String },
    #[error("a precondition on '{bucket}/{key}' does not hold")]
    PreconditionFailed {
        bucket: String,
        key: String,
        /// What the condition was compared with, for reads.
        object: Option<Box<Object>>,
    },
    /// The client's copy is still good.
    #[error("'{bucket}/{key}' has not been modified", bucket = .object.bucket(), key = .object.key())]
    NotModified { object: Box<Object> },
    /// `asked`: the range as the client wrote it in numbers (`10--1` for an open end).
    #[error("the range {asked} is outside of the {size} bytes")]
    InvalidRange { asked: String, size: u64 },
    /// A range that no object could satisfy.
    #[error("the range can't be satisfied")]
    UnsatisfiableRange,
    #[error("there is no part {number}")]
    InvalidPartNumber { number: u32 },
    /// The object or version is protected, or the protection can't be lessened.
    #[error("'{bucket}/{key}' is protected by object lock")]
    ObjectLocked { bucket: String, key: String },
    /// The version has no retention or no legal hold.
    #[error("'{bucket}/{key}' has no object lock settings")]
    NoObjectLock { bucket: String, key: String },
    /// A copy onto itself that would change nothing.
    #[error("the copy would change nothing")]
    IllegalCopy,
    /// An archive, or a member of it, that can't be read.
    #[error("zip archive '{bucket}/{key}': {reason}")]
    BadArchive { bucket: String, key: String, reason: String },
    /// A tar whose entries were to be stored.
    #[error("tar file error: {reason}")]
    BadTar { reason: String },
    /// An archive or a member that others could read.
    #[error("not supported in archives: {reason}")]
    UnsupportedArchive { reason: String },
    #[error("'{class}' is not a storage class")]
    InvalidStorageClass { class: String },
    #[error("'{bucket}/{key}' has too many versions (limit {limit})")]
    TooManyVersions { bucket: String, key: String, limit: usize },
    /// A tag, or the set of them, isn't allowed.
    #[error("{reason}")]
    InvalidTag { reason: &'static str },
    /// More tags than allowed. `bucket`: on a bucket rather than an object.
    #[error("more than {limit} tags")]
    TooManyTags { limit: usize, bucket: bool },
    #[error("bucket '{bucket}' has no tags")]
    NoSuchTagSet { bucket: String },

    // Bodies
    /// The MD5 announced isn't that of the body.
    #[error("the body's MD5 is not the one announced")]
    BadDigest,
    /// The checksum announced isn't that of the body (or what was announced can't be read).
    #[error("the body's {name} is not the one announced", name = .algorithm.name())]
    ChecksumMismatch { algorithm: crate::ChecksumAlgorithm },
    /// Checksum headers that contradict each other or can't be read.
    #[error("the checksum announced is invalid: {reason}")]
    InvalidChecksum { reason: &'static str },
    /// An announced trailer didn't come.
    #[error("the announced trailer '{name}' is missing")]
    MissingTrailer { name: String },
    #[error("the body ended after {got} of {expected} bytes")]
    IncompleteBody { expected: u64, got: u64 },
    #[error("the body is longer than the {expected} bytes announced")]
    ExcessData { expected: u64 },
    #[error("{size} bytes are more than the {limit} allowed")]
    EntityTooLarge { size: u64, limit: u64 },
    /// The body broke off, or was refused by what reads it (the cause downcasts).
    #[error(transparent)]
    Body(StreamError),

    // Encryption
    /// No key service is configured, and the object is, or is to be, encrypted with its keys.
    #[error("no key service is configured")]
    NoKeyService,
    /// The same of a listing, in which an etag can't be told.
    #[error("no key service is configured to open the etag of '{bucket}/{key}'")]
    NoKeyServiceForListing { bucket: String, key: String },
    /// The key service refused, or couldn't be asked.
    #[error(transparent)]
    Keys(#[from] KmsError),
    /// The object's key was sealed with another key than the one at hand.
    #[error("'{bucket}/{key}' is not encrypted with this key")]
    WrongKey { bucket: String, key: String },
    /// What is stored of an object's encryption can't be read.
    #[error("'{bucket}/{key}': {reason}")]
    EncryptionMetadata { bucket: String, key: String, reason: String },
    /// What is stored of an object contradicts itself.
    #[error("'{bucket}/{key}' was changed on the drives: {reason}")]
    ObjectTampered { bucket: String, key: String, reason: String },
    /// A compressed object whose sizes contradict each other, or that is compressed in an unknown way.
    #[error("'{bucket}/{key}' can't be decompressed: {reason}")]
    Decompression { bucket: String, key: String, reason: String },
    /// What is stored isn't authentic, or doesn't decompress, from its beginning.
    #[error("'{bucket}/{key}' can't be read: {cause}")]
    Undecodable { bucket: String, key: String, cause: String },
    /// A bucket's encryption can't be set without a key service.
    #[error("bucket '{bucket}' can't be encrypted by default: no key service is configured")]
    NoKeyServiceForBucket { bucket: String },

    // Uploads
    #[error("upload '{upload_id}' of '{bucket}/{key}' does not exist")]
    NoSuchUpload { bucket: String, key: String, upload_id: String },
    #[error("part {number} is missing or has another etag or checksum")]
    InvalidPart { number: u32 },
    #[error("the parts are not in ascending order")]
    InvalidPartOrder,
    /// A part other than the last is below the minimum.
    #[error("part {number} has {size} bytes, fewer than the {minimum} required")]
    EntityTooSmall { number: u32, etag: String, size: u64, minimum: u64 },
    #[error("no parts are listed")]
    NoParts,

    // Anything
    /// An argument is out of its range; the text is for the client.
    #[error("{reason}")]
    InvalidArgument { reason: String },
    /// A request that can't be made of this object; the text is for the client.
    #[error("{reason}")]
    InvalidRequest { reason: String },
    #[error("not implemented: {detail}")]
    NotImplemented { detail: &'static str },
    /// Too few drives to read.
    #[error("unreadable for now: {cause}")]
    SlowDownRead { cause: String },
    /// Too few drives to write.
    #[error("unwritable for now: {cause}")]
    SlowDownWrite { cause: String },
    #[error("no space left for '{what}'")]
    StorageFull { what: String },
    /// The name is locked by others for too long.
    #[error("'{what}' is busy")]
    Busy { what: String },
    #[error("the server is stopping")]
    Stopping,
    #[error("{what}")]
    Internal { what: String },
}

impl From<StoreError> for ServiceError {
    fn from(error: StoreError) -> Self {
        match error {
            StoreError::BucketNotFound { bucket } => ServiceError::NoSuchBucket { bucket },
            StoreError::BucketExists { bucket } => ServiceError::BucketExists { bucket },
            StoreError::BucketNotEmpty { bucket } => ServiceError::BucketNotEmpty { bucket, versioned: false },
            StoreError::BadBucketName { bucket, reason } => ServiceError::InvalidBucketName { bucket, reason },
            StoreError::BadKey { key, reason } => ServiceError::InvalidKey { key, reason },
            StoreError::KeyNotFound { bucket, key } => ServiceError::NoSuchKey { bucket, key },
            StoreError::VersionNotFound { bucket, key, version } => {
                ServiceError::NoSuchVersion { bucket, key, version }
            }
            StoreError::DeleteMarker { bucket, key, version, by_id, mod_time } => {
                ServiceError::DeleteMarker { bucket, key, version, by_id, mod_time }
            }
            StoreError::UploadNotFound { bucket, key, upload_id } => {
                ServiceError::NoSuchUpload { bucket, key, upload_id }
            }
            StoreError::BadPart { number, .. } => ServiceError::InvalidPart { number },
            StoreError::PreconditionFailed { bucket, key } => {
                ServiceError::PreconditionFailed { bucket, key, object: None }
            }
            StoreError::Blocked { bucket, key, reason } => ServiceError::Blocked { bucket, key, reason },
            StoreError::Body(cause) => body_error(cause),
            StoreError::ShortBody { expected, got } => ServiceError::IncompleteBody { expected, got },
            StoreError::LongBody { expected } => ServiceError::ExcessData { expected },
            StoreError::Rejected(rejection) => match rejection.downcast::<ServiceError>() {
                Ok(error) => *error,
                Err(other) => ServiceError::Internal { what: other.to_string() },
            },
            StoreError::ReadQuorum { .. } => ServiceError::SlowDownRead { cause: error.to_string() },
            StoreError::WriteQuorum { .. } => ServiceError::SlowDownWrite { cause: error.to_string() },
            StoreError::Full { what } => ServiceError::StorageFull { what },
            StoreError::Busy { what } => ServiceError::Busy { what },
            StoreError::TooManyVersions { bucket, key, limit } => ServiceError::TooManyVersions { bucket, key, limit },
            StoreError::Closing => ServiceError::Stopping,
            error @ (StoreError::Damaged { .. } | StoreError::Drive(_)) => {
                ServiceError::Internal { what: error.to_string() }
            }
        }
    }
}

/// A body's failure; what the use cases' own transforms refused comes back as what it was.
pub(crate) fn body_error(cause: StreamError) -> ServiceError {
    match cause {
        StreamError::Refused(refusal) => match refusal.downcast::<ServiceError>() {
            Ok(error) => *error,
            Err(other) => ServiceError::Body(StreamError::Refused(other)),
        },
        StreamError::Failed(failure) => match failure.downcast::<ServiceError>() {
            Ok(error) => *error,
            Err(other) => ServiceError::Body(StreamError::Failed(other)),
        },
        other => ServiceError::Body(other),
    }
}
