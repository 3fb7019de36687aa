//! The one authorization path: a question with an answer that can't be forged.

#[cfg(test)]
mod tests;

use crate::{Action, Caller, Credentials};
use std::collections::BTreeMap;
use std::net::IpAddr;

/// The circumstances of a request that policies can ask about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    /// Where the request came from (`aws:SourceIp`).
    pub source_ip: Option<IpAddr>,
    /// Whether it came over TLS (`aws:SecureTransport`).
    pub secure_transport: bool,
    /// Other condition keys with their values (`s3:prefix`, `aws:UserAgent`, ...).
    pub values: BTreeMap<String, Vec<String>>,
}

/// The proof that a caller may do one thing to one bucket or object. Only [`Iam::authorize`] makes it; the
/// operations of `service` take bucket and key from it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Grant {
    caller: Caller,
    action: Action,
    bucket: Option<String>,
    key: Option<String>,
}

impl Grant {
    pub fn caller(&self) -> &Caller {
        &self.caller
    }

    pub fn action(&self) -> Action {
        self.action
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

/// The identities this server knows.
#[derive(Debug)]
pub struct Iam {
    root: Credentials,
}

impl Iam {
    /// A server that only `root` may use.
    pub fn new(root: Credentials) -> Self {
        Iam { root }
    }

    /// The credentials that `access_key` signs with, if it is known: for verifying signatures only.
    pub fn credentials(&self, access_key: &str) -> Option<&Credentials> {
        (self.root.access_key() == access_key).then_some(&self.root)
    }

    /// The identity behind an access key. Call it only after its signature has been verified.
    pub fn caller(&self, access_key: &str) -> Option<Caller> {
        self.credentials(access_key).map(|credentials| Caller::root(credentials.access_key()))
    }

    /// Whether `caller` may do `action` to `bucket` (or to `key` in it).
    pub fn authorize(
        &self,
        caller: &Caller,
        action: Action,
        bucket: Option<&str>,
        key: Option<&str>,
        _context: &Context,
    ) -> Result<Grant, Denied> {
        if caller.is_root() && caller.access_key() == Some(self.root.access_key()) {
            return Ok(Grant {
                caller: caller.clone(),
                action,
                bucket: bucket.map(str::to_owned),
                key: key.map(str::to_owned),
            });
        }
        Err(Denied { access_key: caller.access_key().map(str::to_owned), action })
    }
}
