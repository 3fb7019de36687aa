use super::*;
use crate::testing::{Kept, manual_world};
use crate::{Action, Caller, ChangeError, Context, IamOptions, LookupError};
use base::{ManualClock, Secret, World};

const START: i64 = 1_795_416_000;

fn root() -> Credentials {
    Credentials::new("rootuser", Secret::new("rootpass123")).unwrap()
}

fn user(expires: &str) -> String {
    format!(
        r#"{{"version":1,"credentials":{{"accessKey":"alice","secretKey":"alicesecret1","expiration":"{expires}","status":"on"}}}}"#
    )
}

/// The temporary credential of the specification's test vector: it ends 240 seconds after the start.
fn session() -> &'static str {
    r#"{"version":1,"credentials":{"accessKey":"STSEXAMPLE0000000001","secretKey":"HYMfMkFinI+CN5hFeoD7ELuWap+OvdcTSH8HPeJ5","sessionToken":"eyJhbGciOiJIUzUxMiIsInR5cCI6IkpXVCJ9.eyJhY2Nlc3NLZXkiOiJTVFNFWEFNUExFMDAwMDAwMDAwMSIsImV4cCI6MTc5NTQxNjI0MCwicGFyZW50IjoiYWxpY2UifQ.rAhBUtObfN9clQcRf691CiRXJCufeuo_r5k1s7bX6Xg71QmcP-aycD3940b3yP0w39H-cApcTKmOdI8JCfh9ow","expiration":"2026-11-23T06:44:00Z","status":"on","parentUser":"alice"}}"#
}

fn store(documents: &[(&str, &str)]) -> Arc<Kept> {
    let kept = Kept::default();
    for (name, text) in documents {
        kept.put(name, text);
    }
    Arc::new(kept)
}

async fn loaded(documents: &Arc<Kept>, world: &World) -> (Iam, LoadReport) {
    let iam = Iam::stored_in(Arc::clone(documents) as _, root(), IamOptions::default(), world.clone());
    let report = iam.load().await.unwrap();
    (iam, report)
}

fn world() -> (World, Arc<ManualClock>) {
    manual_world(START)
}

fn may_read(iam: &Iam, who: &str) -> bool {
    let caller: Caller = iam.caller(who).unwrap();
    iam.authorize(&caller, Action::GetObject, Some("b"), Some("k"), &Context::default()).is_ok()
}

#[tokio::test(start_paused = true)]
async fn a_document_that_cannot_be_read_keeps_nobody_else_out() {
    let documents = store(&[
        ("format.json", r#"{"version":1}"#),
        ("users/alice/identity.json", &user("0001-01-01T00:00:00Z")),
        ("users/broken/identity.json", "{not json"),
        ("policydb/users/alice.json", r#"{"version":1,"policy":"readonly"}"#),
        ("policies/broken/policy.json", "[]"),
        ("groups/broken/members.json", r#"{"members":5}"#),
        ("something/else", "which is none of ours"),
    ]);
    let before = documents.all();
    let (iam, report) = loaded(&documents, &world().0).await;
    let names: Vec<_> = report.problems.iter().map(|(name, _)| name.as_str()).collect();
    for name in ["users/broken/identity.json", "policies/broken/policy.json", "groups/broken/members.json"] {
        assert!(names.contains(&name), "{name} in {names:?}");
    }
    assert_eq!(names.len(), 3);
    assert!(may_read(&iam, "alice"));
    assert_eq!(documents.all(), before, "nothing is written over");
}

#[tokio::test(start_paused = true)]
async fn who_has_a_policy_that_cannot_be_read_may_do_nothing() {
    let documents = store(&[
        ("users/alice/identity.json", &user("0001-01-01T00:00:00Z")),
        ("policydb/users/alice.json", r#"{"policy":"readwrite,no-deletes"}"#),
        ("policies/no-deletes/policy.json", "{"),
    ]);
    let (iam, _) = loaded(&documents, &world().0).await;
    assert!(!may_read(&iam, "alice"), "nobody knows what it denies");
    documents.put("policies/no-deletes/policy.json", r#"{"Version":"2012-10-17","Statement":[]}"#);
    assert_eq!(iam.load().await.unwrap().problems, []);
    assert!(may_read(&iam, "alice"));
    documents.put("policies/no-deletes/policy.json", "{");
    assert_eq!(iam.load().await.unwrap().problems.len(), 1);
    assert!(may_read(&iam, "alice"), "what was known before stays in force");
}

#[tokio::test(start_paused = true)]
async fn expired_credentials_are_removed_and_others_are_not() {
    let documents = store(&[
        ("format.json", r#"{"version":1}"#),
        ("users/alice/identity.json", &user("2026-11-23T06:39:00Z")),
        ("policydb/users/alice.json", r#"{"policy":"readwrite"}"#),
        ("sts/STSEXAMPLE0000000001/identity.json", session()),
    ]);
    let (world, clock) = world();
    let (iam, report) = loaded(&documents, &world).await;
    assert_eq!(report.purged, ["alice"]);
    assert_eq!(documents.names(), ["format.json", "sts/STSEXAMPLE0000000001/identity.json"]);
    let now = |clock: &ManualClock| base::Clock::now(clock);
    assert!(iam.signing_secret("STSEXAMPLE0000000001", now(&clock)).is_ok());
    clock.step(241 * 1_000_000_000);
    let expired = iam.signing_secret("STSEXAMPLE0000000001", now(&clock));
    assert_eq!(expired.unwrap_err(), LookupError::Unknown, "at once, not at the next load");
    assert_eq!(iam.load().await.unwrap().purged, ["STSEXAMPLE0000000001"]);
    assert_eq!(documents.names(), ["format.json"]);
}

#[tokio::test(start_paused = true)]
async fn tokens_of_another_root_are_useless_but_stay() {
    let documents = store(&[("sts/STSEXAMPLE0000000001/identity.json", session())]);
    let other = Credentials::new("rootuser", Secret::new("another-pass")).unwrap();
    let iam = Iam::stored_in(Arc::clone(&documents) as _, other, IamOptions::default(), world().0);
    let report = iam.load().await.unwrap();
    assert_eq!(report.problems.len(), 1, "{report:?}");
    let found = iam.signing_secret("STSEXAMPLE0000000001", Timestamp::from_secs(START));
    assert_eq!(found.unwrap_err(), LookupError::Unknown);
    assert!(documents.names().contains(&"sts/STSEXAMPLE0000000001/identity.json".to_owned()));
}

#[tokio::test(start_paused = true)]
async fn until_they_are_loaded_identities_are_not_unknown() {
    let documents = store(&[("users/alice/identity.json", &user("0001-01-01T00:00:00Z"))]);
    documents.fail_with(Some("too few drives"));
    let iam = Iam::stored_in(Arc::clone(&documents) as _, root(), IamOptions::default(), world().0);
    let now = Timestamp::from_secs(START);
    assert!(iam.load().await.is_err());
    assert_eq!(iam.signing_secret("alice", now).unwrap_err(), LookupError::NotReady);
    assert!(iam.signing_secret("rootuser", now).is_ok());
    documents.fail_with(None);
    iam.load().await.unwrap();
    assert!(iam.signing_secret("alice", now).is_ok());
    assert_eq!(iam.signing_secret("bob", now).unwrap_err(), LookupError::Unknown);
}

#[tokio::test(start_paused = true)]
async fn a_fresh_place_is_given_its_format() {
    let documents = store(&[]);
    documents.stop_after(Some(0));
    let (_, report) = loaded(&documents, &world().0).await;
    assert!(report.incomplete && report.problems[0].0 == "format.json", "a full drive keeps nobody out: {report:?}");
    documents.stop_after(None);
    let (_, report) = loaded(&documents, &world().0).await;
    assert_eq!(report, LoadReport::default());
    assert_eq!(documents.all()["format.json"], br#"{"version":1}"#);
}

#[tokio::test(start_paused = true)]
async fn stored_users_and_groups_count_for_nothing_beside_a_directory() {
    let documents = store(&[
        ("format.json", r#"{"version":1}"#),
        ("users/alice/identity.json", &user("0001-01-01T00:00:00Z")),
        ("users/broken/identity.json", "{not json"),
        ("groups/g/members.json", r#"{"version":1,"status":"enabled","members":["alice"]}"#),
        ("policydb/sts-users/alice.json", r#"{"version":1,"policy":"readonly"}"#),
        ("sts/STSEXAMPLE0000000001/identity.json", session()),
    ]);
    let before = documents.all();
    let options = IamOptions { directory: true, ..IamOptions::default() };
    let iam = Arc::new(Iam::stored_in(Arc::clone(&documents) as _, root(), options, world().0));
    let report = iam.load().await.unwrap();
    assert_eq!(report.problems, []);
    assert!(iam.caller("alice").is_none());
    assert!(may_read(&iam, "STSEXAMPLE0000000001"), "whose parent is known by its mapping");
    let secret = || Secret::new("alicesecret1");
    let refused = Err(ChangeError::OfDirectory);
    assert_eq!(iam.put_user("alice", secret(), true).await, refused);
    assert_eq!(iam.set_user_enabled("alice", false).await, refused);
    assert_eq!(iam.add_to_group("g", Vec::new()).await, refused);
    assert_eq!(iam.set_group_enabled("g", false).await, refused);
    assert_eq!(documents.all(), before);
}

#[tokio::test(start_paused = true)]
async fn a_claim_of_another_name_says_what_a_session_may_do() {
    // What is a claim of the token counts only where the settings name it: its parent here.
    let documents = store(&[
        (
            "policies/alice/policy.json",
            r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:*"],"Resource":["arn:aws:s3:::*"]}]}"#,
        ),
        ("sts/STSEXAMPLE0000000001/identity.json", session()),
    ]);
    for (claim, may) in [("policy", false), ("parent", true)] {
        let options = IamOptions { policy_claim: claim.to_owned(), ..IamOptions::default() };
        let iam = Iam::stored_in(Arc::clone(&documents) as _, root(), options, world().0);
        iam.load().await.unwrap();
        assert_eq!(may_read(&iam, "STSEXAMPLE0000000001"), may, "{claim}");
    }
}
