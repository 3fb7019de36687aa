//! PutObject.

use crate::call::Call;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::headers;
use crate::ops::object_read;
use crate::response::{self, Answer};
use http::StatusCode;
use iam::Action;
use rustfs_http::RequestBody;
use service::{PutObject, ServiceError};

/// PutObject.
pub async fn put(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let grant = call.grant_object(Action::PutObject)?;
    if call.headers().contains_key("x-amz-copy-source") {
        // One that names a bucket and a key would have been a copy.
        return Err(ErrorCode::InvalidCopySource.into());
    }
    if call.query.non_empty("versionId").is_some() {
        let message = "A version can't be chosen for a new object";
        return Err(S3Error::with(ErrorCode::InvalidArgument, message));
    }
    let mut object = headers::new_object(call.headers(), call.query, call.now)?;
    object.encryption = headers::encryption(call)?;
    check_lock_grants(call, &object)?;
    let put = PutObject { object, body: call.incoming(body)?, mod_time: source_time(call)?, etag: None };
    let written = call.service().put_object(&grant, put).await?;
    let mut answer = response::empty(StatusCode::OK);
    response::set_written(answer.headers_mut(), &written);
    response::set_encryption(answer.headers_mut(), written.encryption().as_ref());
    object_read::tell_expiration(call, &written, answer.headers_mut()).await;
    Ok(answer)
}

/// Setting a protection needs its own permission.
pub fn check_lock_grants(call: &Call<'_>, object: &service::NewObject) -> S3Result<()> {
    if object.lock.retention.is_some() {
        call.grant_object(Action::PutObjectRetention)?;
    }
    if object.lock.legal_hold.is_some() {
        call.grant_object(Action::PutObjectLegalHold)?;
    }
    Ok(())
}

/// The same for another key of the bucket.
pub fn check_lock_grants_of(call: &Call<'_>, key: &str, retention: bool, legal_hold: bool) -> Result<(), ServiceError> {
    let bucket = Some(call.target.bucket.as_str());
    if retention {
        call.permit(Action::PutObjectRetention, bucket, Some(key))?;
    }
    if legal_hold {
        call.permit(Action::PutObjectLegalHold, bucket, Some(key))?;
    }
    Ok(())
}

/// MinIO's clients may give the time of modification (`mc mirror` and `mc cp --preserve` do).
pub fn source_time(call: &Call<'_>) -> S3Result<Option<base::Timestamp>> {
    let Some(text) = call.header("x-minio-source-mtime").filter(|text| !text.is_empty()) else { return Ok(None) };
    let time = crate::dates::parse_iso8601(text);
    time.map(Some).ok_or_else(|| S3Error::with(ErrorCode::InvalidArgument, "x-minio-source-mtime is not a time"))
}
