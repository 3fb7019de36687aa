//! Object lock: a bucket's configuration, and retention and legal hold of objects.

use crate::call::Call;
use crate::documents::{MAX_LOCK, parse_legal_hold, parse_retention, write_legal_hold, write_retention};
use crate::error::{ErrorCode, S3Result};
use crate::response::{self, Answer};
use http::StatusCode;
use iam::Action;
use rustfs_http::RequestBody;

/// PutObjectLockConfiguration: the default retention of a bucket that was made with object lock.
pub async fn put_configuration(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::PutBucketObjectLockConfiguration)?;
    let document = call.document(body, MAX_LOCK).await?;
    call.service().put_object_lock(&grant, &document).await?;
    Ok(response::empty(StatusCode::OK))
}

/// GetObjectRetention.
pub async fn get_retention(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_object(Action::GetObjectRetention)?;
    let retention = call.service().retention(&grant, call.version()?).await?;
    Ok(response::xml(write_retention(retention)))
}

/// PutObjectRetention.
pub async fn put_retention(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let grant = call.grant_object(Action::PutObjectRetention)?;
    let bypass = bypass(call)?;
    let document = call.digested_document(body, MAX_LOCK).await?;
    let retention = parse_retention(&document, call.now)?;
    call.service().put_retention(&grant, call.version()?, retention, bypass.as_ref()).await?;
    Ok(response::empty(StatusCode::OK))
}

/// The grant to bypass governance, if the request asks to.
pub fn bypass(call: &Call<'_>) -> S3Result<Option<iam::Grant>> {
    let asked = call.flag("x-amz-bypass-governance-retention", ErrorCode::InvalidRequest)?;
    asked.then(|| call.grant_object(Action::BypassGovernanceRetention)).transpose()
}

/// GetObjectLegalHold.
pub async fn get_legal_hold(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_object(Action::GetObjectLegalHold)?;
    let hold = call.service().legal_hold(&grant, call.version()?).await?;
    Ok(response::xml(write_legal_hold(hold)))
}

/// PutObjectLegalHold.
pub async fn put_legal_hold(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let grant = call.grant_object(Action::PutObjectLegalHold)?;
    let document = call.digested_document(body, MAX_LOCK).await?;
    let hold = parse_legal_hold(&document)?;
    call.service().put_legal_hold(&grant, call.version()?, hold).await?;
    Ok(response::empty(StatusCode::OK))
}
