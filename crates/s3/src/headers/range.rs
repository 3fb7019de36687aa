//! Ranges of bytes: `Range` (RFC 9110, section 14.2) and `x-amz-copy-source-range`.

use super::text;
use crate::error::{ErrorCode, S3Error, S3Result};
use http::HeaderMap;
use service::ByteRange;

/// What the `Range` header asks for. Several ranges, other units and garbage are ignored, as the RFC allows.
pub fn byte_range(headers: &HeaderMap) -> Option<ByteRange> {
    parse(text(headers, "range")?.trim())
}

/// The range of the source that a copied part takes: first and last byte.
pub fn copy_range(headers: &HeaderMap) -> S3Result<Option<(u64, u64)>> {
    let Some(asked) = text(headers, "x-amz-copy-source-range") else { return Ok(None) };
    if asked.is_empty() {
        return Ok(None);
    }
    match parse(&asked) {
        Some(ByteRange::FromTo { first, last }) => Ok(Some((first, last))),
        _ => Err(S3Error::new(ErrorCode::InvalidCopyPartRange)),
    }
}

/// A range as text, `bytes=0-9`; `None` if it isn't one.
pub fn parse(text: &str) -> Option<ByteRange> {
    let (first, last) = text.strip_prefix("bytes=")?.split_once('-')?;
    match (number(first), number(last)) {
        (Some(first), Some(last)) if first > last => Some(ByteRange::Unsatisfiable),
        (Some(first), Some(last)) => Some(ByteRange::FromTo { first, last }),
        (Some(first), None) if last.is_empty() => Some(ByteRange::From { first }),
        (None, Some(0)) if first.is_empty() => Some(ByteRange::Unsatisfiable),
        (None, Some(count)) if first.is_empty() => Some(ByteRange::Last { count }),
        _ => None,
    }
}

/// Digits only: no sign, no blanks. Offsets of objects fit in 63 bits.
fn number(text: &str) -> Option<u64> {
    let digits = !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    let number = if digits { text.parse::<i64>().ok() } else { None };
    number.and_then(|number| u64::try_from(number).ok())
}
