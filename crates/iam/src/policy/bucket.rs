//! Bucket policies: what whoever comes without a signature may do to a bucket (spec iam-sts-and-config.md, section 9).

#[cfg(test)]
mod tests;

use super::evaluate::{Ask, Question, decide};
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

/// Whom a statement is about: patterns of account names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Principal(Vec<String>);

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

    /// Whether anonymous callers may do `action` to the bucket, or to `key` in it.
    pub(crate) fn allows(
        &self,
        action: Action,
        bucket: &str,
        key: Option<&str>,
        values: &dyn Values,
        ask: Ask,
    ) -> bool {
        let resource = match key {
            Some(key) if !key.is_empty() => resource_of(bucket, key),
            _ => bucket.to_owned(),
        };
        let may = |action| {
            let question = Question { account: "", action, resource: &resource, values };
            decide(self.statements.iter(), &question, ask)
        };
        // Whoever may list a bucket may list its versions.
        may(action) || (action == Action::ListBucketVersions && may(Action::ListBucket))
    }

    pub(crate) fn asks_for_tags(&self) -> bool {
        self.statements.iter().any(Statement::asks_for_tags)
    }
}

/// The name of an object as policies match it.
pub(crate) fn resource_of(bucket: &str, key: &str) -> String {
    format!("{bucket}/{}", key.strip_prefix('/').unwrap_or(key))
}

impl Principal {
    pub(super) fn parse(value: Option<&Value>) -> Result<Principal, PolicyError> {
        let names = match value {
            Some(Value::String(all)) if all == "*" => vec![all.clone()],
            Some(Value::Object(map)) => {
                parse::texts(map, "AWS").map_err(|_| PolicyError::Principal)?.unwrap_or_default()
            }
            _ => Vec::new(),
        };
        if names.is_empty() { Err(PolicyError::Principal) } else { Ok(Principal(names)) }
    }

    pub(super) fn names(&self, account: &str) -> bool {
        self.0.iter().any(|pattern| fits_simply(pattern, account))
    }

    pub(super) fn to_json(&self) -> Value {
        json!({ "AWS": self.0 })
    }
}
