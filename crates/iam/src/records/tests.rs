use super::names::{Document, of_name};
use super::*;
use base::{Secret, Timestamp};

/// What a MinIO wrote, with other secrets.
const USER: &str = r#"{"version":1,"credentials":{"accessKey":"alice","secretKey":"alicesecret1","expiration":"0001-01-01T00:00:00Z","status":"on"},"updatedAt":"2026-11-23T06:28:02.253099525Z"}"#;
const ACCOUNT: &str = r#"{"version":1,"credentials":{"accessKey":"SVCEXAMPLE0001","secretKey":"svcexamplesecret1","sessionToken":"a.b.c","expiration":"1970-01-01T00:00:00Z","status":"off","parentUser":"alice","groups":["g"],"name":"nm","description":"dsc"},"updatedAt":"2026-11-23T06:28:06.657899374Z"}"#;
const SESSION: &str = r#"{"version":1,"credentials":{"accessKey":"STSEXAMPLE0000000001","secretKey":"HYMfMkFinI+CN5hFeoD7ELuWap+OvdcTSH8HPeJ5","sessionToken":"a.b.c","expiration":"2026-11-23T06:44:00Z","status":"on","parentUser":"alice"},"updatedAt":"2026-11-23T06:29:00.036904422Z"}"#;
const GROUP: &str =
    r#"{"version":1,"status":"enabled","members":["alice","bobuser"],"updatedAt":"2026-11-23T06:28:07.990535387Z"}"#;
const MAPPING: &str = r#"{"version":0,"policy":"p1,readwrite","updatedAt":"2026-11-23T06:28:04.343422904Z"}"#;

#[test]
fn what_minio_wrote_is_written_again_byte_for_byte() {
    for text in [USER, ACCOUNT, SESSION] {
        assert_eq!(IdentityRecord::parse(text.as_bytes()).unwrap().to_json(), text);
    }
    assert_eq!(GroupRecord::parse(GROUP.as_bytes()).unwrap().to_json(), GROUP);
    assert_eq!(MappingRecord::parse(MAPPING.as_bytes()).unwrap().to_json(), MAPPING);
}

#[test]
fn identities_say_what_they_are() {
    let user = IdentityRecord::parse(USER.as_bytes()).unwrap();
    assert_eq!((user.access_key.as_str(), user.expiry, user.disabled), ("alice", Expiry::Unset, false));
    assert_eq!(user.secret_key.as_ref().map(Secret::expose), Some("alicesecret1"));
    let account = IdentityRecord::parse(ACCOUNT.as_bytes()).unwrap();
    assert_eq!((account.parent.as_str(), account.expiry, account.disabled), ("alice", Expiry::Never, true));
    let session = IdentityRecord::parse(SESSION.as_bytes()).unwrap();
    assert_eq!(session.expiry, Expiry::At(Timestamp::from_secs(1_795_416_240)));
    assert!(session.expiry.is_past(Timestamp::from_secs(1_795_416_240)));
    assert!(!session.expiry.is_past(Timestamp::from_secs(1_795_416_239)));
    assert!(!format!("{user:?} {account:?}").contains("secret1"));
}

#[test]
fn old_and_foreign_members_are_understood_or_kept() {
    let old = r#"{"CREDENTIALS":{"SecretKey":"12345678","status":"enabled","comment":"c","later":{"x":1}},"New":true}"#;
    let record = IdentityRecord::parse(old.as_bytes()).unwrap();
    assert!(!record.disabled, "only off disables");
    assert_eq!((record.description.as_str(), record.access_key.as_str()), ("c", ""));
    let again = record.to_json();
    assert!(again.contains(r#""later":{"x":1}"#) && again.contains(r#""New":true"#), "{again}");
    let listed = MappingRecord::parse(br#"{"policy":"a,, b,,"}"#).unwrap();
    assert_eq!(listed.policies, ["a", " b"]);
}

#[test]
fn what_nobody_knows_is_written_again_byte_for_byte() {
    let unknown = r#""deep":{"b": 1.50, "a":[888800000000000000000000519888458,1e999,"\ud800"], "b":-0}"#;
    let again = [
        GroupRecord::parse(format!("{{{unknown}}}").as_bytes()).unwrap().to_json(),
        MappingRecord::parse(format!("{{{unknown}}}").as_bytes()).unwrap().to_json(),
        IdentityRecord::parse(format!(r#"{{"credentials":{{{unknown}}}}}"#).as_bytes()).unwrap().to_json(),
        IdentityRecord::parse(format!(r#"{{"credentials":{{}},{unknown}}}"#).as_bytes()).unwrap().to_json(),
    ];
    for document in again {
        assert!(document.contains(unknown), "{document}");
    }
    let kept = IdentityRecord::parse(br#"{"credentials":{"laterSecret":"hush"}}"#).unwrap();
    assert!(!format!("{kept:?}").contains("hush"));
}

#[test]
fn policies_come_with_their_times_or_alone() {
    let document = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["admin:*"]}]}"#;
    let wrapped = format!(
        r#"{{"Version":1,"Policy":{document},"CreateDate":"2026-11-23T06:28:03.083Z","UpdateDate":"2026-11-23T06:28:03.083Z"}}"#
    );
    let record = PolicyRecord::parse(wrapped.as_bytes()).unwrap();
    assert_eq!(record.created, Some(Timestamp::from_nanos(1_795_415_283_083_000_000)));
    assert!(
        record
            .to_json()
            .ends_with(r#""CreateDate":"2026-11-23T06:28:03.083Z","UpdateDate":"2026-11-23T06:28:03.083Z"}"#)
    );
    let alone = PolicyRecord::parse(document.as_bytes()).unwrap();
    assert_eq!((&alone.policy, alone.created), (&record.policy, None));
}

#[test]
fn what_is_no_record_is_refused_with_what_is_wrong() {
    let shape = |text: &str| IdentityRecord::parse(text.as_bytes()).unwrap_err();
    assert_eq!(shape("{}"), RecordError::Shape("credentials"));
    assert_eq!(shape("[]"), RecordError::Shape("the document"));
    assert_eq!(shape(r#"{"credentials":{"secretKey":5}}"#), RecordError::Shape("secretKey"));
    assert_eq!(shape(r#"{"credentials":{"expiration":"soon"}}"#), RecordError::Time("expiration"));
    assert!(matches!(shape("{"), RecordError::Json(_)));
    assert!(matches!(GroupRecord::parse(br#"{"members":"alice"}"#), Err(RecordError::Shape("members"))));
    assert!(matches!(PolicyRecord::parse(br#"{"Version":1,"Policy":{"Statement":5}}"#), Err(RecordError::Policy(_))));
}

#[test]
fn a_name_says_what_the_document_is() {
    for document in [
        Document::Format,
        Document::User("alice"),
        Document::User("a/b"),
        Document::ServiceAccount("SVC"),
        Document::Temporary("STS"),
        Document::Group("devs"),
        Document::Policy("p"),
        Document::UserMapping("alice"),
        Document::ParentMapping("uid=x,ou=y/z"),
        Document::GroupMapping("devs"),
    ] {
        assert_eq!(of_name(&document.name()), Some(document));
    }
    for other in [
        "",
        "users/identity.json",
        "users//identity.json",
        "users/a/policy.json",
        "policydb/users/.json",
        "policydb/x/a.json",
        "x/y",
    ] {
        assert_eq!(of_name(other), None, "{other}");
    }
}
