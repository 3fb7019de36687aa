//! GetObject and HeadObject.

use crate::call::Call;
use crate::dates::{self, parse_http_date, parse_iso8601};
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::headers;
use crate::response::{self, Answer};
use http::header::{
    CACHE_CONTROL, CONTENT_DISPOSITION, CONTENT_ENCODING, CONTENT_LANGUAGE, CONTENT_RANGE, CONTENT_TYPE, EXPIRES,
};
use http::{HeaderMap, HeaderName, HeaderValue, StatusCode};
use iam::Action;
use rustfs_http::ResponseBody;
use service::{Content, Object, ReadObject, Reading, Selection};

/// Highest number of a part.
const MAX_PART: u32 = 10_000;
/// Stored headers that are given back under their own names.
const STORED: [HeaderName; 6] = [
    CONTENT_TYPE,
    CACHE_CONTROL,
    CONTENT_LANGUAGE,
    CONTENT_ENCODING,
    CONTENT_DISPOSITION,
    HeaderName::from_static("x-amz-website-redirect-location"),
];
/// Query parameters that replace headers of the answer.
const OVERRIDES: [(&str, HeaderName); 6] = [
    ("response-content-type", CONTENT_TYPE),
    ("response-content-language", CONTENT_LANGUAGE),
    ("response-expires", EXPIRES),
    ("response-cache-control", CACHE_CONTROL),
    ("response-content-disposition", CONTENT_DISPOSITION),
    ("response-content-encoding", CONTENT_ENCODING),
];

/// GetObject.
pub async fn get(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_stored(Action::GetObject, &call.target.bucket, &call.target.key, call.version()?).await?;
    let (reading, stream) = call.service().get_object(&grant, request(call)?).await?;
    let mut answer = describe(call, &reading);
    tell_expiration(call, &reading.object, answer.headers_mut()).await;
    *answer.body_mut() = ResponseBody::stream(stream, reading.content.length);
    Ok(answer)
}

/// HeadObject.
pub async fn head(call: &Call<'_>) -> S3Result<Answer> {
    let grant = call.grant_stored(Action::GetObject, &call.target.bucket, &call.target.key, call.version()?).await?;
    let reading = call.service().head_object(&grant, request(call)?).await?;
    let mut answer = describe(call, &reading);
    tell_expiration(call, &reading.object, answer.headers_mut()).await;
    response::set_length(answer.headers_mut(), reading.content.length);
    Ok(answer)
}

/// When the bucket's lifecycle will let an object expire.
pub async fn tell_expiration(call: &Call<'_>, object: &Object, out: &mut HeaderMap) {
    if let Some(expiration) = call.service().expiration(object).await {
        let date = dates::http_date(expiration.at);
        let date = String::from_utf8_lossy(&date);
        let text = format!("expiry-date=\"{date}\", rule-id=\"{}\"", expiration.rule);
        response::set_text(out, HeaderName::from_static("x-amz-expiration"), &text);
    }
}

pub fn request(call: &Call<'_>) -> S3Result<ReadObject> {
    Ok(ReadObject {
        version: call.version()?,
        selection: selection(call)?,
        conditions: headers::read_conditions(call.headers()),
        customer_key: headers::read_key(call)?,
    })
}

fn selection(call: &Call<'_>) -> S3Result<Selection> {
    let range = headers::byte_range(call.headers());
    let Some(part) = call.query.non_empty("partNumber") else {
        return Ok(range.map_or(Selection::Whole, Selection::Range));
    };
    let number: u32 = part.parse().map_err(|_| S3Error::new(ErrorCode::InvalidMaxParts))?;
    if range.is_some() {
        return Err(ErrorCode::RangeWithPartNumber.into());
    }
    match number {
        0 => Err(S3Error::new(ErrorCode::AdminInvalidArgument).silent_on_head()),
        1..=MAX_PART => Ok(Selection::Part(number)),
        _ => Err(S3Error::new(ErrorCode::InvalidMaxParts).silent_on_head()),
    }
}

/// The head of the answer to a read.
fn describe(call: &Call<'_>, reading: &Reading) -> Answer {
    let Reading { object, content } = reading;
    let mut answer = response::empty(StatusCode::OK);
    let out = answer.headers_mut();
    describe_object(call, object, out);
    if let Some(checksum) = content.checksum.as_ref().filter(|_| headers::wants_checksums(call.headers())) {
        response::set_checksum(out, checksum);
        // Of a part too it is the type of the object's.
        let whole = object.checksum();
        response::set_checksum_type(out, whole.as_ref().unwrap_or(checksum));
    }
    if content.part.is_some() && object.is_multipart() {
        let name = HeaderName::from_static("x-amz-mp-parts-count");
        out.insert(name, HeaderValue::from(object.parts().len()));
    }
    let partial = content.partial && content.length > 0;
    if partial {
        response::set_text(out, CONTENT_RANGE, &content_range(content));
    }
    set_overrides(call, out);
    if partial {
        *answer.status_mut() = StatusCode::PARTIAL_CONTENT;
    }
    answer
}

/// What the query asks to say instead.
pub fn set_overrides(call: &Call<'_>, out: &mut HeaderMap) {
    for (parameter, header) in OVERRIDES {
        if let Some(value) = call.query.get_any_case(parameter) {
            response::set_text(out, header, value);
        }
    }
}

fn content_range(content: &Content) -> String {
    let last = content.offset + content.length.saturating_sub(1);
    format!("bytes {}-{last}/{}", content.offset, content.total)
}

/// What is stored with the object.
fn describe_object(call: &Call<'_>, object: &Object, out: &mut HeaderMap) {
    response::set_etag(out, object.etag());
    response::set_last_modified(out, object.mod_time());
    response::set_version(out, object.version());
    response::set_encryption(out, object.encryption().as_ref());
    if let Some(compression) = object.compression() {
        response::set_text(out, HeaderName::from_static("x-minio-compressed"), compression);
    }
    for header in STORED {
        if let Some(value) = object.header(header.as_str()) {
            response::set_text(out, header, value);
        }
    }
    if let Some(expires) = object.header("expires") {
        set_expires(out, expires);
    }
    if object.storage_class() != "STANDARD" {
        response::set_text(out, HeaderName::from_static("x-amz-storage-class"), object.storage_class());
    }
    for (name, value) in object.user_metadata() {
        // Header names are lower case here; what isn't one can't be told.
        if let Ok(name) = HeaderName::from_bytes(name.as_bytes()) {
            response::set_text(out, name, value);
        }
    }
    if let Some(status) = object.replication_status() {
        response::set_text(out, HeaderName::from_static("x-amz-replication-status"), status);
    }
    describe_tags(call, object, out);
    describe_lock(call, object, out);
}

/// Stored in any of several forms, told as an HTTP date.
fn set_expires(out: &mut HeaderMap, stored: &str) {
    let time = parse_http_date(stored).or_else(|| parse_iso8601(stored));
    let date = time.and_then(|time| HeaderValue::from_bytes(&dates::http_date(time)).ok());
    match date {
        Some(date) => {
            out.insert(EXPIRES, date);
        }
        None => response::set_text(out, EXPIRES, stored),
    }
}

fn describe_tags(call: &Call<'_>, object: &Object, out: &mut HeaderMap) {
    let tags = object.tags();
    if tags.is_empty() {
        return;
    }
    out.insert(HeaderName::from_static("x-amz-tagging-count"), HeaderValue::from(tags.len()));
    if call.header("x-amz-tagging-directive") == Some("ACCESS") {
        response::set_text(out, HeaderName::from_static("x-amz-tagging"), &tags.to_query());
    }
}

/// Told only to those who may ask for it by itself.
fn describe_lock(call: &Call<'_>, object: &Object, out: &mut HeaderMap) {
    let may = |action| call.grant_object(action).is_ok();
    if let Some(retention) = object.retention().filter(|_| may(Action::GetObjectRetention)) {
        let mode = HeaderValue::from_static(retention.mode.name());
        out.insert(HeaderName::from_static("x-amz-object-lock-mode"), mode);
        let until = dates::iso8601_text(retention.until);
        response::set_text(out, HeaderName::from_static("x-amz-object-lock-retain-until-date"), &until);
    }
    if let Some(on) = object.legal_hold().filter(|_| may(Action::GetObjectLegalHold)) {
        let status = HeaderValue::from_static(if on { "ON" } else { "OFF" });
        out.insert(HeaderName::from_static("x-amz-object-lock-legal-hold"), status);
    }
}
