//! Tags of objects.

use crate::put::set_tags;
use crate::{Object, Service, ServiceError, Tags, VersionId, grant};
use iam::{Action, Grant};

impl Service {
    /// An object's tags, and the version they are of. Grant: [`Action::GetObjectTagging`] or its form for versions.
    pub async fn object_tags(
        &self,
        grant: &Grant,
        version: Option<VersionId>,
    ) -> Result<(Tags, VersionId), ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::GetObjectTagging, Action::GetObjectVersionTagging])?;
        let object = Object::new(self.store.object_info(bucket, key, version).await?);
        Ok((object.tags(), object.version()))
    }

    /// Replaces an object's tags; its modification time stays. Gives the version changed. Grant:
    /// [`Action::PutObjectTagging`] or its form for versions.
    pub async fn put_object_tags(
        &self,
        grant: &Grant,
        version: Option<VersionId>,
        tags: Tags,
    ) -> Result<VersionId, ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::PutObjectTagging, Action::PutObjectVersionTagging])?;
        self.replace_tags(bucket, key, version, tags).await
    }

    /// Removes an object's tags. Gives the version changed. Grant: [`Action::DeleteObjectTagging`] or its form for
    /// versions.
    pub async fn delete_object_tags(
        &self,
        grant: &Grant,
        version: Option<VersionId>,
    ) -> Result<VersionId, ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::DeleteObjectTagging, Action::DeleteObjectVersionTagging])?;
        self.replace_tags(bucket, key, version, Tags::default()).await
    }

    async fn replace_tags(
        &self,
        bucket: &str,
        key: &str,
        version: Option<VersionId>,
        tags: Tags,
    ) -> Result<VersionId, ServiceError> {
        let edit = move |_: &_, metadata: &mut _| {
            set_tags(metadata, &tags);
            Ok(())
        };
        let info = self.store.update_metadata(bucket, key, version, false, edit).await?;
        Ok(info.version_id)
    }
}
