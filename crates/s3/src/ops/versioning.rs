//! Bucket versioning.

use crate::call::Call;
use crate::documents::MAX_VERSIONING;
use crate::error::{ErrorCode, S3Result};
use crate::response::{self, Answer};
use crate::xml::NAMESPACE;
use http::StatusCode;
use iam::Action;
use rustfs_http::RequestBody;
use service::{DocumentKind, ServiceError};

/// GetBucketVersioning: the document as stored; an empty one if versioning was never set.
pub async fn get(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::GetBucketVersioning)?;
    let document = match call.service().bucket_document(&grant, DocumentKind::Versioning).await {
        Ok(document) => document,
        Err(ServiceError::NoSuchDocument { .. }) => {
            format!("<VersioningConfiguration xmlns=\"{NAMESPACE}\"></VersioningConfiguration>").into()
        }
        Err(error) => return Err(error.into()),
    };
    Ok(response::body(document, response::XML))
}

/// PutBucketVersioning.
pub async fn put(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::PutBucketVersioning)?;
    let document = call.document(body, MAX_VERSIONING).await?;
    if document.is_empty() {
        return Err(ErrorCode::MalformedXml.into());
    }
    call.service().put_versioning(&grant, &document).await?;
    Ok(response::empty(StatusCode::OK))
}
