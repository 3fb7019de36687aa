//! Users (spec admin-api.md, section 2.9).

use crate::api::{AdminResult, Asked, done, shown, status_text};
use crate::error::AdminError;
use crate::times;
use base::Secret;
use http::StatusCode;
use iam::{Action, ChangeError, UserView};
use rustfs_http::RequestBody;
use s3::Answer;
use serde::{Deserialize, Serialize};
use std::collections::BTreeMap;

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct NewUser {
    #[serde(default)]
    secret_key: String,
    #[serde(default)]
    status: String,
}

/// A user as it is shown; its secret never is.
#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserDocument {
    #[serde(skip_serializing_if = "Option::is_none")]
    policy_name: Option<String>,
    status: &'static str,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    member_of: Vec<String>,
    updated_at: String,
}

impl From<UserView> for UserDocument {
    fn from(user: UserView) -> Self {
        UserDocument {
            policy_name: (!user.policies.is_empty()).then(|| user.policies.join(",")),
            status: status_text(user.enabled),
            member_of: user.groups,
            updated_at: times::text(user.mapped),
        }
    }
}

/// Makes a user, or gives one another secret and state.
pub async fn add(asked: &Asked<'_>, body: RequestBody) -> AdminResult<Answer> {
    let name = asked.parameter("accessKey");
    asked.check_own(Action::AdminCreateUser, name == asked.access_key())?;
    if name == asked.iam().root_name() {
        return Err(AdminError::is_root());
    }
    if name.trim() != name {
        return Err(AdminError::invalid_resource());
    }
    let new: NewUser = asked.sealed(body).await?;
    let enabled = matches!(new.status.as_str(), "enabled" | "on");
    asked.iam().put_user(name, Secret::new(new.secret_key), enabled).await.map_err(|error| match error {
        ChangeError::AccessKeyTaken(_) => AdminError::not_allowed(),
        other => other.into(),
    })?;
    Ok(done(StatusCode::OK))
}

pub async fn list(asked: &Asked<'_>) -> AdminResult<Answer> {
    asked.check(Action::AdminListUsers)?;
    let bucket = asked.parameter("bucket");
    let users = asked.iam().users().into_iter();
    let users = users.filter(|user| bucket.is_empty() || asked.iam().may_use_bucket(&user.name, bucket));
    let users: BTreeMap<String, UserDocument> = users.map(|user| (user.name.clone(), user.into())).collect();
    asked.seal(&users).await
}

pub fn info(asked: &Asked<'_>) -> AdminResult<Answer> {
    let name = asked.parameter("accessKey");
    asked.check_own(Action::AdminGetUser, name == asked.person())?;
    let user = asked.iam().user(name).ok_or_else(AdminError::no_such_user)?;
    shown(&UserDocument::from(user))
}

pub async fn set_status(asked: &Asked<'_>) -> AdminResult<Answer> {
    asked.check(Action::AdminEnableUser)?;
    let name = asked.parameter("accessKey");
    if name == asked.access_key() {
        return Err(AdminError::invalid_argument());
    }
    let enabled = enabled(asked)?;
    asked.iam().set_user_enabled(name, enabled).await?;
    Ok(done(StatusCode::OK))
}

/// What `status` says.
pub fn enabled(asked: &Asked<'_>) -> AdminResult<bool> {
    match asked.parameter("status") {
        "enabled" => Ok(true),
        "disabled" => Ok(false),
        _ => Err(AdminError::invalid_argument()),
    }
}

pub async fn remove(asked: &Asked<'_>) -> AdminResult<Answer> {
    asked.check(Action::AdminDeleteUser)?;
    let name = asked.parameter("accessKey");
    let derived = asked.iam().account(name).is_some_and(|account| !account.parent().is_empty());
    if derived || (name == asked.access_key() && name != asked.iam().root_name()) {
        return Err(AdminError::not_allowed());
    }
    asked.iam().remove_user(name).await?;
    Ok(done(StatusCode::OK))
}
