//! CopyObject and UploadPartCopy.

use crate::call::Call;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::headers::{self, CopySource};
use crate::response::{self, Answer};
use crate::xml::Writer;
use base::Timestamp;
use http::HeaderName;
use iam::{Action, Grant};
use service::{Checksum, CopyObject, CopyPart, Directive, ServiceError, Tags, VersionId};

/// CopyObject.
pub async fn object(call: &Call<'_>) -> S3Result<Answer> {
    let source = CopySource::of(call.headers())?;
    let to = call.grant_object(Action::PutObject)?;
    let from = read_source(call, &source).await?;
    let described = headers::new_object(call.headers(), call.query, call.now)?;
    super::object_write::check_lock_grants(call, &described)?;
    let (checksum, _) = headers::requested_checksum(call.headers())?;
    let replaces = |name, wrong| directive(call, name, wrong);
    let metadata = match replaces("x-amz-metadata-directive", ErrorCode::InvalidMetadataDirective)? {
        true => Directive::Replace(described.metadata),
        false => Directive::Keep,
    };
    let tags = match replaces("x-amz-tagging-directive", ErrorCode::InvalidTagDirective)? {
        true => Directive::Replace(described.tags.unwrap_or_else(Tags::default)),
        false => Directive::Keep,
    };
    let copy = CopyObject {
        source_version: source.version,
        source_key: headers::source_key(call.headers())?,
        encryption: headers::encryption(call)?,
        source_conditions: headers::source_conditions(call.headers()),
        conditions: headers::write_conditions(call.headers()),
        metadata,
        tags,
        storage_class: described.storage_class,
        lock: described.lock,
        acl: described.acl,
        checksum,
    };
    let copied = call.service().copy_object(&from, &to, copy).await.map_err(source_error)?;
    let mut answer = response::xml(result("CopyObjectResult", copied.mod_time(), copied.etag(), copied.checksum()));
    response::set_written(answer.headers_mut(), &copied);
    response::set_encryption(answer.headers_mut(), copied.encryption().as_ref());
    name_source(&mut answer, source.version);
    Ok(answer)
}

/// UploadPartCopy.
pub async fn part(call: &Call<'_>) -> S3Result<Answer> {
    let source = CopySource::of(call.headers())?;
    let to = call.grant_object(Action::PutObject)?;
    let from = read_source(call, &source).await?;
    if headers::is_kms(call.headers()) {
        return Err(ErrorCode::NotImplemented.into());
    }
    let copy = CopyPart {
        upload_id: call.query.get("uploadId").unwrap_or("").to_owned(),
        number: headers::part_number(call.query.get("partNumber").unwrap_or(""))?,
        source_version: source.version,
        source_conditions: headers::source_conditions(call.headers()),
        range: headers::copy_range(call.headers())?,
        source_key: headers::source_key(call.headers())?,
        customer_key: headers::upload_key(call)?,
    };
    let part = call.service().copy_part(&from, &to, copy).await.map_err(source_error)?;
    let mut answer = response::xml(result("CopyPartResult", part.mod_time, &part.etag, part.checksum));
    response::set_encryption(answer.headers_mut(), part.encryption.as_ref());
    name_source(&mut answer, source.version);
    Ok(answer)
}

/// Permission to read the source.
async fn read_source(call: &Call<'_>, source: &CopySource) -> S3Result<Grant> {
    call.grant_stored(Action::GetObject, &source.bucket, &source.key, source.version).await
}

/// Whether a directive says REPLACE rather than COPY.
fn directive(call: &Call<'_>, name: &str, wrong: ErrorCode) -> S3Result<bool> {
    match call.header(name) {
        None | Some("" | "COPY") => Ok(false),
        Some("REPLACE") => Ok(true),
        Some(_) => Err(wrong.into()),
    }
}

fn result(root: &str, modified: Timestamp, etag: &str, checksum: Option<Checksum>) -> Vec<u8> {
    let mut xml = Writer::document();
    xml.open_root(root);
    xml.time("LastModified", modified);
    xml.etag("ETag", etag);
    if let Some(checksum) = checksum {
        xml.text(&format!("Checksum{}", checksum.algorithm().name()), &checksum.text());
        xml.text("ChecksumType", checksum.kind().name());
    }
    xml.close(root);
    xml.finish()
}

fn name_source(answer: &mut Answer, version: Option<VersionId>) {
    if let Some(version) = version {
        let name = HeaderName::from_static("x-amz-copy-source-version-id");
        response::set_text(answer.headers_mut(), name, &version.to_string());
    }
}

/// A failure of the source's conditions or existence is told without the validators that reads come with.
fn source_error(error: ServiceError) -> S3Error {
    match error {
        ServiceError::NotModified { .. } | ServiceError::PreconditionFailed { .. } => {
            ErrorCode::PreconditionFailed.into()
        }
        ServiceError::DeleteMarker { by_id: true, bucket, key, .. } => {
            let message = "The source of a copy request may not specifically refer to a delete marker by version id.";
            S3Error::with(ErrorCode::InvalidRequest, message).about(&bucket, &key)
        }
        other => other.into(),
    }
}
