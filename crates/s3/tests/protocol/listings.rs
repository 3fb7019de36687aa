//! Listings over the protocol.

use crate::server::Server;

async fn filled() -> Server {
    let server = Server::with_bucket().await;
    for key in ["a", "d/x", "d/y", "e%20f", "g/h/i", "z"] {
        server.put(&format!("/bkt/{key}"), "x").await.expect(200);
    }
    server
}

#[tokio::test]
async fn the_first_version_pages_by_marker() {
    let server = filled().await;
    let page = server.get("/bkt?delimiter=/&max-keys=2").await.expect(200);
    assert_eq!((page.elements("Key"), page.element("IsTruncated")), (vec!["a".into()], "true".into()));
    assert_eq!(page.elements("Prefix"), ["", "d/"]);
    assert_eq!((page.element("NextMarker"), page.element("MaxKeys")), ("d/".into(), "2".into()));
    assert!(page.text().contains("<Owner><ID>02d6176db174dc93cb1b899f7c6078f08654445fe8cf1b6ce98d8855f66bdbf4</ID>"));
    let page = server.get("/bkt?delimiter=/&max-keys=2&marker=d/%5Bminio_cache:v2,return:%5D").await.expect(200);
    assert_eq!((page.elements("Key"), page.elements("Prefix")), (vec!["e f".into()], vec!["".into(), "g/".into()]));
    let page = server.get("/bkt?delimiter=/&max-keys=2&marker=g/").await.expect(200);
    assert_eq!((page.elements("Key"), page.element("IsTruncated")), (vec!["z".into()], "false".into()));
    assert_eq!(page.element("NextMarker"), "");
}

#[tokio::test]
async fn the_second_version_pages_by_token() {
    let server = filled().await;
    let (mut keys, mut token) = (Vec::new(), String::new());
    for page in 0.. {
        let from = if page == 0 { String::new() } else { format!("&continuation-token={token}") };
        let seen = server.get(&format!("/bkt?list-type=2&max-keys=4{from}")).await.expect(200);
        keys.extend(seen.elements("Key"));
        token = seen.element("NextContinuationToken");
        assert_eq!(seen.elements("Owner").len(), 0);
        if seen.element("IsTruncated") == "false" {
            assert_eq!((page, seen.element("KeyCount")), (1, "2".into()));
            break;
        }
    }
    assert_eq!(keys, ["a", "d/x", "d/y", "e f", "g/h/i", "z"]);
    let seen = server.get("/bkt?list-type=2&start-after=e%20f&fetch-owner=true").await.expect(200);
    assert_eq!((seen.elements("Key"), seen.element("StartAfter")), (vec!["g/h/i".into(), "z".into()], "e f".into()));
    assert_eq!(seen.elements("DisplayName").len(), 2);
    server.get("/bkt?list-type=2&continuation-token=&max-keys=1").await.expect(200);
    server.get("/bkt?list-type=2&continuation-token=%25").await.expect_error(400, "InvalidArgument");
}

#[tokio::test]
async fn names_can_be_encoded() {
    let server = filled().await;
    let seen = server.get("/bkt?list-type=2&encoding-type=url&prefix=e%20&delimiter=/").await.expect(200);
    assert_eq!(seen.elements("Key"), ["e%20f"]);
    assert_eq!((seen.element("Prefix"), seen.element("EncodingType")), ("e%20".into(), "url".into()));
    server.get("/bkt?encoding-type=other").await.expect_error(400, "InvalidArgument");
    assert!(server.get("/bkt?prefix=e").await.text().contains("<Key>e f</Key>"));
}

#[tokio::test]
async fn sizes_of_pages_are_checked() {
    let server = filled().await;
    for bad in ["-1", "x", "2147483648"] {
        server.get(&format!("/bkt?max-keys={bad}")).await.expect_error(400, "InvalidArgument");
    }
    let none = server.get("/bkt?max-keys=0").await.expect(200);
    assert_eq!((none.elements("Key").len(), none.element("IsTruncated")), (0, "false".into()));
    let all = server.get("/bkt?max-keys=100000").await.expect(200);
    assert_eq!((all.elements("Key").len(), all.element("MaxKeys")), (6, "100000".into()));
    let exact = server.get("/bkt?max-keys=6").await.expect(200);
    assert_eq!(exact.element("IsTruncated"), "false");
}

#[tokio::test]
async fn versions_page_by_key_and_version() {
    let server = Server::with_bucket().await;
    server.versioning("Enabled").await;
    for key in ["a", "a", "a", "b/c"] {
        server.put(&format!("/bkt/{key}"), "x").await.expect(200);
    }
    let all = server.get("/bkt?versions").await.expect(200).elements("VersionId");
    let first = server.get("/bkt?versions&max-keys=2").await.expect(200);
    assert_eq!(first.elements("VersionId"), &all[..2]);
    assert_eq!((first.element("NextKeyMarker"), first.element("NextVersionIdMarker")), ("a".into(), all[1].clone()));
    let path = format!("/bkt?versions&max-keys=2&key-marker=a&version-id-marker={}", all[1]);
    let second = server.get(&path).await.expect(200);
    assert_eq!((second.elements("VersionId"), second.element("IsTruncated")), (all[2..].to_vec(), "false".into()));
    let skipped = server.get("/bkt?versions&key-marker=a&delimiter=/").await.expect(200);
    assert_eq!((skipped.elements("VersionId").len(), skipped.elements("Prefix")), (0, vec!["".into(), "b/".into()]));
    server.get(&format!("/bkt?versions&version-id-marker={}", all[0])).await.expect_error(400, "InvalidArgument");
}

#[tokio::test]
async fn metadata_is_listed_for_minios_clients() {
    let server = Server::with_bucket().await;
    let put = server.ask(http::Method::PUT, "/bkt/key").header("x-amz-meta-foo", "1 <2>");
    put.header("x-amz-tagging", "k=v").body("x").send().await.expect(200);
    let seen = server.get("/bkt?list-type=2&metadata=true").await.expect(200);
    assert_eq!(seen.element("X-Amz-Meta-Foo"), "1 &lt;2&gt;");
    assert_eq!(seen.element("content-type"), "binary/octet-stream");
    assert_eq!(seen.element("UserTags"), "k=v");
    assert_eq!((seen.element("K"), seen.element("M")), ("2".into(), "2".into()));
    assert_eq!(server.get("/bkt?list-type=2").await.element("UserTags"), "");
}
