//! AWS, "Authenticating Requests: Using Query Parameters": the example, and its limits in time.

use super::*;
use std::time::Duration;

const QUERY: &str = "X-Amz-Algorithm=AWS4-HMAC-SHA256\
    &X-Amz-Credential=AKIAIOSFODNN7EXAMPLE%2F20130524%2Fus-east-1%2Fs3%2Faws4_request\
    &X-Amz-Date=20130524T000000Z&X-Amz-Expires=86400&X-Amz-SignedHeaders=host\
    &X-Amz-Signature=aeeed9bbccd4d02ee5c0109b86d86835f995330da4c265957d157751f604d404";

fn example() -> Head {
    Head::new(Method::GET, "/test.txt", &[]).query(QUERY)
}

fn changed(from: &str, to: &str) -> Head {
    assert!(QUERY.contains(from), "{from}");
    example().query(&QUERY.replace(from, to))
}

#[test]
fn the_published_example_is_accepted() {
    match example().authenticate() {
        Ok(Identity::Signed(signed)) => {
            assert_eq!(signed.place, Place::Query);
            assert_eq!(signed.payload, PayloadMode::Unsigned);
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn it_lives_from_its_date_to_its_expiry() {
    let at = |now| example().authenticate_at(&ANY_REGION, now).map(|_| ());
    let minutes = |count: u64| Duration::from_secs(60 * count);
    let early = Timestamp::from_secs(THEN.secs() - 15 * 60);
    assert_eq!(at(early), Ok(()));
    assert_eq!(at(Timestamp::from_secs(early.secs() - 1)), Err(AuthError::NotValidYet));
    assert_eq!(at(THEN.plus(minutes(24 * 60))), Ok(()));
    assert_eq!(at(THEN.plus(minutes(24 * 60 + 1))), Err(AuthError::Expired));
}

#[test]
fn every_parameter_is_required() {
    let names = ["Algorithm", "Date", "Expires", "SignedHeaders", "Signature"];
    for name in names {
        assert_eq!(changed(&format!("X-Amz-{name}="), "other=").refusal(), AuthError::MissingParameters, "{name}");
    }
    // Without a credential it isn't a presigned URL at all.
    assert!(matches!(changed("X-Amz-Credential=", "x-amz-credential=").authenticate(), Ok(Identity::Anonymous { .. })));
}

#[test]
fn each_bad_parameter_has_its_error() {
    let cases = [
        ("AWS4-HMAC-SHA256", "AWS4-HMAC-SHA1", AuthError::WrongAlgorithm),
        ("Date=20130524T000000Z", "Date=2013-05-24T00:00:00Z", AuthError::MalformedPresignedDate),
        ("Expires=86400", "Expires=soon", AuthError::ExpiresNotANumber),
        ("Expires=86400", "Expires=-1", AuthError::ExpiresNegative),
        ("Expires=86400", "Expires=604801", AuthError::ExpiresTooLong),
        ("SignedHeaders=host", "SignedHeaders=range", AuthError::UnsignedHeaders),
        ("SignedHeaders=host", "SignedHeaders=host%3Brange", AuthError::UnsignedHeaders),
        ("%2Faws4_request", "", AuthError::MalformedCredential),
        ("aws4_request", "aws5_request", AuthError::WrongTerminal),
        ("%2Fs3%2F", "%2Fsts%2F", AuthError::WrongService { expected: "s3" }),
        ("20130524%2F", "20131324%2F", AuthError::MalformedCredentialDate),
        ("AKIAIOSFODNN7EXAMPLE", "NOBODY", AuthError::UnknownKey),
        ("AKIAIOSFODNN7EXAMPLE", "AK", AuthError::UnknownKey),
        ("X-Amz-Signature=aeeed9", "X-Amz-Signature=aeeed8", AuthError::SignatureMismatch),
        ("X-Amz-Signature=aeeed9", "X-Amz-Signature=", AuthError::SignatureMismatch),
        ("Expires=86400", "Expires=86401", AuthError::SignatureMismatch),
        ("&X-Amz-SignedHeaders", "&acl&X-Amz-SignedHeaders", AuthError::SignatureMismatch),
        ("X-Amz-Algorithm", "a=%zz&X-Amz-Algorithm", AuthError::UnsupportedMechanism),
        ("X-Amz-Algorithm", "a;b&X-Amz-Algorithm", AuthError::UnsupportedMechanism),
    ];
    for (from, to, error) in cases {
        assert_eq!(changed(from, to).refusal(), error, "{to}");
    }
}

#[test]
fn unsigned_metadata_is_refused_and_another_method_too() {
    assert_eq!(example().with("x-amz-meta-a", "b").refusal(), AuthError::UnsignedHeaders);
    let mut head = example();
    head.method = Method::HEAD;
    assert_eq!(head.refusal(), AuthError::SignatureMismatch);
}

#[test]
fn the_region_is_checked_if_there_is_one() {
    let in_region = |region| {
        let expected = Expected { service: Service::S3, region: Some(region), host_bucket: None };
        example().authenticate_at(&expected, THEN).map(|_| ())
    };
    assert_eq!(in_region("us-east-1"), Ok(()));
    assert_eq!(in_region("US"), Ok(()));
    assert_eq!(in_region(""), Ok(()));
    assert_eq!(in_region("us-west-1"), Err(AuthError::WrongRegion { expected: "us-west-1".to_owned() }));
}
