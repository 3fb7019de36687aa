//! The metadata keys that objects carry on drives, in the exact casing in which they are written (section 6).

use bytes::Bytes;
use std::collections::BTreeMap;

/// What every key of internal metadata begins with, in any casing.
pub const INTERNAL_PREFIX: &str = "x-minio-internal-";

/// Keys of internal metadata (`MetaSys`).
pub mod sys {
    /// `true`: the object's shards are in the inline section.
    pub const INLINE_DATA: &str = "x-minio-internal-inline-data";
    /// Checksums of the object: see [`crate::checksum_blob`].
    pub const CHECKSUM: &str = "x-minio-internal-crc";
    /// `old->new`: parity that was raised because drives were offline.
    pub const ERASURE_UPGRADED: &str = "x-minio-internal-erasure-upgraded";
    /// Decimal size as the client sent it, of compressed and of multipart objects.
    pub const ACTUAL_SIZE: &str = "X-Minio-Internal-actual-size";
    /// The compression's name.
    pub const COMPRESSION: &str = "X-Minio-Internal-compression";
    /// Empty: an encrypted object whose parts were encrypted one by one.
    pub const ENCRYPTED_MULTIPART: &str = "X-Minio-Internal-Encrypted-Multipart";
    /// How and with what an object is encrypted.
    pub const SSE_IV: &str = "X-Minio-Internal-Server-Side-Encryption-Iv";
    pub const SSE_SEAL_ALGORITHM: &str = "X-Minio-Internal-Server-Side-Encryption-Seal-Algorithm";
    pub const SSE_C_SEALED_KEY: &str = "X-Minio-Internal-Server-Side-Encryption-Sealed-Key";
    pub const SSE_S3_SEALED_KEY: &str = "X-Minio-Internal-Server-Side-Encryption-S3-Sealed-Key";
    pub const SSE_KMS_SEALED_KEY: &str = "X-Minio-Internal-Server-Side-Encryption-Kms-Sealed-Key";
    pub const SSE_KMS_KEY_ID: &str = "X-Minio-Internal-Server-Side-Encryption-S3-Kms-Key-Id";
    pub const SSE_KMS_DATA_KEY: &str = "X-Minio-Internal-Server-Side-Encryption-S3-Kms-Sealed-Key";
    pub const SSE_CONTEXT: &str = "X-Minio-Internal-Server-Side-Encryption-Context";
    /// `arn=STATUS;` for each target.
    pub const REPLICATION_STATUS: &str = "x-minio-internal-replication-status";
    /// RFC 3339 times; old files hold HTTP dates.
    pub const REPLICATION_TIMESTAMP: &str = "x-minio-internal-replication-timestamp";
    pub const REPLICA_TIMESTAMP: &str = "x-minio-internal-replica-timestamp";
    /// `REPLICA`.
    pub const REPLICA_STATUS: &str = "x-minio-internal-replica-status";
    /// `arn=PENDING;`: a version whose removal must still be replicated.
    pub const PURGE_STATUS: &str = "x-minio-internal-purgestatus";
    /// Followed by the target's ARN.
    pub const REPLICATION_RESET_PREFIX: &str = "x-minio-internal-replication-reset-";
    /// When tags, retention and legal hold were last set, RFC 3339.
    pub const TAGGING_TIMESTAMP: &str = "x-minio-internal-tagging-timestamp";
    pub const RETENTION_TIMESTAMP: &str = "x-minio-internal-objectlock-retention-timestamp";
    pub const LEGAL_HOLD_TIMESTAMP: &str = "x-minio-internal-objectlock-legalhold-timestamp";
    /// `complete`: the data is on a remote tier.
    pub const TRANSITION_STATUS: &str = "x-minio-internal-transition-status";
    pub const TRANSITIONED_OBJECT: &str = "x-minio-internal-transitioned-object";
    pub const TRANSITIONED_VERSION_ID: &str = "x-minio-internal-transitioned-versionID";
    pub const TRANSITION_TIER: &str = "x-minio-internal-transition-tier";
    /// Empty: this delete marker is a free version.
    pub const FREE_VERSION: &str = "x-minio-internal-free-version";
    /// Ours: owner and access control list, JSON; not there where the bucket's owner has everything.
    pub const ACL: &str = "x-minio-internal-rustfs-acl";
    /// The index of an archive that can be read through.
    pub const ARCHIVE_TYPE: &str = "x-minio-internal-archive-type";
    pub const ARCHIVE_INFO: &str = "x-minio-internal-archive-info";
}

/// Keys of HTTP and user metadata (`MetaUsr`).
pub mod user {
    pub const ETAG: &str = "etag";
    /// Where some old objects keep their etag.
    pub const OLD_ETAG: &str = "md5Sum";
    pub const CONTENT_TYPE: &str = "content-type";
    pub const CACHE_CONTROL: &str = "cache-control";
    pub const CONTENT_LANGUAGE: &str = "content-language";
    pub const CONTENT_ENCODING: &str = "content-encoding";
    pub const CONTENT_DISPOSITION: &str = "content-disposition";
    pub const EXPIRES: &str = "expires";
    /// Where a website sends requests for the object. MinIO never stores it.
    pub const WEBSITE_REDIRECT: &str = "x-amz-website-redirect-location";
    /// The user's own metadata: followed by the name in canonical casing.
    pub const META_PREFIX: &str = "X-Amz-Meta-";
    pub const MINIO_META_PREFIX: &str = "X-Minio-Meta-";
    /// Url-encoded tags; empty after they were removed.
    pub const TAGGING: &str = "X-Amz-Tagging";
    /// Not stored for `STANDARD`.
    pub const STORAGE_CLASS: &str = "x-amz-storage-class";
    pub const OBJECT_LOCK_MODE: &str = "x-amz-object-lock-mode";
    pub const OBJECT_LOCK_RETAIN_UNTIL: &str = "x-amz-object-lock-retain-until-date";
    pub const OBJECT_LOCK_LEGAL_HOLD: &str = "x-amz-object-lock-legal-hold";
    pub const REPLICATION_STATUS: &str = "X-Amz-Replication-Status";
    /// State of a copy brought back from a tier, and the request for it.
    pub const RESTORE: &str = "x-amz-restore";
    pub const RESTORE_EXPIRY_DAYS: &str = "X-Amz-Restore-Expiry-Days";
    pub const RESTORE_REQUEST_DATE: &str = "X-Amz-Restore-Request-Date";
    /// In the records of uploads only: the algorithm's name, and `COMPOSITE` or `FULL_OBJECT`.
    pub const MULTIPART_CHECKSUM: &str = "x-minio-multipart-checksum";
    pub const MULTIPART_CHECKSUM_TYPE: &str = "x-minio-multipart-checksum-type";
}

/// Flags that exist in memory only; they must not reach a drive.
const NEVER_STORED: [&str; 4] = [
    "X-Minio-Internal-healing",
    "X-Minio-Internal-data-mov",
    "x-minio-internal-tier-free-versionID",
    "x-minio-internal-tier-free-marker",
];

/// User metadata that old clients left behind and that is not shown.
const DROPPED_ON_READ: [&str; 2] =
    ["X-Amz-Meta-X-Amz-Unencrypted-Content-Length", "X-Amz-Meta-X-Amz-Unencrypted-Content-Md5"];

/// Whether a key is one of internal metadata: it has the prefix, in any casing, and more.
pub fn is_internal(key: &str) -> bool {
    let bytes = key.as_bytes();
    match bytes.split_at_checked(INTERNAL_PREFIX.len()) {
        Some((prefix, rest)) => prefix.eq_ignore_ascii_case(INTERNAL_PREFIX.as_bytes()) && !rest.is_empty(),
        None => false,
    }
}

/// Whether a pair of user metadata is shown to readers.
pub fn is_shown(key: &str, value: &str) -> bool {
    let standard_class = key == user::STORAGE_CLASS && value == "STANDARD";
    !standard_class && !DROPPED_ON_READ.contains(&key)
}

/// Splits metadata into what goes to `MetaSys` and what goes to `MetaUsr`; leaves out what is never stored.
pub fn split(meta: &BTreeMap<String, String>) -> (BTreeMap<String, Bytes>, BTreeMap<String, String>) {
    let stored = meta.iter().filter(|(key, _)| !NEVER_STORED.contains(&key.as_str()));
    let (internal, other): (Vec<_>, Vec<_>) = stored.partition(|(key, _)| is_internal(key));
    (
        internal.into_iter().map(|(key, value)| (key.clone(), Bytes::from(value.clone()))).collect(),
        other.into_iter().map(|(key, value)| (key.clone(), value.clone())).collect(),
    )
}

#[cfg(test)]
mod tests;
