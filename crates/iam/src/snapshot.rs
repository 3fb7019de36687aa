//! All identities at one moment: what a load found, and what changes made of it.

use crate::Account;
use crate::policy::canned;
use crate::records::{GroupRecord, MappingRecord, PolicyRecord};
use std::collections::{HashMap, HashSet};
use std::sync::Arc;

/// A stored thing, or the knowledge that it is there but can't be read.
///
/// The difference counts where something denies: who has a policy that can't be read may do nothing, for nobody knows
/// what it would have denied.
#[derive(Clone, Debug)]
pub(crate) enum Held<T> {
    Read(Arc<T>),
    Unreadable,
}

impl<T> Held<T> {
    pub(crate) fn get(&self) -> Option<&Arc<T>> {
        match self {
            Held::Read(held) => Some(held),
            Held::Unreadable => None,
        }
    }
}

/// Identities by name. Shared parts make a copy cheap.
#[derive(Clone, Debug, Default)]
pub(crate) struct Snapshot {
    /// Users and service accounts by access key.
    pub(crate) accounts: HashMap<String, Arc<Account>>,
    pub(crate) temporary: HashMap<String, Arc<Account>>,
    pub(crate) groups: HashMap<String, Held<GroupRecord>>,
    /// Stored policies, and those that every deployment has.
    pub(crate) policies: HashMap<String, Held<PolicyRecord>>,
    pub(crate) user_mappings: HashMap<String, Held<MappingRecord>>,
    /// Of parents that aren't users: of a directory, of OpenID, of certificates.
    pub(crate) parent_mappings: HashMap<String, Held<MappingRecord>>,
    pub(crate) group_mappings: HashMap<String, Held<MappingRecord>>,
    /// The groups of each user.
    memberships: HashMap<String, Vec<String>>,
    /// Access keys whose documents are there but can't be read.
    unreachable: HashSet<String>,
}

impl Snapshot {
    /// What there is when nothing is stored.
    pub(crate) fn empty() -> Snapshot {
        let mut snapshot = Snapshot::default();
        snapshot.add_canned();
        snapshot
    }

    /// Adds the policies that every deployment has where none of their names is stored.
    pub(crate) fn add_canned(&mut self) {
        for (name, policy) in canned() {
            let record = PolicyRecord { policy, created: None, updated: None };
            self.policies.entry(name.to_owned()).or_insert_with(|| Held::Read(Arc::new(record)));
        }
    }

    /// The account behind an access key.
    pub(crate) fn account(&self, access_key: &str) -> Option<&Arc<Account>> {
        self.accounts.get(access_key).or_else(|| self.temporary.get(access_key))
    }

    /// Whether there is a user (no service account) of this name.
    pub(crate) fn user(&self, name: &str) -> Option<&Arc<Account>> {
        self.accounts.get(name).filter(|account| account.parent().is_empty())
    }

    /// Whether an access key is known to be stored, though not what is stored of it.
    pub(crate) fn is_unreachable(&self, access_key: &str) -> bool {
        self.unreachable.contains(access_key)
    }

    pub(crate) fn add_unreachable(&mut self, access_key: &str) {
        self.unreachable.insert(access_key.to_owned());
    }

    pub(crate) fn groups_of(&self, user: &str) -> &[String] {
        self.memberships.get(user).map_or(&[], Vec::as_slice)
    }

    /// To be called when groups have changed.
    pub(crate) fn count_members(&mut self) {
        let mut memberships: HashMap<String, Vec<String>> = HashMap::new();
        for (name, group) in &self.groups {
            for member in group.get().iter().flat_map(|group| &group.members) {
                memberships.entry(member.clone()).or_default().push(name.clone());
            }
        }
        self.memberships = memberships;
    }
}
