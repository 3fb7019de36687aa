//! `policydb/*/*.json`: which policies a user or a group has.

use super::fields::{Fields, Unknown, Writer};
use super::{RecordError, times};
use base::Timestamp;

/// A stored list of policies.
#[derive(Clone, Debug, PartialEq)]
pub struct MappingRecord {
    /// 1, or 0 where the list was begun by attaching a policy.
    pub version: i64,
    /// Names.
    pub policies: Vec<String>,
    pub updated: Option<Timestamp>,
    /// Members that nobody knows, kept as they are.
    pub other: Unknown,
}

impl MappingRecord {
    /// A new list.
    pub fn new(policies: Vec<String>, updated: Timestamp) -> Self {
        MappingRecord { version: 1, policies, updated: Some(updated), other: Unknown::default() }
    }

    /// Reads a document.
    pub fn parse(document: &[u8]) -> Result<MappingRecord, RecordError> {
        let mut all = Fields::parse(document)?;
        let version = match all.take("version")? {
            None => 0,
            Some(value) => value.as_i64().ok_or(RecordError::Shape("version"))?,
        };
        let record = MappingRecord {
            version,
            policies: split(&all.text("policy")?),
            updated: times::parse(&all.text("updatedAt")?, "updatedAt")?,
            other: Unknown::default(),
        };
        Ok(MappingRecord { other: all.rest(), ..record })
    }

    /// The document to store.
    pub fn to_json(&self) -> String {
        let mut all = Writer::new();
        all.member("version", &self.version.into());
        all.member("policy", &self.policies.join(",").into());
        all.member("updatedAt", &times::text(self.updated).into());
        all.finish(&self.other)
    }
}

/// Names between commas. One of blanks alone is none, others keep theirs.
pub(crate) fn split(names: &str) -> Vec<String> {
    names.split(',').filter(|name| !name.trim().is_empty()).map(str::to_owned).collect()
}
