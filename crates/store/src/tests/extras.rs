//! What is kept of buckets that MinIO doesn't know.

use super::harness::*;
use crate::*;
use format::bucket_extras::BucketExtras;
use format::bucket_metadata::BucketMetadata;

async fn set(store: &Store, bucket: &str, name: &'static str, document: &'static str) -> Result<(), StoreError> {
    let edit = |extras: &mut BucketExtras| {
        extras.set(name, document);
        Ok(())
    };
    store.update_bucket_extras(bucket, edit).await
}

#[tokio::test]
async fn documents_live_as_long_as_their_bucket() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let now = || store.inner.world().clock.now();
    let mut extras = BucketExtras::default();
    extras.set("access", "a");
    let metadata = BucketMetadata::new("photos", now(), false);
    store.make_bucket_with("photos", metadata, extras).await.expect("made");
    assert_eq!(store.bucket_extras("photos").await.expect("read").document("access"), "a");
    set(&store, "photos", "cors", "c").await.expect("set");
    store.close().await;
    drop(store);

    let store = directories.open().await;
    let now = || store.inner.world().clock.now();
    let read = store.bucket_extras("photos").await.expect("read");
    assert_eq!((read.document("access"), read.document("cors")), ("a".into(), "c".into()));
    set(&store, "photos", "access", "").await.expect("removed");
    assert!(store.bucket_extras("photos").await.expect("read").document("access").is_empty());

    let left = store.read_internal("buckets/photos/rustfs.bin").await.expect("stored");
    store.delete_bucket("photos", false).await.expect("removed");
    assert!(matches!(store.bucket_extras("photos").await, Err(StoreError::BucketNotFound { .. })));
    assert!(matches!(set(&store, "photos", "cors", "c").await, Err(StoreError::BucketNotFound { .. })));
    // Another bucket of the name doesn't inherit what a drive may have kept.
    store.make_bucket("photos", BucketMetadata::new("photos", now(), false)).await.expect("made again");
    store.write_internal("buckets/photos/rustfs.bin", left).await.expect("put back");
    assert!(store.bucket_extras("photos").await.expect("read").documents.is_empty());
    store.close().await;
}

#[tokio::test]
async fn documents_that_can_not_be_read_are_an_error_and_stay() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    store.write_internal(&format!("buckets/{BUCKET}/rustfs.bin"), "no".into()).await.expect("written");
    assert!(matches!(store.bucket_extras(BUCKET).await, Err(StoreError::Damaged { .. })));
    assert!(matches!(set(&store, BUCKET, "cors", "c").await, Err(StoreError::Damaged { .. })));
    store.close().await;
}
