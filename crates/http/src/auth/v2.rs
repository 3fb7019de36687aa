//! Signature Version 2: in headers, in URLs, and of the policies of forms (AWS, "Signing and authenticating REST requests").
//!
//! HMAC-SHA1 over method, digest, type, date, the `x-amz-` headers and the resource. It covers neither the host nor the
//! body nor most of the query; clients that still use it have nothing better.

use super::date::{self, SKEW};
use super::{AuthError, PayloadMode, Place, Query, RequestView};
use base::{Secret, Timestamp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use sha1::Sha1;
use std::borrow::Cow;

/// Query parameters that are part of the resource; all others are not signed.
const SIGNED_PARAMETERS: [&str; 37] = [
    "accelerate",
    "acl",
    "analytics",
    "cors",
    "delete",
    "encryption",
    "inventory",
    "legal-hold",
    "lifecycle",
    "location",
    "logging",
    "metrics",
    "notification",
    "object-lock",
    "partNumber",
    "policy",
    "publicAccessBlock",
    "replication",
    "requestPayment",
    "response-cache-control",
    "response-content-disposition",
    "response-content-encoding",
    "response-content-language",
    "response-content-type",
    "response-expires",
    "restore",
    "retention",
    "select",
    "select-type",
    "tagging",
    "torrent",
    "uploadId",
    "uploads",
    "versionId",
    "versioning",
    "versions",
    "website",
];

/// A signature as a request claims it.
pub(super) struct Claim<'a> {
    pub(super) place: Place,
    pub(super) access_key: &'a str,
    signature: &'a str,
    /// What stands in the place of the date.
    date: Cow<'a, str>,
}

impl<'a> Claim<'a> {
    /// From the `Authorization` header: `AWS <access key>:<signature>`. The request's time must be near `now`.
    pub(super) fn of_header(request: &RequestView<'a>, now: Timestamp) -> Result<Self, AuthError> {
        let text = request.header("authorization").and_then(|value| std::str::from_utf8(value).ok());
        let fields = text.and_then(|text| text.strip_prefix("AWS ")?.trim().rsplit_once(':'));
        let (access_key, signature) = fields.ok_or(AuthError::MalformedV2)?;
        let said = |name| request.header(name).and_then(|text| std::str::from_utf8(text).ok());
        let stamped = said("x-amz-date");
        let time = stamped.or_else(|| said("date")).and_then(date::parse_any);
        // What lies before all computers is no clock that is wrong.
        let time = time.filter(|time| time.secs() >= 0).ok_or(AuthError::BadV2Date)?;
        if time.since(now).max(now.since(time)) > SKEW {
            return Err(AuthError::TimeTooSkewed);
        }
        // A time among the signed headers takes the place of the date.
        let date = if stamped.is_some() { "" } else { said("date").unwrap_or_default() };
        Ok(Claim { place: Place::Header, access_key, signature, date: date.into() })
    }

    /// From a presigned URL, which must not have expired.
    pub(super) fn of_query(query: &'a Query<'_>, now: Timestamp) -> Result<Self, AuthError> {
        let required = |name| query.get(name).ok_or(AuthError::MissingParameters);
        let (access_key, signature) = (required("AWSAccessKeyId")?, required("Signature")?);
        let expires = required("Expires")?;
        let end: i64 = expires.parse().map_err(|_| AuthError::ExpiresNotANumber)?;
        if now.secs() > end {
            return Err(AuthError::Expired);
        }
        Ok(Claim { place: Place::Query, access_key, signature, date: expires.into() })
    }

    /// Whether the signature is that of the request. `bucket`: the one that the host names, if it does.
    pub(super) fn is_right(
        &self,
        request: &RequestView<'_>,
        query: &Query<'_>,
        bucket: Option<&str>,
        secret: &Secret,
    ) -> bool {
        let is_right = |path: &str| {
            is_signature_of(secret, &string_to_sign(request, query, bucket, path, &self.date), self.signature)
        };
        // A bucket alone ends in a slash where it is signed, whether or not it does in the request (botocore and others).
        let bucket_alone = bucket.is_none() && request.path.len() > 1 && !request.path[1..].contains('/');
        is_right(request.path) || (bucket_alone && is_right(&format!("{}/", request.path)))
    }
}

/// Whether `signature` (base64) is the HMAC-SHA1 of a text; also of the policy of a form.
pub fn is_signature_of(secret: &Secret, text: &[u8], signature: &str) -> bool {
    let Ok(signature) = STANDARD.decode(signature.trim()) else { return false };
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.expose().as_bytes()).expect("HMAC takes keys of any length");
    mac.update(text);
    mac.verify_slice(&signature).is_ok()
}

/// The modes of a body that a signature of this version goes with: no chunk is signed.
pub(super) fn payload_mode(request: &RequestView<'_>) -> Result<PayloadMode, AuthError> {
    let Some(text) = request.header("x-amz-content-sha256") else { return Ok(PayloadMode::Unsigned) };
    match PayloadMode::parse(text, request.method)? {
        PayloadMode::StreamingSigned { .. } => Err(AuthError::UnsupportedMechanism),
        mode => Ok(mode),
    }
}

fn string_to_sign(
    request: &RequestView<'_>,
    query: &Query<'_>,
    bucket: Option<&str>,
    path: &str,
    date: &str,
) -> Vec<u8> {
    let mut out = Vec::new();
    let mut line = |bytes: &[u8]| {
        out.extend_from_slice(bytes);
        out.push(b'\n');
    };
    line(request.method.as_str().as_bytes());
    line(request.header("content-md5").unwrap_or_default());
    line(request.header("content-type").unwrap_or_default());
    line(date.as_bytes());
    let mut names: Vec<&str> = request.headers.keys().map(http::HeaderName::as_str).collect();
    names.retain(|name| name.starts_with("x-amz-"));
    names.sort_unstable();
    for name in names {
        out.extend_from_slice(name.as_bytes());
        for (at, value) in request.headers.get_all(name).iter().enumerate() {
            out.push(if at == 0 { b':' } else { b',' });
            out.extend_from_slice(value.as_bytes().trim_ascii());
        }
        out.push(b'\n');
    }
    if let Some(bucket) = bucket {
        out.push(b'/');
        out.extend_from_slice(bucket.as_bytes());
    }
    out.extend_from_slice(path.as_bytes());
    let mut signed: Vec<(&[u8], &[u8])> =
        query.pairs().filter(|(name, _)| SIGNED_PARAMETERS.iter().any(|known| known.as_bytes() == *name)).collect();
    signed.sort_unstable_by_key(|(name, _)| *name);
    for (at, (name, value)) in signed.into_iter().enumerate() {
        out.push(if at == 0 { b'?' } else { b'&' });
        out.extend_from_slice(name);
        if !value.is_empty() {
            out.push(b'=');
            out.extend_from_slice(value);
        }
    }
    out
}
