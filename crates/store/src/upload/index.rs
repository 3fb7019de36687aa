//! The keys of uploads, which the drives' upload directories don't tell.
//!
//! `.minio.sys/rustfs/uploads/<H>` holds the text `bucket/object` whose hash H is, so that it can be checked. It is
//! written before the first upload of an object and removed after the last, and given to drives that missed it; losing it costs no upload, only its place
//! in the list. Uploads that MinIO began have none, and are found by those who ask for their exact key, as there.

use super::end::dir_names;
use super::{Address, Uploads, hash_of, hash_path};
use crate::gather::Gather;
use crate::set::Set;
use crate::store::Inner;
use crate::{Store, StoreError, UploadInfo};
use bytes::Bytes;
use drive::DriveResult;
use format::names::{ObjectName, SYSTEM_BUCKET};
use format::upload::MULTIPART_DIR;
use futures_util::{StreamExt, stream};
use sha2::{Digest, Sha256};
use std::collections::{BTreeSet, HashMap};
use std::sync::Arc;
use std::time::Duration;

/// Where the keys are, below `.minio.sys`.
const INDEX: &str = "rustfs/uploads";

/// Keys kept in memory: some hundred bytes each.
const MOST_NAMES: usize = 20_000;

/// How long a drive may take to note a key after another has: losing a note costs little.
const NOTE_PATIENCE: Duration = Duration::from_secs(2);

/// Records of uploads that are read at a time for a list.
const READS_AT_A_TIME: usize = 16;

/// Bucket and encoded object by H, for objects whose key is known to be on the drives.
#[derive(Debug, Default)]
pub(super) struct Names(HashMap<String, (String, ObjectName)>);

impl Uploads {
    fn name(&self, hash: &str) -> Option<(String, ObjectName)> {
        self.names.lock().0.get(hash).cloned()
    }

    fn keep_name(&self, hash: &str, bucket: &str, name: &ObjectName) {
        let mut names = self.names.lock();
        if names.0.len() >= MOST_NAMES {
            names.0.clear();
        }
        names.0.insert(hash.to_owned(), (bucket.to_owned(), name.clone()));
    }

    fn drop_name(&self, hash: &str) {
        self.names.lock().0.remove(hash);
    }
}

impl Store {
    /// All uploads in progress of keys that begin with `prefix`, by key and then by when they were begun. Those that
    /// another server began are found if `prefix` is their very key.
    pub async fn list_uploads(&self, bucket: &str, prefix: &str) -> Result<Vec<UploadInfo>, StoreError> {
        self.bucket(bucket).await?;
        self.find_uploads(bucket, prefix).await
    }

    pub(super) async fn find_uploads(&self, bucket: &str, prefix: &str) -> Result<Vec<UploadInfo>, StoreError> {
        let exact = ObjectName::from_key(prefix).ok();
        let exact = exact.map(|name| Ok::<_, StoreError>((hash_of(bucket, &name)?, name))).transpose()?;
        let mut addresses = Vec::new();
        for set in self.inner.sets() {
            let indexed = entries(set, INDEX).await?;
            for hash in dir_names(set, MULTIPART_DIR).await? {
                let name = match &exact {
                    Some((exact, name)) if *exact == hash => Some((bucket.to_owned(), name.clone())),
                    _ if indexed.contains(&hash) => self.name_of(set, &hash).await,
                    _ => None,
                };
                let Some((_, name)) = name.filter(|(other, name)| other == bucket && name.key().starts_with(prefix))
                else {
                    continue;
                };
                for dir in self.uploads_in(set, &hash).await? {
                    let upload_id = dir.upload_id(self.inner.deployment_id);
                    addresses.push(Address::new(self, bucket, &name.key(), &upload_id)?);
                }
            }
        }
        let found = stream::iter(addresses).map(|address| self.find_upload(address)).buffered(READS_AT_A_TIME);
        let mut uploads = Vec::new();
        for upload in found.collect::<Vec<_>>().await {
            match upload {
                Ok(found) => uploads.push(found.info()),
                // Ended meanwhile, or what is left of one that has.
                Err(StoreError::UploadNotFound { .. }) => {}
                Err(error) => tracing::warn!(bucket, %error, "an upload can't be listed"),
            }
        }
        uploads.sort_by(|a, b| (&a.key, a.initiated, &a.upload_id).cmp(&(&b.key, b.initiated, &b.upload_id)));
        uploads.dedup_by(|a, b| a.upload_id == b.upload_id && a.key == b.key);
        Ok(uploads)
    }

    /// Notes an object's key on the drives, as well as it can be. The caller holds the lock of H.
    pub(super) async fn remember_name(&self, set: &Set, hash: &str, bucket: &str, name: &ObjectName) {
        if self.inner.uploads.name(hash).is_some() {
            return;
        }
        let (path, text) = (format!("{INDEX}/{hash}"), Bytes::from(format!("{bucket}/{}", name.as_str())));
        let drives = set.drives();
        let writes = drives.iter().enumerate();
        let writes = writes.filter_map(|(at, drive)| Some((at, drive.as_ref()?.write_file(&path, text.clone()))));
        let answers = self.within_reason(set, Gather::new(writes)).await;
        if answers.iter().flatten().any(Result::is_ok) {
            self.inner.uploads.keep_name(hash, bucket, name);
        }
        log_failures(answers);
    }

    /// Removes an object's key from the drives if it has no upload any more.
    pub(super) async fn forget_unused_name(&self, set: &Set, hash: &str) {
        let Ok(_same_object) = self.inner.lock(SYSTEM_BUCKET, &hash_path(hash)).await else { return };
        if !self.uploads_in(set, hash).await.is_ok_and(|uploads| uploads.is_empty()) {
            return;
        }
        self.inner.uploads.drop_name(hash);
        let path = format!("{INDEX}/{hash}");
        let drives = set.drives();
        let removals = drives.iter().enumerate();
        let removals = removals.filter_map(|(at, drive)| Some((at, drive.as_ref()?.remove_file(&path))));
        log_failures(self.within_reason(set, Gather::new(removals)).await);
    }

    /// The answers of all drives but those that hang: others wait for the lock that is held.
    async fn within_reason(&self, set: &Set, notes: Gather<'_, ()>) -> Vec<Option<DriveResult<()>>> {
        notes.most(set.size(), 1, &*self.inner.world().clock, NOTE_PATIENCE).await
    }

    /// Removes the keys of objects without uploads: what a crash or a drive's absence has left.
    pub(super) async fn remove_unused_names(&self, set: &Arc<Set>) -> Result<(), StoreError> {
        let used = dir_names(set, MULTIPART_DIR).await?;
        for hash in entries(set, INDEX).await?.difference(&used) {
            self.forget_unused_name(set, hash).await;
        }
        Ok(())
    }

    /// Bucket and object of H, as any drive's note tells.
    async fn name_of(&self, set: &Set, hash: &str) -> Option<(String, ObjectName)> {
        if let Some(name) = self.inner.uploads.name(hash) {
            return Some(name);
        }
        let path = format!("{INDEX}/{hash}");
        let drives = set.drives();
        for drive in drives.iter().flatten() {
            if let Ok(text) = drive.read_file(&path).await
                && let Some(named) = parse(hash, &text)
            {
                // Not kept: without the lock of H the note may be gone already, and would not be written again.
                return Some(named);
            }
        }
        None
    }
}

/// Gives the note of H to drives that lack it, from one that has it.
pub(crate) async fn heal_note(inner: &Inner, set: &Set, hash: &str) -> Result<(), StoreError> {
    let _same_object = inner.lock(SYSTEM_BUCKET, &hash_path(hash)).await?;
    let path = format!("{INDEX}/{hash}");
    let drives = set.drives();
    let clock = &*inner.world().clock;
    let questions = drives.iter().enumerate();
    let questions = questions.filter_map(|(at, drive)| Some((at, drive.as_ref()?.read_file(&path))));
    let answers = Gather::new(questions).most(set.size(), 1, clock, NOTE_PATIENCE).await;
    let told = answers.iter().flatten().flatten();
    let Some(text) = told.clone().find(|text| parse(hash, text).is_some()) else { return Ok(()) };
    let lacks = |at: &usize| matches!(&answers[*at], Some(Err(error)) if error.is_absence());
    let write = |at: usize| Some((at, drives[at].as_ref()?.write_file(&path, text.clone())));
    let writes = Gather::new((0..set.size()).filter(lacks).filter_map(write));
    log_failures(writes.most(set.size(), 1, clock, NOTE_PATIENCE).await);
    Ok(())
}

/// Bucket and object, if the note is what it should be.
fn parse(hash: &str, text: &[u8]) -> Option<(String, ObjectName)> {
    if hex::encode(Sha256::digest(text)) != hash {
        return None;
    }
    let (bucket, object) = std::str::from_utf8(text).ok()?.split_once('/')?;
    Some((bucket.to_owned(), ObjectName::from_encoded(object).ok()?))
}

/// The entries of a directory below `.minio.sys` on any drive of the set, directories ending in `/`.
pub(super) async fn entries(set: &Set, path: &str) -> Result<BTreeSet<String>, StoreError> {
    let drives = set.drives();
    let questions = drives.iter().enumerate();
    let questions = questions.filter_map(|(at, drive)| Some((at, drive.as_ref()?.list_dir(path))));
    let clock = &*set.shared.world.clock;
    let answers = Gather::new(questions).most(set.size(), set.size().div_ceil(2), clock, NOTE_PATIENCE).await;
    let told = |answer: &&DriveResult<Vec<String>>| match answer {
        Ok(_) => true,
        Err(error) => error.is_absence(),
    };
    let (got, needed) = (answers.iter().flatten().filter(told).count(), set.size().div_ceil(2));
    if got < needed {
        let error = answers.iter().flatten().find_map(|answer| answer.as_ref().err());
        let cause = error.map_or_else(|| "drives are offline".to_owned(), ToString::to_string);
        return Err(StoreError::ReadQuorum { what: format!("{SYSTEM_BUCKET}/{path}"), got, needed, cause });
    }
    Ok(answers.into_iter().flatten().flatten().flatten().collect())
}

fn log_failures(answers: Vec<Option<DriveResult<()>>>) {
    for error in answers.into_iter().flatten().filter_map(Result::err) {
        tracing::debug!(%error, "a drive doesn't keep the key of an upload");
    }
}
