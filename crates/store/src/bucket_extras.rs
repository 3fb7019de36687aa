//! What MinIO doesn't know of buckets: documents in an object beside each bucket's configuration (on-disk-format.md 8b).
//!
//! Read once and kept in memory like the configuration, and changed under the same lock. They belong to the bucket that
//! they were made for, by its time of creation: what an earlier bucket of the name has left behind doesn't count.

use crate::{Store, StoreError};
use format::bucket_extras::BucketExtras;
use std::sync::Arc;

impl Store {
    /// What is kept of a bucket that MinIO doesn't know. [`StoreError::BucketNotFound`] if the bucket isn't there,
    /// [`StoreError::Damaged`] if the documents can't be read. No I/O while it is known.
    pub async fn bucket_extras(&self, bucket: &str) -> Result<Arc<BucketExtras>, StoreError> {
        if let Some(extras) = self.inner.extras.get(bucket) {
            return Ok(extras);
        }
        let changes = self.inner.extras.changes();
        let created = self.bucket_metadata(bucket).await?.created;
        let extras = self.read_bucket_extras(bucket).await?;
        let extras = Arc::new(if extras.created == created { extras } else { BucketExtras::default() });
        self.inner.extras.read(bucket, &extras, changes);
        Ok(extras)
    }

    /// Changes what is kept of a bucket. Changes to one bucket happen one after the other; one that `edit` refuses isn't
    /// made.
    pub async fn update_bucket_extras<E: From<StoreError>>(
        &self,
        bucket: &str,
        edit: impl FnOnce(&mut BucketExtras) -> Result<(), E> + Send,
    ) -> Result<(), E> {
        let guard = self.inner.lock_bucket(bucket).await?;
        let metadata = self.read_bucket_metadata(bucket).await?;
        let mut extras = self.read_bucket_extras(bucket).await?;
        let first = extras.created != metadata.created;
        if first {
            extras = BucketExtras { created: metadata.created, ..BucketExtras::default() };
        }
        edit(&mut extras)?;
        let (store, bucket) = (self.clone(), bucket.to_owned());
        let changing = self.inner.world().tasks.spawn(async move {
            let _guard = guard;
            // Where only the bucket's directories tell its time of creation, that must be one that stays.
            if first {
                store.write_bucket_metadata(&bucket, metadata).await?;
            }
            store.write_bucket_extras(&bucket, extras).await
        });
        Ok(changing.join().await.unwrap_or(Err(StoreError::Closing))?)
    }

    /// Stores the documents. The caller holds the bucket's lock, and must not be dropped meanwhile.
    pub(crate) async fn write_bucket_extras(&self, bucket: &str, extras: BucketExtras) -> Result<(), StoreError> {
        self.inner.extras.forget(bucket);
        self.write_internal(&extras_path(bucket), extras.encode().into()).await?;
        self.inner.extras.changed(bucket, &Arc::new(extras));
        Ok(())
    }

    async fn read_bucket_extras(&self, bucket: &str) -> Result<BucketExtras, StoreError> {
        let damaged = |error: format::record::RecordError| StoreError::Damaged {
            what: format!("what is kept of bucket {bucket} in rustfs.bin"),
            reason: error.to_string(),
        };
        match self.read_internal(&extras_path(bucket)).await {
            Ok(document) => BucketExtras::parse(&document).map_err(damaged),
            Err(StoreError::KeyNotFound { .. }) => Ok(BucketExtras::default()),
            Err(error) => Err(error),
        }
    }
}

fn extras_path(bucket: &str) -> String {
    format!("buckets/{bucket}/rustfs.bin")
}
