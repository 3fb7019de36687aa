//! The use cases: authorize, apply the bucket's rules, call the store. The only way in.
//!
//! Every operation of [`Service`] asks for a [`iam::Grant`] and takes the bucket and the key from it, so that
//! nothing can be reached that wasn't authorized. It decides what a bucket's settings mean for a request
//! (versioning, object lock, encryption), checks and computes hashes, encrypts and compresses, and translates errors into its own vocabulary.
//!
//! It must not know HTTP. The XML that it reads and writes is that of the bucket documents, which is how drives
//! store them.

mod access;
mod access_log;
mod acl;
mod answer;
mod bucket;
mod checksum;
mod conditions;
mod config_files;
mod configurations;
mod copy;
mod delete;
mod documents;
mod drives;
mod encryption;
mod error;
mod expiration;
mod grant;
mod hashing;
mod identity_files;
mod keys;
pub mod limits;
mod list;
mod lock;
mod object;
mod permissions;
mod protection;
mod put;
mod read;
mod request;
mod sealing;
pub mod select;
mod service;
mod snowball;
mod tagging;
mod tags;
mod upload;
mod zip;

pub use access::NewAccess;
pub use access_log::LoggedBucket;
pub use acl::{AskedAcl, AskedGrant, AskedGrantee};
pub use answer::{
    Content, CreatedUpload, ListedEntry, Listing, PartListing, PartRecord, Reading, StoredPart, Upload, UploadListing,
};
pub use bucket::CreateBucket;
pub use checksum::{AnnouncedChecksum, Checksum, ChecksumAlgorithm, ChecksumType, Trailers};
pub use config_files::{ConfigFileError, ConfigFiles};
pub use configurations::{Configuration, ConfigurationList};
pub use delete::DeleteTarget;
pub use documents::DocumentKind;
pub use documents::cors::{CorsConfig, CorsRule};
pub use documents::lifecycle::Expiration;
pub use documents::website::{Redirect, WebsiteConfig};
pub use error::ServiceError;
pub use identity_files::IdentityFiles;
pub use kms::{KmsError, Operation as KmsOperation};
pub use lock::{LockSettings, Retention, RetentionMode};
pub use object::{Object, ShownEncryption};
pub use permissions::ObjectToJudge;
pub use request::{
    ByteRange, CompleteUpload, CopyObject, CopyPart, CreateUpload, DeleteConditions, Directive, Encryption,
    IncomingBody, ListObjects, ListParts, ListUploads, ListedPart, NewObject, Position, PutObject, ReadConditions,
    ReadObject, Selection, UploadPart, WriteConditions,
};
pub use seal::compression_rules::CompressionRules;
pub use seal::{Context as EncryptionContext, ContextError, CustomerKey, CustomerKeyError};
pub use service::{Rules, Service};
pub use snowball::{Permit, Snowball, Unpacked};
pub use store::{BucketInfo, Deleted, DriveState, DriveStatus, PartInfo, Space, VersionId};
pub use tags::Tags;
pub use zip::{ZipMember, split_archive};
