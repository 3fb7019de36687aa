//! The store's vocabulary: what the use cases above ask for and get.

use crate::StoreError;
use base::{ByteStream, StreamError, Timestamp};
use bytes::Bytes;
use futures_util::{StreamExt, stream};
use std::collections::BTreeMap;
use std::fmt;
use std::future::ready;
use std::ops::Range;
use std::sync::Arc;
use uuid::Uuid;

/// Names a version of an object.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub enum VersionId {
    /// The version written while versioning was off or suspended.
    Null,
    /// Any other. Never nil.
    Id(Uuid),
}

impl VersionId {
    /// The id as drives store it: nil for the null version.
    pub fn uuid(self) -> Uuid {
        match self {
            VersionId::Null => Uuid::nil(),
            VersionId::Id(id) => id,
        }
    }

    /// From the id as drives store it.
    pub fn from_uuid(id: Uuid) -> Self {
        if id.is_nil() { VersionId::Null } else { VersionId::Id(id) }
    }
}

impl fmt::Display for VersionId {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            VersionId::Null => f.write_str("null"),
            VersionId::Id(id) => id.hyphenated().fmt(f),
        }
    }
}

/// A bucket's versioning as it applies to the key being changed.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum Versioning {
    #[default]
    Off,
    Suspended,
    Enabled,
}

/// How much redundancy a new object gets.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub enum StorageClass {
    #[default]
    Standard,
    ReducedRedundancy,
}

/// One part of an object; an object written by a single PUT has one.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartInfo {
    pub number: u32,
    /// Bytes stored (after transforms).
    pub size: u64,
    /// Bytes as the client sent them.
    pub actual_size: u64,
    /// The index of a compressed part, as stored; empty if there is none.
    pub index: Bytes,
}

/// Metadata of a version: HTTP and user metadata, tags, etag (`user`), and MinIO's internal keys (`system`). Key
/// names as `format::object_meta_keys` has them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Metadata {
    pub user: BTreeMap<String, String>,
    pub system: BTreeMap<String, Bytes>,
}

impl Metadata {
    /// Adds the entries of `other`, which win.
    pub fn merge(&mut self, other: Metadata) {
        self.user.extend(other.user);
        self.system.extend(other.system);
    }
}

/// What is known of a version.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectInfo {
    pub bucket: Arc<str>,
    /// As the client names it (directory objects end in `/`).
    pub key: String,
    pub version_id: VersionId,
    pub is_latest: bool,
    pub delete_marker: bool,
    pub mod_time: Timestamp,
    /// Bytes stored, the sum of the parts; zero for delete markers.
    pub size: u64,
    pub parts: Vec<PartInfo>,
    pub metadata: Metadata,
    /// Data and parity shards; zero for delete markers.
    pub data_shards: u8,
    pub parity_shards: u8,
    /// Versions of the name, delete markers included.
    pub version_count: usize,
}

impl ObjectInfo {
    /// The stored etag, without quotes; empty if there is none.
    pub fn etag(&self) -> &str {
        self.metadata.user.get("etag").map_or("", String::as_str)
    }
}

/// Conditions that decide, under the name's lock, whether a change may happen. Etags come without quotes; `*`
/// stands for any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct WriteConditions {
    /// One of these must be the current etag. A missing key fails with [`crate::StoreError::KeyNotFound`].
    pub if_match: Option<Vec<String>>,
    /// None of these may be the current etag.
    pub if_none_match: Option<Vec<String>>,
}

/// What a new version is to be.
#[derive(Clone, Debug)]
pub struct PutRequest {
    pub bucket: String,
    pub key: String,
    /// The body's length in bytes as it is stored, if it is known.
    pub size: Option<u64>,
    pub versioning: Versioning,
    pub storage_class: StorageClass,
    pub metadata: Metadata,
    pub conditions: WriteConditions,
    /// The modification time to record instead of now.
    pub mod_time: Option<Timestamp>,
}

/// Called when a body has come to its end, before anything is visible: checks what the body was announced to be,
/// and gives what only its end could tell (etag, checksums). `u64` is the number of bytes stored. An error becomes
/// [`crate::StoreError::Rejected`] and nothing is stored.
pub type Seal = Box<dyn FnOnce(u64) -> Result<BodySeal, Rejection> + Send>;

/// What only the end of a body could tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct BodySeal {
    pub metadata: Metadata,
    /// Bytes as the client sent them, where other bytes are stored.
    pub actual_size: Option<u64>,
    /// The index of a compressed body; empty if there is none.
    pub index: Bytes,
}

impl From<Metadata> for BodySeal {
    /// Of a body that is stored as it was sent.
    fn from(metadata: Metadata) -> Self {
        BodySeal { metadata, ..BodySeal::default() }
    }
}

/// Why the layer above refused a change, in its own vocabulary: it downcasts it again.
pub type Rejection = Box<dyn std::error::Error + Send + Sync>;

/// What a deletion did.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Deleted {
    /// The version removed, or the delete marker made; `None` if there was nothing to do.
    pub version_id: Option<VersionId>,
    /// A delete marker was made or removed.
    pub delete_marker: bool,
    /// The version removed (before the removal), when one was.
    pub removed: Option<ObjectInfo>,
}

/// What to delete.
#[derive(Clone, Debug)]
pub struct DeleteRequest {
    pub bucket: String,
    pub key: String,
    /// A version to remove for good; `None` deletes as the versioning says.
    pub version_id: Option<VersionId>,
    pub versioning: Versioning,
    /// With versioning, makes a delete marker even where the key doesn't exist or already ends in one
    /// (DeleteObjects does, DELETE doesn't).
    pub always_mark: bool,
    /// Asked about the version that would be removed for good, under the name's lock.
    pub protect: Option<Protect>,
    /// Asked first, about the version that the request is about: the one it names, else the latest, be it a delete
    /// marker. Nobody is asked where there is none.
    pub condition: Option<Protect>,
}

/// Decides about a deletion under the name's lock, from a version as it then is. As [`DeleteRequest::protect`] (object
/// lock) it is asked when a version is named by `version_id`, and when a delete without one would remove or replace the
/// null version; as [`DeleteRequest::condition`] about what the client means to delete. A refusal becomes [`crate::StoreError::Rejected`] and nothing changes.
#[derive(Clone)]
pub struct Protect(pub Arc<Verdict>);

/// Looks at a version; an error keeps it.
pub type Verdict = dyn Fn(&ObjectInfo) -> Result<(), Rejection> + Send + Sync;

impl fmt::Debug for Protect {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Protect")
    }
}

/// An object opened for reading. While it lives its data stays, whatever is overwritten or deleted.
pub struct ObjectReader {
    pub info: ObjectInfo,
    pub body: ObjectBody,
}

/// What an opened object's bytes are read from.
pub struct ObjectBody(pub(crate) Box<dyn FnOnce(Range<u64>) -> ByteStream + Send>);

impl ObjectBody {
    /// The bytes of `range` (of stored bytes, within the size). Nothing is read before the stream is polled; its
    /// errors mean that the rest can't be had.
    pub fn read(self, range: Range<u64>) -> ByteStream {
        (self.0)(range)
    }

    /// The same with its first piece read already: what can't be read at all is an error here, before anything has
    /// been promised to a client.
    pub async fn start(self, range: Range<u64>) -> Result<ByteStream, StoreError> {
        let mut body = self.read(range);
        let first = match body.next().await {
            None => return Ok(body),
            Some(Ok(piece)) => piece,
            Some(Err(StreamError::Failed(cause))) => {
                return Err(match cause.downcast::<StoreError>() {
                    Ok(error) => *error,
                    Err(cause) => StoreError::Body(StreamError::Failed(cause)),
                });
            }
            Some(Err(error)) => return Err(StoreError::Body(error)),
        };
        Ok(Box::pin(stream::once(ready(Ok(first))).chain(body)))
    }
}

impl ObjectReader {
    /// As [`ObjectBody::read`].
    pub fn read(self, range: Range<u64>) -> ByteStream {
        self.body.read(range)
    }
}

impl fmt::Debug for ObjectReader {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("ObjectReader").field("info", &self.info).finish_non_exhaustive()
    }
}

/// A page of a listing to make.
#[derive(Clone, Debug, Default)]
pub struct ListRequest {
    pub bucket: String,
    pub prefix: String,
    /// Names that share what follows the prefix up to this text are given as one prefix. Empty: none.
    pub delimiter: String,
    /// Only keys (and common prefixes) after this.
    pub after: String,
    /// In version listings: within the key `after`, only versions after this one.
    pub after_version: Option<VersionId>,
    /// At most this many keys and prefixes (versions count each). Zero gives an empty page.
    pub limit: usize,
    /// Every version and delete marker, not just the latest.
    pub versions: bool,
}

/// A line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Listed {
    Object(Box<ObjectInfo>),
    /// A common prefix (ends with the delimiter).
    Prefix(String),
}

/// A page of a listing, in byte order of keys; versions newest first within a key.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ListPage {
    pub entries: Vec<Listed>,
    /// Whether something follows. The next page begins after the last entry.
    pub truncated: bool,
}

/// A bucket.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketInfo {
    pub name: String,
    pub created: Timestamp,
}

/// What an upload is to become.
#[derive(Clone, Debug)]
pub struct UploadRequest {
    pub bucket: String,
    pub key: String,
    pub versioning: Versioning,
    pub storage_class: StorageClass,
    pub metadata: Metadata,
    pub conditions: WriteConditions,
}

/// An upload in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadInfo {
    pub bucket: String,
    pub key: String,
    /// As clients name it.
    pub upload_id: String,
    pub initiated: Timestamp,
    pub metadata: Metadata,
}

/// A part of an upload as recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UploadedPart {
    pub number: u32,
    pub etag: String,
    pub size: u64,
    pub actual_size: u64,
    pub mod_time: Timestamp,
    /// Checksum algorithm name (as `format::part_record` has it) to base64.
    pub checksums: BTreeMap<String, String>,
}

/// Called for a part when its body has ended: the part's etag and checksums.
pub type SealPart = Box<dyn FnOnce(u64) -> Result<PartSeal, Rejection> + Send>;

/// What only the end of a part's body could tell.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct PartSeal {
    pub etag: String,
    pub checksums: BTreeMap<String, String>,
    /// Bytes as the client sent them, where other bytes are stored.
    pub actual_size: Option<u64>,
    /// The index of a compressed part; empty if there is none.
    pub index: Bytes,
}

/// A part as the client lists it when completing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CompletedPart {
    pub number: u32,
    /// Without quotes.
    pub etag: String,
}

/// Called with the upload's record and the listed parts as recorded (same order), before the commit: checks sizes
/// and checksums, and gives the object's etag and checksum.
pub type SealUpload = Box<dyn FnOnce(&UploadInfo, &[UploadedPart]) -> Result<Metadata, Rejection> + Send>;

/// How a set fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct SetHealth {
    pub pool: usize,
    pub set: usize,
    pub drives: usize,
    pub online: usize,
    pub healing: usize,
    /// Drives needed for STANDARD objects.
    pub read_quorum: usize,
    pub write_quorum: usize,
}
