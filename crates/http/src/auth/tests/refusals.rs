//! Each way in which a request signed in its header is turned away, and what is let through.

use super::*;

fn with_authorization(value: &str) -> Head {
    plain().with("x-amz-date", "20130524T000000Z").with("authorization", value)
}

#[test]
fn a_request_signed_by_our_own_pieces_is_accepted() {
    assert!(plain().sign(ACCESS_KEY, PLAIN).authenticate().is_ok());
    assert!(plain().sign("with/slash", PLAIN).authenticate().is_ok(), "access keys may hold slashes");
    assert!(plain().with("x-amz-meta-a", "b").sign(ACCESS_KEY, PLAIN).authenticate().is_ok(), "unsigned metadata");
}

#[test]
fn what_is_not_signature_v4_is_told_apart() {
    let cases = [
        ("Basic dXNlcjpwYXNz", AuthError::UnsupportedMechanism),
        ("", AuthError::UnsupportedMechanism),
        ("AWS nonsense", AuthError::MalformedV2),
        ("AWS4-ECDSA-P256-SHA256 Credential=a", AuthError::UnsupportedMechanism),
        ("Bearer token", AuthError::Bearer),
    ];
    for (value, error) in cases {
        assert_eq!(with_authorization(value).refusal(), error, "{value}");
    }
    assert_eq!(plain().query("AWSAccessKeyId=a").refusal(), AuthError::MissingParameters);
    assert_eq!(plain().query("Action=AssumeRole").refusal(), AuthError::UnsupportedMechanism);
    let form = Head::new(Method::POST, "/bucket", &[("content-type", "Multipart/Form-Data; boundary=x")]);
    assert!(matches!(form.authenticate(), Ok(Identity::Anonymous { .. })), "its fields tell");
}

#[test]
fn two_kinds_at_once_are_refused() {
    let signed = plain().sign(ACCESS_KEY, PLAIN);
    assert_eq!(signed.clone().query("X-Amz-Credential=a").refusal(), AuthError::SeveralKinds);
    assert_eq!(signed.with("authorization", "Basic a").refusal(), AuthError::SeveralKinds);
}

#[test]
fn each_broken_part_of_the_header_has_its_error() {
    let scope = "20130524/us-east-1/s3/aws4_request";
    let cases = [
        ("AWS4-HMAC-SHA256".to_owned(), AuthError::MissingFields),
        ("AWS4-HMAC-SHA256 Credential=a,SignedHeaders=b".to_owned(), AuthError::MissingFields),
        ("AWS4-HMAC-SHA256 Credential=a,SignedHeaders=b,Signature=c,d=e".to_owned(), AuthError::MissingFields),
        ("AWS4-HMAC-SHA256 a,SignedHeaders=b,Signature=c".to_owned(), AuthError::MissingFields),
        ("AWS4-HMAC-SHA256 Cred=a,SignedHeaders=b,Signature=c".to_owned(), AuthError::MissingCredential),
        ("AWS4-HMAC-SHA256 Credential=a,Signed=b,Signature=c".to_owned(), AuthError::MissingSignedHeaders),
        ("AWS4-HMAC-SHA256 Credential=a,SignedHeaders=b,Sig=c".to_owned(), AuthError::MissingSignature),
        ("AWS4-HMAC-SHA256 Credential=a/b,SignedHeaders=host,Signature=c".to_owned(), AuthError::MalformedCredential),
        (
            format!("AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{scope},SignedHeaders=x-amz-date,Signature=c"),
            AuthError::UnsignedHeaders,
        ),
        (
            format!("AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{scope},SignedHeaders=host;x-absent,Signature=c"),
            AuthError::UnsignedHeaders,
        ),
        (format!("AWS4-HMAC-SHA256 Credential=NOBODY/{scope},SignedHeaders=host,Signature=c"), AuthError::UnknownKey),
        (
            format!("AWS4-HMAC-SHA256 Credential=DISABLED/{scope},SignedHeaders=host,Signature=c"),
            AuthError::DisabledKey,
        ),
        (
            format!("AWS4-HMAC-SHA256 Credential=LOADING/{scope},SignedHeaders=host,Signature=c"),
            AuthError::KeysNotReady,
        ),
    ];
    for (value, error) in cases {
        assert_eq!(with_authorization(&value).refusal(), error, "{value}");
    }
}

#[test]
fn the_date_must_be_there_and_near() {
    let signed = plain().sign(ACCESS_KEY, PLAIN);
    let dated = |date| signed.clone().without("x-amz-date").with("x-amz-date", date).refusal();
    assert_eq!(signed.clone().without("x-amz-date").refusal(), AuthError::MissingDate);
    assert_eq!(dated(" "), AuthError::MissingDate);
    assert_eq!(dated("2013-05-24"), AuthError::MalformedDate);
    assert_eq!(dated("20130524T240000Z"), AuthError::MalformedDate);
    assert_eq!(dated("20130524T001501Z"), AuthError::TimeTooSkewed);
    assert_eq!(dated("20130523T234459Z"), AuthError::TimeTooSkewed);
    assert_eq!(dated("20130524T001500Z"), AuthError::SignatureMismatch, "near enough, but not what was signed");
    // Dates in words are understood as well.
    assert_eq!(dated("Fri, 24 May 2013 01:00:00 GMT"), AuthError::TimeTooSkewed);
    assert_eq!(dated("Fri, 24 May 2013 02:00:00 +0200"), AuthError::SignatureMismatch, "the time, but not the header");
    let in_words = plain().with("date", "Fri, 24 May 2013 02:00:00 +0200");
    assert!(in_words.sign(ACCESS_KEY, "date;host;x-amz-content-sha256").authenticate().is_ok());
    let header = signed.without("x-amz-date").with("date", "20130524T000000Z");
    assert_eq!(header.refusal(), AuthError::UnsignedHeaders, "Date stands in, but x-amz-date was signed");
}

#[test]
fn a_scope_of_another_day_is_a_mismatch_though_signed() {
    // Signed within the allowed skew, but with the scope of the day before.
    let head = Head::new(Method::GET, "/b/k", &[("x-amz-date", "20130525T000000Z")]);
    let signed = canonical::SignedHeaders::parse("host;x-amz-date").expect("host is there");
    let query = Query::parse("").expect("empty");
    let text = canonical::request(&head.view(), &query, None, &signed, EMPTY_SHA256.as_bytes()).expect("all there");
    let key = SigningKey::derive(&Secret::new(SECRET_KEY), "20130524", "us-east-1", "s3");
    let scope = "20130524/us-east-1/s3/aws4_request";
    let hash = sha256_hex(&text);
    let signature = key.sign(&[b"AWS4-HMAC-SHA256\n20130525T000000Z\n", scope.as_bytes(), b"\n", hash.as_bytes()]);
    let value = format!(
        "AWS4-HMAC-SHA256 Credential={ACCESS_KEY}/{scope}, SignedHeaders=host;x-amz-date, Signature={signature:?}"
    );
    let now = Timestamp::from_secs(THEN.secs() + 24 * 60 * 60);
    let refused = head.with("authorization", &value).authenticate_at(&ANY_REGION, now);
    assert_eq!(refused.expect_err("another day"), AuthError::SignatureMismatch);
}

#[test]
fn payload_names_are_understood_after_the_signature() {
    let signed = |method: Method, sha256: &str| {
        let head = Head::new(method, "/bucket/key", &[("x-amz-content-sha256", sha256)]);
        head.sign(ACCESS_KEY, PLAIN).authenticate().map(|identity| identity.payload())
    };
    let [get, put] = [Method::GET, Method::PUT];
    assert_eq!(signed(get.clone(), "UNSIGNED-PAYLOAD"), Ok(PayloadMode::Unsigned));
    assert_eq!(signed(get.clone(), "nonsense"), Err(AuthError::BadPayloadHash));
    assert_eq!(signed(put.clone(), &"g".repeat(64)), Err(AuthError::BadPayloadHash));
    assert_eq!(signed(get, "STREAMING-UNSIGNED-PAYLOAD-TRAILER"), Err(AuthError::BadPayloadHash));
    let streams = [
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD", PayloadMode::StreamingSigned { trailer: false }),
        ("STREAMING-AWS4-HMAC-SHA256-PAYLOAD-TRAILER", PayloadMode::StreamingSigned { trailer: true }),
        ("STREAMING-UNSIGNED-PAYLOAD-TRAILER", PayloadMode::StreamingUnsignedTrailer),
    ];
    for (name, mode) in streams {
        assert_eq!(signed(put.clone(), name), Ok(mode));
    }
    assert_eq!(signed(put, "STREAMING-AWS4-ECDSA-P256-SHA256-PAYLOAD"), Err(AuthError::BadPayloadHash));
    let unnamed = Head::new(Method::PUT, "/b/k", &[]).sign(ACCESS_KEY, "host;x-amz-date").authenticate();
    assert_eq!(unnamed.map(|identity| identity.payload()), Ok(PayloadMode::EmptyAssumed));
}

#[test]
fn anonymous_requests_may_stream_but_not_sign_chunks() {
    let put = |sha256| Head::new(Method::PUT, "/b/k", &[("x-amz-content-sha256", sha256)]).authenticate();
    assert!(matches!(
        put("STREAMING-UNSIGNED-PAYLOAD-TRAILER"),
        Ok(Identity::Anonymous { payload: PayloadMode::StreamingUnsignedTrailer })
    ));
    assert_eq!(put("STREAMING-AWS4-HMAC-SHA256-PAYLOAD").err(), Some(AuthError::UnsupportedMechanism));
    let none = Head::new(Method::GET, "/", &[]);
    assert!(matches!(none.authenticate(), Ok(Identity::Anonymous { payload: PayloadMode::Unsigned })));
    assert_eq!(none.with("x-amz-security-token", "t").refusal(), AuthError::TokenWithoutKey);
}

#[test]
fn session_tokens_belong_to_temporary_keys() {
    let with_token = |key, token: Option<&str>| {
        let head = plain();
        let head = token.map_or(head.clone(), |token| head.with("x-amz-security-token", token));
        head.sign(key, PLAIN).authenticate().map(|_| ())
    };
    assert_eq!(with_token("TEMPORARY", Some("the-token")), Ok(()));
    assert_eq!(with_token("TEMPORARY", Some("the-tokem")), Err(AuthError::InvalidToken));
    assert_eq!(with_token("TEMPORARY", None), Err(AuthError::InvalidToken));
    assert_eq!(with_token(ACCESS_KEY, Some("the-token")), Err(AuthError::InvalidToken));
    assert_eq!(with_token("EXPIRING", None), Ok(()));
    assert_eq!(with_token("EXPIRING", Some("whatever")), Ok(()));
}

#[test]
fn a_signed_header_that_was_taken_away_on_the_way_is_looked_for_elsewhere() {
    let head = plain().with("expect", "100-continue").sign(ACCESS_KEY, "expect;host;x-amz-content-sha256;x-amz-date");
    assert!(head.without("expect").authenticate().is_ok());
}

proptest::proptest! {
    #[test]
    fn no_head_makes_it_panic(
        path in "[ -~]{0,40}",
        query in "[ -~]{0,80}",
        authorization in "(AWS4-HMAC-SHA256 Credential=)?[ -~]{0,120}",
        date in "[ -~]{0,20}",
        sha256 in "[ -~]{0,70}",
    ) {
        let headers = [("authorization", authorization), ("x-amz-date", date), ("x-amz-content-sha256", sha256)];
        let mut head = Head::new(Method::PUT, &path, &[]).query(&query);
        for (name, value) in headers {
            head = head.with(name, &value);
        }
        proptest::prop_assert!(!matches!(head.authenticate(), Ok(Identity::Signed(_))));
    }

    #[test]
    fn a_query_means_the_same_however_it_is_escaped(key in "[a-z]{1,5}", value in "\\PC{0,10}") {
        let all: String = value.bytes().map(|byte| format!("%{byte:02x}")).collect();
        let some: String = percent_encoding::utf8_percent_encode(&value, percent_encoding::NON_ALPHANUMERIC).to_string();
        let [all, some] = [all, some].map(|value| plain().query(&format!("{key}={value}")));
        let signed = some.sign(ACCESS_KEY, PLAIN);
        let other = Head { query: all.query, ..signed.clone() };
        proptest::prop_assert!(signed.authenticate().is_ok() && other.authenticate().is_ok());
    }
}
