//! Request identity: the headers that every answer carries.

use base::Timestamp;
use http::header::{HeaderName, STRICT_TRANSPORT_SECURITY, VARY, X_CONTENT_TYPE_OPTIONS, X_XSS_PROTECTION};
use http::{HeaderMap, HeaderValue};

/// Names the request in answers and logs: `x-amz-request-id`.
pub const REQUEST_ID: HeaderName = HeaderName::from_static("x-amz-request-id");
/// Names the node that answered: `x-amz-id-2`.
pub const HOST_ID: HeaderName = HeaderName::from_static("x-amz-id-2");

/// Common headers written by [`common_headers`], with a margin for those an operation adds: what a header map is
/// created for.
const TYPICAL_HEADERS: usize = 16;

/// The id of a request that arrived at `now`: upper-case hex of the Unix time in nanoseconds.
pub fn request_id(now: Timestamp) -> String {
    format!("{:X}", now.nanos())
}

/// The id of the node named `node` (`127.0.0.1:9000`): hex SHA-256 of the name.
pub fn host_id(node: &str) -> String {
    use sha2::Digest;
    hex::encode(sha2::Sha256::digest(node))
}

/// Adds the headers of every answer to a matched request: security headers, ids, and what the answer varies with.
/// Ids that are no header text are left out.
pub fn common_headers(headers: &mut HeaderMap, request_id: &str, host_id: &str) {
    headers.reserve(TYPICAL_HEADERS);
    headers.insert(X_XSS_PROTECTION, HeaderValue::from_static("1; mode=block"));
    headers.insert(X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    headers.insert(STRICT_TRANSPORT_SECURITY, HeaderValue::from_static("max-age=31536000; includeSubDomains"));
    headers.append(VARY, HeaderValue::from_static("Origin"));
    headers.append(VARY, HeaderValue::from_static("Accept-Encoding"));
    if let Ok(id) = HeaderValue::from_str(request_id) {
        headers.insert(REQUEST_ID, id);
    }
    if let Ok(id) = HeaderValue::from_str(host_id) {
        headers.insert(HOST_ID, id);
    }
}
