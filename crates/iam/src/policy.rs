//! Policies: documents that say who may do what, and when (spec iam-sts-and-config.md, sections 7 to 9).
//!
//! What MinIO's grammar accepts is accepted, what it refuses is refused: a document stored here must be one that MinIO
//! can load. One hazard of its own isn't shared: a statement with `NotAction` is written without `"Action":null`,
//! which MinIO writes and can't read, and such a document is read.
//!
//! Parsing compiles: actions become a set of bits, patterns and addresses are taken apart, so that asking a policy
//! allocates only where a condition must look at the request.

pub(crate) mod bucket;
mod canned;
mod class;
mod condition;
mod error;
pub(crate) mod evaluate;
mod key;
mod parse;
mod resource;
mod statement;
#[cfg(test)]
mod tests;
pub(crate) mod values;
pub(crate) mod wildcard;

pub use bucket::BucketPolicy;
pub(crate) use canned::canned;
pub use error::PolicyError;
pub(crate) use evaluate::{Question, decide};
pub use key::{ConditionKey, KeyName};
use serde_json::{Map, Value};
use statement::Statement;

/// The version of the policy language: the only one there is.
pub const VERSION: &str = "2012-10-17";

/// Most bytes of a policy that is read: MinIO takes 20,480 at most, and imports may hold somewhat more.
pub const MAX_POLICY: usize = 1 << 20;

/// A policy of identities: what its holder may do.
#[derive(Clone, Debug, PartialEq)]
pub struct Policy {
    id: String,
    version: String,
    statements: Vec<Statement>,
}

impl Policy {
    /// Reads a document. Text behind it is ignored; an empty version is accepted here, and `null` is an empty policy.
    pub fn parse(document: &[u8]) -> Result<Policy, PolicyError> {
        let value = parse::document(document)?;
        Policy::from_json(&value)
    }

    pub(crate) fn from_json(value: &Value) -> Result<Policy, PolicyError> {
        let head = parse::head(value)?;
        let mut statements: Vec<Statement> = Vec::with_capacity(head.statements.len());
        for value in head.statements {
            let statement = Statement::of_identity(value)?;
            if !statements.iter().any(|known| known.same_but_for_sid(&statement)) {
                statements.push(statement);
            }
        }
        Ok(Policy { id: head.id, version: head.version, statements })
    }

    /// What allows nothing and denies nothing.
    pub(crate) fn none() -> Policy {
        Policy { id: String::new(), version: VERSION.to_owned(), statements: Vec::new() }
    }

    /// The statements of several policies in one, each once.
    pub(crate) fn merged<'a>(policies: impl IntoIterator<Item = &'a Policy>) -> Policy {
        let mut merged = Policy::none();
        for statement in policies.into_iter().flat_map(|policy| &policy.statements) {
            if !merged.statements.iter().any(|known| known.same_but_for_sid(statement)) {
                merged.statements.push(statement.clone());
            }
        }
        merged
    }

    /// [`VERSION`], or empty where the document has none.
    pub fn version(&self) -> &str {
        &self.version
    }

    /// Whether it allows something that can be about the bucket or what is in it.
    pub fn may_be_about(&self, bucket: &str) -> bool {
        self.statements.iter().any(|statement| statement.may_be_about(bucket))
    }

    /// Whether it says nothing at all.
    pub fn is_empty(&self) -> bool {
        self.statements.is_empty()
    }

    /// Whether it is `{}`: no version, no id, no statement.
    pub(crate) fn is_blank(&self) -> bool {
        self.version.is_empty() && self.id.is_empty() && self.statements.is_empty()
    }

    /// Whether its decisions depend on the tags that an object already has.
    pub(crate) fn asks_for_tags(&self) -> bool {
        self.statements.iter().any(Statement::asks_for_tags)
    }

    pub(crate) fn statements(&self) -> &[Statement] {
        &self.statements
    }

    /// The document in the form in which it is stored and shown.
    pub fn to_json(&self) -> Value {
        document_json(&self.id, &self.version, &self.statements)
    }
}

/// In the order of MinIO's fields; `serde_json` sorts what it writes only within objects, which nobody depends on.
fn document_json(id: &str, version: &str, statements: &[Statement]) -> Value {
    let mut all = Map::new();
    if !id.is_empty() {
        all.insert("ID".to_owned(), id.into());
    }
    all.insert("Version".to_owned(), version.into());
    all.insert("Statement".to_owned(), statements.iter().map(Statement::to_json).collect());
    Value::Object(all)
}

/// A truth value as text, in the forms that Go's `strconv.ParseBool` knows.
fn go_bool(text: &str) -> Option<bool> {
    match text {
        "1" | "t" | "T" | "true" | "TRUE" | "True" => Some(true),
        "0" | "f" | "F" | "false" | "FALSE" | "False" => Some(false),
        _ => None,
    }
}
