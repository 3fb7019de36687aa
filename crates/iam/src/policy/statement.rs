//! One statement of a policy.

use super::PolicyError;
use super::bucket::Principal;
use super::class::{Class, meant_by};
use super::condition::{self, Condition};
use super::evaluate::{Question, Who};
use super::key::KeyName;
use super::parse;
use super::resource::Resource;
use super::wildcard::fits;
use crate::Action;
use crate::action::{ActionSet, Kind};
use serde_json::{Map, Value};

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Effect {
    Allow,
    Deny,
}

#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Statement {
    sid: String,
    effect: Effect,
    /// Only in bucket policies.
    principal: Option<Principal>,
    class: Class,
    /// As written: one of the two is empty.
    actions: Vec<String>,
    not_actions: Vec<String>,
    /// What the written actions stand for.
    meant: ActionSet,
    resources: Vec<Resource>,
    not_resources: Vec<Resource>,
    conditions: Vec<Condition>,
}

impl Statement {
    /// A statement of an identity's policy.
    pub(super) fn of_identity(value: &Value) -> Result<Statement, PolicyError> {
        let statement = Statement::parse(value, None)?;
        let Statement { class, actions, resources, not_resources, conditions, .. } = &statement;
        class.check_actions(actions)?;
        class.check_resources(resources, not_resources)?;
        class.check_conditions(actions, conditions)?;
        // What identities may do is stored for MinIO to read as well.
        if let Some(unknown) = conditions.iter().find(|condition| !condition.is_minios()) {
            return Err(PolicyError::UnknownKey(unknown.written()));
        }
        Ok(statement)
    }

    /// Whether MinIO takes it in the policy of `bucket`.
    pub(super) fn is_minios(&self, bucket: &str) -> bool {
        self.principal.as_ref().is_none_or(Principal::is_minios)
            && self.conditions.iter().all(Condition::is_minios)
            && self.check_bucket(bucket, true).is_ok()
    }

    /// A statement of a bucket's policy.
    pub(super) fn of_bucket(value: &Value, bucket: &str) -> Result<Statement, PolicyError> {
        let principal = Principal::parse(value.as_object().and_then(|map| parse::member(map, "Principal")))?;
        let mut statement = Statement::parse(value, Some(principal))?;
        statement.class = Class::S3;
        Class::S3.check_resources(&statement.resources, &statement.not_resources)?;
        Class::S3.check_conditions(&statement.actions, &statement.conditions)?;
        statement.check_bucket(bucket, false)?;
        Ok(statement)
    }

    fn parse(value: &Value, principal: Option<Principal>) -> Result<Statement, PolicyError> {
        let Value::Object(map) = value else { return Err(PolicyError::Shape("a statement")) };
        let (actions, not_actions) = actions(map)?;
        let written = if actions.is_empty() { &not_actions } else { &actions };
        let mut meant = ActionSet::default();
        written.iter().for_each(|action| meant.union(&meant_by(action)));
        let conditions = match parse::member_or_null(map, "Condition") {
            Some(Value::Null) => return Err(PolicyError::EmptyCondition),
            Some(conditions) => condition::parse(conditions)?,
            None => Vec::new(),
        };
        Ok(Statement {
            sid: parse::text(map, "Sid")?.unwrap_or_default(),
            effect: effect(map)?,
            principal,
            class: Class::of(&actions),
            actions,
            not_actions,
            meant,
            resources: resources(map, "Resource")?,
            not_resources: resources(map, "NotResource")?,
            conditions,
        })
    }

    /// That every resource can be of the bucket, and every action has a resource that it can be about.
    /// `as_minio`: with the actions that MinIO knows.
    fn check_bucket(&self, bucket: &str, as_minio: bool) -> Result<(), PolicyError> {
        let all = || self.resources.iter().chain(&self.not_resources);
        if let Some(other) = all().find(|resource| !resource.reaches_into(bucket)) {
            return Err(PolicyError::OtherBucket(other.to_string()));
        }
        for action in &self.actions {
            let is_object = |known: &&Action| {
                let counts = !(as_minio && known.is_unknown_to_minio());
                known.kind() == Kind::Object && counts && fits(action, known.as_str())
            };
            let about_objects = action == "s3:*" || Action::ALL.iter().any(|known| is_object(&known));
            let fit = |resource: &Resource| match about_objects {
                true => resource.pattern().contains(['/', '*']),
                false => !resource.pattern().contains('/') || resource.pattern() == "*",
            };
            if !all().any(fit) {
                return Err(PolicyError::ActionWithoutResource(action.clone()));
            }
        }
        Ok(())
    }

    pub(super) fn same_but_for_sid(&self, other: &Statement) -> bool {
        let mut renamed = other.clone();
        renamed.sid.clone_from(&self.sid);
        *self == renamed
    }

    /// Whether it allows something of S3 that can be about the bucket or what is in it.
    pub(super) fn may_be_about(&self, bucket: &str) -> bool {
        let reaches = self.resources.is_empty() || self.resources.iter().any(|resource| resource.reaches_into(bucket));
        self.effect == Effect::Allow && matches!(self.class, Class::S3) && reaches
    }

    pub(super) fn effect(&self) -> Effect {
        self.effect
    }

    pub(super) fn asks_for_tags(&self) -> bool {
        self.conditions.iter().any(|condition| condition.key().key() == KeyName::ExistingObjectTag)
    }

    /// Whether it lets in everybody.
    pub(super) fn is_public(&self) -> bool {
        self.effect == Effect::Allow
            && self.principal.as_ref().is_some_and(|principal| principal.names(Who::Account("")))
            && !self.conditions.iter().any(Condition::narrows)
    }

    /// Whether the statement is about what is asked.
    pub(super) fn applies(&self, question: &Question<'_>) -> bool {
        self.is_about(question.action)
            && self.principal.as_ref().is_none_or(|principal| self.means(principal, question.who))
            && self.covers(question)
            && self.conditions.iter().all(|condition| condition.holds(question.values))
    }

    /// What is denied to everybody is denied to services too.
    fn means(&self, principal: &Principal, who: Who<'_>) -> bool {
        principal.names(who) || (self.effect == Effect::Deny && principal.is_everybody())
    }

    fn is_about(&self, action: Action) -> bool {
        self.meant.contains(action) != self.actions.is_empty()
    }

    fn covers(&self, question: &Question<'_>) -> bool {
        match self.class {
            Class::Admin | Class::Sts => return true,
            Class::Kms if question.resource == "/" || self.resources.is_empty() => return true,
            Class::Kms | Class::S3 => {}
        }
        let any = |all: &[Resource]| all.iter().any(|one| one.matches(question.resource, question.values));
        (self.resources.is_empty() || any(&self.resources)) && !any(&self.not_resources)
    }

    pub(super) fn to_json(&self) -> Value {
        let mut all = Map::new();
        let list = |items: &[Resource]| items.iter().map(Resource::to_string).collect::<Value>();
        if !self.sid.is_empty() {
            all.insert("Sid".to_owned(), self.sid.as_str().into());
        }
        let effect = if self.effect == Effect::Allow { "Allow" } else { "Deny" };
        all.insert("Effect".to_owned(), effect.into());
        if let Some(principal) = &self.principal {
            all.insert("Principal".to_owned(), principal.to_json());
        }
        for (name, actions) in [("Action", &self.actions), ("NotAction", &self.not_actions)] {
            if !actions.is_empty() {
                all.insert(name.to_owned(), actions.iter().map(String::as_str).collect());
            }
        }
        for (name, resources) in [("Resource", &self.resources), ("NotResource", &self.not_resources)] {
            if !resources.is_empty() {
                all.insert(name.to_owned(), list(resources));
            }
        }
        if !self.conditions.is_empty() {
            all.insert("Condition".to_owned(), condition::to_json(&self.conditions));
        }
        Value::Object(all)
    }
}

fn effect(map: &Map<String, Value>) -> Result<Effect, PolicyError> {
    match parse::text(map, "Effect")?.unwrap_or_default().as_str() {
        "Allow" => Ok(Effect::Allow),
        "Deny" => Ok(Effect::Deny),
        other => Err(PolicyError::Effect(other.to_owned())),
    }
}

fn actions(map: &Map<String, Value>) -> Result<(Vec<String>, Vec<String>), PolicyError> {
    match (parse::texts(map, "Action")?, parse::texts(map, "NotAction")?) {
        (Some(_), Some(_)) => Err(PolicyError::BothActions),
        (Some(actions), None) if !actions.is_empty() => Ok((actions, Vec::new())),
        (None, Some(actions)) if !actions.is_empty() => Ok((Vec::new(), actions)),
        _ => Err(PolicyError::NoAction),
    }
}

fn resources(map: &Map<String, Value>, name: &'static str) -> Result<Vec<Resource>, PolicyError> {
    let texts = parse::texts(map, name)?.unwrap_or_default();
    let mut all: Vec<Resource> = Vec::with_capacity(texts.len());
    for text in texts {
        let resource = Resource::parse(&text)?;
        if !all.contains(&resource) {
            all.push(resource);
        }
    }
    Ok(all)
}
