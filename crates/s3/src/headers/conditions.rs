//! Conditional headers (RFC 9110, section 13; S3 reference, GetObject, PutObject and CopyObject).

use super::text;
use crate::dates::parse_http_date;
use base::Timestamp;
use http::HeaderMap;
use service::{ReadConditions, WriteConditions};

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

/// The etags of a list, without quotes and weakness. A list that names none is no condition.
fn etags(headers: &HeaderMap, name: &str) -> Option<Vec<String>> {
    let list = text(headers, name)?;
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
