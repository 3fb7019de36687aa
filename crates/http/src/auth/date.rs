//! The date of a request.

use super::{AuthError, RequestView};
use base::Timestamp;
use std::borrow::Cow;
use std::time::Duration;
use time::format_description::well_known::Rfc2822;
use time::{Date, Month, OffsetDateTime, Time};

/// How far a client's clock may be from ours, either way.
pub(super) const SKEW: Duration = Duration::from_secs(15 * 60);

/// Reads `yyyyMMddTHHmmssZ`.
pub(super) fn parse_iso(text: &str) -> Option<Timestamp> {
    let bytes: &[u8; 16] = text.as_bytes().try_into().ok()?;
    if bytes[8] != b'T' || bytes[15] != b'Z' {
        return None;
    }
    let day = parse_day(text.get(..8)?)?;
    let time = Time::from_hms(two(&bytes[9..11])?, two(&bytes[11..13])?, two(&bytes[13..15])?).ok()?;
    Some(Timestamp::from_secs(day.with_time(time).assume_utc().unix_timestamp()))
}

/// Reads `yyyyMMdd`.
pub(super) fn parse_day(text: &str) -> Option<Date> {
    let bytes: &[u8; 8] = text.as_bytes().try_into().ok()?;
    let year = i32::from(two(&bytes[..2])?) * 100 + i32::from(two(&bytes[2..4])?);
    let month = Month::try_from(two(&bytes[4..6])?).ok()?;
    Date::from_calendar_date(year, month, two(&bytes[6..])?).ok()
}

fn two(digits: &[u8]) -> Option<u8> {
    match digits {
        [tens @ b'0'..=b'9', ones @ b'0'..=b'9'] => Some((tens - b'0') * 10 + (ones - b'0')),
        _ => None,
    }
}

/// The date of a request signed in its header, as its signature needs it: a date of HTTP is signed as `yyyyMMddTHHmmssZ` too.
/// It must be near `now`.
pub(super) fn of_header<'a>(request: &RequestView<'a>, now: Timestamp) -> Result<Cow<'a, str>, AuthError> {
    let said = |name| request.header(name).filter(|text| !text.trim_ascii().is_empty());
    let text = said("x-amz-date").or_else(|| said("date")).ok_or(AuthError::MissingDate)?;
    let text = std::str::from_utf8(text).map_err(|_| AuthError::MalformedDate)?;
    let iso = parse_iso(text);
    let date = iso.or_else(|| parse_rfc1123(text)).ok_or(AuthError::MalformedDate)?;
    if date.since(now).max(now.since(date)) > SKEW {
        return Err(AuthError::TimeTooSkewed);
    }
    if iso.is_some() { Ok(text.into()) } else { format_iso(date).map(Cow::Owned).ok_or(AuthError::MalformedDate) }
}

/// Writes `yyyyMMddTHHmmssZ`.
fn format_iso(date: Timestamp) -> Option<String> {
    let date = OffsetDateTime::from_unix_timestamp(date.secs()).ok()?;
    let (year, month, day) = date.to_calendar_date();
    let (hour, minute, second) = date.to_hms();
    Some(format!("{year:04}{:02}{day:02}T{hour:02}{minute:02}{second:02}Z", u8::from(month)))
}

/// Reads a date in any of the forms that headers may have.
pub(super) fn parse_any(text: &str) -> Option<Timestamp> {
    parse_iso(text).or_else(|| parse_rfc1123(text))
}

/// Reads `Mon, 02 Jan 2006 15:04:05 GMT`, also with a numeric zone.
fn parse_rfc1123(text: &str) -> Option<Timestamp> {
    let date = OffsetDateTime::parse(text, &Rfc2822).ok()?;
    Some(Timestamp::from_secs(date.unix_timestamp()))
}
