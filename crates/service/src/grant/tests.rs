use super::*;
use base::Secret;
use iam::{Context, Credentials, Iam};

fn grant(action: Action, bucket: Option<&str>, key: Option<&str>) -> Grant {
    let iam = Iam::new(Credentials::new("root", Secret::new("rootsecret")).unwrap());
    iam.authorize(&iam.caller("root").unwrap(), action, bucket, key, &Context::default()).unwrap()
}

#[test]
fn a_grant_opens_only_what_it_is_for() {
    let read = grant(Action::GetObject, Some("b"), Some("k"));
    assert_eq!(object(&read, &[Action::GetObject]).unwrap(), ("b", "k"));
    assert_eq!(object(&read, &[Action::PutObject, Action::GetObject]).unwrap(), ("b", "k"));
    let refused = object(&read, &[Action::PutObject]).unwrap_err();
    assert!(matches!(refused, ServiceError::WrongGrant { granted: Action::GetObject, wanted: Action::PutObject }));
}

#[test]
fn a_grant_without_the_name_is_an_internal_error() {
    let bucket_only = grant(Action::GetObject, Some("b"), None);
    assert!(matches!(object(&bucket_only, &[Action::GetObject]), Err(ServiceError::Internal { .. })));
    let nothing = grant(Action::ListBucket, None, None);
    assert!(matches!(bucket(&nothing, &[Action::ListBucket]), Err(ServiceError::Internal { .. })));
}

#[test]
fn grants_for_different_objects_do_not_combine() {
    let delete = grant(Action::DeleteObject, Some("b"), Some("k"));
    let bypass = grant(Action::BypassGovernanceRetention, Some("b"), Some("other"));
    assert!(same_object(&delete, &bypass).is_err());
    assert!(same_object(&delete, &grant(Action::BypassGovernanceRetention, Some("b"), Some("k"))).is_ok());
}
