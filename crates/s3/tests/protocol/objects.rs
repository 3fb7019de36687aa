//! Objects over the protocol: written, read, described, copied, deleted.

use crate::server::{Server, md5};
use http::Method;

const HELLO_ETAG: &str = "\"5eb63bbbe01eeed093cb22bb8f5acdc3\"";

#[tokio::test]
async fn an_object_comes_back_as_it_was_put() {
    let server = Server::with_bucket().await;
    let put = server
        .ask(Method::PUT, "/bkt/a/b%20c")
        .header("content-type", "text/plain")
        .header("cache-control", "no-cache")
        .header("content-encoding", "aws-chunked,gzip")
        .header("expires", "Mon, 02 Jan 2040 03:04:05 GMT")
        .header("x-amz-meta-plain", "value")
        .header("x-amz-meta-utf", "öä")
        .header("x-amz-tagging", "k=v&x=y%20z")
        .body("hello world")
        .send()
        .await
        .expect(200);
    assert_eq!(put.header("etag"), HELLO_ETAG);
    assert_eq!(put.header("x-amz-version-id"), "");
    let get = server.get("/bkt/a/b%20c").await.expect(200);
    let head = server.head("/bkt/a/b%20c").await.expect(200);
    assert_eq!(get.text(), "hello world");
    assert_eq!(head.header("content-length"), "11");
    for seen in [get, head] {
        for (name, value) in [
            ("etag", HELLO_ETAG),
            ("content-type", "text/plain"),
            ("cache-control", "no-cache"),
            ("content-encoding", "gzip"),
            ("expires", "Mon, 02 Jan 2040 03:04:05 GMT"),
            ("x-amz-meta-plain", "value"),
            ("x-amz-meta-utf", "=?UTF-8?q?=C3=B6=C3=A4?="),
            ("x-amz-tagging-count", "2"),
            ("accept-ranges", "bytes"),
            ("x-amz-storage-class", ""),
        ] {
            assert_eq!(seen.header(name), value, "{name}");
        }
        assert!(seen.header("last-modified").ends_with(" GMT"));
    }
}

#[tokio::test]
async fn a_missing_object_has_no_key() {
    let server = Server::with_bucket().await;
    let seen = server.get("/bkt/nope").await.expect_error(404, "NoSuchKey");
    assert_eq!((seen.element("Key"), seen.element("BucketName")), ("nope".into(), "bkt".into()));
    assert_eq!(seen.element("Resource"), "/bkt/nope");
    let seen = server.head("/bkt/nope").await.expect(404);
    assert_eq!(seen.header("x-minio-error-code"), "NoSuchKey");
    server.get("/nobucket/nope").await.expect_error(404, "NoSuchBucket");
    server.delete("/bkt/nope").await.expect(204);
}

#[tokio::test]
async fn ranges_and_parts_are_partial() {
    let server = Server::with_bucket().await;
    server.put("/bkt/key", "0123456789").await.expect(200);
    server.put("/bkt/empty", "").await.expect(200);
    let range = |range: &'static str| server.ask(Method::GET, "/bkt/key").header("range", range).send();
    for (asked, body, content_range) in [
        ("bytes=2-4", "234", "bytes 2-4/10"),
        ("bytes=7-", "789", "bytes 7-9/10"),
        ("bytes=-2", "89", "bytes 8-9/10"),
        ("bytes=-20", "0123456789", "bytes 0-9/10"),
        ("bytes=8-100", "89", "bytes 8-9/10"),
    ] {
        let seen = range(asked).await.expect(206);
        assert_eq!((seen.text().as_str(), seen.header("content-range")), (body, content_range));
    }
    range("bytes=1-2,4-5").await.expect(200);
    let seen = range("bytes=10-").await.expect_error(416, "InvalidRange");
    assert_eq!((seen.element("ActualObjectSize"), seen.element("RangeRequested")), ("10".into(), "10--1".into()));
    range("bytes=5-2").await.expect_error(416, "InvalidRange");
    let empty = server.ask(Method::GET, "/bkt/empty").header("range", "bytes=0-").send().await;
    empty.expect_error(416, "InvalidRange");

    let part = server.get("/bkt/key?partNumber=1").await.expect(206);
    assert_eq!(part.header("content-range"), "bytes 0-9/10");
    assert_eq!(part.header("x-amz-mp-parts-count"), "");
    server.get("/bkt/key?partNumber=2").await.expect_error(416, "InvalidPartNumber");
    let seen = server.head("/bkt/key?partNumber=2").await.expect(416);
    assert_eq!(seen.header("x-minio-error-code"), "");
    let both = server.ask(Method::GET, "/bkt/key?partNumber=1").header("range", "bytes=0-1").send().await;
    both.expect_error(400, "InvalidRequest");
}

#[tokio::test]
async fn conditions_on_reads_hold() {
    let server = Server::with_bucket().await;
    server.put("/bkt/key", "hello world").await.expect(200);
    let ask = |name: &'static str, value: &'static str| server.ask(Method::GET, "/bkt/key").header(name, value).send();
    let seen = ask("if-none-match", HELLO_ETAG).await.expect(304);
    assert_eq!((seen.header("etag"), seen.body.len()), (HELLO_ETAG, 0));
    ask("if-none-match", "\"other\"").await.expect(200);
    ask("if-match", HELLO_ETAG).await.expect(200);
    ask("if-match", "\"other\"").await.expect_error(412, "PreconditionFailed");
    ask("if-modified-since", "Fri, 01 Jan 2100 00:00:00 GMT").await.expect(304);
    ask("if-unmodified-since", "Fri, 01 Jan 1999 00:00:00 GMT").await.expect_error(412, "PreconditionFailed");
    let head = server.ask(Method::HEAD, "/bkt/key").header("if-match", "x").send().await.expect(412);
    assert_eq!(head.header("x-minio-error-code"), "");
}

#[tokio::test]
async fn conditions_on_writes_hold() {
    let server = Server::with_bucket().await;
    let put = |name: &'static str, value: &'static str| {
        server.ask(Method::PUT, "/bkt/key").header(name, value).body("hello world").send()
    };
    put("if-match", HELLO_ETAG).await.expect_error(404, "NoSuchKey");
    put("if-none-match", "*").await.expect(200);
    put("if-none-match", "*").await.expect_error(412, "PreconditionFailed");
    put("if-match", "\"other\"").await.expect_error(412, "PreconditionFailed");
    put("if-match", HELLO_ETAG).await.expect(200);
}

#[tokio::test]
async fn a_query_may_replace_headers_of_the_answer() {
    let server = Server::with_bucket().await;
    server.put("/bkt/key", "x").await.expect(200);
    let seen = server
        .get("/bkt/key?response-content-type=text%2Fcsv&response-content-disposition=attachment&response-expires=never")
        .await
        .expect(200);
    assert_eq!(seen.header("content-type"), "text/csv");
    assert_eq!(seen.header("content-disposition"), "attachment");
    assert_eq!(seen.header("expires"), "never");
}

#[tokio::test]
async fn bodies_are_what_they_were_announced_to_be() {
    let server = Server::with_bucket().await;
    let put = |name: &'static str, value: &'static str| {
        server.ask(Method::PUT, "/bkt/key").header(name, value).body("hello world").send()
    };
    put("content-md5", "1B2M2Y8AsgTpgAmY7PhCfg==").await.expect_error(400, "BadDigest");
    put("content-md5", "short").await.expect_error(400, "InvalidDigest");
    put("x-amz-checksum-crc32", "AAAAAA==").await.expect_error(400, "BadDigest");
    put("x-amz-checksum-crc32", "AA==").await.expect_error(400, "BadDigest");
    let zeros = "0000000000000000000000000000000000000000000000000000000000000000";
    put("x-amz-content-sha256", zeros).await.expect_error(400, "XAmzContentSHA256Mismatch");
    put("x-amz-server-side-encryption", "AES256").await.expect_error(501, "NotImplemented");
    put("x-amz-storage-class", "GLACIER").await.expect_error(400, "InvalidStorageClass");
    put("x-amz-tagging", "a=b&a=c").await.expect_error(400, "InvalidTag");
    server.get("/bkt/key").await.expect_error(404, "NoSuchKey");
}

#[tokio::test]
async fn checksums_are_stored_and_shown_when_asked_for() {
    let server = Server::with_bucket().await;
    let put = server.ask(Method::PUT, "/bkt/key").header("x-amz-checksum-crc32", "DUoRhQ==").body("hello world");
    let put = put.send().await.expect(200);
    assert_eq!((put.header("x-amz-checksum-crc32"), put.header("x-amz-checksum-type")), ("DUoRhQ==", "FULL_OBJECT"));
    assert_eq!(server.head("/bkt/key").await.header("x-amz-checksum-crc32"), "");
    let asked = || server.ask(Method::GET, "/bkt/key").header("x-amz-checksum-mode", "ENABLED");
    assert_eq!(asked().send().await.expect(200).header("x-amz-checksum-crc32"), "DUoRhQ==");
    assert_eq!(asked().header("range", "bytes=0-1").send().await.expect(206).header("x-amz-checksum-crc32"), "");
}

/// Values of "hello world" from the algorithms' own tools.
#[tokio::test]
async fn every_algorithm_of_checksums_is_known() {
    const VALUES: [(&str, &str, &str); 10] = [
        ("x-amz-checksum-crc32", "DUoRhQ==", "CRC32"),
        ("x-amz-checksum-crc32c", "yZRlqg==", "CRC32C"),
        ("x-amz-checksum-crc64nvme", "jSnVw/bqjr4=", "CRC64NVME"),
        ("x-amz-checksum-sha1", "Kq5sNclPz7QV2+lfQIuc6R7oRu0=", "SHA1"),
        ("x-amz-checksum-sha256", "uU0nuZNNPgilLlLX2n2r+sSE7+N6U4DukIj3rOLvzek=", "SHA256"),
        (
            "x-amz-checksum-sha512",
            "MJ7MSJwS1utMxA9QyQLytNDtd+5RGnx6m808qG1M2G+YndNbxf9JlnDaNCVbRbDP2DDoH2Bdz33FVC6TrpzXbw==",
            "SHA512",
        ),
        ("x-amz-checksum-md5", "XrY7u+Ae7tCTyyK7j1rNww==", "MD5"),
        ("x-amz-checksum-xxhash64", "RatnNLIeaWg=", "XXHASH64"),
        ("x-amz-checksum-xxhash3", "1Eex6kDmmIs=", "XXHASH3"),
        ("x-amz-checksum-xxhash128", "340J6T+HSQCpm4d1zBW2xw==", "XXHASH128"),
    ];
    let server = Server::with_bucket().await;
    for (field, value, name) in VALUES {
        let put = |body: &'static str| server.ask(Method::PUT, "/bkt/key").header(field, value).body(body).send();
        put("hello World").await.expect_error(400, "BadDigest");
        assert_eq!(put("hello world").await.expect(200).header(field), value);
        let seen = server.ask(Method::HEAD, "/bkt/key").header("x-amz-checksum-mode", "ENABLED").send().await;
        assert_eq!((seen.header(field), seen.header("x-amz-checksum-type")), (value, "FULL_OBJECT"));
        let copied = server.ask(Method::PUT, "/bkt/copy").header("x-amz-copy-source", "/bkt/key").send().await;
        assert_eq!(copied.expect(200).element(&format!("Checksum{name}")), value);
        let made = server.ask(Method::PUT, "/bkt/made").header("x-amz-copy-source", "/bkt/key");
        let made = made.header("x-amz-checksum-algorithm", name).send().await.expect(200);
        assert_eq!(made.element(&format!("Checksum{name}")), value);
    }
}

#[tokio::test]
async fn chunks_and_trailers_are_taken_off() {
    let server = Server::with_bucket().await;
    let chunked = |trailer: &str| {
        let body = format!("5\r\nhello\r\n6\r\n world\r\n0\r\n{trailer}\r\n");
        server
            .ask(Method::PUT, "/bkt/key")
            .header("x-amz-content-sha256", "STREAMING-UNSIGNED-PAYLOAD-TRAILER")
            .header("x-amz-decoded-content-length", "11")
            .header("x-amz-trailer", "x-amz-checksum-crc32")
            .header("content-encoding", "aws-chunked")
            .body(body)
            .send()
    };
    chunked("x-amz-checksum-crc32:AAAAAA==\r\n").await.expect_error(400, "BadDigest");
    chunked("").await.expect_error(400, "MalformedTrailerError");
    let put = chunked("x-amz-checksum-crc32:DUoRhQ==\r\n").await.expect(200);
    assert_eq!(put.header("x-amz-checksum-crc32"), "DUoRhQ==");
    let get = server.get("/bkt/key").await.expect(200);
    assert_eq!((get.text().as_str(), get.header("content-encoding")), ("hello world", ""));
}

#[tokio::test]
async fn a_copy_keeps_or_replaces() {
    let server = Server::with_bucket().await;
    let put = server.ask(Method::PUT, "/bkt/from").header("x-amz-meta-a", "1").header("x-amz-tagging", "t=1");
    put.header("content-type", "text/plain").body("hello world").send().await.expect(200);
    let copy = |to: &'static str| server.ask(Method::PUT, to).header("x-amz-copy-source", "/bkt/from");
    let kept = copy("/bkt/kept").send().await.expect(200);
    assert_eq!(kept.element("ETag"), "&#34;5eb63bbbe01eeed093cb22bb8f5acdc3&#34;");
    let seen = server.get("/bkt/kept").await.expect(200);
    assert_eq!(seen.text(), "hello world");
    assert_eq!((seen.header("x-amz-meta-a"), seen.header("content-type")), ("1", "text/plain"));
    assert_eq!(seen.header("x-amz-tagging-count"), "1");

    let replaced = copy("/bkt/replaced").header("x-amz-metadata-directive", "REPLACE").header("x-amz-meta-b", "2");
    replaced.send().await.expect(200);
    let seen = server.head("/bkt/replaced").await.expect(200);
    assert_eq!((seen.header("x-amz-meta-a"), seen.header("x-amz-meta-b")), ("", "2"));
    assert_eq!(seen.header("content-type"), "binary/octet-stream");

    copy("/bkt/from").send().await.expect_error(400, "InvalidRequest");
    copy("/bkt/x").header("x-amz-metadata-directive", "OTHER").send().await.expect_error(400, "InvalidArgument");
    copy("/bkt/x").header("x-amz-copy-source-if-match", "no").send().await.expect_error(412, "PreconditionFailed");
    copy("/bkt/x").header("x-amz-copy-source-if-none-match", HELLO_ETAG).send().await.expect(412);
    let missing = server.ask(Method::PUT, "/bkt/x").header("x-amz-copy-source", "/bkt/nope").send().await;
    assert_eq!(missing.expect_error(404, "NoSuchKey").element("Key"), "nope");
    let wrong = server.ask(Method::PUT, "/bkt/x").header("x-amz-copy-source", "nothing").send().await;
    wrong.expect_error(400, "InvalidArgument");
}

#[tokio::test]
async fn tags_are_read_written_and_removed() {
    let server = Server::with_bucket().await;
    server.put("/bkt/key", "x").await.expect(200);
    assert!(server.get("/bkt/key?tagging").await.expect(200).text().ends_with("<Tagging><TagSet></TagSet></Tagging>"));
    let document = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";
    server.put("/bkt/key?tagging", document).await.expect(200);
    assert!(server.get("/bkt/key?tagging").await.expect(200).text().ends_with(document));
    assert_eq!(server.head("/bkt/key").await.header("x-amz-tagging-count"), "1");
    server.delete("/bkt/key?tagging").await.expect(204);
    assert_eq!(server.head("/bkt/key").await.header("x-amz-tagging-count"), "");
    server.put("/bkt/key?tagging", "").await.expect_error(400, "MalformedXML");
    server.put("/bkt/nope?tagging", document).await.expect_error(404, "NoSuchKey");
}

#[tokio::test]
async fn many_keys_are_deleted_at_once() {
    let server = Server::with_bucket().await;
    for key in ["a", "b&c", "d"] {
        server.put(&format!("/bkt/{}", key.replace('&', "%26")), "x").await.expect(200);
    }
    let delete = |document: &'static str| {
        server.ask(Method::POST, "/bkt?delete").header("content-md5", md5(document)).body(document).send()
    };
    let seen = delete(
        "<Delete><Object><Key>a</Key></Object><Object><Key>nope</Key></Object><Object><Key>b&amp;c</Key></Object>\
         <Object><Key>d</Key><VersionId>abc</VersionId></Object></Delete>",
    )
    .await
    .expect(200);
    assert_eq!(seen.elements("Key"), ["a", "nope", "b&amp;c", "d"]);
    assert_eq!((seen.elements("Code"), seen.elements("VersionId")), (vec!["NoSuchVersion".into()], vec!["abc".into()]));
    assert_eq!(server.get("/bkt").await.elements("Key"), ["d"]);

    let quiet = delete("<Delete><Quiet>true</Quiet><Object><Key>d</Key></Object></Delete>").await.expect(200);
    assert!(quiet.elements("Key").is_empty());
    server.post("/bkt?delete", "<Delete/>").await.expect_error(400, "MissingContentMD5");
    delete("<Delete></Delete>").await.expect_error(400, "MalformedXML");
    let forged = server.ask(Method::POST, "/bkt?delete").header("content-md5", md5("x")).body("<Delete/>").send().await;
    forged.expect_error(400, "BadDigest");
}

#[tokio::test]
async fn attributes_are_told_as_asked() {
    let server = Server::with_bucket().await;
    let put = server.ask(Method::PUT, "/bkt/key").header("x-amz-checksum-crc32", "DUoRhQ==").body("hello world");
    put.send().await.expect(200);
    let ask = |list: &'static str| {
        server.ask(Method::GET, "/bkt/key?attributes").header("x-amz-object-attributes", list).send()
    };
    let seen = ask("ETag,Checksum,ObjectParts,StorageClass,ObjectSize").await.expect(200);
    for (name, value) in [
        ("ETag", "5eb63bbbe01eeed093cb22bb8f5acdc3"),
        ("ChecksumCRC32", "DUoRhQ=="),
        ("ChecksumType", "FULL_OBJECT"),
        ("StorageClass", "STANDARD"),
        ("ObjectSize", "11"),
    ] {
        assert_eq!(seen.element(name), value, "{name}");
    }
    assert!(!seen.text().contains("ObjectParts"), "it was not uploaded in parts");
    let seen = ask("ObjectSize").await.expect(200);
    assert_eq!((seen.element("ObjectSize").as_str(), seen.element("ETag").as_str()), ("11", ""));
    let wrong = ask("ETag,Color").await.expect_error(400, "InvalidArgument");
    assert_eq!(wrong.element("ArgumentValue"), "Color");
    server.get("/bkt/key?attributes").await.expect_error(400, "InvalidArgument");
}

#[tokio::test]
async fn folders_and_long_names_follow_the_rules() {
    let server = Server::with_bucket().await;
    server.put("/bkt/dir/", "").await.expect(200);
    assert_eq!(server.head("/bkt/dir/").await.expect(200).header("content-length"), "0");
    server.head("/bkt/dir").await.expect(404);
    server.put(&format!("/bkt/{}", "k".repeat(1025)), "").await.expect_error(400, "KeyTooLongError");
    server.put("/bkt/a//b", "").await.expect_error(400, "XMinioInvalidObjectName");
    server.put(&format!("/bkt/{}", "k".repeat(256)), "").await.expect_error(400, "XMinioInvalidObjectName");
}

#[tokio::test]
async fn a_prefix_can_be_deleted_by_force() {
    let server = Server::with_bucket().await;
    for key in ["dir/a", "dir/b/c", "other"] {
        server.put(&format!("/bkt/{key}"), "x").await.expect(200);
    }
    server.ask(Method::DELETE, "/bkt/dir").header("x-minio-force-delete", "true").send().await.expect(204);
    assert_eq!(server.get("/bkt").await.elements("Key"), ["other"]);
}

#[tokio::test]
async fn a_time_of_modification_can_be_given() {
    let server = Server::with_bucket().await;
    let put = server.ask(Method::PUT, "/bkt/key").header("x-minio-source-mtime", "2001-02-03T04:05:06.789Z");
    put.body("x").send().await.expect(200);
    assert_eq!(server.head("/bkt/key").await.header("last-modified"), "Sat, 03 Feb 2001 04:05:06 GMT");
}
