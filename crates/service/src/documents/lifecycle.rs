//! A bucket's lifecycle document ("PutBucketLifecycleConfiguration"), as far as reads tell of it: when will an
//! object expire, and by which rule?

pub(crate) mod rules;
#[cfg(test)]
mod tests;

use super::xml::{self, Element};
use crate::{ServiceError, Tags};
use base::Timestamp;
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

const DAY: Duration = Duration::from_secs(24 * 3600);

/// What MinIO keeps in the document and never gives back: when expirations were last changed.
const EXPIRY_UPDATED: (&str, &str) = ("<ExpiryUpdatedAt>", "</ExpiryUpdatedAt>");

/// A bucket's lifecycle.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(crate) struct LifecycleConfig {
    expirations: Vec<Rule>,
}

/// An enabled rule that lets latest versions expire.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Rule {
    id: String,
    prefix: String,
    tags: Vec<(String, String)>,
    /// Bytes; the size itself is outside of both.
    larger_than: Option<u64>,
    smaller_than: Option<u64>,
    due: Due,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Due {
    /// Days after the version was made.
    After(u32),
    At(Timestamp),
}

/// What of a version rules look at.
#[derive(Clone, Debug)]
pub(crate) struct Subject<'a> {
    pub key: &'a str,
    pub tags: &'a Tags,
    /// Bytes.
    pub size: u64,
    pub mod_time: Timestamp,
}

/// When a version will expire.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Expiration {
    pub at: Timestamp,
    /// The rule's id.
    pub rule: String,
}

impl LifecycleConfig {
    /// From what a drive holds; empty without lifecycle. Rules that only others act on are passed over.
    pub fn from_stored(document: &[u8]) -> Result<Self, ServiceError> {
        if document.is_empty() {
            return Ok(LifecycleConfig::default());
        }
        let root = xml::parse(document, &["LifecycleConfiguration", "BucketLifecycleConfiguration"])?;
        Ok(LifecycleConfig { expirations: root.all("Rule").filter_map(Rule::of).collect() })
    }

    /// When the latest version of an object expires: by the rule whose time comes first.
    pub fn expiration(&self, subject: &Subject<'_>) -> Option<Expiration> {
        let matching = self.expirations.iter().filter(|rule| rule.matches(subject));
        let due = matching.map(|rule| (rule.due.time(subject.mod_time), rule));
        due.min_by_key(|(at, _)| *at).map(|(at, rule)| Expiration { at, rule: rule.id.clone() })
    }
}

impl Rule {
    /// `None` for rules that are disabled or let nothing expire.
    fn of(rule: &Element) -> Option<Rule> {
        let text = |element: &Element, name: &str| element.child(name).map(|child| child.text.clone());
        if text(rule, "Status").as_deref() != Some("Enabled") {
            return None;
        }
        let expiration = rule.child("Expiration")?;
        let due = match (text(expiration, "Days"), text(expiration, "Date")) {
            (Some(days), _) => Due::After(days.parse().ok()?),
            (None, Some(date)) => Due::At(timestamp(&date)?),
            (None, None) => return None,
        };
        // The prefix stood beside the filter once; what is tested together stands in `And`.
        let empty = Element::default();
        let filter = rule.child("Filter").unwrap_or(&empty);
        let both = filter.child("And").unwrap_or(&empty);
        let find = |name: &str| text(filter, name).or_else(|| text(both, name));
        let size = |name: &str| find(name).and_then(|text| text.parse::<u64>().ok()).filter(|size| *size > 0);
        let tags = filter.all("Tag").chain(both.all("Tag"));
        let tag = |tag: &Element| Some((text(tag, "Key")?, text(tag, "Value").unwrap_or_default()));
        Some(Rule {
            id: text(rule, "ID").unwrap_or_default(),
            prefix: find("Prefix").or_else(|| text(rule, "Prefix")).unwrap_or_default(),
            tags: tags.filter_map(tag).collect(),
            larger_than: size("ObjectSizeGreaterThan"),
            smaller_than: size("ObjectSizeLessThan"),
            due,
        })
    }

    fn matches(&self, subject: &Subject<'_>) -> bool {
        let tagged = |(key, value): &(String, String)| subject.tags.iter().any(|tag| tag == (key, value));
        subject.key.starts_with(&self.prefix)
            && self.larger_than.is_none_or(|size| subject.size > size)
            && self.smaller_than.is_none_or(|size| subject.size < size)
            && self.tags.iter().all(tagged)
    }
}

impl Due {
    /// Days are whole: the first midnight (UTC) after they have passed.
    fn time(self, made: Timestamp) -> Timestamp {
        match self {
            Due::At(time) => time,
            Due::After(0) => made,
            Due::After(days) => {
                let later = made.plus(DAY * days).plus(DAY);
                let into_day = later.nanos().rem_euclid(i64::try_from(DAY.as_nanos()).unwrap_or(i64::MAX));
                Timestamp::from_nanos(later.nanos() - into_day)
            }
        }
    }
}

fn timestamp(text: &str) -> Option<Timestamp> {
    let time = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(time.unix_timestamp_nanos()).ok().map(Timestamp::from_nanos)
}

/// The stored document as clients see it; empty if no rule is in it.
pub(crate) fn shown(document: &[u8]) -> Vec<u8> {
    let Ok(text) = std::str::from_utf8(document) else { return document.to_vec() };
    if !text.contains("<Rule>") {
        return Vec::new();
    }
    let cut = text.split_once(EXPIRY_UPDATED.0).and_then(|(before, rest)| {
        let (_, after) = rest.split_once(EXPIRY_UPDATED.1)?;
        Some([before, after].concat())
    });
    cut.unwrap_or_else(|| text.to_owned()).into_bytes()
}
