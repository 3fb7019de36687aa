//! Buckets: a directory on every drive of every set and pool, and a configuration (on-disk-format.md 12.1).
//!
//! More than half of the drives of each pool take part in every making and removal, and a bucket is there if at least
//! half have it: a drive that was away neither hides nor brings back one. Making and removing run to their end though
//! the caller goes away, and take back what they did where they fail.

use crate::gather::Gather;
use crate::lock::NameGuard;
use crate::pool::Pool;
use crate::quorum::write_error;
use crate::store::Inner;
use crate::{BucketInfo, Store, StoreError};
use base::Timestamp;
use drive::{BucketEntry, Drive, DriveError, DriveResult};
use format::bucket_extras::BucketExtras;
use format::bucket_metadata::BucketMetadata;
use format::names::{BucketName, SYSTEM_BUCKET};
use futures_util::future::BoxFuture;
use std::collections::{BTreeSet, HashMap, VecDeque};
use std::sync::Arc;

/// For the list of all: so many buckets' configurations are read by one task, and so many tasks are under way.
const READS_TOGETHER: usize = 128;
const READS_AT_A_TIME: usize = 16;

/// A pool's drives in order, with those that are offline left out of the answers.
struct PoolDrives {
    drives: Vec<Option<Arc<dyn Drive>>>,
}

/// One answer for each drive of a pool; `None` for those that are offline.
type Answers<T> = Vec<Option<DriveResult<T>>>;

impl PoolDrives {
    fn of(pool: &Pool) -> Self {
        PoolDrives { drives: pool.sets.iter().flat_map(|set| set.drives().to_vec()).collect() }
    }

    /// Drives that must take part in a change.
    fn write_quorum(&self) -> usize {
        self.drives.len() / 2 + 1
    }

    /// Drives whose word is taken.
    fn read_quorum(&self) -> usize {
        self.drives.len().div_ceil(2)
    }

    async fn ask<'a, T>(&'a self, question: impl Fn(&'a dyn Drive) -> BoxFuture<'a, DriveResult<T>>) -> Answers<T> {
        self.ask_those(&vec![true; self.drives.len()], question).await
    }

    /// Asks the drives that are marked.
    async fn ask_those<'a, T>(
        &'a self,
        marked: &[bool],
        question: impl Fn(&'a dyn Drive) -> BoxFuture<'a, DriveResult<T>>,
    ) -> Answers<T> {
        let drives = self.drives.iter().enumerate().filter(|(at, _)| marked[*at]);
        let questions = drives.filter_map(|(at, drive)| Some((at, question(drive.as_deref()?))));
        Gather::new(questions.collect::<Vec<_>>()).all(self.drives.len()).await
    }
}

impl Inner {
    /// A bucket's lock, for making, removing and configuring it.
    pub(crate) async fn lock_bucket(&self, bucket: &str) -> Result<NameGuard, StoreError> {
        self.lock(SYSTEM_BUCKET, &format!("buckets/{bucket}")).await
    }

    fn forget_bucket(&self, bucket: &str) {
        self.buckets.forget(bucket);
        self.extras.forget(bucket);
    }

    fn pool_drives(&self) -> Vec<PoolDrives> {
        self.pools.iter().map(PoolDrives::of).collect()
    }
}

impl Store {
    /// Makes a bucket. [`StoreError::BadBucketName`], [`StoreError::BucketExists`].
    pub async fn make_bucket(&self, bucket: &str, metadata: BucketMetadata) -> Result<BucketInfo, StoreError> {
        self.make_bucket_with(bucket, metadata, BucketExtras::default()).await
    }

    /// The same with documents that MinIO doesn't know, which are there as soon as the bucket is.
    pub async fn make_bucket_with(
        &self,
        bucket: &str,
        metadata: BucketMetadata,
        extras: BucketExtras,
    ) -> Result<BucketInfo, StoreError> {
        let name = BucketName::new(bucket).map_err(|_| bad_name(bucket, "not a valid bucket name"))?;
        if name.is_reserved() {
            return Err(bad_name(bucket, "the name is reserved"));
        }
        let guard = self.inner.lock_bucket(bucket).await?;
        let (store, bucket) = (self.clone(), bucket.to_owned());
        let making = self.inner.world().tasks.spawn(async move {
            let _guard = guard;
            store.make(&bucket, metadata, extras).await
        });
        making.join().await.unwrap_or(Err(StoreError::Closing))
    }

    /// Removes a bucket: an empty one, or with `force` all that is in it too. [`StoreError::BucketNotFound`],
    /// [`StoreError::BucketNotEmpty`].
    pub async fn delete_bucket(&self, bucket: &str, force: bool) -> Result<(), StoreError> {
        let guard = self.inner.lock_bucket(bucket).await?;
        self.find_bucket(bucket).await?;
        if !force && self.holds_anything(bucket).await? {
            return Err(StoreError::BucketNotEmpty { bucket: bucket.to_owned() });
        }
        let (store, bucket) = (self.clone(), bucket.to_owned());
        let removing = self.inner.world().tasks.spawn(async move {
            let _guard = guard;
            store.inner.forget_bucket(&bucket);
            let removed = store.remove(&bucket, force).await;
            store.inner.forget_bucket(&bucket);
            removed
        });
        removing.join().await.unwrap_or(Err(StoreError::Closing))
    }

    /// All buckets, in byte order.
    pub async fn list_buckets(&self) -> Result<Vec<BucketInfo>, StoreError> {
        self.inner.check_open()?;
        let changes = self.inner.buckets.changes();
        let mut names: BTreeSet<String> = BTreeSet::new();
        for pool in self.inner.pool_drives() {
            let answers = pool.ask(|drive| drive.list_buckets()).await;
            names.extend(agreed_buckets(&pool, answers)?);
        }
        // On all processors: it is as many documents as there are buckets.
        let names: Vec<String> = names.into_iter().collect();
        let mut waiting = names.chunks(READS_TOGETHER);
        let mut reading = VecDeque::new();
        let mut buckets = Vec::with_capacity(names.len());
        loop {
            for names in waiting.by_ref().take(READS_AT_A_TIME - reading.len()) {
                let (store, names) = (self.clone(), names.to_vec());
                let listed = self.inner.world().tasks.spawn(async move { store.listed(names, changes).await });
                reading.push_back(listed);
            }
            let Some(listed) = reading.pop_front() else { return Ok(buckets) };
            buckets.extend(listed.join().await.ok_or(StoreError::Closing)?);
        }
    }

    /// What is to be told of some buckets that were there when no more than `changes` had been made.
    async fn listed(&self, names: Vec<String>, changes: u64) -> Vec<BucketInfo> {
        let mut buckets = Vec::with_capacity(names.len());
        for name in names {
            match self.listed_metadata(&name, changes).await {
                Ok(metadata) => buckets.push(BucketInfo { created: metadata.created, name }),
                // Removed meanwhile.
                Err(StoreError::BucketNotFound { .. }) => {}
                Err(error) => {
                    tracing::warn!(bucket = %name, %error, "a bucket's configuration can't be read");
                    buckets.extend(self.find_bucket(&name).await);
                }
            }
        }
        buckets
    }

    /// A bucket, if it is there: [`StoreError::BucketNotFound`]. No I/O while its configuration is known.
    pub async fn bucket(&self, bucket: &str) -> Result<BucketInfo, StoreError> {
        let created = match self.bucket_metadata(bucket).await {
            Ok(metadata) => metadata.created,
            Err(StoreError::Damaged { .. }) => return self.find_bucket(bucket).await,
            Err(error) => return Err(error),
        };
        Ok(BucketInfo { name: bucket.to_owned(), created })
    }

    /// A bucket as its directories tell.
    pub(crate) async fn find_bucket(&self, bucket: &str) -> Result<BucketInfo, StoreError> {
        let missing = || StoreError::BucketNotFound { bucket: bucket.to_owned() };
        // No other name can be a bucket's, whatever directories there are.
        let name = BucketName::relaxed(bucket).map_err(|_| missing())?;
        if name.is_reserved() {
            return Err(missing());
        }
        let mut unknown = None;
        for pool in self.inner.pool_drives() {
            let answers = pool.ask(|drive| drive.stat_bucket(bucket)).await;
            let found = || answers.iter().flatten().flatten();
            if found().count() >= pool.read_quorum() {
                let created = found().map(|entry| entry.created).min().unwrap_or(Timestamp::ZERO);
                return Ok(BucketInfo { name: bucket.to_owned(), created });
            }
            let absent = |answer: &&DriveResult<BucketEntry>| matches!(answer, Err(error) if error.is_absence());
            if answers.iter().flatten().filter(absent).count() < pool.read_quorum() {
                unknown = Some(too_few(bucket, found().count(), pool.read_quorum(), &answers));
            }
        }
        Err(unknown.unwrap_or_else(missing))
    }

    async fn make(
        &self,
        bucket: &str,
        metadata: BucketMetadata,
        mut extras: BucketExtras,
    ) -> Result<BucketInfo, StoreError> {
        let pools = self.inner.pool_drives();
        let mut made: Vec<Vec<bool>> = Vec::new();
        let mut failed = None;
        for pool in &pools {
            let answers = pool.ask(|drive| drive.make_bucket(bucket)).await;
            let existed = |answer: &&DriveResult<()>| matches!(answer, Err(DriveError::BucketExists { .. }));
            let existing = answers.iter().flatten().filter(existed).count();
            let new: Vec<bool> = answers.iter().map(|answer| matches!(answer, Some(Ok(())))).collect();
            let count = new.iter().filter(|new| **new).count();
            made.push(new);
            if existing >= pool.read_quorum() {
                failed = Some(StoreError::BucketExists { bucket: bucket.to_owned() });
            } else if existing + count < pool.write_quorum() {
                let errors: Vec<&DriveError> =
                    answers.iter().flatten().filter_map(|answer| answer.as_ref().err()).collect();
                failed = Some(write_error(&errors, existing + count, pool.write_quorum(), bucket, ""));
            }
        }
        let created = metadata.created;
        // First, so that no bucket is ever there without what protects it.
        if failed.is_none() && !extras.documents.is_empty() {
            extras.created = created;
            failed = self.write_bucket_extras(bucket, extras).await.err();
        }
        if failed.is_none() {
            failed = self.write_bucket_metadata(bucket, metadata).await.err();
        }
        let Some(error) = failed else { return Ok(BucketInfo { name: bucket.to_owned(), created }) };
        if !matches!(error, StoreError::BucketExists { .. }) {
            for (pool, made) in pools.iter().zip(&made) {
                log_failures(pool.ask_those(made, |drive| drive.delete_bucket(bucket, false)).await);
            }
        }
        Err(error)
    }

    async fn remove(&self, bucket: &str, force: bool) -> Result<(), StoreError> {
        let pools = self.inner.pool_drives();
        let mut removed: Vec<Vec<bool>> = Vec::new();
        let mut failed = None;
        for pool in &pools {
            let mut answers = pool.ask(|drive| drive.delete_bucket(bucket, force)).await;
            let gone = |answer: &Option<DriveResult<()>>| match answer {
                Some(Ok(())) => true,
                Some(Err(error)) => error.is_absence(),
                None => false,
            };
            if answers.iter().filter(|answer| gone(answer)).count() >= pool.write_quorum() {
                // What so few drives still hold is no object any more.
                let full: Vec<bool> = answers.iter().map(is_not_empty).collect();
                let again = pool.ask_those(&full, |drive| drive.delete_bucket(bucket, true)).await;
                for (answer, again) in answers.iter_mut().zip(again).filter(|(_, again)| again.is_some()) {
                    *answer = again;
                }
            } else {
                failed = Some(not_removed(pool, bucket, &answers));
            }
            removed.push(answers.iter().map(|answer| matches!(answer, Some(Ok(())))).collect());
        }
        if let Some(error) = failed {
            if !force {
                for (pool, removed) in pools.iter().zip(&removed) {
                    log_failures(pool.ask_those(removed, |drive| drive.make_bucket(bucket)).await);
                }
            }
            return Err(error);
        }
        let documents = format!("buckets/{bucket}");
        for pool in &pools {
            log_failures(pool.ask(|drive| drive.remove_tree(SYSTEM_BUCKET, &documents)).await);
        }
        self.abort_uploads_of(bucket).await;
        Ok(())
    }
}

fn bad_name(bucket: &str, reason: &'static str) -> StoreError {
    StoreError::BadBucketName { bucket: bucket.to_owned(), reason }
}

fn is_not_empty<T>(answer: &Option<DriveResult<T>>) -> bool {
    matches!(answer, Some(Err(DriveError::BucketNotEmpty { .. })))
}

fn not_removed(pool: &PoolDrives, bucket: &str, answers: &Answers<()>) -> StoreError {
    if answers.iter().any(is_not_empty) {
        return StoreError::BucketNotEmpty { bucket: bucket.to_owned() };
    }
    let errors: Vec<&DriveError> = answers.iter().flatten().filter_map(|answer| answer.as_ref().err()).collect();
    let done = answers.iter().flatten().filter(|answer| answer.is_ok()).count();
    write_error(&errors, done, pool.write_quorum(), bucket, "")
}

fn too_few<T>(what: &str, got: usize, needed: usize, answers: &Answers<T>) -> StoreError {
    let error = answers.iter().flatten().find_map(|answer| answer.as_ref().err());
    let cause = error.map_or_else(|| "drives are offline".to_owned(), ToString::to_string);
    StoreError::ReadQuorum { what: what.to_owned(), got, needed, cause }
}

/// The buckets that half of a pool's drives have.
fn agreed_buckets(pool: &PoolDrives, answers: Answers<Vec<String>>) -> Result<Vec<String>, StoreError> {
    let answered = answers.iter().flatten().filter(|answer| answer.is_ok()).count();
    if answered < pool.read_quorum() {
        return Err(too_few("the list of buckets", answered, pool.read_quorum(), &answers));
    }
    let mut counted: HashMap<String, usize> = HashMap::new();
    answers.into_iter().flatten().flatten().flatten().for_each(|name| *counted.entry(name).or_insert(0) += 1);
    let agreed = counted.into_iter().filter(|(_, count)| *count >= pool.read_quorum());
    Ok(agreed.map(|(name, _)| name).collect())
}

/// For what is done as well as it can be.
fn log_failures<T>(answers: Answers<T>) {
    for error in answers.into_iter().flatten().filter_map(Result::err) {
        tracing::warn!(%error, "a drive isn't as the others");
    }
}
