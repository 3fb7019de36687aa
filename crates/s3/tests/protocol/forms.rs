//! Uploads of browsers' forms over the protocol.

use crate::server::{Seen, Server};
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use hmac::{Hmac, Mac};
use http::Method;
use sha1::Sha1;

const KEY: &str = "testroot";
const SECRET: &str = "testroot-secret";
const BOUNDARY: &str = "----browser7MA4";

/// The body of a form: fields, then a file.
fn body(fields: &[(&str, &str)], file: &str) -> String {
    let mut text = String::new();
    for (name, value) in fields {
        text += &format!("--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"{name}\"\r\n\r\n{value}\r\n");
    }
    text += &format!(
        "--{BOUNDARY}\r\nContent-Disposition: form-data; name=\"file\"; filename=\"C:\\dir\\photo.txt\"\r\n\
         Content-Type: text/x-photo\r\n\r\n{file}\r\n--{BOUNDARY}--\r\n"
    );
    text
}

async fn send(server: &Server, body: impl Into<bytes::Bytes>) -> Seen {
    let kind = format!("multipart/form-data; boundary=\"{BOUNDARY}\"");
    server.ask(Method::POST, "/bkt").header("content-type", kind).anonymous().body(body).send().await
}

fn signature(secret: &str, policy: &str) -> String {
    let mut mac = Hmac::<Sha1>::new_from_slice(secret.as_bytes()).unwrap();
    mac.update(policy.as_bytes());
    STANDARD.encode(mac.finalize().into_bytes())
}

/// A form that is signed with a policy of these conditions.
async fn post(server: &Server, conditions: &str, fields: &[(&str, &str)], file: &str) -> Seen {
    let policy = format!("{{\"expiration\": \"2199-01-01T00:00:00Z\", \"conditions\": [{conditions}]}}");
    signed(server, &STANDARD.encode(policy), fields, file).await
}

async fn signed(server: &Server, policy: &str, fields: &[(&str, &str)], file: &str) -> Seen {
    let signature = signature(SECRET, policy);
    let signing = [("AWSAccessKeyId", KEY), ("policy", policy), ("signature", &signature)];
    send(server, body(&[fields, &signing].concat(), file)).await
}

const ANY: &str = r#"{"bucket": "bkt"}, ["starts-with", "$key", ""]"#;

#[tokio::test]
async fn a_form_stores_its_file() {
    let server = Server::with_bucket().await;
    let conditions = format!(
        "{ANY}, {{\"x-amz-meta-color\": \"red\"}}, [\"starts-with\", \"$Content-Type\", \"text/\"], [\"content-length-range\", 1, 99], [\"starts-with\", \"$tagging\", \"\"]"
    );
    let tags = "<Tagging><TagSet><Tag><Key>a</Key><Value>b</Value></Tag></TagSet></Tagging>";
    let fields =
        [("kEy", "up/${filename}"), ("x-amz-meta-color", "red"), ("Content-Type", "text/plain"), ("tagging", tags)];
    let file = format!("first\r\n--{}\r\nlast", &BOUNDARY[..BOUNDARY.len() - 1]);
    let seen = post(&server, &conditions, &fields, &file).await.expect(204);
    assert_eq!(seen.header("location"), "http://127.0.0.1:9000/bkt/up/photo.txt");
    let stored = server.get("/bkt/up/photo.txt").await.expect(200);
    assert_eq!((stored.text(), stored.header("etag")), (file, seen.header("etag")));
    assert_eq!((stored.header("content-type"), stored.header("x-amz-meta-color")), ("text/plain", "red"));
    assert_eq!(stored.header("x-amz-tagging-count"), "1");
}

#[tokio::test]
async fn a_form_is_answered_as_it_asks() {
    let server = Server::with_bucket().await;
    let any = |name: &str| format!("{ANY}, [\"starts-with\", \"${name}\", \"\"]");
    let status = any("success_action_status");
    let ask = async |code: &str| post(&server, &status, &[("key", "a b"), ("success_action_status", code)], "x").await;
    let created = ask("201").await.expect(201);
    assert_eq!((created.element("Bucket"), created.element("Key")), ("bkt".into(), "a b".into()));
    assert!(ask("200").await.expect(200).body.is_empty());
    ask("404").await.expect(204);
    let redirect = any("success_action_redirect");
    let to = async |url: &str| post(&server, &redirect, &[("key", "a b"), ("success_action_redirect", url)], "x").await;
    let seen = to("http://example.com/done?x=1").await.expect(303);
    let etag = seen.header("etag").trim_matches('"').to_owned();
    assert_eq!(seen.header("location"), format!("http://example.com/done?x=1&bucket=bkt&key=a%20b&etag=%22{etag}%22"));
    to("nowhere").await.expect(204);
}

#[tokio::test]
async fn a_form_keeps_to_its_policy() {
    let server = Server::with_bucket().await;
    let fields = [("key", "k"), ("x-amz-meta-a", "1")];
    let with = |more: &str| format!("{ANY}, {more}");
    for (conditions, file) in [
        (with(r#"{"x-amz-meta-a": "2"}"#), "x"),
        (with(r#"["starts-with", "$x-amz-meta-a", "2"]"#), "x"),
        (with(r#"{"x-amz-meta-a": "1"}, {"x-amz-meta-b": "1"}"#), "x"),
        // A field that no condition names, a bucket that none names, another bucket.
        (ANY.to_owned(), "x"),
        (r#"["starts-with", "$key", ""], {"x-amz-meta-a": "1"}"#.to_owned(), "x"),
        (r#"{"bucket": "other"}, ["starts-with", "$key", ""], {"x-amz-meta-a": "1"}"#.to_owned(), "x"),
    ] {
        post(&server, &conditions, &fields, file).await.expect_error(403, "AccessDenied");
    }
    let sized = with(r#"{"x-amz-meta-a": "1"}, ["content-length-range", 2, 4]"#);
    post(&server, &sized, &fields, "x").await.expect_error(400, "EntityTooSmall");
    post(&server, &sized, &fields, "xxxxx").await.expect_error(400, "EntityTooLarge");
    server.get("/bkt/k").await.expect_error(404, "NoSuchKey");
    post(&server, &sized, &fields, "xxxx").await.expect(204);
}

#[tokio::test]
async fn policies_that_are_none_are_refused() {
    let server = Server::with_bucket().await;
    let fields = [("key", "k")];
    for policy in [
        "{}".to_owned(),
        "[]".to_owned(),
        format!("{{\"conditions\": [{ANY}]}}"),
        "{\"expiration\": \"2199-01-01T00:00:00Z\"}".to_owned(),
        format!("{{\"EXPIRATION\": \"2199-01-01T00:00:00Z\", \"conditions\": [{ANY}]}}"),
        format!("{{\"expiration\": \"tomorrow\", \"conditions\": [{ANY}]}}"),
        "{\"expiration\": \"2199-01-01T00:00:00Z\", \"conditions\": [{}]}".to_owned(),
        "{\"expiration\": \"2199-01-01T00:00:00Z\", \"conditions\": [[\"content-length-range\", 0]]}".to_owned(),
        "{\"expiration\": \"2199-01-01T00:00:00Z\", \"conditions\": [[\"like\", \"$key\", \"\"]]}".to_owned(),
    ] {
        signed(&server, &STANDARD.encode(&policy), &fields, "x").await.expect_error(400, "InvalidPolicyDocument");
    }
    signed(&server, "%%%", &fields, "x").await.expect_error(400, "InvalidPolicyDocument");
    let expired = STANDARD.encode(format!("{{\"expiration\": \"2001-01-01T00:00:00Z\", \"conditions\": [{ANY}]}}"));
    signed(&server, &expired, &fields, "x").await.expect_error(403, "AccessDenied");
    server.get("/bkt/k").await.expect_error(404, "NoSuchKey");
}

#[tokio::test]
async fn who_signed_the_policy_must_be_known_and_allowed() {
    let server = Server::with_bucket().await;
    let policy = STANDARD.encode(format!("{{\"expiration\": \"2199-01-01T00:00:00Z\", \"conditions\": [{ANY}]}}"));
    let right = signature(SECRET, &policy);
    let ask = async |fields: &[(&str, &str)]| send(&server, body(&[&[("key", "k")], fields].concat(), "x")).await;
    ask(&[]).await.expect_error(403, "AccessDenied");
    let signing = |key, signature| [("AWSAccessKeyId", key), ("policy", policy.as_str()), ("signature", signature)];
    ask(&signing("nobody", &right)).await.expect_error(403, "InvalidAccessKeyId");
    let forged = signature("other", &policy);
    ask(&signing(KEY, &forged)).await.expect_error(403, "SignatureDoesNotMatch");
    ask(&signing(KEY, "")).await.expect_error(403, "SignatureDoesNotMatch");
    ask(&signing(KEY, &right)[..2]).await.expect_error(400, "MissingFields");
    ask(&signing(KEY, &right)[..1]).await.expect_error(400, "MissingFields");
    ask(&signing(KEY, &right)[1..]).await.expect_error(400, "MissingFields");
    server.iam.put_user("reader", base::Secret::new("reader-secret"), true).await.expect("a user is made");
    let theirs = signature("reader-secret", &policy);
    ask(&signing("reader", &theirs)).await.expect_error(403, "AccessDenied");
    server.get("/bkt/k").await.expect_error(404, "NoSuchKey");
    ask(&signing(KEY, &right)).await.expect(204);
}

#[tokio::test]
async fn what_is_no_form_is_refused_and_stores_nothing() {
    let server = Server::with_bucket().await;
    let policy = STANDARD.encode(format!("{{\"expiration\": \"2199-01-01T00:00:00Z\", \"conditions\": [{ANY}]}}"));
    let right = signature(SECRET, &policy);
    let fields = [("key", "k"), ("AWSAccessKeyId", KEY), ("policy", policy.as_str()), ("signature", &right)];
    let whole = body(&fields, "the file");
    for cut in [0, 10, 60, whole.find("name=\"file\"").unwrap() - 60] {
        send(&server, whole[..cut].to_owned()).await.expect_error(400, "MalformedPOSTRequest");
    }
    // The file's end is missing.
    send(&server, whole[..whole.len() - BOUNDARY.len()].to_owned()).await.expect_error(400, "IncompleteBody");
    send(&server, body(&fields[1..], "x")).await.expect_error(400, "MalformedPOSTRequest");
    send(&server, body(&[("key", ""), fields[1], fields[2], fields[3]], "x"))
        .await
        .expect_error(400, "MalformedPOSTRequest");
    let large = "x".repeat(2 << 20);
    send(&server, body(&[("key", "k"), ("x-ignore-a", &large)], "x"))
        .await
        .expect_error(400, "MaxPostPreDataLengthExceeded");
    let no_boundary = server.ask(Method::POST, "/bkt").header("content-type", "multipart/form-data").anonymous();
    no_boundary.body("x").send().await.expect_error(400, "MalformedPOSTRequest");
    let checksum = [&fields[..], &[("x-amz-checksum-crc32", "AAAAAA==")]].concat();
    send(&server, body(&checksum, "the file")).await.expect_error(400, "BadDigest");
    server.get("/bkt/k").await.expect_error(404, "NoSuchKey");
    send(&server, whole).await.expect(204);
}
