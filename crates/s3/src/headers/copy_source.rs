//! `x-amz-copy-source`: `/bucket/key` or `bucket/key`, URL-encoded, with `?versionId=` behind it at will.

use super::text;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::ops::version_id;
use crate::query::decode_percent;
use http::HeaderMap;
use service::VersionId;

/// The object that a copy is made of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct CopySource {
    pub bucket: String,
    pub key: String,
    pub version: Option<VersionId>,
}

impl CopySource {
    /// From a request's headers.
    pub fn of(headers: &HeaderMap) -> S3Result<Self> {
        let value = text(headers, "x-amz-copy-source").ok_or(ErrorCode::InvalidCopySource)?;
        CopySource::parse(&value)
    }

    /// From the header's text.
    pub fn parse(value: &str) -> S3Result<Self> {
        let (path, version) = match value.split_once("?versionId=") {
            Some((path, version)) => (path, version_id(version)?),
            None => (value, None),
        };
        // What isn't valid encoding is meant as it stands.
        let decoded = decode_percent(&path.replace('+', " ")).unwrap_or_else(|| path.to_owned());
        let bad = || S3Error::new(ErrorCode::InvalidCopySource);
        let path = decoded.strip_prefix('/').unwrap_or(&decoded);
        let (bucket, key) = path.split_once('/').ok_or_else(bad)?;
        if bucket.is_empty() || key.is_empty() {
            return Err(bad());
        }
        if key.split('/').any(|segment| segment == "." || segment == "..") {
            return Err(ErrorCode::InvalidObjectName.into());
        }
        Ok(CopySource { bucket: bucket.to_owned(), key: key.to_owned(), version })
    }
}
