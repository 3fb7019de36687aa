use super::{Signer, Unsigned, sha256_hex};
use time::macros::datetime;

/// The examples of the S3 reference, "Signature Calculations for the Authorization Header".
fn signer() -> Signer {
    let (access_key, secret) = ("AKIAIOSFODNN7EXAMPLE", "wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY");
    Signer::new("examplebucket.s3.amazonaws.com", access_key, secret, "us-east-1", datetime!(2013-05-24 00:00 UTC))
}

#[test]
fn signs_as_the_reference_does() {
    let payload = sha256_hex(b"");
    let signature =
        |query| signer().signature(&Unsigned { method: "GET", path: "/", query, payload: &payload, encryption: None });
    assert_eq!(signature("lifecycle="), "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543");
    assert_eq!(signature("max-keys=2&prefix=J"), "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7");
}

#[test]
fn a_head_carries_what_was_signed_and_the_length() {
    let payload = sha256_hex(b"");
    let head = |method, query, length| {
        String::from_utf8(
            signer().head(&Unsigned { method, path: "/", query, payload: &payload, encryption: None }, length),
        )
        .unwrap()
    };
    let get = head("GET", "lifecycle=", 0);
    assert!(get.starts_with("GET /?lifecycle= HTTP/1.1\r\nHost: examplebucket.s3.amazonaws.com\r\nAuthorization: "));
    assert!(get.contains("Credential=AKIAIOSFODNN7EXAMPLE/20130524/us-east-1/s3/aws4_request, SignedHeaders=host;"));
    assert!(get.contains("Signature=fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543\r\n"));
    assert!(get.ends_with("X-Amz-Date: 20130524T000000Z\r\n\r\n"));
    assert!(head("PUT", "", 0).ends_with("\r\nContent-Length: 0\r\n\r\n"));
    assert!(head("PUT", "", 7).starts_with("PUT / HTTP/1.1\r\n"));
}
