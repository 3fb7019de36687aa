//! What the use cases answer, in terms of no protocol.

use crate::{Checksum, ChecksumAlgorithm, ChecksumType, Object, ShownEncryption, request::Position};
use base::Timestamp;

/// An object being read.
#[derive(Clone, Debug)]
pub struct Reading {
    pub object: Object,
    pub content: Content,
}

/// Which of an object's bytes a read gives.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Content {
    /// The first byte given.
    pub offset: u64,
    /// How many are given.
    pub length: u64,
    /// The object's size.
    pub total: u64,
    /// Asked for as a range or part, though it may be all of it.
    pub partial: bool,
    /// The part's number, when one was asked for.
    pub part: Option<u32>,
    /// Of the whole object, or of the part asked for; none for ranges.
    pub checksum: Option<Checksum>,
}

/// A page of objects or versions.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Listing {
    /// In the byte order of keys; versions newest first within a key.
    pub entries: Vec<ListedEntry>,
    pub truncated: bool,
    /// Where the next page begins, when there is one.
    pub next: Option<Position>,
}

/// A line of a listing.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ListedEntry {
    Object(Object),
    /// A common prefix, its delimiter included.
    Prefix(String),
}

/// What an upload was begun as.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CreatedUpload {
    pub upload_id: String,
    pub checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
    pub encryption: Option<ShownEncryption>,
}

/// A part that has been stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct StoredPart {
    pub number: u32,
    /// Without quotes.
    pub etag: String,
    pub checksum: Option<Checksum>,
    pub mod_time: Timestamp,
    /// As the upload's.
    pub encryption: Option<ShownEncryption>,
}

/// An upload in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Upload {
    pub key: String,
    pub upload_id: String,
    pub initiated: Timestamp,
    /// The id of who will own the object; `None`: the bucket's owner.
    pub owner: Option<String>,
    pub checksum: Option<(ChecksumAlgorithm, ChecksumType)>,
}

/// A part of an upload in progress.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartRecord {
    pub number: u32,
    /// Without quotes.
    pub etag: String,
    /// Bytes as the client sent them.
    pub size: u64,
    pub mod_time: Timestamp,
    /// Base64.
    pub checksums: Vec<(ChecksumAlgorithm, String)>,
}

/// A page of an upload's parts.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct PartListing {
    pub upload: Upload,
    pub parts: Vec<PartRecord>,
    pub truncated: bool,
    /// The last number given, when truncated; else 0.
    pub next: u32,
}

/// A page of a bucket's uploads.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct UploadListing {
    /// By key, then by time of beginning.
    pub uploads: Vec<Upload>,
    pub prefixes: Vec<String>,
    pub truncated: bool,
    /// The last key and upload id given, when truncated.
    pub next_key: String,
    pub next_upload_id: String,
}
