//! Cross-origin requests (the Fetch standard): browsers ask whether a page may use the server. One answer for all
//! buckets, from the configured origins.

#[cfg(test)]
mod tests;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN,
};
use http::{HeaderMap, HeaderValue, Method, Request};

const METHODS: [Method; 7] =
    [Method::GET, Method::PUT, Method::HEAD, Method::POST, Method::DELETE, Method::OPTIONS, Method::PATCH];
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Date, Etag, Server, Connection, Accept-Ranges, Content-Range, Content-Encoding, Content-Length, Content-Type, \
     Content-Disposition, Last-Modified, Content-Language, Cache-Control, Retry-After, X-Amz-Bucket-Region, Expires, \
     X-Amz*, X-Amz*, *",
);

/// Whether a request is a browser's question whether it may send another.
pub fn is_preflight<B>(request: &Request<B>) -> bool {
    request.method() == Method::OPTIONS && request.headers().contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Adds to an answer what lets the page that sent the request read it. Does nothing if no browser asks, or the
/// page's origin isn't among `origins` (patterns with `*`).
pub fn allow(answer: &mut HeaderMap, request: &HeaderMap, origins: &[String]) {
    let Some(origin) = request.get(ORIGIN) else { return };
    let known = origin.to_str().is_ok_and(|text| origins.iter().any(|pattern| matches(pattern, text)));
    if !known {
        return;
    }
    let opaque = origin.as_bytes() == b"null";
    let allowed = if opaque { HeaderValue::from_static("*") } else { origin.clone() };
    answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, allowed);
    answer.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    answer.insert(ACCESS_CONTROL_EXPOSE_HEADERS, EXPOSED);
}

/// Adds to the answer of a preflight what the browser may send.
pub fn allow_request(answer: &mut HeaderMap, request: &HeaderMap, origins: &[String]) {
    allow(answer, request, origins);
    let wanted = request.get(ACCESS_CONTROL_REQUEST_METHOD);
    let offered = wanted.filter(|method| METHODS.iter().any(|known| known.as_str().as_bytes() == method.as_bytes()));
    let (true, Some(method)) = (answer.contains_key(ACCESS_CONTROL_ALLOW_ORIGIN), offered) else { return };
    answer.remove(ACCESS_CONTROL_EXPOSE_HEADERS);
    answer.insert(ACCESS_CONTROL_ALLOW_METHODS, method.clone());
    if let Some(headers) = request.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, headers.clone());
    }
}

/// Whether `text` fits a pattern in which each `*` stands for any text.
fn matches(pattern: &str, text: &str) -> bool {
    let mut pieces = pattern.split('*');
    let Some(mut rest) = text.strip_prefix(pieces.next().unwrap_or("")) else { return false };
    let pieces: Vec<&str> = pieces.collect();
    let Some((last, middle)) = pieces.split_last() else { return rest.is_empty() };
    for piece in middle {
        match rest.find(piece) {
            Some(at) => rest = &rest[at + piece.len()..],
            None => return false,
        }
    }
    rest.ends_with(last)
}
