//! Conditional headers (RFC 9110, section 13; S3 reference, GetObject, PutObject and CopyObject).

use super::text;
use crate::dates::{parse_http_date, parse_iso8601};
use crate::error::{ErrorCode, S3Error, S3Result};
use base::Timestamp;
use http::HeaderMap;
use service::{DeleteConditions, ReadConditions, WriteConditions};

/// The conditions of a read.
pub fn read_conditions(headers: &HeaderMap) -> ReadConditions {
    ReadConditions {
        if_match: etags(headers, "if-match"),
        if_none_match: etags(headers, "if-none-match"),
        if_modified_since: date(headers, "if-modified-since"),
        if_unmodified_since: date(headers, "if-unmodified-since"),
    }
}

/// The conditions on the source of a copy.
pub fn source_conditions(headers: &HeaderMap) -> ReadConditions {
    ReadConditions {
        if_match: etags(headers, "x-amz-copy-source-if-match"),
        if_none_match: etags(headers, "x-amz-copy-source-if-none-match"),
        if_modified_since: date(headers, "x-amz-copy-source-if-modified-since"),
        if_unmodified_since: date(headers, "x-amz-copy-source-if-unmodified-since"),
    }
}

/// The conditions of a write.
pub fn write_conditions(headers: &HeaderMap) -> WriteConditions {
    WriteConditions { if_match: etags(headers, "if-match"), if_none_match: etags(headers, "if-none-match") }
}

/// The conditions of a deletion (S3 reference, DeleteObject).
pub fn delete_conditions(headers: &HeaderMap) -> S3Result<DeleteConditions> {
    let names = ["if-match", "x-amz-if-match-last-modified-time", "x-amz-if-match-size"];
    let texts = names.map(|name| text(headers, name).unwrap_or_default());
    delete_conditions_of(texts.each_ref().map(|text| text.as_ref()))
}

/// The same from an etag, a time and a size; empty ones say nothing. One that can't be read is an error: the client
/// counts on it.
pub fn delete_conditions_of([etag, modified, size]: [&str; 3]) -> S3Result<DeleteConditions> {
    let wrong = |name: &'static str, value: &str| S3Error::new(ErrorCode::InvalidArgument).argument(name, value);
    let (modified, size) = (modified.trim(), size.trim());
    let time = || parse_http_date(modified).or_else(|| parse_iso8601(modified));
    Ok(DeleteConditions {
        if_match: etags_of(etag),
        last_modified: match modified {
            "" => None,
            _ => Some(time().ok_or_else(|| wrong("x-amz-if-match-last-modified-time", modified))?),
        },
        size: match size {
            "" => None,
            _ => Some(size.parse().map_err(|_| wrong("x-amz-if-match-size", size))?),
        },
    })
}

/// The etags of a list, without quotes and weakness. A list that names none is no condition.
fn etags(headers: &HeaderMap, name: &str) -> Option<Vec<String>> {
    etags_of(&text(headers, name)?)
}

fn etags_of(list: &str) -> Option<Vec<String>> {
    let bare = |item: &str| {
        let item = item.trim();
        let strong = item.strip_prefix("W/").unwrap_or(item);
        strong.trim_matches('"').to_owned()
    };
    let etags: Vec<String> = list.split(',').map(bare).filter(|etag| !etag.is_empty()).collect();
    (!etags.is_empty()).then_some(etags)
}

/// Dates that can't be read are no condition.
fn date(headers: &HeaderMap, name: &str) -> Option<Timestamp> {
    parse_http_date(&text(headers, name)?)
}
