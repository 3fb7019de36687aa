//! Configurations of buckets that MinIO doesn't know: cross-origin rules, website, logging, who pays, acceleration; and those
//! of which there can be many.

use crate::call::Call;
use crate::documents::{MAX_CONFIGURATION, MAX_CORS};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::ops::list::decode_token;
use crate::response::{self, Answer};
use crate::xml::Writer;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use iam::{Action, Grant};
use rustfs_http::RequestBody;
use service::{Configuration, ConfigurationList, ServiceError};

/// Configurations of a kind in one answer, as AWS has it.
const PAGE: usize = 100;

/// Reading any of them.
pub async fn get(call: &Call<'_>, kind: Configuration) -> S3Result<Answer> {
    let grant = grant(call, kind.read_action(), Action::GetBucketPolicy)?;
    match call.service().configuration(&grant, kind).await {
        Ok(document) => Ok(response::body(document, response::XML)),
        Err(ServiceError::NoSuchConfiguration { .. }) if default_of(kind).is_some() => {
            let (root, content) = default_of(kind).unwrap_or_default();
            let mut xml = Writer::document();
            xml.open_root(root);
            xml.raw(content);
            xml.close(root);
            Ok(response::xml(xml.finish()))
        }
        Err(error) => Err(error.into()),
    }
}

/// What is told where nothing is configured; `None`: that there is nothing.
fn default_of(kind: Configuration) -> Option<(&'static str, &'static str)> {
    match kind {
        Configuration::Cors | Configuration::Website => None,
        Configuration::Logging => Some(("BucketLoggingStatus", "")),
        Configuration::RequestPayment => Some(("RequestPaymentConfiguration", "<Payer>BucketOwner</Payer>")),
        Configuration::Accelerate => Some(("AccelerateConfiguration", "")),
    }
}

/// Setting any of them.
pub async fn put(call: &Call<'_>, kind: Configuration, body: RequestBody) -> S3Result<Answer> {
    let grant = grant(call, kind.write_action(), Action::PutBucketPolicy)?;
    let document = match kind {
        Configuration::Cors => call.digested_document(body, MAX_CORS).await?,
        _ => call.document(body, MAX_CONFIGURATION).await?,
    };
    call.service().put_configuration(&grant, kind, &document).await?;
    Ok(response::empty(StatusCode::OK))
}

/// Removing any of them; none is fine.
pub async fn delete(call: &Call<'_>, kind: Configuration) -> S3Result<Answer> {
    let grant = grant(call, kind.delete_action(), Action::PutBucketPolicy)?;
    call.service().delete_configuration(&grant, kind).await?;
    Ok(response::empty(StatusCode::NO_CONTENT))
}

/// Reading one of many.
pub async fn get_one(call: &Call<'_>, list: ConfigurationList) -> S3Result<Answer> {
    let grant = grant(call, list.read_action(), Action::GetBucketPolicy)?;
    let document = call.service().listed_configuration(&grant, list, id(call)?).await?;
    Ok(response::body(document.into(), response::XML))
}

/// Setting one of many.
pub async fn put_one(call: &Call<'_>, list: ConfigurationList, body: RequestBody) -> S3Result<Answer> {
    let grant = grant(call, list.write_action(), Action::PutBucketPolicy)?;
    let document = call.document(body, MAX_CONFIGURATION).await?;
    call.service().put_listed_configuration(&grant, list, id(call)?, &document).await?;
    Ok(response::empty(StatusCode::OK))
}

/// Removing one of many.
pub async fn delete_one(call: &Call<'_>, list: ConfigurationList) -> S3Result<Answer> {
    let grant = grant(call, list.write_action(), Action::PutBucketPolicy)?;
    call.service().delete_listed_configuration(&grant, list, id(call)?).await?;
    Ok(response::empty(StatusCode::NO_CONTENT))
}

/// All of a kind, a page of them.
pub async fn list(call: &Call<'_>, list: ConfigurationList) -> S3Result<Answer> {
    let grant = grant(call, list.read_action(), Action::GetBucketPolicy)?;
    let token = call.query.non_empty("continuation-token");
    let after = token.map(decode_token).transpose()?.unwrap_or_default();
    let mut all = call.service().listed_configurations(&grant, list).await?;
    all.retain(|(id, _)| *id > after);
    let truncated = all.len() > PAGE;
    all.truncate(PAGE);

    let root = match list {
        ConfigurationList::Analytics => "ListBucketAnalyticsConfigurationsResult",
        ConfigurationList::IntelligentTiering => "ListBucketIntelligentTieringConfigurationsOutput",
        ConfigurationList::Inventory => "ListInventoryConfigurationsResult",
        ConfigurationList::Metrics => "ListMetricsConfigurationsResult",
    };
    let mut xml = Writer::document();
    xml.open_root(root);
    for (_, element) in &all {
        xml.raw(element);
    }
    xml.boolean("IsTruncated", truncated);
    if let Some(token) = token {
        xml.text("ContinuationToken", token);
    }
    if let Some((last, _)) = all.last().filter(|_| truncated) {
        xml.text("NextContinuationToken", &STANDARD.encode(last));
    }
    xml.close(root);
    Ok(response::xml(xml.finish()))
}

fn id<'a>(call: &'a Call<'_>) -> S3Result<&'a str> {
    call.query.non_empty("id").ok_or_else(|| S3Error::with(ErrorCode::InvalidArgument, "The id is missing"))
}

/// Policies of identities can't name the actions that MinIO doesn't know.
fn grant(call: &Call<'_>, own: Action, minios: Action) -> S3Result<Grant> {
    if own.is_unknown_to_minio() { call.grant_access(own, minios) } else { call.grant_bucket(own) }
}
