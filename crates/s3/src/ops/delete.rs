//! DeleteObject and DeleteObjects.

use crate::call::Call;
use crate::circumstances::Facts;
use crate::documents::{DeleteRequest, DeletedKey, MAX_DELETE};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::headers;
use crate::ops::lock::bypass_given;
use crate::ops::version_id;
use crate::response::{self, Answer};
use crate::xml::Writer;
use http::{HeaderName, HeaderValue, StatusCode};
use iam::Action;
use rustfs_http::RequestBody;
use service::{DeleteTarget, Deleted, ServiceError};

const DELETE_MARKER: HeaderName = HeaderName::from_static("x-amz-delete-marker");

/// DeleteObject, and MinIO's forced form that deletes everything below a prefix.
pub async fn object(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_object(Action::DeleteObject)?;
    let conditions = headers::delete_conditions(call.headers())?;
    let mut answer = response::empty(StatusCode::NO_CONTENT);
    if call.flag("x-minio-force-delete", ErrorCode::InvalidRequest)? {
        call.service().delete_prefix(&grant).await?;
        return Ok(answer);
    }
    let facts = Facts::default();
    if call.version()?.is_some() {
        call.check_not_denied(Action::DeleteObjectVersion, &call.target.key, &facts)?;
    }
    let bypass = bypass_given(call, &call.target.key, &facts)?;
    let deleted = call.service().delete_object(&grant, call.version()?, bypass.as_ref(), conditions).await?;
    let headers = answer.headers_mut();
    if let Some(version) = deleted.version_id {
        response::set_version(headers, version);
    }
    if deleted.delete_marker {
        headers.insert(DELETE_MARKER, HeaderValue::from_static("true"));
    }
    Ok(answer)
}

/// DeleteObjects.
pub async fn objects(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    if body.content_length().is_none() {
        return Err(ErrorCode::MissingContentLength.into());
    }
    let document = call.digested_document(body, MAX_DELETE).await?;
    let request = DeleteRequest::parse(&document)?;
    call.flag("x-amz-bypass-governance-retention", ErrorCode::InvalidRequest)?;

    let asked: Vec<S3Result<DeleteTarget>> = request.objects.iter().map(|object| ask(call, object)).collect();
    let mut outcomes = Vec::with_capacity(asked.len());
    let mut targets = Vec::with_capacity(asked.len());
    for asked in asked {
        match asked {
            Ok(asked) => {
                targets.push(asked);
                outcomes.push(None);
            }
            Err(error) => outcomes.push(Some(error)),
        }
    }
    let mut results = call.service().delete_objects(targets).await.into_iter();

    let mut xml = Writer::document();
    xml.open_root("DeleteResult");
    for (object, failed) in request.objects.iter().zip(outcomes) {
        let outcome = match failed {
            Some(error) => Err(error),
            None => results.next().unwrap_or(Err(ServiceError::Stopping)).map_err(S3Error::from),
        };
        match outcome {
            Ok(deleted) if !request.quiet => write_deleted(&mut xml, object, &deleted),
            Ok(_) => {}
            Err(error) => write_error(&mut xml, object, &error),
        }
    }
    xml.close("DeleteResult");
    Ok(response::xml(xml.finish()))
}

/// Each key needs its own permissions.
fn ask(call: &Call<'_>, object: &DeletedKey) -> S3Result<DeleteTarget> {
    let version = version_id(&object.version).map_err(|_| {
        S3Error::detailed(ErrorCode::NoSuchVersion, format!("'{}' is not a version id", object.version))
    })?;
    let facts = Facts { version: version.map(|version| version.to_string()), ..Facts::default() };
    if version.is_some() {
        call.check_not_denied(Action::DeleteObjectVersion, &object.key, &facts)?;
    }
    let grant = call.grant_given(Action::DeleteObject, Some(&call.target.bucket), Some(&object.key), &facts)?;
    Ok(DeleteTarget {
        grant,
        version,
        bypass: bypass_given(call, &object.key, &facts)?,
        conditions: object.conditions.clone(),
    })
}

fn write_deleted(xml: &mut Writer, object: &DeletedKey, deleted: &Deleted) {
    xml.open("Deleted");
    if deleted.delete_marker {
        xml.boolean("DeleteMarker", true);
        if let Some(version) = deleted.version_id {
            xml.text("DeleteMarkerVersionId", &version.to_string());
        }
    }
    xml.text("Key", &object.key);
    xml.text_unless_empty("VersionId", &object.version);
    xml.close("Deleted");
}

fn write_error(xml: &mut Writer, object: &DeletedKey, error: &S3Error) {
    xml.open("Error");
    xml.text("Code", error.code().name());
    xml.text("Message", error.message());
    xml.text("Key", &object.key);
    xml.text("VersionId", &object.version);
    xml.close("Error");
}
