use super::*;
use crate::testing::{Kept, manual_world};
use crate::{Credentials, IamOptions, NewServiceAccount};
use base::Secret;

async fn open() -> Arc<Iam> {
    let root = Credentials::new("rootuser", Secret::new("rootpass123")).unwrap();
    let iam = Iam::stored_in(Arc::new(Kept::default()), root, IamOptions::default(), manual_world(1_795_416_000).0);
    iam.load().await.unwrap();
    Arc::new(iam)
}

fn policy(action: &str, resource: &str) -> Policy {
    let text = format!(
        r#"{{"Version":"2012-10-17","Statement":[{{"Effect":"Allow","Action":["{action}"],"Resource":["arn:aws:s3:::{resource}"]}}]}}"#
    );
    Policy::parse(text.as_bytes()).unwrap()
}

fn names(all: &[&str]) -> Vec<String> {
    all.iter().map(|name| (*name).to_owned()).collect()
}

#[tokio::test(start_paused = true)]
async fn a_user_is_shown_with_what_belongs_to_it() {
    let iam = open().await;
    for name in ["bob", "alice"] {
        iam.put_user(name, Secret::new("password1"), name == "alice").await.unwrap();
    }
    iam.put_policy("logs", policy("s3:GetObject", "logs/2026/*")).await.unwrap();
    iam.attach_policies(Holder::User("alice".to_owned()), names(&["logs"])).await.unwrap();
    iam.add_to_group("devs", names(&["alice"])).await.unwrap();
    iam.attach_policies(Holder::Group("devs".to_owned()), names(&["readonly"])).await.unwrap();
    let users = iam.users();
    assert_eq!(users.iter().map(|user| user.name.as_str()).collect::<Vec<_>>(), ["alice", "bob"]);
    let alice = iam.user("alice").unwrap();
    assert_eq!((alice.enabled, &alice.policies, &alice.groups), (true, &names(&["logs"]), &names(&["devs"])));
    assert!(!iam.user("bob").unwrap().enabled && iam.user("bob").unwrap().mapped.is_none());
    assert_eq!(iam.user("rootuser"), None, "root is no user");
    let devs = iam.group("devs").unwrap();
    assert_eq!((devs.members, devs.policies, devs.enabled), (names(&["alice"]), names(&["readonly"]), true));
    let mappings = [
        (Holder::User("alice".to_owned()), names(&["logs"])),
        (Holder::Group("devs".to_owned()), names(&["readonly"])),
    ];
    assert_eq!(iam.mappings(), mappings);
}

#[tokio::test(start_paused = true)]
async fn what_somebody_may_do_is_one_document() {
    let iam = open().await;
    iam.put_user("alice", Secret::new("password1"), true).await.unwrap();
    iam.put_policy("logs", policy("s3:GetObject", "logs/2026/*")).await.unwrap();
    iam.put_policy("more", policy("s3:PutObject", "logs/*")).await.unwrap();
    iam.attach_policies(Holder::User("alice".to_owned()), names(&["logs", "more"])).await.unwrap();
    assert_eq!(iam.effective_policy("alice").statements().len(), 2);
    assert!(iam.effective_policy("nobody").is_empty());
    assert!(iam.effective_policy("rootuser").to_json().to_string().contains("admin:*"));
    assert!(iam.may_use_bucket("alice", "logs") && !iam.may_use_bucket("alice", "log"));
    let new = NewServiceAccount { parent: "alice".to_owned(), ..Default::default() };
    let (key, _) = iam.create_service_account(new).await.unwrap();
    assert_eq!(iam.effective_policy(&key), iam.effective_policy("alice"));
    let derived: Vec<_> = iam.derived_from("alice").iter().map(|account| account.access_key().to_owned()).collect();
    assert_eq!(derived, [key]);
}
