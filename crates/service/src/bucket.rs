//! Buckets and the documents they carry.

use crate::documents::object_lock::ObjectLockConfig;
use crate::documents::versioning::VersioningConfig;
use crate::documents::{DocumentKind, lifecycle, tagging};
use crate::{BucketInfo, NewAccess, Service, ServiceError, Tags, grant};
use bytes::Bytes;
use format::bucket_metadata::BucketMetadata;
use format::names::BucketName;
use iam::{Action, BucketAccess, Caller, Grant, ROOT_ID};
use store::Versioning;

/// The region where whoever makes a bucket again that is its own gets it once more (S3 reference, CreateBucket). It has to be
/// configured: without a region the answer is MinIO's, which its clients know.
const CLASSIC_REGION: &str = "us-east-1";

/// A bucket to make.
#[derive(Clone, Debug, Default)]
pub struct CreateBucket {
    /// The region asked for.
    pub location: Option<String>,
    /// With object lock (and so versioning): [`Action::PutBucketObjectLockConfiguration`] and
    /// [`Action::PutBucketVersioning`] on the bucket.
    pub object_lock: Option<(Grant, Grant)>,
    /// A bucket of that name is no error.
    pub existing_is_fine: bool,
    pub access: NewAccess,
}

impl Service {
    /// Makes a bucket. Grant: [`Action::CreateBucket`].
    pub async fn create_bucket(&self, grant: &Grant, request: CreateBucket) -> Result<BucketInfo, ServiceError> {
        let bucket = grant::bucket(grant, &[Action::CreateBucket])?;
        check_new_name(bucket)?;
        if let Some((lock, versioning)) = &request.object_lock {
            grant::check(lock, &[Action::PutBucketObjectLockConfiguration])?;
            grant::check(versioning, &[Action::PutBucketVersioning])?;
            grant::same_object(grant, lock)?;
            grant::same_object(grant, versioning)?;
        }
        let elsewhere = request.location.as_deref().is_some_and(|location| location != self.region());
        if !self.region().is_empty() && elsewhere {
            return Err(ServiceError::WrongRegion { expected: self.region().to_owned() });
        }
        let metadata = BucketMetadata::new(bucket, self.now(), request.object_lock.is_some());
        let access = self.new_access(grant, &request.access)?;
        match self.store.make_bucket_with(bucket, metadata, Self::new_extras(&access)).await {
            Err(store::StoreError::BucketExists { .. }) if request.existing_is_fine => {
                Ok(self.store.bucket(bucket).await?)
            }
            Err(store::StoreError::BucketExists { bucket }) if !self.is_own(grant.caller(), &bucket) => {
                Err(ServiceError::BucketTaken { bucket })
            }
            Err(store::StoreError::BucketExists { bucket }) if self.region() == CLASSIC_REGION => {
                self.make_again(bucket, &access).await
            }
            result => Ok(result?),
        }
    }

    /// A bucket for whom it belongs to already: as it is, unless it is to have another list than it has.
    async fn make_again(&self, bucket: String, asked: &BucketAccess) -> Result<BucketInfo, ServiceError> {
        if self.readable_access(&bucket).await?.acl == asked.acl {
            Ok(self.store.bucket(&bucket).await?)
        } else {
            Err(ServiceError::BucketTaken { bucket })
        }
    }

    /// Whether a bucket that `caller` stands before is its own: what root made is everybody's, as in one account.
    fn is_own(&self, caller: &Caller, bucket: &str) -> bool {
        let owner = self.bucket_owner(caller, bucket);
        owner == ROOT_ID || self.iam().owner_id(caller) == Some(owner)
    }

    /// That a bucket is there, for any action on it.
    pub async fn bucket_exists(&self, grant: &Grant) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[])?;
        self.store.bucket_metadata(bucket).await?;
        Ok(())
    }

    /// A bucket. Grant: [`Action::HeadBucket`] or [`Action::ListBucket`].
    pub async fn head_bucket(&self, grant: &Grant) -> Result<BucketInfo, ServiceError> {
        let bucket = grant::bucket(grant, &[Action::HeadBucket, Action::ListBucket])?;
        Ok(self.store.bucket(bucket).await?)
    }

    /// All buckets, in byte order; where accounts are apart, those of the caller. Grant: [`Action::ListAllMyBuckets`].
    pub async fn list_buckets(&self, grant: &Grant) -> Result<Vec<BucketInfo>, ServiceError> {
        grant::check(grant, &[Action::ListAllMyBuckets])?;
        let mut buckets = self.store.list_buckets().await?;
        let caller = grant.caller();
        if self.rules.separate_accounts && !self.iam().is_administrator(caller) {
            let mut own = Vec::new();
            for bucket in buckets {
                if self.is_owner(caller, &bucket.name).await {
                    own.push(bucket);
                }
            }
            buckets = own;
        }
        Ok(buckets)
    }

    /// Where a bucket is: the server's region. Grant: [`Action::GetBucketLocation`].
    pub async fn bucket_location(&self, grant: &Grant) -> Result<String, ServiceError> {
        let bucket = grant::bucket(grant, &[Action::GetBucketLocation])?;
        self.store.bucket_metadata(bucket).await?;
        Ok(self.region().to_owned())
    }

    /// Removes an empty bucket; with `force` ([`Action::ForceDeleteBucket`]) one with everything in it, which need
    /// not exist. Grant: [`Action::DeleteBucket`].
    pub async fn delete_bucket(&self, grant: &Grant, force: Option<&Grant>) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[Action::DeleteBucket])?;
        let metadata = match self.store.bucket_metadata(bucket).await {
            Err(store::StoreError::BucketNotFound { .. }) if force.is_some() => return Ok(()),
            result => result?,
        };
        if let Some(force) = force {
            grant::check(force, &[Action::ForceDeleteBucket])?;
            grant::same_object(grant, force)?;
            if !metadata.object_lock_xml.is_empty() || !metadata.replication_xml.is_empty() {
                return Err(ServiceError::ForceDeleteForbidden { bucket: bucket.to_owned(), bucket_wide: true });
            }
        }
        let versioned = !metadata.versioning_xml.is_empty();
        match self.store.delete_bucket(bucket, force.is_some()).await {
            Err(store::StoreError::BucketNotEmpty { bucket }) => {
                Err(ServiceError::BucketNotEmpty { bucket, versioned })
            }
            result => Ok(result?),
        }
    }

    /// A document as stored, without what clients never see. Grant: [`DocumentKind::read_action`].
    pub async fn bucket_document(&self, grant: &Grant, kind: DocumentKind) -> Result<Bytes, ServiceError> {
        let bucket = grant::bucket(grant, &[kind.read_action()])?;
        let metadata = self.store.bucket_metadata(bucket).await?;
        let document = match kind {
            DocumentKind::Lifecycle => lifecycle::shown(&metadata.lifecycle_xml).into(),
            kind => kind.stored(&metadata).clone(),
        };
        if document.is_empty() {
            return Err(ServiceError::NoSuchDocument { bucket: bucket.to_owned(), kind });
        }
        Ok(document)
    }

    /// Sets a bucket's versioning. Grant: [`Action::PutBucketVersioning`].
    pub async fn put_versioning(&self, grant: &Grant, document: &[u8]) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[Action::PutBucketVersioning])?;
        let config = VersioningConfig::parse(document)?;
        let metadata = self.store.bucket_metadata(bucket).await?;
        if config.status != Versioning::Enabled {
            let invalid = |reason| ServiceError::InvalidBucketState { bucket: bucket.to_owned(), reason };
            if !metadata.object_lock_xml.is_empty() {
                return Err(invalid(
                    "An Object Lock configuration is present on this bucket, versioning cannot be suspended.",
                ));
            }
            if !metadata.replication_xml.is_empty() {
                return Err(invalid(
                    "A replication configuration is present on this bucket, bucket wide versioning cannot be suspended.",
                ));
            }
        }
        let xml = Bytes::from(config.to_xml());
        self.edit(bucket, move |metadata, now| {
            metadata.versioning_xml = xml;
            metadata.versioning_updated = now;
        })
        .await
    }

    /// Sets the default retention of a bucket; on one that was made without object lock, which must be versioned, turns
    /// it on. Grant:
    /// [`Action::PutBucketObjectLockConfiguration`].
    pub async fn put_object_lock(&self, grant: &Grant, document: &[u8]) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[Action::PutBucketObjectLockConfiguration])?;
        let config = ObjectLockConfig::parse(document)?;
        let rules = self.bucket_rules(bucket).await?;
        if rules.lock.is_none() && rules.versioning.status != Versioning::Enabled {
            return Err(ServiceError::LockNotEnableable { bucket: bucket.to_owned() });
        }
        let xml = Bytes::from(config.to_xml());
        self.edit(bucket, move |metadata, now| {
            metadata.object_lock_xml = xml;
            metadata.object_lock_updated = now;
        })
        .await
    }

    /// Sets a bucket's lifecycle. Grant: [`Action::PutLifecycleConfiguration`].
    pub async fn put_lifecycle(&self, grant: &Grant, document: &[u8]) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[Action::PutLifecycleConfiguration])?;
        let locked = self.bucket_rules(bucket).await?.lock.is_some();
        let xml = lifecycle::rules::stored(document, locked, self.now(), &*self.world.random)?;
        self.edit(bucket, move |metadata, now| {
            metadata.lifecycle_xml = xml.into();
            metadata.lifecycle_updated = now;
        })
        .await
    }

    /// Removes a bucket's lifecycle. Grant: [`Action::PutLifecycleConfiguration`].
    pub async fn delete_lifecycle(&self, grant: &Grant) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[Action::PutLifecycleConfiguration])?;
        self.edit(bucket, move |metadata, now| {
            metadata.lifecycle_xml = lifecycle::rules::removed(&metadata.lifecycle_xml, now).into();
            metadata.lifecycle_updated = now;
        })
        .await
    }

    /// A bucket's tags; [`ServiceError::NoSuchTagSet`] if it has none. Grant: [`Action::GetBucketTagging`].
    pub async fn bucket_tags(&self, grant: &Grant) -> Result<Tags, ServiceError> {
        let bucket = grant::bucket(grant, &[Action::GetBucketTagging])?;
        let metadata = self.store.bucket_metadata(bucket).await?;
        if metadata.tagging_xml.is_empty() {
            return Err(ServiceError::NoSuchTagSet { bucket: bucket.to_owned() });
        }
        tagging::from_stored(&metadata.tagging_xml)
    }

    /// Replaces a bucket's tags. Grant: [`Action::PutBucketTagging`].
    pub async fn put_bucket_tags(&self, grant: &Grant, tags: Tags) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[Action::PutBucketTagging])?;
        self.replace_bucket_tags(bucket, Bytes::from(tagging::to_xml(&tags))).await
    }

    /// Removes a bucket's tags. Grant: [`Action::PutBucketTagging`].
    pub async fn delete_bucket_tags(&self, grant: &Grant) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[Action::PutBucketTagging])?;
        self.replace_bucket_tags(bucket, Bytes::new()).await
    }

    async fn replace_bucket_tags(&self, bucket: &str, xml: Bytes) -> Result<(), ServiceError> {
        self.edit(bucket, move |metadata, now| {
            metadata.tagging_xml = xml;
            metadata.tagging_updated = now;
        })
        .await
    }

    async fn edit(
        &self,
        bucket: &str,
        edit: impl FnOnce(&mut BucketMetadata, base::Timestamp) + Send,
    ) -> Result<(), ServiceError> {
        let now = self.now();
        Ok(self.store.update_bucket_metadata(bucket, |metadata| edit(metadata, now)).await?)
    }
}

/// The rules for new buckets are stricter than those for directories found on drives.
fn check_new_name(bucket: &str) -> Result<(), ServiceError> {
    let invalid = |reason| ServiceError::InvalidBucketName { bucket: bucket.to_owned(), reason };
    let name = BucketName::new(bucket).map_err(|_| invalid("not a valid bucket name"))?;
    if name.is_reserved() { Err(invalid("the name is reserved")) } else { Ok(()) }
}
