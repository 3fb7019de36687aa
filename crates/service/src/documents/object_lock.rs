//! A bucket's object lock document ("PutObjectLockConfiguration").

#[cfg(test)]
mod tests;

use super::xml::{self, Element, malformed};
use crate::ServiceError;
use crate::lock::{Retention, RetentionMode};
use base::Timestamp;
use std::time::Duration;

/// Longest default retention ("Object Lock considerations").
const MAX_DAYS: u64 = 36_500;
const MAX_YEARS: u64 = 100;

const DAY: Duration = Duration::from_secs(24 * 60 * 60);

/// A bucket's object lock.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ObjectLockConfig {
    /// What new versions get when nothing else is asked for.
    pub default: Option<DefaultRetention>,
    namespace: String,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct DefaultRetention {
    pub mode: RetentionMode,
    pub period: Period,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Period {
    Days(u64),
    Years(u64),
}

impl DefaultRetention {
    /// The retention of a version made at `now`.
    pub fn starting(self, now: Timestamp) -> Retention {
        let until = match self.period {
            Period::Days(days) => now.plus(DAY.saturating_mul(u32::try_from(days).unwrap_or(u32::MAX))),
            Period::Years(years) => plus_years(now, years),
        };
        Retention { mode: self.mode, until }
    }
}

/// The same day and time of a later year; a 29 February becomes a 1 March where there is none.
fn plus_years(time: Timestamp, years: u64) -> Timestamp {
    let Ok(date) = time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(time.nanos())) else { return time };
    let Ok(year) = i32::try_from(years).map(|years| date.year().saturating_add(years)) else { return time };
    let moved = date.replace_year(year).or_else(|_| Ok(date.replace_day(28)?.replace_year(year)? + DAY));
    let moved: Result<_, time::error::ComponentRange> = moved;
    moved.ok().and_then(|date| i64::try_from(date.unix_timestamp_nanos()).ok()).map_or(time, Timestamp::from_nanos)
}

impl ObjectLockConfig {
    /// From what a drive holds; `None` where object lock isn't enabled.
    pub fn from_stored(document: &[u8]) -> Result<Option<Self>, ServiceError> {
        if document.is_empty() { Ok(None) } else { Self::parse(document).map(Some) }
    }

    /// From what a client sends.
    pub fn parse(document: &[u8]) -> Result<Self, ServiceError> {
        let root = xml::parse(document, &["ObjectLockConfiguration"])?;
        if root.child("ObjectLockEnabled").is_none_or(|enabled| enabled.text != "Enabled") {
            return Err(malformed("only 'Enabled' value is allowed to ObjectLockEnabled element"));
        }
        let default = match root.child("Rule") {
            None => None,
            Some(rule) => Some(default_retention(
                rule.child("DefaultRetention").ok_or_else(|| malformed("a Rule without DefaultRetention"))?,
            )?),
        };
        Ok(ObjectLockConfig { default, namespace: root.namespace })
    }

    /// As drives hold it.
    pub fn to_xml(&self) -> String {
        let mut root = Element { namespace: self.namespace.clone(), ..Element::new("ObjectLockConfiguration") };
        root.children.push(Element::with_text("ObjectLockEnabled", "Enabled"));
        if let Some(default) = self.default {
            let period = match default.period {
                Period::Days(days) => Element::with_text("Days", &days.to_string()),
                Period::Years(years) => Element::with_text("Years", &years.to_string()),
            };
            let mut retention = Element::new("DefaultRetention");
            retention.children = vec![Element::with_text("Mode", default.mode.name()), period];
            let mut rule = Element::new("Rule");
            rule.children.push(retention);
            root.children.push(rule);
        }
        root.to_xml()
    }
}

fn default_retention(element: &Element) -> Result<DefaultRetention, ServiceError> {
    let mode = element.child("Mode").map_or("", |mode| &mode.text);
    let mode = [RetentionMode::Governance, RetentionMode::Compliance]
        .into_iter()
        .find(|known| known.name() == mode)
        .ok_or_else(|| malformed(format!("unknown retention mode {mode}")))?;
    let period = match (element.child("Days"), element.child("Years")) {
        (Some(days), None) => Period::Days(number(days, MAX_DAYS)?),
        (None, Some(years)) => Period::Years(number(years, MAX_YEARS)?),
        (None, None) => return Err(malformed("either Days or Years must be specified")),
        (Some(_), Some(_)) => return Err(malformed("either Days or Years must be specified, not both")),
    };
    Ok(DefaultRetention { mode, period })
}

fn number(element: &Element, max: u64) -> Result<u64, ServiceError> {
    let name = &element.name;
    let invalid = |reason| Err(ServiceError::InvalidRetentionPeriod { reason });
    match element.text.parse::<i64>().map(u64::try_from) {
        Ok(Err(_) | Ok(0)) => {
            invalid(format!("Default retention period must be a positive integer value for '{name}'"))
        }
        Ok(Ok(value)) if value > max => invalid(format!("Default retention period too large for '{name}' {value}")),
        Ok(Ok(value)) => Ok(value),
        Err(_) => Err(malformed(format!("'{}' is not a number of {name}", element.text))),
    }
}
