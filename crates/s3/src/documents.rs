//! The documents that requests carry, and what is checked of their bytes.

mod access;
mod acl;
mod bucket;
mod complete;
mod delete;
mod lock;
mod select;
mod tagging;
#[cfg(test)]
mod tests;

pub use access::{parse_ownership, parse_public_access_block, write_ownership, write_public_access_block};
pub use acl::{Listed, asked_acl, parse_acl, write_acl};
pub use bucket::location_constraint;
pub use complete::parse_parts;
pub use delete::{DeleteRequest, DeletedKey};
pub use lock::{parse_legal_hold, parse_retention, write_legal_hold, write_retention};
pub use select::parse_select;
pub use tagging::{parse_tagging, write_tagging};

use crate::error::{ErrorCode, S3Result};
use crate::headers;
use crate::query::Query;
use http::HeaderMap;
use service::AnnouncedChecksum;

/// Largest list of keys to delete: 1,000 keys of 1,024 bytes with every character escaped, and their versions.
pub const MAX_DELETE: usize = 8 << 20;
/// Largest list of parts to complete: 10,000 parts with etag and checksums.
pub const MAX_COMPLETE: usize = 8 << 20;
/// Largest set of tags, with room to spare: 50 tags of 128 and 256 characters, escaped.
pub const MAX_TAGGING: usize = 1 << 20;
/// Largest lifecycle document: 1,000 rules with ids, prefixes and ten tags each.
pub const MAX_LIFECYCLE: usize = 16 << 20;
/// Largest cross-origin document, as AWS has it.
pub const MAX_CORS: usize = 64 << 10;
/// Largest configuration of a kind that MinIO doesn't know: a website of 50 rules, logging with a hundred grants, 64 KiB of tags.
pub const MAX_CONFIGURATION: usize = 128 << 10;
/// Largest versioning document.
pub const MAX_VERSIONING: usize = 1 << 20;
/// Largest retention or legal hold document.
pub const MAX_LOCK: usize = 4 << 10;
/// Largest select request: an expression of 256 KiB, every character escaped, and a few words.
pub const MAX_SELECT: usize = 2 << 20;
/// Largest policy of a bucket: MinIO's limit, and AWS's.
pub const MAX_POLICY: usize = 20 << 10;
/// Largest document that creates a bucket or sets an ACL: a hundred grants with everything escaped.
pub const MAX_SMALL: usize = 64 << 10;

/// What a request announces of its document's bytes.
#[derive(Debug)]
pub struct Digests {
    md5: Option<[u8; 16]>,
    checksum: AnnouncedChecksum,
}

impl Digests {
    /// From `Content-MD5` and the checksum headers.
    pub fn announced(headers: &HeaderMap, query: &Query<'_>) -> S3Result<Self> {
        let checksum = headers::announced_checksum(headers, query, None)?;
        Ok(Digests { md5: headers::content_md5(headers)?, checksum })
    }

    /// From `Content-MD5` alone, where the checksum headers are about something else.
    pub fn md5_only(headers: &HeaderMap) -> S3Result<Self> {
        Ok(Digests { md5: headers::content_md5(headers)?, checksum: AnnouncedChecksum::None })
    }

    pub fn is_none(&self) -> bool {
        self.md5.is_none() && self.checksum.algorithm().is_none()
    }

    /// Refuses bytes that aren't those announced.
    pub fn check(&self, bytes: &[u8]) -> S3Result<()> {
        if self.md5.is_some_and(|announced| announced != md5::digest(bytes)) {
            return Err(ErrorCode::BadDigest.into());
        }
        self.checksum.verify(bytes)?;
        Ok(())
    }
}
