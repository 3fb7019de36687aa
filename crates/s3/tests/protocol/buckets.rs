//! Buckets over the protocol.

use crate::server::Server;
use http::Method;
use rustfs_s3::S3Config;
use service::Rules;

#[tokio::test]
async fn a_bucket_lives_from_put_to_delete() {
    let server = Server::start().await;
    let made = server.put("/bkt", "").await.expect(200);
    assert_eq!(made.header("location"), "/bkt");
    server.put("/bkt", "").await.expect_error(409, "BucketAlreadyOwnedByYou");
    server.ask(Method::PUT, "/bkt").header("x-minio-force-create", "true").send().await.expect(200);
    server.head("/bkt").await.expect(200);
    let listed = server.get("/").await.expect(200);
    assert_eq!(listed.elements("Name"), ["bkt"]);
    assert_eq!(listed.element("DisplayName"), "minio");
    server.put("/bkt/key", "x").await.expect(200);
    server.delete("/bkt").await.expect_error(409, "BucketNotEmpty");
    server.delete("/bkt/key").await.expect(204);
    server.delete("/bkt").await.expect(204);
    let gone = server.head("/bkt").await.expect(404);
    assert_eq!(gone.header("x-minio-error-code"), "NoSuchBucket");
    assert_eq!(gone.header("x-minio-error-desc"), "\"The specified bucket does not exist\"");
    server.get("/bkt").await.expect_error(404, "NoSuchBucket");
    server.delete("/bkt").await.expect_error(404, "NoSuchBucket");
}

#[tokio::test]
async fn in_the_classic_region_a_bucket_is_made_again_by_its_owner() {
    let rules = Rules { region: "us-east-1".to_owned(), ..Rules::default() };
    let server = Server::start_with(S3Config::default(), rules).await;
    server.put("/bkt", "").await.expect(200);
    server.put("/bkt/key", "x").await.expect(200);
    server.put("/bkt", "").await.expect(200);
    assert_eq!(server.get("/bkt").await.elements("Key"), ["key"], "nothing is lost");
    let public = || server.ask(Method::PUT, "/bkt").header("x-amz-acl", "public-read").send();
    public().await.expect_error(409, "BucketAlreadyExists");
    server.delete("/bkt/key").await.expect(204);
    server.delete("/bkt").await.expect(204);
    public().await.expect(200);
    server.put("/bkt", "").await.expect_error(409, "BucketAlreadyExists");
}

#[tokio::test]
async fn whoever_has_no_signature_learns_that_a_bucket_is_missing() {
    let server = Server::with_bucket().await;
    let ask = |method, path: &'static str| server.ask(method, path).anonymous().send();
    for method in [Method::GET, Method::PUT, Method::DELETE] {
        ask(method.clone(), "/nobkt/key").await.expect_error(404, "NoSuchBucket");
        ask(method, "/bkt/key").await.expect_error(403, "AccessDenied");
    }
    ask(Method::PUT, "/nobkt").await.expect_error(403, "AccessDenied");
}

#[tokio::test]
async fn buckets_can_be_listed_in_pages() {
    let server = Server::start().await;
    for name in ["a-one", "a-two", "b-one"] {
        server.put(&format!("/{name}"), "").await.expect(200);
    }
    let first = server.get("/?max-buckets=2").await.expect(200);
    assert_eq!(first.elements("Name"), ["a-one", "a-two"]);
    let token = first.element("ContinuationToken").replace('=', "%3D");
    let second = server.get(&format!("/?max-buckets=2&continuation-token={token}")).await.expect(200);
    assert_eq!((second.elements("Name"), second.element("ContinuationToken")), (vec!["b-one".into()], String::new()));
    let exact = server.get("/?max-buckets=2&prefix=a-").await.expect(200);
    assert_eq!((exact.elements("Name").len(), exact.element("ContinuationToken")), (2, String::new()));
    for bad in ["0", "10001", "x", "-1"] {
        server.get(&format!("/?max-buckets={bad}")).await.expect_error(400, "InvalidArgument");
    }
}

#[tokio::test]
async fn every_answer_carries_the_common_headers() {
    let server =
        Server::start_with(S3Config::default(), Rules { region: "us-east-1".to_owned(), ..Rules::default() }).await;
    for seen in [server.get("/").await, server.get("/nobucket").await] {
        assert!(!seen.header("x-amz-request-id").is_empty());
        assert_eq!(seen.header("x-amz-id-2").len(), 64);
        assert_eq!(seen.header("x-content-type-options"), "nosniff");
        assert_eq!(seen.header("x-amz-bucket-region"), "us-east-1");
        assert_eq!(seen.header("content-type"), "application/xml");
    }
}

#[tokio::test]
async fn a_bucket_must_be_where_the_server_is() {
    let server =
        Server::start_with(S3Config::default(), Rules { region: "us-east-1".to_owned(), ..Rules::default() }).await;
    let place = |region: &str| {
        format!(
            "<CreateBucketConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
             <LocationConstraint>{region}</LocationConstraint></CreateBucketConfiguration>"
        )
    };
    let wrong = server.put("/bkt", place("eu-west-1")).await.expect_error(400, "InvalidRegion");
    assert!(wrong.text().contains("expecting &#39;us-east-1&#39;"));
    server.put("/bkt", "<Other/>").await.expect_error(400, "MalformedXML");
    server.put("/bkt", place("us-east-1")).await.expect(200);
    let location = server.get("/bkt?location").await.expect(200);
    assert!(location.text().ends_with(">us-east-1</LocationConstraint>"));
}

#[tokio::test]
async fn names_are_checked_before_anything_else() {
    let server = Server::start().await;
    server.put("/Bad_Name", "").await.expect_error(400, "InvalidBucketName");
    server.put("/minio", "").await.expect_error(403, "AllAccessDisabled");
    server.get("/bkt/../etc").await.expect_error(400, "XMinioInvalidResourceName");
    server.post("/bkt/key", "").await.expect_error(400, "BadRequest");
}

#[tokio::test]
async fn only_who_signed_may_do_anything() {
    let server = Server::with_bucket().await;
    for path in ["/", "/bkt", "/bkt/key", "/bkt?torrent", "/bkt/key?torrent"] {
        server.ask(Method::GET, path).anonymous().send().await.expect_error(403, "AccessDenied");
    }
    server.ask(Method::GET, "/").header("authorization", "Basic x").anonymous().send().await.expect(400);
    let forged = server.ask(Method::GET, "/").header("x-amz-content-sha256", "0".repeat(63)).send().await;
    forged.expect_error(400, "XAmzContentSHA256Mismatch");
}

#[tokio::test]
async fn sub_resources_that_are_not_there_do_no_harm() {
    let server = Server::with_bucket().await;
    for name in ["notification", "replication", "metadataTable"] {
        server.put(&format!("/bkt?{name}"), "").await.expect_error(501, "NotImplemented");
        server.put(&format!("/other?{name}"), "").await.expect_error(501, "NotImplemented");
    }
    server.delete("/bkt?logging").await.expect_error(501, "NotImplemented");
    server.head("/bkt").await.expect(200);
    server.head("/other").await.expect(404);
}

#[tokio::test]
async fn what_was_never_configured_has_its_own_errors() {
    let server = Server::with_bucket().await;
    for (name, code) in [
        ("policy", "NoSuchBucketPolicy"),
        ("ownershipControls", "OwnershipControlsNotFoundError"),
        ("publicAccessBlock", "NoSuchPublicAccessBlockConfiguration"),
        ("lifecycle", "NoSuchLifecycleConfiguration"),
        ("encryption", "ServerSideEncryptionConfigurationNotFoundError"),
        ("object-lock", "ObjectLockConfigurationNotFoundError"),
        ("replication", "ReplicationConfigurationNotFoundError"),
        ("tagging", "NoSuchTagSet"),
        ("cors", "NoSuchCORSConfiguration"),
        ("website", "NoSuchWebsiteConfiguration"),
    ] {
        server.get(&format!("/bkt?{name}")).await.expect_error(404, code);
        server.get(&format!("/nobucket?{name}")).await.expect_error(404, "NoSuchBucket");
    }
    for (name, root) in [
        ("versioning", "VersioningConfiguration"),
        ("notification", "NotificationConfiguration"),
        ("accelerate", "AccelerateConfiguration"),
        ("logging", "BucketLoggingStatus"),
        ("location", "LocationConstraint"),
    ] {
        let seen = server.get(&format!("/bkt?{name}")).await.expect(200);
        let expected = format!("<{root} xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\"></{root}>");
        assert!(seen.text().ends_with(&expected), "{}", seen.text());
    }
    assert_eq!(server.get("/bkt?policyStatus").await.expect(200).element("IsPublic"), "false");
    assert_eq!(server.get("/bkt?requestPayment").await.expect(200).element("Payer"), "BucketOwner");
    assert_eq!(server.get("/bkt?acl").await.expect(200).element("Permission"), "FULL_CONTROL");
}

#[tokio::test]
async fn bucket_tags_are_kept() {
    let server = Server::with_bucket().await;
    let document = "<Tagging><TagSet><Tag><Key>k</Key><Value>v</Value></Tag></TagSet></Tagging>";
    server.put("/bkt?tagging", document).await.expect(200);
    assert!(server.get("/bkt?tagging").await.expect(200).text().ends_with(document));
    server.delete("/bkt?tagging").await.expect(204);
    server.get("/bkt?tagging").await.expect_error(404, "NoSuchTagSet");
}

#[tokio::test]
async fn versioning_is_switched_by_a_document() {
    let server = Server::with_bucket().await;
    server.versioning("Enabled").await;
    assert_eq!(server.get("/bkt?versioning").await.expect(200).element("Status"), "Enabled");
    server.versioning("Suspended").await;
    assert_eq!(server.get("/bkt?versioning").await.expect(200).element("Status"), "Suspended");
    server.put("/bkt?versioning", "").await.expect_error(400, "MalformedXML");
    server.put("/bkt?versioning", "<VersioningConfiguration>").await.expect_error(400, "MalformedXML");
    let document = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    server.put("/nobucket?versioning", document).await.expect_error(404, "NoSuchBucket");
}

#[tokio::test]
async fn a_bucket_can_be_deleted_with_all_that_is_in_it() {
    let server = Server::with_bucket().await;
    server.put("/bkt/a/b", "x").await.expect(200);
    server.ask(Method::DELETE, "/bkt").header("x-minio-force-delete", "true").send().await.expect(204);
    server.head("/bkt").await.expect(404);
    server.ask(Method::DELETE, "/bkt").header("x-minio-force-delete", "true").send().await.expect(204);
}

#[tokio::test]
async fn a_host_below_a_domain_names_the_bucket() {
    let config = S3Config { domains: vec!["s3.test".to_owned()], ..S3Config::default() };
    let server = Server::start_with(config, Rules::default()).await;
    server.ask(Method::PUT, "/").header("host", "bkt.s3.test").send().await.expect(200);
    server.ask(Method::PUT, "/key").header("host", "bkt.s3.test").body("x").send().await.expect(200);
    assert_eq!(server.get("/bkt/key").await.expect(200).text(), "x");
    assert_eq!(server.ask(Method::GET, "/").header("host", "s3.test").send().await.elements("Name"), ["bkt"]);
}

#[tokio::test]
async fn browsers_are_told_what_they_may_do() {
    let config = S3Config { cors_origins: vec!["*".to_owned()], ..S3Config::default() };
    let server = Server::start_with(config, Rules::default()).await;
    let asked = server
        .ask(Method::OPTIONS, "/bkt/key")
        .anonymous()
        .header("origin", "https://a.test")
        .header("access-control-request-method", "PUT");
    let seen = asked.send().await.expect(204);
    assert_eq!(seen.header("access-control-allow-origin"), "https://a.test");
    assert_eq!(seen.header("access-control-allow-methods"), "PUT");
    server.ask(Method::OPTIONS, "/").anonymous().send().await.expect_error(400, "BadRequest");
}
