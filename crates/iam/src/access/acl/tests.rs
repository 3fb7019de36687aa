use super::*;
use proptest::prelude::*;

fn grantee() -> impl Strategy<Value = Grantee> {
    prop_oneof![
        "[a-zA-Z0-9=, ]{1,12}".prop_map(Grantee::User),
        Just(Grantee::AllUsers),
        Just(Grantee::AuthenticatedUsers),
        Just(Grantee::LogDelivery),
    ]
}

proptest! {
    #[test]
    fn what_is_stored_is_read(owner in "[a-z=, ]{1,9}", grants in proptest::collection::vec((grantee(), 0usize..5), 0..9)) {
        let grants = grants.into_iter().map(|(grantee, at)| AclGrant { grantee, permission: Permission::ALL[at] });
        let acl = Acl { owner, grants: grants.collect() };
        prop_assert_eq!(Acl::from_json(&acl.to_json()), Some(acl));
    }
}

#[test]
fn what_can_not_be_read_is_no_list() {
    for text in [
        r#"{}"#,
        r#"{"owner":"a"}"#,
        r#"{"owner":"a","grants":["READ"]}"#,
        r#"{"owner":"a","grants":["READ uri=x"]}"#,
        r#"{"owner":"a","grants":["ALL id=x"]}"#,
        r#"{"owner":1,"grants":[]}"#,
    ] {
        assert_eq!(Acl::from_json(&serde_json::from_str(text).unwrap()), None, "{text}");
    }
    let many = json!({ "owner": "a", "grants": vec!["READ id=b"; MAX_GRANTS + 1] });
    assert_eq!(Acl::from_json(&many), None);
}

#[test]
fn a_grant_gives_what_it_says_to_whom_it_names() {
    let acl = Acl::canned(CannedAcl::PublicRead, "owner", "owner");
    assert!(acl.gives(None, Permission::Read, false) && acl.gives(Some("x"), Permission::Read, false));
    assert!(!acl.gives(None, Permission::Read, true), "what everybody gets can be left out");
    assert!(!acl.gives(Some("x"), Permission::Write, false) && !acl.gives(None, Permission::ReadAcp, false));
    assert!(acl.gives(Some("owner"), Permission::Write, true));
    let acl = Acl::canned(CannedAcl::AuthenticatedRead, "owner", "owner");
    assert!(acl.gives(Some("x"), Permission::Read, false) && !acl.gives(None, Permission::Read, false));
    let nothing = Acl { owner: "owner".to_owned(), grants: Vec::new() };
    assert!(nothing.gives(Some("owner"), Permission::WriteAcp, false), "an owner can always take back what it gave up");
    assert!(!nothing.gives(Some("owner"), Permission::Read, false));
    let logs = Acl::canned(CannedAcl::LogDeliveryWrite, "owner", "owner");
    assert!(!logs.gives(Some("x"), Permission::Write, false));
}

#[test]
fn canned_lists_are_those_of_the_reference() {
    let shown = |canned, owner| -> Vec<String> {
        let acl = Acl::canned(canned, owner, "bucketowner");
        serde_json::from_value(acl.to_json()["grants"].clone()).unwrap()
    };
    let all = "uri=http://acs.amazonaws.com/groups/global/AllUsers";
    assert_eq!(
        shown(CannedAcl::PublicReadWrite, "a"),
        [format!("READ {all}"), format!("WRITE {all}"), "FULL_CONTROL id=a".to_owned()]
    );
    assert_eq!(shown(CannedAcl::BucketOwnerRead, "a"), ["FULL_CONTROL id=a", "READ id=bucketowner"]);
    assert_eq!(shown(CannedAcl::BucketOwnerFullControl, "bucketowner"), ["FULL_CONTROL id=bucketowner"]);
    assert_eq!(shown(CannedAcl::AwsExecRead, "a"), ["FULL_CONTROL id=a"]);
}
