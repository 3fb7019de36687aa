//! The decision: what the caller's policies, the bucket's policy and the lists say, taken together
//! (docs/access-control.md).

use crate::access::{ANONYMOUS_ID, Acl, BucketAccess, Grantee, Permission};
use crate::circumstances::{Asked, Circumstances};
use crate::policy::Question;
use crate::policy::bucket::resource_of;
use crate::policy::evaluate::{Ask, Verdict, Who};
use crate::rights::Rights;
use crate::{Account, Action, Caller, Iam};

/// Root's id as an owner: MinIO's constant, which its clients have seen for years.
pub const ROOT_ID: &str = "02d6176db174dc93cb1b899f7c6078f08654445fe8cf1b6ce98d8855f66bdbf4";
const ROOT_NAME: &str = "minio";
const ANONYMOUS_NAME: &str = "anonymous";

/// Only `admin:*` gives it, so whoever has it is an administrator.
const ADMINISTRATORS_ACTION: Action = Action::AdminForceUnlock;

/// What is asked of [`Iam`].
pub(crate) struct Case<'a> {
    pub caller: &'a Caller,
    pub action: Action,
    pub bucket: Option<&'a str>,
    pub key: Option<&'a str>,
    pub circumstances: &'a dyn Circumstances,
    pub ask: Ask,
}

/// What lets somebody do something.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum By {
    /// A policy, of the caller or of the bucket; or that nothing denies what needs no more.
    Policy,
    /// A list alone.
    List,
}

impl Iam {
    /// The id by which a caller owns things; `None` for whoever is anonymous. Root's service accounts and sessions are
    /// root, those of a user are the user.
    pub fn owner_id<'a>(&self, caller: &'a Caller) -> Option<&'a str> {
        match caller.account() {
            None if caller.is_root() => Some(ROOT_ID),
            None => None,
            Some(account) if account.parent() == &*self.root_key => Some(ROOT_ID),
            Some(_) => Some(caller.account_name()),
        }
    }

    /// The name shown beside an owner's id.
    pub fn display_name<'a>(&self, id: &'a str) -> &'a str {
        match id {
            ROOT_ID => ROOT_NAME,
            ANONYMOUS_ID => ANONYMOUS_NAME,
            id => id,
        }
    }

    /// The id of an account that something can be given to: a user, somebody of a directory who has policies, or root.
    pub fn knows_owner(&self, id: &str) -> bool {
        let snapshot = self.snapshot();
        id == ROOT_ID || snapshot.user(id).is_some() || snapshot.parent_mappings.contains_key(id)
    }

    /// Whether `caller` is let in by the lists of objects, so that they must be looked up before it is decided: where
    /// accounts are apart, and the caller isn't above them.
    pub fn judges_by_lists(&self, caller: &Caller, bucket: &str) -> bool {
        caller.access(bucket).is_some_and(|access| access.separates_accounts()) && !self.is_administrator(caller)
    }

    /// Whether `caller` is root or has a policy that allows `admin:*`.
    pub fn is_administrator(&self, caller: &Caller) -> bool {
        let nothing = crate::Context::default();
        let (action, ask) = (ADMINISTRATORS_ACTION, Ask::Allowed);
        let case = Case { caller, action, bucket: None, key: None, circumstances: &nothing, ask };
        caller.is_root() || self.identity_judges(&case) == Verdict::Allow
    }

    /// What lets the caller do it; `None`: nothing.
    pub(crate) fn judge(&self, case: &Case<'_>) -> Option<By> {
        let said = case.bucket.and_then(|bucket| case.caller.access(bucket));
        // Making a bucket is no question to the one that is there.
        let said = said.filter(|_| case.action != Action::CreateBucket);
        let Some(access) = said else {
            // Services may only what a bucket says; with_account knows none of them.
            let allowed =
                self.with_account(case, |rights, account, question| rights.allow(account, question, case.ask));
            return (allowed == Some(true)).then_some(By::Policy);
        };
        let identity = self.identity_judges(case);
        let policy = policy_judges(access, case);
        if identity == Verdict::Deny || policy == Verdict::Deny {
            return None;
        }
        if access.unreadable {
            let administers = identity == Verdict::Allow && self.is_administrator(case.caller);
            return administers.then_some(By::Policy);
        }
        if case.ask == Ask::NotDenied {
            return Some(By::Policy);
        }
        if case.caller.is_service() {
            let acl = access.acl.as_ref().filter(|_| access.has_lists());
            let by_list = || acl.is_some_and(|acl| acl.gives_group(&Grantee::LogDelivery, case.action));
            return if policy == Verdict::Allow { Some(By::Policy) } else { by_list().then_some(By::List) };
        }
        let id = self.owner_id(case.caller);
        let owner = access.owner.as_deref().unwrap_or(ROOT_ID);
        let apart = access.separates_accounts() && id != Some(owner) && !self.is_administrator(case.caller);
        // Where accounts are apart, neither the bucket's owner nor its policy gives what belongs to somebody else.
        let list = case.circumstances.object_acl().filter(|_| access.has_lists());
        let foreign = access.separates_accounts()
            && Permission::on_object(case.action).is_some()
            && list.is_some_and(|list| list.owner != owner && !self.is_administrator(case.caller));
        let by_policy = policy == Verdict::Allow && !foreign && !is_restricted(access, id, apart);
        let by_identity = identity == Verdict::Allow && !foreign && !apart;
        if by_policy || by_identity {
            return Some(By::Policy);
        }
        lists_give(access, list, case.action, id).then_some(By::List)
    }

    fn identity_judges(&self, case: &Case<'_>) -> Verdict {
        if case.caller.is_anonymous() || case.caller.is_service() {
            return Verdict::Silent;
        }
        self.with_account(case, |rights, account, question| rights.judge(account, question)).unwrap_or(Verdict::Deny)
    }

    /// Asks about the caller's account as it is now, not as it was when the signature was checked; `None` if there is
    /// none, or none that may do anything.
    fn with_account<T>(
        &self,
        case: &Case<'_>,
        ask: impl FnOnce(&Rights<'_>, &Account, &Question<'_>) -> T,
    ) -> Option<T> {
        let snapshot = self.snapshot();
        let account = snapshot.account(case.caller.access_key()?).filter(|account| !account.is_disabled())?;
        if account.parent() == &*self.root_key && !self.root_access() {
            return None;
        }
        let values = Asked { caller: case.caller, circumstances: case.circumstances };
        let resource = resource_of(case.bucket.unwrap_or_default(), case.key.unwrap_or_default());
        let action = case.action;
        let question =
            Question { who: Who::Account(account.access_key()), action, resource: &resource, values: &values };
        Some(ask(&self.rights(&snapshot), account, &question))
    }
}

fn policy_judges(access: &BucketAccess, case: &Case<'_>) -> Verdict {
    let (Some(policy), Some(bucket)) = (&access.policy, case.bucket) else { return Verdict::Silent };
    let values = Asked { caller: case.caller, circumstances: case.circumstances };
    policy.judge(case.caller.who(), case.action, bucket, case.key, &values)
}

/// Whether the bucket's policy is open to everybody, and switched off for those who aren't of the bucket's account.
fn is_restricted(access: &BucketAccess, id: Option<&str>, apart: bool) -> bool {
    let outside = id.is_none() || apart;
    outside
        && access.blocked().restrict_public_buckets
        && access.policy.as_ref().is_some_and(|policy| policy.is_public())
}

fn lists_give(access: &BucketAccess, object: Option<&Acl>, action: Action, id: Option<&str>) -> bool {
    if !access.has_lists() {
        return false;
    }
    let ignore_public = access.blocked().ignore_public_acls;
    let gives = |acl: Option<&Acl>, wanted: Option<Permission>| match (acl, wanted) {
        (Some(acl), Some(wanted)) => acl.gives(id, wanted, ignore_public),
        _ => false,
    };
    gives(access.acl.as_ref(), Permission::on_bucket(action)) || gives(object, Permission::on_object(action))
}
