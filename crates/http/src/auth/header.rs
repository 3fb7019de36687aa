//! `Authorization: AWS4-HMAC-SHA256 Credential=..., SignedHeaders=..., Signature=...`.

use super::{AuthError, RequestView};
use http::header::AUTHORIZATION;

/// The three parts of the header, in the order that is required.
#[derive(Debug, PartialEq, Eq)]
pub(super) struct Fields<'a> {
    pub(super) credential: &'a str,
    pub(super) signed_headers: &'a str,
    pub(super) signature: &'a str,
}

impl<'a> Fields<'a> {
    pub(super) fn of(request: &RequestView<'a>) -> Result<Self, AuthError> {
        let value = request.headers.get(AUTHORIZATION).map(|value| value.as_bytes()).unwrap_or_default();
        let text = std::str::from_utf8(value).map_err(|_| AuthError::MissingFields)?;
        Fields::parse(text.strip_prefix("AWS4-HMAC-SHA256").unwrap_or_default())
    }

    fn parse(text: &'a str) -> Result<Self, AuthError> {
        let mut parts = text.split(',');
        let mut next = || parts.next().ok_or(AuthError::MissingFields);
        let [credential, signed_headers, signature] = [next()?, next()?, next()?];
        if parts.next().is_some() {
            return Err(AuthError::MissingFields);
        }
        Ok(Fields {
            credential: field(credential, "Credential", AuthError::MissingCredential)?,
            signed_headers: field(signed_headers, "SignedHeaders", AuthError::MissingSignedHeaders)?,
            signature: field(signature, "Signature", AuthError::MissingSignature)?,
        })
    }
}

fn field<'a>(part: &'a str, tag: &str, missing: AuthError) -> Result<&'a str, AuthError> {
    let (name, value) = part.trim().split_once('=').ok_or(AuthError::MissingFields)?;
    if name == tag { Ok(value) } else { Err(missing) }
}
