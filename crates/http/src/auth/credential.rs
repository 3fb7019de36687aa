//! `Credential`: the access key and the scope of a signature.

use super::date::parse_day;
use super::{AuthError, Expected};

/// Shorter access keys can't exist.
const MIN_ACCESS_KEY: usize = 3;

/// `<access key>/<yyyyMMdd>/<region>/<service>/aws4_request`. The access key may contain slashes.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Credential<'a> {
    pub(super) access_key: &'a str,
    pub(super) date: &'a str,
    pub(super) region: &'a str,
    pub(super) service: &'a str,
    /// All but the access key.
    pub(super) scope: &'a str,
}

impl<'a> Credential<'a> {
    /// Reads a credential and checks that it is meant for this server.
    pub(super) fn parse(text: &'a str, expected: &Expected<'_>) -> Result<Self, AuthError> {
        let mut parts = text.rsplitn(5, '/');
        let mut next = || parts.next().ok_or(AuthError::MalformedCredential);
        let [terminal, service, region, date, access_key] = [next()?, next()?, next()?, next()?, next()?];
        if access_key.len() < MIN_ACCESS_KEY {
            return Err(AuthError::UnknownKey);
        }
        if parse_day(date).is_none() {
            return Err(AuthError::MalformedCredentialDate);
        }
        if service != expected.service.name() {
            return Err(AuthError::WrongService { expected: expected.service.name() });
        }
        if terminal != "aws4_request" {
            return Err(AuthError::WrongTerminal);
        }
        expected.check_region(region)?;
        let scope = &text[access_key.len() + 1..];
        Ok(Credential { access_key, date, region, service, scope })
    }
}
