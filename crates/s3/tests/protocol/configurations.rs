//! Configurations of buckets that MinIO doesn't know, and what those that are acted upon do.

use crate::server::{Seen, Server};
use http::Method;
use rustfs_s3::S3Config;
use serde_json::json;
use service::Rules;
use std::time::Duration;

const WEBSITE: &str = "<WebsiteConfiguration><IndexDocument><Suffix>index.html</Suffix></IndexDocument>\
    <ErrorDocument><Key>error.html</Key></ErrorDocument></WebsiteConfiguration>";

async fn metrics(server: &Server, id: &str) -> Seen {
    let document = format!("<MetricsConfiguration><Id>{id}</Id></MetricsConfiguration>");
    server.put(&format!("/bkt?metrics&id={id}"), document).await
}

#[tokio::test]
async fn a_website_is_kept_and_removed() {
    let server = Server::with_bucket().await;
    server.get("/bkt?website").await.expect_error(404, "NoSuchWebsiteConfiguration");
    server.put("/bkt?website", WEBSITE).await.expect(200);
    assert_eq!(server.get("/bkt?website").await.expect(200).element("Suffix"), "index.html");
    server.put("/bkt?website", "<WebsiteConfiguration/>").await.expect_error(400, "MalformedXML");
    let slash = WEBSITE.replace("index.html", "a/index.html");
    server.put("/bkt?website", slash).await.expect_error(400, "InvalidArgument");
    assert_eq!(server.get("/bkt?website").await.expect(200).element("Suffix"), "index.html");
    server.delete("/bkt?website").await.expect(204);
    server.delete("/bkt?website").await.expect(204);
    server.get("/bkt?website").await.expect_error(404, "NoSuchWebsiteConfiguration");
    server.put("/nobucket?website", WEBSITE).await.expect_error(404, "NoSuchBucket");
}

#[tokio::test]
async fn acceleration_is_kept_and_shown() {
    let server = Server::with_bucket().await;
    let status = |status: &str| format!("<AccelerateConfiguration><Status>{status}</Status></AccelerateConfiguration>");
    assert_eq!(server.get("/bkt?accelerate").await.expect(200).element("Status"), "");
    server.put("/bkt?accelerate", status("Enabled")).await.expect(200);
    server.put("/bkt?accelerate", status("Perhaps")).await.expect_error(400, "MalformedXML");
    assert_eq!(server.get("/bkt?accelerate").await.expect(200).element("Status"), "Enabled");
}

#[tokio::test]
async fn whoever_uses_a_bucket_whose_requesters_pay_says_so() {
    let server = Server::with_bucket().await;
    let payer =
        |payer: &str| format!("<RequestPaymentConfiguration><Payer>{payer}</Payer></RequestPaymentConfiguration>");
    assert_eq!(server.get("/bkt?requestPayment").await.expect(200).element("Payer"), "BucketOwner");
    server.put("/bkt?requestPayment", payer("Nobody")).await.expect_error(400, "MalformedXML");
    server.put("/bkt?requestPayment", payer("Requester")).await.expect(200);
    assert_eq!(server.get("/bkt?requestPayment").await.expect(200).element("Payer"), "Requester");
    server.put("/bkt/key", "text").await.expect(200);
    crate::access::user(&server, "bob", "readwrite").await;
    let ask = || server.ask(Method::GET, "/bkt/key").signed_by("bob", crate::access::SECRET, None);
    ask().send().await.expect_error(403, "AccessDenied");
    let paid = ask().header("x-amz-request-payer", "requester").send().await.expect(200);
    assert_eq!(paid.header("x-amz-request-charged"), "requester");
    server.put("/other", "").await.expect(200);
    let copy = || {
        let ask = server.ask(Method::PUT, "/other/copy").header("x-amz-copy-source", "/bkt/key");
        ask.signed_by("bob", crate::access::SECRET, None)
    };
    copy().send().await.expect_error(403, "AccessDenied");
    copy().header("x-amz-request-payer", "requester").send().await.expect(200);
    let anonymous = server.ask(Method::GET, "/bkt/key").anonymous().header("x-amz-request-payer", "requester");
    anonymous.send().await.expect_error(403, "AccessDenied");
    server.put("/bkt?requestPayment", payer("BucketOwner")).await.expect(200);
    assert_eq!(ask().send().await.expect(200).header("x-amz-request-charged"), "");
}

#[tokio::test]
async fn many_configurations_of_a_kind_are_kept_listed_and_removed() {
    let server = Server::with_bucket().await;
    server.get("/bkt?metrics&id=a").await.expect_error(404, "NoSuchConfiguration");
    for number in 0..120 {
        metrics(&server, &format!("m{number:03}")).await.expect(200);
    }
    metrics(&server, "a/b").await.expect_error(400, "MalformedXML");
    server.put("/bkt?metrics", "<MetricsConfiguration><Id>x</Id></MetricsConfiguration>").await.expect(400);
    server
        .put("/bkt?metrics&id=y", "<MetricsConfiguration><Id>x</Id></MetricsConfiguration>")
        .await
        .expect_error(400, "InvalidArgument");
    assert_eq!(server.get("/bkt?metrics&id=m007").await.expect(200).element("Id"), "m007");
    let first = server.get("/bkt?metrics").await.expect(200);
    assert_eq!((first.elements("Id").len(), first.element("IsTruncated").as_str()), (100, "true"));
    let next = first.element("NextContinuationToken").replace('=', "%3D");
    let second = server.get(&format!("/bkt?metrics&continuation-token={next}")).await.expect(200);
    assert_eq!((second.elements("Id").len(), second.element("IsTruncated").as_str()), (20, "false"));
    server.delete("/bkt?metrics&id=m007").await.expect(204);
    server.delete("/bkt?metrics&id=m007").await.expect_error(404, "NoSuchConfiguration");
    let inventory = server.get("/bkt?inventory").await.expect(200);
    assert_eq!(inventory.elements("Id").len(), 0, "kinds are apart");
}

fn logging(target: &str, format: &str) -> String {
    format!(
        "<BucketLoggingStatus><LoggingEnabled><TargetBucket>{target}</TargetBucket><TargetPrefix>logs/</TargetPrefix>\
         <TargetObjectKeyFormat>{format}</TargetObjectKeyFormat></LoggingEnabled></BucketLoggingStatus>"
    )
}

/// The target's policy, for logs of `source` of `account`.
fn delivery(target: &str, source: &str, account: &str) -> String {
    let statement = json!({
        "Effect": "Allow",
        "Principal": {"Service": "logging.s3.amazonaws.com"},
        "Action": "s3:PutObject",
        "Resource": format!("arn:aws:s3:::{target}/logs/*"),
        "Condition": {
            "ArnLike": {"aws:SourceArn": format!("arn:aws:s3:::{source}")},
            "StringEquals": {"aws:SourceAccount": account}
        }
    });
    json!({"Version": "2012-10-17", "Statement": [statement]}).to_string()
}

/// The logs in a bucket, once there is one.
async fn logs(server: &Server, target: &str) -> Vec<String> {
    loop {
        let listed = server.get(&format!("/{target}?list-type=2")).await.expect(200).elements("Key");
        if !listed.is_empty() {
            return listed;
        }
        server.pause().await;
    }
}

#[tokio::test]
async fn requests_are_recorded_in_the_bucket_that_is_to_have_them() {
    let rules = Rules { log_interval: Duration::from_millis(300), ..Rules::default() };
    let server = Server::start_with(S3Config::default(), rules).await;
    for bucket in ["/photos", "/records"] {
        server.put(bucket, "").await.expect(200);
    }
    let empty = server.get("/photos?logging").await.expect(200);
    assert!(empty.text().contains("<BucketLoggingStatus xmlns"), "{}", empty.text());
    server.put("/records?policy", delivery("records", "photos", iam::ROOT_ID)).await.expect(204);
    server.put("/photos?logging", logging("records", "<SimplePrefix/>")).await.expect(200);
    assert_eq!(server.get("/photos?logging").await.expect(200).element("TargetBucket"), "records");
    let put = server.ask(Method::PUT, "/photos/a%20b.jpg").header("content-length", "5").body("12345");
    put.send().await.expect(200);
    let get = server.ask(Method::GET, "/photos/a%20b.jpg").header("user-agent", "a \"b\"").header("range", "bytes=1-2");
    let id = get.send().await.expect(206).header("x-amz-request-id").to_owned();
    server.ask(Method::GET, "/photos/none?X-Amz-Signature=abc").anonymous().send().await;

    let keys = logs(&server, "records").await;
    assert!(keys.len() == 1 && keys[0].starts_with("logs/20"), "{keys:?}");
    let log = server.get(&format!("/records/{}", keys[0])).await.expect(200);
    assert_eq!(log.header("content-type"), "text/plain");
    let log = log.text();
    let line = |what: &str| log.lines().find(|line| line.contains(what)).unwrap_or_else(|| panic!("{what}: {log}"));
    let read = line("REST.GET.OBJECT a%20b.jpg");
    assert!(read.starts_with(&format!("{} photos [", iam::ROOT_ID)), "{read}");
    assert!(read.contains(&format!(" 127.0.0.1 {} {id} REST.GET.OBJECT ", iam::ROOT_ID)), "{read}");
    assert!(read.contains(" \"GET /photos/a%20b.jpg HTTP/1.1\" 206 - 2 5 "), "{read}");
    assert!(read.contains(" \"-\" \"a %22b%22\" - ") && read.contains(" SigV4 - AuthHeader "), "{read}");
    assert!(line("REST.PUT.OBJECT a%20b.jpg").contains(" 200 - - 5 "), "{log}");
    let denied = line("REST.GET.OBJECT none");
    assert!(denied.contains("?X-Amz-Signature=... HTTP/1.1\" 403 "), "{denied}");
    assert!(!log.contains("abc"), "{log}");
}

#[tokio::test]
async fn records_go_only_where_the_delivery_may_write() {
    let server = Server::start().await;
    for bucket in ["/photos", "/records"] {
        server.put(bucket, "").await.expect(200);
    }
    let put = |target: &str| server.put("/photos?logging", logging(target, "<SimplePrefix/>"));
    put("records").await.expect_error(403, "AccessDenied");
    put("nobucket").await.expect_error(400, "InvalidTargetBucketForLogging");
    for (source, account) in [("videos", iam::ROOT_ID), ("photos", "somebody")] {
        server.put("/records?policy", delivery("records", source, account)).await.expect(204);
        put("records").await.expect_error(403, "AccessDenied");
    }
    // Who is called like the service isn't the service.
    let named = delivery("records", "photos", iam::ROOT_ID).replace("\"Service\"", "\"AWS\"");
    server.put("/records?policy", named).await.expect(204);
    put("records").await.expect_error(403, "AccessDenied");
    server.delete("/records?policy").await.expect(204);
    server.ask(Method::PUT, "/records?acl").header("x-amz-acl", "log-delivery-write").send().await.expect(200);
    put("records").await.expect(200);
    server.put("/photos?logging", "<BucketLoggingStatus/>").await.expect(200);
    server.put("/photos?logging", logging("records", "<Simple/>")).await.expect_error(400, "MalformedXML");
}

#[tokio::test]
async fn logs_can_be_sorted_into_folders() {
    let server = Server::start().await;
    for bucket in ["/photos", "/records"] {
        server.put(bucket, "").await.expect(200);
    }
    server.put("/records?policy", delivery("records", "photos", iam::ROOT_ID)).await.expect(204);
    let format = "<PartitionedPrefix><PartitionDateSource>EventTime</PartitionDateSource></PartitionedPrefix>";
    server.put("/photos?logging", logging("records", format)).await.expect(200);
    server.get("/photos").await.expect(200);
    let keys = logs(&server, "records").await;
    assert!(keys[0].starts_with(&format!("logs/{}/default/photos/20", iam::ROOT_ID)), "{keys:?}");
    assert!(keys[0].contains("-00-00-00-"), "{keys:?}");
}

/// A server whose bucket `site` is a website that everybody may read, at `site.pages.test`.
async fn website(rules: &str) -> Server {
    let config = S3Config { website_domains: vec!["pages.test".to_owned()], ..S3Config::default() };
    let server = Server::start_with(config, Rules::default()).await;
    server.put("/site", "").await.expect(200);
    let open = json!({"Version": "2012-10-17", "Statement": [
        {"Effect": "Allow", "Principal": "*", "Action": "s3:GetObject", "Resource": "arn:aws:s3:::site/*"}
    ]});
    server.put("/site?policy", open.to_string()).await.expect(204);
    let document = WEBSITE.replace("</WebsiteConfiguration>", &format!("{rules}</WebsiteConfiguration>"));
    server.put("/site?website", document).await.expect(200);
    for (key, page) in [("index.html", "start"), ("docs/index.html", "docs"), ("error.html", "sorry"), ("a.txt", "a")] {
        server.ask(Method::PUT, &format!("/site/{key}")).header("content-type", "text/html").body(page).send().await;
    }
    server
}

async fn visit(server: &Server, path: &str) -> Seen {
    server.ask(Method::GET, path).anonymous().header("host", "site.pages.test:9000").send().await
}

#[tokio::test]
async fn a_website_shows_its_pages() {
    let server = website("").await;
    for (path, page) in [("/", "start"), ("/docs/", "docs"), ("/docs/index.html", "docs"), ("/a.txt", "a")] {
        let seen = visit(&server, path).await.expect(200);
        assert_eq!((seen.text().as_str(), seen.header("content-type")), (page, "text/html"), "{path}");
    }
    let folder = visit(&server, "/docs").await.expect(302);
    assert_eq!(folder.header("location"), "/docs/");
    assert_eq!(visit(&server, "/none").await.expect(404).text(), "sorry");
    let asked = server.ask(Method::GET, "/none").anonymous().header("host", "site.pages.test");
    let ranged = asked.header("range", "bytes=0-1").header("if-none-match", "*").send().await.expect(404);
    assert_eq!((ranged.text().as_str(), ranged.header("content-range")), ("sorry", ""));
    let head = server.ask(Method::HEAD, "/").anonymous().header("host", "site.pages.test").send().await.expect(200);
    assert_eq!(head.header("content-length"), "5");
    let put = server.ask(Method::PUT, "/new").header("host", "site.pages.test").body("x").send().await.expect(405);
    assert!(put.text().contains("<li>Code: MethodNotAllowed</li>"), "{}", put.text());
    server.get("/site/new").await.expect_error(404, "NoSuchKey");
}

#[tokio::test]
async fn a_website_shows_nobody_what_is_not_for_everybody() {
    let server = website("").await;
    server.delete("/site?policy").await.expect(204);
    let seen = visit(&server, "/a.txt").await.expect(403);
    assert!(seen.text().contains("<li>Code: AccessDenied</li>"), "{}", seen.text());
    // Signing is for the other door.
    let signed = server.ask(Method::GET, "/a.txt").header("host", "site.pages.test").send().await.expect(403);
    assert!(!signed.text().starts_with('a'));
    let missing = |host: &'static str| server.ask(Method::GET, "/").anonymous().header("host", host).send();
    assert!(missing("nosite.pages.test").await.expect(404).text().contains("NoSuchBucket"));
    server.delete("/site?website").await.expect(204);
    assert!(visit(&server, "/").await.expect(404).text().contains("NoSuchWebsiteConfiguration"));
}

#[tokio::test]
async fn a_website_sends_requests_elsewhere() {
    let rules = "<RoutingRules><RoutingRule><Condition><KeyPrefixEquals>old/</KeyPrefixEquals></Condition><Redirect>\
        <ReplaceKeyPrefixWith>docs/</ReplaceKeyPrefixWith></Redirect></RoutingRule><RoutingRule><Condition>\
        <HttpErrorCodeReturnedEquals>404</HttpErrorCodeReturnedEquals></Condition><Redirect><Protocol>https</Protocol>\
        <HostName>other.test</HostName><HttpRedirectCode>307</HttpRedirectCode></Redirect></RoutingRule></RoutingRules>";
    let server = website(rules).await;
    let moved = visit(&server, "/old/a%20b").await.expect(301);
    assert_eq!(moved.header("location"), "/docs/a%20b");
    server.put("/site//evil.test/index.html", "x").await.expect(200);
    for path in ["//evil.test", "///evil.test"] {
        let seen = visit(&server, path).await;
        assert!(!seen.header("location").starts_with("//"), "{path}: {}", seen.header("location"));
    }
    let missing = visit(&server, "/none").await.expect(307);
    assert_eq!(missing.header("location"), "https://other.test/none");
    let put = server.ask(Method::PUT, "/site/gone").header("x-amz-website-redirect-location", "/a.txt");
    put.body("").send().await.expect(200);
    assert_eq!(visit(&server, "/gone").await.expect(301).header("location"), "/a.txt");
    assert_eq!(server.get("/site/gone").await.expect(200).header("x-amz-website-redirect-location"), "/a.txt");
    let copy = server.ask(Method::PUT, "/site/copy").header("x-amz-copy-source", "/site/gone").send().await.expect(200);
    drop(copy);
    assert_eq!(server.get("/site/copy").await.expect(200).header("x-amz-website-redirect-location"), "");
    let wrong = server.ask(Method::PUT, "/site/x").header("x-amz-website-redirect-location", "a.txt").body("");
    wrong.send().await.expect_error(400, "InvalidRedirectLocation");
    let all = "<WebsiteConfiguration><RedirectAllRequestsTo><HostName>new.test</HostName></RedirectAllRequestsTo>\
        </WebsiteConfiguration>";
    server.put("/site?website", all).await.expect(200);
    assert_eq!(visit(&server, "/a.txt").await.expect(301).header("location"), "http://new.test/a.txt");
}
