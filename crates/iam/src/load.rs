//! Reading all identities (spec iam-sts-and-config.md, section 1.2).
//!
//! One document that can't be read keeps nobody else out: it is named in the report, what was known of it before stays
//! in force, and nothing is written over it. Where a document was never read, whoever depends on it may do nothing.

#[cfg(test)]
mod tests;

use crate::account::{Account, UnusableAccount};
use crate::documents::{DocumentError, Documents};
use crate::records::names::{Document, of_name};
use crate::records::{FORMAT, GroupRecord, IdentityRecord, MappingRecord, PolicyRecord, RecordError};
use crate::snapshot::{Held, Snapshot};
use crate::{Credentials, Iam};
use base::Timestamp;
use futures_util::{StreamExt, stream};
use std::collections::HashMap;
use std::sync::Arc;

/// Documents read at a time: enough to keep several drives busy.
const READS: usize = 32;

/// What a load met.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct LoadReport {
    /// Documents that can't be used: their names, and why.
    pub problems: Vec<(String, String)>,
    /// Whether some of them may be readable later.
    pub incomplete: bool,
    /// Access keys that had expired, whose documents were removed.
    pub purged: Vec<String>,
}

type Loaded = Result<Option<Vec<u8>>, DocumentError>;

impl Iam {
    /// Reads all identities and puts them in force, unless some have been changed meanwhile: then the next load does.
    /// Credentials that have expired are removed. An error if not even their names can be read; what was in force stays.
    pub async fn load(&self) -> Result<LoadReport, DocumentError> {
        let Some(stored) = &self.stored else { return Ok(LoadReport::default()) };
        let now = stored.world.clock.now();
        let changes = self.changes();
        let mut names = stored.documents.list().await?;
        if self.of_directory() {
            // A user's policies go with the user: nobody could say any more that it was disabled.
            names.retain(|name| {
                !matches!(of_name(name), Some(Document::User(_) | Document::Group(_) | Document::UserMapping(_)))
            });
        }
        let documents = read_all(stored.documents.as_ref(), names).await;
        let format_is_missing = !documents
            .iter()
            .any(|(name, document)| matches!(of_name(name), Some(Document::Format)) && !matches!(document, Ok(None)));
        let previous = self.snapshot();
        let mut loading = Loading {
            previous: &previous,
            next: Snapshot::default(),
            report: LoadReport::default(),
            expired: Vec::new(),
        };
        loading.take_all(&documents, &self.root, now);
        let Loading { mut next, mut report, expired, .. } = loading;
        next.add_canned();
        next.count_members();
        self.install(next, changes);
        if format_is_missing && let Err(error) = stored.documents.write(&Document::Format.name(), FORMAT).await {
            report.problems.push((Document::Format.name(), error.to_string()));
            report.incomplete = true;
        }
        for name in expired {
            self.purge(&name, &mut report).await;
        }
        Ok(report)
    }

    /// Removes an expired credential, and what is mapped to its access key.
    async fn purge(&self, name: &str, report: &mut LoadReport) {
        let Some(stored) = &self.stored else { return };
        let (Some(Document::User(key) | Document::ServiceAccount(key)) | Some(Document::Temporary(key))) =
            of_name(name)
        else {
            return;
        };
        let _changing = stored.changing.lock().await;
        // It may have been given a new life since it was read.
        let now = stored.world.clock.now();
        match stored.documents.read(name).await {
            Ok(Some(document)) if IdentityRecord::parse(&document).is_ok_and(|record| record.expiry.is_past(now)) => {}
            _ => return,
        }
        let mapping = match of_name(name) {
            Some(Document::Temporary(key)) => Document::ParentMapping(key).name(),
            _ => Document::UserMapping(key).name(),
        };
        for name in [name, &mapping] {
            if let Err(error) = stored.documents.remove(name).await {
                report.problems.push((name.to_owned(), error.to_string()));
                return;
            }
        }
        report.purged.push(key.to_owned());
    }
}

async fn read_all(documents: &dyn Documents, names: Vec<String>) -> Vec<(String, Loaded)> {
    let known = names.into_iter().filter(|name| of_name(name).is_some());
    let reads = known.map(|name| async move {
        let document = documents.read(&name).await;
        (name, document)
    });
    stream::iter(reads).buffer_unordered(READS).collect().await
}

/// A snapshot being made.
struct Loading<'a> {
    previous: &'a Snapshot,
    next: Snapshot,
    report: LoadReport,
    /// Names of the documents of credentials that have expired.
    expired: Vec<String>,
}

impl Loading<'_> {
    fn take_all(&mut self, documents: &[(String, Loaded)], root: &Credentials, now: Timestamp) {
        for (name, document) in documents {
            let Some(kind) = of_name(name) else { continue };
            match document {
                Ok(None) => {}
                Ok(Some(document)) => self.take(name, kind, document, root, now),
                Err(error) => {
                    self.report.incomplete |= matches!(error, DocumentError::Unreachable { .. });
                    self.fail(name, kind, error.to_string());
                }
            }
        }
    }

    fn take(&mut self, name: &str, kind: Document<'_>, document: &[u8], root: &Credentials, now: Timestamp) {
        let next = &mut self.next;
        let taken = match kind {
            Document::Format => Ok(()),
            Document::Group(key) => hold(&mut next.groups, key, GroupRecord::parse(document)),
            Document::Policy(key) => hold(&mut next.policies, key, PolicyRecord::parse(document)),
            Document::UserMapping(key) => hold(&mut next.user_mappings, key, MappingRecord::parse(document)),
            Document::ParentMapping(key) => hold(&mut next.parent_mappings, key, MappingRecord::parse(document)),
            Document::GroupMapping(key) => hold(&mut next.group_mappings, key, MappingRecord::parse(document)),
            Document::User(key) | Document::ServiceAccount(key) | Document::Temporary(key) => {
                return self.take_identity(name, kind, key, document, root, now);
            }
        };
        if let Err(error) = taken {
            self.fail(name, kind, error.to_string());
        }
    }

    fn take_identity(
        &mut self,
        name: &str,
        kind: Document<'_>,
        key: &str,
        document: &[u8],
        root: &Credentials,
        now: Timestamp,
    ) {
        let record = match IdentityRecord::parse(document) {
            Ok(record) => record,
            Err(error) => return self.fail(name, kind, error.to_string()),
        };
        match Account::new(key, record, root, now) {
            Ok(account) => {
                let temporary = matches!(kind, Document::Temporary(_));
                let table = if temporary { &mut self.next.temporary } else { &mut self.next.accounts };
                table.insert(account.access_key().to_owned(), Arc::new(account));
            }
            Err(UnusableAccount::Expired) => self.expired.push(name.to_owned()),
            // A token that root's present secret didn't sign makes the credential useless, but it isn't damage, and root's
            // former secret may come back: the document stays until it expires.
            Err(error) => self.report.problems.push((name.to_owned(), error.to_string())),
        }
    }

    /// What is known of a document that can't be read stays; else it counts as unreadable.
    fn fail(&mut self, name: &str, kind: Document<'_>, reason: String) {
        self.report.problems.push((name.to_owned(), reason));
        let (previous, next) = (self.previous, &mut self.next);
        match kind {
            Document::Format => {}
            Document::Group(key) => keep(&previous.groups, &mut next.groups, key),
            Document::Policy(key) => keep(&previous.policies, &mut next.policies, key),
            Document::UserMapping(key) => keep(&previous.user_mappings, &mut next.user_mappings, key),
            Document::ParentMapping(key) => keep(&previous.parent_mappings, &mut next.parent_mappings, key),
            Document::GroupMapping(key) => keep(&previous.group_mappings, &mut next.group_mappings, key),
            Document::User(key) | Document::ServiceAccount(key) => match previous.accounts.get(key) {
                Some(account) => drop(next.accounts.insert(key.to_owned(), Arc::clone(account))),
                None => next.add_unreachable(key),
            },
            Document::Temporary(key) => match previous.temporary.get(key) {
                Some(account) => drop(next.temporary.insert(key.to_owned(), Arc::clone(account))),
                None => next.add_unreachable(key),
            },
        }
    }
}

fn hold<T>(table: &mut HashMap<String, Held<T>>, key: &str, record: Result<T, RecordError>) -> Result<(), RecordError> {
    table.insert(key.to_owned(), Held::Read(Arc::new(record?)));
    Ok(())
}

fn keep<T>(previous: &HashMap<String, Held<T>>, next: &mut HashMap<String, Held<T>>, key: &str) {
    let known = match previous.get(key) {
        Some(Held::Read(record)) => Held::Read(Arc::clone(record)),
        _ => Held::Unreadable,
    };
    next.insert(key.to_owned(), known);
}
