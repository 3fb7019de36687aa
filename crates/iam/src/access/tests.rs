use super::*;

#[test]
fn what_is_stored_is_read() {
    let access = BucketAccess {
        owner: Some("alice".to_owned()),
        acl: Some(Acl::canned(CannedAcl::PublicRead, "alice", "alice")),
        ownership: Some(ObjectOwnership::ObjectWriter),
        block: Some(PublicAccessBlock { ignore_public_acls: true, ..PublicAccessBlock::default() }),
        ..BucketAccess::default()
    };
    let stored = access.to_json().expect("something is said").to_string();
    assert_eq!(BucketAccess::from_json(stored.as_bytes()), access);
    assert_eq!(BucketAccess::default().to_json(), None);
}

#[test]
fn what_can_not_be_read_is_no_permission() {
    for text in ["", "[]", "{\"owner\":1}", "{\"acl\":{}}", "{\"later\":1}", "{\"publicAccessBlock\":[true]}"] {
        assert!(BucketAccess::from_json(text.as_bytes()).unreadable, "{text}");
    }
}

#[test]
fn accounts_are_apart_as_soon_as_lists_are_in_use() {
    let mut access = BucketAccess { owner: Some("alice".to_owned()), ..BucketAccess::default() };
    assert!(!access.separates_accounts() && access.has_lists());
    access.acl = Some(Acl::private("alice"));
    assert!(access.separates_accounts());
    access.ownership = Some(ObjectOwnership::BucketOwnerEnforced);
    assert!(!access.separates_accounts() && !access.has_lists());
    access = BucketAccess { ownership: Some(ObjectOwnership::BucketOwnerPreferred), ..BucketAccess::default() };
    assert!(access.separates_accounts());
}
