//! Conditional requests over the protocol.

use crate::server::{Seen, Server, md5};
use http::Method;

async fn with(server: &Server, method: Method, path: &str, headers: &[(&'static str, &str)]) -> Seen {
    let ask = server.ask(method, path);
    headers.iter().fold(ask, |ask, (name, value)| ask.header(name, value)).send().await
}

#[tokio::test]
async fn a_delete_with_conditions_deletes_only_what_the_client_means() {
    let server = Server::with_bucket().await;
    let put = server.put("/bkt/key", "four").await.expect(200);
    let etag = put.header("etag").to_owned();
    let modified = server.head("/bkt/key").await.header("last-modified").to_owned();
    let time = "x-amz-if-match-last-modified-time";
    let size = "x-amz-if-match-size";
    for wrong in [("if-match", "\"other\""), (time, "Thu, 01 Jan 2015 00:00:00 GMT"), (size, "5")] {
        with(&server, Method::DELETE, "/bkt/key", &[wrong]).await.expect_error(412, "PreconditionFailed");
        let all = [("if-match", etag.as_str()), (time, &modified), (size, "4")];
        let one_wrong: Vec<_> = all.into_iter().filter(|(name, _)| *name != wrong.0).chain([wrong]).collect();
        with(&server, Method::DELETE, "/bkt/key", &one_wrong).await.expect_error(412, "PreconditionFailed");
    }
    for unreadable in [(time, "yesterday"), (size, "-1"), (size, "x")] {
        with(&server, Method::DELETE, "/bkt/key", &[unreadable]).await.expect_error(400, "InvalidArgument");
    }
    server.head("/bkt/key").await.expect(200);
    let right = [("if-match", etag.as_str()), (time, &modified), (size, "4")];
    with(&server, Method::DELETE, "/bkt/key", &right).await.expect(204);
    server.head("/bkt/key").await.expect(404);
    // What isn't there can't be another thing than what the client means.
    with(&server, Method::DELETE, "/bkt/key", &[("if-match", "other")]).await.expect(204);
}

#[tokio::test]
async fn conditions_of_deletes_are_about_the_version_that_is_named_else_the_latest() {
    let server = Server::with_bucket().await;
    let on = "<VersioningConfiguration><Status>Enabled</Status></VersioningConfiguration>";
    server.put("/bkt?versioning", on).await.expect(200);
    let old = server.put("/bkt/key", "old").await.expect(200);
    let new = server.put("/bkt/key", "newer").await.expect(200);
    let (old_etag, new_etag) = (old.header("etag"), new.header("etag"));
    let path = format!("/bkt/key?versionId={}", old.header("x-amz-version-id"));
    with(&server, Method::DELETE, &path, &[("if-match", new_etag)]).await.expect_error(412, "PreconditionFailed");
    with(&server, Method::DELETE, "/bkt/key", &[("if-match", old_etag)]).await.expect_error(412, "PreconditionFailed");
    with(&server, Method::DELETE, &path, &[("if-match", old_etag)]).await.expect(204);
    let marked = with(&server, Method::DELETE, "/bkt/key", &[("if-match", new_etag)]).await.expect(204);
    assert_eq!(marked.header("x-amz-delete-marker"), "true");
    // Now a delete marker is the latest, and it has neither this etag nor this size.
    with(&server, Method::DELETE, "/bkt/key", &[("if-match", new_etag)]).await.expect_error(412, "PreconditionFailed");
    with(&server, Method::DELETE, "/bkt/key", &[("x-amz-if-match-size", "5")])
        .await
        .expect_error(412, "PreconditionFailed");
    with(&server, Method::DELETE, "/bkt/key", &[("if-match", "*")]).await.expect(204);
}

#[tokio::test]
async fn each_of_many_keys_is_deleted_on_its_own_conditions() {
    let server = Server::with_bucket().await;
    let etag = server.put("/bkt/a", "one").await.expect(200).header("etag").to_owned();
    server.put("/bkt/b", "three").await.expect(200);
    let delete = async |document: String| {
        let ask = server.ask(Method::POST, "/bkt?delete").header("content-md5", md5(&document));
        ask.body(document).send().await
    };
    let seen = delete(format!(
        "<Delete><Object><Key>a</Key><ETag>{etag}</ETag><Size>3</Size></Object>\
         <Object><Key>b</Key><Size>3</Size></Object></Delete>"
    ))
    .await
    .expect(200);
    assert_eq!(
        (seen.elements("Key"), seen.elements("Code")),
        (vec!["a".into(), "b".into()], vec!["PreconditionFailed".into()])
    );
    assert_eq!(server.get("/bkt").await.elements("Key"), ["b"]);
    let unreadable = "<Delete><Object><Key>b</Key><Size>large</Size></Object></Delete>";
    delete(unreadable.to_owned()).await.expect_error(400, "InvalidArgument");
}

#[tokio::test]
async fn a_copy_may_depend_on_what_it_overwrites() {
    let server = Server::with_bucket().await;
    let etag = server.put("/bkt/from", "from").await.expect(200).header("etag").to_owned();
    let copy = async |to: &str, name: &'static str, value: &str| {
        let path = format!("/bkt/{to}");
        let replace = ("x-amz-metadata-directive", "REPLACE");
        with(&server, Method::PUT, &path, &[("x-amz-copy-source", "/bkt/from"), replace, (name, value)]).await
    };
    copy("to", "if-match", &etag).await.expect_error(404, "NoSuchKey");
    copy("to", "if-none-match", "*").await.expect(200);
    copy("to", "if-none-match", "*").await.expect_error(412, "PreconditionFailed");
    copy("to", "if-match", "\"other\"").await.expect_error(412, "PreconditionFailed");
    copy("to", "if-match", &etag).await.expect(200);
    // In its own place, where nothing but the metadata would change.
    copy("from", "if-match", "\"other\"").await.expect_error(412, "PreconditionFailed");
    copy("from", "if-none-match", "*").await.expect_error(412, "PreconditionFailed");
    copy("from", "if-match", &etag).await.expect(200);
}
