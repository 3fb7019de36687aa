//! Groups (spec admin-api.md, section 2.9).

use crate::api::{AdminResult, Asked, done, shown, status_text};
use crate::error::AdminError;
use crate::{times, users};
use http::StatusCode;
use iam::{Action, ChangeError};
use rustfs_http::RequestBody;
use s3::Answer;
use serde::{Deserialize, Serialize};

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Update {
    group: String,
    #[serde(default)]
    members: Option<Vec<String>>,
    #[serde(default)]
    group_status: String,
    #[serde(default)]
    is_remove: bool,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct GroupDocument {
    name: String,
    status: &'static str,
    members: Vec<String>,
    policy: String,
    updated_at: String,
}

/// Adds members, making the group where there is none, or removes them; without members: removes the group.
pub async fn update(asked: &Asked<'_>, body: RequestBody) -> AdminResult<Answer> {
    asked.check(Action::AdminAddUserToGroup)?;
    let body = asked.plain(body).await?;
    let update: Update = serde_json::from_slice(&body).map_err(|_| AdminError::invalid_request())?;
    let (iam, group) = (asked.iam(), update.group.as_str());
    let members = update.members.unwrap_or_default();
    if group.trim() != group {
        return Err(AdminError::invalid_resource());
    }
    if update.is_remove {
        if members.is_empty() {
            iam.remove_group(group).await?;
        } else {
            iam.remove_from_group(group, members).await?;
        }
        return Ok(done(StatusCode::OK));
    }
    let derived = |name: &String| {
        *name == iam.root_name() || iam.account(name).is_some_and(|account| !account.parent().is_empty())
    };
    if members.iter().any(derived) {
        return Err(AdminError::not_allowed());
    }
    let is_new = iam.group(group).is_none();
    iam.add_to_group(group, members).await.map_err(|error| match error {
        ChangeError::BadName(..) => AdminError::invalid_group_name(),
        other => other.into(),
    })?;
    if is_new && update.group_status == "disabled" {
        iam.set_group_enabled(group, false).await?;
    }
    Ok(done(StatusCode::OK))
}

pub fn info(asked: &Asked<'_>) -> AdminResult<Answer> {
    asked.check(Action::AdminGetGroup)?;
    let group = asked.iam().group(asked.parameter("group")).ok_or_else(AdminError::no_such_group)?;
    shown(&GroupDocument {
        name: group.name,
        status: status_text(group.enabled),
        members: group.members,
        policy: group.policies.join(","),
        updated_at: times::text(group.updated),
    })
}

pub fn list(asked: &Asked<'_>) -> AdminResult<Answer> {
    asked.check(Action::AdminListGroups)?;
    shown(&asked.iam().groups())
}

pub async fn set_status(asked: &Asked<'_>) -> AdminResult<Answer> {
    asked.check(Action::AdminEnableGroup)?;
    let enabled = users::enabled(asked)?;
    asked.iam().set_group_enabled(asked.parameter("group"), enabled).await?;
    Ok(done(StatusCode::OK))
}
