//! What buckets say of their access: read and kept in parsed form, and changed (docs/access-control.md).

use crate::acl::{AskedAcl, owner_of};
use crate::{DocumentKind, Service, ServiceError, grant};
use bytes::Bytes;
use format::bucket_extras::BucketExtras;
use iam::{
    Action, BucketAccess, BucketPolicy, Caller, Grant, ObjectOwnership, POLICY_VERSION, PublicAccessBlock, ROOT_ID,
};
use parking_lot::Mutex;
use serde_json::{Value, json};
use std::collections::HashMap;
use std::sync::Arc;
use store::StoreError;

/// Buckets whose access is kept in parsed form. More are parsed again: some microseconds each.
const KEPT: usize = 1_000;
/// The documents of ours: owner, list, ownership controls and public access block; and a policy that MinIO can't read.
const ACCESS: &str = "access";
const POLICY: &str = "policy";

/// What buckets say, each with the documents that it was made from.
#[derive(Default)]
pub(crate) struct ParsedAccesses(Mutex<HashMap<String, (Documents, Arc<BucketAccess>)>>);

#[derive(PartialEq)]
struct Documents {
    policy: Bytes,
    access: Bytes,
}

impl Documents {
    fn is_empty(&self) -> bool {
        self.policy.is_empty() && self.access.is_empty()
    }

    fn parse(&self, bucket: &str) -> BucketAccess {
        let mut access = match self.access.is_empty() {
            true => BucketAccess::default(),
            false => BucketAccess::from_json(&self.access),
        };
        if access.unreadable {
            tracing::error!(
                bucket,
                "what is kept of the bucket's access can't be read, only administrators are let in"
            );
        }
        if !self.policy.is_empty() {
            match BucketPolicy::parse(&self.policy, bucket) {
                Ok(policy) => access.policy = Some(Arc::new(policy)),
                Err(error) => tracing::error!(bucket, %error, "the bucket's policy can't be read, it lets nobody in"),
            }
        }
        access
    }
}

/// What a new bucket is to say of its access.
#[derive(Clone, Debug, Default)]
pub struct NewAccess {
    pub acl: Option<AskedAcl>,
    pub ownership: Option<ObjectOwnership>,
}

impl Service {
    /// A caller before the buckets that its request is about. What can't be read lets nobody but administrators in.
    pub async fn before(&self, caller: Caller, buckets: &[&str]) -> Caller {
        let mut places = Vec::new();
        for bucket in buckets.iter().filter(|bucket| !bucket.is_empty()) {
            if let Some(access) = self.access(bucket).await {
                places.push(((*bucket).to_owned(), access));
            }
        }
        caller.before(places)
    }

    /// What a bucket says; `None` if nothing, or if it isn't there.
    async fn access(&self, bucket: &str) -> Option<Arc<BucketAccess>> {
        let documents = match self.access_documents(bucket).await {
            Ok(documents) if documents.is_empty() => {
                let apart = self.rules.separate_accounts;
                return apart.then(|| Arc::new(BucketAccess { apart, ..BucketAccess::default() }));
            }
            Ok(documents) => documents,
            Err(StoreError::BucketNotFound { .. }) => return None,
            Err(error) => {
                tracing::error!(bucket, %error, "what is kept of the bucket's access can't be read");
                return Some(Arc::new(BucketAccess { unreadable: true, ..BucketAccess::default() }));
            }
        };
        let mut parsed = self.accesses.0.lock();
        if let Some((_, access)) = parsed.get(bucket).filter(|(known, _)| *known == documents) {
            return Some(Arc::clone(access));
        }
        let apart = self.rules.separate_accounts;
        let access = Arc::new(BucketAccess { apart, ..documents.parse(bucket) });
        if parsed.len() >= KEPT {
            parsed.clear();
        }
        parsed.insert(bucket.to_owned(), (documents, Arc::clone(&access)));
        Some(access)
    }

    async fn access_documents(&self, bucket: &str) -> Result<Documents, StoreError> {
        let metadata = self.store.bucket_metadata(bucket).await?;
        let extras = self.store.bucket_extras(bucket).await?;
        if metadata.policy_json.is_empty() && extras.documents.is_empty() {
            return Ok(Documents { policy: Bytes::new(), access: Bytes::new() });
        }
        let policy = match metadata.policy_json.is_empty() {
            true => own_policy(&extras, metadata.policy_updated.nanos()),
            false => metadata.policy_json.clone(),
        };
        Ok(Documents { policy, access: extras.document(ACCESS) })
    }

    /// The same for telling or changing it.
    pub(crate) async fn readable_access(&self, bucket: &str) -> Result<Arc<BucketAccess>, ServiceError> {
        self.store.bucket_metadata(bucket).await?;
        let access = self.access(bucket).await.unwrap_or_default();
        if access.unreadable {
            return Err(ServiceError::Internal { what: format!("the access of bucket '{bucket}' can't be read") });
        }
        Ok(access)
    }

    /// The id of the owner of a bucket that `caller` stands before.
    pub fn bucket_owner<'a>(&self, caller: &'a Caller, bucket: &str) -> &'a str {
        owner_of(caller.access(bucket).map(AsRef::as_ref))
    }

    pub(crate) async fn edit_access(
        &self,
        bucket: &str,
        edit: impl FnOnce(&mut BucketAccess) + Send,
    ) -> Result<(), ServiceError> {
        let edit = |extras: &mut BucketExtras| {
            let stored = extras.document(ACCESS);
            let mut access = if stored.is_empty() { BucketAccess::default() } else { BucketAccess::from_json(&stored) };
            if access.unreadable {
                return Err(ServiceError::Internal { what: format!("the access of bucket '{bucket}' can't be read") });
            }
            edit(&mut access);
            extras.set(ACCESS, access.to_json().map_or_else(Bytes::new, |json| Bytes::from(json.to_string())));
            Ok(())
        };
        self.store.update_bucket_extras(bucket, edit).await
    }

    /// What a bucket that `grant`'s caller makes says of its access.
    pub(crate) fn new_access(&self, grant: &Grant, new: &NewAccess) -> Result<BucketAccess, ServiceError> {
        let owner = self.iam().owner_id(grant.caller()).unwrap_or(ROOT_ID);
        let mut access = BucketAccess {
            owner: (owner != ROOT_ID).then(|| owner.to_owned()),
            ownership: new.ownership,
            ..BucketAccess::default()
        };
        if let Some(asked) = &new.acl {
            let bucket = grant.bucket().unwrap_or_default();
            let acl = self.check_list(grant, bucket, Some(&access), asked, owner)?;
            // Many clients say so of every bucket that they make: it is the default, not a wish for lists.
            access.acl = Some(acl).filter(|acl| *acl != iam::Acl::private(owner));
        }
        Ok(access)
    }

    /// The documents of a new bucket.
    pub(crate) fn new_extras(access: &BucketAccess) -> BucketExtras {
        let mut extras = BucketExtras::default();
        extras.set(ACCESS, access.to_json().map_or_else(Bytes::new, |json| Bytes::from(json.to_string())));
        extras
    }

    /// The id of a bucket's owner, whoever asks.
    pub(crate) async fn owner_id_of(&self, bucket: &str) -> String {
        owner_of(self.access(bucket).await.as_deref()).to_owned()
    }

    /// Whether a bucket belongs to `caller`, wherever that stands.
    pub(crate) async fn is_owner(&self, caller: &Caller, bucket: &str) -> bool {
        let access = self.access(bucket).await;
        self.iam().owner_id(caller) == Some(owner_of(access.as_deref()))
    }

    /// Whether there is no bucket of this name, for those who aren't let in: names are no secret.
    pub async fn is_bucket_missing(&self, bucket: &str) -> bool {
        matches!(self.store.bucket_metadata(bucket).await, Err(StoreError::BucketNotFound { .. }))
    }

    /// A bucket's policy. Grant: [`Action::GetBucketPolicy`].
    pub async fn bucket_policy(&self, grant: &Grant) -> Result<Bytes, ServiceError> {
        let bucket = grant::bucket(grant, &[Action::GetBucketPolicy])?;
        let document = self.access_documents(bucket).await?.policy;
        if document.is_empty() {
            return Err(ServiceError::NoSuchDocument { bucket: bucket.to_owned(), kind: DocumentKind::Policy });
        }
        Ok(document)
    }

    /// Sets a bucket's policy. Grant: [`Action::PutBucketPolicy`].
    pub async fn put_bucket_policy(&self, grant: &Grant, document: &[u8]) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[Action::PutBucketPolicy])?;
        let access = self.readable_access(bucket).await?;
        let malformed = |reason: String| ServiceError::MalformedPolicy { reason };
        let policy = BucketPolicy::parse(document, bucket).map_err(|error| malformed(error.to_string()))?;
        if policy.version() != POLICY_VERSION {
            return Err(malformed(format!("invalid version '{}'", policy.version())));
        }
        if access.blocked().block_public_policy && policy.is_public() {
            let access_key = grant.caller().access_key().map(str::to_owned);
            return Err(ServiceError::Denied(iam::Denied { access_key, action: grant.action() }));
        }
        // As it was written, as AWS gives it back; what stands behind it is no part of it.
        let whole = serde_json::from_slice::<Value>(document).is_ok();
        let text = if whole { Bytes::copy_from_slice(document) } else { Bytes::from(policy.to_json().to_string()) };
        self.store_policy(bucket, text, policy.is_minios(bucket)).await
    }

    /// Removes a bucket's policy; none is fine. Grant: [`Action::DeleteBucketPolicy`].
    pub async fn delete_bucket_policy(&self, grant: &Grant) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[Action::DeleteBucketPolicy])?;
        self.store_policy(bucket, Bytes::new(), true).await
    }

    /// A policy that MinIO reads is stored where it does. In place of one that it doesn't MinIO finds none, which there
    /// lets nobody in.
    async fn store_policy(&self, bucket: &str, policy: Bytes, is_minios: bool) -> Result<(), ServiceError> {
        let now = self.now();
        let own = (!is_minios).then(|| {
            let text = String::from_utf8_lossy(&policy);
            json!({ "updated": now.nanos(), "policy": text }).to_string()
        });
        let minios = if is_minios { policy } else { Bytes::new() };
        let has_own = !self.store.bucket_extras(bucket).await?.document(POLICY).is_empty();
        if own.is_some() || has_own {
            let edit = |extras: &mut BucketExtras| {
                extras.set(POLICY, own.map_or_else(Bytes::new, Bytes::from));
                Ok::<_, ServiceError>(())
            };
            self.store.update_bucket_extras(bucket, edit).await?;
        }
        let edit = move |metadata: &mut format::bucket_metadata::BucketMetadata| {
            metadata.policy_json = minios;
            metadata.policy_updated = now;
        };
        Ok(self.store.update_bucket_metadata(bucket, edit).await?)
    }

    /// Whether everybody is let into a bucket, by its policy or its list. Grant: [`Action::GetBucketPolicyStatus`].
    pub async fn bucket_is_public(&self, grant: &Grant) -> Result<bool, ServiceError> {
        let bucket = grant::bucket(grant, &[Action::GetBucketPolicyStatus])?;
        Ok(self.readable_access(bucket).await?.is_public())
    }

    /// A bucket's ownership controls. Grant: [`Action::GetBucketOwnershipControls`], or [`Action::GetBucketPolicy`] in its place.
    pub async fn ownership(&self, grant: &Grant) -> Result<ObjectOwnership, ServiceError> {
        let bucket = grant::bucket(grant, &[Action::GetBucketOwnershipControls, Action::GetBucketPolicy])?;
        let ownership = self.readable_access(bucket).await?.ownership;
        ownership.ok_or_else(|| ServiceError::NoOwnershipControls { bucket: bucket.to_owned() })
    }

    /// Sets or (with `None`) removes a bucket's ownership controls. Grant: [`Action::PutBucketOwnershipControls`], or [`Action::PutBucketPolicy`] in its place.
    pub async fn put_ownership(&self, grant: &Grant, ownership: Option<ObjectOwnership>) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[Action::PutBucketOwnershipControls, Action::PutBucketPolicy])?;
        let access = self.readable_access(bucket).await?;
        let enforced = ownership == Some(ObjectOwnership::BucketOwnerEnforced);
        if enforced && access.acl.as_ref().is_some_and(|acl| !acl.is_private()) {
            return Err(ServiceError::AclInUse { bucket: bucket.to_owned() });
        }
        self.edit_access(bucket, move |access| access.ownership = ownership).await
    }

    /// A bucket's public access block. Grant: [`Action::GetBucketPublicAccessBlock`], or [`Action::GetBucketPolicy`] in its place.
    pub async fn public_access_block(&self, grant: &Grant) -> Result<PublicAccessBlock, ServiceError> {
        let bucket = grant::bucket(grant, &[Action::GetBucketPublicAccessBlock, Action::GetBucketPolicy])?;
        let block = self.readable_access(bucket).await?.block;
        block.ok_or_else(|| ServiceError::NoPublicAccessBlock { bucket: bucket.to_owned() })
    }

    /// Sets or (with `None`) removes a bucket's public access block. Grant: [`Action::PutBucketPublicAccessBlock`], or [`Action::PutBucketPolicy`] in its place.
    pub async fn put_public_access_block(
        &self,
        grant: &Grant,
        block: Option<PublicAccessBlock>,
    ) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[Action::PutBucketPublicAccessBlock, Action::PutBucketPolicy])?;
        self.readable_access(bucket).await?;
        self.edit_access(bucket, move |access| access.block = block).await
    }
}

/// A policy that only we read, unless MinIO has changed the bucket's policy since.
fn own_policy(extras: &BucketExtras, updated: i64) -> Bytes {
    let stored = serde_json::from_slice::<Value>(&extras.document(POLICY)).ok();
    let stored = stored.filter(|stored| stored["updated"].as_i64() == Some(updated));
    stored.and_then(|stored| Some(Bytes::from(stored["policy"].as_str()?.to_owned()))).unwrap_or_default()
}
