//! From stored versions to what callers see, and back.

use crate::types::{Metadata, ObjectInfo, PartInfo, VersionId};
use crate::{StoreError, WriteConditions};
use format::object_meta_keys::{is_shown, user};
use format::xl::{ObjectVersion, Version};
use std::sync::Arc;

/// What callers see of a version. `key` as clients name it.
pub(crate) fn object_info(
    bucket: impl Into<Arc<str>>,
    key: impl Into<String>,
    version: Version,
    is_latest: bool,
    version_count: usize,
) -> ObjectInfo {
    let mut info = ObjectInfo {
        bucket: bucket.into(),
        key: key.into(),
        version_id: VersionId::from_uuid(version.version_id()),
        is_latest,
        delete_marker: false,
        mod_time: version.mod_time(),
        size: 0,
        parts: Vec::new(),
        metadata: Metadata::default(),
        data_shards: 0,
        parity_shards: 0,
        version_count,
    };
    let object = match version {
        Version::DeleteMarker(marker) => {
            info.delete_marker = true;
            info.metadata.system = marker.meta_sys;
            return info;
        }
        Version::Object(object) => object,
        Version::Legacy(legacy) => legacy.as_object(),
    };
    info.size = object.size;
    info.parts = object.parts.iter().map(part_info).collect();
    info.data_shards = object.data;
    info.parity_shards = object.parity;
    info.metadata = Metadata { user: object.meta_user, system: object.meta_sys };
    info.metadata.user.retain(|key, value| is_shown(key, value));
    if !info.metadata.user.contains_key(user::ETAG)
        && let Some(etag) = info.metadata.user.remove(user::OLD_ETAG)
    {
        info.metadata.user.insert(user::ETAG.to_owned(), etag);
    }
    info
}

/// All metadata of an object, as stored.
pub(crate) fn stored_metadata(object: &ObjectVersion) -> Metadata {
    Metadata { user: object.meta_user.clone(), system: object.meta_sys.clone() }
}

fn part_info(part: &format::xl::Part) -> PartInfo {
    // Unknown in old files: then what is stored is as good as it gets.
    let actual_size = u64::try_from(part.actual_size).unwrap_or(part.size);
    PartInfo { number: part.number, size: part.size, actual_size, index: part.index.clone() }
}

/// Checks the conditions of a change against the latest version, if there is one.
pub(crate) fn check_conditions(
    conditions: &WriteConditions,
    latest: Option<&ObjectInfo>,
    bucket: &str,
    key: &str,
) -> Result<(), StoreError> {
    let there = latest.filter(|info| !info.delete_marker);
    let (bucket, key) = (bucket.to_owned(), key.to_owned());
    if conditions.if_match.is_some() && there.is_none() {
        return Err(StoreError::KeyNotFound { bucket, key });
    }
    if conditions.allow(there) { Ok(()) } else { Err(StoreError::PreconditionFailed { bucket, key }) }
}

impl WriteConditions {
    /// Whether they hold of what is there; `None`: nothing, or a delete marker.
    pub fn allow(&self, there: Option<&ObjectInfo>) -> bool {
        let is_one_of = |etags: &[String]| {
            there.is_some_and(|info| etags.iter().any(|wanted| wanted == "*" || wanted == info.etag()))
        };
        self.if_match.as_deref().is_none_or(is_one_of) && !self.if_none_match.as_deref().is_some_and(is_one_of)
    }

    /// Whether there are any.
    pub fn is_empty(&self) -> bool {
        self.if_match.is_none() && self.if_none_match.is_none()
    }
}
