//! Sub-resources that this server doesn't store and whose questions have but one answer.

use crate::call::Call;
use crate::circumstances::{Asking, Facts};
use crate::documents::{ACL, MAX_SMALL, grants_full_control};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::response::{self, Answer};
use crate::xml::Writer;
use http::{HeaderValue, StatusCode};
use iam::Action;
use rustfs_http::RequestBody;

const PLAIN: HeaderValue = HeaderValue::from_static("text/plain; charset=utf-8");

/// The bucket must be there and the caller allowed to look.
async fn bucket_is_there(call: &Call<'_>, action: Action) -> S3Result<()> {
    let grant = call.grant_bucket(action)?;
    call.service().bucket_exists(&grant).await?;
    Ok(())
}

/// GetBucketAcl.
pub async fn bucket_acl(call: &Call<'_>) -> S3Result<Answer> {
    bucket_is_there(call, Action::GetBucketPolicy).await?;
    Ok(response::body(ACL.into(), PLAIN))
}

/// GetObjectAcl: the object must be there too.
pub async fn object_acl(call: &Call<'_>) -> S3Result<Answer> {
    bucket_is_there(call, Action::GetBucketPolicy).await?;
    super::object_read::exists(call).await?;
    Ok(response::body(ACL.into(), PLAIN))
}

/// PutBucketAcl and PutObjectAcl: only what is so anyway.
pub async fn put_acl(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    bucket_is_there(call, Action::PutBucketPolicy).await?;
    if call.target.is_object() {
        super::object_read::exists(call).await?;
    }
    let private = match call.header("x-amz-acl") {
        Some("") | None => grants_full_control(&call.document(body, MAX_SMALL).await?)?,
        Some(canned) => canned == "private",
    };
    if private { Ok(response::empty(StatusCode::OK)) } else { Err(S3Error::detailed(ErrorCode::NotImplemented, "")) }
}

/// GetBucketPolicyStatus: a bucket is public if everybody may list it and write to it.
pub async fn policy_status(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::GetBucketPolicyStatus)?;
    let facts = Facts::default();
    let public = call.service().bucket_is_public(&grant, &Asking { call, facts: &facts }).await?;
    let mut xml = Writer::document();
    xml.open_root("PolicyStatus");
    xml.text("IsPublic", if public { "TRUE" } else { "FALSE" });
    xml.close("PolicyStatus");
    Ok(response::xml(xml.finish()))
}

/// GetBucketCors.
pub async fn cors(call: &Call<'_>) -> S3Result<Answer> {
    bucket_is_there(call, Action::GetBucketCors).await?;
    Err(ErrorCode::NoSuchCorsConfiguration.into())
}

/// GetBucketWebsite.
pub async fn website(call: &Call<'_>) -> S3Result<Answer> {
    bucket_is_there(call, Action::GetBucketPolicy).await?;
    Err(ErrorCode::NoSuchWebsiteConfiguration.into())
}

/// DeleteBucketWebsite.
pub async fn delete_website(call: &Call<'_>) -> S3Result<Answer> {
    bucket_is_there(call, Action::GetBucketPolicy).await?;
    Ok(response::empty(StatusCode::OK))
}

/// GetBucketAccelerateConfiguration.
pub async fn accelerate(call: &Call<'_>) -> S3Result<Answer> {
    bucket_is_there(call, Action::GetBucketPolicy).await?;
    Ok(lone_element("AccelerateConfiguration", ""))
}

/// GetBucketRequestPayment.
pub async fn request_payment(call: &Call<'_>) -> S3Result<Answer> {
    bucket_is_there(call, Action::GetBucketPolicy).await?;
    Ok(lone_element("RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>"))
}

/// GetBucketLogging.
pub async fn logging(call: &Call<'_>) -> S3Result<Answer> {
    bucket_is_there(call, Action::GetBucketPolicy).await?;
    Ok(lone_element("BucketLoggingStatus", ""))
}

fn lone_element(name: &str, content: &str) -> Answer {
    let mut xml = Writer::document();
    xml.open_root(name);
    xml.raw(content);
    xml.close(name);
    response::xml(xml.finish())
}
