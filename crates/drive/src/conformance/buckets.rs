//! Buckets.

use super::{BUCKET, Bed};
use crate::DriveError;
use crate::testing::{Sample, remove};

pub(super) async fn are_made_listed_and_deleted(bed: &Bed) {
    let drive = bed.open().await;
    for bucket in ["zebra", "apple", "Old_Name"] {
        drive.make_bucket(bucket).await.expect("the bucket is made");
    }
    assert_eq!(drive.list_buckets().await.unwrap(), ["Old_Name", "apple", "zebra"]);
    assert!(matches!(drive.make_bucket("apple").await, Err(DriveError::BucketExists { .. })));
    assert_eq!(drive.stat_bucket("apple").await.unwrap().name, "apple");

    drive.delete_bucket("apple", false).await.unwrap();
    assert_eq!(drive.list_buckets().await.unwrap(), ["Old_Name", "zebra"]);
    let drive = bed.reopen(drive).await;
    assert_eq!(drive.list_buckets().await.unwrap(), ["Old_Name", "zebra"]);
    drive.make_bucket("apple").await.expect("the name is free again");
}

pub(super) async fn with_objects_are_not_deleted_unless_forced(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    bed.commit(&*drive, "a/b/c", Sample::new(0, 1).inline(b"x")).await.unwrap();
    assert!(matches!(drive.delete_bucket(BUCKET, false).await, Err(DriveError::BucketNotEmpty { .. })));
    bed.commit(&*drive, "a/b/c", remove(0)).await.unwrap();
    drive.delete_bucket(BUCKET, false).await.expect("it is empty now");

    drive.make_bucket(BUCKET).await.unwrap();
    bed.commit(&*drive, "a/b/c", Sample::new(0, 1).inline(b"x")).await.unwrap();
    drive.delete_bucket(BUCKET, true).await.expect("it is forced");
    assert!(drive.list_buckets().await.unwrap().is_empty());
}

pub(super) async fn that_are_missing_are_said_to_be(bed: &Bed) {
    let drive = bed.open().await;
    assert!(matches!(drive.stat_bucket(BUCKET).await, Err(DriveError::BucketNotFound { .. })));
    assert!(matches!(drive.delete_bucket(BUCKET, true).await, Err(DriveError::BucketNotFound { .. })));
    assert!(matches!(drive.read_meta(BUCKET, "a").await, Err(DriveError::BucketNotFound { .. })));
    let options = crate::WalkOptions { bucket: BUCKET.into(), ..Default::default() };
    assert!(matches!(drive.walk(options).await.err(), Some(DriveError::BucketNotFound { .. })));
}
