//! Object lock: a bucket's configuration, and retention and legal hold of objects.

use crate::call::Call;
use crate::circumstances::Facts;
use crate::documents::{MAX_LOCK, parse_legal_hold, parse_retention, write_legal_hold, write_retention};
use crate::error::{ErrorCode, S3Result};
use crate::response::{self, Answer};
use http::StatusCode;
use iam::Action;
use rustfs_http::RequestBody;
use service::{Retention, RetentionMode};

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
    // Policies ask for how long and how firmly.
    let document = call.digested_document(body, MAX_LOCK).await?;
    let retention = parse_retention(&document, call.now)?;
    let facts = Facts { retention, ..Facts::default() };
    let bypass = bypass_given(call, &call.target.key, &facts)?;
    let grant = call.grant_object_given(Action::PutObjectRetention, &facts);
    // Whoever may bypass governance needs no other permission to lessen it.
    let grant = match (grant, &bypass) {
        (Err(_), Some(bypass)) if lessens_governance(retention) => bypass.clone(),
        (grant, _) => grant?,
    };
    call.service().put_retention(&grant, call.version()?, retention, bypass.as_ref()).await?;
    Ok(response::empty(StatusCode::OK))
}

fn lessens_governance(retention: Option<Retention>) -> bool {
    retention.is_none_or(|retention| retention.mode == RetentionMode::Governance)
}

/// The grant to bypass governance on a key, if the request asks to and the caller may. Whoever may not gets as far as
/// without asking: what governance protects stays.
pub fn bypass_given(call: &Call<'_>, key: &str, facts: &Facts) -> S3Result<Option<iam::Grant>> {
    if !call.flag("x-amz-bypass-governance-retention", ErrorCode::InvalidRequest)? {
        return Ok(None);
    }
    let bucket = Some(call.target.bucket.as_str());
    Ok(call.grant_given(Action::BypassGovernanceRetention, bucket, Some(key), facts).ok())
}

/// GetObjectLegalHold.
pub async fn get_legal_hold(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_object(Action::GetObjectLegalHold)?;
    let hold = call.service().legal_hold(&grant, call.version()?).await?;
    Ok(response::xml(write_legal_hold(hold)))
}

/// PutObjectLegalHold.
pub async fn put_legal_hold(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let document = call.digested_document(body, MAX_LOCK).await?;
    let hold = parse_legal_hold(&document)?;
    let facts = Facts { legal_hold: Some(hold), ..Facts::default() };
    let grant = call.grant_object_given(Action::PutObjectLegalHold, &facts)?;
    call.service().put_legal_hold(&grant, call.version()?, hold).await?;
    Ok(response::empty(StatusCode::OK))
}
