//! What an object is described by: system and user metadata, tags, storage class.

use super::{lock_settings, text_or_query, value_text, write_conditions};
use crate::documents::{Listed, asked_acl};
use crate::error::{ErrorCode, S3Result};
use crate::query::Query;
use base::Timestamp;
use http::HeaderMap;
use service::{Encryption, NewObject, Tags};
use std::collections::BTreeMap;

/// Headers stored with the object under their own names.
const STORED: [&str; 7] = [
    "content-type",
    "cache-control",
    "content-language",
    "content-encoding",
    "content-disposition",
    "expires",
    WEBSITE_REDIRECT,
];
/// Where a website sends requests for the object.
const WEBSITE_REDIRECT: &str = "x-amz-website-redirect-location";
/// Longest place, as S3 has it.
const MAX_REDIRECT: usize = 2 << 10;
/// Prefixes of user metadata.
const USER: [&str; 2] = ["x-amz-meta-", "x-minio-meta-"];

/// Everything a request says of the object it writes.
pub fn new_object(headers: &HeaderMap, query: &Query<'_>, now: Timestamp) -> S3Result<NewObject> {
    let tags = text_or_query(headers, query, "x-amz-tagging");
    let metadata = object_metadata(headers, query);
    if metadata.get(WEBSITE_REDIRECT).is_some_and(|place| !is_place(place)) {
        return Err(ErrorCode::InvalidRedirectLocation.into());
    }
    Ok(NewObject {
        metadata,
        tags: tags.filter(|tags| !tags.is_empty()).map(|tags| Tags::from_query(&tags)).transpose()?,
        storage_class: storage_class(headers, query),
        lock: lock_settings(headers, now)?,
        conditions: write_conditions(headers),
        // Read apart (`super::encryption`): it has errors that name the object.
        encryption: Encryption::Unsaid,
        acl: asked_acl(headers, query, Listed::Object)?,
    })
}

fn is_place(text: &str) -> bool {
    text.len() <= MAX_REDIRECT && ["/", "http://", "https://"].iter().any(|start| text.starts_with(start))
}

/// The storage class asked for, if any.
pub fn storage_class(headers: &HeaderMap, query: &Query<'_>) -> Option<String> {
    let class = text_or_query(headers, query, "x-amz-storage-class")?;
    (!class.is_empty()).then(|| class.into_owned())
}

/// System and user metadata, from headers and equally from query parameters; a header that occurs more than once
/// is joined by commas.
pub fn object_metadata(headers: &HeaderMap, query: &Query<'_>) -> BTreeMap<String, String> {
    let mut metadata = BTreeMap::new();
    for (name, value) in query.iter() {
        if let Some(stored) = stored_name(&name.to_ascii_lowercase()) {
            metadata.insert(stored, value.to_owned());
        }
    }
    for name in headers.keys() {
        if let Some(stored) = stored_name(name.as_str()) {
            let values: Vec<_> = headers.get_all(name).iter().map(value_text).collect();
            metadata.insert(stored, values.join(","));
        }
    }
    if let Some(encoding) = metadata.get_mut("content-encoding").filter(|encoding| encoding.contains("aws-chunked")) {
        // It tells of the transfer, not of the object. The others stay as they were written.
        let kept = encoding.split(',').filter(|coding| coding.trim() != "aws-chunked");
        *encoding = kept.collect::<Vec<_>>().join(",").trim().to_owned();
    }
    metadata.retain(|name, value| !(value.is_empty() && STORED.contains(&name.as_str())));
    metadata
}

/// The name under which a header (in lower case) is stored; `None` if it isn't.
fn stored_name(name: &str) -> Option<String> {
    if STORED.contains(&name) {
        return Some(name.to_owned());
    }
    let user = USER.iter().any(|prefix| name.len() > prefix.len() && name.starts_with(prefix));
    user.then(|| canonical_name(name))
}

/// A header name with each word's first letter in upper case, the rest in lower: `X-Amz-Meta-Foo`.
pub fn canonical_name(name: &str) -> String {
    let mut upper = true;
    let canonical = name.chars().map(|character| {
        let out = if upper { character.to_ascii_uppercase() } else { character.to_ascii_lowercase() };
        upper = character == '-';
        out
    });
    canonical.collect()
}
