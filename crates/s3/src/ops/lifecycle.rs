//! A bucket's lifecycle.

use crate::call::Call;
use crate::documents::MAX_LIFECYCLE;
use crate::error::S3Result;
use crate::response::{self, Answer};
use http::StatusCode;
use iam::Action;
use rustfs_http::RequestBody;

/// PutBucketLifecycleConfiguration.
pub async fn put(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::PutLifecycleConfiguration)?;
    let document = call.digested_document(body, MAX_LIFECYCLE).await?;
    call.service().put_lifecycle(&grant, &document).await?;
    Ok(response::empty(StatusCode::OK))
}

/// DeleteBucketLifecycle.
pub async fn delete(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::PutLifecycleConfiguration)?;
    call.service().delete_lifecycle(&grant).await?;
    Ok(response::empty(StatusCode::NO_CONTENT))
}
