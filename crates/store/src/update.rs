//! Changing a version's metadata in place: tags, retention, legal hold (on-disk-format.md 10.4).

use crate::StoreError;
use crate::commit::{Proposal, commit};
use crate::find::{Found, Thoroughness, not_deleted, wanted};
use crate::info::{object_info, stored_metadata};
use crate::layout::write_quorum;
use crate::lock::NameGuard;
use crate::quorum::Wanted;
use crate::store::Store;
use crate::types::{Metadata, ObjectInfo, Rejection, VersionId};
use drive::{Change, DataSource, Inline};
use format::names::ObjectName;
use format::xl::{ObjectVersion, Version, VersionEntry, XlMeta};
use std::sync::Arc;

impl Store {
    /// Edits the metadata of a version, same version id. `edit` sees the version and all its metadata as stored, under
    /// the name's lock; its refusal becomes [`StoreError::Rejected`]. The modification time stays unless `touch`.
    pub async fn update_metadata(
        &self,
        bucket: &str,
        key: &str,
        version: Option<VersionId>,
        touch: bool,
        edit: impl FnOnce(&ObjectInfo, &mut Metadata) -> Result<(), Rejection> + Send,
    ) -> Result<ObjectInfo, StoreError> {
        let inner = &*self.inner;
        let name = inner.name(key)?;
        let wanted = wanted(&name, version);
        let (guard, found) = self.lock_to_rewrite(bucket, key, &name, wanted).await?;
        let Some(info) = found.info(bucket, key) else {
            return Err(found.failure().into_error(bucket, key, wanted));
        };
        not_deleted(&info, version.is_some())?;
        let agreed = found.agreed().expect("there is its information");
        let Version::Object(object) = &agreed.version else {
            let reason = "an object of an early release can only be replaced".to_owned();
            return Err(StoreError::Blocked { bucket: bucket.to_owned(), key: key.to_owned(), reason });
        };
        let mut metadata = stored_metadata(object);
        edit(&info, &mut metadata).map_err(StoreError::Rejected)?;
        let mod_time = if touch { inner.time_after(found.newest) } else { object.mod_time };

        let set = inner.set_of(found.winner.expect("something was found"), name.as_str());
        let edited = |object: ObjectVersion| ObjectVersion {
            mod_time,
            meta_user: metadata.user.clone(),
            meta_sys: metadata.system.clone(),
            ..object
        };
        let change = |meta: &Option<Arc<XlMeta>>| {
            let own = meta.as_ref()?.find(object.version_id)?.decode().ok()?;
            let Version::Object(own) = own else { return None };
            let version = VersionEntry::from_version(&Version::Object(edited(own)));
            Some(Change::Write { version, inline: Inline::Keep, data: DataSource::None, heal: false })
        };
        let proposal = Proposal {
            bucket: bucket.to_owned(),
            object: name.as_str().to_owned(),
            changes: agreed.holders.iter().map(change).collect(),
            drives: set.drives(),
            quorum: write_quorum(object.data.into(), object.parity.into()),
            version: Some(object.version_id),
            staged: None,
            guard,
        };
        commit(set, proposal).await?;
        let version = Version::Object(edited(object.clone()));
        Ok(object_info(bucket, key, version, agreed.is_latest, agreed.version_count))
    }

    /// Every drive's own entry is rewritten, so every drive is asked. A version that a crash left on fewer drives than
    /// a change needs is healed first.
    async fn lock_to_rewrite(
        &self,
        bucket: &str,
        key: &str,
        name: &ObjectName,
        wanted: Wanted,
    ) -> Result<(NameGuard, Found), StoreError> {
        let inner = &*self.inner;
        let guard = inner.lock(bucket, name.as_str()).await?;
        // Drives that are a moment behind take part as well.
        inner.shared.commits.all_answered(inner.world(), bucket, name.as_str()).await;
        let found = inner.find(bucket, name.as_str(), wanted, Thoroughness::EveryDrive).await;
        let Some(agreed) = found.agreed() else { return Ok((guard, found)) };
        let Version::Object(object) = &agreed.version else { return Ok((guard, found)) };
        if agreed.holders.iter().flatten().count() >= write_quorum(object.data.into(), object.parity.into()) {
            return Ok((guard, found));
        }
        drop(guard);
        self.heal_object(bucket, key, Some(VersionId::from_uuid(object.version_id)), false).await?;
        let guard = inner.lock(bucket, name.as_str()).await?;
        let found = inner.find(bucket, name.as_str(), wanted, Thoroughness::EveryDrive).await;
        Ok((guard, found))
    }
}
