//! Changing identities: each change is written, then visible at once (spec iam-sts-and-config.md, sections 3 and 6).
//!
//! Changes happen one after the other, and one that has begun ends though nobody waits for it any more. One that takes
//! several documents writes them in an order in which a crash in between gives nobody a right: rights go before who had
//! them, and who is to have rights comes before them. Who may ask for a change is not decided here.

mod groups;
mod policies;
mod service_accounts;
#[cfg(test)]
mod tests;
mod users;

pub use policies::Holder;
pub use service_accounts::{NewServiceAccount, ServiceAccountUpdate};

use crate::documents::DocumentError;
use crate::iam::Stored;
use crate::records::names::Document;
use crate::records::{IdentityRecord, MappingRecord};
use crate::snapshot::{Held, Snapshot};
use crate::token::TokenError;
use crate::{Account, Iam, PolicyError};
use base::{Secret, Timestamp};
use base64::Engine;
use base64::engine::general_purpose::STANDARD_NO_PAD;
use std::future::Future;
use std::sync::Arc;

/// Longest keys of service accounts and temporary credentials. Users' keys have no limit.
pub const MAX_DERIVED_ACCESS_KEY: usize = 20;
pub const MAX_DERIVED_SECRET_KEY: usize = 40;
/// Longest policy of a service account's own, written again, in bytes.
pub const MAX_SESSION_POLICY: usize = 4096;

/// Why a change was not made.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChangeError {
    #[error("there is no place to keep identities")]
    NowhereToKeep,
    #[error("the identities are not loaded yet")]
    NotLoaded,
    #[error("the server is stopping")]
    Stopping,
    #[error("users and groups are those of the directory")]
    OfDirectory,
    #[error("user '{0}' does not exist")]
    NoSuchUser(String),
    #[error("group '{0}' does not exist")]
    NoSuchGroup(String),
    #[error("group '{0}' has members")]
    GroupNotEmpty(String),
    #[error("group '{0}' is disabled")]
    GroupDisabled(String),
    #[error("policy '{0}' does not exist")]
    NoSuchPolicy(String),
    #[error("policy '{0}' belongs to the server and can't be removed")]
    CannedPolicy(String),
    #[error("policy '{0}' is in use")]
    PolicyInUse(String),
    #[error("service account '{0}' does not exist")]
    NoSuchServiceAccount(String),
    #[error("access key '{0}' is taken")]
    AccessKeyTaken(String),
    #[error("'{0}' can't be a name: {1}")]
    BadName(String, &'static str),
    #[error("the access key can't be used: {0}")]
    BadAccessKey(&'static str),
    #[error("the secret key can't be used: {0}")]
    BadSecretKey(&'static str),
    #[error("the expiration can't be used: {0}")]
    BadExpiry(&'static str),
    #[error("the policy has {size} bytes, more than the {limit} allowed")]
    PolicyTooLong { size: usize, limit: usize },
    #[error("the policy can't be used: {0}")]
    Policy(#[from] PolicyError),
    #[error("nothing would change")]
    NothingChanges,
    /// What is stored under this name can't be read, and is not overwritten.
    #[error("'{0}' can't be read and is left as it is")]
    Unreadable(String),
    #[error("the token can't be made: {0}")]
    Token(#[from] TokenError),
    #[error(transparent)]
    Document(#[from] DocumentError),
}

/// What a change has in hand: nobody else changes anything meanwhile.
struct Change {
    iam: Arc<Iam>,
    stored: Stored,
}

impl Iam {
    /// Makes a change in a task of its own.
    async fn change<T, F>(self: &Arc<Self>, make: impl FnOnce(Change) -> F + Send + 'static) -> Result<T, ChangeError>
    where
        T: Send + 'static,
        F: Future<Output = Result<T, ChangeError>> + Send + 'static,
    {
        let stored = self.stored.clone().ok_or(ChangeError::NowhereToKeep)?;
        let iam = Arc::clone(self);
        let changing = stored.world.tasks.clone().spawn(async move {
            let lock = Arc::clone(&stored.changing);
            let _alone = lock.lock().await;
            if !iam.is_loaded() {
                return Err(ChangeError::NotLoaded);
            }
            make(Change { iam, stored }).await
        });
        changing.join().await.unwrap_or(Err(ChangeError::Stopping))
    }
}

impl Change {
    /// A change of stored users or groups, which only count where there is no directory.
    fn refuse_in_directory(&self) -> Result<(), ChangeError> {
        if self.iam.of_directory() { Err(ChangeError::OfDirectory) } else { Ok(()) }
    }

    fn now(&self) -> Timestamp {
        self.stored.world.clock.now()
    }

    fn snapshot(&self) -> Arc<Snapshot> {
        self.iam.snapshot()
    }

    async fn write(&self, document: Document<'_>, text: &str) -> Result<(), ChangeError> {
        Ok(self.stored.documents.write(&document.name(), text.as_bytes()).await?)
    }

    async fn remove(&self, document: Document<'_>) -> Result<(), ChangeError> {
        Ok(self.stored.documents.remove(&document.name()).await?)
    }

    fn is_root(&self, name: &str) -> bool {
        name == self.iam.root.access_key()
    }

    /// Stores an identity and puts it in force.
    async fn put_identity(&self, document: Document<'_>, record: IdentityRecord) -> Result<(), ChangeError> {
        let account = Account::new("", record, &self.iam.root, self.now()).map_err(|error| match error {
            crate::UnusableAccount::Token(error) => ChangeError::Token(error),
            crate::UnusableAccount::Expired => ChangeError::BadExpiry("it is in the past"),
            crate::UnusableAccount::AccessKey => ChangeError::BadAccessKey("it is too short"),
            crate::UnusableAccount::Secret => ChangeError::BadSecretKey("it is too short"),
        })?;
        self.write(document, &account.record().to_json()).await?;
        let temporary = matches!(document, Document::Temporary(_));
        self.iam.apply(|snapshot| {
            let table = if temporary { &mut snapshot.temporary } else { &mut snapshot.accounts };
            table.insert(account.access_key().to_owned(), Arc::new(account));
        });
        Ok(())
    }

    /// Removes an account's document, then the account.
    async fn remove_identity(&self, document: Document<'_>) -> Result<(), ChangeError> {
        self.remove(document).await?;
        self.iam.apply(|snapshot| match document {
            Document::Temporary(key) => drop(snapshot.temporary.remove(key)),
            Document::User(key) | Document::ServiceAccount(key) => drop(snapshot.accounts.remove(key)),
            _ => {}
        });
        Ok(())
    }

    /// Stores a mapping, or removes it when it is empty.
    async fn put_mapping(&self, document: Document<'_>, record: MappingRecord) -> Result<(), ChangeError> {
        let empty = record.policies.is_empty();
        if empty {
            self.remove(document).await?;
        } else {
            self.write(document, &record.to_json()).await?;
        }
        self.iam.apply(|snapshot| {
            let (table, name) = match document {
                Document::UserMapping(name) => (&mut snapshot.user_mappings, name),
                Document::ParentMapping(name) => (&mut snapshot.parent_mappings, name),
                Document::GroupMapping(name) => (&mut snapshot.group_mappings, name),
                _ => return,
            };
            if empty {
                table.remove(name);
            } else {
                table.insert(name.to_owned(), Held::Read(Arc::new(record)));
            }
        });
        Ok(())
    }

    /// Keys that nobody has: 20 letters and digits, and 40 of base64.
    fn random_keys(&self) -> (String, Secret) {
        const LETTERS: &[u8; 36] = b"0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ";
        const SECRET_BYTES: usize = MAX_DERIVED_SECRET_KEY / 4 * 3;
        let random = &self.stored.world.random;
        let mut bytes = [0; MAX_DERIVED_ACCESS_KEY];
        random.fill(&mut bytes);
        let access_key = bytes.iter().map(|byte| char::from(LETTERS[usize::from(byte % 36)])).collect();
        let mut bytes = [0; SECRET_BYTES];
        random.fill(&mut bytes);
        (access_key, Secret::new(STANDARD_NO_PAD.encode(bytes).replace('/', "+")))
    }
}

/// That a name can be one of a user, group or policy, and of a directory.
fn check_name(name: &str) -> Result<(), ChangeError> {
    let bad = |reason| Err(ChangeError::BadName(name.to_owned(), reason));
    if name.is_empty() {
        return bad("it is empty");
    }
    if name.trim() != name {
        return bad("it begins or ends with white space");
    }
    let unfit = |segment: &str| matches!(segment, "" | "." | "..");
    if name.split('/').any(unfit) || name.contains(['\\', '\0']) {
        return bad("it can't be a path");
    }
    Ok(())
}

/// Names of users and groups stand in lists.
fn check_listed_name(name: &str) -> Result<(), ChangeError> {
    check_name(name)?;
    if name.contains(['=', ',']) {
        return Err(ChangeError::BadName(name.to_owned(), "it has a comma or an equals sign"));
    }
    Ok(())
}
