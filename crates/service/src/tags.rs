//! Tags of objects and buckets.

#[cfg(test)]
mod tests;

use crate::ServiceError;
use crate::limits::{MAX_BUCKET_TAGS, MAX_OBJECT_TAGS};
use std::collections::BTreeMap;

/// Longest tag key and value, in characters.
const MAX_KEY_CHARS: usize = 128;
const MAX_VALUE_CHARS: usize = 256;

/// A checked set of tags, in the order of their keys.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Tags(BTreeMap<String, String>);

impl Tags {
    /// Tags for an object.
    pub fn for_object(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, ServiceError> {
        Self::checked(pairs, MAX_OBJECT_TAGS, false)
    }

    /// Tags for a bucket.
    pub fn for_bucket(pairs: impl IntoIterator<Item = (String, String)>) -> Result<Self, ServiceError> {
        Self::checked(pairs, MAX_BUCKET_TAGS, true)
    }

    /// An object's tags from their query form (`k=v&k2=v2`, form-encoded), as clients send and drives store them.
    pub fn from_query(text: &str) -> Result<Self, ServiceError> {
        let mut pairs = Vec::new();
        for pair in text.split('&').filter(|pair| !pair.is_empty()) {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            let decode = |text| decode_form(text).ok_or(ServiceError::InvalidTag { reason: BAD_ESCAPE });
            pairs.push((decode(key)?, decode(value)?));
        }
        Self::for_object(pairs)
    }

    /// What a drive holds, unchecked: tags set under other rules stay readable.
    pub(crate) fn from_stored(text: &str) -> Self {
        let pairs = text.split('&').filter(|pair| !pair.is_empty()).filter_map(|pair| {
            let (key, value) = pair.split_once('=').unwrap_or((pair, ""));
            Some((decode_form(key)?, decode_form(value)?))
        });
        Tags(pairs.collect())
    }

    /// The query form, sorted by key.
    pub fn to_query(&self) -> String {
        let pairs: Vec<_> =
            self.iter().map(|(key, value)| format!("{}={}", encode_form(key), encode_form(value))).collect();
        pairs.join("&")
    }

    pub fn iter(&self) -> impl Iterator<Item = (&str, &str)> {
        self.0.iter().map(|(key, value)| (key.as_str(), value.as_str()))
    }

    pub fn len(&self) -> usize {
        self.0.len()
    }

    pub fn is_empty(&self) -> bool {
        self.0.is_empty()
    }

    fn checked(
        pairs: impl IntoIterator<Item = (String, String)>,
        limit: usize,
        bucket: bool,
    ) -> Result<Self, ServiceError> {
        let mut tags = BTreeMap::new();
        for (key, value) in pairs {
            if tags.len() == limit {
                return Err(ServiceError::TooManyTags { limit, bucket });
            }
            check(&key, 1, MAX_KEY_CHARS, BAD_KEY)?;
            check(&value, 0, MAX_VALUE_CHARS, BAD_VALUE)?;
            if tags.insert(key, value).is_some() {
                return Err(ServiceError::InvalidTag { reason: DUPLICATE });
            }
        }
        Ok(Tags(tags))
    }
}

const BAD_KEY: &str = "The TagKey you have provided is invalid";
const BAD_VALUE: &str = "The TagValue you have provided is invalid";
const DUPLICATE: &str = "Cannot provide multiple Tags with the same key";
const BAD_ESCAPE: &str = "The tag set has an invalid URL escape";

fn check(text: &str, min: usize, max: usize, reason: &'static str) -> Result<(), ServiceError> {
    let allowed = |char: char| char.is_alphanumeric() || " +-=._:/@".contains(char);
    let length = text.chars().count();
    if (min..=max).contains(&length) && text.chars().all(allowed) {
        Ok(())
    } else {
        Err(ServiceError::InvalidTag { reason })
    }
}

/// Undoes form encoding; `None` for a bad escape or bytes that aren't UTF-8.
fn decode_form(text: &str) -> Option<String> {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let high = char::from(rest.next()?).to_digit(16)?;
                let low = char::from(rest.next()?).to_digit(16)?;
                u8::try_from(high * 16 + low).ok()?
            }
            other => other,
        });
    }
    String::from_utf8(bytes).ok()
}

/// Form encoding as Go's `url.QueryEscape` has it, which drives' stored tags use.
fn encode_form(text: &str) -> String {
    let mut out = String::with_capacity(text.len());
    for byte in text.bytes() {
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' | b'-' | b'_' | b'.' | b'~' => out.push(char::from(byte)),
            b' ' => out.push('+'),
            other => out.push_str(&format!("%{other:02X}")),
        }
    }
    out
}
