//! What a bucket says of who may do what: its policy, its ownership controls, its public access block.

use crate::call::Call;
use crate::documents::{
    MAX_POLICY, MAX_SMALL, parse_ownership, parse_public_access_block, write_ownership, write_public_access_block,
};
use crate::error::{ErrorCode, S3Result};
use crate::response::{self, Answer};
use crate::xml::Writer;
use http::{HeaderValue, StatusCode};
use iam::Action;
use rustfs_http::RequestBody;

const JSON: HeaderValue = HeaderValue::from_static("application/json");

/// GetBucketPolicy.
pub async fn get_policy(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::GetBucketPolicy)?;
    Ok(response::body(call.service().bucket_policy(&grant).await?, JSON))
}

/// PutBucketPolicy.
pub async fn put_policy(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::PutBucketPolicy)?;
    match body.content_length() {
        None | Some(0) => return Err(ErrorCode::MissingContentLength.into()),
        Some(length) if usize::try_from(length).map_or(true, |length| length > MAX_POLICY) => {
            return Err(ErrorCode::PolicyTooLarge.into());
        }
        Some(_) => {}
    }
    let document = call.document(body, MAX_POLICY).await?;
    call.service().put_bucket_policy(&grant, &document).await?;
    Ok(response::empty(StatusCode::NO_CONTENT))
}

/// DeleteBucketPolicy.
pub async fn delete_policy(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::DeleteBucketPolicy)?;
    call.service().delete_bucket_policy(&grant).await?;
    Ok(response::empty(StatusCode::NO_CONTENT))
}

/// GetBucketPolicyStatus: whether everybody is let in.
pub async fn policy_status(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::GetBucketPolicyStatus)?;
    let public = call.service().bucket_is_public(&grant).await?;
    let mut xml = Writer::document();
    xml.open_root("PolicyStatus");
    // MinIO writes capitals, which not every SDK reads.
    xml.boolean("IsPublic", public);
    xml.close("PolicyStatus");
    Ok(response::xml(xml.finish()))
}

/// GetBucketOwnershipControls.
pub async fn get_ownership(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_access(Action::GetBucketOwnershipControls, Action::GetBucketPolicy)?;
    Ok(response::xml(write_ownership(call.service().ownership(&grant).await?)))
}

/// PutBucketOwnershipControls.
pub async fn put_ownership(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let grant = call.grant_access(Action::PutBucketOwnershipControls, Action::PutBucketPolicy)?;
    let ownership = parse_ownership(&call.document(body, MAX_SMALL).await?)?;
    call.service().put_ownership(&grant, Some(ownership)).await?;
    Ok(response::empty(StatusCode::OK))
}

/// DeleteBucketOwnershipControls: none is fine.
pub async fn delete_ownership(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_access(Action::PutBucketOwnershipControls, Action::PutBucketPolicy)?;
    call.service().put_ownership(&grant, None).await?;
    Ok(response::empty(StatusCode::NO_CONTENT))
}

/// GetPublicAccessBlock.
pub async fn get_public_access_block(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_access(Action::GetBucketPublicAccessBlock, Action::GetBucketPolicy)?;
    Ok(response::xml(write_public_access_block(call.service().public_access_block(&grant).await?)))
}

/// PutPublicAccessBlock.
pub async fn put_public_access_block(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let grant = call.grant_access(Action::PutBucketPublicAccessBlock, Action::PutBucketPolicy)?;
    let block = parse_public_access_block(&call.document(body, MAX_SMALL).await?)?;
    call.service().put_public_access_block(&grant, Some(block)).await?;
    Ok(response::empty(StatusCode::OK))
}

/// DeletePublicAccessBlock: none is fine.
pub async fn delete_public_access_block(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_access(Action::PutBucketPublicAccessBlock, Action::PutBucketPolicy)?;
    call.service().put_public_access_block(&grant, None).await?;
    Ok(response::empty(StatusCode::NO_CONTENT))
}
