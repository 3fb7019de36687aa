//! Request headers, read into what the use cases ask for.

mod checksum;
mod conditions;
mod copy_source;
mod encryption;
mod integers;
mod lock;
mod metadata;
mod range;
#[cfg(test)]
mod tests;

pub use checksum::{announced_checksum, requested_checksum, wants_checksums};
pub use conditions::{delete_conditions, delete_conditions_of, read_conditions, source_conditions, write_conditions};
pub use copy_source::CopySource;
pub use encryption::{check_customer_keys, encryption, is_kms, read_key, source_key, upload_key};
pub use integers::{integer_between, part_number};
pub use lock::lock_settings;
pub use metadata::{canonical_name, new_object, object_metadata, storage_class};
pub use range::{byte_range, copy_range};

use crate::error::{ErrorCode, S3Result};
use crate::query::Query;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::HeaderMap;
use std::borrow::Cow;

/// The first value of a header as text. Bytes that aren't UTF-8 are read as Latin-1, as HTTP once had it.
pub fn text<'a>(headers: &'a HeaderMap, name: &str) -> Option<Cow<'a, str>> {
    headers.get(name).map(value_text)
}

/// A header value as text.
pub fn value_text(value: &http::HeaderValue) -> Cow<'_, str> {
    match std::str::from_utf8(value.as_bytes()) {
        Ok(text) => Cow::Borrowed(text),
        Err(_) => Cow::Owned(value.as_bytes().iter().copied().map(char::from).collect()),
    }
}

/// A header, or the query parameter of the same name (presigned requests carry them there).
pub fn text_or_query<'a>(headers: &'a HeaderMap, query: &'a Query<'_>, name: &str) -> Option<Cow<'a, str>> {
    text(headers, name).or_else(|| query.get_any_case(name).map(Cow::Borrowed))
}

/// The digest that `Content-MD5` announces.
pub fn content_md5(headers: &HeaderMap) -> S3Result<Option<[u8; 16]>> {
    let Some(value) = headers.get("content-md5") else { return Ok(None) };
    let digest = STANDARD.decode(value.as_bytes()).ok().and_then(|bytes| bytes.try_into().ok());
    digest.map(Some).ok_or(ErrorCode::InvalidDigest.into())
}
