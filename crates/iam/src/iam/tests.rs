use super::*;
use crate::{BucketAccess, BucketPolicy, Context};
use base::Secret;

fn iam() -> Iam {
    Iam::new(Credentials::new("rootuser", Secret::new("rootsecret")).unwrap())
}

#[test]
fn root_may_do_everything_and_the_grant_says_what() {
    let iam = iam();
    let root = iam.caller("rootuser").unwrap();
    for action in Action::ALL {
        let grant = iam.authorize(&root, *action, Some("bucket"), Some("key"), &Context::default()).unwrap();
        assert_eq!(grant.action(), *action);
        assert_eq!(grant.bucket(), Some("bucket"));
        assert_eq!(grant.key(), Some("key"));
        assert!(grant.caller().is_root());
    }
}

#[test]
fn anonymous_callers_may_do_nothing_unless_a_bucket_says_so() {
    let iam = iam();
    for action in Action::ALL {
        let denied = iam.authorize(&Caller::anonymous(), *action, Some("b"), Some("k"), &Context::default());
        assert_eq!(denied, Err(Denied { access_key: None, action: *action }));
    }
    let document = br#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","Principal":"*","Action":"s3:GetObject","Resource":"arn:aws:s3:::bkt/*"}]}"#;
    let policy = Arc::new(BucketPolicy::parse(document, "bkt").unwrap());
    let access = BucketAccess { policy: Some(policy), ..BucketAccess::default() };
    let anybody = Caller::anonymous().before(vec![("bkt".to_owned(), Arc::new(access))]);
    let may = |action, bucket| iam.authorize(&anybody, action, Some(bucket), Some("k"), &Context::default()).is_ok();
    assert!(may(Action::GetObject, "bkt"));
    assert!(!may(Action::PutObject, "bkt"));
    assert!(!may(Action::GetObject, "other"), "another bucket's policy says nothing of this one");
}

#[test]
fn the_root_of_another_server_is_not_ours() {
    let other = Iam::new(Credentials::new("otherroot", Secret::new("rootsecret")).unwrap());
    let stranger = other.caller("otherroot").unwrap();
    assert!(iam().authorize(&stranger, Action::GetObject, Some("b"), Some("k"), &Context::default()).is_err());
}

#[test]
fn unknown_access_keys_have_no_secret_and_no_caller() {
    let iam = iam();
    assert_eq!(iam.signing_secret("rootuse", Timestamp::ZERO).unwrap_err(), LookupError::Unknown);
    assert!(iam.caller("").is_none());
    assert_eq!(iam.signing_secret("rootuser", Timestamp::ZERO).unwrap().secret.expose(), "rootsecret");
}

#[test]
fn root_can_be_kept_out() {
    let iam = iam();
    let root = iam.caller("rootuser").unwrap();
    iam.set_root_access(false);
    assert_eq!(iam.signing_secret("rootuser", Timestamp::ZERO).unwrap_err(), LookupError::Disabled);
    assert!(iam.authorize(&root, Action::GetObject, Some("b"), Some("k"), &Context::default()).is_err());
}
