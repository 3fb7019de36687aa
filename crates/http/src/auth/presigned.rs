//! Presigned URLs: the signature in the query.

use super::date::{SKEW, parse_iso};
use super::{AuthError, Query};
use base::Timestamp;
use std::time::Duration;

/// Seconds in a week: the longest life of a presigned URL.
const MAX_EXPIRES: i64 = 604_800;

/// The parameters of a presigned URL.
#[derive(Debug)]
pub(super) struct Parameters<'a> {
    pub(super) credential: &'a str,
    pub(super) signed_headers: &'a str,
    pub(super) signature: &'a str,
    pub(super) date: &'a str,
    begins: Timestamp,
    lasts: Duration,
}

impl<'a> Parameters<'a> {
    pub(super) fn of(query: &'a Query<'_>) -> Result<Self, AuthError> {
        let required = |key| query.get(key).ok_or(AuthError::MissingParameters);
        let algorithm = required("X-Amz-Algorithm")?;
        let credential = required("X-Amz-Credential")?;
        let signature = required("X-Amz-Signature")?;
        let date = required("X-Amz-Date")?;
        let signed_headers = required("X-Amz-SignedHeaders")?;
        let expires = required("X-Amz-Expires")?;
        if algorithm != "AWS4-HMAC-SHA256" {
            return Err(AuthError::WrongAlgorithm);
        }
        let begins = parse_iso(date).ok_or(AuthError::MalformedPresignedDate)?;
        let lasts = parse_expires(expires)?;
        Ok(Parameters { credential, signed_headers, signature, date, begins, lasts })
    }

    /// Whether `now` is in the URL's life.
    pub(super) fn check_time(&self, now: Timestamp) -> Result<(), AuthError> {
        if self.begins.since(now) > SKEW {
            return Err(AuthError::NotValidYet);
        }
        if now.since(self.begins) > self.lasts {
            return Err(AuthError::Expired);
        }
        Ok(())
    }
}

fn parse_expires(text: &str) -> Result<Duration, AuthError> {
    let seconds: i64 = text.parse().map_err(|_| AuthError::ExpiresNotANumber)?;
    if seconds > MAX_EXPIRES {
        return Err(AuthError::ExpiresTooLong);
    }
    u64::try_from(seconds).map(Duration::from_secs).map_err(|_| AuthError::ExpiresNegative)
}
