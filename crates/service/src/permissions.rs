//! Asking for permission: the one way to a [`Grant`], and what must be known before it can be asked for.

use crate::{BucketInfo, Object, Service, ServiceError, Tags, VersionId};
use bytes::Bytes;
use iam::{Action, BucketPolicy, Caller, Circumstances, Grant};
use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;

/// Bucket policies kept in parsed form. More are parsed again: some microseconds each.
const KEPT_POLICIES: usize = 1_000;

/// Bucket policies by bucket, each with the document that it was made from.
#[derive(Default)]
pub(crate) struct ParsedPolicies(Mutex<HashMap<String, (Bytes, Arc<BucketPolicy>)>>);

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

    /// Whoever came without a signature, as far as the policies of these buckets let anybody in. A bucket that isn't
    /// there, or whose policy can't be read, lets nobody in.
    pub async fn anonymous(&self, buckets: &[&str]) -> Caller {
        let mut policies = Vec::new();
        for bucket in buckets.iter().filter(|bucket| !bucket.is_empty()) {
            if let Some(policy) = self.bucket_policy(bucket).await {
                policies.push(((*bucket).to_owned(), policy));
            }
        }
        self.iam().anonymous(policies)
    }

    async fn bucket_policy(&self, bucket: &str) -> Option<Arc<BucketPolicy>> {
        let document = self.store.bucket_metadata(bucket).await.ok()?.policy_json.clone();
        if document.is_empty() {
            return None;
        }
        let mut parsed = self.policies.0.lock();
        if let Some((_, policy)) = parsed.get(bucket).filter(|(known, _)| *known == document) {
            return Some(Arc::clone(policy));
        }
        let policy = match BucketPolicy::parse(&document, bucket) {
            Ok(policy) => Arc::new(policy),
            Err(error) => {
                tracing::error!(bucket, %error, "the bucket's policy can't be read, it lets nobody in");
                return None;
            }
        };
        if parsed.len() >= KEPT_POLICIES {
            parsed.clear();
        }
        parsed.insert(bucket.to_owned(), (document, Arc::clone(&policy)));
        Some(policy)
    }

    /// The tags of an object, for the policies alone: `None` unless a policy of `caller` depends on them. Nothing else
    /// of the object is told, and whether it exists isn't either.
    pub async fn tags_to_judge_by(
        &self,
        caller: &Caller,
        bucket: &str,
        key: &str,
        version: Option<VersionId>,
    ) -> Option<Tags> {
        if !self.iam().judges_by_tags(caller, bucket) {
            return None;
        }
        let info = self.store.object_info(bucket, key, version).await.ok()?;
        Some(Object::new(info).tags())
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

    /// Whether everybody may both read and write the bucket, as `GetBucketPolicyStatus` has it. Grant:
    /// [`Action::GetBucketPolicyStatus`].
    pub async fn bucket_is_public(
        &self,
        grant: &Grant,
        circumstances: &dyn Circumstances,
    ) -> Result<bool, ServiceError> {
        let bucket = crate::grant::bucket(grant, &[Action::GetBucketPolicyStatus])?;
        self.store.bucket_metadata(bucket).await?;
        let anybody = self.anonymous(&[bucket]).await;
        let may = |action, key| self.iam().authorize(&anybody, action, Some(bucket), key, circumstances).is_ok();
        Ok(may(Action::ListBucket, None) && may(Action::PutObject, None))
    }
}
