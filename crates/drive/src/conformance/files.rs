//! The drive's own files, and the drive as a whole.

use super::{BUCKET, Bed, assert_absent, meta};
use crate::testing::Sample;
use crate::{DriveError, DriveState};
use base::Timestamp;

pub(super) async fn are_replaced_whole(bed: &Bed) {
    let drive = bed.open().await;
    let path = "buckets/.heal/mrf/list.bin";
    assert_absent(drive.read_file(path).await);
    drive.write_file(path, "one".into()).await.unwrap();
    drive.write_file(path, "two".into()).await.unwrap();
    let drive = bed.reopen(drive).await;
    assert_eq!(drive.read_file(path).await.unwrap(), "two");
    assert_eq!(drive.list_dir("buckets/.heal").await.unwrap(), ["mrf/"]);
    assert_eq!(drive.list_dir("buckets/.heal/mrf").await.unwrap(), ["list.bin"]);
    assert_absent(drive.list_dir("buckets/none").await);
    drive.remove_file(path).await.unwrap();
    drive.remove_file(path).await.expect("missing is fine");
    assert_absent(drive.read_file(path).await);
    for bad in ["../x", "", "a//b"] {
        assert!(matches!(drive.read_file(bad).await, Err(DriveError::BadName { .. })), "{bad:?}");
    }
}

pub(super) async fn of_trees_go_at_once(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    for name in ["p/q/a", "p/q/b/c", "x"] {
        bed.commit(&*drive, name, Sample::new(0, 1).inline(b"x")).await.unwrap();
    }
    drive.remove_tree(BUCKET, "p/q").await.unwrap();
    drive.remove_tree(BUCKET, "p/q").await.expect("missing is fine");
    assert_absent(meta(&*drive, "p/q/a").await);
    assert_eq!(super::walks::names(&*drive, false, "").await, ["x"]);
}

pub(super) async fn are_tidied_up(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let sample = Sample::new(0, 1);
    let (kept, stale) = (bed.stage(&*drive, sample, b"1").await, bed.stage(&*drive, sample, b"2").await);
    bed.commit(&*drive, "p/a", Sample::new(0, 1).inline(b"x")).await.unwrap();
    drive.remove_tree(BUCKET, "p").await.unwrap();
    drive.tidy(Timestamp::from_nanos(0)).await.unwrap();
    assert!(drive.list_dir("tmp/.trash").await.unwrap().is_empty());
    bed.commit(&*drive, "a", sample.staged(kept)).await.expect("young staging stays");
    drive.tidy(Timestamp::from_secs(1 << 33)).await.unwrap();
    assert_absent(bed.begin(&*drive, "b", sample.staged(stale)).await);
    // A drive may have a marker there, which is hidden.
    assert!(drive.list_dir("tmp").await.unwrap().iter().all(|name| name.starts_with('.')));
}

pub(super) async fn in_use_are_refused_to_a_second_opener(bed: &Bed) {
    let drive = bed.open().await;
    let second = bed.slot.open().await;
    assert!(matches!(second, Err(DriveError::InUse { .. })), "{second:?}");
    drive.close().await;
    bed.open().await;
}

pub(super) async fn after_closing_everything_fails(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    assert_eq!(drive.state(), DriveState::Online);
    assert!(drive.space().await.unwrap().free > 0);
    drive.close().await;
    assert!(matches!(drive.state(), DriveState::Faulty(_)));
    assert!(matches!(meta(&*drive, "a").await, Err(DriveError::Faulty { .. })));
    assert!(matches!(bed.begin(&*drive, "a", Sample::new(0, 1).inline(b"x")).await, Err(DriveError::Faulty { .. })));
}
