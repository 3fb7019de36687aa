//! CreateMultipartUpload: the record of an object to be.

use super::{hash_of, hash_path, upload_path};
use crate::commit::{Proposal, commit};
use crate::find::Thoroughness;
use crate::info::{check_conditions, stored_metadata};
use crate::layout::Layout;
use crate::quorum::Wanted;
use crate::set::{Redundancy, Set};
use crate::write::entry_for;
use crate::{Store, StoreError, UploadInfo, UploadRequest};
use base::Timestamp;
use bytes::Bytes;
use drive::{Change, DataSource, Inline};
use format::names::{ObjectName, SYSTEM_BUCKET};
use format::object_meta_keys::{sys, user};
use format::upload::UploadDir;
use format::xl::{ObjectVersion, Version};
use std::sync::Arc;

impl Store {
    /// Begins an upload. Directory objects can't be uploaded in parts: [`StoreError::BadKey`].
    pub async fn new_upload(&self, request: UploadRequest) -> Result<UploadInfo, StoreError> {
        let inner = &*self.inner;
        self.bucket(&request.bucket).await?;
        let (bucket, key) = (&request.bucket, &request.key);
        let name = inner.name(key)?;
        if name.is_dir() {
            return Err(StoreError::BadKey { key: key.clone(), reason: "a directory object has no parts" });
        }
        if !request.conditions.is_empty() {
            let found = inner.find(bucket, name.as_str(), Wanted::Latest, Thoroughness::Quick).await;
            if found.agreed().is_none() && !found.failure().is_absence() {
                return Err(found.failure().into_error(bucket, key, Wanted::Latest));
            }
            check_conditions(&request.conditions, found.info(bucket, key).as_ref(), bucket, key)?;
        }
        let hash = hash_of(bucket, &name)?;
        let set = self.set_for_upload(bucket, &name, &hash).await?;
        let layout = set.new_layout(bucket, name.as_str(), Redundancy::Class(request.storage_class))?;
        let initiated = inner.world().clock.now();
        let dir = UploadDir::new(inner.world().random.uuid(), initiated);
        let object = self.object_to_be(&request, &layout, initiated);
        let metadata = stored_metadata(&object);

        let _same_object = inner.lock(SYSTEM_BUCKET, &hash_path(&hash)).await?;
        self.remember_name(&set, &hash, bucket, &name).await;
        self.write_record(&set, &layout, upload_path(&hash, &dir), object).await?;
        let upload_id = dir.upload_id(inner.deployment_id);
        Ok(UploadInfo { bucket: bucket.clone(), key: key.clone(), upload_id, initiated, metadata })
    }

    /// The set in the pool that has an upload of the object already, else in one chosen as for any write.
    async fn set_for_upload(&self, bucket: &str, name: &ObjectName, hash: &str) -> Result<Arc<Set>, StoreError> {
        let pools = &self.inner.pools;
        if pools.len() > 1 {
            for pool in pools {
                let set = pool.set_of(name.as_str());
                if !self.uploads_in(set, hash).await?.is_empty() {
                    return Ok(Arc::clone(set));
                }
            }
        }
        self.inner.set_for_write(bucket, name.as_str(), None).await.cloned()
    }

    fn object_to_be(&self, request: &UploadRequest, layout: &Layout, initiated: Timestamp) -> ObjectVersion {
        let inner = &*self.inner;
        let crate::Metadata { user: mut meta_user, system: mut meta_sys } = request.metadata.clone();
        if meta_user.get(user::STORAGE_CLASS).is_some_and(|class| class == "STANDARD") {
            meta_user.remove(user::STORAGE_CLASS);
        }
        if let Some(parity) = layout.upgraded_from {
            let change = format!("{parity}->{}", layout.parity_u8());
            meta_sys.insert(sys::ERASURE_UPGRADED.to_owned(), change.into());
        }
        ObjectVersion {
            version_id: inner.new_version_id(request.versioning),
            data_dir: inner.world().random.uuid(),
            data: layout.data_u8(),
            parity: layout.parity_u8(),
            block_size: layout.geometry.block_size(),
            distribution: layout.distribution.clone(),
            mod_time: initiated,
            meta_sys,
            meta_user,
            writer_version: inner.release,
            ..ObjectVersion::default()
        }
    }

    async fn write_record(
        &self,
        set: &Arc<Set>,
        layout: &Layout,
        path: String,
        object: ObjectVersion,
    ) -> Result<(), StoreError> {
        let guard = self.inner.lock(SYSTEM_BUCKET, &path).await?;
        let version_id = object.version_id;
        let mut version = Version::Object(object);
        let mut change = |position: usize| {
            let version = entry_for(&mut version, layout.distribution[position]);
            // MinIO's records have an empty shard in them.
            Some(Change::Write { version, inline: Inline::Set(Bytes::new()), data: DataSource::None, heal: false })
        };
        let changes = (0..set.size()).map(&mut change).collect();
        let proposal = Proposal {
            bucket: SYSTEM_BUCKET.to_owned(),
            object: path,
            changes,
            drives: set.drives(),
            quorum: layout.write_quorum(),
            version: Some(version_id),
            staged: None,
            guard,
        };
        commit(set, proposal).await
    }
}
