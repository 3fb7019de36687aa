use super::*;
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
fn anonymous_callers_may_do_nothing() {
    let iam = iam();
    for action in Action::ALL {
        let denied = iam.authorize(&Caller::anonymous(), *action, Some("b"), Some("k"), &Context::default());
        assert_eq!(denied, Err(Denied { access_key: None, action: *action }));
    }
}

#[test]
fn the_root_of_another_server_is_not_ours() {
    let other = Iam::new(Credentials::new("otherroot", Secret::new("rootsecret")).unwrap());
    let stranger = other.caller("otherroot").unwrap();
    assert!(iam().authorize(&stranger, Action::GetObject, Some("b"), Some("k"), &Context::default()).is_err());
}

#[test]
fn unknown_access_keys_have_no_credentials_and_no_caller() {
    assert!(iam().credentials("rootuse").is_none());
    assert!(iam().caller("").is_none());
    assert_eq!(iam().credentials("rootuser").unwrap().secret_key().expose(), "rootsecret");
}

#[test]
fn action_names_are_distinct_and_in_the_s3_namespace() {
    let mut names: Vec<_> = Action::ALL.iter().map(|action| action.as_str()).collect();
    assert!(names.iter().all(|name| name.starts_with("s3:")));
    names.sort_unstable();
    let count = names.len();
    names.dedup();
    assert_eq!(names.len(), count);
}
