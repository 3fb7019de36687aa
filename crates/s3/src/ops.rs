//! The operations, one module a noun: each reads its request, asks for its grants, calls the use case, and writes
//! the answer.

mod access;
mod acl;
mod attributes;
mod bucket;
mod configuration;
mod copy;
mod delete;
mod encryption;
mod form;
mod lifecycle;
mod list;
mod lock;
mod multipart;
mod object_read;
mod object_write;
mod select;
mod snowball;
mod tagging;
#[cfg(test)]
mod tests;
mod uploads;
mod versioning;
mod zip;

use crate::call::Call;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::response::Answer;
use crate::routing::Operation as Op;
use http::{HeaderName, HeaderValue};
use rustfs_http::RequestBody;
use service::{DocumentKind, VersionId};
use uuid::Uuid;

/// Tells whoever said that they pay that they do.
const CHARGED: HeaderName = HeaderName::from_static("x-amz-request-charged");

/// Carries out what the request asks for.
pub async fn carry_out(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    call.check_expected_owners()?;
    let charged = call.check_payer().await?;
    let mut result = carry_out_on_object(call, body).await;
    if let (true, Ok(answer)) = (charged, &mut result) {
        answer.headers_mut().insert(CHARGED, HeaderValue::from_static("requester"));
    }
    let denied = matches!(&result, Err(error) if error.code() == ErrorCode::AccessDenied);
    let bucket = call.target.bucket.as_str();
    // Whoever has no signature is told so, as by AWS; MinIO's users learn only that they may not.
    if denied && call.caller.is_anonymous() && !bucket.is_empty() && call.service().is_bucket_missing(bucket).await {
        return if call.operation == Op::CreateBucket { result } else { Err(ErrorCode::NoSuchBucket.into()) };
    }
    result
}

async fn carry_out_on_object(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    match call.operation {
        Op::GetObject => zip::get(call).await,
        Op::HeadObject => zip::head(call).await,
        Op::PutObject => object_write::put(call, body).await,
        Op::PutObjectExtract => snowball::put(call, body).await,
        Op::DeleteObject => delete::object(call).await,
        Op::ListObjectsV1 => list::v1(call).await,
        Op::ListObjectsV2 => list::v2(call).await,
        Op::ListObjectVersions => list::versions(call).await,
        Op::PostObject => form::post(call, body).await,
        Op::DeleteObjects => delete::objects(call, body).await,
        Op::CopyObject => copy::object(call).await,
        Op::GetObjectAttributes => attributes::get(call).await,
        Op::SelectObjectContent => select::object(call, body).await,
        Op::GetObjectTagging => tagging::get_object(call).await,
        Op::PutObjectTagging => tagging::put_object(call, body).await,
        Op::DeleteObjectTagging => tagging::delete_object(call).await,
        Op::GetObjectRetention => lock::get_retention(call).await,
        Op::PutObjectRetention => lock::put_retention(call, body).await,
        Op::GetObjectLegalHold => lock::get_legal_hold(call).await,
        Op::PutObjectLegalHold => lock::put_legal_hold(call, body).await,
        Op::CreateMultipartUpload => multipart::create(call).await,
        Op::UploadPart => multipart::put_part(call, body).await,
        Op::UploadPartCopy => copy::part(call).await,
        Op::ListParts => uploads::parts(call).await,
        Op::ListMultipartUploads => uploads::list(call).await,
        Op::CompleteMultipartUpload => multipart::complete(call, body).await,
        Op::AbortMultipartUpload => multipart::abort(call).await,
        _ => carry_out_on_bucket(call, body).await,
    }
}

async fn carry_out_on_bucket(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    match call.operation {
        Op::ListBuckets => bucket::list(call).await,
        Op::CreateBucket => bucket::create(call, body).await,
        Op::HeadBucket => bucket::head(call).await,
        Op::DeleteBucket => bucket::delete(call).await,
        Op::GetBucketLocation => bucket::location(call).await,
        Op::GetBucketVersioning => versioning::get(call).await,
        Op::PutBucketVersioning => versioning::put(call, body).await,
        Op::GetBucketPolicy => access::get_policy(call).await,
        Op::PutBucketPolicy => access::put_policy(call, body).await,
        Op::DeleteBucketPolicy => access::delete_policy(call).await,
        Op::GetBucketOwnershipControls => access::get_ownership(call).await,
        Op::PutBucketOwnershipControls => access::put_ownership(call, body).await,
        Op::DeleteBucketOwnershipControls => access::delete_ownership(call).await,
        Op::GetPublicAccessBlock => access::get_public_access_block(call).await,
        Op::PutPublicAccessBlock => access::put_public_access_block(call, body).await,
        Op::DeletePublicAccessBlock => access::delete_public_access_block(call).await,
        Op::GetBucketLifecycle => bucket::document(call, DocumentKind::Lifecycle).await,
        Op::PutBucketLifecycle => lifecycle::put(call, body).await,
        Op::DeleteBucketLifecycle => lifecycle::delete(call).await,
        Op::GetBucketEncryption => bucket::document(call, DocumentKind::Encryption).await,
        Op::PutBucketEncryption => encryption::put(call, body).await,
        Op::DeleteBucketEncryption => encryption::delete(call).await,
        Op::GetBucketObjectLock => bucket::document(call, DocumentKind::ObjectLock).await,
        Op::PutBucketObjectLock => lock::put_configuration(call, body).await,
        Op::GetBucketReplication => bucket::document(call, DocumentKind::Replication).await,
        Op::GetBucketNotification => bucket::document(call, DocumentKind::Notification).await,
        Op::GetBucketTagging => tagging::get_bucket(call).await,
        Op::PutBucketTagging => tagging::put_bucket(call, body).await,
        Op::DeleteBucketTagging => tagging::delete_bucket(call).await,
        Op::GetBucketAcl => acl::get_bucket(call).await,
        Op::GetObjectAcl => acl::get_object(call).await,
        Op::PutBucketAcl => acl::put_bucket(call, body).await,
        Op::PutObjectAcl => acl::put_object(call, body).await,
        Op::GetBucketPolicyStatus => access::policy_status(call).await,
        Op::GetConfiguration(kind) => configuration::get(call, kind).await,
        Op::PutConfiguration(kind) => configuration::put(call, kind, body).await,
        Op::DeleteConfiguration(kind) => configuration::delete(call, kind).await,
        Op::GetListedConfiguration(list) => configuration::get_one(call, list).await,
        Op::PutListedConfiguration(list) => configuration::put_one(call, list, body).await,
        Op::DeleteListedConfiguration(list) => configuration::delete_one(call, list).await,
        Op::ListListedConfigurations(list) => configuration::list(call, list).await,
        Op::NotImplemented => Err(not_implemented(call)),
        _ => Err(unsupported(call)),
    }
}

/// The version that a `versionId` names; an empty one is none.
pub fn version_id(text: &str) -> S3Result<Option<VersionId>> {
    match text {
        "" => Ok(None),
        "null" => Ok(Some(VersionId::Null)),
        text => match Uuid::try_parse(text) {
            Ok(id) if !id.is_nil() => Ok(Some(VersionId::Id(id))),
            _ => Err(ErrorCode::InvalidVersionId.into()),
        },
    }
}

/// Only who is known learns what isn't there.
fn not_implemented(call: &Call<'_>) -> S3Error {
    if call.caller.is_anonymous() { ErrorCode::AccessDenied.into() } else { ErrorCode::NotImplemented.into() }
}

fn unsupported(call: &Call<'_>) -> S3Error {
    let message = format!("An unsupported API call for method: {} at '{}'", call.parts.method, call.parts.uri.path());
    S3Error::with(ErrorCode::BadRequest, message)
}
