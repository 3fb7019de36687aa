//! Access control lists of buckets and objects, and who owns new objects (docs/access-control.md).

use crate::object::stored_acl;
use crate::{Object, Service, ServiceError, VersionId, grant};
use bytes::Bytes;
use format::object_meta_keys::sys;
use iam::{
    ANONYMOUS_ID, Acl, AclGrant, Action, BucketAccess, Caller, CannedAcl, Grant, Grantee, MAX_GRANTS, ObjectOwnership,
    Permission, ROOT_ID,
};
use store::{Metadata, ObjectInfo};

/// A list as a request has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedAcl {
    Canned(CannedAcl),
    /// The whole list. `owner`: whom the request takes for the owner, if it says so.
    Grants {
        owner: Option<String>,
        grants: Vec<AskedGrant>,
    },
}

/// A line of a list as a request has it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AskedGrant {
    pub grantee: AskedGrantee,
    pub permission: Permission,
}

/// Whom a request names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum AskedGrantee {
    /// An account or a group.
    Known(Grantee),
    /// The account with this address: users have none of their own, but one can be a user's name.
    Email(String),
}

impl Service {
    /// A bucket's list. Grant: [`Action::GetBucketAcl`], or [`Action::GetBucketPolicy`] as MinIO has it.
    pub async fn bucket_acl(&self, grant: &Grant) -> Result<Acl, ServiceError> {
        let bucket = grant::bucket(grant, &[Action::GetBucketAcl, Action::GetBucketPolicy])?;
        let access = self.readable_access(bucket).await?;
        let list = access.acl.clone().filter(|_| access.has_lists());
        Ok(list.unwrap_or_else(|| Acl::private(owner_of(Some(&access)))))
    }

    /// Sets a bucket's list, with which accounts are told apart in it. Grant: [`Action::PutBucketAcl`], or
    /// [`Action::PutBucketPolicy`] as MinIO has it.
    pub async fn put_bucket_acl(&self, grant: &Grant, asked: &AskedAcl) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[Action::PutBucketAcl, Action::PutBucketPolicy])?;
        let access = self.readable_access(bucket).await?;
        let owner = owner_of(Some(&access)).to_owned();
        let acl = self.check_list(grant, bucket, Some(&access), asked, &owner)?;
        self.edit_access(bucket, move |access| access.acl = Some(acl)).await
    }

    /// The list of a version, and which version that is. Grant: [`Action::GetObjectAcl`] on the object, or
    /// [`Action::GetBucketPolicy`] on its bucket as MinIO has it.
    pub async fn object_acl(
        &self,
        grant: &Grant,
        key: &str,
        version: Option<VersionId>,
    ) -> Result<(Acl, VersionId), ServiceError> {
        let bucket = object_bucket(grant, Action::GetObjectAcl, Action::GetBucketPolicy, key)?;
        let access = self.readable_access(bucket).await?;
        let object = Object::new(self.store.object_info(bucket, key, version).await?);
        let owner = owner_of(Some(&access));
        let list = object.acl().filter(|_| access.has_lists());
        Ok((list.unwrap_or_else(|| Acl::private(owner)), object.version()))
    }

    /// Sets the list of a version, whose owner and modification time stay. Grant: [`Action::PutObjectAcl`] on the object,
    /// or [`Action::PutBucketPolicy`] on its bucket as MinIO has it.
    pub async fn put_object_acl(
        &self,
        grant: &Grant,
        key: &str,
        version: Option<VersionId>,
        asked: &AskedAcl,
    ) -> Result<VersionId, ServiceError> {
        let bucket = object_bucket(grant, Action::PutObjectAcl, Action::PutBucketPolicy, key)?;
        let access = self.readable_access(bucket).await?;
        let bucket_owner = owner_of(Some(&access)).to_owned();
        let info = self.store.object_info(bucket, key, version).await?;
        let owner = stored_acl(&info.metadata).map_or_else(|| bucket_owner.clone(), |acl| acl.owner);
        let acl = self.check_list(grant, bucket, Some(&access), asked, &owner)?;
        let (seen, version) = (info.mod_time, Some(info.version_id));
        let edit = move |info: &ObjectInfo, metadata: &mut Metadata| {
            if info.mod_time != seen {
                // Another object by now, maybe another's.
                let (bucket, key) = (info.bucket.to_string(), info.key.clone());
                let changed = ServiceError::PreconditionFailed { bucket, key, object: None };
                return Err(Box::new(changed) as store::Rejection);
            }
            set(metadata, &acl, &bucket_owner);
            Ok(())
        };
        Ok(self.store.update_metadata(bucket, key, version, false, edit).await?.version_id)
    }

    /// Records who owns a new object and what its list is. `grant`: that for writing it.
    pub(crate) fn own_new(
        &self,
        metadata: &mut Metadata,
        grant: &Grant,
        asked: Option<&AskedAcl>,
    ) -> Result<(), ServiceError> {
        let bucket = grant.bucket().unwrap_or_default();
        let access = grant.caller().access(bucket).map(AsRef::as_ref);
        let lists = access.is_none_or(BucketAccess::has_lists);
        if let (None, false) = (asked, access.is_some_and(BucketAccess::separates_accounts)) {
            return Ok(());
        }
        if !lists {
            return match asked {
                None | Some(AskedAcl::Canned(CannedAcl::BucketOwnerFullControl)) => Ok(()),
                Some(_) => Err(ServiceError::AclNotSupported { bucket: bucket.to_owned() }),
            };
        }
        let bucket_owner = owner_of(access);
        let handed_over = access.is_some_and(|access| access.ownership == Some(ObjectOwnership::BucketOwnerPreferred))
            && asked == Some(&AskedAcl::Canned(CannedAcl::BucketOwnerFullControl));
        let owner = if handed_over { bucket_owner } else { self.writer(grant.caller(), access) };
        let acl = match asked {
            None => Acl::private(owner),
            Some(asked) => self.check_list(grant, bucket, access, asked, owner)?,
        };
        set(metadata, &acl, bucket_owner);
        Ok(())
    }

    /// Who owns what `caller` writes: itself where accounts are apart, else the bucket's owner.
    fn writer<'a>(&self, caller: &'a Caller, access: Option<&'a BucketAccess>) -> &'a str {
        let apart = access.is_some_and(BucketAccess::separates_accounts);
        if !apart || caller.is_service() || (!caller.is_anonymous() && self.iam().is_administrator(caller)) {
            return owner_of(access);
        }
        self.iam().owner_id(caller).unwrap_or(ANONYMOUS_ID)
    }

    /// The list that a request asks for on something of `owner`.
    pub(crate) fn check_list(
        &self,
        grant: &Grant,
        bucket: &str,
        access: Option<&BucketAccess>,
        asked: &AskedAcl,
        owner: &str,
    ) -> Result<Acl, ServiceError> {
        if access.is_some_and(|access| !access.has_lists()) {
            return Err(ServiceError::AclNotSupported { bucket: bucket.to_owned() });
        }
        let denied = || {
            let access_key = grant.caller().access_key().map(str::to_owned);
            ServiceError::Denied(iam::Denied { access_key, action: grant.action() })
        };
        let acl = match asked {
            AskedAcl::Canned(canned) => Acl::canned(*canned, owner, owner_of(access)),
            // Nobody gives away what isn't his, nor takes it.
            AskedAcl::Grants { owner: Some(named), .. } if named != owner => return Err(denied()),
            AskedAcl::Grants { grants, .. } if grants.len() > MAX_GRANTS => {
                return Err(ServiceError::MalformedAcl { reason: format!("more than {MAX_GRANTS} grants") });
            }
            AskedAcl::Grants { grants, .. } => {
                let grants = grants.iter().map(|grant| self.resolve(grant)).collect::<Result<_, _>>()?;
                Acl { owner: owner.to_owned(), grants }.in_order()
            }
        };
        let blocked = access.is_some_and(|access| access.blocked().block_public_acls);
        if blocked && acl.is_public() { Err(denied()) } else { Ok(acl) }
    }

    fn resolve(&self, asked: &AskedGrant) -> Result<AclGrant, ServiceError> {
        let grantee = match &asked.grantee {
            AskedGrantee::Known(Grantee::User(id)) if !self.iam().knows_owner(id) => {
                return Err(ServiceError::InvalidArgument { reason: "Invalid id".to_owned() });
            }
            AskedGrantee::Known(grantee) => grantee.clone(),
            AskedGrantee::Email(address) if self.iam().knows_owner(address) => Grantee::User(address.clone()),
            AskedGrantee::Email(address) => {
                return Err(ServiceError::UnknownEmailAddress { address: address.clone() });
            }
        };
        Ok(AclGrant { grantee, permission: asked.permission })
    }
}

/// The id of a bucket's owner.
pub(crate) fn owner_of(access: Option<&BucketAccess>) -> &str {
    access.and_then(|access| access.owner.as_deref()).unwrap_or(ROOT_ID)
}

/// Stores a list, unless it says what would hold without.
fn set(metadata: &mut Metadata, acl: &Acl, bucket_owner: &str) {
    if *acl == Acl::private(bucket_owner) {
        metadata.system.remove(sys::ACL);
    } else {
        metadata.system.insert(sys::ACL.to_owned(), Bytes::from(acl.to_json().to_string()));
    }
}

/// The bucket of a grant for `own` on the object, or for `minios` on the bucket.
fn object_bucket<'a>(grant: &'a Grant, own: Action, minios: Action, key: &str) -> Result<&'a str, ServiceError> {
    if grant.action() == minios {
        return grant::bucket(grant, &[minios]);
    }
    let (bucket, granted) = grant::object(grant, &[own])?;
    if granted == key {
        return Ok(bucket);
    }
    Err(ServiceError::Internal { what: format!("the grant for {own} is about another key") })
}
