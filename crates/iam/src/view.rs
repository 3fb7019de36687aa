//! What there is, for whoever administers it. No secret comes out here.

#[cfg(test)]
mod tests;

use crate::policy::Policy;
use crate::records::{MappingRecord, PolicyRecord};
use crate::rights::Rights;
use crate::snapshot::{Held, Snapshot};
use crate::{Account, Holder, Iam};
use base::Timestamp;
use std::sync::Arc;

/// A user, with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct UserView {
    pub name: String,
    pub enabled: bool,
    pub policies: Vec<String>,
    /// When the policies were mapped; `None` if none are.
    pub mapped: Option<Timestamp>,
    /// Sorted.
    pub groups: Vec<String>,
}

/// A group, with what belongs to it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct GroupView {
    pub name: String,
    pub enabled: bool,
    pub members: Vec<String>,
    /// None while it is disabled: they are nobody's then.
    pub policies: Vec<String>,
    pub updated: Option<Timestamp>,
}

impl Iam {
    /// Root's access key.
    pub fn root_name(&self) -> &str {
        self.root.access_key()
    }

    /// All users, by name.
    pub fn users(&self) -> Vec<UserView> {
        let snapshot = self.snapshot();
        let users = snapshot.accounts.values().filter(|account| account.parent().is_empty());
        let mut users: Vec<UserView> = users.map(|user| user_view(&snapshot, user)).collect();
        users.sort_unstable_by(|a, b| a.name.cmp(&b.name));
        users
    }

    /// A user of this name: no service account, not root.
    pub fn user(&self, name: &str) -> Option<UserView> {
        let snapshot = self.snapshot();
        snapshot.user(name).map(|user| user_view(&snapshot, user))
    }

    /// The names of all groups, sorted; those that can't be read as well.
    pub fn groups(&self) -> Vec<String> {
        let snapshot = self.snapshot();
        let mut names: Vec<String> = snapshot.groups.keys().cloned().collect();
        names.sort_unstable();
        names
    }

    /// A group that can be read.
    pub fn group(&self, name: &str) -> Option<GroupView> {
        let snapshot = self.snapshot();
        let group = snapshot.groups.get(name)?.get()?;
        let mapping = snapshot.group_mappings.get(name).and_then(Held::get);
        Some(GroupView {
            name: name.to_owned(),
            enabled: !group.disabled,
            members: group.members.clone(),
            policies: mapping.filter(|_| !group.disabled).map(|mapping| mapping.policies.clone()).unwrap_or_default(),
            updated: group.updated,
        })
    }

    /// All policies that can be read, the server's own among them, by name.
    pub fn policies(&self) -> Vec<(String, Arc<PolicyRecord>)> {
        let snapshot = self.snapshot();
        let read = snapshot.policies.iter().filter_map(|(name, held)| Some((name.clone(), Arc::clone(held.get()?))));
        let mut policies: Vec<_> = read.collect();
        policies.sort_unstable_by(|a, b| a.0.cmp(&b.0));
        policies
    }

    /// A policy that can be read.
    pub fn policy(&self, name: &str) -> Option<Arc<PolicyRecord>> {
        self.snapshot().policies.get(name)?.get().cloned()
    }

    /// Whoever has policies of their own, by kind and name.
    pub fn mappings(&self) -> Vec<(Holder, Vec<String>)> {
        let snapshot = self.snapshot();
        let users = listed(&snapshot.user_mappings, Holder::User);
        let groups = listed(&snapshot.group_mappings, Holder::Group);
        users.chain(groups).collect()
    }

    /// The account behind an access key: a user, a service account, a temporary credential; not root.
    pub fn account(&self, access_key: &str) -> Option<Arc<Account>> {
        self.snapshot().account(access_key).cloned()
    }

    /// The service accounts and the temporary credentials that have the rights of `parent`, by access key.
    pub fn derived_from(&self, parent: &str) -> Vec<Arc<Account>> {
        let snapshot = self.snapshot();
        let all = snapshot.accounts.values().chain(snapshot.temporary.values());
        let mut derived: Vec<_> = all.filter(|account| account.parent() == parent).cloned().collect();
        derived.sort_unstable_by(|a, b| a.access_key().cmp(b.access_key()));
        derived
    }

    /// Whether a user's policies may allow something that is about the bucket or what is in it.
    pub fn may_use_bucket(&self, name: &str, bucket: &str) -> bool {
        self.effective_policy(name).may_be_about(bucket)
    }

    /// What a derived key may do by its parent's policies; `None` if there are none.
    pub fn implied_policy(&self, access_key: &str) -> Option<Policy> {
        let parent = self.account(access_key)?.parent().to_owned();
        if parent == self.root.access_key() {
            return None;
        }
        Some(self.effective_policy(access_key)).filter(|policy| !policy.is_empty())
    }

    /// What an account or its parent may do by named policies, in one document; root's is everything.
    pub fn effective_policy(&self, name: &str) -> Policy {
        let snapshot = self.snapshot();
        if name == self.root.access_key() {
            return snapshot
                .policies
                .get("consoleAdmin")
                .and_then(Held::get)
                .map_or_else(Policy::none, |record| record.policy.clone());
        }
        let account = snapshot.account(name);
        let rights: Rights<'_> = self.rights(&snapshot);
        Policy::merged(rights.named_policies(name, account.map(AsRef::as_ref)))
    }
}

fn user_view(snapshot: &Snapshot, user: &Account) -> UserView {
    let name = user.access_key();
    let mapping = snapshot.user_mappings.get(name).and_then(Held::get);
    let mut groups = snapshot.groups_of(name).to_vec();
    groups.sort_unstable();
    UserView {
        name: name.to_owned(),
        enabled: !user.is_disabled(),
        policies: mapping.map(|mapping| mapping.policies.clone()).unwrap_or_default(),
        mapped: mapping.and_then(|mapping| mapping.updated),
        groups,
    }
}

fn listed<'a>(
    mappings: &'a std::collections::HashMap<String, Held<MappingRecord>>,
    holder: fn(String) -> Holder,
) -> impl Iterator<Item = (Holder, Vec<String>)> + 'a {
    let mut read: Vec<_> = mappings.iter().filter_map(|(name, held)| Some((name, held.get()?))).collect();
    read.sort_unstable_by(|a, b| a.0.cmp(b.0));
    read.into_iter().map(move |(name, mapping)| (holder(name.clone()), mapping.policies.clone()))
}
