//! Access control lists of buckets and objects.

use crate::call::Call;
use crate::circumstances::Facts;
use crate::documents::{Listed, MAX_SMALL, asked_acl, parse_acl, write_acl};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::response::{self, Answer};
use http::StatusCode;
use iam::{Action, Grant};
use rustfs_http::RequestBody;
use service::{AskedAcl, VersionId};

/// GetBucketAcl.
pub async fn get_bucket(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_access(Action::GetBucketAcl, Action::GetBucketPolicy)?;
    let acl = call.service().bucket_acl(&grant).await?;
    Ok(response::xml(write_acl(&acl, call.service().iam())))
}

/// PutBucketAcl.
pub async fn put_bucket(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let grant = call.grant_access(Action::PutBucketAcl, Action::PutBucketPolicy)?;
    let asked = asked(call, body, Listed::Bucket).await?;
    call.service().put_bucket_acl(&grant, &asked).await?;
    Ok(response::empty(StatusCode::OK))
}

/// GetObjectAcl.
pub async fn get_object(call: &Call<'_>) -> S3Result<Answer> {
    let version = call.version()?;
    let grant = grant(call, Action::GetObjectAcl, Action::GetBucketPolicy, version).await?;
    let (acl, version) = call.service().object_acl(&grant, &call.target.key, version).await?;
    let mut answer = response::xml(write_acl(&acl, call.service().iam()));
    response::set_version(answer.headers_mut(), version);
    Ok(answer)
}

/// PutObjectAcl.
pub async fn put_object(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let version = call.version()?;
    let grant = grant(call, Action::PutObjectAcl, Action::PutBucketPolicy, version).await?;
    let asked = asked(call, body, Listed::Object).await?;
    let version = call.service().put_object_acl(&grant, &call.target.key, version, &asked).await?;
    let mut answer = response::empty(StatusCode::OK);
    response::set_version(answer.headers_mut(), version);
    Ok(answer)
}

/// MinIO has no action of its own for lists: its permission on the bucket's policy is as good, where accounts aren't
/// apart.
async fn grant(call: &Call<'_>, own: Action, minios: Action, version: Option<VersionId>) -> S3Result<Grant> {
    let (bucket, key) = (&call.target.bucket, &call.target.key);
    match call.grant_stored(own, bucket, key, version).await {
        Err(denied) if denied.code() == ErrorCode::AccessDenied => {
            let apart = call.caller.access(bucket).is_some_and(|access| access.separates_accounts());
            call.check_not_denied(own, key, &Facts::default())?;
            call.grant_bucket(minios).ok().filter(|_| !apart).ok_or(denied)
        }
        granted => granted,
    }
}

/// The list in the headers, or else in the body.
async fn asked(call: &Call<'_>, body: RequestBody, listed: Listed) -> S3Result<AskedAcl> {
    let in_headers = asked_acl(call.headers(), call.query, listed)?;
    let document = call.document(body, MAX_SMALL).await?;
    match in_headers {
        Some(_) if !document.is_empty() => Err(S3Error::new(ErrorCode::UnexpectedContent)),
        Some(asked) => Ok(asked),
        None if document.is_empty() => Err(ErrorCode::MissingSecurityHeader.into()),
        None => parse_acl(&document),
    }
}
