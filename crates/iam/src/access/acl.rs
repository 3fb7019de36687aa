//! Access control lists: who was given what on a bucket or an object (S3 reference, "Access control list overview").

#[cfg(test)]
mod tests;

use crate::Action;
use serde_json::{Value, json};

/// Most grants in a list: S3's limit.
pub const MAX_GRANTS: usize = 100;

/// Whoever has no account, as an owner: AWS's constant.
pub const ANONYMOUS_ID: &str = "65a011a29cdf8ec533ec3d1ccaae921c";

const GROUPS: &str = "http://acs.amazonaws.com/groups/";

/// Whom a grant is for.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Grantee {
    /// An account, by its id.
    User(String),
    /// Everybody.
    AllUsers,
    /// Everybody with an account.
    AuthenticatedUsers,
    /// The server, when it writes access logs.
    LogDelivery,
}

impl Grantee {
    /// The URI of a group.
    pub fn uri(&self) -> Option<&'static str> {
        match self {
            Grantee::User(_) => None,
            Grantee::AllUsers => Some("http://acs.amazonaws.com/groups/global/AllUsers"),
            Grantee::AuthenticatedUsers => Some("http://acs.amazonaws.com/groups/global/AuthenticatedUsers"),
            Grantee::LogDelivery => Some("http://acs.amazonaws.com/groups/s3/LogDelivery"),
        }
    }

    /// The group of a URI.
    pub fn of_uri(uri: &str) -> Option<Grantee> {
        match uri.strip_prefix(GROUPS)? {
            "global/AllUsers" => Some(Grantee::AllUsers),
            "global/AuthenticatedUsers" => Some(Grantee::AuthenticatedUsers),
            "s3/LogDelivery" => Some(Grantee::LogDelivery),
            _ => None,
        }
    }

    /// Whether this is anybody at all, with an account or without.
    fn is_public(&self) -> bool {
        matches!(self, Grantee::AllUsers | Grantee::AuthenticatedUsers)
    }

    /// `id`: of who asks; `None` for whoever came without a signature.
    fn is_meant(&self, id: Option<&str>) -> bool {
        match self {
            Grantee::User(user) => id == Some(user),
            Grantee::AllUsers => true,
            Grantee::AuthenticatedUsers => id.is_some(),
            Grantee::LogDelivery => false,
        }
    }
}

/// What a grant gives.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Permission {
    Read,
    Write,
    ReadAcp,
    WriteAcp,
    FullControl,
}

impl Permission {
    pub const ALL: [Permission; 5] =
        [Permission::Read, Permission::Write, Permission::ReadAcp, Permission::WriteAcp, Permission::FullControl];

    /// The name in documents.
    pub const fn name(self) -> &'static str {
        match self {
            Permission::Read => "READ",
            Permission::Write => "WRITE",
            Permission::ReadAcp => "READ_ACP",
            Permission::WriteAcp => "WRITE_ACP",
            Permission::FullControl => "FULL_CONTROL",
        }
    }

    pub fn from_name(name: &str) -> Option<Permission> {
        Permission::ALL.into_iter().find(|permission| permission.name() == name)
    }

    /// What the list of a bucket must give for `action`; `None` if no list gives it.
    pub(crate) fn on_bucket(action: Action) -> Option<Permission> {
        use Action as A;
        match action {
            A::ListBucket | A::ListBucketVersions | A::ListBucketMultipartUploads | A::HeadBucket => {
                Some(Permission::Read)
            }
            A::PutObject | A::DeleteObject | A::AbortMultipartUpload | A::ListMultipartUploadParts => {
                Some(Permission::Write)
            }
            A::GetBucketAcl => Some(Permission::ReadAcp),
            A::PutBucketAcl => Some(Permission::WriteAcp),
            _ => None,
        }
    }

    /// The same of the list of an object.
    pub(crate) fn on_object(action: Action) -> Option<Permission> {
        use Action as A;
        match action {
            A::GetObject | A::GetObjectVersion => Some(Permission::Read),
            A::GetObjectAcl | A::GetObjectVersionAcl => Some(Permission::ReadAcp),
            A::PutObjectAcl | A::PutObjectVersionAcl => Some(Permission::WriteAcp),
            _ => None,
        }
    }
}

/// One line of a list.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct AclGrant {
    pub grantee: Grantee,
    pub permission: Permission,
}

/// A list, with the owner of what it is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Acl {
    /// The owner's id.
    pub owner: String,
    pub grants: Vec<AclGrant>,
}

impl Acl {
    /// Everything for the owner, nothing for others.
    pub fn private(owner: &str) -> Acl {
        let grantee = Grantee::User(owner.to_owned());
        Acl { owner: owner.to_owned(), grants: vec![AclGrant { grantee, permission: Permission::FullControl }] }
    }

    /// What a canned list stands for.
    pub fn canned(canned: CannedAcl, owner: &str, bucket_owner: &str) -> Acl {
        let mut acl = Acl::private(owner);
        let mut add = |grantee, permission| acl.grants.push(AclGrant { grantee, permission });
        let other_owner = || Grantee::User(bucket_owner.to_owned());
        match canned {
            CannedAcl::Private | CannedAcl::AwsExecRead => {}
            CannedAcl::PublicRead => add(Grantee::AllUsers, Permission::Read),
            CannedAcl::PublicReadWrite => {
                add(Grantee::AllUsers, Permission::Read);
                add(Grantee::AllUsers, Permission::Write);
            }
            CannedAcl::AuthenticatedRead => add(Grantee::AuthenticatedUsers, Permission::Read),
            CannedAcl::BucketOwnerRead if owner != bucket_owner => add(other_owner(), Permission::Read),
            CannedAcl::BucketOwnerFullControl if owner != bucket_owner => add(other_owner(), Permission::FullControl),
            CannedAcl::BucketOwnerRead | CannedAcl::BucketOwnerFullControl => {}
            CannedAcl::LogDeliveryWrite => {
                add(Grantee::LogDelivery, Permission::Write);
                add(Grantee::LogDelivery, Permission::ReadAcp);
            }
        }
        acl.in_order()
    }

    /// What everybody gets comes first, whatever a list was made from.
    pub fn in_order(mut self) -> Acl {
        self.grants.sort_by_key(|grant| !grant.grantee.is_public());
        self
    }

    /// Whether it says no more than that its owner has everything.
    pub fn is_private(&self) -> bool {
        let owners = |grant: &AclGrant| matches!(&grant.grantee, Grantee::User(id) if *id == self.owner);
        self.grants.iter().all(owners)
    }

    /// Whether everybody is given something.
    pub fn is_public(&self) -> bool {
        self.grants.iter().any(|grant| grant.grantee.is_public())
    }

    /// Whether `id` gets `wanted`. `ignore_public`: what everybody gets doesn't count.
    pub(crate) fn gives(&self, id: Option<&str>, wanted: Permission, ignore_public: bool) -> bool {
        let own = id == Some(&self.owner) && matches!(wanted, Permission::ReadAcp | Permission::WriteAcp);
        own || self.grants.iter().any(|grant| {
            (grant.permission == wanted || grant.permission == Permission::FullControl)
                && grant.grantee.is_meant(id)
                && !(ignore_public && grant.grantee.is_public())
        })
    }

    /// Whether a group is given what `action` on the bucket takes.
    pub(crate) fn gives_group(&self, group: &Grantee, action: Action) -> bool {
        Permission::on_bucket(action).is_some_and(|wanted| {
            let fits = |given: Permission| given == wanted || given == Permission::FullControl;
            self.grants.iter().any(|grant| grant.grantee == *group && fits(grant.permission))
        })
    }

    /// As it is stored: `{"owner":"ID","grants":["READ id=ID","READ uri=URI"]}`.
    pub fn to_json(&self) -> Value {
        let line = |grant: &AclGrant| match &grant.grantee {
            Grantee::User(id) => format!("{} id={id}", grant.permission.name()),
            group => format!("{} uri={}", grant.permission.name(), group.uri().unwrap_or_default()),
        };
        json!({ "owner": self.owner, "grants": self.grants.iter().map(line).collect::<Vec<_>>() })
    }

    /// From what is stored. `None` if it can't be read.
    pub fn from_json(value: &Value) -> Option<Acl> {
        let owner = value.get("owner")?.as_str()?.to_owned();
        let lines = value.get("grants")?.as_array()?;
        if lines.len() > MAX_GRANTS {
            return None;
        }
        let grant = |line: &Value| {
            let (permission, grantee) = line.as_str()?.split_once(' ')?;
            let grantee = match grantee.split_once('=')? {
                ("id", id) => Grantee::User(id.to_owned()),
                ("uri", uri) => Grantee::of_uri(uri)?,
                _ => return None,
            };
            Some(AclGrant { grantee, permission: Permission::from_name(permission)? })
        };
        let grants = lines.iter().map(grant).collect::<Option<Vec<_>>>()?;
        Some(Acl { owner, grants })
    }
}

/// A list by its name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CannedAcl {
    Private,
    PublicRead,
    PublicReadWrite,
    AuthenticatedRead,
    /// Lets a service of AWS read; there is no such service here, so it is private.
    AwsExecRead,
    /// Of objects only.
    BucketOwnerRead,
    /// Of objects only.
    BucketOwnerFullControl,
    /// Of buckets only.
    LogDeliveryWrite,
}

impl CannedAcl {
    pub fn from_name(name: &str) -> Option<CannedAcl> {
        Some(match name {
            "private" => CannedAcl::Private,
            "public-read" => CannedAcl::PublicRead,
            "public-read-write" => CannedAcl::PublicReadWrite,
            "authenticated-read" => CannedAcl::AuthenticatedRead,
            "aws-exec-read" => CannedAcl::AwsExecRead,
            "bucket-owner-read" => CannedAcl::BucketOwnerRead,
            "bucket-owner-full-control" => CannedAcl::BucketOwnerFullControl,
            "log-delivery-write" => CannedAcl::LogDeliveryWrite,
            _ => return None,
        })
    }
}
