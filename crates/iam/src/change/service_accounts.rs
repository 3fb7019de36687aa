//! Service accounts: keys that do what their parent may do, or less.

use super::{
    Change, ChangeError, MAX_DERIVED_ACCESS_KEY, MAX_DERIVED_SECRET_KEY, MAX_SESSION_POLICY, check_listed_name,
};
use crate::records::names::Document;
use crate::records::{Expiry, IdentityRecord};
use crate::token::{self, Claims};
use crate::{Iam, MIN_ACCESS_KEY_LENGTH, MIN_SECRET_KEY_LENGTH, Policy};
use base::{Secret, Timestamp};
use std::sync::Arc;
use std::time::Duration;

/// How soon and how late a service account may end.
const SOONEST: Duration = Duration::from_secs(15 * 60);
const LATEST: Duration = Duration::from_secs(365 * 24 * 60 * 60);

/// A service account to make.
#[derive(Clone, Debug, Default)]
pub struct NewServiceAccount {
    /// Whose rights it has: root or a user, or a parent that is no user.
    pub parent: String,
    /// Groups to remember with it, of a directory.
    pub groups: Vec<String>,
    /// `None`: made at random.
    pub keys: Option<(String, Secret)>,
    /// A policy that narrows the parent's rights.
    pub policy: Option<Policy>,
    pub expires: Option<Timestamp>,
    pub name: String,
    pub description: String,
    /// Further claims, of the token of whoever makes it for itself.
    pub claims: Claims,
}

/// What of a service account is to change; `None` stays.
#[derive(Clone, Debug, Default)]
pub struct ServiceAccountUpdate {
    pub secret: Option<Secret>,
    /// `Some(None)`: the parent's rights again.
    pub policy: Option<Option<Policy>>,
    pub enabled: Option<bool>,
    /// `Some(None)`: no end.
    pub expires: Option<Option<Timestamp>>,
    pub name: Option<String>,
    pub description: Option<String>,
}

impl Iam {
    /// Makes a service account. Gives its keys.
    pub async fn create_service_account(
        self: &Arc<Self>,
        new: NewServiceAccount,
    ) -> Result<(String, Secret), ChangeError> {
        self.change(move |change| async move {
            let (access_key, secret) = match new.keys.clone() {
                Some(keys) => keys,
                None => change.random_keys(),
            };
            check_keys(&access_key, &secret)?;
            let snapshot = change.snapshot();
            if snapshot.account(&access_key).is_some() || change.is_root(&access_key) || access_key == new.parent {
                return Err(ChangeError::AccessKeyTaken(access_key));
            }
            let expiry = expiry(new.expires, change.now())?;
            let mut claims = new.claims;
            claims.remove("exp");
            claims.insert(token::ACCESS_KEY, access_key.as_str().into());
            claims.insert(token::PARENT, new.parent.as_str().into());
            set_policy(&mut claims, new.policy.as_ref())?;
            let record = IdentityRecord {
                access_key: access_key.clone(),
                session_token: Some(claims.sign(&secret)),
                secret_key: Some(secret.clone()),
                expiry,
                parent: new.parent,
                groups: new.groups,
                name: new.name,
                description: new.description,
                updated: Some(change.now()),
                ..IdentityRecord::default()
            };
            change.put_identity(Document::ServiceAccount(&access_key), record).await?;
            Ok((access_key, secret))
        })
        .await
    }

    /// Changes a service account; its token is signed anew.
    pub async fn update_service_account(
        self: &Arc<Self>,
        access_key: &str,
        update: ServiceAccountUpdate,
    ) -> Result<(), ChangeError> {
        let access_key = access_key.to_owned();
        self.change(move |change| async move {
            let account = change.service_account(&access_key)?;
            let mut record = account.record().clone();
            let secret = update.secret.unwrap_or_else(|| account.secret().clone());
            check_keys(&access_key, &secret)?;
            let mut claims = account.claims().clone();
            if let Some(policy) = &update.policy {
                set_policy(&mut claims, policy.as_ref())?;
            }
            record.session_token = Some(claims.sign(&secret));
            record.secret_key = Some(secret);
            record.disabled = update.enabled.map_or(record.disabled, |enabled| !enabled);
            if let Some(expires) = update.expires {
                record.expiry = expiry(expires, change.now())?;
            }
            record.name = update.name.unwrap_or(record.name);
            record.description = update.description.unwrap_or(record.description);
            record.updated = Some(change.now());
            change.put_identity(Document::ServiceAccount(&access_key), record).await
        })
        .await
    }

    /// Removes a service account.
    pub async fn remove_service_account(self: &Arc<Self>, access_key: &str) -> Result<(), ChangeError> {
        let access_key = access_key.to_owned();
        self.change(move |change| async move {
            change.service_account(&access_key)?;
            change.remove_identity(Document::ServiceAccount(&access_key)).await
        })
        .await
    }
}

impl Change {
    fn service_account(&self, access_key: &str) -> Result<Arc<crate::Account>, ChangeError> {
        let snapshot = self.snapshot();
        let account = snapshot.accounts.get(access_key).filter(|account| account.is_service_account());
        account.cloned().ok_or_else(|| ChangeError::NoSuchServiceAccount(access_key.to_owned()))
    }
}

fn check_keys(access_key: &str, secret: &Secret) -> Result<(), ChangeError> {
    check_listed_name(access_key)?;
    if !(MIN_ACCESS_KEY_LENGTH..=MAX_DERIVED_ACCESS_KEY).contains(&access_key.len()) {
        return Err(ChangeError::BadAccessKey("its length"));
    }
    if !(MIN_SECRET_KEY_LENGTH..=MAX_DERIVED_SECRET_KEY).contains(&secret.expose().len()) {
        return Err(ChangeError::BadSecretKey("its length"));
    }
    Ok(())
}

/// Puts a policy into a token, or takes it out.
fn set_policy(claims: &mut Claims, policy: Option<&Policy>) -> Result<(), ChangeError> {
    claims.remove(token::SESSION_POLICY);
    let kind = match policy {
        None => token::INHERITED,
        Some(policy) => {
            let text = policy.to_json().to_string();
            if text.len() > MAX_SESSION_POLICY {
                return Err(ChangeError::PolicyTooLong { size: text.len(), limit: MAX_SESSION_POLICY });
            }
            claims.set_session_policy(&text);
            token::EMBEDDED
        }
    };
    claims.insert(token::SERVICE_ACCOUNT, kind.into());
    Ok(())
}

/// In whole seconds, within bounds.
fn expiry(expires: Option<Timestamp>, now: Timestamp) -> Result<Expiry, ChangeError> {
    let Some(end) = expires else { return Ok(Expiry::Never) };
    let end = Timestamp::from_secs(end.secs());
    if end < Timestamp::from_secs(now.plus(SOONEST).secs()) || end > now.plus(LATEST) {
        return Err(ChangeError::BadExpiry("it must be between 15 minutes and a year from now"));
    }
    Ok(Expiry::At(end))
}
