//! PutObjectExtract: MinIO's upload of a tar whose entries become objects.

use crate::call::Call;
use crate::error::{ErrorCode, S3Result};
use crate::headers;
use crate::ops::object_write::check_lock_grants_of;
use crate::response::{self, Answer};
use http::{HeaderName, StatusCode};
use iam::{Action, Grant};
use rustfs_http::RequestBody;
use service::{Encryption, ServiceError, Snowball};

const PREFIX: &str = "x-amz-meta-minio-snowball-prefix";
const IGNORE_DIRS: &str = "x-amz-meta-minio-snowball-ignore-dirs";
const IGNORE_ERRORS: &str = "x-amz-meta-minio-snowball-ignore-errors";

/// PutObjectExtract.
pub async fn put(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    // Whoever may store nothing learns nothing of what is in the way.
    call.grant(Action::PutObject, Some(&call.target.bucket), Some(call.header(PREFIX).unwrap_or(&call.target.key)))?;
    let encryption = headers::encryption(call)?;
    if matches!(encryption, Encryption::KeyService { .. }) {
        return Err(ErrorCode::NotImplemented.into());
    }
    let mut object = headers::new_object(call.headers(), call.query, call.now)?;
    object.encryption = encryption;
    let (retention, legal_hold) = (object.lock.retention.is_some(), object.lock.legal_hold.is_some());
    let yes = |name: &str| call.header(name).is_some_and(|value| value.eq_ignore_ascii_case("true"));
    let prefix = headers::text(call.headers(), PREFIX).unwrap_or_default().into_owned();
    let snowball = Snowball {
        object,
        body: call.incoming(body)?,
        prefix,
        ignore_dirs: yes(IGNORE_DIRS),
        ignore_errors: yes(IGNORE_ERRORS),
    };
    let permit = |key: &str| -> Result<Grant, ServiceError> {
        check_lock_grants_of(call, key, retention, legal_hold)?;
        call.permit(Action::PutObject, Some(&call.target.bucket), Some(key))
    };
    let unpacked = call.service().put_snowball(&call.target.bucket, snowball, &permit).await?;
    let mut answer = response::empty(StatusCode::OK);
    response::set_etag(answer.headers_mut(), &unpacked.etag);
    if let Some(checksum) = &unpacked.checksum {
        response::set_checksum(answer.headers_mut(), checksum);
        response::set_checksum_type(answer.headers_mut(), checksum);
    }
    if unpacked.failed > 0 {
        let name = HeaderName::from_static("x-rustfs-snowball-failed");
        answer.headers_mut().insert(name, unpacked.failed.into());
    }
    Ok(answer)
}
