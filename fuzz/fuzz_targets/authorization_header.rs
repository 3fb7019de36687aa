//! Heads with every header and parameter that authentication reads: none panics, and none is taken for signed.
#![no_main]

use base::{Secret, Timestamp};
use http::{HeaderMap, HeaderValue, Method};
use libfuzzer_sys::fuzz_target;
use rustfs_http::auth::{
    Authenticator, Credentials, Expected, Identity, KeyError, RequestView, Service, SigningKeys,
};

/// What the lines of the input are taken for, after the method, the path and the query.
const HEADERS: [&str; 7] = [
    "authorization",
    "x-amz-date",
    "date",
    "x-amz-content-sha256",
    "x-amz-security-token",
    "content-type",
    "x-amz-meta-a",
];

struct AnyKey;

impl SigningKeys for AnyKey {
    fn lookup(&self, access_key: &str) -> Result<Credentials, KeyError> {
        let session_token = access_key.starts_with('T').then(|| Secret::new("token"));
        Ok(Credentials { secret: Secret::new("a secret that the input doesn't know"), session_token })
    }
}

fuzz_target!(|data: &[u8]| {
    let mut lines = data.split(|byte| *byte == b'\n');
    let mut text = || std::str::from_utf8(lines.next().unwrap_or_default()).unwrap_or_default();
    let (method, path, query, host) = (text(), text(), text(), text());
    let method = Method::from_bytes(method.as_bytes()).unwrap_or(Method::PUT);
    let mut headers = HeaderMap::new();
    for (name, value) in HEADERS.into_iter().zip(lines) {
        if let Ok(value) = HeaderValue::from_bytes(value) {
            headers.insert(name, value);
        }
    }
    let view = RequestView { method: &method, path, query, headers: &headers, host };
    let expected = Expected { service: Service::S3, region: Some("us-east-1") };
    let now = Timestamp::from_secs(1_369_353_600);
    let found = Authenticator::new().authenticate(&view, &expected, now, &AnyKey);
    assert!(!matches!(found, Ok(Identity::Signed(_))), "a forged signature");
});
