//! Writes identities of every kind to a drive, for trying whether a MinIO takes them over:
//!
//!     write_identities DIR [KMS-KEY]      root is `rootuser` with `rootpass123`; KMS-KEY as in MINIO_KMS_SECRET_KEY
//!
//! Prints what was made, as JSON: access key, secret key, and what it may do.

use base::{Secret, World};
use drive::{LocalSlot, Slot};
use iam::{Credentials, Holder, Iam, IamOptions, NewServiceAccount, Policy};
use kms::{KeyService, StaticKeyService};
use rustfs_service::{ConfigFiles, IdentityFiles};
use std::error::Error;
use std::sync::Arc;
use store::{PoolConfig, Store, StoreConfig};

fn main() -> Result<(), Box<dyn Error>> {
    let mut arguments = std::env::args().skip(1);
    let directory = arguments.next().ok_or("which directory?")?;
    let key = arguments.next();
    tokio::runtime::Builder::new_multi_thread().enable_all().build()?.block_on(write(&directory, key))
}

async fn write(directory: &str, key: Option<String>) -> Result<(), Box<dyn Error>> {
    let world = World::system();
    let slot: Arc<dyn Slot> = Arc::new(LocalSlot::plain(directory, world.clone()));
    let pool = PoolConfig { argument: directory.to_owned(), set_size: 1, slots: vec![slot] };
    let config = StoreConfig { pools: vec![pool], allow_root_device: true, ..StoreConfig::default() };
    let store = Store::open(config, world.clone(), &|_| {}).await?;
    let keys = match key {
        None => None,
        Some(key) => {
            let service = StaticKeyService::parse(&Secret::new(key), Arc::clone(&world.random))?;
            Some(Arc::new(service) as Arc<dyn KeyService>)
        }
    };
    let root = Credentials::new("rootuser", Secret::new("rootpass123"))?;
    let files = ConfigFiles::new(store.clone(), keys, &root, world.clone());
    let iam = Arc::new(Iam::stored_in(Arc::new(IdentityFiles::new(files)), root, IamOptions::default(), world));
    let report = iam.load().await?;
    if !report.problems.is_empty() {
        return Err(format!("{:?}", report.problems).into());
    }
    make(&iam).await?;
    store.close().await;
    Ok(())
}

async fn make(iam: &Arc<Iam>) -> Result<(), Box<dyn Error>> {
    let secret = || Secret::new("user-secret-1");
    let policy = |text: &str| Policy::parse(text.as_bytes());
    for user in ["alice", "bob", "carol"] {
        iam.put_user(user, secret(), true).await?;
    }
    iam.set_user_enabled("carol", false).await?;
    let home = r#"{"Version":"2012-10-17","Statement":[
        {"Effect":"Allow","NotAction":["s3:DeleteObject","admin:*"],"Resource":["arn:aws:s3:::home/${aws:username}/*"]},
        {"Effect":"Allow","Action":["s3:ListBucket"],"Resource":["arn:aws:s3:::home"],
         "Condition":{"StringLike":{"s3:prefix":["${aws:username}/*"]},"IpAddress":{"aws:SourceIp":"127.0.0.1"},
                      "NumericLessThanEquals":{"s3:max-keys":"10"}}}]}"#;
    iam.put_policy("home", policy(home)?).await?;
    iam.attach_policies(Holder::User("alice".to_owned()), vec!["home".to_owned()]).await?;
    iam.set_policies(Holder::User("bob".to_owned()), vec!["readonly".to_owned()]).await?;
    iam.add_to_group("writers", vec!["bob".to_owned()]).await?;
    iam.attach_policies(Holder::Group("writers".to_owned()), vec!["writeonly".to_owned()]).await?;
    let narrow = r#"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":["s3:GetObject"],"Resource":["arn:aws:s3:::*"]}]}"#;
    let account = |key: &str, parent: &str, policy| NewServiceAccount {
        parent: parent.to_owned(),
        keys: Some((key.to_owned(), secret())),
        policy,
        name: "made here".to_owned(),
        description: "by rustfs".to_owned(),
        ..NewServiceAccount::default()
    };
    iam.create_service_account(account("SVCBOBWIDE", "bob", None)).await?;
    iam.create_service_account(account("SVCBOBNARROW", "bob", Some(policy(narrow)?))).await?;
    iam.create_service_account(account("SVCROOT", "rootuser", None)).await?;
    Ok(())
}
