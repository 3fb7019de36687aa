//! Object lock: what keeps a version from being deleted ("Locking objects with Object Lock").

#[cfg(test)]
mod tests;

use crate::ServiceError;
use crate::object::stored;
use base::Timestamp;
use format::object_meta_keys::user;
use store::Metadata;
use time::format_description::BorrowedFormatItem;
use time::format_description::well_known::Rfc3339;
use time::macros::format_description;

/// How binding a retention is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum RetentionMode {
    /// May be lessened or bypassed with the permission for it.
    Governance,
    /// May only be extended, by anyone.
    Compliance,
}

impl RetentionMode {
    /// The name clients and drives use.
    pub const fn name(self) -> &'static str {
        match self {
            RetentionMode::Governance => "GOVERNANCE",
            RetentionMode::Compliance => "COMPLIANCE",
        }
    }

    /// By name, in any case.
    pub fn from_name(name: &str) -> Option<Self> {
        [RetentionMode::Governance, RetentionMode::Compliance]
            .into_iter()
            .find(|mode| mode.name().eq_ignore_ascii_case(name))
    }
}

/// Keeps a version until a time.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Retention {
    pub mode: RetentionMode,
    pub until: Timestamp,
}

/// The protection that a request asks for a new version.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LockSettings {
    pub retention: Option<Retention>,
    /// On or off; `None`: not said.
    pub legal_hold: Option<bool>,
}

impl LockSettings {
    /// Whether nothing is asked for.
    pub fn is_empty(&self) -> bool {
        self.retention.is_none() && self.legal_hold.is_none()
    }
}

/// The form in which drives hold the end of a retention: milliseconds, UTC.
const UNTIL: &[BorrowedFormatItem<'_>] =
    format_description!("[year]-[month]-[day]T[hour]:[minute]:[second].[subsecond digits:3]Z");

/// A retention as clients and drives write its end: milliseconds, UTC.
pub fn format_until(until: Timestamp) -> String {
    let date = time::OffsetDateTime::from_unix_timestamp_nanos(i128::from(until.nanos()));
    date.ok().and_then(|date| date.format(UNTIL).ok()).unwrap_or_default()
}

fn parse_until(text: &str) -> Option<Timestamp> {
    let date = time::OffsetDateTime::parse(text, &Rfc3339).ok()?;
    i64::try_from(date.unix_timestamp_nanos()).ok().map(Timestamp::from_nanos)
}

/// The retention of a stored version. One whose date can't be read protects for ever: better than losing what
/// somebody wanted kept.
pub(crate) fn stored_retention(metadata: &Metadata) -> Option<Retention> {
    let mode = RetentionMode::from_name(stored(metadata, user::OBJECT_LOCK_MODE)?)?;
    let until = stored(metadata, user::OBJECT_LOCK_RETAIN_UNTIL)?;
    if until.is_empty() {
        return None;
    }
    Some(Retention { mode, until: parse_until(until).unwrap_or(Timestamp::from_nanos(i64::MAX)) })
}

/// The legal hold of a stored version, if it was ever set.
pub(crate) fn stored_legal_hold(metadata: &Metadata) -> Option<bool> {
    match stored(metadata, user::OBJECT_LOCK_LEGAL_HOLD)? {
        hold if hold.eq_ignore_ascii_case("ON") => Some(true),
        hold if hold.eq_ignore_ascii_case("OFF") => Some(false),
        _ => None,
    }
}

pub(crate) fn set_retention(metadata: &mut Metadata, retention: Option<Retention>) {
    remove(metadata, user::OBJECT_LOCK_MODE);
    remove(metadata, user::OBJECT_LOCK_RETAIN_UNTIL);
    if let Some(retention) = retention {
        metadata.user.insert(user::OBJECT_LOCK_MODE.to_owned(), retention.mode.name().to_owned());
        metadata.user.insert(user::OBJECT_LOCK_RETAIN_UNTIL.to_owned(), format_until(retention.until));
    }
}

pub(crate) fn set_legal_hold(metadata: &mut Metadata, on: bool) {
    remove(metadata, user::OBJECT_LOCK_LEGAL_HOLD);
    metadata.user.insert(user::OBJECT_LOCK_LEGAL_HOLD.to_owned(), if on { "ON" } else { "OFF" }.to_owned());
}

/// Takes the lock settings out of metadata that a copy carries over.
pub(crate) fn clear(metadata: &mut Metadata) {
    set_retention(metadata, None);
    remove(metadata, user::OBJECT_LOCK_LEGAL_HOLD);
}

fn remove(metadata: &mut Metadata, name: &str) {
    metadata.user.retain(|key, _| !key.eq_ignore_ascii_case(name));
}

/// Whether a version may be removed for good at `now`. `bypass`: the caller may, and wants to, bypass governance.
pub(crate) fn may_remove(metadata: &Metadata, now: Timestamp, bypass: bool) -> bool {
    if stored_legal_hold(metadata) == Some(true) {
        return false;
    }
    match stored_retention(metadata) {
        Some(retention) if retention.until > now => retention.mode == RetentionMode::Governance && bypass,
        _ => true,
    }
}

/// Whether a version's retention may be changed to `new` at `now`: compliance can only be extended, governance
/// only extended without a bypass.
pub(crate) fn may_change(old: Option<Retention>, new: Option<Retention>, now: Timestamp, bypass: bool) -> bool {
    match old.filter(|old| old.until > now) {
        None => true,
        Some(old) if bypass && old.mode == RetentionMode::Governance => true,
        Some(old) => new.is_some_and(|new| new.mode == old.mode && new.until >= old.until),
    }
}

/// A retention that a client may ask for: it ends in the future.
pub(crate) fn check_future(retention: Retention, now: Timestamp) -> Result<(), ServiceError> {
    if retention.until > now {
        Ok(())
    } else {
        Err(ServiceError::InvalidRequest { reason: "the retain until date must be in the future".to_owned() })
    }
}
