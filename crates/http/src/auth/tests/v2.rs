//! Signature V2: examples that AWS published, and what is refused.

use super::*;
use crate::auth::SignatureVersion;
use crate::auth::v2::is_signature_of;

/// 2007-03-27T19:36:42Z.
const NOW: Timestamp = Timestamp::from_secs(1_175_024_202);
const EXPECTED: Expected<'static> = Expected { service: Service::S3, region: None, host_bucket: Some("johnsmith") };

fn get(signature: &str) -> Head {
    Head::new(Method::GET, "/photos/puppy.jpg", &[("date", "Tue, 27 Mar 2007 19:36:42 +0000")])
        .with("authorization", &format!("AWS {ACCESS_KEY}:{signature}"))
}

/// The published listing of a bucket, whose resource is `/johnsmith/`, asked for in path style.
#[test]
fn a_bucket_alone_is_signed_with_a_slash() {
    let list = |path, date| {
        Head::new(Method::GET, path, &[("date", date)])
            .with("authorization", &format!("AWS {ACCESS_KEY}:htDYFYduRNen8P9ZfE/s9SuKy0U="))
            .query("prefix=photos&max-keys=50&marker=puppy")
    };
    let date = "Tue, 27 Mar 2007 19:42:41 +0000";
    for path in ["/johnsmith", "/johnsmith/"] {
        assert!(list(path, date).authenticate_at(&ANY_REGION, NOW).is_ok(), "{path}");
    }
    assert!(list("/johnsmith/key", date).authenticate_at(&ANY_REGION, NOW).is_err());
    assert!(list("/johnsmith", "Tue, 27 Mar 2007 19:42:42 +0000").authenticate_at(&ANY_REGION, NOW).is_err());
}

#[test]
fn the_published_request_is_accepted_and_no_other() {
    let right = get("bWq2s1WEIj+Ydj0vQ697zp+IXMU=");
    let identity = right.authenticate_at(&EXPECTED, NOW).unwrap();
    let Identity::Signed(signed) = identity else { panic!("it is signed") };
    assert_eq!((signed.access_key.as_str(), signed.version), (ACCESS_KEY, SignatureVersion::V2));
    let refused = |head: Head, expected: &Expected<'_>, now| head.authenticate_at(expected, now).unwrap_err();
    let elsewhere = Expected { host_bucket: Some("other"), ..EXPECTED };
    assert_eq!(refused(right.clone(), &elsewhere, NOW), AuthError::SignatureMismatch);
    assert_eq!(refused(right.clone(), &ANY_REGION, NOW), AuthError::SignatureMismatch);
    for changed in [
        right.clone().query("acl"),
        right.clone().with("x-amz-meta-a", "b"),
        right.clone().with("content-type", "a/b"),
        get("bWq2s1WEIj+Ydj0vQ697zp+IXMX="),
        get("nonsense"),
        get(""),
    ] {
        assert_eq!(refused(changed, &EXPECTED, NOW), AuthError::SignatureMismatch);
    }
    // What isn't part of the resource isn't signed.
    assert!(right.clone().query("prefix=a").authenticate_at(&EXPECTED, NOW).is_ok());
    let before_all_clocks = right.clone().with("x-amz-date", "Fri, 07 Jul 1950 21:53:04 GMT");
    assert_eq!(refused(before_all_clocks, &EXPECTED, NOW), AuthError::BadV2Date);
    let later = Timestamp::from_secs(NOW.secs() + 16 * 60);
    assert_eq!(refused(right.clone(), &EXPECTED, later), AuthError::TimeTooSkewed);
    assert_eq!(refused(right.without("date"), &EXPECTED, NOW), AuthError::BadV2Date);
    let sts = Expected { service: Service::Sts, ..EXPECTED };
    assert_eq!(refused(get("bWq2s1WEIj+Ydj0vQ697zp+IXMU="), &sts, NOW), AuthError::UnsupportedMechanism);
}

#[test]
fn the_published_url_is_good_until_it_expires() {
    let query = format!("AWSAccessKeyId={ACCESS_KEY}&Signature=NpgCjnDzrM%2BWFzoENXmpNDUsSn8%3D&Expires=1175139620");
    let head = Head::new(Method::GET, "/photos/puppy.jpg", &[]).query(&query);
    assert!(head.authenticate_at(&EXPECTED, Timestamp::from_secs(1_175_139_620)).is_ok());
    let late = head.authenticate_at(&EXPECTED, Timestamp::from_secs(1_175_139_621));
    assert_eq!(late.unwrap_err(), AuthError::Expired);
    let longer = head.clone().query(&query.replace("39620", "39621"));
    assert_eq!(longer.authenticate_at(&EXPECTED, NOW).unwrap_err(), AuthError::SignatureMismatch);
    let without = head.query(&query.replace("Expires", "expires"));
    assert_eq!(without.authenticate_at(&EXPECTED, NOW).unwrap_err(), AuthError::MissingParameters);
}

#[test]
fn tokens_go_with_their_keys() {
    let query = format!("AWSAccessKeyId=TEMPORARY&Signature=x&Expires={}", NOW.secs());
    let head = Head::new(Method::GET, "/a/b", &[]).query(&query);
    assert_eq!(head.authenticate_at(&ANY_REGION, NOW).unwrap_err(), AuthError::InvalidToken);
    let unknown = Head::new(Method::GET, "/a/b", &[]).query(&query.replace("TEMPORARY", "NOBODY"));
    assert_eq!(unknown.authenticate_at(&ANY_REGION, NOW).unwrap_err(), AuthError::UnknownKey);
}

#[test]
fn texts_are_signed_as_forms_have_it() {
    let secret = Secret::new("key");
    // RFC 2202 doesn't have this one; it is of Python's hmac module.
    let text = b"The quick brown fox jumps over the lazy dog";
    assert!(is_signature_of(&secret, text, "3nybhbi3iqa8ino29wqQcBydtNk="));
    assert!(!is_signature_of(&secret, b"another", "3nybhbi3iqa8ino29wqQcBydtNk="));
}
