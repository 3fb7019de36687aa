//! Groups.

use super::{Change, ChangeError, check_listed_name};
use crate::Iam;
use crate::records::names::Document;
use crate::records::{GroupRecord, MappingRecord};
use crate::snapshot::Held;
use std::sync::Arc;

impl Iam {
    /// Adds users to a group; makes the group where there is none.
    pub async fn add_to_group(self: &Arc<Self>, group: &str, users: Vec<String>) -> Result<(), ChangeError> {
        let group = group.to_owned();
        self.change(move |change| async move {
            change.refuse_in_directory()?;
            check_listed_name(&group)?;
            let snapshot = change.snapshot();
            if let Some(unknown) = users.iter().find(|user| snapshot.user(user).is_none()) {
                return Err(ChangeError::NoSuchUser(unknown.clone()));
            }
            if !snapshot.groups.contains_key(&group) {
                return change
                    .put_group(&group, GroupRecord { members: unique(users), ..GroupRecord::default() })
                    .await;
            }
            let add = |group: &mut GroupRecord| {
                let all = group.members.drain(..).chain(users).collect();
                group.members = unique(all);
            };
            change.edit_group(&group, add).await
        })
        .await
    }

    /// Takes users out of a group.
    pub async fn remove_from_group(self: &Arc<Self>, group: &str, users: Vec<String>) -> Result<(), ChangeError> {
        let group = group.to_owned();
        self.change(move |change| async move {
            change.edit_group(&group, |group| group.members.retain(|member| !users.contains(member))).await
        })
        .await
    }

    /// Removes a group that has no members, and what is mapped to it.
    pub async fn remove_group(self: &Arc<Self>, group: &str) -> Result<(), ChangeError> {
        let group = group.to_owned();
        self.change(move |change| async move {
            let snapshot = change.snapshot();
            match snapshot.groups.get(&group) {
                None => return Err(ChangeError::NoSuchGroup(group)),
                Some(Held::Read(held)) if !held.members.is_empty() => return Err(ChangeError::GroupNotEmpty(group)),
                Some(_) => {}
            }
            let none = MappingRecord::new(Vec::new(), change.now());
            change.put_mapping(Document::GroupMapping(&group), none).await?;
            change.remove(Document::Group(&group)).await?;
            change.iam.apply(|snapshot| {
                snapshot.groups.remove(&group);
                snapshot.count_members();
            });
            Ok(())
        })
        .await
    }

    /// Disables a group, which takes all rights from its members, or enables it.
    pub async fn set_group_enabled(self: &Arc<Self>, group: &str, enabled: bool) -> Result<(), ChangeError> {
        let group = group.to_owned();
        self.change(move |change| async move { change.edit_group(&group, |group| group.disabled = !enabled).await })
            .await
    }
}

impl Change {
    pub(super) async fn put_group(&self, name: &str, group: GroupRecord) -> Result<(), ChangeError> {
        let group = GroupRecord { updated: Some(self.now()), ..group };
        self.write(Document::Group(name), &group.to_json()).await?;
        self.iam.apply(|snapshot| {
            snapshot.groups.insert(name.to_owned(), Held::Read(Arc::new(group)));
            snapshot.count_members();
        });
        Ok(())
    }
}

fn unique(mut names: Vec<String>) -> Vec<String> {
    names.sort_unstable();
    names.dedup();
    names
}
