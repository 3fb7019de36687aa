//! GetObject and HeadObject of members of zip archives: MinIO's `x-minio-extract: true`.

use crate::call::Call;
use crate::error::S3Result;
use crate::ops::object_read;
use crate::response::{self, Answer, NoRanges};
use http::StatusCode;
use http::header::CONTENT_TYPE;
use iam::{Action, Grant};
use rustfs_http::ResponseBody;
use service::{ZipMember, split_archive};

/// Whether the request asks to look into archives.
pub fn is_wanted(call: &Call<'_>) -> bool {
    call.header("x-minio-extract") == Some("true")
}

/// GetObject, of a member if one is named.
pub async fn get(call: &Call<'_>) -> S3Result<Answer> {
    let Some((archive, name)) = named(call) else { return object_read::get(call).await };
    let grant = grant(call, archive).await?;
    let (member, stream) = call.service().get_member(&grant, object_read::request(call)?, name).await?;
    let mut answer = describe(&member);
    response::set_text(answer.headers_mut(), CONTENT_TYPE, &member.content_type());
    object_read::set_overrides(call, answer.headers_mut());
    *answer.body_mut() = ResponseBody::stream(stream, member.size);
    Ok(answer)
}

/// HeadObject, of a member if one is named.
pub async fn head(call: &Call<'_>) -> S3Result<Answer> {
    let Some((archive, name)) = named(call) else { return object_read::head(call).await };
    let grant = grant(call, archive).await?;
    let member = call.service().head_member(&grant, object_read::request(call)?, name).await?;
    let mut answer = describe(&member);
    response::set_length(answer.headers_mut(), member.size);
    Ok(answer)
}

/// Permission to read the archive.
pub async fn grant(call: &Call<'_>, archive: &str) -> S3Result<Grant> {
    call.grant_stored(Action::GetObject, &call.target.bucket, archive, call.version()?).await
}

/// The archive and the member that the request is about.
fn named<'a>(call: &'a Call<'_>) -> Option<(&'a str, &'a str)> {
    split_archive(&call.target.key).filter(|_| is_wanted(call))
}

/// A member has no etag and no ranges.
fn describe(member: &ZipMember) -> Answer {
    let mut answer = response::empty(StatusCode::OK);
    answer.extensions_mut().insert(NoRanges);
    response::set_last_modified(answer.headers_mut(), member.archive.mod_time());
    answer
}
