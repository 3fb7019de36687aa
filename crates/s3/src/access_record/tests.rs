use super::*;
use http::Request;

fn parts(uri: &str) -> Parts {
    Request::builder().uri(uri).body(()).expect("a request").into_parts().0
}

#[test]
fn presigned_urls_keep_their_secrets() {
    assert_eq!(request_line(&parts("/b/k")), "GET /b/k HTTP/1.1");
    assert_eq!(request_line(&parts("/b?list-type=2&prefix=a")), "GET /b?list-type=2&prefix=a HTTP/1.1");
    let signed = "/b/k?X-Amz-Date=1&X-Amz-Signature=s3cret&x-amz-security-token=t0ken&versionId=v";
    let told = "GET /b/k?X-Amz-Date=1&X-Amz-Signature=...&x-amz-security-token=...&versionId=v HTTP/1.1";
    assert_eq!(request_line(&parts(signed)), told);
    assert_eq!(request_line(&parts("/b/k?Signature=s3cret")), "GET /b/k?Signature=... HTTP/1.1");
}

#[test]
fn quotes_and_line_ends_do_not_break_a_record() {
    assert_eq!(quoted(None), "\"-\"");
    assert_eq!(quoted(Some("")), "\"-\"");
    assert_eq!(quoted(Some("a \"b\" \\ c\n")), "\"a %22b%22 %5C c%0A\"");
}

#[test]
fn names_are_one_word() {
    assert_eq!((word("alice").as_str(), word("").as_str()), ("alice", "-"));
    assert_eq!(word("uid=a b,dc=x"), "uid=a%20b,dc=x");
}

#[test]
fn times_are_written_as_web_servers_do() {
    // 2026-11-24T01:02:03Z
    assert_eq!(date(Timestamp::from_secs(1_795_482_123)), "[24/Nov/2026:01:02:03 +0000]");
}
