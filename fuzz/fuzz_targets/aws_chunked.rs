//! `aws-chunked` bodies, signed and not: any bytes end, and end the same however they are cut.
#![no_main]

use base::{ByteStream, Secret, StreamError, Timestamp};
use bytes::Bytes;
use futures_util::{FutureExt, StreamExt};
use libfuzzer_sys::fuzz_target;
use rustfs_http::auth::{
    Authenticator, Credentials, Expected, Identity, KeyError, PayloadMode, RequestView, Service, SigningKeys,
};
use rustfs_http::{Announced, BodyError};

fuzz_target!(|data: &[u8]| {
    let Some(([mode, size], body)) = data.split_first_chunk::<2>() else { return };
    let identity = if mode & 1 == 0 {
        Identity::Anonymous { payload: PayloadMode::StreamingUnsignedTrailer }
    } else {
        published_example(mode & 2 != 0)
    };
    let announced = Announced {
        decoded_length: (mode & 4 != 0).then_some(u64::from(*size)),
        trailers: if mode & 8 != 0 { vec!["x-amz-checksum-crc32c".to_owned()] } else { Vec::new() },
    };
    let whole = outcome(&identity, body, body.len().max(1), announced.clone());
    let cut = outcome(&identity, body, usize::from(*size).max(1), announced);
    // Where an error is met in a chunk, how much was passed on before depends on the pieces; the verdict doesn't.
    assert_eq!(whole, cut);
});

fn outcome(identity: &Identity, body: &[u8], size: usize, announced: Announced) -> Result<Vec<u8>, Option<BodyError>> {
    let pieces: Vec<Result<Bytes, StreamError>> =
        body.chunks(size).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
    let raw: ByteStream = Box::pin(futures_util::stream::iter(pieces));
    let mut opened = identity.open_body(raw, announced);
    let mut bytes = Vec::new();
    while let Some(piece) = opened.stream.next().now_or_never().expect("the source never waits") {
        bytes.extend_from_slice(&piece.map_err(|error| BodyError::of(&error).cloned())?);
        assert!(bytes.len() <= body.len(), "more came out than went in");
    }
    Ok(bytes)
}

struct ExampleKey;

impl SigningKeys for ExampleKey {
    fn lookup(&self, _: &str) -> Result<Credentials, KeyError> {
        let secret = Secret::new("wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
        Ok(Credentials { secret, session_token: None })
    }
}

/// The heads that AWS publishes as examples of signed streams.
fn published_example(trailer: bool) -> Identity {
    let mut headers = http::HeaderMap::new();
    let mut set = |name: &'static str, value: &str| headers.insert(name, value.parse().expect("a header's value"));
    set("x-amz-date", "20130524T000000Z");
    set("x-amz-storage-class", "REDUCED_REDUNDANCY");
    set("content-encoding", "aws-chunked");
    set("x-amz-decoded-content-length", "66560");
    let (signed, signature) = if trailer {
        set("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER");
        set("x-amz-trailer", "x-amz-checksum-crc32c");
        ("content-encoding;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class;x-amz-trailer",
         "106e2a8a18243abcf37539882f36619c00e2dfc72633413f02d3b74544bfeb8e")
    } else {
        set("x-amz-content-sha256", "STREAMING-AWS4-HMAC-SHA256-PAYLOAD");
        set("content-length", "66824");
        ("content-encoding;content-length;host;x-amz-content-sha256;x-amz-date;x-amz-decoded-content-length;x-amz-storage-class",
         "4f232c4386841ef735655705268965c44a0e4690baa4adea153f7db9fa80a0a9")
    };
    let credential = "AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request";
    let authorization =
        format!("AWS4-HMAC-SHA256 Credential={credential},SignedHeaders={signed},Signature={signature}");
    set("authorization", &authorization);
    let view = RequestView {
        method: &http::Method::PUT,
        path: "/examplebucket/chunkObject.txt",
        query: "",
        headers: &headers,
        host: "s3.amazonaws.com",
    };
    let expected = Expected { service: Service::S3, region: None };
    let then = Timestamp::from_secs(1_369_353_600);
    Authenticator::new().authenticate(&view, &expected, then, &ExampleKey).expect("the published signature")
}
