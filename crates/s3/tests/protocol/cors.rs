//! Cross-origin documents of buckets, and what browsers are told.

use crate::server::{Ask, Seen, Server, md5};
use http::Method;
use rustfs_s3::S3Config;
use service::Rules;

const RULES: &str = "<CORSRule><AllowedMethod>GET</AllowedMethod><AllowedMethod>PUT</AllowedMethod>\
    <AllowedOrigin>https://*.example</AllowedOrigin><AllowedHeader>x-amz-*</AllowedHeader>\
    <ExposeHeader>ETag</ExposeHeader><ExposeHeader>x-amz-request-id</ExposeHeader><MaxAgeSeconds>600</MaxAgeSeconds>\
    </CORSRule><CORSRule><AllowedMethod>HEAD</AllowedMethod><AllowedOrigin>*</AllowedOrigin></CORSRule>";

async fn put(server: &Server, rules: &str) -> Seen {
    let document = format!("<CORSConfiguration>{rules}</CORSConfiguration>");
    let ask = server.ask(Method::PUT, "/bkt?cors").header("content-md5", md5(&document));
    ask.body(document).send().await
}

fn preflight<'a>(server: &'a Server, path: &str, origin: &str, method: &str) -> Ask<'a> {
    let ask = server.ask(Method::OPTIONS, path).anonymous();
    ask.header("origin", origin).header("access-control-request-method", method)
}

/// A server that lets all pages use buckets that say nothing.
async fn open_server() -> Server {
    let config = S3Config { cors_origins: vec!["*".to_owned()], ..S3Config::default() };
    let server = Server::start_with(config, Rules::default()).await;
    server.put("/bkt", "").await.expect(200);
    server
}

#[tokio::test]
async fn a_document_is_set_shown_and_removed() {
    let server = Server::with_bucket().await;
    put(&server, RULES).await.expect(200);
    let seen = server.get("/bkt?cors").await.expect(200).text();
    assert!(seen.contains("<CORSRule>") && seen.contains("<MaxAgeSeconds>600</MaxAgeSeconds>"), "{seen}");
    server.delete("/bkt?cors").await.expect(204);
    server.get("/bkt?cors").await.expect_error(404, "NoSuchCORSConfiguration");
    server.delete("/bkt?cors").await.expect(204);
    server.delete("/nobucket?cors").await.expect_error(404, "NoSuchBucket");
}

#[tokio::test]
async fn a_document_that_can_not_be_is_refused_and_the_old_one_stays() {
    let server = Server::with_bucket().await;
    put(&server, RULES).await.expect(200);
    put(&server, "").await.expect_error(400, "MalformedXML");
    put(&server, "<CORSRule>").await.expect_error(400, "MalformedXML");
    put(&server, &RULES.replace(">GET<", ">PATCH<")).await.expect_error(400, "InvalidRequest");
    put(&server, &RULES.replace("https://*.", "https://*.*.")).await.expect_error(400, "InvalidRequest");
    put(&server, &format!("{RULES}{}", " ".repeat(64 << 10))).await.expect_error(400, "EntityTooLarge");
    server.ask(Method::PUT, "/bkt?cors").anonymous().body("x").send().await.expect_error(403, "AccessDenied");
    assert!(server.get("/bkt?cors").await.expect(200).text().contains("https://*.example"));
}

#[tokio::test]
async fn a_preflight_is_answered_by_the_buckets_rules() {
    let server = open_server().await;
    put(&server, RULES).await.expect(200);
    let ask = preflight(&server, "/bkt/key", "https://a.example", "PUT");
    let seen = ask.header("access-control-request-headers", "X-Amz-Date, x-amz-meta-a").send().await.expect(200);
    assert_eq!(seen.header("access-control-allow-origin"), "https://a.example");
    assert_eq!(seen.header("access-control-allow-methods"), "GET, PUT");
    assert_eq!(seen.header("access-control-allow-headers"), "X-Amz-Date, x-amz-meta-a");
    assert_eq!(seen.header("access-control-max-age"), "600");
    assert_eq!(seen.header("access-control-allow-credentials"), "true");
    assert!(seen.header("vary").contains("Origin"));
    let others = preflight(&server, "/bkt/key", "https://b.test", "HEAD").send().await.expect(200);
    assert_eq!(others.header("access-control-allow-origin"), "*");
    assert_eq!(others.header("access-control-allow-credentials"), "");
}

async fn refused(ask: Ask<'_>) {
    let seen = ask.send().await;
    assert_eq!(seen.header("access-control-allow-origin"), "");
    seen.expect_error(403, "AccessForbidden");
}

#[tokio::test]
async fn what_the_rules_do_not_allow_is_refused_whatever_the_server_allows() {
    let server = open_server().await;
    put(&server, RULES).await.expect(200);
    refused(preflight(&server, "/bkt/key", "https://b.test", "PUT")).await;
    refused(preflight(&server, "/bkt/key", "https://a.example", "DELETE")).await;
    let ask = preflight(&server, "/bkt/key", "https://a.example", "PUT");
    refused(ask.header("access-control-request-headers", "x-amz-date, range")).await;
    preflight(&server, "/other/key", "https://b.test", "PUT").send().await.expect(204);
    server.delete("/bkt?cors").await.expect(204);
    preflight(&server, "/bkt/key", "https://b.test", "PUT").send().await.expect(204);
}

#[tokio::test]
async fn answers_and_errors_tell_the_page_that_it_may_read_them() {
    let server = open_server().await;
    put(&server, RULES).await.expect(200);
    server.put("/bkt/key", "x").await.expect(200);
    let get = |path: &'static str, origin: &'static str| server.ask(Method::GET, path).header("origin", origin).send();
    let seen = get("/bkt/key", "https://a.example").await.expect(200);
    assert_eq!(seen.header("access-control-allow-origin"), "https://a.example");
    assert_eq!(seen.header("access-control-expose-headers"), "ETag, x-amz-request-id");
    let missing = get("/bkt/none", "https://a.example").await.expect(404);
    assert_eq!(missing.header("access-control-allow-origin"), "https://a.example");
    let stranger = get("/bkt/key", "https://b.test").await.expect(200);
    assert_eq!(stranger.header("access-control-allow-origin"), "", "the rules decide, not the server's origins");
    assert!(stranger.header("vary").contains("Origin"));
    assert_eq!(server.get("/bkt/key").await.expect(200).header("access-control-allow-origin"), "");
}

/// A preflight isn't authenticated, and its names aren't checked as another request's are.
#[tokio::test]
async fn a_preflight_about_what_can_be_no_bucket_is_the_servers_to_answer() {
    let server = open_server().await;
    put(&server, RULES).await.expect(200);
    let names =
        ["/", "/..", "/%2e%2e/bkt", "/.minio.sys", "/.minio.sys/buckets/bkt", "/bkt%2f..%2fbkt", "/BKT", "/%00/x"];
    for path in names {
        let seen = preflight(&server, path, "https://a.example", "PUT").send().await.expect(204);
        assert_eq!(seen.header("access-control-allow-methods"), "PUT", "{path}");
        assert_eq!(seen.header("access-control-max-age"), "", "{path}: no rule of a bucket's");
    }
}
