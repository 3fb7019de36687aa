//! The identities of a server, and the one place where it is decided what they may do.

#[cfg(test)]
mod tests;

use crate::circumstances::Circumstances;
use crate::documents::Documents;
use crate::judge::{By, Case};
use crate::policy::evaluate::Ask;
use crate::rights::Rights;
use crate::snapshot::Snapshot;
use crate::{Account, Action, Caller, Credentials};
use base::{Secret, Timestamp, World};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// The proof that a caller may do one thing to one bucket or object. Only [`Iam`] makes it; the operations of
/// `service` take bucket and key from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    caller: Caller,
    action: Action,
    bucket: Option<String>,
    key: Option<String>,
    by_list: bool,
}

impl Grant {
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    pub fn action(&self) -> Action {
        self.action
    }

    /// Whether nothing but an access control list gives it.
    pub fn is_by_list(&self) -> bool {
        self.by_list
    }

    /// The bucket it is about; `None` for actions on the whole server.
    pub fn bucket(&self) -> Option<&str> {
        self.bucket.as_deref()
    }

    /// The object's key; `None` for actions on a bucket.
    pub fn key(&self) -> Option<&str> {
        self.key.as_deref()
    }
}

/// The caller may not do this.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{who} may not do {action}", who = .access_key.as_deref().unwrap_or("an anonymous caller"))]
pub struct Denied {
    pub access_key: Option<String>,
    pub action: Action,
}

/// What the configuration says of identities.
#[derive(Clone, Debug)]
pub struct IamOptions {
    /// Whether root, its service accounts and its sessions may sign requests (`MINIO_API_ROOT_ACCESS`).
    pub root_access: bool,
    /// The claim that names policies, of OpenID tokens without a role.
    pub policy_claim: String,
    /// Policies by role ARN.
    pub roles: HashMap<String, Vec<String>>,
    /// Users and groups are those of an LDAP directory: stored ones stay where they are and count for nothing.
    pub directory: bool,
}

impl Default for IamOptions {
    fn default() -> Self {
        IamOptions { root_access: true, policy_claim: "policy".to_owned(), roles: HashMap::new(), directory: false }
    }
}

/// What signatures are checked with.
#[derive(Clone, Debug)]
pub struct SigningSecret {
    pub secret: Secret,
    pub token: TokenRule,
}

/// Which session token a request must show.
#[derive(Clone, Debug)]
pub enum TokenRule {
    /// None.
    Absent,
    /// This one.
    Exactly(Secret),
    /// Whatever it is, it isn't looked at: service accounts with an expiry.
    Ignored,
}

/// Why a key signs nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum LookupError {
    /// There is no such key, or it has expired.
    Unknown,
    Disabled,
    /// The identities aren't loaded yet, or this one can't be reached now.
    NotReady,
}

/// The identities this server knows.
pub struct Iam {
    pub(crate) root: Credentials,
    pub(crate) root_key: Arc<str>,
    root_access: AtomicBool,
    options: IamOptions,
    state: RwLock<State>,
    /// Where identities are kept; `None` where there is only root.
    pub(crate) stored: Option<Stored>,
}

/// The place where identities are kept, and what changing them needs.
#[derive(Clone)]
pub(crate) struct Stored {
    pub(crate) documents: Arc<dyn Documents>,
    pub(crate) world: World,
    /// Held by whoever changes something.
    pub(crate) changing: Arc<tokio::sync::Mutex<()>>,
}

struct State {
    snapshot: Arc<Snapshot>,
    loaded: bool,
    /// Counts changes: a load that began before one is out of date.
    changes: u64,
}

impl Iam {
    /// A server that only `root` may use.
    pub fn new(root: Credentials) -> Self {
        let state = State { snapshot: Arc::new(Snapshot::empty()), loaded: true, changes: 0 };
        Iam {
            root_key: root.access_key().into(),
            root,
            root_access: AtomicBool::new(true),
            options: IamOptions::default(),
            state: RwLock::new(state),
            stored: None,
        }
    }

    /// A server whose identities are kept in `documents`. Until [`Iam::load`] has read them only root is known.
    pub fn stored_in(documents: Arc<dyn Documents>, root: Credentials, options: IamOptions, world: World) -> Self {
        let iam = Iam::new(root);
        iam.state.write().loaded = false;
        iam.root_access.store(options.root_access, Ordering::Relaxed);
        let stored = Stored { documents, world, changing: Arc::default() };
        Iam { options, stored: Some(stored), ..iam }
    }

    /// Lets root, its service accounts and its sessions in, or keeps them out.
    pub fn set_root_access(&self, on: bool) {
        self.root_access.store(on, Ordering::Relaxed);
    }

    /// Whether users and groups come from a directory.
    pub(crate) fn of_directory(&self) -> bool {
        self.options.directory
    }

    pub(crate) fn root_access(&self) -> bool {
        self.root_access.load(Ordering::Relaxed)
    }

    pub(crate) fn snapshot(&self) -> Arc<Snapshot> {
        Arc::clone(&self.state.read().snapshot)
    }

    /// How many changes there have been.
    pub(crate) fn changes(&self) -> u64 {
        self.state.read().changes
    }

    /// Takes over what a load found that began after `changes` changes; `false` if there have been others since.
    pub(crate) fn install(&self, snapshot: Snapshot, changes: u64) -> bool {
        let mut state = self.state.write();
        if state.changes != changes {
            return false;
        }
        state.snapshot = Arc::new(snapshot);
        state.loaded = true;
        true
    }

    /// Makes a change visible.
    pub(crate) fn apply(&self, change: impl FnOnce(&mut Snapshot)) {
        let mut snapshot = Snapshot::clone(&self.snapshot());
        change(&mut snapshot);
        let mut state = self.state.write();
        state.snapshot = Arc::new(snapshot);
        state.changes += 1;
    }

    /// Whether identities have been loaded.
    pub fn is_loaded(&self) -> bool {
        self.state.read().loaded
    }

    /// The secret that `access_key` signs with: for verifying signatures only.
    pub fn signing_secret(&self, access_key: &str, now: Timestamp) -> Result<SigningSecret, LookupError> {
        if *access_key == *self.root_key {
            let secret = || SigningSecret { secret: self.root.secret_key().clone(), token: TokenRule::Absent };
            return if self.root_access() { Ok(secret()) } else { Err(LookupError::Disabled) };
        }
        let account = self.known(access_key)?;
        if account.expiry().is_past(now) {
            return Err(LookupError::Unknown);
        }
        if account.is_disabled() || (account.parent() == &*self.root_key && !self.root_access()) {
            return Err(LookupError::Disabled);
        }
        let token = match account.session_token() {
            Some(token) if account.is_temporary() && !account.is_service_account() => TokenRule::Exactly(token.clone()),
            Some(_) if account.is_temporary() => TokenRule::Ignored,
            _ => TokenRule::Absent,
        };
        Ok(SigningSecret { secret: account.secret().clone(), token })
    }

    fn known(&self, access_key: &str) -> Result<Arc<Account>, LookupError> {
        let state = self.state.read();
        match state.snapshot.account(access_key) {
            Some(account) => Ok(Arc::clone(account)),
            None if !state.loaded || state.snapshot.is_unreachable(access_key) => Err(LookupError::NotReady),
            None => Err(LookupError::Unknown),
        }
    }

    /// The identity behind an access key. Call it only after its signature has been verified.
    pub fn caller(&self, access_key: &str) -> Option<Caller> {
        if *access_key == *self.root_key {
            return Some(Caller::root(Arc::clone(&self.root_key)));
        }
        self.known(access_key).ok().map(Caller::known)
    }

    /// Whether `caller` may do `action` to `bucket` (or to `key` in it).
    pub fn authorize(
        &self,
        caller: &Caller,
        action: Action,
        bucket: Option<&str>,
        key: Option<&str>,
        circumstances: &dyn Circumstances,
    ) -> Result<Grant, Denied> {
        self.decide(caller, action, bucket, key, circumstances, Ask::Allowed)
    }

    /// Whether nothing denies `action`, for what whoever may do something else may do as well: deleting a version of an
    /// object that may be deleted.
    pub fn authorize_unless_denied(
        &self,
        caller: &Caller,
        action: Action,
        bucket: Option<&str>,
        key: Option<&str>,
        circumstances: &dyn Circumstances,
    ) -> Result<Grant, Denied> {
        self.decide(caller, action, bucket, key, circumstances, Ask::NotDenied)
    }

    /// Whether the delivery of access logs may write `key`: if it may write that, or what the logged bucket's keys of logs
    /// begin with, `prefix`. `circumstances` say for which bucket (`aws:SourceArn`) of whom (`aws:SourceAccount`).
    pub fn authorize_log_delivery(
        &self,
        delivery: &Caller,
        bucket: &str,
        prefix: &str,
        key: &str,
        circumstances: &dyn Circumstances,
    ) -> Result<Grant, Denied> {
        // An empty prefix is that of every key.
        let prefix = if prefix.is_empty() { "/" } else { prefix };
        let ask = |key| self.authorize(delivery, Action::PutObject, Some(bucket), Some(key), circumstances);
        ask(key).or_else(|_| Ok(Grant { key: Some(key.to_owned()), ..ask(prefix)? }))
    }

    /// Whether what `caller` may do depends on the tags that an object has: only then they must be read first.
    pub fn judges_by_tags(&self, caller: &Caller, bucket: &str) -> bool {
        if caller.is_root() {
            return false;
        }
        let policy = caller.access(bucket).and_then(|access| access.policy.as_ref());
        let own = || caller.account().is_some_and(|account| self.rights(&self.snapshot()).ask_for_tags(account));
        policy.is_some_and(|policy| policy.asks_for_tags()) || own()
    }

    fn decide(
        &self,
        caller: &Caller,
        action: Action,
        bucket: Option<&str>,
        key: Option<&str>,
        circumstances: &dyn Circumstances,
        ask: Ask,
    ) -> Result<Grant, Denied> {
        let by = if caller.is_root() {
            (caller.access_key() == Some(&self.root_key) && self.root_access()).then_some(By::Policy)
        } else {
            self.judge(&Case { caller, action, bucket, key, circumstances, ask })
        };
        let denied = || Denied { access_key: caller.access_key().map(str::to_owned), action };
        let by_list = by.ok_or_else(denied)? == By::List;
        let (bucket, key) = (bucket.map(str::to_owned), key.map(str::to_owned));
        Ok(Grant { caller: caller.clone(), action, bucket, key, by_list })
    }

    pub(crate) fn rights<'a>(&'a self, snapshot: &'a Snapshot) -> Rights<'a> {
        Rights { snapshot, root: &self.root_key, roles: &self.options.roles, policy_claim: &self.options.policy_claim }
    }
}

impl std::fmt::Debug for Iam {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Iam").field("root", &self.root_key).finish_non_exhaustive()
    }
}
