//! AWS, "Authenticating Requests: Using the Authorization Header" and "... Query Parameters": the examples.

use super::*;

fn authorization(signed_headers: &str, signature: &str) -> String {
    format!(
        "AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/20130524/us-east-1/s3/aws4_request,\
         SignedHeaders={signed_headers},Signature={signature}"
    )
}

fn example(method: Method, path: &str, query: &str, headers: &[(&str, &str)], signed: &str, signature: &str) -> Head {
    let head = Head::new(method, path, headers).query(query).with("x-amz-date", "20130524T000000Z");
    head.with("authorization", &authorization(signed, signature))
}

fn get_object() -> Head {
    example(
        Method::GET,
        "/test.txt",
        "",
        &[("range", "bytes=0-9"), ("x-amz-content-sha256", EMPTY_SHA256)],
        "host;range;x-amz-content-sha256;x-amz-date",
        "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
    )
}

fn lifecycle() -> Head {
    example(
        Method::GET,
        "/",
        "lifecycle",
        &[("x-amz-content-sha256", EMPTY_SHA256)],
        "host;x-amz-content-sha256;x-amz-date",
        "fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543",
    )
}

fn list_objects() -> Head {
    example(
        Method::GET,
        "/",
        "max-keys=2&prefix=J",
        &[("x-amz-content-sha256", EMPTY_SHA256)],
        "host;x-amz-content-sha256;x-amz-date",
        "34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7",
    )
}

fn put_object() -> Head {
    example(
        Method::PUT,
        "/test%24file.text",
        "",
        &[
            ("date", "Fri, 24 May 2013 00:00:00 GMT"),
            ("x-amz-storage-class", "REDUCED_REDUNDANCY"),
            ("x-amz-content-sha256", "44ce7dd67c959e0d3524ffac1771dfbba87d2b6b4b4e99e42034a8b803f8b072"),
        ],
        "date;host;x-amz-content-sha256;x-amz-date;x-amz-storage-class",
        "98ad721746da40c64f1a55b78f14c238d841ea1380cd77a1b5971af0ece108bd",
    )
}

fn signed_by_the_example_key(head: &Head) -> Signed {
    match head.authenticate() {
        Ok(Identity::Signed(signed)) => {
            assert_eq!(signed.access_key, ACCESS_KEY);
            assert_eq!(signed.place, Place::Header);
            signed
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_published_header_examples_are_accepted() {
    for head in [get_object(), lifecycle(), list_objects()] {
        let signed = signed_by_the_example_key(&head);
        assert!(matches!(signed.payload, PayloadMode::Hash(hash) if hex::encode(hash) == EMPTY_SHA256));
        assert!(signed.seed.is_none());
    }
    signed_by_the_example_key(&put_object());
}

#[test]
fn the_order_of_parameters_and_headers_does_not_matter() {
    signed_by_the_example_key(&list_objects().query("prefix=J&max-keys=2"));
    signed_by_the_example_key(&list_objects().query("&prefix=%4a&&max-keys=2&"));
    let shuffled = get_object().without("authorization").with(
        "authorization",
        &authorization(
            "x-amz-date;Host;Range;x-amz-content-sha256",
            "f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41",
        ),
    );
    signed_by_the_example_key(&shuffled);
}

#[test]
fn blanks_around_and_within_values_do_not_matter() {
    signed_by_the_example_key(&get_object().without("range").with("range", "  bytes=0-9 "));
    // The path may be escaped more than it needs to be, or less.
    let mut less = put_object();
    less.path = "/test$file.text".to_owned();
    signed_by_the_example_key(&less);
    less.path = "/%74est$file%2etext".to_owned();
    signed_by_the_example_key(&less);
}

#[test]
fn anything_changed_is_a_mismatch() {
    let mut post = get_object();
    post.method = Method::HEAD;
    let mut other_path = get_object();
    other_path.path = "/test.txt/".to_owned();
    let mut other_host = get_object();
    other_host.host = "otherbucket.s3.amazonaws.com".to_owned();
    let changed = [
        post,
        other_path,
        other_host,
        get_object().query("acl"),
        get_object().without("range").with("range", "bytes=0-10"),
        get_object().with("range", "bytes=0-9"),
        get_object().without("x-amz-date").with("x-amz-date", "20130524T000001Z"),
        lifecycle().query("lifecycle=1"),
        list_objects().query("max-keys=2&prefix=K"),
    ];
    for (index, head) in changed.iter().enumerate() {
        assert_eq!(head.refusal(), AuthError::SignatureMismatch, "case {index}");
    }
}

#[test]
fn a_remembered_key_is_used_only_for_the_same_secret() {
    struct Changing(parking_lot::Mutex<&'static str>);
    impl SigningKeys for Changing {
        fn lookup(&self, _: &str) -> Result<Credentials, KeyError> {
            Ok(Credentials { secret: Secret::new(*self.0.lock()), token: SessionToken::Absent })
        }
    }
    let keys = Changing(parking_lot::Mutex::new(SECRET_KEY));
    let authenticator = Authenticator::new();
    let head = get_object();
    let ask = || authenticator.authenticate(&head.view(), &ANY_REGION, THEN, &keys).map(|_| ());
    assert_eq!(ask(), Ok(()));
    assert_eq!(ask(), Ok(()));
    *keys.0.lock() = "another secret";
    assert_eq!(ask(), Err(AuthError::SignatureMismatch));
    *keys.0.lock() = SECRET_KEY;
    assert_eq!(ask(), Ok(()));
}
