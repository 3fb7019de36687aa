//! Shard files.

use super::{BUCKET, Bed, assert_absent, part};
use crate::testing::Sample;
use crate::{DriveError, Staging};
use bytes::Bytes;

pub(super) async fn are_read_as_written(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let sample = Sample::new(0, 1);
    let staging = Staging(bed.id());
    let mut writer = drive.stage_shard(staging, sample.data_dir, 1, None).await.unwrap();
    writer.write(vec![]).await.unwrap();
    writer.write(vec!["ab".into(), Bytes::new(), "c".into()]).await.unwrap();
    let big = Bytes::from(vec![b'x'; 3 << 20]);
    writer.write(vec![big.clone()]).await.unwrap();
    writer.finish().await.unwrap();
    bed.commit(&*drive, "a", sample.staged(staging)).await.unwrap();

    let reader = drive.open_shard(BUCKET, "a", &sample.data_dir.to_string(), 1).await.unwrap();
    assert_eq!(reader.len(), 3 + big.len() as u64);
    assert_eq!(reader.read_at(1, 3).await.unwrap(), "bcx");
    assert_eq!(reader.read_at(3, big.len()).await.unwrap(), big);
    assert_eq!(reader.read_at(reader.len(), 0).await.unwrap(), "");
    let mut buffer = vec![0; big.len()];
    assert!(!reader.read_at_once(3, &mut buffer) || buffer == big);
    assert!(!reader.read_at_once(4, &mut buffer), "it ends before");
    assert_absent(part(&*drive, "a", sample.data_dir, 2).await);
}

pub(super) async fn that_are_short_are_corrupt(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let sample = Sample::new(0, 1);
    let staging = bed.stage(&*drive, sample, b"1234").await;
    bed.commit(&*drive, "a", sample.staged(staging)).await.unwrap();
    let reader = drive.open_shard(BUCKET, "a", &sample.data_dir.to_string(), 1).await.unwrap();
    for (offset, length) in [(0, 5), (4, 1), (100, 1), (u64::MAX, 1)] {
        let read = reader.read_at(offset, length).await;
        assert!(matches!(read, Err(DriveError::Corrupt { .. })), "{offset} {length}: {read:?}");
    }
}

pub(super) async fn discarded_are_gone(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let sample = Sample::new(0, 1);
    let staging = bed.stage(&*drive, sample, b"1234").await;
    drive.discard(staging).await.unwrap();
    drive.discard(staging).await.expect("missing is fine");
    assert_absent(bed.begin(&*drive, "a", sample.staged(staging)).await);
    assert_absent(super::meta(&*drive, "a").await);
    assert!(drive.doubts().await.unwrap().is_empty(), "a refused commit leaves nothing");
}

pub(super) async fn without_a_finish_cannot_be_written_after_failure(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let sample = Sample::new(0, 1);
    let staging = Staging(bed.id());
    let _writer = drive.stage_shard(staging, sample.data_dir, 1, None).await.unwrap();
    let twice = drive.stage_shard(staging, sample.data_dir, 1, None).await;
    assert!(twice.is_err(), "a shard file is written once");
}
