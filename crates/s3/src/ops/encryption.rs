//! A bucket's default encryption.

use crate::call::Call;
use crate::documents::MAX_SMALL;
use crate::error::S3Result;
use crate::response::{self, Answer};
use http::StatusCode;
use iam::Action;
use rustfs_http::RequestBody;

/// PutBucketEncryption.
pub async fn put(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::PutEncryptionConfiguration)?;
    let document = call.document(body, MAX_SMALL).await?;
    call.service().put_encryption(&grant, &document).await?;
    Ok(response::empty(StatusCode::OK))
}

/// DeleteBucketEncryption.
pub async fn delete(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::PutEncryptionConfiguration)?;
    call.service().delete_encryption(&grant).await?;
    Ok(response::empty(StatusCode::NO_CONTENT))
}
