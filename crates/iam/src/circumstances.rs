//! The circumstances of a request that policies can ask about.
//!
//! Each key has one source. MinIO looks a key up among all headers and parameters of a request, so that a header named
//! like a key takes its place; here whoever knows the request answers key by key, and what tells of the caller is
//! answered by this crate alone.

use crate::policy::ConditionKey;
use crate::policy::values::Values;
use crate::{Acl, Caller, KeyName};
use std::borrow::Cow;
use std::collections::BTreeMap;

/// Answers what a request says, for keys that don't tell of the caller. Asked only when a policy depends on it.
pub trait Circumstances: Sync {
    /// All values of a key; none if the request doesn't have it.
    fn values(&self, key: &ConditionKey) -> Vec<Cow<'_, str>>;

    /// The access control list of the object that the question is about, where it has one that was looked up.
    fn object_acl(&self) -> Option<&Acl> {
        None
    }
}

/// Circumstances written out: keys as policies name them, with their values. Empty by default.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Context {
    pub values: BTreeMap<String, Vec<String>>,
}

impl Circumstances for Context {
    fn values(&self, key: &ConditionKey) -> Vec<Cow<'_, str>> {
        let found = self.values.get(&key.to_string());
        found.into_iter().flatten().map(|value| Cow::Borrowed(value.as_str())).collect()
    }
}

/// A request as policies see it: its circumstances, and who asks.
pub(crate) struct Asked<'a> {
    pub(crate) caller: &'a Caller,
    pub(crate) circumstances: &'a dyn Circumstances,
}

impl Values for Asked<'_> {
    fn all(&self, key: &ConditionKey) -> Vec<Cow<'_, str>> {
        if !key.key().is_of_caller() {
            return self.circumstances.values(key);
        }
        if key.suffix().is_some() {
            return Vec::new();
        }
        let name = || Cow::Borrowed(self.caller.account_name());
        match key.key() {
            KeyName::PrincipalType => vec![Cow::Borrowed(self.caller.principal_type())],
            KeyName::UserName | KeyName::UserId => match self.caller.claim(key.key().local()) {
                Some(claimed) => vec![Cow::Owned(claimed)],
                None => vec![name()],
            },
            KeyName::Groups | KeyName::LdapGroups | KeyName::JwtGroups => {
                self.caller.group_names().into_iter().map(Cow::Owned).collect()
            }
            other => self.caller.claim(other.local()).into_iter().map(Cow::Owned).collect(),
        }
    }
}
