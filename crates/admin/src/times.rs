//! Times in documents.

use base::Timestamp;
use iam::Expiry;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// The time of what has none.
const NO_TIME: &str = "0001-01-01T00:00:00Z";
/// When what never ends is said to end, where an end must be given.
const NEVER: &str = "1970-01-01T00:00:00Z";

/// RFC 3339 in UTC.
pub fn text(time: Option<Timestamp>) -> String {
    let format = |time: Timestamp| {
        OffsetDateTime::from_unix_timestamp_nanos(i128::from(time.nanos())).ok()?.format(&Rfc3339).ok()
    };
    time.and_then(format).unwrap_or_else(|| NO_TIME.to_owned())
}

/// The end of a credential, where one must be given.
pub fn end(expiry: Expiry) -> String {
    known_end(expiry).unwrap_or_else(|| NEVER.to_owned())
}

/// The end of a credential that ends.
pub fn known_end(expiry: Expiry) -> Option<String> {
    match expiry {
        Expiry::At(end) => Some(text(Some(end))),
        Expiry::Unset | Expiry::Never => None,
    }
}

/// Reads what [`text`] writes. `None`: no time; the year 1 and 1970 are none.
pub fn parse(text: &str) -> Option<Option<Timestamp>> {
    let date = OffsetDateTime::parse(text, &Rfc3339).ok()?;
    if date.year() <= 1 || date == OffsetDateTime::UNIX_EPOCH {
        return Some(None);
    }
    let nanos = date.unix_timestamp_nanos().clamp(i64::MIN.into(), i64::MAX.into());
    i64::try_from(nanos).ok().map(|nanos| Some(Timestamp::from_nanos(nanos)))
}
