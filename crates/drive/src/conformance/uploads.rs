//! Uploads in parts.

use super::{Bed, assert_absent, part};
use crate::testing::{Sample, write};
use crate::{Change, DataSource, Drive, Inline};
use uuid::Uuid;

const UPLOAD: &str = "multipart/hash/id";

fn complete(sample: Sample, parts: &[u32]) -> Change {
    let data = DataSource::Upload { path: UPLOAD.into() };
    Change::Write { version: sample.entry_with_parts(parts), inline: Inline::Keep, data, heal: false }
}

/// An upload with these parts, each holding the text.
async fn with_parts(bed: &Bed, drive: &dyn Drive, sample: Sample, parts: &[(u32, &'static str)]) {
    let record = write(bed.id().as_u128(), ".minio.sys", UPLOAD, sample.inline(b""));
    let id = record.id;
    drive.commit(record).await.expect("the upload begins");
    drive.settle(id).await.unwrap();
    for (number, text) in parts {
        put(bed, drive, sample, *number, text).await;
    }
}

async fn put(bed: &Bed, drive: &dyn Drive, sample: Sample, number: u32, text: &'static str) {
    let staging = bed.stage_part(drive, sample.data_dir, number, text.as_bytes()).await;
    drive.put_part(UPLOAD, sample.data_dir, number, staging, text.into()).await.expect("the part is taken");
}

pub(super) async fn take_parts_and_complete(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let sample = Sample::new(0, 1);
    with_parts(bed, &*drive, sample, &[(12, "twelve"), (2, "two"), (1, "one")]).await;
    assert_eq!(drive.list_parts(UPLOAD, sample.data_dir).await.unwrap(), [1, 2, 12]);
    let records = drive.read_parts(UPLOAD, sample.data_dir, &[12, 3, 1]).await.unwrap();
    assert_eq!(records[0].as_ref().unwrap(), "twelve");
    assert_absent(records[1].clone());
    assert_eq!(records[2].as_ref().unwrap(), "one");

    drive.remove_part(UPLOAD, sample.data_dir, 2).await.unwrap();
    drive.remove_part(UPLOAD, sample.data_dir, 2).await.expect("missing is fine");
    assert_eq!(drive.list_parts(UPLOAD, sample.data_dir).await.unwrap(), [1, 12]);
    put(bed, &*drive, sample, 7, "unused").await;

    let drive = bed.reopen(drive).await;
    bed.commit(&*drive, "dir/a", complete(sample, &[1, 12])).await.unwrap();
    assert_eq!(part(&*drive, "dir/a", sample.data_dir, 1).await.unwrap(), "one");
    assert_eq!(part(&*drive, "dir/a", sample.data_dir, 12).await.unwrap(), "twelve");
    assert_absent(part(&*drive, "dir/a", sample.data_dir, 7).await);
    assert_absent(drive.list_parts(UPLOAD, sample.data_dir).await);
    assert!(drive.list_dir("multipart").await.unwrap().is_empty(), "nothing is left of the upload");
}

pub(super) async fn replace_a_part(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let sample = Sample::new(0, 1);
    with_parts(bed, &*drive, sample, &[(1, "one"), (1, "another")]).await;
    assert_eq!(drive.list_parts(UPLOAD, sample.data_dir).await.unwrap(), [1]);
    let records = drive.read_parts(UPLOAD, sample.data_dir, &[1]).await.unwrap();
    assert_eq!(records[0].as_ref().unwrap(), "another");
    bed.commit(&*drive, "a", complete(sample, &[1])).await.unwrap();
    assert_eq!(part(&*drive, "a", sample.data_dir, 1).await.unwrap(), "another");
}

pub(super) async fn undone_can_be_completed_again(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let sample = Sample::new(0, 1);
    with_parts(bed, &*drive, sample, &[(1, "one")]).await;
    let id = bed.begin(&*drive, "a", complete(sample, &[1])).await.unwrap();
    drive.undo(id).await.unwrap();
    assert_absent(super::meta(&*drive, "a").await);
    let drive = bed.reopen(drive).await;
    assert_eq!(drive.list_parts(UPLOAD, sample.data_dir).await.unwrap(), [1]);
    bed.commit(&*drive, "a", complete(sample, &[1])).await.unwrap();
    assert_eq!(part(&*drive, "a", sample.data_dir, 1).await.unwrap(), "one");
}

pub(super) async fn that_are_gone_take_no_parts(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let sample = Sample::new(0, 1);
    with_parts(bed, &*drive, sample, &[(1, "one")]).await;
    drive.remove_tree(".minio.sys", UPLOAD).await.unwrap();
    drive.remove_tree(".minio.sys", UPLOAD).await.expect("missing is fine");
    let staging = bed.stage_part(&*drive, sample.data_dir, 1, b"late").await;
    assert_absent(drive.put_part(UPLOAD, sample.data_dir, 1, staging, "late".into()).await);
    assert_absent(drive.list_parts(UPLOAD, sample.data_dir).await);
    assert_absent(drive.list_parts("multipart/none", Uuid::nil()).await);
}
