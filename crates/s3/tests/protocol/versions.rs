//! Versions, delete markers and object lock over the protocol.

use crate::server::{Server, md5};
use http::Method;

#[tokio::test]
async fn versions_pile_up_and_can_be_reached() {
    let server = Server::with_bucket().await;
    server.put("/bkt/key", "null").await.expect(200);
    server.versioning("Enabled").await;
    let first = server.put("/bkt/key", "one").await.expect(200).header("x-amz-version-id").to_owned();
    let second = server.put("/bkt/key", "two").await.expect(200).header("x-amz-version-id").to_owned();
    assert_ne!(first, second);
    let version = |id: &str| format!("/bkt/key?versionId={id}");
    assert_eq!(server.get("/bkt/key").await.expect(200).text(), "two");
    let seen = server.get(&version(&first)).await.expect(200);
    assert_eq!((seen.text().as_str(), seen.header("x-amz-version-id")), ("one", first.as_str()));
    let null = server.get(&version("null")).await.expect(200);
    assert_eq!((null.text().as_str(), null.header("x-amz-version-id")), ("null", ""));
    server.get(&version("abc")).await.expect_error(400, "InvalidArgument");
    server.get(&version("11111111-1111-4111-8111-111111111111")).await.expect_error(404, "NoSuchVersion");

    let gone = server.delete(&version(&second)).await.expect(204);
    assert_eq!((gone.header("x-amz-version-id"), gone.header("x-amz-delete-marker")), (second.as_str(), ""));
    assert_eq!(server.get("/bkt/key").await.expect(200).text(), "one");
}

#[tokio::test]
async fn a_delete_marker_hides_the_object() {
    let server = Server::with_bucket().await;
    server.versioning("Enabled").await;
    server.put("/bkt/key", "one").await.expect(200);
    let deleted = server.delete("/bkt/key").await.expect(204);
    let marker = deleted.header("x-amz-version-id").to_owned();
    assert_eq!(deleted.header("x-amz-delete-marker"), "true");
    let seen = server.get("/bkt/key").await.expect_error(404, "NoSuchKey");
    assert_eq!((seen.header("x-amz-delete-marker"), seen.header("x-amz-version-id")), ("true", marker.as_str()));
    let by_id = server.head(&format!("/bkt/key?versionId={marker}")).await.expect(405);
    assert_eq!(by_id.header("x-minio-error-code"), "MethodNotAllowed");
    assert_eq!((by_id.header("x-amz-delete-marker"), by_id.header("x-amz-version-id")), ("true", marker.as_str()));
    assert!(!by_id.header("last-modified").is_empty());

    let listed = server.get("/bkt?versions").await.expect(200);
    assert_eq!(listed.elements("IsLatest"), ["true", "false"]);
    assert!(listed.text().contains("<DeleteMarker><Key>key</Key>"));
    let undeleted = server.delete(&format!("/bkt/key?versionId={marker}")).await.expect(204);
    assert_eq!(undeleted.header("x-amz-delete-marker"), "true");
    assert_eq!(server.get("/bkt/key").await.expect(200).text(), "one");
}

#[tokio::test]
async fn deleting_always_marks() {
    let server = Server::with_bucket().await;
    server.versioning("Enabled").await;
    let document = "<Delete><Object><Key>nope</Key></Object></Delete>";
    let delete = || server.ask(Method::POST, "/bkt?delete").header("content-md5", md5(document)).body(document).send();
    let (first, second) = (delete().await.expect(200), delete().await.expect(200));
    assert_eq!(first.element("DeleteMarker"), "true");
    assert_ne!(first.element("DeleteMarkerVersionId"), second.element("DeleteMarkerVersionId"));
    assert_eq!(server.get("/bkt?versions").await.elements("VersionId").len(), 2);
    let (third, fourth) = (server.delete("/bkt/nope").await.expect(204), server.delete("/bkt/other").await.expect(204));
    assert_ne!(third.header("x-amz-version-id"), fourth.header("x-amz-version-id"));
    assert_eq!(server.get("/bkt?versions").await.elements("VersionId").len(), 4);
}

#[tokio::test]
async fn suspended_versioning_replaces_the_null_version() {
    let server = Server::with_bucket().await;
    server.versioning("Enabled").await;
    server.put("/bkt/key", "one").await.expect(200);
    server.versioning("Suspended").await;
    assert_eq!(server.put("/bkt/key", "two").await.expect(200).header("x-amz-version-id"), "");
    server.put("/bkt/key", "three").await.expect(200);
    assert_eq!(server.get("/bkt?versions").await.elements("VersionId").len(), 2);
    let deleted = server.delete("/bkt/key").await.expect(204);
    assert_eq!((deleted.header("x-amz-delete-marker"), deleted.header("x-amz-version-id")), ("true", ""));
    assert_eq!(server.get("/bkt/key").await.expect(404).header("x-amz-version-id"), "null");
}

#[tokio::test]
async fn a_locked_version_stays() {
    let server = Server::start().await;
    let made = server.ask(Method::PUT, "/bkt").header("x-amz-bucket-object-lock-enabled", "true");
    made.send().await.expect(200);
    assert_eq!(server.get("/bkt?versioning").await.element("Status"), "Enabled");
    assert_eq!(server.get("/bkt?object-lock").await.expect(200).element("ObjectLockEnabled"), "Enabled");
    let default = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled><Rule><DefaultRetention>\
                   <Mode>COMPLIANCE</Mode><Days>3</Days></DefaultRetention></Rule></ObjectLockConfiguration>";
    server.put("/bkt?object-lock", default).await.expect(200);
    assert_eq!(server.get("/bkt?object-lock").await.expect(200).element("Days"), "3");
    let put = server
        .ask(Method::PUT, "/bkt/key")
        .header("x-amz-object-lock-mode", "GOVERNANCE")
        .header("x-amz-object-lock-retain-until-date", "2099-01-01T00:00:00Z")
        .header("x-amz-object-lock-legal-hold", "ON")
        .body("x");
    let version = put.send().await.expect(200).header("x-amz-version-id").to_owned();
    let head = server.head("/bkt/key").await.expect(200);
    assert_eq!(head.header("x-amz-object-lock-mode"), "GOVERNANCE");
    assert_eq!(head.header("x-amz-object-lock-retain-until-date"), "2099-01-01T00:00:00.000Z");
    assert_eq!(head.header("x-amz-object-lock-legal-hold"), "ON");
    assert_eq!(server.get("/bkt/key?retention").await.expect(200).element("Mode"), "GOVERNANCE");
    assert_eq!(server.get("/bkt/key?legal-hold").await.expect(200).element("Status"), "ON");

    let path = format!("/bkt/key?versionId={version}");
    server.delete(&path).await.expect_error(403, "AccessDenied");
    let bypass = || server.ask(Method::DELETE, &path).header("x-amz-bypass-governance-retention", "true").send();
    bypass().await.expect_error(403, "AccessDenied");
    let off = "<LegalHold><Status>OFF</Status></LegalHold>";
    server.put("/bkt/key?legal-hold", off).await.expect_error(400, "MissingContentMD5");
    server.ask(Method::PUT, "/bkt/key?legal-hold").header("content-md5", md5(off)).body(off).send().await.expect(200);
    bypass().await.expect(204);
}

#[tokio::test]
async fn without_object_lock_nothing_can_be_locked() {
    let server = Server::with_bucket().await;
    let put = server.ask(Method::PUT, "/bkt/key").header("x-amz-object-lock-legal-hold", "ON").body("x");
    put.send().await.expect_error(400, "InvalidRequest");
    server.put("/bkt/key", "x").await.expect(200);
    server.get("/bkt/key?retention").await.expect_error(400, "InvalidRequest");
    let enabled = "<ObjectLockConfiguration><ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";
    server.put("/bkt?object-lock", enabled).await.expect_error(409, "InvalidBucketState");
    server.versioning("Enabled").await;
    server.put("/bkt?object-lock", enabled).await.expect(200);
    let suspended = "<VersioningConfiguration><Status>Suspended</Status></VersioningConfiguration>";
    server.put("/bkt?versioning", suspended).await.expect_error(409, "InvalidBucketState");
    for (period, code) in [
        ("<Days>0</Days>", "InvalidRetentionPeriod"),
        ("<Years>-1</Years>", "InvalidRetentionPeriod"),
        ("<Days>1</Days><Years>1</Years>", "MalformedXML"),
    ] {
        let rule = format!(
            "<Rule><DefaultRetention><Mode>GOVERNANCE</Mode>{period}</DefaultRetention></Rule></ObjectLockConfiguration>"
        );
        let document = enabled.replace("</ObjectLockConfiguration>", &rule);
        server.put("/bkt?object-lock", document).await.expect_error(400, code);
    }
}
