//! Answers: statuses, headers, and bodies.

use crate::dates;
use crate::encode;
use crate::error::S3Error;
use base::Timestamp;
use bytes::Bytes;
use http::header::{CONTENT_LENGTH, CONTENT_TYPE, ETAG, HeaderName, LAST_MODIFIED};
use http::{HeaderMap, HeaderValue, Method, Response, StatusCode};
use rustfs_http::ResponseBody;
use service::{Checksum, Object, ShownEncryption, VersionId};

/// An answer on its way to the client.
pub type Answer = Response<ResponseBody>;

/// Marks an answer whose body has no ranges.
#[derive(Clone, Copy, Debug)]
pub struct NoRanges;

pub const XML: HeaderValue = HeaderValue::from_static("application/xml");
const VERSION_ID: HeaderName = HeaderName::from_static("x-amz-version-id");
const CHECKSUM_TYPE: HeaderName = HeaderName::from_static("x-amz-checksum-type");

/// A status without a body.
pub fn empty(status: StatusCode) -> Answer {
    let mut answer = Response::new(ResponseBody::empty());
    *answer.status_mut() = status;
    answer
}

/// 200 with an XML document.
pub fn xml(document: Vec<u8>) -> Answer {
    body(document.into(), XML)
}

/// 200 with a body of this type.
pub fn body(bytes: Bytes, content_type: HeaderValue) -> Answer {
    let mut answer = Response::new(ResponseBody::from(bytes));
    answer.headers_mut().insert(CONTENT_TYPE, content_type);
    answer
}

/// The answer that tells of an error. `context` is for its body; a HEAD gets headers instead.
pub fn error(error: &S3Error, method: &Method, context: &crate::error::ErrorContext<'_>) -> Answer {
    let mut answer = empty(error.status());
    if error.status() != StatusCode::NOT_MODIFIED {
        if method != Method::HEAD {
            let document = crate::error::render(error, context);
            *answer.body_mut() = ResponseBody::from(Bytes::from(document));
            answer.headers_mut().insert(CONTENT_TYPE, XML);
        } else if !error.is_silent_on_head() {
            let headers = answer.headers_mut();
            set_text(headers, HeaderName::from_static("x-minio-error-code"), error.name());
            let described = format!("\"{}\"", error.message());
            set_text(headers, HeaderName::from_static("x-minio-error-desc"), &described);
        }
    }
    for (name, value) in error.headers() {
        answer.headers_mut().insert(name, value.clone());
    }
    answer
}

/// Sets a header to a text; characters that a header can't hold are encoded as RFC 2047 has it.
pub fn set_text(headers: &mut HeaderMap, name: HeaderName, text: &str) {
    if let Ok(value) = HeaderValue::from_str(&encode::header_value(text)) {
        headers.insert(name, value);
    }
}

pub fn set_etag(headers: &mut HeaderMap, etag: &str) {
    let mut quoted = String::with_capacity(etag.len() + 2);
    quoted.push('"');
    quoted.push_str(etag);
    quoted.push('"');
    if let Ok(value) = HeaderValue::try_from(quoted) {
        headers.insert(ETAG, value);
    }
}

pub fn set_last_modified(headers: &mut HeaderMap, time: Timestamp) {
    if let Ok(value) = HeaderValue::from_bytes(&dates::http_date(time)) {
        headers.insert(LAST_MODIFIED, value);
    }
}

/// The length of a body that a HEAD doesn't get.
pub fn set_length(headers: &mut HeaderMap, length: u64) {
    headers.insert(CONTENT_LENGTH, HeaderValue::from(length));
}

/// Names the version, unless it is the null version.
pub fn set_version(headers: &mut HeaderMap, version: VersionId) {
    if version != VersionId::Null {
        set_text(headers, VERSION_ID, &version.to_string());
    }
}

/// The value of a checksum.
pub fn set_checksum(headers: &mut HeaderMap, checksum: &Checksum) {
    set_text(headers, HeaderName::from_static(checksum.algorithm().field()), &checksum.text());
}

/// Whether a checksum is of all bytes or of parts.
pub fn set_checksum_type(headers: &mut HeaderMap, checksum: &Checksum) {
    headers.insert(CHECKSUM_TYPE, HeaderValue::from_static(checksum.kind().name()));
}

/// What the answer to every write says of the new object.
pub fn set_written(headers: &mut HeaderMap, object: &Object) {
    set_etag(headers, object.etag());
    set_version(headers, object.version());
    if let Some(checksum) = object.checksum() {
        set_checksum(headers, &checksum);
        set_checksum_type(headers, &checksum);
    }
}

/// How what was read or written is encrypted.
pub fn set_encryption(headers: &mut HeaderMap, encryption: Option<&ShownEncryption>) {
    const METHOD: HeaderName = HeaderName::from_static("x-amz-server-side-encryption");
    const AES256: HeaderValue = HeaderValue::from_static("AES256");
    let name = HeaderName::from_static;
    match encryption {
        None => {}
        Some(ShownEncryption::Server) => {
            headers.insert(METHOD, AES256);
        }
        Some(ShownEncryption::KeyService { key_id, context }) => {
            headers.insert(METHOD, HeaderValue::from_static("aws:kms"));
            let key_name = format!("arn:aws:kms:{key_id}");
            set_text(headers, name("x-amz-server-side-encryption-aws-kms-key-id"), &key_name);
            if let Some(context) = context {
                set_text(headers, name("x-amz-server-side-encryption-context"), context);
            }
        }
        Some(ShownEncryption::Customer { key_md5 }) => {
            headers.insert(name("x-amz-server-side-encryption-customer-algorithm"), AES256);
            if let Some(md5) = key_md5 {
                set_text(headers, name("x-amz-server-side-encryption-customer-key-md5"), md5);
            }
        }
    }
}
