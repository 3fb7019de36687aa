//! Tags of objects and buckets.

use crate::call::Call;
use crate::circumstances::Facts;
use crate::documents::{MAX_TAGGING, parse_tagging, write_tagging};
use crate::error::S3Result;
use crate::response::{self, Answer};
use http::StatusCode;
use iam::Action;
use rustfs_http::RequestBody;
use service::Tags;

/// GetObjectTagging.
pub async fn get_object(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_object_given(Action::GetObjectTagging, &call.stored_facts().await?)?;
    let (tags, version) = call.service().object_tags(&grant, call.version()?).await?;
    let mut answer = response::xml(write_tagging(&tags));
    response::set_version(answer.headers_mut(), version);
    Ok(answer)
}

/// PutObjectTagging.
pub async fn put_object(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    // Policies ask which tags the object has and which it is to have.
    let document = call.document(body, MAX_TAGGING).await?;
    let tags = Tags::for_object(parse_tagging(&document)?)?;
    let facts = Facts { request_tags: Some(tags.clone()), ..call.stored_facts().await? };
    let grant = call.grant_object_given(Action::PutObjectTagging, &facts)?;
    let version = call.service().put_object_tags(&grant, call.version()?, tags).await?;
    let mut answer = response::empty(StatusCode::OK);
    response::set_version(answer.headers_mut(), version);
    Ok(answer)
}

/// DeleteObjectTagging.
pub async fn delete_object(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_object_given(Action::DeleteObjectTagging, &call.stored_facts().await?)?;
    let version = call.service().delete_object_tags(&grant, call.version()?).await?;
    let mut answer = response::empty(StatusCode::NO_CONTENT);
    response::set_version(answer.headers_mut(), version);
    Ok(answer)
}

/// GetBucketTagging.
pub async fn get_bucket(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::GetBucketTagging)?;
    let tags = call.service().bucket_tags(&grant).await?;
    Ok(response::xml(write_tagging(&tags)))
}

/// PutBucketTagging.
pub async fn put_bucket(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let document = call.document(body, MAX_TAGGING).await?;
    let tags = Tags::for_bucket(parse_tagging(&document)?)?;
    let facts = Facts { request_tags: Some(tags.clone()), ..Facts::default() };
    let grant = call.grant_given(Action::PutBucketTagging, Some(&call.target.bucket), None, &facts)?;
    call.service().put_bucket_tags(&grant, tags).await?;
    Ok(response::empty(StatusCode::OK))
}

/// DeleteBucketTagging.
pub async fn delete_bucket(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::PutBucketTagging)?;
    call.service().delete_bucket_tags(&grant).await?;
    Ok(response::empty(StatusCode::NO_CONTENT))
}
