//! PostObject: the upload of a browser's form.

use crate::call::Call;
use crate::documents::parse_tagging;
use crate::encode;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::form::{Form, Policy, boundary, within};
use crate::headers;
use crate::ops::{object_read, object_write};
use crate::query::Query;
use crate::response::{self, Answer};
use crate::target::Target;
use crate::xml::Writer;
use http::header::{CONTENT_TYPE, HOST, LOCATION};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use iam::Action;
use rustfs_http::RequestBody;
use rustfs_http::auth::FormFields;
use service::{IncomingBody, Object, PutObject, Tags};
use std::sync::atomic::AtomicBool;

/// The type of a file of which nobody says one.
const DEFAULT_TYPE: &str = "application/octet-stream";
/// Fields that describe the object as headers of the same name would.
const HEADERS: [&str; 8] = [
    "cache-control",
    "content-type",
    "content-disposition",
    "content-encoding",
    "content-language",
    "content-md5",
    "expires",
    "if-none-match",
];

impl FormFields for Form {
    fn field(&self, name: &str) -> Option<&str> {
        Form::field(self, name)
    }
}

/// PostObject. Who asks is told by the form, so that permissions are asked for here, once it has been read.
pub async fn post(call: &Call<'_>, body: RequestBody) -> S3Result<Answer> {
    if body.content_length().is_none() {
        return Err(ErrorCode::MissingContentLength.into());
    }
    let form = Form::read(body.into_stream(), &boundary(call.headers())?).await?;
    if form.field("x-minio-fanout-list").is_some() {
        return Err(S3Error::detailed(ErrorCode::NotImplemented, "fan-out"));
    }
    let missing = || S3Error::detailed(ErrorCode::MalformedPostRequest, "The name of the uploaded key is missing");
    let key = form.field("key").filter(|key| !key.is_empty()).ok_or_else(missing)?;
    let key = key.replace("${filename}", &form.file_name);
    let target = Target { bucket: call.target.bucket.clone(), key: key.strip_prefix('/').unwrap_or(&key).to_owned() };
    if target.key.is_empty() {
        return Err(missing());
    }
    let (identity, caller) = call.handler.identify_form(&form, call.caller.clone())?;
    let length = check_policy(&form, &target, call)?;
    // From here on it is a request as any other, whose headers are the fields.
    let mut parts = call.parts.clone();
    parts.headers = described(&form, call.headers());
    let query = Query::default();
    let by_list = AtomicBool::new(false);
    let (handler, operation, host, conn, now) = (call.handler, call.operation, call.host, call.conn, call.now);
    let put = Call {
        handler,
        operation,
        target: &target,
        query: &query,
        parts: &parts,
        host,
        identity,
        caller,
        conn,
        now,
        by_list,
    };
    let tags = form.field("tagging").filter(|text| !text.is_empty()).map(|text| parse_tagging(text.as_bytes()));
    let tags = tags.transpose()?.map(Tags::for_object).transpose()?;
    let redirect =
        ["success_action_redirect", "redirect"].into_iter().find_map(|name| form.field(name)).map(str::to_owned);
    let status = form.field("success_action_status").map(str::to_owned);
    let file = match length {
        Some(range) => within(form.file, range),
        None => form.file,
    };
    let written = store(&put, file, tags).await?;
    answer(&put, &written, redirect.as_deref(), status.as_deref()).await
}

/// What the policy says of the file's length.
fn check_policy(form: &Form, target: &Target, call: &Call<'_>) -> S3Result<Option<(u64, u64)>> {
    let Some(policy) = form.field("policy") else { return Ok(None) };
    let policy = Policy::parse(policy)?;
    let mut fields: Vec<_> =
        form.fields.iter().filter(|(name, _)| name != "bucket" && name != "key").cloned().collect();
    fields.push(("bucket".to_owned(), target.bucket.clone()));
    fields.push(("key".to_owned(), target.key.clone()));
    policy.check(&fields, call.now)?;
    Ok(policy.length)
}

/// The headers of the request that the form stands for.
fn described(form: &Form, sent: &HeaderMap) -> HeaderMap {
    let mut headers = HeaderMap::new();
    for name in [HOST.as_str(), "origin", "referer", "user-agent", "x-forwarded-for", "x-real-ip"] {
        if let (Ok(name), Some(value)) = (HeaderName::from_bytes(name.as_bytes()), sent.get(name)) {
            headers.insert(name, value.clone());
        }
    }
    let described = |name: &str| HEADERS.contains(&name) || name.starts_with("x-amz-");
    for (name, value) in form.fields.iter().filter(|(name, _)| described(name) && name != "x-amz-security-token") {
        if let (Ok(name), Ok(value)) =
            (HeaderName::from_bytes(name.as_bytes()), HeaderValue::from_bytes(value.as_bytes()))
        {
            headers.append(name, value);
        }
    }
    if let Some(Ok(acl)) = form.field("acl").map(HeaderValue::from_str) {
        headers.insert("x-amz-acl", acl);
    }
    if !headers.contains_key(CONTENT_TYPE) {
        let file_type = form.file_type.as_deref().and_then(|text| HeaderValue::from_str(text).ok());
        headers.insert(CONTENT_TYPE, file_type.unwrap_or(HeaderValue::from_static(DEFAULT_TYPE)));
    }
    headers
}

async fn store(put: &Call<'_>, stream: base::ByteStream, tags: Option<Tags>) -> S3Result<Object> {
    let grant = put.grant_object(Action::PutObject)?;
    let mut object = headers::new_object(put.headers(), put.query, put.now)?;
    object.tags = tags.or(object.tags);
    object.encryption = headers::encryption(put)?;
    object_write::check_lock_grants(put, &object)?;
    let checksum = headers::announced_checksum(put.headers(), put.query, None)?;
    let body = IncomingBody { stream, size: None, md5: headers::content_md5(put.headers())?, checksum };
    Ok(put.service().put_object(&grant, PutObject { object, body, mod_time: None, etag: None }).await?)
}

async fn answer(put: &Call<'_>, written: &Object, redirect: Option<&str>, status: Option<&str>) -> S3Result<Answer> {
    let scheme = if put.conn.tls { "https" } else { "http" };
    let (bucket, key) = (&put.target.bucket, &put.target.key);
    let location = format!("{scheme}://{}/{bucket}/{}", put.host, encode::path(key));
    let redirect =
        redirect.filter(|url| url.parse::<http::Uri>().is_ok_and(|url| url.scheme().is_some() && url.host().is_some()));
    let mut answer = match (redirect, status) {
        (Some(url), _) => {
            let mark = if url.contains('?') { '&' } else { '?' };
            let etag = written.etag();
            let url = format!("{url}{mark}bucket={bucket}&key={}&etag=%22{etag}%22", encode::path(key));
            let mut answer = response::empty(StatusCode::SEE_OTHER);
            response::set_text(answer.headers_mut(), LOCATION, &url);
            answer
        }
        (None, Some("201")) => {
            let mut answer = response::xml(created(&location, bucket, key, written.etag()));
            *answer.status_mut() = StatusCode::CREATED;
            answer
        }
        (None, Some("200")) => response::empty(StatusCode::OK),
        _ => response::empty(StatusCode::NO_CONTENT),
    };
    let headers = answer.headers_mut();
    if redirect.is_none() {
        response::set_text(headers, LOCATION, &location);
    }
    response::set_written(headers, written);
    response::set_encryption(headers, written.encryption().as_ref());
    object_read::tell_expiration(put, written, headers).await;
    Ok(answer)
}

fn created(location: &str, bucket: &str, key: &str, etag: &str) -> Vec<u8> {
    let mut xml = Writer::document();
    xml.open("PostResponse");
    xml.text("Location", location);
    xml.text("Bucket", bucket);
    xml.text("Key", key);
    xml.etag("ETag", etag);
    xml.close("PostResponse");
    xml.finish()
}
