//! Verifying the signature of a request's head, and of a body's hash, beside what bounds it: the hashes that Signature V4
//! prescribes. The requests are the examples that AWS publishes.

use base::{Secret, Timestamp};
use criterion::{Criterion, Throughput, criterion_group, criterion_main};
use hmac::{Hmac, Mac};
use http::{HeaderMap, HeaderValue, Method};
use rustfs_http::auth::{
    Authenticator, Credentials, Expected, Identity, KeyError, RequestView, Service, SessionToken, SigningKey,
    SigningKeys,
};
use sha2::{Digest, Sha256};
use std::hint::black_box;

const ACCESS_KEY: &str = "AKIAIOSFODNN7EXAMPLE";
const SECRET_KEY: &str = "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY";
/// 2013-05-24T00:00:00Z.
const THEN: Timestamp = Timestamp::from_secs(1_369_353_600);
const HOST: &str = "examplebucket.s3.amazonaws.com";
const EMPTY_SHA256: &str = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855";
const PRESIGNED: &str = "X-Amz-Algorithm=AWS4-HMAC-SHA256\
    &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
    &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
    &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

struct OneKey;

impl SigningKeys for OneKey {
    fn lookup(&self, access_key: &str) -> Result<Credentials, KeyError> {
        let known = Credentials { secret: Secret::new(SECRET_KEY), token: SessionToken::Absent };
        if access_key == ACCESS_KEY { Ok(known) } else { Err(KeyError::Unknown) }
    }
}

fn head(criterion: &mut Criterion) {
    let mut group = criterion.benchmark_group("signature of a head");
    // The canonical request of the example, and the text that is signed, are about as long.
    let (canonical, text) = ([b'x'; 320], [b'x'; 140]);
    group.bench_function("limit: SHA-256 and HMAC alone", |bencher| {
        bencher.iter(|| {
            let digest = Sha256::digest(black_box(&canonical));
            let mut mac = Hmac::<Sha256>::new_from_slice(&digest).expect("keys of any length are taken");
            mac.update(black_box(&text));
            mac.finalize()
        });
    });
    let signed = "AWS4-HMAC-SHA256 Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request,\
                  SignedHeaders=host;x-amz-content-sha256;x-amz-date,\
                  Signature=34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7";
    let headers = headers(&[
        ("x-amz-content-sha256", EMPTY_SHA256),
        ("x-amz-date", "20130524T000000Z"),
        ("authorization", signed),
    ]);
    let header =
        RequestView { method: &Method::GET, path: "/", query: "max-keys=2&prefix=J", headers: &headers, host: HOST };
    let bare = HeaderMap::new();
    let presigned = RequestView { path: "/test.txt", query: PRESIGNED, headers: &bare, ..header };
    let expected = Expected { service: Service::S3, region: Some("us-east-1"), host_bucket: None };
    for (name, request) in [("authenticate, header", header), ("authenticate, presigned", presigned)] {
        let authenticator = Authenticator::new();
        group.bench_function(name, |bencher| {
            bencher.iter(|| {
                let identity = authenticator.authenticate(black_box(&request), &expected, THEN, &OneKey);
                assert!(matches!(identity, Ok(Identity::Signed(_))), "the example is right");
            });
        });
    }
    group.bench_function("derive the key of a day", |bencher| {
        let secret = Secret::new(SECRET_KEY);
        bencher.iter(|| SigningKey::derive(black_box(&secret), "20130524", "us-east-1", "s3"));
    });
    group.finish();
}

fn headers(given: &[(&'static str, &'static str)]) -> HeaderMap {
    let host = std::iter::once(("host", HOST));
    host.chain(given.iter().copied())
        .map(|(name, value)| (name.parse().expect("a name"), HeaderValue::from_static(value)))
        .collect()
}

fn body(criterion: &mut Criterion) {
    let block = vec![7; 1 << 20];
    let mut group = criterion.benchmark_group("hash of a signed body of 1 MiB");
    group.throughput(Throughput::Bytes(block.len() as u64));
    let mut copy = vec![0; block.len()];
    group.bench_function("limit: memory copy", |bencher| bencher.iter(|| copy.copy_from_slice(black_box(&block))));
    group.bench_function("SHA-256", |bencher| bencher.iter(|| Sha256::digest(black_box(&block))));
    group.finish();
}

criterion_group!(benches, head, body);
criterion_main!(benches);
