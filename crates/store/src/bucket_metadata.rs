//! Buckets' configurations: read once, kept in memory, changed one at a time (on-disk-format.md 12.2).
//!
//! One server owns the drives, so what is in memory holds until this process changes it. A change drops it before it
//! writes, and puts the new one in its place once that is stored; a reading that was under way meanwhile isn't kept.

use crate::{Store, StoreError};
use bytes::Bytes;
use format::bucket_metadata::{BucketMetadata, LEGACY_FILES, LegacyField, OBJECT_LOCK_ENABLED, VERSIONING_ENABLED};
use parking_lot::RwLock;
use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

/// Buckets kept in memory: a few KiB each, and deployments rarely have more.
const MOST_KNOWN: usize = 10_000;

/// What is known of buckets, one thing of each.
#[derive(Debug)]
pub(crate) struct Known<T> {
    table: RwLock<Table<T>>,
    /// Counts uses, to tell which bucket hasn't been used for longest.
    uses: AtomicU64,
}

#[derive(Debug)]
struct Table<T> {
    buckets: HashMap<String, Entry<T>>,
    /// Counts changes.
    changes: u64,
}

#[derive(Debug)]
struct Entry<T> {
    known: Arc<T>,
    used: AtomicU64,
}

impl<T> Default for Known<T> {
    fn default() -> Self {
        let table = Table { buckets: HashMap::new(), changes: 0 };
        Known { table: RwLock::new(table), uses: AtomicU64::new(0) }
    }
}

impl<T> Known<T> {
    pub(crate) fn get(&self, bucket: &str) -> Option<Arc<T>> {
        let table = self.table.read();
        let entry = table.buckets.get(bucket)?;
        entry.used.store(self.uses.fetch_add(1, Ordering::Relaxed), Ordering::Relaxed);
        Some(Arc::clone(&entry.known))
    }

    /// To be taken before the drives are read.
    pub(crate) fn changes(&self) -> u64 {
        self.table.read().changes
    }

    /// Keeps what was read since `changes` was taken, unless something has changed since.
    pub(crate) fn read(&self, bucket: &str, known: &Arc<T>, changes: u64) {
        let mut table = self.table.write();
        if table.changes == changes {
            self.insert(&mut table, bucket, known);
        }
    }

    /// The same of one bucket among many, which keeps out none that is known.
    fn read_beside(&self, bucket: &str, known: &Arc<T>, changes: u64) {
        let mut table = self.table.write();
        if table.changes == changes && table.buckets.len() < MOST_KNOWN {
            self.insert(&mut table, bucket, known);
        }
    }

    /// The bucket is about to be changed or removed.
    pub(crate) fn forget(&self, bucket: &str) {
        let mut table = self.table.write();
        table.changes += 1;
        table.buckets.remove(bucket);
    }

    /// The bucket has been changed.
    pub(crate) fn changed(&self, bucket: &str, known: &Arc<T>) {
        let mut table = self.table.write();
        table.changes += 1;
        self.insert(&mut table, bucket, known);
    }

    fn insert(&self, table: &mut Table<T>, bucket: &str, known: &Arc<T>) {
        if table.buckets.len() >= MOST_KNOWN && !table.buckets.contains_key(bucket) {
            let oldest = table.buckets.iter().min_by_key(|(_, entry)| entry.used.load(Ordering::Relaxed));
            if let Some(oldest) = oldest.map(|(name, _)| name.clone()) {
                table.buckets.remove(&oldest);
            }
        }
        let used = AtomicU64::new(self.uses.fetch_add(1, Ordering::Relaxed));
        table.buckets.insert(bucket.to_owned(), Entry { known: Arc::clone(known), used });
    }
}

impl Store {
    /// A bucket's configuration. [`StoreError::BucketNotFound`] if the bucket isn't there, [`StoreError::Damaged`] if
    /// its configuration can't be understood. No I/O while it is known.
    pub async fn bucket_metadata(&self, bucket: &str) -> Result<Arc<BucketMetadata>, StoreError> {
        if let Some(metadata) = self.inner.buckets.get(bucket) {
            return Ok(metadata);
        }
        let changes = self.inner.buckets.changes();
        let metadata = Arc::new(self.read_bucket_metadata(bucket).await?);
        self.inner.buckets.read(bucket, &metadata, changes);
        Ok(metadata)
    }

    /// The same of a bucket whose directories were there when no more than `changes` had been made: they aren't asked for
    /// again.
    pub(crate) async fn listed_metadata(&self, bucket: &str, changes: u64) -> Result<Arc<BucketMetadata>, StoreError> {
        if let Some(metadata) = self.inner.buckets.get(bucket) {
            return Ok(metadata);
        }
        let stored = match self.read_internal(&metadata_path(bucket)).await {
            Ok(document) => Some(parse(bucket, &document)?).filter(|metadata| !metadata.created.is_zero()),
            Err(StoreError::KeyNotFound { .. }) => None,
            Err(error) => return Err(error),
        };
        // Without a configuration there are only the directories to tell whether it is still there, and since when.
        let Some(mut metadata) = stored else { return self.bucket_metadata(bucket).await };
        metadata.name = bucket.to_owned();
        metadata.fill_unset_times();
        let metadata = Arc::new(metadata);
        self.inner.buckets.read_beside(bucket, &metadata, changes);
        Ok(metadata)
    }

    /// Changes a bucket's configuration. Changes to one bucket happen one after the other.
    pub async fn update_bucket_metadata(
        &self,
        bucket: &str,
        edit: impl FnOnce(&mut BucketMetadata) + Send,
    ) -> Result<(), StoreError> {
        let guard = self.inner.lock_bucket(bucket).await?;
        let mut metadata = self.read_bucket_metadata(bucket).await?;
        edit(&mut metadata);
        let (store, bucket) = (self.clone(), bucket.to_owned());
        let changing = self.inner.world().tasks.spawn(async move {
            let _guard = guard;
            store.write_bucket_metadata(&bucket, metadata).await
        });
        changing.join().await.unwrap_or(Err(StoreError::Closing))
    }

    /// Stores a bucket's configuration. The caller holds the bucket's lock, and must not be dropped meanwhile.
    pub(crate) async fn write_bucket_metadata(&self, bucket: &str, metadata: BucketMetadata) -> Result<(), StoreError> {
        self.inner.buckets.forget(bucket);
        self.write_internal(&metadata_path(bucket), metadata.encode().into()).await?;
        self.inner.buckets.changed(bucket, &Arc::new(metadata));
        Ok(())
    }

    /// From the drives: what is stored, or what a bucket without configuration has.
    pub(crate) async fn read_bucket_metadata(&self, bucket: &str) -> Result<BucketMetadata, StoreError> {
        let path = metadata_path(bucket);
        let (found, stored) = futures_util::future::join(self.find_bucket(bucket), self.read_internal(&path)).await;
        let found = found?;
        let mut metadata = match stored {
            Ok(document) => parse(bucket, &document)?,
            Err(StoreError::KeyNotFound { .. }) => BucketMetadata::default(),
            Err(error) => return Err(error),
        };
        metadata.name = bucket.to_owned();
        if metadata.created.is_zero() {
            metadata.created = found.created;
            self.import_legacy(bucket, &mut metadata).await?;
        }
        metadata.fill_unset_times();
        Ok(metadata)
    }

    /// Configurations that old releases kept in a file each.
    async fn import_legacy(&self, bucket: &str, metadata: &mut BucketMetadata) -> Result<(), StoreError> {
        let paths: Vec<String> = LEGACY_FILES.iter().map(|(file, _)| format!("buckets/{bucket}/{file}")).collect();
        let documents = futures_util::future::join_all(paths.iter().map(|path| self.read_internal(path))).await;
        for ((_, field), document) in LEGACY_FILES.into_iter().zip(documents) {
            match document {
                Ok(document) => import(metadata, field, document),
                Err(StoreError::KeyNotFound { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }
}

fn parse(bucket: &str, document: &Bytes) -> Result<BucketMetadata, StoreError> {
    let damaged = |error: format::record::RecordError| StoreError::Damaged {
        what: format!("the configuration of bucket {bucket}"),
        reason: error.to_string(),
    };
    BucketMetadata::parse(document).map_err(damaged)
}

/// Takes over one old document where nothing newer is set.
fn import(metadata: &mut BucketMetadata, field: LegacyField, document: Bytes) {
    let place = match field {
        LegacyField::LockEnabled => {
            if says_lock_enabled(&document) && metadata.object_lock_xml.is_empty() {
                metadata.object_lock_xml = Bytes::from_static(OBJECT_LOCK_ENABLED.as_bytes());
                metadata.versioning_xml = Bytes::from_static(VERSIONING_ENABLED.as_bytes());
            }
            return;
        }
        // The last in the list: the full configuration wins over what was made from the flag.
        LegacyField::ObjectLock => {
            metadata.object_lock_xml = document;
            return;
        }
        LegacyField::Policy => &mut metadata.policy_json,
        LegacyField::Notification => &mut metadata.notification_xml,
        LegacyField::Lifecycle => &mut metadata.lifecycle_xml,
        LegacyField::Quota => &mut metadata.quota_json,
        LegacyField::Encryption => &mut metadata.encryption_xml,
        LegacyField::Tagging => &mut metadata.tagging_xml,
        LegacyField::Replication => &mut metadata.replication_xml,
        LegacyField::Targets => &mut metadata.targets_json,
    };
    if place.is_empty() {
        *place = document;
    }
}

/// `{"x-amz-bucket-object-lock-enabled":true}`, however it is spaced.
fn says_lock_enabled(document: &[u8]) -> bool {
    let dense: Vec<u8> = document.iter().copied().filter(|byte| !byte.is_ascii_whitespace()).collect();
    dense == br#"{"x-amz-bucket-object-lock-enabled":true}"#
}

pub(crate) fn metadata_path(bucket: &str) -> String {
    format!("buckets/{bucket}/.metadata.bin")
}
