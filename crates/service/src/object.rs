//! A stored version as clients may see it.

#[cfg(test)]
mod tests;

use crate::lock::{self, Retention};
use crate::{Checksum, ServiceError, Tags, VersionId};
use base::Timestamp;
use format::object_meta_keys::{is_shown, sys, user};
use store::{Metadata, ObjectInfo, PartInfo};

/// One version of an object, or a delete marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    info: ObjectInfo,
}

/// How an object's bytes were changed before they were stored, in ways this release can't undo.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Transform {
    Encrypted,
    Compressed,
    Tiered,
}

impl Object {
    pub(crate) fn new(info: ObjectInfo) -> Self {
        Object { info }
    }

    /// A member of an archive, as listings show it: no version, no etag, nothing stored.
    pub(crate) fn member(archive: &Object, key: String, size: u64) -> Self {
        let info = ObjectInfo {
            key,
            size,
            version_id: VersionId::Null,
            parts: Vec::new(),
            metadata: Metadata::default(),
            data_shards: 0,
            parity_shards: 0,
            ..archive.info.clone()
        };
        Object { info }
    }

    pub(crate) fn info(&self) -> &ObjectInfo {
        &self.info
    }

    pub fn bucket(&self) -> &str {
        &self.info.bucket
    }

    pub fn key(&self) -> &str {
        &self.info.key
    }

    pub fn version(&self) -> VersionId {
        self.info.version_id
    }

    pub fn is_latest(&self) -> bool {
        self.info.is_latest
    }

    pub fn is_delete_marker(&self) -> bool {
        self.info.delete_marker
    }

    pub fn mod_time(&self) -> Timestamp {
        self.info.mod_time
    }

    /// Without quotes; empty for delete markers.
    pub fn etag(&self) -> &str {
        match self.info.etag() {
            "" => stored(&self.info.metadata, user::OLD_ETAG).unwrap_or(""),
            etag => etag,
        }
    }

    /// Bytes as the client sent them.
    pub fn size(&self) -> u64 {
        match system_text(&self.info.metadata, sys::ACTUAL_SIZE).and_then(|text| text.parse().ok()) {
            Some(size) => size,
            None if self.transform().is_some() => self.info.parts.iter().map(|part| part.actual_size).sum(),
            None => self.info.size,
        }
    }

    /// One of the stored HTTP headers, by lower-case name: `content-type`, `cache-control`, ...
    pub fn header(&self, name: &str) -> Option<&str> {
        stored(&self.info.metadata, name)
    }

    /// The user's own metadata: names as stored (`X-Amz-Meta-Color`).
    pub fn user_metadata(&self) -> impl Iterator<Item = (&str, &str)> {
        self.metadata().filter(|(name, _)| {
            [user::META_PREFIX, user::MINIO_META_PREFIX].iter().any(|prefix| has_prefix(name, prefix))
        })
    }

    /// Everything stored beside the etag that isn't internal.
    pub fn metadata(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.info.metadata.user.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        all.filter(|(name, value)| is_shown(name, value) && ![user::ETAG, user::OLD_ETAG].contains(name))
    }

    pub fn tags(&self) -> Tags {
        Tags::from_stored(stored(&self.info.metadata, user::TAGGING).unwrap_or(""))
    }

    /// How far its replication is, if it is replicated: `PENDING`, `COMPLETED`, `FAILED`, `REPLICA`.
    pub fn replication_status(&self) -> Option<&str> {
        stored(&self.info.metadata, user::REPLICATION_STATUS).filter(|status| !status.is_empty())
    }

    /// `STANDARD` unless another was stored.
    pub fn storage_class(&self) -> &str {
        stored(&self.info.metadata, user::STORAGE_CLASS).unwrap_or("STANDARD")
    }

    /// The additional checksum, if one was stored.
    pub fn checksum(&self) -> Option<Checksum> {
        if self.transform() == Some(Transform::Encrypted) {
            return None;
        }
        Checksum::from_blob(self.info.metadata.system.get(sys::CHECKSUM)?)
    }

    /// Its parts as stored; one for an object of a single PUT.
    pub fn parts(&self) -> &[PartInfo] {
        &self.info.parts
    }

    /// Whether it was uploaded in parts.
    pub fn is_multipart(&self) -> bool {
        self.etag().contains('-')
    }

    pub fn retention(&self) -> Option<Retention> {
        lock::stored_retention(&self.info.metadata)
    }

    /// On or off; `None` if it was never set.
    pub fn legal_hold(&self) -> Option<bool> {
        lock::stored_legal_hold(&self.info.metadata)
    }

    /// Data and parity shards.
    pub fn shards(&self) -> (u8, u8) {
        (self.info.data_shards, self.info.parity_shards)
    }

    /// What was done to its bytes, if they can't be given as they are.
    pub(crate) fn transform(&self) -> Option<Transform> {
        let system = &self.info.metadata.system;
        let sealed = [
            sys::SSE_C_SEALED_KEY,
            sys::SSE_S3_SEALED_KEY,
            sys::SSE_KMS_SEALED_KEY,
            sys::SSE_IV,
            sys::ENCRYPTED_MULTIPART,
        ];
        let has = |wanted: &str| system.keys().any(|key| key.eq_ignore_ascii_case(wanted));
        if sealed.into_iter().any(has) {
            Some(Transform::Encrypted)
        } else if has(sys::COMPRESSION) {
            Some(Transform::Compressed)
        } else if has(sys::TRANSITION_STATUS) {
            Some(Transform::Tiered)
        } else {
            None
        }
    }

    /// Refuses objects whose bytes this release can't give: what is stored must never leave as it is.
    pub(crate) fn check_readable(&self) -> Result<(), ServiceError> {
        match self.transform() {
            None => Ok(()),
            Some(Transform::Encrypted) => Err(ServiceError::NotImplemented { detail: "reading encrypted objects" }),
            Some(Transform::Compressed) => Err(ServiceError::NotImplemented { detail: "reading compressed objects" }),
            Some(Transform::Tiered) => Err(ServiceError::NotImplemented { detail: "reading objects on remote tiers" }),
        }
    }
}

fn has_prefix(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// User metadata by name. Drives hold several casings of the same name, from several releases.
pub(crate) fn stored<'a>(metadata: &'a Metadata, name: &str) -> Option<&'a str> {
    if let Some(value) = metadata.user.get(name) {
        return Some(value);
    }
    let mut all = metadata.user.iter();
    all.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}

fn system_text<'a>(metadata: &'a Metadata, name: &str) -> Option<&'a str> {
    let mut all = metadata.system.iter();
    let (_, value) = all.find(|(key, _)| key.eq_ignore_ascii_case(name))?;
    std::str::from_utf8(value).ok()
}
