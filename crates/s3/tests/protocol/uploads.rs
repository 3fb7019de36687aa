//! Multipart uploads over the protocol.

use crate::server::{Seen, Server};
use http::Method;

/// The least that a part other than the last may have.
const PART: usize = 5 << 20;

async fn begin(server: &Server, key: &str) -> String {
    let seen = server.post(&format!("/bkt/{key}?uploads"), "").await.expect(200);
    assert_eq!((seen.element("Bucket"), seen.element("Key")), ("bkt".into(), key.replace("%20", " ")));
    seen.element("UploadId")
}

async fn part(server: &Server, key: &str, id: &str, number: u32, body: Vec<u8>) -> String {
    let seen = server.put(&format!("/bkt/{key}?partNumber={number}&uploadId={id}"), body).await.expect(200);
    seen.header("etag").trim_matches('"').to_owned()
}

async fn complete(server: &Server, key: &str, id: &str, parts: &[(u32, &str)]) -> Seen {
    let part =
        |(number, etag): &(u32, &str)| format!("<Part><PartNumber>{number}</PartNumber><ETag>\"{etag}\"</ETag></Part>");
    let parts: String = parts.iter().map(part).collect();
    let document = format!("<CompleteMultipartUpload>{parts}</CompleteMultipartUpload>");
    server.post(&format!("/bkt/{key}?uploadId={id}"), document).await
}

#[tokio::test]
async fn an_upload_becomes_an_object() {
    let server = Server::with_bucket().await;
    let id = begin(&server, "a%20b").await;
    let first = part(&server, "a%20b", &id, 1, vec![b'x'; PART]).await;
    let last = part(&server, "a%20b", &id, 3, b"end".to_vec()).await;
    let done = complete(&server, "a%20b", &id, &[(1, &first), (3, &last)]).await.expect(200);
    assert_eq!(done.element("Location"), "http://127.0.0.1:9000/bkt/a%20b");
    assert!(done.element("ETag").ends_with("-2&#34;"));
    let seen = server.get("/bkt/a%20b").await.expect(200);
    assert_eq!(seen.body.len(), PART + 3);
    assert!(seen.header("etag").ends_with("-2\""));
    let part = server.get("/bkt/a%20b?partNumber=3").await.expect(206);
    assert_eq!((part.text().as_str(), part.header("x-amz-mp-parts-count")), ("end", "2"));
    assert_eq!(part.header("content-range"), "bytes 5242880-5242882/5242883");
    // Asked again, as clients do that missed the answer, it tells of the object; of others it knows nothing.
    let again = complete(&server, "a%20b", &id, &[(1, &first), (3, &last)]).await.expect(200);
    assert_eq!(again.element("ETag"), done.element("ETag"));
    complete(&server, "a%20b", &id, &[(1, &first)]).await.expect_error(404, "NoSuchUpload");
    let attributes = server.ask(Method::GET, "/bkt/a%20b?attributes");
    let attributes = attributes.header("x-amz-object-attributes", "ObjectParts").send().await.expect(200);
    assert_eq!(
        (attributes.element("PartsCount"), attributes.elements("PartNumber")),
        ("2".into(), vec!["1".into(), "3".into()])
    );
    server.delete(&format!("/bkt/a%20b?uploadId={id}")).await.expect(204);
}

#[tokio::test]
async fn a_completion_is_checked() {
    let server = Server::with_bucket().await;
    let id = begin(&server, "key").await;
    let first = part(&server, "key", &id, 1, b"small".to_vec()).await;
    let second = part(&server, "key", &id, 2, b"small".to_vec()).await;
    let done = |parts: &'static [(u32, &'static str)]| complete(&server, "key", &id, parts);
    done(&[]).await.expect(400);
    done(&[(1, "00000000000000000000000000000000")]).await.expect_error(400, "InvalidPart");
    done(&[(7, "00000000000000000000000000000000")]).await.expect_error(400, "InvalidPart");
    let ordered = [(1, first.as_str()), (2, second.as_str())];
    complete(&server, "key", &id, &ordered).await.expect_error(400, "EntityTooSmall");
    let backwards = [(2, second.as_str()), (1, first.as_str())];
    complete(&server, "key", &id, &backwards).await.expect_error(400, "InvalidPartOrder");
    let twice = [(1, first.as_str()), (1, first.as_str())];
    complete(&server, "key", &id, &twice).await.expect_error(400, "InvalidPartOrder");
    complete(&server, "key", &id, &[(1, &first)]).await.expect(200);
}

#[tokio::test]
async fn parts_and_uploads_are_listed() {
    let server = Server::with_bucket().await;
    let id = begin(&server, "dir/key").await;
    begin(&server, "other").await;
    for number in [1, 2, 5] {
        part(&server, "dir/key", &id, number, vec![b'x'; 10]).await;
    }
    let page = server.get(&format!("/bkt/dir/key?uploadId={id}&max-parts=2")).await.expect(200);
    assert_eq!(page.elements("PartNumber"), ["1", "2"]);
    assert_eq!((page.element("NextPartNumberMarker"), page.element("IsTruncated")), ("2".into(), "true".into()));
    let page = server.get(&format!("/bkt/dir/key?uploadId={id}&part-number-marker=2")).await.expect(200);
    assert_eq!((page.elements("PartNumber"), page.element("StorageClass")), (vec!["5".into()], "STANDARD".into()));
    server.get("/bkt/dir/key?uploadId=nonsense").await.expect_error(404, "NoSuchUpload");
    server.get(&format!("/bkt/dir/key?uploadId={id}&max-parts=x")).await.expect_error(400, "InvalidArgument");

    let uploads = server.get("/bkt?uploads").await.expect(200);
    assert_eq!(uploads.elements("Key"), ["dir/key", "other"]);
    let uploads = server.get("/bkt?uploads&delimiter=/").await.expect(200);
    assert_eq!(uploads.elements("Key"), ["other"]);
    assert!(uploads.text().contains("<CommonPrefixes><Prefix>dir/</Prefix></CommonPrefixes>"));
    let uploads = server.get("/bkt?uploads&prefix=dir/").await.expect(200);
    assert_eq!(uploads.elements("UploadId"), [id.as_str()]);
    let uploads = server.get("/bkt?uploads&max-uploads=1").await.expect(200);
    assert_eq!((uploads.elements("Key"), uploads.element("IsTruncated")), (vec!["dir/key".into()], "true".into()));
    assert_eq!(uploads.element("NextKeyMarker"), "dir/key");
    server.get("/bkt?uploads&max-uploads=-1").await.expect_error(400, "InvalidArgument");
}

#[tokio::test]
async fn an_aborted_upload_is_gone() {
    let server = Server::with_bucket().await;
    let id = begin(&server, "key").await;
    server.delete(&format!("/bkt/key?uploadId={id}")).await.expect(204);
    server.get(&format!("/bkt/key?uploadId={id}")).await.expect_error(404, "NoSuchUpload");
    server.put(&format!("/bkt/key?partNumber=1&uploadId={id}"), "x").await.expect_error(404, "NoSuchUpload");
    server.delete("/bkt/key?uploadId=nonsense").await.expect_error(404, "NoSuchUpload");
    assert!(server.get("/bkt?uploads").await.elements("Key").is_empty());
}

#[tokio::test]
async fn numbers_of_parts_are_checked() {
    let server = Server::with_bucket().await;
    let id = begin(&server, "key").await;
    for (number, code) in
        [("0", "InvalidPart"), ("-1", "InvalidPart"), ("x", "InvalidPart"), ("10001", "InvalidArgument")]
    {
        server.put(&format!("/bkt/key?partNumber={number}&uploadId={id}"), "x").await.expect_error(400, code);
    }
}

#[tokio::test]
async fn a_part_can_be_copied() {
    let server = Server::with_bucket().await;
    server.put("/bkt/from", "0123456789").await.expect(200);
    let id = begin(&server, "key").await;
    let path = format!("/bkt/key?partNumber=1&uploadId={id}");
    let copy = |range: &'static str| {
        let ask = server.ask(Method::PUT, &path).header("x-amz-copy-source", "bkt/from");
        ask.header("x-amz-copy-source-range", range).send()
    };
    copy("0-9").await.expect_error(400, "InvalidArgument");
    copy("bytes=5-10").await.expect_error(416, "InvalidRange");
    let seen = copy("bytes=2-4").await.expect(200);
    let etag = seen.element("ETag").replace("&#34;", "");
    complete(&server, "key", &id, &[(1, &etag)]).await.expect(200);
    assert_eq!(server.get("/bkt/key").await.text(), "234");
}

#[tokio::test]
async fn checksums_of_parts_make_that_of_the_object() {
    let server = Server::with_bucket().await;
    let begun = server.ask(Method::POST, "/bkt/key?uploads").header("x-amz-checksum-algorithm", "CRC32");
    let begun = begun.send().await.expect(200);
    assert_eq!(begun.header("x-amz-checksum-algorithm"), "CRC32");
    assert_eq!(begun.header("x-amz-checksum-type"), "COMPOSITE");
    let id = begun.element("UploadId");
    let path = format!("/bkt/key?partNumber=1&uploadId={id}");
    server.put(&path, "hello world").await.expect_error(400, "InvalidArgument");
    let put = server.ask(Method::PUT, &path).header("x-amz-checksum-crc32", "DUoRhQ==").body("hello world");
    let put = put.send().await.expect(200);
    assert_eq!((put.header("x-amz-checksum-crc32"), put.header("x-amz-checksum-type")), ("DUoRhQ==", ""));
    let listed = server.get(&format!("/bkt/key?uploadId={id}")).await.expect(200);
    assert_eq!(
        (listed.element("ChecksumAlgorithm"), listed.element("ChecksumCRC32")),
        ("CRC32".into(), "DUoRhQ==".into())
    );
    let document = format!(
        "<CompleteMultipartUpload><Part><PartNumber>1</PartNumber><ETag>{}</ETag>\
         <ChecksumCRC32>DUoRhQ==</ChecksumCRC32></Part></CompleteMultipartUpload>",
        put.header("etag")
    );
    let done = server.post(&format!("/bkt/key?uploadId={id}"), document).await.expect(200);
    assert!(done.element("ChecksumCRC32").ends_with("-1"));
    assert_eq!(done.header("x-amz-checksum-type"), "COMPOSITE");
    let ask = |path| server.ask(Method::GET, path).header("x-amz-checksum-mode", "ENABLED");
    let part = ask("/bkt/key?partNumber=1").send().await.expect(206);
    assert_eq!((part.header("x-amz-checksum-crc32"), part.header("x-amz-checksum-type")), ("DUoRhQ==", "COMPOSITE"));
    let attributes = ask("/bkt/key?attributes").header("x-amz-object-attributes", "Checksum").send().await.expect(200);
    assert_eq!(attributes.element("ChecksumCRC32"), done.element("ChecksumCRC32"));
}
