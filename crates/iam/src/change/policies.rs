//! Named policies, and who has them.

use super::{Change, ChangeError, check_name};
use crate::policy::canned;
use crate::records::names::Document;
use crate::records::{MappingRecord, PolicyRecord};
use crate::snapshot::{Held, Snapshot};
use crate::{Iam, Policy};
use std::collections::HashMap;
use std::sync::Arc;

/// Who has policies.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Holder {
    User(String),
    /// A parent that is no user: of a directory, of OpenID, of certificates.
    Parent(String),
    Group(String),
}

impl Holder {
    fn document(&self) -> Document<'_> {
        match self {
            Holder::User(name) => Document::UserMapping(name),
            Holder::Parent(name) => Document::ParentMapping(name),
            Holder::Group(name) => Document::GroupMapping(name),
        }
    }

    fn mapping<'a>(&self, snapshot: &'a Snapshot) -> Option<&'a Held<MappingRecord>> {
        match self {
            Holder::User(name) => snapshot.user_mappings.get(name),
            Holder::Parent(name) => snapshot.parent_mappings.get(name),
            Holder::Group(name) => snapshot.group_mappings.get(name),
        }
    }

    fn check(&self, snapshot: &Snapshot) -> Result<(), ChangeError> {
        match self {
            Holder::User(name) if snapshot.user(name).is_none() => Err(ChangeError::NoSuchUser(name.clone())),
            Holder::Group(name) => match snapshot.groups.get(name) {
                None => Err(ChangeError::NoSuchGroup(name.clone())),
                Some(Held::Read(group)) if group.disabled => Err(ChangeError::GroupDisabled(name.clone())),
                Some(_) => Ok(()),
            },
            Holder::Parent(name) => check_name(name),
            Holder::User(_) => Ok(()),
        }
    }
}

impl Iam {
    /// Stores a policy, in the place of the one there was.
    pub async fn put_policy(self: &Arc<Self>, name: &str, policy: Policy) -> Result<(), ChangeError> {
        let name = name.to_owned();
        self.change(move |change| async move {
            check_name(&name)?;
            if name.contains(',') {
                return Err(ChangeError::BadName(name, "it has a comma"));
            }
            let now = change.now();
            let snapshot = change.snapshot();
            let created = snapshot.policies.get(&name).and_then(Held::get).and_then(|record| record.created);
            let record = PolicyRecord { policy, created: Some(created.unwrap_or(now)), updated: Some(now) };
            change.write(Document::Policy(&name), &record.to_json()).await?;
            change.iam.apply(|snapshot| {
                snapshot.policies.insert(name, Held::Read(Arc::new(record)));
            });
            Ok(())
        })
        .await
    }

    /// Removes a stored policy that nobody has; where it stood in for one of the server's own, that one is back.
    pub async fn remove_policy(self: &Arc<Self>, name: &str) -> Result<(), ChangeError> {
        let name = name.to_owned();
        self.change(move |change| async move {
            let snapshot = change.snapshot();
            let stored = match snapshot.policies.get(&name) {
                None => return Err(ChangeError::NoSuchPolicy(name)),
                Some(held) => held.get().is_none_or(|record| record.created.is_some() || !is_canned(&name)),
            };
            if !stored {
                return Err(ChangeError::CannedPolicy(name));
            }
            if has(&snapshot.user_mappings, &name) || has(&snapshot.group_mappings, &name) {
                return Err(ChangeError::PolicyInUse(name));
            }
            change.remove(Document::Policy(&name)).await?;
            change.iam.apply(|snapshot| {
                snapshot.policies.remove(&name);
                snapshot.add_canned();
            });
            Ok(())
        })
        .await
    }

    /// Sets exactly these policies; none: takes all away.
    pub async fn set_policies(self: &Arc<Self>, holder: Holder, names: Vec<String>) -> Result<(), ChangeError> {
        self.change(move |change| async move {
            let snapshot = change.snapshot();
            if !names.is_empty() {
                holder.check(&snapshot)?;
                check_policies(&snapshot, &names)?;
            }
            let record = MappingRecord::new(names, change.now());
            change.put_mapping(holder.document(), record).await
        })
        .await
    }

    /// Adds policies to those that there are. Gives the names that are new.
    pub async fn attach_policies(
        self: &Arc<Self>,
        holder: Holder,
        names: Vec<String>,
    ) -> Result<Vec<String>, ChangeError> {
        self.change(move |change| async move {
            let snapshot = change.snapshot();
            holder.check(&snapshot)?;
            check_policies(&snapshot, &names)?;
            let old = change.mapping(&holder, &snapshot)?;
            let mut new: Vec<String> = names.into_iter().filter(|name| !old.policies.contains(name)).collect();
            new.sort_unstable();
            new.dedup();
            let policies = old.policies.iter().chain(&new).cloned().collect();
            change.replace(&holder, old, policies, new).await
        })
        .await
    }

    /// Takes policies away, also ones that aren't there any more. Gives the names that were had.
    pub async fn detach_policies(
        self: &Arc<Self>,
        holder: Holder,
        names: Vec<String>,
    ) -> Result<Vec<String>, ChangeError> {
        self.change(move |change| async move {
            let old = change.mapping(&holder, &change.snapshot())?;
            let (gone, policies): (Vec<_>, Vec<_>) =
                old.policies.iter().cloned().partition(|name| names.contains(name));
            change.replace(&holder, old, policies, gone).await
        })
        .await
    }
}

impl Change {
    /// What a holder has; a mapping that can't be read is not replaced.
    fn mapping(&self, holder: &Holder, snapshot: &Snapshot) -> Result<MappingRecord, ChangeError> {
        match holder.mapping(snapshot) {
            // The version that MinIO gives to mappings that begin with an attached policy.
            None => Ok(MappingRecord { version: 0, ..MappingRecord::new(Vec::new(), self.now()) }),
            Some(Held::Read(record)) => Ok(MappingRecord::clone(record)),
            Some(Held::Unreadable) => Err(ChangeError::Unreadable(holder.document().name())),
        }
    }

    async fn replace(
        &self,
        holder: &Holder,
        old: MappingRecord,
        mut policies: Vec<String>,
        changed: Vec<String>,
    ) -> Result<Vec<String>, ChangeError> {
        if changed.is_empty() {
            return Err(ChangeError::NothingChanges);
        }
        policies.sort_unstable();
        let record = MappingRecord { policies, updated: Some(self.now()), ..old };
        self.put_mapping(holder.document(), record).await?;
        Ok(changed)
    }
}

fn is_canned(name: &str) -> bool {
    canned().any(|(known, _)| known == name)
}

fn has(mappings: &HashMap<String, Held<MappingRecord>>, policy: &str) -> bool {
    mappings.values().filter_map(Held::get).any(|record| record.policies.iter().any(|name| name == policy))
}

fn check_policies(snapshot: &Snapshot, names: &[String]) -> Result<(), ChangeError> {
    match names.iter().find(|name| !snapshot.policies.contains_key(*name)) {
        Some(unknown) => Err(ChangeError::NoSuchPolicy(unknown.clone())),
        None => Ok(()),
    }
}
