//! Owners, access control lists, bucket policies, ownership controls and public access blocks.

use crate::server::{Ask, Server};
use base::Secret;
use http::Method;
use iam::Holder;

pub const SECRET: &str = "user-secret-1";
const ALL_USERS: &str = "http://acs.amazonaws.com/groups/global/AllUsers";

/// A server with users: `boss` may everything, `alice` and `bob` everything of S3.
async fn populated() -> Server {
    populate(Server::start().await).await
}

/// A user with a canned policy.
pub async fn user(server: &Server, name: &str, policy: &str) {
    server.iam.put_user(name, Secret::new(SECRET), true).await.expect("a user is made");
    server.iam.set_policies(Holder::User(name.to_owned()), vec![policy.to_owned()]).await.expect("mapped");
}

async fn populate(server: Server) -> Server {
    for (name, policy) in [("boss", "consoleAdmin"), ("alice", "readwrite"), ("bob", "readwrite")] {
        user(&server, name, policy).await;
    }
    by(&server, "alice", Method::PUT, "/bkt").send().await.expect(200);
    by(&server, "alice", Method::PUT, "/bkt/key").body("alice's").send().await.expect(200);
    server
}

fn by<'a>(server: &'a Server, who: &str, method: Method, path: &str) -> Ask<'a> {
    let ask = server.ask(method, path);
    match who {
        "root" => ask,
        "nobody" => ask.anonymous(),
        who => ask.signed_by(who, SECRET, None),
    }
}

async fn status(server: &Server, who: &str, method: Method, path: &str) -> u16 {
    by(server, who, method, path).send().await.status
}

async fn set_list(server: &Server, who: &str, path: &str, canned: &str) {
    by(server, who, Method::PUT, path).header("x-amz-acl", canned).send().await.expect(200);
}

fn policy(effect: &str, principal: &str, action: &str, resource: &str) -> String {
    format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"{effect}","Principal":{principal},"Action":"{action}","Resource":"arn:aws:s3:::{resource}"}}]}}"#
    )
}

#[tokio::test]
async fn a_bucket_without_lists_belongs_to_the_whole_deployment() {
    let server = populated().await;
    for who in ["root", "boss", "alice", "bob"] {
        assert_eq!(status(&server, who, Method::GET, "/bkt/key").await, 200, "{who}");
        by(&server, who, Method::PUT, "/bkt/theirs").body("x").send().await.expect(200);
        let seen = by(&server, who, Method::GET, "/bkt/theirs?acl").send().await.expect(200);
        assert_eq!(seen.elements("ID"), ["alice", "alice"], "all belongs to the bucket's owner");
    }
    for path in ["/bkt", "/bkt/key", "/bkt?acl"] {
        assert_eq!(status(&server, "nobody", Method::GET, path).await, 403, "{path}");
    }
    let seen = by(&server, "bob", Method::GET, "/bkt?acl").send().await.expect(200);
    assert_eq!((seen.element("ID"), seen.element("Permission")), ("alice".to_owned(), "FULL_CONTROL".to_owned()));
    assert_eq!(by(&server, "bob", Method::GET, "/").send().await.expect(200).element("ID"), "bob");
    assert_eq!(server.get("/").await.expect(200).element("DisplayName"), "minio");
    by(&server, "bob", Method::PUT, "/bkt").send().await.expect_error(409, "BucketAlreadyExists");
    by(&server, "alice", Method::PUT, "/bkt").send().await.expect_error(409, "BucketAlreadyOwnedByYou");
}

#[tokio::test]
async fn accounts_can_be_apart_everywhere() {
    let rules = service::Rules { separate_accounts: true, ..service::Rules::default() };
    let server = populate(Server::start_with(rustfs_s3::S3Config::default(), rules).await).await;
    server.put("/roots", "").await.expect(200);
    for path in ["/bkt", "/bkt/key", "/roots"] {
        assert_eq!(status(&server, "bob", Method::GET, path).await, 403, "{path}");
        assert_eq!(status(&server, "boss", Method::GET, path).await, 200, "{path}");
    }
    assert_eq!(status(&server, "alice", Method::GET, "/bkt/key").await, 200);
    let listed = by(&server, "alice", Method::GET, "/").send().await.expect(200);
    assert_eq!(listed.elements("Name"), ["bkt"], "an account's buckets are its own");
    assert!(by(&server, "boss", Method::GET, "/").send().await.elements("Name").contains(&"roots".to_owned()));
    let open = policy("Allow", "\"*\"", "s3:PutObject", "bkt/*");
    by(&server, "alice", Method::PUT, "/bkt?policy").body(open).send().await.expect(204);
    by(&server, "bob", Method::PUT, "/bkt/bobs").body("x").send().await.expect(200);
    assert_eq!(status(&server, "bob", Method::GET, "/bkt/bobs").await, 200, "what one writes is one's own");
    assert_eq!(status(&server, "bob", Method::GET, "/bkt/key").await, 403);
    let controls =
        "<OwnershipControls><Rule><ObjectOwnership>BucketOwnerEnforced</ObjectOwnership></Rule></OwnershipControls>";
    by(&server, "alice", Method::PUT, "/bkt?ownershipControls").body(controls).send().await.expect(200);
    assert_eq!(status(&server, "bob", Method::GET, "/bkt/key").await, 200);
}

#[tokio::test]
async fn a_list_on_a_bucket_tells_accounts_apart() {
    let server = populated().await;
    set_list(&server, "alice", "/bkt?acl", "private").await;
    for path in ["/bkt", "/bkt/key", "/bkt?acl", "/bkt?versions", "/bkt/key?acl", "/bkt/missing"] {
        assert_eq!(status(&server, "bob", Method::GET, path).await, 403, "{path}");
        for who in ["root", "boss", "alice"] {
            assert_ne!(status(&server, who, Method::GET, path).await, 403, "{who} {path}");
        }
    }
    assert_eq!(status(&server, "bob", Method::PUT, "/bkt/key").await, 403);
    assert_eq!(status(&server, "bob", Method::DELETE, "/bkt/key").await, 403);
    assert_eq!(status(&server, "bob", Method::DELETE, "/bkt").await, 403);

    set_list(&server, "alice", "/bkt?acl", "public-read").await;
    for who in ["bob", "nobody"] {
        assert_eq!(status(&server, who, Method::GET, "/bkt").await, 200, "{who}");
        assert_eq!(status(&server, who, Method::GET, "/bkt/key").await, 403, "{who}: objects have lists of their own");
        assert_eq!(status(&server, who, Method::GET, "/bkt/missing").await, 404, "{who} may list");
        assert_eq!(status(&server, who, Method::PUT, "/bkt/new").await, 403, "{who}");
        assert_eq!(status(&server, who, Method::GET, "/bkt?acl").await, 403, "{who}");
    }
    assert_eq!(by(&server, "alice", Method::GET, "/bkt?policyStatus").send().await.element("IsPublic"), "true");

    set_list(&server, "alice", "/bkt?acl", "public-read-write").await;
    by(&server, "bob", Method::PUT, "/bkt/bobs").body("bob's").send().await.expect(200);
    assert_eq!(status(&server, "bob", Method::GET, "/bkt/bobs").await, 200);
    assert_eq!(status(&server, "alice", Method::GET, "/bkt/bobs").await, 403, "a bucket's owner doesn't own all in it");
    assert_eq!(status(&server, "boss", Method::GET, "/bkt/bobs").await, 200, "administrators are above that");
    let seen = by(&server, "alice", Method::GET, "/bkt").send().await.expect(200);
    assert_eq!(seen.elements("ID"), ["bob", "alice"]);
    let begun = by(&server, "bob", Method::POST, "/bkt/parts?uploads").send().await.expect(200).element("UploadId");
    let listed = by(&server, "alice", Method::GET, "/bkt?uploads").send().await.expect(200);
    assert_eq!(listed.elements("ID"), ["bob", "bob"]);
    let parts = by(&server, "bob", Method::GET, &format!("/bkt/parts?uploadId={begun}")).send().await.expect(200);
    assert_eq!(parts.elements("DisplayName"), ["bob", "bob"]);
    assert_eq!(status(&server, "nobody", Method::PUT, "/bkt/anybodys").await, 200);
    let seen = by(&server, "boss", Method::GET, "/bkt/anybodys?acl").send().await.expect(200);
    assert_eq!(seen.element("ID"), iam::ANONYMOUS_ID);
}

#[tokio::test]
async fn objects_have_lists_of_their_own_that_copies_do_not_carry() {
    let server = populated().await;
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt/key").await, 403);
    set_list(&server, "alice", "/bkt/key?acl", "public-read").await;
    assert_eq!(by(&server, "nobody", Method::GET, "/bkt/key").send().await.expect(200).text(), "alice's");
    assert_eq!(status(&server, "nobody", Method::HEAD, "/bkt/key").await, 200);
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt/key?acl").await, 403);
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt/missing").await, 403, "who may not list learns nothing");
    let seen = by(&server, "alice", Method::GET, "/bkt/key?acl").send().await.expect(200);
    assert_eq!(seen.elements("URI"), [ALL_USERS]);
    assert_eq!(seen.elements("Permission"), ["READ", "FULL_CONTROL"]);
    let headers = by(&server, "alice", Method::GET, "/bkt/key").send().await.expect(200).headers;
    assert!(headers.keys().all(|name| !name.as_str().contains("acl")), "{headers:?}");

    by(&server, "alice", Method::PUT, "/bkt/copy").header("x-amz-copy-source", "/bkt/key").send().await.expect(200);
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt/copy").await, 403);
    let open = by(&server, "alice", Method::PUT, "/bkt/open").header("x-amz-copy-source", "/bkt/key");
    open.header("x-amz-acl", "public-read").send().await.expect(200);
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt/open").await, 200);
    by(&server, "alice", Method::PUT, "/bkt/key").body("again").send().await.expect(200);
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt/key").await, 403, "a new object has a new list");

    server.versioning("Enabled").await;
    let old = by(&server, "alice", Method::PUT, "/bkt/key").send().await.expect(200);
    by(&server, "alice", Method::PUT, "/bkt/key").send().await.expect(200);
    let version = format!("/bkt/key?versionId={}", old.header("x-amz-version-id"));
    set_list(&server, "alice", &version.replace('?', "?acl&"), "public-read").await;
    assert_eq!(status(&server, "nobody", Method::GET, &version).await, 200);
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt/key").await, 403);
}

#[tokio::test]
async fn grants_name_accounts_and_groups_in_headers_and_documents() {
    let server = populated().await;
    let ask = by(&server, "alice", Method::PUT, "/bkt/granted").body("x");
    let ask = ask.header("x-amz-grant-read", "id=\"bob\"").header("x-amz-grant-full-control", "id=alice, id=boss");
    ask.send().await.expect(200);
    let seen = by(&server, "alice", Method::GET, "/bkt/granted?acl").send().await.expect(200);
    assert_eq!(seen.elements("ID"), ["alice", "bob", "alice", "boss"]);
    assert_eq!(seen.elements("Permission"), ["READ", "FULL_CONTROL", "FULL_CONTROL"]);

    let document = |owner: &str, grantee: &str, permission: &str| {
        format!(
            "<AccessControlPolicy><Owner><ID>{owner}</ID></Owner><AccessControlList><Grant><Grantee>{grantee}</Grantee>\
             <Permission>{permission}</Permission></Grant></AccessControlList></AccessControlPolicy>"
        )
    };
    let put = |document: String| by(&server, "alice", Method::PUT, "/bkt?acl").body(document);
    put(document("alice", "<ID>bob</ID>", "WRITE")).send().await.expect(200);
    assert_eq!(status(&server, "bob", Method::PUT, "/bkt/written").await, 200);
    assert_eq!(status(&server, "bob", Method::HEAD, "/bkt").await, 403);
    assert_eq!(status(&server, "bob", Method::GET, "/bkt?acl").await, 403);
    put(document("alice", "<ID>bob</ID>", "READ_ACP")).send().await.expect(200);
    assert_eq!(status(&server, "bob", Method::GET, "/bkt?acl").await, 200);
    assert_eq!(status(&server, "bob", Method::PUT, "/bkt/written").await, 403);

    let group = format!("<URI>{ALL_USERS}</URI>");
    for (document, code) in [
        (document("alice", "<ID>ghost</ID>", "READ"), "InvalidArgument"),
        (document("alice", "<URI>http://elsewhere</URI>", "READ"), "InvalidArgument"),
        (document("alice", "<EmailAddress>a@example.com</EmailAddress>", "READ"), "UnresolvableGrantByEmailAddress"),
        (document("alice", &group, "EVERYTHING"), "MalformedACLError"),
        (document("alice", "", "READ"), "MalformedACLError"),
        ("<AccessControlPolicy>".to_owned(), "MalformedACLError"),
        (String::new(), "MissingSecurityHeader"),
    ] {
        put(document.clone()).send().await.expect_error(400, code);
    }
    put(document("bob", &group, "READ")).send().await.expect_error(403, "AccessDenied");
    let canned = |name: &'static str| by(&server, "alice", Method::PUT, "/bkt?acl").header("x-amz-acl", name);
    canned("public").send().await.expect_error(400, "InvalidArgument");
    canned("private").header("x-amz-grant-read", "id=bob").send().await.expect_error(400, "InvalidRequest");
    canned("private").body(document("alice", &group, "READ")).send().await.expect_error(400, "UnexpectedContent");
}

#[tokio::test]
async fn a_bucket_policy_counts_for_everybody_but_root() {
    let server = populated().await;
    let put = |document: String| by(&server, "alice", Method::PUT, "/bkt?policy").body(document);
    put(policy("Allow", "\"*\"", "s3:GetObject", "bkt/*")).send().await.expect(204);
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt/key").await, 200);
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt").await, 403);
    let shown = by(&server, "alice", Method::GET, "/bkt?policy").send().await.expect(200);
    assert_eq!(shown.header("content-type"), "application/json");
    assert_eq!(shown.text(), policy("Allow", "\"*\"", "s3:GetObject", "bkt/*"), "as it was written");

    put(policy("Deny", "{\"AWS\":\"arn:aws:iam:::user/bob\"}", "s3:GetObject", "bkt/*")).send().await.expect(204);
    for (who, expected) in [("bob", 403), ("alice", 200), ("boss", 200), ("root", 200), ("nobody", 403)] {
        assert_eq!(status(&server, who, Method::GET, "/bkt/key").await, expected, "{who}");
    }
    put(policy("Deny", "\"*\"", "s3:*", "bkt*")).send().await.expect(204);
    for (who, expected) in [("alice", 403), ("boss", 403), ("root", 200)] {
        assert_eq!(status(&server, who, Method::GET, "/bkt/key").await, expected, "{who}");
    }
    server.delete("/bkt?policy").await.expect(204);
    server.get("/bkt?policy").await.expect_error(404, "NoSuchBucketPolicy");
    assert_eq!(status(&server, "alice", Method::GET, "/bkt/key").await, 200);

    // Whoever has no policy of its own gets what the bucket gives it, and no more.
    server.iam.put_user("carol", Secret::new(SECRET), true).await.expect("a user is made");
    put(policy("Allow", "{\"AWS\":\"carol\"}", "s3:GetObject", "bkt/key")).send().await.expect(204);
    assert_eq!(status(&server, "carol", Method::GET, "/bkt/key").await, 200);
    assert_eq!(status(&server, "carol", Method::PUT, "/bkt/key").await, 403);
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt/key").await, 403);
    server.iam.set_user_enabled("carol", false).await.expect("disabled");
    assert_eq!(status(&server, "carol", Method::GET, "/bkt/key").await, 403);

    for (document, status, code) in [
        ("{".to_owned(), 400, "MalformedPolicy"),
        (policy("Allow", "\"*\"", "s3:GetObject", "other/*"), 400, "MalformedPolicy"),
        (policy("Allow", "\"*\"", "s3:GetObject", "bkt/*").replace("2012-10-17", ""), 400, "MalformedPolicy"),
        (
            policy("Allow", "\"*\"", "s3:GetObject", "bkt/*").replace("\"Principal\"", "\"NotPrincipal\""),
            400,
            "MalformedPolicy",
        ),
        (String::new(), 411, "MissingContentLength"),
        (" ".repeat(20_481), 400, "PolicyTooLarge"),
    ] {
        put(document).send().await.expect_error(status, code);
    }
}

#[tokio::test]
async fn what_minio_can_not_read_is_kept_from_it() {
    let server = populated().await;
    let put = |document: String| by(&server, "alice", Method::PUT, "/bkt?policy").body(document);
    put(policy("Allow", "\"*\"", "s3:GetObjectAcl", "bkt/*")).send().await.expect(204);
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt/key?acl").await, 200);
    assert!(server.get("/bkt?policy").await.expect(200).text().contains("s3:GetObjectAcl"));
    put(policy("Allow", "\"*\"", "s3:GetObject", "bkt/*")).send().await.expect(204);
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt/key?acl").await, 403);
    let by_list = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Deny","Principal":"*","Action":"s3:PutObject","Resource":"arn:aws:s3:::bkt/*",
         "Condition":{"StringLike":{"s3:x-amz-acl":"public*"}}}]}"#;
    put(by_list.to_owned()).send().await.expect(204);
    let open = by(&server, "bob", Method::PUT, "/bkt/open").header("x-amz-acl", "public-read");
    open.send().await.expect_error(403, "AccessDenied");
    assert_eq!(status(&server, "bob", Method::PUT, "/bkt/closed").await, 200);
    server.delete("/bkt?policy").await.expect(204);
    server.get("/bkt?policy").await.expect_error(404, "NoSuchBucketPolicy");
}

#[tokio::test]
async fn ownership_controls_switch_lists_off_and_on() {
    let server = populated().await;
    let rule = |name: &str| {
        format!("<OwnershipControls><Rule><ObjectOwnership>{name}</ObjectOwnership></Rule></OwnershipControls>")
    };
    let put = |name: &str| by(&server, "alice", Method::PUT, "/bkt?ownershipControls").body(rule(name));
    put("BucketOwnerEnforced").send().await.expect(200);
    let seen = by(&server, "alice", Method::GET, "/bkt?ownershipControls").send().await.expect(200);
    assert_eq!(seen.element("ObjectOwnership"), "BucketOwnerEnforced");
    let write = |who: &str, key: &str| by(&server, who, Method::PUT, &format!("/bkt/{key}"));
    write("bob", "a").send().await.expect(200);
    write("bob", "a").header("x-amz-acl", "bucket-owner-full-control").send().await.expect(200);
    write("bob", "a").header("x-amz-acl", "private").send().await.expect_error(400, "AccessControlListNotSupported");
    for path in ["/bkt?acl", "/bkt/key?acl"] {
        let ask = by(&server, "alice", Method::PUT, path).header("x-amz-acl", "private");
        ask.send().await.expect_error(400, "AccessControlListNotSupported");
    }
    put("BucketOwnerPreferred").send().await.expect(200);
    assert_eq!(status(&server, "bob", Method::PUT, "/bkt/a").await, 403, "bob is another account now");
    let open = policy("Allow", "\"*\"", "s3:*", "bkt*");
    by(&server, "alice", Method::PUT, "/bkt?policy").body(open).send().await.expect(204);
    let owner = |key: &'static str| {
        let ask = server.ask(Method::GET, &format!("/bkt/{key}?acl"));
        async { ask.send().await.expect(200).element("ID") }
    };
    write("bob", "b").send().await.expect(200);
    assert_eq!(owner("b").await, "bob");
    write("bob", "b").header("x-amz-acl", "bucket-owner-full-control").send().await.expect(200);
    assert_eq!(owner("b").await, "alice");
    put("ObjectWriter").send().await.expect(200);
    write("bob", "b").header("x-amz-acl", "bucket-owner-full-control").send().await.expect(200);
    assert_eq!(owner("b").await, "bob");
    assert_eq!(status(&server, "alice", Method::GET, "/bkt/b").await, 200, "bob gave it full control");
    put("Somebody").send().await.expect_error(400, "MalformedXML");

    set_list(&server, "alice", "/bkt?acl", "public-read").await;
    put("BucketOwnerEnforced").send().await.expect_error(400, "InvalidBucketAclWithObjectOwnership");
    by(&server, "alice", Method::DELETE, "/bkt?ownershipControls").send().await.expect(204);
    let seen = by(&server, "alice", Method::GET, "/bkt?ownershipControls").send().await;
    seen.expect_error(404, "OwnershipControlsNotFoundError");
    let made = by(&server, "bob", Method::PUT, "/bobs").header("x-amz-object-ownership", "ObjectWriter");
    made.send().await.expect(200);
    assert_eq!(status(&server, "alice", Method::GET, "/bobs").await, 403);
    let bad = by(&server, "bob", Method::PUT, "/bobs2").header("x-amz-object-ownership", "Nobody");
    bad.send().await.expect_error(400, "InvalidArgument");
}

#[tokio::test]
async fn public_access_is_blocked_in_four_ways() {
    let server = populated().await;
    let block = |switch: &str| {
        let root = "PublicAccessBlockConfiguration";
        let document = format!("<{root}><{switch}>true</{switch}></{root}>");
        by(&server, "alice", Method::PUT, "/bkt?publicAccessBlock").body(document)
    };
    let open = || policy("Allow", "\"*\"", "s3:GetObject", "bkt/*");
    block("BlockPublicAcls").send().await.expect(200);
    for canned in ["public-read", "public-read-write", "authenticated-read"] {
        for path in ["/bkt?acl", "/bkt/key?acl", "/bkt/new"] {
            let ask = by(&server, "alice", Method::PUT, path).header("x-amz-acl", canned);
            ask.send().await.expect_error(403, "AccessDenied");
        }
    }
    by(&server, "alice", Method::PUT, "/bkt/new").header("x-amz-acl", "private").send().await.expect(200);
    block("BlockPublicPolicy").send().await.expect(200);
    let put = |document: String| by(&server, "alice", Method::PUT, "/bkt?policy").body(document);
    put(open()).send().await.expect_error(403, "AccessDenied");
    put(policy("Allow", "{\"AWS\":\"bob\"}", "s3:GetObject", "bkt/*")).send().await.expect(204);

    by(&server, "alice", Method::DELETE, "/bkt?publicAccessBlock").send().await.expect(204);
    put(open()).send().await.expect(204);
    set_list(&server, "alice", "/bkt?acl", "public-read").await;
    set_list(&server, "alice", "/bkt/new?acl", "public-read").await;
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt/key").await, 200);
    block("RestrictPublicBuckets").send().await.expect(200);
    for (who, expected) in [("nobody", 403), ("bob", 403), ("alice", 200), ("boss", 200)] {
        assert_eq!(status(&server, who, Method::GET, "/bkt/key").await, expected, "{who}");
    }
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt/new").await, 200, "its own list lets everybody in");
    block("IgnorePublicAcls").send().await.expect(200);
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt").await, 403);
    by(&server, "alice", Method::DELETE, "/bkt?policy").send().await.expect(204);
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt/new").await, 403);
    let seen = by(&server, "alice", Method::GET, "/bkt?publicAccessBlock").send().await.expect(200);
    assert_eq!((seen.element("IgnorePublicAcls"), seen.element("BlockPublicAcls")), ("true".into(), "false".into()));
}

#[tokio::test]
async fn a_bucket_must_be_of_whom_the_request_expects() {
    let server = populated().await;
    let ask =
        |owner: &'static str| by(&server, "bob", Method::GET, "/bkt").header("x-amz-expected-bucket-owner", owner);
    ask("alice").send().await.expect(200);
    ask("bob").send().await.expect_error(403, "AccessDenied");
    let copy = |owner: &'static str| {
        let ask = by(&server, "bob", Method::PUT, "/bkt/copy").header("x-amz-copy-source", "/bkt/key");
        ask.header("x-amz-source-expected-bucket-owner", owner)
    };
    copy("alice").send().await.expect(200);
    copy("bob").send().await.expect_error(403, "AccessDenied");
}

#[tokio::test]
async fn buckets_are_made_with_lists() {
    let server = populated().await;
    let make = |name: &str| by(&server, "alice", Method::PUT, &format!("/{name}"));
    make("shared").header("x-amz-acl", "private").send().await.expect(200);
    assert_eq!(status(&server, "bob", Method::GET, "/shared").await, 200, "many clients always say so");
    make("open").header("x-amz-acl", "public-read").send().await.expect(200);
    assert_eq!(status(&server, "nobody", Method::GET, "/open").await, 200);
    make("given").header("x-amz-grant-write", "id=bob").send().await.expect(200);
    assert_eq!(status(&server, "bob", Method::PUT, "/given/a").await, 200);
    assert_eq!(status(&server, "bob", Method::GET, "/given").await, 403);
    make("bad").header("x-amz-grant-read", "id=ghost").send().await.expect_error(400, "InvalidArgument");
    make("bad").header("x-amz-grant-read", "nonsense").send().await.expect_error(400, "InvalidArgument");
    assert_eq!(status(&server, "alice", Method::HEAD, "/bad").await, 404);
}

#[tokio::test]
async fn the_missing_is_told_to_those_who_may_list() {
    let server = populated().await;
    server.ask(Method::GET, "/nobucket/key").anonymous().send().await.expect_error(404, "NoSuchBucket");
    let listing = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Principal":"*","Action":"s3:ListBucket",
        "Resource":"arn:aws:s3:::bkt","Condition":{"StringLike":{"s3:prefix":"public/*"}}}]}"#;
    by(&server, "alice", Method::PUT, "/bkt?policy").body(listing).send().await.expect(204);
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt/public/missing").await, 404);
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt/private/missing").await, 403);
    assert_eq!(status(&server, "nobody", Method::GET, "/bkt/key").await, 403);
}
