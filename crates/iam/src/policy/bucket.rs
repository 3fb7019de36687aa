//! Bucket policies: who may do what to a bucket, with a signature or without (spec iam-sts-and-config.md, section 9).

#[cfg(test)]
mod tests;

use super::evaluate::{Question, Verdict, Who, judge};
use super::statement::Statement;
use super::values::Values;
use super::wildcard::fits_simply;
use super::{PolicyError, document_json, parse};
use crate::Action;
use serde_json::{Value, json};

/// The policy of a bucket.
#[derive(Clone, Debug, PartialEq)]
pub struct BucketPolicy {
    id: String,
    version: String,
    statements: Vec<Statement>,
}

/// Whom a statement is about.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Principal {
    /// Patterns of account names.
    users: Vec<String>,
    /// What AWS has beside, by kind: ids of owners, and services.
    others: Vec<(&'static str, Vec<String>)>,
}

/// Ids of owners.
const CANONICAL: &str = "CanonicalUser";
/// Names of services.
const SERVICE: &str = "Service";
const OTHER_KINDS: [&str; 3] = [CANONICAL, SERVICE, "Federated"];

impl BucketPolicy {
    /// Reads the policy of `bucket`.
    pub fn parse(document: &[u8], bucket: &str) -> Result<BucketPolicy, PolicyError> {
        let value = parse::document(document)?;
        let head = parse::head(&value)?;
        let mut statements: Vec<Statement> = Vec::with_capacity(head.statements.len());
        for value in head.statements {
            let statement = Statement::of_bucket(value, bucket)?;
            if !statements.iter().any(|known| known.same_but_for_sid(&statement)) {
                statements.push(statement);
            }
        }
        Ok(BucketPolicy { id: head.id, version: head.version, statements })
    }

    /// [`super::VERSION`], or empty where the document has none: such a policy can't be set on a bucket.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether it says nothing at all.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// The document in the form in which it is stored and shown.
    pub fn to_json(&self) -> Value {
        document_json(&self.id, &self.version, &self.statements)
    }

    /// What it says of `who` doing `action` to the bucket, or to `key` in it.
    pub(crate) fn judge(
        &self,
        who: Who<'_>,
        action: Action,
        bucket: &str,
        key: Option<&str>,
        values: &dyn Values,
    ) -> Verdict {
        let resource = match key {
            Some(key) if !key.is_empty() => resource_of(bucket, key),
            _ => bucket.to_owned(),
        };
        let judge = |action| {
            let question = Question { who, action, resource: &resource, values };
            judge(self.statements.iter(), &question)
        };
        match judge(action) {
            // Whoever may list a bucket may list its versions.
            Verdict::Silent if action == Action::ListBucketVersions => judge(Action::ListBucket),
            verdict => verdict,
        }
    }

    /// Whether MinIO could read it as the policy of `bucket`.
    pub fn is_minios(&self, bucket: &str) -> bool {
        self.statements.iter().all(|statement| statement.is_minios(bucket))
    }

    /// Whether it lets in everybody: a statement that allows something to anybody, on no condition that only some can
    /// fulfil (S3 reference, "The meaning of public").
    pub fn is_public(&self) -> bool {
        self.statements.iter().any(Statement::is_public)
    }

    pub(crate) fn asks_for_tags(&self) -> bool {
        self.statements.iter().any(Statement::asks_for_tags)
    }
}

/// Whether `principal` is the ARN of a user of this name, whatever account it is written with.
fn names_user(principal: &str, account: &str) -> bool {
    let user = principal.strip_prefix("arn:aws:iam::").and_then(|rest| rest.split_once(":user/"));
    !account.is_empty() && user.is_some_and(|(_, path)| path.rsplit('/').next() == Some(account))
}

/// The name of an object as policies match it.
pub(crate) fn resource_of(bucket: &str, key: &str) -> String {
    format!("{bucket}/{}", key.strip_prefix('/').unwrap_or(key))
}

impl Principal {
    pub(super) fn parse(value: Option<&Value>) -> Result<Principal, PolicyError> {
        let map = match value {
            Some(Value::String(all)) if all == "*" => {
                return Ok(Principal { users: vec![all.clone()], ..Principal::default() });
            }
            Some(Value::Object(map)) => map,
            _ => return Err(PolicyError::Principal),
        };
        let texts = |kind| Ok(parse::texts(map, kind).map_err(|_| PolicyError::Principal)?.unwrap_or_default());
        let users = texts("AWS")?;
        let mut others = Vec::new();
        for kind in OTHER_KINDS {
            let named = texts(kind)?;
            if !named.is_empty() {
                others.push((kind, named));
            }
        }
        if users.is_empty() && others.is_empty() {
            Err(PolicyError::Principal)
        } else {
            Ok(Principal { users, others })
        }
    }

    /// Whether MinIO reads it as it is meant.
    pub(super) fn is_minios(&self) -> bool {
        self.others.is_empty()
    }

    /// Services are meant only where they are named.
    pub(super) fn names(&self, who: Who<'_>) -> bool {
        let named = |wanted: &str, name: &str| {
            let fits = |(kind, names): &(&str, Vec<String>)| *kind == wanted && names.iter().any(|one| one == name);
            self.others.iter().any(fits)
        };
        match who {
            Who::Service(name) => named(SERVICE, name),
            Who::Account(account) => {
                self.users.iter().any(|pattern| fits_simply(pattern, account) || names_user(pattern, account))
                    || (!account.is_empty() && named(CANONICAL, account))
            }
        }
    }

    pub(super) fn is_everybody(&self) -> bool {
        self.users.iter().any(|pattern| pattern == "*")
    }

    pub(super) fn to_json(&self) -> Value {
        let mut all = serde_json::Map::new();
        if !self.users.is_empty() {
            all.insert("AWS".to_owned(), json!(self.users));
        }
        all.extend(self.others.iter().map(|(kind, named)| ((*kind).to_owned(), json!(named))));
        Value::Object(all)
    }
}
