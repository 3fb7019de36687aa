//! The end of uploads that don't become objects: aborted, stale, or of a bucket that is gone.

use super::{Address, hash_path, upload_path};
use crate::gather::Gather;
use crate::layout::delete_quorum;
use crate::quorum::write_error;
use crate::set::Set;
use crate::store::Inner;
use crate::{Store, StoreError};
use base::Timestamp;
use drive::{DriveError, DriveResult};
use format::names::SYSTEM_BUCKET;
use format::upload::{MULTIPART_DIR, UploadDir};
use std::sync::Arc;
use std::time::Duration;

/// Age after which an upload that nobody completed is removed, if nothing else is configured (MinIO's default).
pub const STALE_UPLOAD: Duration = Duration::from_secs(24 * 60 * 60);

impl Store {
    /// Ends an upload and throws its parts away. [`StoreError::UploadNotFound`].
    pub async fn abort_upload(&self, bucket: &str, key: &str, upload_id: &str) -> Result<(), StoreError> {
        self.bucket(bucket).await?;
        let address = Address::new(self, bucket, key, upload_id)?;
        let guard = self.inner.lock(SYSTEM_BUCKET, &address.path).await?;
        let found = self.find_upload(address).await?;
        let store = self.clone();
        let aborting = self.inner.world().tasks.spawn(async move {
            let _guard = guard;
            store.end_upload(&found.record.set, &found.address).await
        });
        aborting.join().await.unwrap_or(Err(StoreError::Closing))
    }

    /// Removes uploads begun longer than `age` ago, and what aborted ones have left on drives that were away. Returns
    /// how many. One that can't be removed now is left for the next time.
    pub async fn remove_stale_uploads(&self, age: Duration) -> Result<usize, StoreError> {
        let mut removed = 0;
        for set in self.inner.sets() {
            for hash in dir_names(set, MULTIPART_DIR).await? {
                for dir in self.uploads_in(set, &hash).await? {
                    let path = upload_path(&hash, &dir);
                    let begun = begun(set, &path, &dir).await;
                    let now = self.inner.world().clock.now();
                    if begun.is_none_or(|begun| now.since(begun) <= age) {
                        continue;
                    }
                    let _guard = self.inner.lock(SYSTEM_BUCKET, &path).await?;
                    log_failures(remove_from(set, &path, None).await);
                    self.inner.uploads.end(&path);
                    removed += 1;
                }
            }
            self.remove_unused_names(set).await?;
        }
        Ok(removed)
    }

    /// Throws away the uploads of a bucket that has been removed, as far as they are known.
    pub(crate) async fn abort_uploads_of(&self, bucket: &str) {
        let uploads = match self.find_uploads(bucket, "").await {
            Ok(uploads) => uploads,
            Err(error) => {
                tracing::warn!(bucket, %error, "uploads of a removed bucket stay until they are stale");
                return;
            }
        };
        for upload in uploads {
            let Ok(address) = Address::new(self, bucket, &upload.key, &upload.upload_id) else { continue };
            let Ok(_guard) = self.inner.lock(SYSTEM_BUCKET, &address.path).await else { continue };
            let Ok(found) = self.find_upload(address).await else { continue };
            if let Err(error) = self.end_upload(&found.record.set, &found.address).await {
                tracing::warn!(bucket, key = upload.key, %error, "an upload of a removed bucket stays until it is stale");
            }
        }
    }

    /// Removes an upload from the drives of its set. The caller holds its lock.
    async fn end_upload(&self, set: &Arc<Set>, address: &Address) -> Result<(), StoreError> {
        let answers = remove_from(set, &address.path, None).await;
        let done = answers.iter().flatten().filter(|answer| answer.is_ok()).count();
        let needed = delete_quorum(set.size());
        if done < needed {
            let errors: Vec<&DriveError> =
                answers.iter().flatten().filter_map(|answer| answer.as_ref().err()).collect();
            return Err(write_error(&errors, done, needed, &address.bucket, &address.key));
        }
        self.inner.uploads.end(&address.path);
        self.forget_unused_name(set, &address.hash).await;
        Ok(())
    }

    /// Clears away what is left of an upload that has ended, on the drives marked.
    pub(super) async fn discard_upload(&self, set: &Arc<Set>, address: &Address, marked: &[bool]) {
        log_failures(remove_from(set, &address.path, Some(marked)).await);
        self.forget_unused_name(set, &address.hash).await;
    }

    /// The uploads that any drive of the set has of an object, without those that have ended.
    pub(super) async fn uploads_in(&self, set: &Set, hash: &str) -> Result<Vec<UploadDir>, StoreError> {
        uploads_in(&self.inner, set, hash).await
    }
}

async fn uploads_in(inner: &Inner, set: &Set, hash: &str) -> Result<Vec<UploadDir>, StoreError> {
    let names = dir_names(set, &hash_path(hash)).await?;
    let dirs = names.iter().filter_map(|name| UploadDir::from_dir_name(name).ok());
    Ok(dirs.filter(|dir| !inner.uploads.has_ended(&upload_path(hash, dir))).collect())
}

/// The paths of all uploads that any drive of the set has, without those that have ended.
pub(crate) async fn upload_paths(inner: &Inner, set: &Set) -> Result<Vec<String>, StoreError> {
    let mut paths = Vec::new();
    for hash in dir_names(set, MULTIPART_DIR).await? {
        paths.extend(uploads_in(inner, set, &hash).await?.iter().map(|dir| upload_path(&hash, dir)));
    }
    Ok(paths)
}

/// When the upload was begun, as the newest record of any drive tells, else as its name tells.
async fn begun(set: &Set, path: &str, dir: &UploadDir) -> Option<Timestamp> {
    let answers = set.read_all_meta(SYSTEM_BUCKET, path).await;
    let times = answers.iter().flatten().flat_map(|meta| &meta.versions).map(|entry| entry.header.mod_time);
    times.max().or_else(|| dir.started())
}

async fn remove_from(set: &Set, path: &str, marked: Option<&[bool]>) -> Vec<Option<DriveResult<()>>> {
    let drives = set.drives();
    let drives = drives.iter().enumerate().filter(|(at, _)| marked.is_none_or(|marked| marked[*at]));
    let questions = drives.filter_map(|(at, drive)| Some((at, drive.as_ref()?.remove_tree(SYSTEM_BUCKET, path))));
    Gather::new(questions).all(set.size()).await
}

/// The directories in a directory below `.minio.sys`, on any drive of the set.
pub(super) async fn dir_names(set: &Set, path: &str) -> Result<std::collections::BTreeSet<String>, StoreError> {
    let entries = super::index::entries(set, path).await?;
    Ok(entries.into_iter().filter_map(|entry| entry.strip_suffix('/').map(str::to_owned)).collect())
}

fn log_failures(answers: Vec<Option<DriveResult<()>>>) {
    for error in answers.into_iter().flatten().filter_map(Result::err) {
        tracing::debug!(%error, "a drive keeps an upload that has ended until it is stale");
    }
}
