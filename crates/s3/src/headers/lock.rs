//! Object lock headers of a write (S3 reference, PutObject).

use super::text;
use crate::dates::parse_iso8601;
use crate::error::{ErrorCode, S3Error, S3Result};
use base::Timestamp;
use http::HeaderMap;
use service::{LockSettings, Retention, RetentionMode};

/// The protection asked for; `now` bounds retention dates.
pub fn lock_settings(headers: &HeaderMap, now: Timestamp) -> S3Result<LockSettings> {
    let mode = text(headers, "x-amz-object-lock-mode");
    let until = text(headers, "x-amz-object-lock-retain-until-date");
    let retention = match (mode, until) {
        (None, None) => None,
        (Some(mode), Some(until)) => Some(retention(&mode, &until, now)?),
        _ => return Err(ErrorCode::LockHeadersIncomplete.into()),
    };
    let legal_hold = match text(headers, "x-amz-object-lock-legal-hold") {
        None => None,
        Some(hold) if hold.eq_ignore_ascii_case("ON") => Some(true),
        Some(hold) if hold.eq_ignore_ascii_case("OFF") => Some(false),
        Some(_) => return Err(S3Error::with(ErrorCode::InvalidRequest, "unknown legal hold status")),
    };
    Ok(LockSettings { retention, legal_hold })
}

fn retention(mode: &str, until: &str, now: Timestamp) -> S3Result<Retention> {
    let mode = RetentionMode::from_name(mode).ok_or(ErrorCode::LockModeUnknown)?;
    let until = parse_iso8601(until).ok_or(ErrorCode::LockDateMalformed)?;
    if until <= now {
        return Err(ErrorCode::LockDatePast.into());
    }
    Ok(Retention { mode, until })
}
