//! Asking for permission: the one way to a [`Grant`], and what must be known before it can be asked for.

use crate::{BucketInfo, Object, Service, ServiceError, Tags, VersionId};
use iam::{Acl, Action, Caller, Circumstances, Grant};

/// What is asked of an object before it is decided who may do something to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct ObjectToJudge {
    pub tags: Tags,
    pub acl: Acl,
}

impl Service {
    /// Whether `caller` may do `action`: the grant is what the operations ask for.
    pub fn authorize(
        &self,
        caller: &Caller,
        action: Action,
        bucket: Option<&str>,
        key: Option<&str>,
        circumstances: &dyn Circumstances,
    ) -> Result<Grant, ServiceError> {
        Ok(self.iam().authorize(caller, action, bucket, key, circumstances)?)
    }

    /// Whether nothing denies `action` to `caller`, who needs no permission for it beside that for the operation.
    pub fn authorize_unless_denied(
        &self,
        caller: &Caller,
        action: Action,
        bucket: Option<&str>,
        key: Option<&str>,
        circumstances: &dyn Circumstances,
    ) -> Result<Grant, ServiceError> {
        Ok(self.iam().authorize_unless_denied(caller, action, bucket, key, circumstances)?)
    }

    /// What policies and lists ask of an object, for them alone: `None` unless those before `caller` depend on it. Nothing
    /// else of the object is told, and whether it exists isn't either.
    pub async fn object_to_judge_by(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &str,
        version: Option<VersionId>,
    ) -> Option<ObjectToJudge> {
        let iam = self.iam();
        if !iam.judges_by_tags(caller, bucket) && !iam.judges_by_lists(caller, bucket) {
            return None;
        }
        self.object_to_judge(caller, bucket, key, version).await.ok()
    }

    /// The same of any object; [`ServiceError::NoSuchKey`] and the like where there is none.
    pub async fn object_to_judge(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &str,
        version: Option<VersionId>,
    ) -> Result<ObjectToJudge, ServiceError> {
        let object = Object::new(self.store.object_info(bucket, key, version).await?);
        let acl = object.acl().unwrap_or_else(|| Acl::private(self.bucket_owner(caller, bucket)));
        Ok(ObjectToJudge { tags: object.tags(), acl })
    }

    /// The buckets of which `ask` gives a grant, in byte order: for callers who may not list all.
    /// [`ServiceError::Denied`] if there are none.
    pub async fn list_granted_buckets(
        &self,
        caller: &Caller,
        ask: impl Fn(&str) -> Option<Grant>,
    ) -> Result<Vec<BucketInfo>, ServiceError> {
        let granted = |bucket: &BucketInfo| {
            ask(&bucket.name).is_some_and(|grant| grant.bucket() == Some(&bucket.name) && grant.caller() == caller)
        };
        let mut buckets = self.store.list_buckets().await?;
        buckets.retain(granted);
        if buckets.is_empty() {
            let access_key = caller.access_key().map(str::to_owned);
            return Err(ServiceError::Denied(iam::Denied { access_key, action: Action::ListAllMyBuckets }));
        }
        Ok(buckets)
    }
}
