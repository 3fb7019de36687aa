//! Sub-resources that this server doesn't store and whose questions have but one answer.

use crate::call::Call;
use crate::error::{ErrorCode, S3Result};
use crate::response::{self, Answer};
use crate::xml::Writer;
use http::StatusCode;
use iam::Action;

/// The bucket must be there and the caller allowed to look.
async fn bucket_is_there(call: &Call<'_>, action: Action) -> S3Result<()> {
    let grant = call.grant_bucket(action)?;
    call.service().bucket_exists(&grant).await?;
    Ok(())
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
