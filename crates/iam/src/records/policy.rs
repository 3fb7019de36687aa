//! `policy.json`: a named policy.

use super::fields::{Fields, Unknown, Writer};
use super::{RecordError, times};
use crate::Policy;
use base::Timestamp;

/// A stored policy.
#[derive(Clone, Debug, PartialEq)]
pub struct PolicyRecord {
    pub policy: Policy,
    /// `None` in documents of old releases, and of policies that were never stored.
    pub created: Option<Timestamp>,
    pub updated: Option<Timestamp>,
}

impl PolicyRecord {
    /// Reads a document: a policy with its times, or, from old releases, the policy alone.
    pub fn parse(document: &[u8]) -> Result<PolicyRecord, RecordError> {
        let mut all = Fields::parse(document)?;
        let wrapped = all.take("Version")?.and_then(|version| version.as_i64()).is_some_and(|version| version != 0);
        if !wrapped {
            return Ok(PolicyRecord { policy: Policy::parse(document)?, created: None, updated: None });
        }
        let policy = all.take("Policy")?.unwrap_or_default();
        Ok(PolicyRecord {
            policy: Policy::from_json(&policy)?,
            created: times::parse(&all.text("CreateDate")?, "CreateDate")?,
            updated: times::parse(&all.text("UpdateDate")?, "UpdateDate")?,
        })
    }

    /// The document to store.
    pub fn to_json(&self) -> String {
        let mut all = Writer::new();
        all.member("Version", &1.into());
        all.member("Policy", &self.policy.to_json());
        all.member("CreateDate", &times::text_in_milliseconds(self.created).into());
        all.member("UpdateDate", &times::text_in_milliseconds(self.updated).into());
        all.finish(&Unknown::default())
    }
}
