//! Service accounts and temporary credentials (spec admin-api.md, section 2.10).

mod listing;

pub use listing::{list, list_of_users};

use crate::api::{AdminResult, Asked, done};
use crate::error::AdminError;
use crate::{policies, times};
use base::{Secret, Timestamp};
use http::StatusCode;
use iam::{Account, Action, ChangeError, NewServiceAccount, Policy, ServiceAccountUpdate};
use rustfs_http::RequestBody;
use s3::Answer;
use serde::{Deserialize, Serialize};
use serde_json::{Value, json};
use std::sync::Arc;

/// Longest name of a service account, in bytes.
const MAX_NAME: usize = 32;
/// Longest description of a service account, in bytes.
const MAX_DESCRIPTION: usize = 256;

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct NewKey {
    policy: Value,
    target_user: String,
    access_key: String,
    secret_key: String,
    name: String,
    description: String,
    /// What older clients call the description.
    comment: String,
    expiration: Option<String>,
}

#[derive(Serialize)]
struct Made {
    credentials: MadeKey,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct MadeKey {
    access_key: String,
    secret_key: String,
    expiration: String,
}

/// Makes a service account: for the caller, or for somebody else.
pub async fn add(asked: &Asked<'_>, body: RequestBody) -> AdminResult<Answer> {
    let new: NewKey = asked.sealed(body).await?;
    let (iam, person) = (asked.iam(), asked.person());
    let target = if new.target_user.is_empty() { person } else { new.target_user.as_str() };
    let own = target == person || target == asked.access_key();
    asked.check_own(Action::AdminCreateServiceAccount, own)?;
    let caller = asked.visitor.caller().account().filter(|_| own);
    let parent = if target == asked.access_key() { person } else { target };
    if !own && target != iam.root_name() && iam.user(target).is_none() {
        let message = format!("Specified target user {target} does not exist");
        return Err(AdminError::no_such_user().saying(message));
    }
    check_name(&new.name)?;
    let description = if new.description.is_empty() { new.comment } else { new.description };
    check_description(&description)?;
    let keys = match (new.access_key.as_str(), new.secret_key.as_str()) {
        ("", "") => None,
        (_, "") => return Err(AdminError::no_secret_key()),
        ("", _) => return Err(AdminError::no_access_key()),
        (access_key, secret) => Some((access_key.to_owned(), Secret::new(secret))),
    };
    match &keys {
        Some((key, _)) if key == iam.root_name() => return Err(AdminError::is_root()),
        Some((key, _)) if key == parent => return Err(AdminError::not_allowed()),
        _ => {}
    }
    let expires = new.expiration.as_deref().map_or(Ok(None), end)?;
    let (access_key, secret) = iam
        .create_service_account(NewServiceAccount {
            parent: parent.to_owned(),
            groups: caller.map(|account| account.groups().to_vec()).unwrap_or_default(),
            keys,
            policy: policy(&new.policy)?,
            expires,
            name: new.name,
            description,
            claims: caller.map(|account| account.inherited_claims()).unwrap_or_default(),
        })
        .await?;
    let expiration = match iam.account(&access_key) {
        Some(account) => times::end(account.expiry()),
        None => times::end(iam::Expiry::Never),
    };
    asked.seal(&Made { credentials: MadeKey { access_key, secret_key: secret.expose().to_owned(), expiration } }).await
}

/// A policy of the account's own; `None`: its parent's rights.
fn policy(document: &Value) -> AdminResult<Option<Policy>> {
    let blank = document.is_null() || document.as_object().is_some_and(serde_json::Map::is_empty);
    if blank { Ok(None) } else { policies::parse(document.to_string().as_bytes()).map(Some) }
}

fn end(text: &str) -> AdminResult<Option<Timestamp>> {
    times::parse(text).ok_or_else(|| AdminError::invalid_resource().saying("the expiration is not a time"))
}

fn check_name(name: &str) -> AdminResult<()> {
    let starts_well = name.is_empty() || name.starts_with(|first: char| first.is_ascii_alphabetic());
    if name.len() <= MAX_NAME && starts_well {
        return Ok(());
    }
    Err(AdminError::invalid_resource()
        .saying("name must not be longer than 32 characters and begin with an ASCII letter"))
}

fn check_description(text: &str) -> AdminResult<()> {
    if text.len() <= MAX_DESCRIPTION {
        return Ok(());
    }
    Err(AdminError::invalid_resource().saying("description must be at most 256 bytes long"))
}

#[derive(Default, Deserialize)]
#[serde(rename_all = "camelCase", default)]
struct Change {
    new_policy: Value,
    new_secret_key: String,
    new_status: String,
    new_name: String,
    new_description: String,
    new_expiration: Option<String>,
}

/// Changes a service account. What isn't named stays: MinIO drops the policy then, which would widen its rights.
pub async fn update(asked: &Asked<'_>, body: RequestBody) -> AdminResult<Answer> {
    let account = service_account_named(asked)?;
    asked.check(Action::AdminUpdateServiceAccount)?;
    let change: Change = asked.sealed(body).await?;
    let enabled = match change.new_status.as_str() {
        "" => None,
        "on" | "enabled" => Some(true),
        "off" | "disabled" => Some(false),
        _ => return Err(AdminError::invalid_resource().saying("the status is neither on nor off")),
    };
    check_name(&change.new_name)?;
    check_description(&change.new_description)?;
    let given = |text: String| (!text.is_empty()).then_some(text);
    let update = ServiceAccountUpdate {
        secret: given(change.new_secret_key).map(Secret::new),
        policy: if change.new_policy.is_null() { None } else { Some(policy(&change.new_policy)?) },
        enabled,
        expires: change.new_expiration.as_deref().map(end).transpose()?,
        name: given(change.new_name),
        description: given(change.new_description),
    };
    asked.iam().update_service_account(account.access_key(), update).await?;
    Ok(done(StatusCode::NO_CONTENT))
}

/// The service account that `accessKey` names.
fn service_account_named(asked: &Asked<'_>) -> AdminResult<Arc<Account>> {
    let account = asked.iam().account(asked.parameter("accessKey"));
    match account {
        Some(account) if account.is_service_account() => Ok(account),
        _ => Err(AdminError::no_such_service_account()),
    }
}

/// Removes a service account.
pub async fn remove(asked: &Asked<'_>) -> AdminResult<Answer> {
    let account = asked.iam().account(asked.parameter("accessKey")).ok_or_else(AdminError::no_such_service_account)?;
    if account.parent().is_empty() {
        return Ok(done(StatusCode::NO_CONTENT));
    }
    let own = account.parent() == asked.person();
    // To whoever may not remove it, it isn't there.
    asked
        .check_own(Action::AdminRemoveServiceAccount, own)
        .map_err(|error| if own { error } else { AdminError::no_such_service_account() })?;
    asked.iam().remove_service_account(account.access_key()).await?;
    Ok(done(StatusCode::NO_CONTENT))
}

/// A credential as it is shown.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
pub struct AccountDocument {
    parent_user: String,
    account_status: &'static str,
    implied_policy: bool,
    policy: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    name: String,
    #[serde(skip_serializing_if = "String::is_empty")]
    description: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    expiration: Option<String>,
}

impl AccountDocument {
    fn of(asked: &Asked<'_>, account: &Account) -> AdminResult<Self> {
        let own = account.own_policy();
        let parent =
            || asked.iam().implied_policy(account.access_key()).map_or_else(nothing, |policy| policy.to_json());
        let shown = own.map_or_else(parent, Policy::to_json);
        let mut text = Vec::new();
        let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
        let mut writer = serde_json::Serializer::with_formatter(&mut text, formatter);
        shown.serialize(&mut writer).map_err(|_| AdminError::internal())?;
        let record = account.record();
        Ok(AccountDocument {
            parent_user: account.parent().to_owned(),
            account_status: on_or_off(account),
            implied_policy: own.is_none(),
            policy: String::from_utf8_lossy(&text).into_owned(),
            name: record.name.clone(),
            description: record.description.clone(),
            expiration: times::known_end(account.expiry()),
        })
    }
}

/// How a policy is shown that isn't there.
fn nothing() -> Value {
    json!({"Version": "", "Statement": null})
}

fn on_or_off(account: &Account) -> &'static str {
    if account.is_disabled() { "off" } else { "on" }
}

/// What a service account is.
pub async fn service_account(asked: &Asked<'_>) -> AdminResult<Answer> {
    let named = asked.iam().account(asked.parameter("accessKey"));
    if named.is_some_and(|account| account.parent().is_empty()) {
        return Err(AdminError::access_denied());
    }
    let account = service_account_named(asked)?;
    asked.check_own(Action::AdminListServiceAccounts, account.parent() == asked.person())?;
    asked.seal(&AccountDocument::of(asked, &account)?).await
}

/// What a temporary credential is.
pub async fn temporary(asked: &Asked<'_>) -> AdminResult<Answer> {
    asked.check(Action::AdminListTemporaryAccounts)?;
    let account = asked.iam().account(asked.parameter("accessKey"));
    let account = account.ok_or_else(AdminError::no_temporary_account)?;
    if account.parent().is_empty() {
        return Err(AdminError::access_denied());
    }
    if !account.is_temporary() {
        return Err(AdminError::no_temporary_account());
    }
    asked.seal(&AccountDocument::of(asked, &account)?).await
}

#[derive(Serialize)]
struct KeyDocument {
    #[serde(rename = "AccessKey")]
    access_key: String,
    #[serde(flatten)]
    account: AccountDocument,
    #[serde(rename = "userType")]
    user_type: &'static str,
    #[serde(rename = "userProvider")]
    user_provider: &'static str,
    #[serde(rename = "ldapSpecificInfo")]
    ldap: LdapInfo,
    #[serde(rename = "openIDSpecificInfo")]
    openid: OpenIdInfo,
}

#[derive(Serialize)]
struct LdapInfo {
    username: String,
}

#[derive(Serialize)]
struct OpenIdInfo {
    #[serde(rename = "configName")]
    config_name: &'static str,
    #[serde(rename = "userID")]
    user_id: String,
    #[serde(rename = "userIDClaim")]
    user_id_claim: &'static str,
}

/// What an access key is, whichever kind it is of; without one: the caller's own.
pub async fn info(asked: &Asked<'_>) -> AdminResult<Answer> {
    let key = match asked.parameter("accessKey") {
        "" => asked.access_key(),
        key => key,
    };
    let account = asked.iam().account(key).filter(|account| !account.parent().is_empty());
    let account = account.ok_or_else(AdminError::no_such_access_key)?;
    let action = match account.is_temporary() {
        true => Action::AdminListTemporaryAccounts,
        false => Action::AdminListServiceAccounts,
    };
    asked.check_own(action, account.parent() == asked.person())?;
    let claim = |name: &str| account.claim(name).unwrap_or_default().to_owned();
    let (ldap, subject) = (claim("ldapUsername"), claim("sub"));
    let user_provider = match (ldap.is_empty(), subject.is_empty()) {
        (false, _) => "ldap",
        (true, false) => "openid",
        (true, true) => "builtin",
    };
    let user_id_claim = if subject.is_empty() { "" } else { "sub" };
    asked
        .seal(&KeyDocument {
            access_key: key.to_owned(),
            account: AccountDocument::of(asked, &account)?,
            user_type: if account.is_temporary() { "STS" } else { "Service Account" },
            user_provider,
            ldap: LdapInfo { username: ldap },
            openid: OpenIdInfo { config_name: "", user_id: subject, user_id_claim },
        })
        .await
}

/// Ends temporary credentials of a user: all, or those of one kind.
pub async fn revoke(asked: &Asked<'_>) -> AdminResult<Answer> {
    let (user, kind) = (asked.parameter("user"), asked.parameter("tokenRevokeType"));
    let full = asked.parameter("fullRevoke") == "true";
    let own = user.is_empty() || user == asked.person();
    asked.check_own(Action::AdminRemoveServiceAccount, own)?;
    if kind.is_empty() && !full {
        return Err(if user.is_empty() {
            AdminError::from(s3::ErrorCode::InvalidArgument)
        } else {
            AdminError::invalid_request()
        });
    }
    let user = if user.is_empty() { asked.person() } else { user };
    for account in asked.iam().derived_from(user) {
        let meant = full || account.claim("tokenRevokeType") == Some(kind);
        if account.is_temporary() && !account.is_service_account() && meant {
            match asked.iam().remove_temporary(account.access_key()).await {
                Ok(()) | Err(ChangeError::NoSuchServiceAccount(_)) => {}
                Err(error) => return Err(error.into()),
            }
        }
    }
    Ok(done(StatusCode::NO_CONTENT))
}
