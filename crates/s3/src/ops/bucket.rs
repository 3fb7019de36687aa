//! Buckets: list, create, head, delete, location, and the documents they carry.

use crate::call::Call;
use crate::circumstances::Facts;
use crate::documents::{self, Listed, MAX_SMALL, asked_acl};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::headers::integer_between;
use crate::ops::list::decode_token;
use crate::response::{self, Answer};
use crate::xml::{NAMESPACE, Writer};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use http::StatusCode;
use http::header::{CONTENT_TYPE, LOCATION};
use iam::{Action, ObjectOwnership};
use rustfs_http::RequestBody;
use service::{BucketInfo, CreateBucket, DocumentKind, NewAccess, ServiceError};

/// Most buckets in a page of those that ask for pages (S3 reference, ListBuckets).
const MAX_BUCKETS: usize = 10_000;

/// ListBuckets: all of them, or a page of those whose names begin with `prefix`.
pub async fn list(call: &Call<'_>) -> S3Result<Answer> {
    if call.caller.is_anonymous() {
        return Err(ErrorCode::AccessDenied.into());
    }
    let wrong = ErrorCode::InvalidMaxBuckets;
    let limit = integer_between(call.query.get("max-buckets"), usize::MAX, wrong)?;
    if limit == 0 || (limit > MAX_BUCKETS && limit != usize::MAX) {
        return Err(wrong.into());
    }
    let prefix = call.query.get("prefix").unwrap_or("");
    let after = call.query.non_empty("continuation-token").map(decode_token).transpose()?.unwrap_or_default();
    let mut buckets = allowed(call).await?;
    buckets.retain(|bucket| bucket.name.starts_with(prefix) && bucket.name > after);
    let truncated = buckets.len() > limit;
    buckets.truncate(limit);

    let mut xml = Writer::document();
    xml.open_root("ListAllMyBucketsResult");
    let id = call.service().iam().owner_id(&call.caller).unwrap_or_default();
    person(&mut xml, "Owner", id, call);
    xml.open("Buckets");
    for bucket in &buckets {
        xml.open("Bucket");
        xml.text("Name", &bucket.name);
        xml.time("CreationDate", bucket.created);
        xml.close("Bucket");
    }
    xml.close("Buckets");
    if let Some(last) = buckets.last().filter(|_| truncated) {
        xml.text("ContinuationToken", &STANDARD.encode(&last.name));
    }
    xml.text_unless_empty("Prefix", prefix);
    xml.close("ListAllMyBucketsResult");
    Ok(response::xml(xml.finish()))
}

/// All buckets, or those that the caller may list or locate.
async fn allowed(call: &Call<'_>) -> S3Result<Vec<BucketInfo>> {
    if let Ok(grant) = call.grant_service(Action::ListAllMyBuckets) {
        return Ok(call.service().list_buckets(&grant).await?);
    }
    let facts = Facts { as_listing: true, ..Facts::default() };
    let ask = |bucket: &str| {
        let grant = |action| call.grant_given(action, Some(bucket), None, &facts);
        grant(Action::ListBucket).or_else(|_| grant(Action::GetBucketLocation)).ok()
    };
    Ok(call.service().list_granted_buckets(&call.caller, ask).await?)
}

/// An owner as an element.
pub fn person(xml: &mut Writer, name: &str, id: &str, call: &Call<'_>) {
    xml.open(name);
    xml.text("ID", id);
    xml.text("DisplayName", call.service().iam().display_name(id));
    xml.close(name);
}

/// CreateBucket.
pub async fn create(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::CreateBucket)?;
    let wrong =
        || S3Error::with(ErrorCode::InvalidRequest, "x-amz-bucket-object-lock-enabled is neither true nor false");
    let locked = call.flag("x-amz-bucket-object-lock-enabled", ErrorCode::InvalidRequest).map_err(|_| wrong())?;
    let lock_grants = || -> S3Result<_> {
        let lock = call.grant_bucket(Action::PutBucketObjectLockConfiguration)?;
        Ok((lock, call.grant_bucket(Action::PutBucketVersioning)?))
    };
    let object_lock = locked.then(lock_grants).transpose()?;
    let existing_is_fine = call.flag("x-minio-force-create", ErrorCode::InvalidRequest)?;
    let access = NewAccess {
        acl: asked_acl(call.headers(), call.query, Listed::Bucket)?,
        ownership: call.header("x-amz-object-ownership").map(ownership).transpose()?,
    };
    let document = call.document(body, MAX_SMALL).await?;
    let location = documents::location_constraint(&document)?;
    let location = (!location.is_empty()).then_some(location);
    call.service().create_bucket(&grant, CreateBucket { location, object_lock, existing_is_fine, access }).await?;
    let mut answer = response::empty(StatusCode::OK);
    response::set_text(answer.headers_mut(), LOCATION, &format!("/{}", call.target.bucket));
    Ok(answer)
}

fn ownership(name: &str) -> S3Result<ObjectOwnership> {
    let wrong = || S3Error::new(ErrorCode::InvalidArgument).argument("x-amz-object-ownership", name);
    ObjectOwnership::from_name(name).ok_or_else(wrong)
}

/// HeadBucket.
pub async fn head(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::HeadBucket).or_else(|_| call.grant_bucket(Action::ListBucket))?;
    call.service().head_bucket(&grant).await?;
    let mut answer = response::empty(StatusCode::OK);
    answer.headers_mut().insert(CONTENT_TYPE, response::XML);
    Ok(answer)
}

/// DeleteBucket, and MinIO's forced form that takes the content along.
pub async fn delete(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::DeleteBucket)?;
    let forced = call.flag("x-minio-force-delete", ErrorCode::InvalidRequest)?;
    let force = forced.then(|| call.grant_bucket(Action::ForceDeleteBucket)).transpose()?;
    call.service().delete_bucket(&grant, force.as_ref()).await?;
    Ok(response::empty(StatusCode::NO_CONTENT))
}

/// GetBucketLocation.
pub async fn location(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_bucket(Action::GetBucketLocation)?;
    let location = call.service().bucket_location(&grant).await?;
    let mut xml = Writer::document();
    xml.open_root("LocationConstraint");
    xml.escaped(&location);
    xml.close("LocationConstraint");
    Ok(response::xml(xml.finish()))
}

/// The GET of a document that a bucket carries, as it is stored.
pub async fn document(call: &Call<'_>, kind: DocumentKind) -> S3Result<Answer> {
    let grant = call.grant_bucket(kind.read_action())?;
    match call.service().bucket_document(&grant, kind).await {
        Ok(document) => Ok(response::body(document, response::XML)),
        Err(ServiceError::NoSuchDocument { kind: DocumentKind::Notification, .. }) => {
            let document = format!("<NotificationConfiguration xmlns=\"{NAMESPACE}\"></NotificationConfiguration>");
            Ok(response::body(document.into(), response::XML))
        }
        Err(error) => Err(error.into()),
    }
}
