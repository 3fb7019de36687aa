//! Users and temporary credentials.

use super::{Change, ChangeError, MAX_DERIVED_ACCESS_KEY, MAX_DERIVED_SECRET_KEY, check_listed_name};
use crate::records::names::Document;
use crate::records::{IdentityRecord, MappingRecord};
use crate::snapshot::Held;
use crate::{Iam, MIN_ACCESS_KEY_LENGTH, MIN_SECRET_KEY_LENGTH};
use base::Secret;
use std::sync::Arc;

impl Iam {
    /// Makes a user, or gives one another secret and state. Its policies and groups stay.
    pub async fn put_user(
        self: &Arc<Self>,
        access_key: &str,
        secret: Secret,
        enabled: bool,
    ) -> Result<(), ChangeError> {
        let access_key = access_key.to_owned();
        self.change(move |change| async move {
            change.refuse_in_directory()?;
            check_listed_name(&access_key)?;
            if access_key.len() < MIN_ACCESS_KEY_LENGTH {
                return Err(ChangeError::BadAccessKey("it is too short"));
            }
            if secret.expose().len() < MIN_SECRET_KEY_LENGTH {
                return Err(ChangeError::BadSecretKey("it is too short"));
            }
            let snapshot = change.snapshot();
            let other = snapshot.account(&access_key).is_some_and(|account| !account.parent().is_empty());
            if change.is_root(&access_key) || other {
                return Err(ChangeError::AccessKeyTaken(access_key));
            }
            change.put_user(&access_key, secret, enabled).await
        })
        .await
    }

    /// Lets a user in, or keeps it out, with everything that was derived from it.
    pub async fn set_user_enabled(self: &Arc<Self>, access_key: &str, enabled: bool) -> Result<(), ChangeError> {
        let access_key = access_key.to_owned();
        self.change(move |change| async move {
            change.refuse_in_directory()?;
            let snapshot = change.snapshot();
            let user = snapshot.user(&access_key).ok_or_else(|| ChangeError::NoSuchUser(access_key.clone()))?;
            change.put_user(&access_key, user.secret().clone(), enabled).await
        })
        .await
    }

    /// Removes a user with its service accounts, its sessions, its policies and its places in groups. The user goes last:
    /// after a crash it can be removed again.
    pub async fn remove_user(self: &Arc<Self>, access_key: &str) -> Result<(), ChangeError> {
        let access_key = access_key.to_owned();
        self.change(move |change| async move {
            let snapshot = change.snapshot();
            snapshot.user(&access_key).ok_or_else(|| ChangeError::NoSuchUser(access_key.clone()))?;
            for group in snapshot.groups_of(&access_key) {
                change.edit_group(group, |group| group.members.retain(|member| *member != access_key)).await?;
            }
            for account in snapshot.accounts.values().filter(|account| account.parent() == access_key) {
                change.remove_identity(Document::ServiceAccount(account.access_key())).await?;
            }
            for account in snapshot.temporary.values().filter(|account| account.parent() == access_key) {
                change.remove_identity(Document::Temporary(account.access_key())).await?;
            }
            let none = MappingRecord::new(Vec::new(), change.now());
            change.put_mapping(Document::UserMapping(&access_key), none).await?;
            change.remove_identity(Document::User(&access_key)).await
        })
        .await
    }

    /// Stores a temporary credential, made by the token service. `mapping`: the policies of a parent that is no user.
    pub async fn put_temporary(
        self: &Arc<Self>,
        record: IdentityRecord,
        mapping: Option<Vec<String>>,
    ) -> Result<(), ChangeError> {
        self.change(move |change| async move {
            let secret = record.secret_key.as_ref().map_or(0, |secret| secret.expose().len());
            if !(MIN_ACCESS_KEY_LENGTH..=MAX_DERIVED_ACCESS_KEY).contains(&record.access_key.len()) {
                return Err(ChangeError::BadAccessKey("its length"));
            }
            if !(MIN_SECRET_KEY_LENGTH..=MAX_DERIVED_SECRET_KEY).contains(&secret) {
                return Err(ChangeError::BadSecretKey("its length"));
            }
            if change.snapshot().account(&record.access_key).is_some() || change.is_root(&record.access_key) {
                return Err(ChangeError::AccessKeyTaken(record.access_key));
            }
            if let Some(policies) = mapping {
                let mapping = MappingRecord::new(policies, change.now());
                change.put_mapping(Document::ParentMapping(&record.parent), mapping).await?;
            }
            let access_key = record.access_key.clone();
            let record = IdentityRecord { updated: Some(change.now()), ..record };
            change.put_identity(Document::Temporary(&access_key), record).await
        })
        .await
    }

    /// Removes a temporary credential.
    pub async fn remove_temporary(self: &Arc<Self>, access_key: &str) -> Result<(), ChangeError> {
        let access_key = access_key.to_owned();
        self.change(move |change| async move { change.remove_identity(Document::Temporary(&access_key)).await }).await
    }
}

impl Change {
    /// A user's document has its keys and its state, nothing else.
    async fn put_user(&self, access_key: &str, secret: Secret, enabled: bool) -> Result<(), ChangeError> {
        let record = IdentityRecord {
            access_key: access_key.to_owned(),
            secret_key: Some(secret),
            disabled: !enabled,
            updated: Some(self.now()),
            ..IdentityRecord::default()
        };
        self.put_identity(Document::User(access_key), record).await
    }

    /// Changes a group that is there and can be read.
    pub(super) async fn edit_group(
        &self,
        name: &str,
        edit: impl FnOnce(&mut crate::GroupRecord),
    ) -> Result<(), ChangeError> {
        self.refuse_in_directory()?;
        let snapshot = self.snapshot();
        let held = snapshot.groups.get(name).ok_or_else(|| ChangeError::NoSuchGroup(name.to_owned()))?;
        let Held::Read(group) = held else { return Err(ChangeError::Unreadable(Document::Group(name).name())) };
        let mut group = crate::GroupRecord::clone(group);
        edit(&mut group);
        self.put_group(name, group).await
    }
}
