//! What the use cases are asked, in terms of no protocol.

use crate::acl::AskedAcl;
use crate::lock::LockSettings;
use crate::{AnnouncedChecksum, ChecksumAlgorithm, ChecksumType, Tags, VersionId};
use base::{ByteStream, Timestamp};
use seal::{Context, CustomerKey};
use std::collections::BTreeMap;
use std::fmt;

pub use store::WriteConditions;

/// Conditions on a read. Etags come without quotes; `*` stands for any.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ReadConditions {
    /// One of these must be the etag.
    pub if_match: Option<Vec<String>>,
    /// None of these may be the etag.
    pub if_none_match: Option<Vec<String>>,
    /// It must have been modified after this (whole seconds).
    pub if_modified_since: Option<Timestamp>,
    /// It must not have been modified after this (whole seconds).
    pub if_unmodified_since: Option<Timestamp>,
}

/// Conditions on a deletion: all must hold of the version it is about, unless there is none.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteConditions {
    /// One of these must be the etag. Without quotes; `*` stands for any.
    pub if_match: Option<Vec<String>>,
    /// When it was modified, in whole seconds.
    pub last_modified: Option<Timestamp>,
    /// Its size in bytes, as clients see it.
    pub size: Option<u64>,
}

/// A range of bytes as asked for, before the size is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ByteRange {
    /// From the first to the last byte, both included.
    FromTo { first: u64, last: u64 },
    /// From a byte to the end.
    From { first: u64 },
    /// The last bytes.
    Last { count: u64 },
    /// One that can never be satisfied (`5-2`, the last zero bytes): fails once the object is known to exist.
    Unsatisfiable,
}

/// What of an object to read.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Selection {
    #[default]
    Whole,
    Range(ByteRange),
    /// One of its parts as stored, by number (1 is valid for every object).
    Part(u32),
}

/// A read.
#[derive(Clone, Default)]
pub struct ReadObject {
    /// `None`: the latest.
    pub version: Option<VersionId>,
    pub selection: Selection,
    pub conditions: ReadConditions,
    /// The client's key of an object that SSE-C encrypts; for another it is an error.
    pub customer_key: Option<CustomerKey>,
}

/// The encryption that a write asks for.
#[derive(Clone, Default)]
pub enum Encryption {
    /// Nothing: the bucket's default applies, then the server's.
    #[default]
    Unsaid,
    /// SSE-S3: under the key service's default key.
    Server,
    /// SSE-KMS. `key_id`: `None` for the key service's default key; `context`: what its data key is bound to beside the
    /// object.
    KeyService { key_id: Option<String>, context: Context },
    /// SSE-C: under the client's own key.
    Customer(CustomerKey),
}

impl fmt::Debug for Encryption {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Encryption::Unsaid => "Unsaid",
            Encryption::Server => "Server",
            Encryption::KeyService { .. } => "KeyService",
            Encryption::Customer(_) => "Customer",
        })
    }
}

/// What a new object is described by.
#[derive(Clone, Debug, Default)]
pub struct NewObject {
    /// As stored: `content-type`, `cache-control`, `content-language`, `content-encoding` (without `aws-chunked`),
    /// `content-disposition`, `expires` in lower case; user metadata as `X-Amz-Meta-<Name>` (canonical casing).
    /// A missing content type becomes `binary/octet-stream`.
    pub metadata: BTreeMap<String, String>,
    pub tags: Option<Tags>,
    /// `STANDARD` or `REDUCED_REDUNDANCY`.
    pub storage_class: Option<String>,
    pub lock: LockSettings,
    pub conditions: WriteConditions,
    pub encryption: Encryption,
    /// `None`: everything for the owner.
    pub acl: Option<AskedAcl>,
}

/// A body with what was announced of it.
pub struct IncomingBody {
    pub stream: ByteStream,
    /// Its length in bytes after the framing is taken off, if known.
    pub size: Option<u64>,
    pub md5: Option<[u8; 16]>,
    pub checksum: AnnouncedChecksum,
}

/// A whole object to store.
pub struct PutObject {
    pub object: NewObject,
    pub body: IncomingBody,
    /// The modification time to record instead of now.
    pub mod_time: Option<Timestamp>,
    /// The etag to record instead of the body's MD5.
    pub etag: Option<String>,
}

/// Whether a copy keeps what the source has.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Directive<T> {
    Keep,
    Replace(T),
}

/// A copy of an object.
#[derive(Clone)]
pub struct CopyObject {
    /// `None`: the source's latest.
    pub source_version: Option<VersionId>,
    /// The client's key of a source that SSE-C encrypts.
    pub source_key: Option<CustomerKey>,
    /// Of the copy: the source's doesn't matter.
    pub encryption: Encryption,
    /// On the source; every failure is a failed precondition.
    pub source_conditions: ReadConditions,
    /// On the destination.
    pub conditions: WriteConditions,
    /// As in [`NewObject::metadata`].
    pub metadata: Directive<BTreeMap<String, String>>,
    pub tags: Directive<Tags>,
    pub storage_class: Option<String>,
    pub lock: LockSettings,
    /// Of the copy: the source's doesn't matter.
    pub acl: Option<AskedAcl>,
    /// The checksum to compute; `None` follows the source.
    pub checksum: Option<ChecksumAlgorithm>,
}

/// A place in a listing.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Position {
    /// After this key or prefix. Empty: from the start.
    pub key: String,
    /// In version listings: after this version of the key.
    pub version: Option<VersionId>,
}

/// A page of a listing of objects or versions.
#[derive(Clone, Debug, Default)]
pub struct ListObjects {
    pub prefix: String,
    /// Empty: none.
    pub delimiter: String,
    pub after: Position,
    /// At most this many keys and prefixes; cut to [`crate::limits::MAX_LIST_ENTRIES`].
    pub limit: usize,
}

/// A multipart upload to begin.
#[derive(Clone, Debug, Default)]
pub struct CreateUpload {
    pub object: NewObject,
    pub checksum: Option<ChecksumAlgorithm>,
    /// `None`: the algorithm's own default.
    pub checksum_type: Option<ChecksumType>,
}

/// A part to store.
pub struct UploadPart {
    pub upload_id: String,
    /// 1 to 10,000.
    pub number: u32,
    pub body: IncomingBody,
    /// The client's key of an upload that SSE-C encrypts.
    pub customer_key: Option<CustomerKey>,
}

/// A part to copy from another object.
#[derive(Clone)]
pub struct CopyPart {
    pub upload_id: String,
    pub number: u32,
    pub source_version: Option<VersionId>,
    pub source_conditions: ReadConditions,
    /// The range of the source, both ends included; it must lie within.
    pub range: Option<(u64, u64)>,
    /// The client's key of a source that SSE-C encrypts.
    pub source_key: Option<CustomerKey>,
    /// The client's key of an upload that SSE-C encrypts.
    pub customer_key: Option<CustomerKey>,
}

/// A page of an upload's parts.
#[derive(Clone, Debug, Default)]
pub struct ListParts {
    pub upload_id: String,
    /// Parts after this number.
    pub after: u32,
    pub limit: usize,
}

/// A page of a bucket's uploads.
#[derive(Clone, Debug, Default)]
pub struct ListUploads {
    pub prefix: String,
    pub delimiter: String,
    pub key_marker: String,
    pub upload_id_marker: String,
    pub limit: usize,
}

/// A part as the client lists it to complete an upload.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ListedPart {
    pub number: u32,
    /// Without quotes.
    pub etag: String,
    /// Base64 as the client gave them, one entry for each checksum element.
    pub checksums: Vec<(ChecksumAlgorithm, String)>,
}

/// An upload to complete.
#[derive(Clone, Default)]
pub struct CompleteUpload {
    pub upload_id: String,
    pub parts: Vec<ListedPart>,
    pub conditions: WriteConditions,
    /// The whole object's checksum, if the client announces it.
    pub checksum: AnnouncedChecksum,
    /// The client's key of an upload that SSE-C encrypts; only needed where the object gets a checksum.
    pub customer_key: Option<CustomerKey>,
}
