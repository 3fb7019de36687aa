//! `Delete`: the keys and versions that DeleteObjects is to delete.

use crate::error::{ErrorCode, S3Result};
use crate::headers::delete_conditions_of;
use crate::xml::Reader;
use service::DeleteConditions;
use service::limits::MAX_DELETE_TARGETS;

/// A list of what to delete.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeleteRequest {
    /// Answer only with what failed.
    pub quiet: bool,
    pub objects: Vec<DeletedKey>,
}

/// A key, or a version of it, as the client wrote them.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct DeletedKey {
    pub key: String,
    /// Empty if none is named.
    pub version: String,
    /// Only if the object is still what the client thinks it is.
    pub conditions: DeleteConditions,
}

impl DeleteRequest {
    /// From a document; one to a thousand keys.
    pub fn parse(document: &[u8]) -> S3Result<Self> {
        let mut xml = Reader::open(document, "Delete")?;
        let mut request = DeleteRequest::default();
        while let Some(name) = xml.child()? {
            match name.as_str() {
                "Quiet" => request.quiet = xml.text()?.trim().eq_ignore_ascii_case("true"),
                "Object" => {
                    if request.objects.len() == MAX_DELETE_TARGETS {
                        return Err(ErrorCode::MalformedXml.into());
                    }
                    request.objects.push(object(&mut xml)?);
                }
                _ => xml.skip()?,
            }
        }
        if request.objects.is_empty() {
            return Err(ErrorCode::MalformedXml.into());
        }
        Ok(request)
    }
}

fn object(xml: &mut Reader<'_>) -> S3Result<DeletedKey> {
    let mut object = DeletedKey::default();
    let (mut etag, mut modified, mut size) = (String::new(), String::new(), String::new());
    while let Some(name) = xml.child()? {
        match name.as_str() {
            "Key" => {
                let key = xml.text()?;
                object.key = key.strip_prefix('/').map(str::to_owned).unwrap_or(key);
            }
            "VersionId" => object.version = xml.text()?.trim().to_owned(),
            "ETag" => etag = xml.text()?,
            "LastModifiedTime" => modified = xml.text()?,
            "Size" => size = xml.text()?,
            _ => xml.skip()?,
        }
    }
    object.conditions = delete_conditions_of([&etag, &modified, &size])?;
    Ok(object)
}
