//! The record of a request for the access log of its bucket (user guide, "Amazon S3 server access log format"): 26 fields in a
//! line.

#[cfg(test)]
mod tests;

use crate::circumstances::source_ip;
use crate::encode;
use crate::handler::S3Handler;
use crate::response::Answer;
use crate::routing::Operation as Op;
use crate::target::Target;
use base::Timestamp;
use http::header::{CONTENT_LENGTH, CONTENT_RANGE, HeaderName, REFERER, USER_AGENT};
use http::request::Parts;
use http::{HeaderMap, Method};
use iam::Caller;
use rustfs_http::ConnInfo;
use rustfs_http::auth::{Identity, Place, RequestView, SignatureVersion};
use service::{Configuration, ConfigurationList, LoggedBucket};
use std::fmt::Write;
use std::sync::Arc;
use time::OffsetDateTime;

/// What stands for something that isn't there.
const NONE: &str = "-";
/// Parameters of presigned URLs whose values are nobody's business.
const SECRETS: [&str; 3] = ["x-amz-signature", "x-amz-security-token", "signature"];

/// What is known of a request once it has been answered.
#[derive(Default)]
pub(crate) struct Seen {
    pub target: Target,
    pub asked: Asked,
}

/// What its sender asked for, and who that is; nothing, if it didn't come so far.
#[derive(Default)]
pub(crate) struct Asked {
    pub operation: Option<Op>,
    pub identity: Option<Identity>,
    pub caller: Option<Caller>,
    /// Nothing but a list let the caller in.
    pub by_list: bool,
}

/// A request as it came.
pub(crate) struct Head<'a> {
    pub parts: &'a Parts,
    pub conn: ConnInfo,
    pub arrived: Timestamp,
    pub request_id: &'a str,
    /// The code of the error that it was answered with.
    pub refused: Option<&'static str>,
}

/// Sees to it that the request is recorded once the answer is on its way or given up.
pub(crate) fn record(
    handler: &S3Handler,
    bucket: Arc<LoggedBucket>,
    head: &Head<'_>,
    seen: &Seen,
    answer: &mut Answer,
) {
    let Head { parts, conn, arrived, request_id, refused } = head;
    let service = handler.service.clone();
    let Asked { operation, identity, caller, by_list } = &seen.asked;
    let requester = word(caller.as_ref().and_then(|caller| service.iam().owner_id(caller)).unwrap_or_default());
    let key = if seen.target.key.is_empty() { NONE.to_owned() } else { encode::path(&seen.target.key) };
    let ip = source_ip(&handler.config, &parts.headers, *conn);
    let operation = operation.map_or_else(|| preflight(&parts.method), |operation| name(operation, &parts.method));
    let before = format!(
        "{} {} {} {ip} {requester} {request_id} {operation} {key} {} {} {}",
        word(bucket.owner()),
        bucket.name(),
        date(*arrived),
        quoted(Some(&request_line(parts))),
        answer.status().as_u16(),
        refused.unwrap_or(NONE),
    );
    let size = object_size(&parts.method, seen, &parts.headers, answer);
    let version = header(answer.headers(), HeaderName::from_static("x-amz-version-id")).unwrap_or(NONE);
    let (signature, place) = signature(identity.as_ref());
    let after = format!(
        "{} {} {version} {} {signature} - {place} {} {} - {}",
        quoted(header(&parts.headers, REFERER)),
        quoted(header(&parts.headers, USER_AGENT)),
        handler.host_id,
        word(RequestView::of(parts).host),
        if conn.tls { "TLS" } else { NONE },
        if *by_list { "Yes" } else { NONE },
    );
    let clock = Arc::clone(handler.clock());
    let since = *arrived;
    let turnaround = elapsed(since, clock.now());
    answer.body_mut().on_end(move |sent| {
        let total = elapsed(since, clock.now());
        let sent = if sent == 0 { NONE.to_owned() } else { sent.to_string() };
        service.record(&bucket, format!("{before} {sent} {size} {total} {turnaround} {after}"));
    });
}

/// Milliseconds.
fn elapsed(since: Timestamp, now: Timestamp) -> u128 {
    now.since(since).as_millis()
}

/// `[24/Nov/2026:01:02:03 +0000]`
fn date(time: Timestamp) -> String {
    const MONTHS: [&str; 12] = ["Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"];
    let date = OffsetDateTime::from_unix_timestamp_nanos(i128::from(time.nanos()));
    let date = date.unwrap_or(OffsetDateTime::UNIX_EPOCH);
    let month = MONTHS[usize::from(u8::from(date.month())) - 1];
    let (hour, minute, second) = date.to_hms();
    format!("[{:02}/{month}/{:04}:{hour:02}:{minute:02}:{second:02} +0000]", date.day(), date.year())
}

/// Method, path with query, and version; signatures and tokens of presigned URLs are left out.
fn request_line(parts: &Parts) -> String {
    let mut line = format!("{} {}", parts.method, parts.uri.path());
    for (at, pair) in parts.uri.query().unwrap_or_default().split('&').enumerate() {
        let name = pair.split_once('=').map_or(pair, |(name, _)| name);
        let secret = SECRETS.iter().any(|secret| name.eq_ignore_ascii_case(secret));
        line.push(if at == 0 { '?' } else { '&' });
        line.push_str(if secret { name } else { pair });
        line.push_str(if secret { "=..." } else { "" });
    }
    if parts.uri.query().is_none() {
        line.pop();
    }
    // Writing to a String can't fail.
    let _ = write!(line, " {:?}", parts.version);
    line
}

/// One word of a line: names of a directory's people have spaces.
fn word(text: &str) -> String {
    if text.is_empty() { NONE.to_owned() } else { text.replace(char::is_whitespace, "%20") }
}

/// In quotes, with what would end them, and what isn't printed, as `%XX`.
fn quoted(text: Option<&str>) -> String {
    let Some(text) = text.filter(|text| !text.is_empty()) else { return format!("\"{NONE}\"") };
    let mut out = String::with_capacity(text.len() + 2);
    out.push('"');
    for character in text.chars() {
        if character == '"' || character == '\\' || character.is_control() {
            let mut bytes = [0; 4];
            for byte in character.encode_utf8(&mut bytes).bytes() {
                let _ = write!(out, "%{byte:02X}");
            }
        } else {
            out.push(character);
        }
    }
    out.push('"');
    out
}

fn header(headers: &HeaderMap, name: HeaderName) -> Option<&str> {
    headers.get(name).and_then(|value| value.to_str().ok())
}

/// Bytes of the whole object that was read or written.
fn object_size(method: &Method, seen: &Seen, asked: &HeaderMap, answer: &Answer) -> String {
    let is_write = matches!(seen.asked.operation, Some(Op::PutObject | Op::UploadPart | Op::PutObjectExtract));
    let is_read = matches!(seen.asked.operation, Some(Op::GetObject | Op::HeadObject));
    let size = if answer.status().is_client_error() || answer.status().is_server_error() {
        None
    } else if is_write {
        let decoded = HeaderName::from_static("x-amz-decoded-content-length");
        header(asked, decoded).or_else(|| header(asked, CONTENT_LENGTH)).map(str::to_owned)
    } else if is_read {
        let whole = header(answer.headers(), CONTENT_RANGE).and_then(|range| range.rsplit('/').next());
        let head = || header(answer.headers(), CONTENT_LENGTH).filter(|_| method == Method::HEAD);
        let length = || answer.body().len().to_string();
        Some(whole.or_else(head).map_or_else(length, str::to_owned))
    } else {
        None
    };
    let is_number = |text: &String| !text.is_empty() && text.bytes().all(|byte| byte.is_ascii_digit());
    size.filter(is_number).unwrap_or_else(|| NONE.to_owned())
}

fn signature(identity: Option<&Identity>) -> (&'static str, &'static str) {
    let Some(Identity::Signed(signed)) = identity else { return (NONE, NONE) };
    let version = match signed.version {
        SignatureVersion::V2 => "SigV2",
        SignatureVersion::V4 => "SigV4",
    };
    let place = match signed.place {
        Place::Header => "AuthHeader",
        Place::Query => "QueryString",
        Place::Form => NONE,
    };
    (version, place)
}

fn preflight(method: &Method) -> String {
    if method == Method::OPTIONS { "REST.OPTIONS.PREFLIGHT".to_owned() } else { format!("REST.{method}.UNKNOWN") }
}

/// `REST.` method `.` what it is about; copies and selections have verbs of their own.
fn name(operation: Op, method: &Method) -> String {
    let what = match operation {
        Op::CopyObject => return "REST.COPY.OBJECT".to_owned(),
        Op::UploadPartCopy => return "REST.COPY.PART".to_owned(),
        Op::SelectObjectContent => return "REST.SELECT.OBJECT".to_owned(),
        Op::ListBuckets => "SERVICE",
        Op::CreateBucket | Op::HeadBucket | Op::DeleteBucket | Op::ListObjectsV1 | Op::ListObjectsV2 => "BUCKET",
        Op::ListObjectVersions => "BUCKETVERSIONS",
        Op::GetBucketLocation => "LOCATION",
        Op::GetBucketVersioning | Op::PutBucketVersioning => "VERSIONING",
        Op::GetBucketAcl | Op::PutBucketAcl | Op::GetObjectAcl | Op::PutObjectAcl => "ACL",
        Op::GetBucketPolicy | Op::PutBucketPolicy | Op::DeleteBucketPolicy => "BUCKETPOLICY",
        Op::GetBucketOwnershipControls | Op::PutBucketOwnershipControls | Op::DeleteBucketOwnershipControls => {
            "OWNERSHIP_CONTROLS"
        }
        Op::GetPublicAccessBlock | Op::PutPublicAccessBlock | Op::DeletePublicAccessBlock => "PUBLIC_ACCESS_BLOCK",
        Op::GetBucketPolicyStatus => "POLICY_STATUS",
        Op::GetBucketLifecycle | Op::PutBucketLifecycle | Op::DeleteBucketLifecycle => "LIFECYCLE",
        Op::GetBucketEncryption | Op::PutBucketEncryption | Op::DeleteBucketEncryption => "ENCRYPTION",
        Op::GetBucketObjectLock | Op::PutBucketObjectLock => "OBJECT_LOCK_CONFIGURATION",
        Op::GetBucketReplication => "REPLICATION",
        Op::GetBucketNotification => "NOTIFICATION",
        Op::GetBucketTagging | Op::PutBucketTagging | Op::DeleteBucketTagging => "TAGGING",
        Op::GetConfiguration(kind) | Op::PutConfiguration(kind) | Op::DeleteConfiguration(kind) => match kind {
            Configuration::Cors => "CORS",
            Configuration::Website => "WEBSITE",
            Configuration::Logging => "LOGGING_STATUS",
            Configuration::RequestPayment => "REQUEST_PAYMENT",
            Configuration::Accelerate => "ACCELERATE",
        },
        Op::GetListedConfiguration(list)
        | Op::PutListedConfiguration(list)
        | Op::DeleteListedConfiguration(list)
        | Op::ListListedConfigurations(list) => match list {
            ConfigurationList::Analytics => "ANALYTICS",
            ConfigurationList::IntelligentTiering => "INTELLIGENT_TIERING",
            ConfigurationList::Inventory => "INVENTORY",
            ConfigurationList::Metrics => "METRICS",
        },
        Op::ListMultipartUploads | Op::CreateMultipartUpload => "UPLOADS",
        Op::ListParts | Op::CompleteMultipartUpload | Op::AbortMultipartUpload => "UPLOAD",
        Op::UploadPart => "PART",
        Op::DeleteObjects => "MULTI_OBJECT_DELETE",
        Op::GetObject | Op::HeadObject | Op::PutObject | Op::PutObjectExtract | Op::PostObject | Op::DeleteObject => {
            "OBJECT"
        }
        Op::GetObjectAttributes => "OBJECT_ATTRIBUTES",
        Op::GetObjectTagging | Op::PutObjectTagging | Op::DeleteObjectTagging => "OBJECT_TAGGING",
        Op::GetObjectRetention | Op::PutObjectRetention => "RETENTION",
        Op::GetObjectLegalHold | Op::PutObjectLegalHold => "LEGAL_HOLD",
        Op::NotImplemented | Op::Unsupported => "UNKNOWN",
    };
    format!("REST.{method}.{what}")
}
