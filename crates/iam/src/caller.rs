//! Who asks: an identity whose signature has been verified.

use crate::Account;
use crate::access::BucketAccess;
use crate::policy::evaluate::Who;
use std::sync::Arc;

/// The verified identity behind a request. Only [`crate::Iam`] makes one with rights.
#[derive(Clone, Debug)]
pub struct Caller {
    identity: Identity,
    /// What the buckets say that the request is about, as far as they say anything.
    places: Vec<(String, Arc<BucketAccess>)>,
}

#[derive(Clone, Debug)]
enum Identity {
    Anonymous,
    Root { access_key: Arc<str> },
    Known(Arc<Account>),
    Service(&'static str),
}

/// The name of the service that writes access logs, as AWS has it and policies name it.
pub(crate) const LOG_DELIVERY: &str = "logging.s3.amazonaws.com";

impl Caller {
    /// Someone who showed no signature.
    pub fn anonymous() -> Self {
        Caller { identity: Identity::Anonymous, places: Vec::new() }
    }

    /// The service that writes access logs. It may what the policies and lists of buckets let it, nothing else.
    pub fn log_delivery() -> Self {
        Caller { identity: Identity::Service(LOG_DELIVERY), places: Vec::new() }
    }

    /// The same caller before buckets that say something of their own, by their names.
    pub fn before(self, places: Vec<(String, Arc<BucketAccess>)>) -> Self {
        Caller { places, ..self }
    }

    pub(crate) fn root(access_key: Arc<str>) -> Self {
        Caller { identity: Identity::Root { access_key }, places: Vec::new() }
    }

    pub(crate) fn known(account: Arc<Account>) -> Self {
        Caller { identity: Identity::Known(account), places: Vec::new() }
    }

    /// The access key that signed; `None` for anonymous callers.
    pub fn access_key(&self) -> Option<&str> {
        match &self.identity {
            Identity::Anonymous | Identity::Service(_) => None,
            Identity::Root { access_key } => Some(access_key),
            Identity::Known(account) => Some(account.access_key()),
        }
    }

    /// Whether this is the server's root user.
    pub fn is_root(&self) -> bool {
        matches!(self.identity, Identity::Root { .. })
    }

    /// Whether there was no signature.
    pub fn is_anonymous(&self) -> bool {
        matches!(self.identity, Identity::Anonymous)
    }

    /// The account; `None` for root and anonymous callers.
    pub fn account(&self) -> Option<&Arc<Account>> {
        match &self.identity {
            Identity::Known(account) => Some(account),
            _ => None,
        }
    }

    /// What a bucket says; `None` if nothing.
    pub fn access(&self, bucket: &str) -> Option<&Arc<BucketAccess>> {
        self.places.iter().find(|(name, _)| name == bucket).map(|(_, access)| access)
    }

    /// As principals of policies are compared with.
    pub(crate) fn who(&self) -> Who<'_> {
        match self.identity {
            Identity::Service(name) => Who::Service(name),
            _ => Who::Account(self.account_name()),
        }
    }

    /// Whether this is the server itself, at a service of its own.
    pub fn is_service(&self) -> bool {
        matches!(self.identity, Identity::Service(_))
    }

    /// `aws:username`: of service accounts and temporary credentials the parent's; empty for anonymous callers.
    pub(crate) fn account_name(&self) -> &str {
        match &self.identity {
            Identity::Anonymous | Identity::Service(_) => "",
            Identity::Root { access_key } => access_key,
            Identity::Known(account) => account.policy_name(),
        }
    }

    /// `aws:principaltype`.
    pub(crate) fn principal_type(&self) -> &'static str {
        match &self.identity {
            Identity::Anonymous => "Anonymous",
            Identity::Root { .. } => "Account",
            Identity::Service(_) => "Service",
            Identity::Known(account) if account.claims().is_empty() => "User",
            Identity::Known(_) => "AssumedRole",
        }
    }

    /// What the caller's token says under the name that a condition uses.
    pub(crate) fn claim(&self, name: &str) -> Option<String> {
        self.account()?.claims().by_condition_name(name).map(str::to_owned)
    }

    /// `aws:groups`: of the token, or recorded with the credential.
    pub(crate) fn group_names(&self) -> Vec<String> {
        let Some(account) = self.account() else { return Vec::new() };
        account.claims().texts("groups").unwrap_or_else(|| account.groups().to_vec())
    }
}

/// The same identity; what it may do can have changed in between.
impl PartialEq for Caller {
    fn eq(&self, other: &Self) -> bool {
        let identity = |caller: &Caller| (caller.is_root(), caller.is_service());
        identity(self) == identity(other) && self.access_key() == other.access_key()
    }
}

impl Eq for Caller {}
