//! Retention and legal hold of stored versions.

use crate::delete::may_bypass;
use crate::{Object, Retention, Service, ServiceError, VersionId, grant, lock};
use iam::{Action, Grant};
use store::{Metadata, ObjectInfo, Rejection};

impl Service {
    /// A version's retention; [`ServiceError::NoObjectLock`] if it has none. Grant: [`Action::GetObjectRetention`].
    pub async fn retention(&self, grant: &Grant, version: Option<VersionId>) -> Result<Retention, ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::GetObjectRetention])?;
        let object = self.locked_object(bucket, key, version).await?;
        object.retention().ok_or_else(|| no_lock(bucket, key))
    }

    /// Whether a version's legal hold is on; [`ServiceError::NoObjectLock`] if it was never set. Grant:
    /// [`Action::GetObjectLegalHold`].
    pub async fn legal_hold(&self, grant: &Grant, version: Option<VersionId>) -> Result<bool, ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::GetObjectLegalHold])?;
        let object = self.locked_object(bucket, key, version).await?;
        object.legal_hold().ok_or_else(|| no_lock(bucket, key))
    }

    /// Sets or (with `None`) removes a version's retention, as far as the present one allows. Grants:
    /// [`Action::PutObjectRetention`]; [`Action::BypassGovernanceRetention`] to bypass governance, which is enough alone.
    pub async fn put_retention(
        &self,
        grant: &Grant,
        version: Option<VersionId>,
        retention: Option<Retention>,
        bypass: Option<&Grant>,
    ) -> Result<VersionId, ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::PutObjectRetention, Action::BypassGovernanceRetention])?;
        let may_bypass = may_bypass(grant, bypass)?;
        let now = self.now();
        self.check_lock(bucket).await?;
        if let Some(retention) = retention {
            lock::check_future(retention, now)?;
        }
        let edit = move |info: &ObjectInfo, metadata: &mut Metadata| {
            let old = lock::stored_retention(&info.metadata);
            if lock::may_change(old, retention, now, may_bypass) {
                lock::set_retention(metadata, retention);
                return Ok(());
            }
            let (bucket, key) = (info.bucket.to_string(), info.key.clone());
            Err(Box::new(ServiceError::ObjectLocked { bucket, key }) as Rejection)
        };
        Ok(self.store.update_metadata(bucket, key, version, false, edit).await?.version_id)
    }

    /// Switches a version's legal hold. Grant: [`Action::PutObjectLegalHold`].
    pub async fn put_legal_hold(
        &self,
        grant: &Grant,
        version: Option<VersionId>,
        on: bool,
    ) -> Result<VersionId, ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::PutObjectLegalHold])?;
        self.check_lock(bucket).await?;
        let edit = move |_: &ObjectInfo, metadata: &mut Metadata| {
            lock::set_legal_hold(metadata, on);
            Ok(())
        };
        Ok(self.store.update_metadata(bucket, key, version, false, edit).await?.version_id)
    }

    async fn locked_object(&self, bucket: &str, key: &str, version: Option<VersionId>) -> Result<Object, ServiceError> {
        self.check_lock(bucket).await?;
        Ok(Object::new(self.store.object_info(bucket, key, version).await?))
    }

    async fn check_lock(&self, bucket: &str) -> Result<(), ServiceError> {
        match self.bucket_rules(bucket).await?.lock {
            Some(_) => Ok(()),
            None => Err(ServiceError::BucketWithoutLock { bucket: bucket.to_owned() }),
        }
    }
}

fn no_lock(bucket: &str, key: &str) -> ServiceError {
    ServiceError::NoObjectLock { bucket: bucket.to_owned(), key: key.to_owned() }
}
