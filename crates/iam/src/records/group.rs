//! `members.json`: a group.

use super::fields::{Fields, Unknown, Writer};
use super::{RecordError, times};
use base::Timestamp;

/// A stored group.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct GroupRecord {
    pub disabled: bool,
    /// Names of users.
    pub members: Vec<String>,
    pub updated: Option<Timestamp>,
    /// Members that nobody knows, kept as they are.
    pub other: Unknown,
}

impl GroupRecord {
    /// Reads a document.
    pub fn parse(document: &[u8]) -> Result<GroupRecord, RecordError> {
        let mut all = Fields::parse(document)?;
        all.remove("version");
        let record = GroupRecord {
            disabled: all.text("status")? == "disabled",
            members: all.texts("members")?,
            updated: times::parse(&all.text("updatedAt")?, "updatedAt")?,
            other: Unknown::default(),
        };
        Ok(GroupRecord { other: all.rest(), ..record })
    }

    /// The document to store.
    pub fn to_json(&self) -> String {
        let mut all = Writer::new();
        all.member("version", &1.into());
        all.member("status", &if self.disabled { "disabled" } else { "enabled" }.into());
        all.member("members", &self.members.clone().into());
        all.member("updatedAt", &times::text(self.updated).into());
        all.finish(&self.other)
    }
}
