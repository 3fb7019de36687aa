use super::*;
use crate::testing::{Kept, manual_world};
use crate::{Action, Context, Credentials, Expiry, IamOptions, Policy};
use std::time::Duration;

const START: i64 = 1_795_416_000;

async fn open(documents: &Arc<Kept>) -> Arc<Iam> {
    let root = Credentials::new("rootuser", Secret::new("rootpass123")).unwrap();
    let iam = Iam::stored_in(Arc::clone(documents) as _, root, IamOptions::default(), manual_world(START).0);
    let report = iam.load().await.unwrap();
    assert_eq!(report.problems, [], "what was written can be read");
    Arc::new(iam)
}

fn secret() -> Secret {
    Secret::new("alicesecret1")
}

fn policy(action: &str) -> Policy {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["{action}"],"Resource":["arn:aws:s3:::*"]}}]}}"#
    );
    Policy::parse(text.as_bytes()).unwrap()
}

fn may(iam: &Iam, who: &str, action: Action) -> bool {
    iam.caller(who)
        .is_some_and(|caller| iam.authorize(&caller, action, Some("b"), Some("k"), &Context::default()).is_ok())
}

fn user(name: &str) -> Holder {
    Holder::User(name.to_owned())
}

fn names(all: &[&str]) -> Vec<String> {
    all.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn what_is_changed_is_in_force_at_once_and_after_a_restart() {
    let documents = Arc::new(Kept::default());
    let iam = open(&documents).await;
    iam.put_user("alice", secret(), true).await.unwrap();
    iam.put_policy("reader", policy("s3:GetObject")).await.unwrap();
    assert!(!may(&iam, "alice", Action::GetObject));
    assert_eq!(iam.attach_policies(user("alice"), names(&["reader"])).await, Ok(names(&["reader"])));
    iam.add_to_group("devs", names(&["alice"])).await.unwrap();
    iam.set_policies(Holder::Group("devs".to_owned()), names(&["writeonly"])).await.unwrap();
    let narrow =
        NewServiceAccount { parent: "alice".to_owned(), policy: Some(policy("s3:PutObject")), ..Default::default() };
    let (narrow, _) = iam.create_service_account(narrow).await.unwrap();
    let wide = NewServiceAccount { parent: "alice".to_owned(), ..Default::default() };
    let (wide, _) = iam.create_service_account(wide).await.unwrap();
    for iam in [Arc::clone(&iam), open(&documents).await] {
        let rights = |who: &str| {
            [Action::GetObject, Action::PutObject, Action::DeleteObject].map(|action| may(&iam, who, action))
        };
        assert_eq!(rights("alice"), [true, true, false]);
        assert_eq!(rights(&wide), [true, true, false]);
        assert_eq!(rights(&narrow), [false, true, false]);
    }
    iam.set_group_enabled("devs", false).await.unwrap();
    assert!(!may(&iam, "alice", Action::GetObject), "a disabled group takes everything");
}

#[tokio::test(start_paused = true)]
async fn a_removed_user_leaves_nothing_behind() {
    let documents = Arc::new(Kept::default());
    let iam = open(&documents).await;
    let empty = documents.all();
    iam.put_user("alice", secret(), true).await.unwrap();
    iam.set_policies(user("alice"), names(&["readwrite"])).await.unwrap();
    iam.add_to_group("devs", names(&["alice"])).await.unwrap();
    iam.create_service_account(NewServiceAccount { parent: "alice".to_owned(), ..Default::default() }).await.unwrap();
    iam.remove_user("alice").await.unwrap();
    iam.remove_group("devs").await.unwrap();
    assert_eq!(documents.all(), empty);
    assert_eq!(iam.remove_user("alice").await, Err(ChangeError::NoSuchUser("alice".to_owned())));
}

#[tokio::test(start_paused = true)]
async fn a_removal_that_breaks_off_gives_nobody_more_and_can_be_repeated() {
    for steps in 0..4 {
        let documents = Arc::new(Kept::default());
        let iam = open(&documents).await;
        iam.put_user("alice", secret(), true).await.unwrap();
        iam.set_policies(user("alice"), names(&["readonly"])).await.unwrap();
        iam.add_to_group("devs", names(&["alice"])).await.unwrap();
        let account = NewServiceAccount { parent: "alice".to_owned(), ..Default::default() };
        let (account, _) = iam.create_service_account(account).await.unwrap();
        documents.stop_after(Some(steps));
        assert!(iam.remove_user("alice").await.is_err(), "after {steps} writes");
        documents.stop_after(None);
        let iam = open(&documents).await;
        for who in ["alice", &account] {
            assert!(!may(&iam, who, Action::PutObject), "after {steps} writes {who} may do more than before");
        }
        iam.remove_user("alice").await.unwrap();
        assert!(iam.caller(&account).is_none());
        let left = documents.names();
        assert_eq!(left, ["format.json", "groups/devs/members.json"], "after {steps} writes");
    }
}

#[tokio::test(start_paused = true)]
async fn policies_are_attached_and_detached_by_name() {
    let documents = Arc::new(Kept::default());
    let iam = open(&documents).await;
    iam.put_user("alice", secret(), true).await.unwrap();
    let unknown = iam.attach_policies(user("alice"), names(&["nothing"])).await;
    assert_eq!(unknown, Err(ChangeError::NoSuchPolicy("nothing".to_owned())));
    iam.attach_policies(user("alice"), names(&["writeonly", "readonly"])).await.unwrap();
    let stored = String::from_utf8(documents.all()["policydb/users/alice.json"].clone()).unwrap();
    assert!(stored.starts_with(r#"{"version":0,"policy":"readonly,writeonly","updatedAt":"2026-"#), "{stored}");
    assert_eq!(iam.attach_policies(user("alice"), names(&["readonly"])).await, Err(ChangeError::NothingChanges));
    iam.put_policy("readonly", policy("s3:PutObject")).await.unwrap();
    assert_eq!(iam.remove_policy("readonly").await, Err(ChangeError::PolicyInUse("readonly".to_owned())));
    iam.detach_policies(user("alice"), names(&["readonly", "writeonly"])).await.unwrap();
    assert!(!documents.names().contains(&"policydb/users/alice.json".to_owned()), "an empty list is none");
    iam.remove_policy("readonly").await.unwrap();
    assert_eq!(iam.remove_policy("readonly").await, Err(ChangeError::CannedPolicy("readonly".to_owned())));
    iam.set_policies(user("alice"), names(&["readonly"])).await.unwrap();
    assert!(may(&iam, "alice", Action::GetObject), "the server's own is back");
}

#[tokio::test(start_paused = true)]
async fn service_accounts_are_changed_and_their_tokens_signed_anew() {
    let documents = Arc::new(Kept::default());
    let iam = open(&documents).await;
    iam.put_user("alice", secret(), true).await.unwrap();
    iam.set_policies(user("alice"), names(&["readwrite"])).await.unwrap();
    let keys = Some(("SVC1".to_owned(), Secret::new("svcsecret1")));
    let new = NewServiceAccount { parent: "alice".to_owned(), keys, ..Default::default() };
    iam.create_service_account(new.clone()).await.unwrap();
    assert_eq!(iam.create_service_account(new).await.unwrap_err(), ChangeError::AccessKeyTaken("SVC1".to_owned()));
    let update = ServiceAccountUpdate {
        secret: Some(Secret::new("svcsecret2")),
        policy: Some(Some(policy("s3:GetObject"))),
        ..Default::default()
    };
    iam.update_service_account("SVC1", update).await.unwrap();
    for iam in [Arc::clone(&iam), open(&documents).await] {
        assert_eq!(iam.signing_secret("SVC1", Timestamp::from_secs(START)).unwrap().secret.expose(), "svcsecret2");
        assert!(may(&iam, "SVC1", Action::GetObject) && !may(&iam, "SVC1", Action::PutObject));
    }
    iam.update_service_account("SVC1", ServiceAccountUpdate { policy: Some(None), ..Default::default() })
        .await
        .unwrap();
    assert!(may(&iam, "SVC1", Action::PutObject));
    let end = Timestamp::from_secs(START).plus(Duration::from_secs(3600));
    iam.update_service_account("SVC1", ServiceAccountUpdate { expires: Some(Some(end)), ..Default::default() })
        .await
        .unwrap();
    assert_eq!(iam.caller("SVC1").unwrap().account().unwrap().expiry(), Expiry::At(end));
    let soon = Some(Some(Timestamp::from_secs(START + 60)));
    let refused =
        iam.update_service_account("SVC1", ServiceAccountUpdate { expires: soon, ..Default::default() }).await;
    assert!(matches!(refused, Err(ChangeError::BadExpiry(_))));
    iam.remove_service_account("SVC1").await.unwrap();
    assert!(iam.caller("SVC1").is_none());
}

#[tokio::test(start_paused = true)]
async fn names_that_are_taken_or_cant_be_names_are_refused() {
    let documents = Arc::new(Kept::default());
    let iam = open(&documents).await;
    let before = documents.all();
    for bad in ["", " alice", "alice ", "a=b", "a,b", "../x", "a/../b", "a//b", ".", "a\\b"] {
        assert!(matches!(iam.put_user(bad, secret(), true).await, Err(ChangeError::BadName(..))), "{bad:?}");
        assert!(matches!(iam.add_to_group(bad, Vec::new()).await, Err(ChangeError::BadName(..))), "{bad:?}");
    }
    assert_eq!(iam.put_user("rootuser", secret(), true).await, Err(ChangeError::AccessKeyTaken("rootuser".to_owned())));
    assert!(matches!(iam.put_user("alice", Secret::new("short"), true).await, Err(ChangeError::BadSecretKey(_))));
    assert!(matches!(iam.put_user("al", secret(), true).await, Err(ChangeError::BadAccessKey(_))));
    let long = NewServiceAccount { keys: Some(("x".repeat(21), secret())), ..Default::default() };
    assert!(matches!(iam.create_service_account(long).await, Err(ChangeError::BadAccessKey(_))));
    assert_eq!(documents.all(), before);
}

#[tokio::test(start_paused = true)]
async fn what_cannot_be_read_is_not_written_over() {
    let documents = Arc::new(Kept::default());
    documents.put("groups/devs/members.json", "{");
    documents.put("policydb/users/alice.json", "{");
    let root = Credentials::new("rootuser", Secret::new("rootpass123")).unwrap();
    let iam = Arc::new(Iam::stored_in(Arc::clone(&documents) as _, root, IamOptions::default(), manual_world(START).0));
    iam.load().await.unwrap();
    iam.put_user("alice", secret(), true).await.unwrap();
    assert!(matches!(iam.add_to_group("devs", names(&["alice"])).await, Err(ChangeError::Unreadable(_))));
    assert!(matches!(iam.attach_policies(user("alice"), names(&["readonly"])).await, Err(ChangeError::Unreadable(_))));
    assert_eq!(documents.all()["groups/devs/members.json"], b"{");
    assert!(!may(&iam, "alice", Action::GetObject));
}

#[tokio::test(start_paused = true)]
async fn keys_made_at_random_have_the_usual_form() {
    let documents = Arc::new(Kept::default());
    let iam = open(&documents).await;
    let (access_key, secret) = iam
        .create_service_account(NewServiceAccount { parent: "rootuser".to_owned(), ..Default::default() })
        .await
        .unwrap();
    assert_eq!((access_key.len(), secret.expose().len()), (MAX_DERIVED_ACCESS_KEY, MAX_DERIVED_SECRET_KEY));
    assert!(access_key.bytes().all(|byte| byte.is_ascii_uppercase() || byte.is_ascii_digit()));
    assert!(!secret.expose().contains('/'));
    assert!(may(&iam, &access_key, Action::AdminServerInfo), "root's service accounts are root");
}

#[tokio::test(start_paused = true)]
async fn a_directory_gives_nothing_back_to_what_a_disabled_user_left() {
    let documents = Arc::new(Kept::default());
    let iam = open(&documents).await;
    iam.put_user("alice", secret(), true).await.unwrap();
    iam.set_policies(user("alice"), names(&["readwrite"])).await.unwrap();
    let account = NewServiceAccount { parent: "alice".to_owned(), ..Default::default() };
    let (account, _) = iam.create_service_account(account).await.unwrap();
    assert!(may(&iam, &account, Action::GetObject));
    iam.set_user_enabled("alice", false).await.unwrap();
    assert!(!may(&iam, &account, Action::GetObject));
    let root = Credentials::new("rootuser", Secret::new("rootpass123")).unwrap();
    let options = IamOptions { directory: true, ..IamOptions::default() };
    let iam = Iam::stored_in(Arc::clone(&documents) as _, root, options, manual_world(START).0);
    iam.load().await.unwrap();
    assert!(!may(&iam, &account, Action::GetObject));
}
