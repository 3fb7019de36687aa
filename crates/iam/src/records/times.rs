//! Times in records.

use super::RecordError;
use base::Timestamp;
use format::time_text;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// How Go writes a time that isn't set.
const UNSET: &str = "0001-01-01T00:00:00Z";

/// When a credential ends.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub enum Expiry {
    /// Never, written as the year 1: users.
    #[default]
    Unset,
    /// Never, written as 1970: service accounts.
    Never,
    /// At this time.
    At(Timestamp),
}

impl Expiry {
    /// Whether it ends at all.
    pub fn is_set(self) -> bool {
        matches!(self, Expiry::At(_))
    }

    /// Whether it has ended.
    pub fn is_past(self, now: Timestamp) -> bool {
        matches!(self, Expiry::At(end) if end <= now)
    }

    pub(super) fn parse(text: &str) -> Option<Expiry> {
        let date = OffsetDateTime::parse(text, &Rfc3339).ok()?;
        if date == OffsetDateTime::UNIX_EPOCH {
            return Some(Expiry::Never);
        }
        if date.year() <= 1 {
            return Some(Expiry::Unset);
        }
        // Beyond what a timestamp holds it is the end of time, or its beginning.
        let nanos = date.unix_timestamp_nanos().clamp(i64::MIN.into(), i64::MAX.into());
        i64::try_from(nanos).ok().map(|nanos| Expiry::At(Timestamp::from_nanos(nanos)))
    }

    pub(super) fn text(self) -> String {
        match self {
            Expiry::Unset => UNSET.to_owned(),
            Expiry::Never => time_text::rfc3339(Timestamp::ZERO),
            Expiry::At(end) => time_text::rfc3339(end),
        }
    }
}

/// A time that may be unset.
pub(super) fn parse(text: &str, name: &'static str) -> Result<Option<Timestamp>, RecordError> {
    if text.is_empty() {
        return Ok(None);
    }
    match Expiry::parse(text) {
        Some(Expiry::At(time)) => Ok(Some(time)),
        Some(Expiry::Unset | Expiry::Never) => Ok(None),
        None => Err(RecordError::Time(name)),
    }
}

pub(super) fn text(time: Option<Timestamp>) -> String {
    time.map_or_else(|| UNSET.to_owned(), time_text::rfc3339)
}

/// Policies' times have milliseconds.
pub(super) fn text_in_milliseconds(time: Option<Timestamp>) -> String {
    const MILLISECOND: i64 = 1_000_000;
    let rounded = |time: Timestamp| {
        let nanos = time.nanos().saturating_add(MILLISECOND / 2).div_euclid(MILLISECOND).saturating_mul(MILLISECOND);
        Timestamp::from_nanos(nanos)
    };
    text(time.map(rounded))
}
