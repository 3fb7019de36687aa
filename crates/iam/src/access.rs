//! What a bucket itself says of who may do what: its owner, its policy, its access control list (docs/access-control.md).

mod acl;
#[cfg(test)]
mod tests;

pub use acl::{ANONYMOUS_ID, Acl, AclGrant, CannedAcl, Grantee, MAX_GRANTS, Permission};

use crate::BucketPolicy;
use serde_json::{Map, Value, json};
use std::sync::Arc;

/// Who owns new objects, and whether lists count (S3 reference, "Controlling ownership of objects").
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ObjectOwnership {
    /// Lists don't count, everything belongs to the bucket's owner.
    BucketOwnerEnforced,
    /// Whoever writes owns, but what is written with `bucket-owner-full-control` belongs to the bucket's owner.
    BucketOwnerPreferred,
    /// Whoever writes owns.
    ObjectWriter,
}

impl ObjectOwnership {
    pub const fn name(self) -> &'static str {
        match self {
            ObjectOwnership::BucketOwnerEnforced => "BucketOwnerEnforced",
            ObjectOwnership::BucketOwnerPreferred => "BucketOwnerPreferred",
            ObjectOwnership::ObjectWriter => "ObjectWriter",
        }
    }

    pub fn from_name(name: &str) -> Option<ObjectOwnership> {
        [ObjectOwnership::BucketOwnerEnforced, ObjectOwnership::BucketOwnerPreferred, ObjectOwnership::ObjectWriter]
            .into_iter()
            .find(|ownership| ownership.name() == name)
    }
}

/// The four switches against what is open to everybody (S3 reference, "Blocking public access").
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct PublicAccessBlock {
    /// No list that gives everybody something can be set.
    pub block_public_acls: bool,
    /// What lists give everybody doesn't count.
    pub ignore_public_acls: bool,
    /// No policy that lets everybody in can be set.
    pub block_public_policy: bool,
    /// A policy that lets everybody in lets only the bucket's own account in.
    pub restrict_public_buckets: bool,
}

/// What a bucket says of its access. The default says nothing: identities' policies alone decide.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct BucketAccess {
    /// The id of who made it; `None`: root, or somebody who isn't known any more.
    pub owner: Option<String>,
    /// Set by itself, not by default.
    pub acl: Option<Acl>,
    pub ownership: Option<ObjectOwnership>,
    pub block: Option<PublicAccessBlock>,
    /// Users are accounts of their own on the whole server.
    pub apart: bool,
    /// What is stored can't be read: nobody but root and administrators is let in.
    pub unreadable: bool,
    pub policy: Option<Arc<BucketPolicy>>,
}

impl BucketAccess {
    /// Whether users other than the owner count as accounts of their own: as soon as lists are in use, or everywhere.
    pub fn separates_accounts(&self) -> bool {
        match self.ownership {
            Some(ObjectOwnership::BucketOwnerEnforced) => false,
            Some(ObjectOwnership::BucketOwnerPreferred | ObjectOwnership::ObjectWriter) => true,
            None => self.apart || self.acl.is_some(),
        }
    }

    /// Whether lists count at all.
    pub fn has_lists(&self) -> bool {
        self.ownership != Some(ObjectOwnership::BucketOwnerEnforced)
    }

    /// The switches, all off where none was set.
    pub fn blocked(&self) -> PublicAccessBlock {
        self.block.unwrap_or_default()
    }

    /// Whether everybody is let in, by the policy or by the list.
    pub fn is_public(&self) -> bool {
        let by_list = self.has_lists() && !self.blocked().ignore_public_acls;
        let by_policy = !self.blocked().restrict_public_buckets;
        (by_list && self.acl.as_ref().is_some_and(Acl::is_public))
            || (by_policy && self.policy.as_ref().is_some_and(|policy| policy.is_public()))
    }

    /// All but the policy, as it is stored; `None` where nothing is said.
    pub fn to_json(&self) -> Option<Value> {
        let mut all = Map::new();
        if let Some(owner) = &self.owner {
            all.insert("owner".to_owned(), owner.as_str().into());
        }
        if let Some(acl) = &self.acl {
            all.insert("acl".to_owned(), acl.to_json());
        }
        if let Some(ownership) = self.ownership {
            all.insert("ownership".to_owned(), ownership.name().into());
        }
        if let Some(block) = self.block {
            let switches = json!([
                block.block_public_acls,
                block.ignore_public_acls,
                block.block_public_policy,
                block.restrict_public_buckets
            ]);
            all.insert("publicAccessBlock".to_owned(), switches);
        }
        (!all.is_empty()).then_some(Value::Object(all))
    }

    /// From what is stored, without the policy. What can't be read lets nobody in.
    pub fn from_json(document: &[u8]) -> BucketAccess {
        let unreadable = || BucketAccess { unreadable: true, ..BucketAccess::default() };
        let parsed = serde_json::from_slice::<Value>(document).ok();
        parsed.as_ref().and_then(BucketAccess::of_value).unwrap_or_else(unreadable)
    }

    fn of_value(value: &Value) -> Option<BucketAccess> {
        let mut access = BucketAccess::default();
        for (name, value) in value.as_object()? {
            match name.as_str() {
                "owner" => access.owner = Some(value.as_str()?.to_owned()),
                "acl" => access.acl = Some(Acl::from_json(value)?),
                "ownership" => access.ownership = Some(ObjectOwnership::from_name(value.as_str()?)?),
                "publicAccessBlock" => access.block = Some(switches(value)?),
                // Something that a later release knows and that may forbid.
                _ => return None,
            }
        }
        Some(access)
    }
}

fn switches(value: &Value) -> Option<PublicAccessBlock> {
    let switches: Vec<bool> = value.as_array()?.iter().map(Value::as_bool).collect::<Option<_>>()?;
    let &[block_public_acls, ignore_public_acls, block_public_policy, restrict_public_buckets] = switches.as_slice()
    else {
        return None;
    };
    Some(PublicAccessBlock { block_public_acls, ignore_public_acls, block_public_policy, restrict_public_buckets })
}
