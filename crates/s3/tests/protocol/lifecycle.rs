//! Lifecycles of buckets over the protocol.

use crate::server::{Seen, Server, md5};
use http::Method;

async fn put(server: &Server, rules: &str) -> Seen {
    let document = format!(
        "<LifecycleConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">{rules}</LifecycleConfiguration>"
    );
    let ask = server.ask(Method::PUT, "/bkt?lifecycle").header("content-md5", md5(&document));
    ask.body(document).send().await
}

#[tokio::test]
async fn a_lifecycle_is_set_shown_and_removed() {
    let server = Server::with_bucket().await;
    server.get("/bkt?lifecycle").await.expect_error(404, "NoSuchLifecycleConfiguration");
    let rule = "<Rule><ID>logs</ID><Status>Enabled</Status><Filter><Prefix>logs/</Prefix></Filter>\
        <Expiration><Days>10</Days></Expiration></Rule>";
    put(&server, rule).await.expect(200);
    let seen = server.get("/bkt?lifecycle").await.expect(200).text();
    assert!(seen.contains(rule) && !seen.contains("ExpiryUpdatedAt"), "{seen}");
    let written = server.put("/bkt/logs/a", "x").await.expect(200);
    assert!(written.header("x-amz-expiration").ends_with(", rule-id=\"logs\""));
    assert_eq!(server.head("/bkt/logs/a").await.header("x-amz-expiration"), written.header("x-amz-expiration"));
    assert_eq!(server.put("/bkt/other", "x").await.expect(200).header("x-amz-expiration"), "");
    server.delete("/bkt?lifecycle").await.expect(204);
    server.get("/bkt?lifecycle").await.expect_error(404, "NoSuchLifecycleConfiguration");
    assert_eq!(server.head("/bkt/logs/a").await.header("x-amz-expiration"), "");
}

#[tokio::test]
async fn a_lifecycle_that_can_not_be_is_refused_and_the_old_one_stays() {
    let server = Server::with_bucket().await;
    let rule =
        "<Rule><ID>a</ID><Status>Enabled</Status><Prefix></Prefix><Expiration><Days>1</Days></Expiration></Rule>";
    put(&server, rule).await.expect(200);
    put(&server, &rule.replace("<Days>1", "<Days>0")).await.expect_error(400, "InvalidArgument");
    put(&server, &rule.replace("Enabled", "On")).await.expect_error(400, "MalformedXML");
    put(&server, "<Rule>").await.expect_error(400, "MalformedXML");
    server.put("/bkt?lifecycle", "<LifecycleConfiguration/>").await.expect_error(400, "MissingContentMD5");
    server.ask(Method::PUT, "/bkt?lifecycle").anonymous().body("x").send().await.expect_error(403, "AccessDenied");
    server.ask(Method::DELETE, "/bkt?lifecycle").anonymous().send().await.expect_error(403, "AccessDenied");
    assert!(server.get("/bkt?lifecycle").await.expect(200).text().contains("<Days>1</Days>"));
}
