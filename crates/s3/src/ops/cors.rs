//! A bucket's cross-origin document.

use crate::call::Call;
use crate::documents::MAX_CORS;
use crate::error::S3Result;
use crate::response::{self, Answer};
use http::StatusCode;
use iam::Action;
use rustfs_http::RequestBody;

/// GetBucketCors.
pub async fn get(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::GetBucketCors)?;
    Ok(response::body(call.service().bucket_cors(&grant).await?, response::XML))
}

/// PutBucketCors.
pub async fn put(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::PutBucketCors)?;
    let document = call.digested_document(body, MAX_CORS).await?;
    call.service().put_bucket_cors(&grant, &document).await?;
    Ok(response::empty(StatusCode::OK))
}

/// DeleteBucketCors.
pub async fn delete(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::PutBucketCors)?;
    call.service().delete_bucket_cors(&grant).await?;
    Ok(response::empty(StatusCode::NO_CONTENT))
}
