//! Multipart uploads: begin, part, complete, abort.

use crate::call::Call;
use crate::documents::{Digests, MAX_COMPLETE, parse_parts};
use crate::encode;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::headers;
use crate::query::Query;
use crate::response::{self, Answer};
use crate::xml::Writer;
use base64::Engine;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use http::{HeaderName, HeaderValue, StatusCode};
use iam::Action;
use rustfs_http::{Announced, RequestBody, collect};
use service::{CompleteUpload, CreateUpload, Object, ServiceError, UploadPart};
use uuid::Uuid;

/// CreateMultipartUpload.
pub async fn create(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_object(Action::PutObject)?;
    let mut object = headers::new_object(call.headers(), call.query, call.now)?;
    object.encryption = headers::encryption(call)?;
    super::object_write::check_lock_grants(call, &object)?;
    let (checksum, checksum_type) = headers::requested_checksum(call.headers())?;
    let upload = call.service().create_upload(&grant, CreateUpload { object, checksum, checksum_type }).await?;
    let mut xml = Writer::document();
    xml.open_root("InitiateMultipartUploadResult");
    xml.text("Bucket", &call.target.bucket);
    xml.text("Key", &call.target.key);
    xml.text("UploadId", &upload.upload_id);
    xml.close("InitiateMultipartUploadResult");
    let mut answer = response::xml(xml.finish());
    response::set_encryption(answer.headers_mut(), upload.encryption.as_ref());
    if let Some((algorithm, kind)) = upload.checksum {
        let headers = answer.headers_mut();
        let name = HeaderName::from_static;
        headers.insert(name("x-amz-checksum-algorithm"), HeaderValue::from_static(algorithm.name()));
        headers.insert(name("x-amz-checksum-type"), HeaderValue::from_static(kind.name()));
    }
    Ok(answer)
}

/// UploadPart.
pub async fn put_part(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let grant = call.grant_object(Action::PutObject)?;
    if call.headers().contains_key("x-amz-copy-source") {
        return Err(ErrorCode::InvalidCopySource.into());
    }
    let part = UploadPart {
        upload_id: upload_id(call),
        number: headers::part_number(call.query.get("partNumber").unwrap_or(""))?,
        body: call.incoming(body)?,
        customer_key: headers::upload_key(call)?,
    };
    let part = call.service().upload_part(&grant, part).await?;
    let mut answer = response::empty(StatusCode::OK);
    response::set_etag(answer.headers_mut(), &part.etag);
    response::set_encryption(answer.headers_mut(), part.encryption.as_ref());
    if let Some(checksum) = &part.checksum {
        response::set_checksum(answer.headers_mut(), checksum);
    }
    Ok(answer)
}

/// CompleteMultipartUpload. The checksum headers are about the object, not about the document.
pub async fn complete(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let grant = call.grant_object(Action::PutObject)?;
    let locks = ["x-amz-object-lock-", "x-amz-bypass-governance-retention"];
    if call.headers().keys().any(|name| locks.iter().any(|lock| name.as_str().starts_with(lock))) {
        let message = "Object lock headers belong to the beginning of an upload";
        return Err(S3Error::with(ErrorCode::InvalidRequest, message));
    }
    let digests = Digests::md5_only(call.headers())?;
    let opened = call.identity.open_body(body.into_stream(), Announced::default());
    let document = collect(opened.stream, MAX_COMPLETE).await?;
    digests.check(&document)?;
    let complete = CompleteUpload {
        upload_id: upload_id(call),
        parts: parse_parts(&document)?,
        conditions: headers::write_conditions(call.headers()),
        checksum: headers::announced_checksum(call.headers(), &Query::default(), None)?,
        customer_key: headers::upload_key(call)?,
    };
    let object = call.service().complete_upload(&grant, complete).await?;
    let mut answer = response::xml(completed(call, &object));
    response::set_written(answer.headers_mut(), &object);
    response::set_encryption(answer.headers_mut(), object.encryption().as_ref());
    Ok(answer)
}

fn completed(call: &Call<'_>, object: &Object) -> Vec<u8> {
    let scheme = if call.conn.tls { "https" } else { "http" };
    let (bucket, key) = (object.bucket(), object.key());
    let mut xml = Writer::document();
    xml.open_root("CompleteMultipartUploadResult");
    xml.text("Location", &format!("{scheme}://{}/{bucket}/{}", call.host, encode::path(key)));
    xml.text("Bucket", bucket);
    xml.text("Key", key);
    xml.etag("ETag", object.etag());
    if let Some(checksum) = object.checksum() {
        xml.text(&format!("Checksum{}", checksum.algorithm().name()), &checksum.text());
        xml.text("ChecksumType", checksum.kind().name());
    }
    xml.close("CompleteMultipartUploadResult");
    xml.finish()
}

/// AbortMultipartUpload. Of an upload that has already ended it succeeds, so that it can be repeated; what was
/// never the id of an upload isn't found.
pub async fn abort(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_object(Action::AbortMultipartUpload)?;
    match call.service().abort_upload(&grant, &upload_id(call)).await {
        Ok(()) => {}
        Err(ServiceError::NoSuchUpload { upload_id, .. }) if is_upload_id(&upload_id) => {}
        Err(error) => return Err(error.into()),
    }
    Ok(response::empty(StatusCode::NO_CONTENT))
}

fn upload_id(call: &Call<'_>) -> String {
    call.query.get("uploadId").unwrap_or("").to_owned()
}

/// Whether this looks like an upload's id: base64 of `<deployment>.<uuid>x<nanoseconds>`.
fn is_upload_id(text: &str) -> bool {
    let decoded = URL_SAFE_NO_PAD.decode(text).ok().and_then(|bytes| String::from_utf8(bytes).ok());
    decoded.is_some_and(|id| {
        let Some((deployment, upload)) = id.split_once('.') else { return false };
        let upload = upload.split_once('x').map_or(upload, |(uuid, _)| uuid);
        Uuid::try_parse(deployment).is_ok() && Uuid::try_parse(upload).is_ok()
    })
}
