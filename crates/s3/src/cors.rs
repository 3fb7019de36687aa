//! Cross-origin requests (the Fetch standard): browsers ask whether a page may use the server. A bucket's document
//! decides ("Using cross-origin resource sharing" of S3's guide); for buckets without one the configured origins do.

#[cfg(test)]
mod tests;

use http::header::{
    ACCESS_CONTROL_ALLOW_CREDENTIALS, ACCESS_CONTROL_ALLOW_HEADERS, ACCESS_CONTROL_ALLOW_METHODS,
    ACCESS_CONTROL_ALLOW_ORIGIN, ACCESS_CONTROL_EXPOSE_HEADERS, ACCESS_CONTROL_MAX_AGE, ACCESS_CONTROL_REQUEST_HEADERS,
    ACCESS_CONTROL_REQUEST_METHOD, ORIGIN, VARY,
};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use service::{CorsConfig, CorsRule};

const METHODS: [Method; 7] =
    [Method::GET, Method::PUT, Method::HEAD, Method::POST, Method::DELETE, Method::OPTIONS, Method::PATCH];
const EXPOSED: HeaderValue = HeaderValue::from_static(
    "Date, Etag, Server, Connection, Accept-Ranges, Content-Range, Content-Encoding, Content-Length, Content-Type, \
     Content-Disposition, Last-Modified, Content-Language, Cache-Control, Retry-After, X-Amz-Bucket-Region, Expires, \
     X-Amz*, X-Amz*, *",
);

/// What answers depend on.
const VARIES: HeaderValue =
    HeaderValue::from_static("Origin, Access-Control-Request-Headers, Access-Control-Request-Method");

/// Whether a request is a browser's question whether it may send another.
pub fn is_preflight(request: &Parts) -> bool {
    request.method == Method::OPTIONS && request.headers.contains_key(ACCESS_CONTROL_REQUEST_METHOD)
}

/// Adds to an answer what lets the page that sent the request read it, if the bucket's rules say so. As on AWS, the
/// method may be named as in a preflight.
pub fn allow_by_bucket(answer: &mut HeaderMap, request: &Parts, config: &CorsConfig) {
    answer.append(VARY, VARIES);
    let method = text(&request.headers, &ACCESS_CONTROL_REQUEST_METHOD).unwrap_or(request.method.as_str());
    if let Some((origin, rule)) = rule_for(&request.headers, method, config) {
        tell_rule(answer, origin, rule);
    }
}

/// Adds to the answer of a preflight what the browser may send by the bucket's rules; `false` if it may not.
pub fn allow_request_by_bucket(answer: &mut HeaderMap, request: &HeaderMap, config: &CorsConfig) -> bool {
    let method = text(request, &ACCESS_CONTROL_REQUEST_METHOD).unwrap_or_default();
    let Some((origin, rule)) = rule_for(request, method, config) else { return false };
    answer.append(VARY, VARIES);
    tell_rule(answer, origin, rule);
    if let Some(headers) = request.get(ACCESS_CONTROL_REQUEST_HEADERS) {
        answer.insert(ACCESS_CONTROL_ALLOW_HEADERS, headers.clone());
    }
    true
}

fn rule_for<'a>(
    request: &'a HeaderMap,
    method: &str,
    config: &'a CorsConfig,
) -> Option<(&'a HeaderValue, &'a CorsRule)> {
    let origin = request.get(ORIGIN)?;
    let headers = text(request, &ACCESS_CONTROL_REQUEST_HEADERS).unwrap_or_default();
    let headers = headers.split(',').map(str::trim).filter(|name| !name.is_empty());
    Some((origin, config.rule_for(origin.to_str().ok()?, method, headers)?))
}

fn tell_rule(answer: &mut HeaderMap, origin: &HeaderValue, rule: &CorsRule) {
    if rule.is_for_all() {
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, HeaderValue::from_static("*"));
    } else {
        answer.insert(ACCESS_CONTROL_ALLOW_ORIGIN, origin.clone());
        answer.insert(ACCESS_CONTROL_ALLOW_CREDENTIALS, HeaderValue::from_static("true"));
    }
    let listed = [(ACCESS_CONTROL_ALLOW_METHODS, &rule.methods), (ACCESS_CONTROL_EXPOSE_HEADERS, &rule.exposed)];
    for (name, texts) in listed {
        if let Some(value) = HeaderValue::from_str(&texts.join(", ")).ok().filter(|_| !texts.is_empty()) {
            answer.insert(name, value);
        }
    }
    if let Some(age) = rule.max_age {
        answer.insert(ACCESS_CONTROL_MAX_AGE, age.into());
    }
}

fn text<'a>(headers: &'a HeaderMap, name: &HeaderName) -> Option<&'a str> {
    headers.get(name)?.to_str().ok()
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
