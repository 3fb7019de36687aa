//! Deleting objects and versions, which object lock may forbid.

use crate::limits::DELETE_CONCURRENCY;
use crate::request::DeleteConditions;
use crate::{Object, Service, ServiceError, VersionId, grant, lock};
use base::Timestamp;
use futures_util::{StreamExt, stream};
use iam::{Action, Grant};
use std::sync::Arc;
use store::{DeleteRequest, Deleted, ObjectInfo, Protect, Rejection, WriteConditions};

/// One key (or version of it) of many to delete.
#[derive(Clone, Debug)]
pub struct DeleteTarget {
    /// [`Action::DeleteObject`] on the key.
    pub grant: Grant,
    /// A version to remove for good.
    pub version: Option<VersionId>,
    /// [`Action::BypassGovernanceRetention`] on the key, when the client asks for the bypass.
    pub bypass: Option<Grant>,
    pub conditions: DeleteConditions,
}

impl Service {
    /// Deletes an object as its bucket's versioning says, or removes one version for good. What doesn't exist is no
    /// error. Grants: [`Action::DeleteObject`]; [`Action::BypassGovernanceRetention`] to bypass governance.
    pub async fn delete_object(
        &self,
        grant: &Grant,
        version: Option<VersionId>,
        bypass: Option<&Grant>,
        conditions: DeleteConditions,
    ) -> Result<Deleted, ServiceError> {
        let bypass = bypass.cloned();
        self.delete(DeleteTarget { grant: grant.clone(), version, bypass, conditions }).await
    }

    /// Deletes many, some at a time; the results are in the order of the targets.
    pub async fn delete_objects(&self, targets: Vec<DeleteTarget>) -> Vec<Result<Deleted, ServiceError>> {
        let deletions = targets.into_iter().map(|target| self.delete(target));
        stream::iter(deletions).buffered(DELETE_CONCURRENCY).collect().await
    }

    /// Removes everything whose key begins with the path of the grant's key, all versions. Grant:
    /// [`Action::DeleteObject`].
    pub async fn delete_prefix(&self, grant: &Grant) -> Result<(), ServiceError> {
        let (bucket, prefix) = grant::object(grant, &[Action::DeleteObject])?;
        if self.bucket_rules(bucket).await?.lock.is_some() {
            return Err(ServiceError::ForceDeleteForbidden { bucket: bucket.to_owned(), bucket_wide: false });
        }
        Ok(self.store.delete_prefix(bucket, prefix).await?)
    }

    async fn delete(&self, target: DeleteTarget) -> Result<Deleted, ServiceError> {
        let DeleteTarget { grant, version, bypass, conditions } = target;
        let (bucket, key) = grant::object(&grant, &[Action::DeleteObject])?;
        let may_bypass = may_bypass(&grant, bypass.as_ref())?;
        let rules = self.bucket_rules(bucket).await?;
        let condition = match conditions {
            none if none == DeleteConditions::default() => None,
            conditions => Some(condition(self.with_stored_etags(bucket, key, version, conditions).await?)),
        };
        let request = DeleteRequest {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            version_id: version,
            versioning: rules.versioning_of(key),
            always_mark: true,
            protect: Some(protect(self.now(), may_bypass)),
            condition,
        };
        Ok(self.store.delete_object(request).await?)
    }

    /// The conditions with etags as the store has them.
    async fn with_stored_etags(
        &self,
        bucket: &str,
        key: &str,
        version: Option<VersionId>,
        conditions: DeleteConditions,
    ) -> Result<DeleteConditions, ServiceError> {
        let etags = WriteConditions { if_match: conditions.if_match, if_none_match: None };
        let if_match = self.stored_conditions(bucket, key, version, etags).await?.if_match;
        Ok(DeleteConditions { if_match, ..conditions })
    }
}

/// Whether a second grant allows to bypass governance on the first one's object.
pub(crate) fn may_bypass(grant: &Grant, bypass: Option<&Grant>) -> Result<bool, ServiceError> {
    let Some(bypass) = bypass else { return Ok(false) };
    grant::check(bypass, &[Action::BypassGovernanceRetention])?;
    grant::same_object(grant, bypass)?;
    Ok(true)
}

/// What the store asks before a version goes for good.
fn protect(now: Timestamp, bypass: bool) -> Protect {
    Protect(Arc::new(move |version: &ObjectInfo| {
        if lock::may_remove(&version.metadata, now, bypass) {
            return Ok(());
        }
        let (bucket, key) = (version.bucket.to_string(), version.key.clone());
        Err(Box::new(ServiceError::ObjectLocked { bucket, key }) as Rejection)
    }))
}

/// What the store asks before anything is deleted.
fn condition(wanted: DeleteConditions) -> Protect {
    Protect(Arc::new(move |version: &ObjectInfo| {
        if holds(&wanted, version) {
            return Ok(());
        }
        let (bucket, key) = (version.bucket.to_string(), version.key.clone());
        Err(Box::new(ServiceError::PreconditionFailed { bucket, key, object: None }) as Rejection)
    }))
}

fn holds(wanted: &DeleteConditions, version: &ObjectInfo) -> bool {
    let etag = wanted.if_match.as_ref().is_none_or(|etags| etags.iter().any(|e| e == "*" || e == version.etag()));
    let modified = wanted.last_modified.is_none_or(|time| time.secs() == version.mod_time.secs());
    etag && modified && wanted.size.is_none_or(|size| size == Object::new(version.clone()).size())
}
