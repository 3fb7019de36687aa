//! An identity as it is kept in memory: checked, its token verified, its own policy parsed.

use crate::records::{Expiry, IdentityRecord};
use crate::token::{self, Claims, TokenError};
use crate::{Credentials, MIN_ACCESS_KEY_LENGTH, MIN_SECRET_KEY_LENGTH, Policy};
use base::{Secret, Timestamp};

/// A service account of this name keeps sites in step; it isn't the owner though root made it.
const SITE_REPLICATOR: &str = "site-replicator-0";

/// A user, service account or temporary credential.
#[derive(Clone, Debug)]
pub struct Account {
    access_key: String,
    secret: Secret,
    record: IdentityRecord,
    claims: Claims,
    session: Session,
}

/// What a credential's token says about a policy of its own.
#[derive(Clone, Debug)]
pub(crate) enum Session {
    /// Nothing: the rights of the parent.
    None,
    Policy(Box<Policy>),
    /// Something that isn't a policy: no rights at all.
    Invalid,
}

/// Why a stored identity isn't used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum UnusableAccount {
    #[error("it has expired")]
    Expired,
    #[error("the secret key is missing or too short")]
    Secret,
    #[error("the access key is too short")]
    AccessKey,
    #[error("its token: {0}")]
    Token(#[from] TokenError),
}

impl Account {
    /// An account from what is stored under `name`. Its token must be signed with its own secret or with root's.
    pub(crate) fn new(
        name: &str,
        record: IdentityRecord,
        root: &Credentials,
        now: Timestamp,
    ) -> Result<Account, UnusableAccount> {
        if record.expiry.is_past(now) {
            return Err(UnusableAccount::Expired);
        }
        let access_key = if record.access_key.is_empty() { name.to_owned() } else { record.access_key.clone() };
        if access_key.len() < MIN_ACCESS_KEY_LENGTH {
            return Err(UnusableAccount::AccessKey);
        }
        let long_enough = |secret: &Secret| secret.expose().len() >= MIN_SECRET_KEY_LENGTH;
        let secret = record.secret_key.clone().filter(long_enough).ok_or(UnusableAccount::Secret)?;
        let claims = match &record.session_token {
            Some(token) => Claims::verify(token, &[&secret, root.secret_key()], now)?,
            None => Claims::default(),
        };
        let session = match claims.session_policy()? {
            None => Session::None,
            Some(document) => match Policy::parse(&document) {
                Ok(policy) => Session::Policy(Box::new(policy)),
                Err(_) => Session::Invalid,
            },
        };
        Ok(Account { access_key, secret, record, claims, session })
    }

    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    pub(crate) fn secret(&self) -> &Secret {
        &self.secret
    }

    pub(crate) fn session_token(&self) -> Option<&Secret> {
        self.record.session_token.as_ref()
    }

    /// What is stored of it.
    pub fn record(&self) -> &IdentityRecord {
        &self.record
    }

    pub(crate) fn claims(&self) -> &Claims {
        &self.claims
    }

    pub(crate) fn session(&self) -> &Session {
        &self.session
    }

    /// The policy of its own that narrows its parent's rights.
    pub fn own_policy(&self) -> Option<&Policy> {
        match &self.session {
            Session::Policy(policy) => Some(policy),
            Session::None | Session::Invalid => None,
        }
    }

    /// What its token says under a name.
    pub fn claim(&self, name: &str) -> Option<&str> {
        self.claims.text(name)
    }

    /// What the token of a key says that this one makes for itself: who it is, and a policy that narrows it.
    pub fn inherited_claims(&self) -> Claims {
        self.claims.clone()
    }

    /// Whose rights it has; empty for users, who have their own.
    pub fn parent(&self) -> &str {
        &self.record.parent
    }

    /// Groups that were recorded with the credential.
    pub fn groups(&self) -> &[String] {
        &self.record.groups
    }

    pub fn is_disabled(&self) -> bool {
        self.record.disabled
    }

    pub fn expiry(&self) -> Expiry {
        self.record.expiry
    }

    /// Whether it may sign requests at `now`.
    pub fn is_valid(&self, now: Timestamp) -> bool {
        !self.is_disabled() && !self.expiry().is_past(now)
    }

    /// Whether it ends: a temporary credential, or a service account with an expiry.
    pub fn is_temporary(&self) -> bool {
        self.record.session_token.is_some() && self.expiry().is_set()
    }

    pub fn is_service_account(&self) -> bool {
        !self.parent().is_empty() && self.claims.contains(token::SERVICE_ACCOUNT)
    }

    /// Whether it is as good as root: made by root, and not narrowed.
    pub(crate) fn is_owner(&self, root: &str) -> bool {
        self.parent() == root && self.access_key != SITE_REPLICATOR && !self.claims.contains(token::SESSION_POLICY)
    }

    /// The name that policies know it by: its parent's, or its own.
    pub(crate) fn policy_name(&self) -> &str {
        if self.parent().is_empty() { &self.access_key } else { self.parent() }
    }
}
