//! Named policies, and who has them (spec admin-api.md, section 2.9).

use crate::api::{AdminResult, Asked, done, shown};
use crate::error::AdminError;
use crate::times;
use http::header::CONTENT_TYPE;
use http::{HeaderValue, StatusCode};
use iam::{Action, ChangeError, Holder, Policy};
use rustfs_http::RequestBody;
use s3::Answer;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use std::collections::BTreeMap;

/// Longest policy that is taken, in bytes: MinIO's limit.
const MAX_NEW_POLICY: usize = 20 << 10;

#[derive(Serialize)]
#[serde(rename_all = "PascalCase")]
struct PolicyDocument {
    policy_name: String,
    policy: Value,
    #[serde(skip_serializing_if = "Option::is_none")]
    create_date: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    update_date: Option<String>,
}

#[derive(Deserialize)]
struct Association {
    #[serde(default)]
    policies: Vec<String>,
    #[serde(default)]
    user: String,
    #[serde(default)]
    group: String,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Associated {
    #[serde(skip_serializing_if = "Vec::is_empty")]
    policies_attached: Vec<String>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    policies_detached: Vec<String>,
    updated_at: String,
}

/// Stores a policy, in the place of the one there was.
pub async fn add(asked: &Asked<'_>, body: RequestBody) -> AdminResult<Answer> {
    asked.check(Action::AdminCreatePolicy)?;
    let name = asked.parameter("name");
    if name.trim() != name {
        return Err(AdminError::invalid_resource());
    }
    if name.contains(',') {
        return Err(AdminError::policy_name());
    }
    match body.content_length() {
        None | Some(0) => return Err(AdminError::no_length()),
        Some(length) if length > MAX_NEW_POLICY as u64 => return Err(s3::ErrorCode::EntityTooLarge.into()),
        Some(_) => {}
    }
    let body = asked.plain(body).await?;
    let policy = parse(&body)?;
    if policy.version().is_empty() {
        return Err(AdminError::no_policy_version());
    }
    if policy.is_empty() {
        return Err(AdminError::invalid_argument());
    }
    asked.iam().put_policy(name, policy).await?;
    Ok(done(StatusCode::OK))
}

/// A policy from a document; the error says what is wrong with it.
pub fn parse(document: &[u8]) -> AdminResult<Policy> {
    Policy::parse(document).map_err(|error| AdminError::malformed_policy().saying(error.to_string()))
}

pub fn info(asked: &Asked<'_>) -> AdminResult<Answer> {
    asked.check(Action::AdminGetPolicy)?;
    let name = asked.parameter("name");
    let record = asked.iam().policy(name).ok_or_else(AdminError::no_such_policy)?;
    let policy = record.policy.to_json();
    let mut answer = match asked.visitor.query().get("v") {
        None | Some("") => shown(&policy)?,
        Some("2") => indented(&PolicyDocument {
            policy_name: name.to_owned(),
            policy,
            create_date: record.created.map(|time| times::text(Some(time))),
            update_date: record.updated.map(|time| times::text(Some(time))),
        })?,
        Some(_) => {
            return Err(AdminError::internal()
                .saying("We encountered an internal error, please try again.: cause(invalid version)"));
        }
    };
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    Ok(answer)
}

/// With one blank for each level, as clients print it.
fn indented(value: &impl Serialize) -> AdminResult<Answer> {
    let mut text = Vec::new();
    let formatter = serde_json::ser::PrettyFormatter::with_indent(b" ");
    let mut writer = serde_json::Serializer::with_formatter(&mut text, formatter);
    value.serialize(&mut writer).map_err(|_| AdminError::internal())?;
    Ok(s3::json(text))
}

pub fn list(asked: &Asked<'_>) -> AdminResult<Answer> {
    asked.check(Action::AdminListUserPolicies)?;
    let bucket = asked.parameter("bucket");
    let all = asked.iam().policies().into_iter();
    let all = all.filter(|(_, record)| bucket.is_empty() || record.policy.may_be_about(bucket));
    let all: BTreeMap<String, Value> = all.map(|(name, record)| (name, record.policy.to_json())).collect();
    let mut answer = shown(&all)?;
    answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("text/plain; charset=utf-8"));
    Ok(answer)
}

pub async fn remove(asked: &Asked<'_>) -> AdminResult<Answer> {
    asked.check(Action::AdminDeletePolicy)?;
    match asked.iam().remove_policy(asked.parameter("name")).await {
        // Whoever removes it twice has what they wanted.
        Ok(()) | Err(ChangeError::NoSuchPolicy(_)) => Ok(done(StatusCode::OK)),
        Err(error) => Err(error.into()),
    }
}

/// Sets exactly these policies.
pub async fn set(asked: &Asked<'_>) -> AdminResult<Answer> {
    asked.check(Action::AdminAttachUserOrGroupPolicy)?;
    let name = asked.parameter("userOrGroup").to_owned();
    let names = asked.parameter("policyName").split(',').filter(|name| !name.is_empty()).map(str::to_owned).collect();
    let holder = if asked.parameter("isGroup") == "true" { Holder::Group(name) } else { user(asked, name)? };
    asked.iam().set_policies(holder, names).await?;
    Ok(done(StatusCode::OK))
}

/// A user who can have policies: neither root nor a derived key.
fn user(asked: &Asked<'_>, name: String) -> AdminResult<Holder> {
    let derived = asked.iam().account(&name).is_some_and(|account| !account.parent().is_empty());
    if derived || name == asked.iam().root_name() {
        return Err(AdminError::not_allowed());
    }
    Ok(Holder::User(name))
}

/// Adds policies to those that there are, or takes some away.
pub async fn associate(asked: &Asked<'_>, body: RequestBody, attach: bool) -> AdminResult<Answer> {
    asked.check_any(&[Action::AdminUpdatePolicyAssociation, Action::AdminAttachUserOrGroupPolicy])?;
    let content_type = asked.visitor.parts().headers.get(CONTENT_TYPE);
    if content_type.is_none_or(|value| value != "application/octet-stream") {
        return Err(AdminError::bad_request());
    }
    let wanted: Association = asked.sealed(body).await?;
    let holder = match (wanted.user.is_empty(), wanted.group.is_empty()) {
        (false, true) => user(asked, wanted.user)?,
        (true, false) => Holder::Group(wanted.group),
        _ => return Err(AdminError::internal().because("either a user or a group must be named")),
    };
    if wanted.policies.is_empty() {
        return Err(AdminError::internal().because("no policy is named"));
    }
    let updated_at = times::text(Some(asked.visitor.now()));
    let (attached, detached) = if attach {
        (asked.iam().attach_policies(holder, wanted.policies).await?, Vec::new())
    } else {
        (Vec::new(), asked.iam().detach_policies(holder, wanted.policies).await?)
    };
    asked.seal(&Associated { policies_attached: attached, policies_detached: detached, updated_at }).await
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct Entities {
    timestamp: String,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    user_mappings: Vec<UserMapping>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    group_mappings: Vec<GroupMapping>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    policy_mappings: Vec<PolicyMapping>,
}

#[derive(Serialize)]
#[serde(rename_all = "camelCase")]
struct UserMapping {
    user: String,
    policies: Option<Vec<String>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    member_of_mappings: Vec<GroupMapping>,
}

#[derive(Serialize)]
struct GroupMapping {
    group: String,
    policies: Vec<String>,
}

#[derive(Serialize)]
struct PolicyMapping {
    policy: String,
    users: Option<Vec<String>>,
    groups: Option<Vec<String>>,
}

/// Who has which policies: of the users, groups and policies that are named, or by all policies.
pub async fn entities(asked: &Asked<'_>) -> AdminResult<Answer> {
    asked.check_any(&[Action::AdminListGroups, Action::AdminListUsers, Action::AdminListUserPolicies])?;
    let (users, groups) = (asked.parameters("user"), asked.parameters("group"));
    let policies = asked.parameters("policy");
    let all = users.is_empty() && groups.is_empty() && policies.is_empty();
    let iam = asked.iam();
    let group_mapping = |group: &String| {
        let policies = iam.group(group)?.policies;
        (!policies.is_empty()).then(|| GroupMapping { group: group.clone(), policies })
    };
    let user_mapping = |user: &String| {
        let user = iam.user(user)?;
        let member_of_mappings: Vec<_> = user.groups.iter().filter_map(group_mapping).collect();
        let mapped = !user.policies.is_empty() || !member_of_mappings.is_empty();
        mapped.then(|| UserMapping { user: user.name, policies: unless_empty(user.policies), member_of_mappings })
    };
    let by_policy = if all || !policies.is_empty() { by_policy(asked, &policies) } else { Vec::new() };
    asked
        .seal(&Entities {
            timestamp: times::text(Some(asked.visitor.now())),
            user_mappings: users.iter().filter_map(user_mapping).collect(),
            group_mappings: groups.iter().filter_map(group_mapping).collect(),
            policy_mappings: by_policy,
        })
        .await
}

/// The holders of each policy that has any; `wanted`: of these alone, if it names any.
fn by_policy(asked: &Asked<'_>, wanted: &[String]) -> Vec<PolicyMapping> {
    let mut found: BTreeMap<String, (Vec<String>, Vec<String>)> = BTreeMap::new();
    for (holder, policies) in asked.iam().mappings() {
        for policy in policies.into_iter().filter(|policy| wanted.is_empty() || wanted.contains(policy)) {
            let (users, groups) = found.entry(policy).or_default();
            match &holder {
                Holder::Group(name) => groups.push(name.clone()),
                Holder::User(name) | Holder::Parent(name) => users.push(name.clone()),
            }
        }
    }
    let mapping =
        |(policy, (users, groups))| PolicyMapping { policy, users: unless_empty(users), groups: unless_empty(groups) };
    found.into_iter().map(mapping).collect()
}

/// Lists without entries are `null`.
fn unless_empty(names: Vec<String>) -> Option<Vec<String>> {
    (!names.is_empty()).then_some(names)
}
