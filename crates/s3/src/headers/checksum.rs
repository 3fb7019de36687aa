//! Checksum headers and trailers: `x-amz-checksum-*`, `x-amz-trailer`.

use super::text;
use crate::error::{ErrorCode, S3Result};
use crate::query::Query;
use http::HeaderMap;
use rustfs_http::{Announced, Trailers};
use service::{AnnouncedChecksum, ChecksumAlgorithm, ChecksumType};
use std::sync::Arc;

/// The checksum that a request announces for its body. `trailers` are those behind the body, if it can have some.
pub fn announced_checksum(
    headers: &HeaderMap,
    query: &Query<'_>,
    trailers: Option<&Trailers>,
) -> S3Result<AnnouncedChecksum> {
    let field = |name: &str| {
        let header = headers.get(name).and_then(|value| value.to_str().ok());
        header.or_else(|| query.get_any_case(name))
    };
    let Some(trailers) = trailers else { return Ok(AnnouncedChecksum::from_fields(field, &[], None)?) };
    let names = Announced::trailer_names(headers);
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    let trailers = trailers.clone();
    let lookup: service::Trailers = Arc::new(move |name: &str| trailers.get(name));
    Ok(AnnouncedChecksum::from_fields(field, &names, Some(lookup))?)
}

/// The algorithm and type that an upload or a copy is to have.
pub fn requested_checksum(headers: &HeaderMap) -> S3Result<(Option<ChecksumAlgorithm>, Option<ChecksumType>)> {
    let wrong = ErrorCode::InvalidChecksum;
    let algorithm = match text(headers, "x-amz-checksum-algorithm").filter(|name| !name.is_empty()) {
        Some(name) => Some(ChecksumAlgorithm::from_name(&name).ok_or(wrong)?),
        None => None,
    };
    let kind = match text(headers, "x-amz-checksum-type").filter(|name| !name.is_empty()) {
        Some(name) => Some(ChecksumType::from_name(&name).ok_or(wrong)?),
        None => None,
    };
    Ok((algorithm, kind))
}

/// Whether a read asks for the stored checksum.
pub fn wants_checksums(headers: &HeaderMap) -> bool {
    headers.get("x-amz-checksum-mode").is_some_and(|mode| mode.as_bytes().eq_ignore_ascii_case(b"ENABLED"))
}
