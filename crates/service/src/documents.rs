//! The documents that buckets carry: which there are, and how those this release acts on are read and written.
//!
//! Drives hold them as the XML (policies and quotas: JSON) of the S3 interface, so reading that is reading a
//! stored format.

pub(crate) mod cors;
pub(crate) mod encryption;
pub(crate) mod lifecycle;
pub(crate) mod listed;
pub(crate) mod logging;
pub(crate) mod object_lock;
pub(crate) mod payment;
pub(crate) mod schema;
pub(crate) mod tagging;
pub(crate) mod versioning;
pub(crate) mod website;
pub(crate) mod xml;

use bytes::Bytes;
use format::bucket_metadata::BucketMetadata;
use iam::Action;
use std::fmt;

/// The namespace of S3's documents.
pub(crate) const NAMESPACE: &str = "http://s3.amazonaws.com/doc/2006-03-01/";

/// A kind of bucket document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum DocumentKind {
    /// JSON.
    Policy,
    Notification,
    Lifecycle,
    ObjectLock,
    Versioning,
    Encryption,
    Tagging,
    Replication,
}

impl DocumentKind {
    /// The action that reading it asks for.
    pub fn read_action(self) -> Action {
        match self {
            DocumentKind::Policy => Action::GetBucketPolicy,
            DocumentKind::Notification => Action::GetBucketNotification,
            DocumentKind::Lifecycle => Action::GetLifecycleConfiguration,
            DocumentKind::ObjectLock => Action::GetBucketObjectLockConfiguration,
            DocumentKind::Versioning => Action::GetBucketVersioning,
            DocumentKind::Encryption => Action::GetEncryptionConfiguration,
            DocumentKind::Tagging => Action::GetBucketTagging,
            DocumentKind::Replication => Action::GetReplicationConfiguration,
        }
    }

    /// The document as stored; empty if there is none.
    pub(crate) fn stored(self, metadata: &BucketMetadata) -> &Bytes {
        match self {
            DocumentKind::Policy => &metadata.policy_json,
            DocumentKind::Notification => &metadata.notification_xml,
            DocumentKind::Lifecycle => &metadata.lifecycle_xml,
            DocumentKind::ObjectLock => &metadata.object_lock_xml,
            DocumentKind::Versioning => &metadata.versioning_xml,
            DocumentKind::Encryption => &metadata.encryption_xml,
            DocumentKind::Tagging => &metadata.tagging_xml,
            DocumentKind::Replication => &metadata.replication_xml,
        }
    }
}

impl fmt::Display for DocumentKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            DocumentKind::Policy => "policy",
            DocumentKind::Notification => "notification",
            DocumentKind::Lifecycle => "lifecycle",
            DocumentKind::ObjectLock => "object lock",
            DocumentKind::Versioning => "versioning",
            DocumentKind::Encryption => "encryption",
            DocumentKind::Tagging => "tagging",
            DocumentKind::Replication => "replication",
        })
    }
}
