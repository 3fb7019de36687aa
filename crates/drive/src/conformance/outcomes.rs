//! What becomes of commits in doubt.

use super::{BUCKET, Bed, assert_absent, inline, meta, part, times};
use crate::testing::{Sample, remove, write};
use crate::{Doubt, Drive};
use uuid::Uuid;

pub(super) async fn undo_a_first_version(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let sample = Sample::new(0, 1);
    let staging = bed.stage(&*drive, sample, b"data").await;
    let id = bed.begin(&*drive, "p/a", sample.staged(staging)).await.unwrap();
    drive.undo(id).await.unwrap();
    assert_absent(meta(&*drive, "p/a").await);
    assert_absent(part(&*drive, "p/a", sample.data_dir, 1).await);
    assert!(super::walks::names(&*drive, false, "").await.is_empty());
    assert!(drive.doubts().await.unwrap().is_empty());
}

pub(super) async fn undo_an_overwrite(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let (old, new) = (Sample::new(0, 1), Sample::new(0, 2));
    let staging = bed.stage(&*drive, old, b"old").await;
    bed.commit(&*drive, "a", old.staged(staging)).await.unwrap();
    let before = meta(&*drive, "a").await.unwrap();

    let staging = bed.stage(&*drive, new, b"new").await;
    let id = bed.begin(&*drive, "a", new.staged(staging)).await.unwrap();
    drive.undo(id).await.unwrap();
    assert_eq!(meta(&*drive, "a").await.unwrap(), before);
    assert_eq!(part(&*drive, "a", old.data_dir, 1).await.unwrap(), "old");
    assert_absent(part(&*drive, "a", new.data_dir, 1).await);
}

pub(super) async fn undo_a_removal(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let sample = Sample::new(0, 1);
    let staging = bed.stage(&*drive, sample, b"data").await;
    bed.commit(&*drive, "p/a", sample.staged(staging)).await.unwrap();
    let id = bed.begin(&*drive, "p/a", remove(0)).await.unwrap();
    assert_absent(meta(&*drive, "p/a").await);
    drive.undo(id).await.unwrap();
    assert_eq!(part(&*drive, "p/a", sample.data_dir, 1).await.unwrap(), "data");
    assert_eq!(times(&*drive, "p/a").await, [1]);
}

pub(super) async fn undo_nothing_that_was_overwritten_since(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let first = bed.begin(&*drive, "a", Sample::new(0, 1).inline(b"one")).await.unwrap();
    bed.commit(&*drive, "a", Sample::new(0, 2).inline(b"two")).await.unwrap();
    drive.undo(first).await.unwrap();
    assert_eq!(inline(&*drive, "a", Uuid::nil()).await.unwrap(), "two");
}

pub(super) async fn of_unknown_commits_are_fine(bed: &Bed) {
    let drive = bed.open().await;
    drive.settle(bed.id()).await.unwrap();
    drive.undo(bed.id()).await.unwrap();
}

pub(super) async fn wait_for_their_commit(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let commit = drive.commit(write(1, BUCKET, "a", Sample::new(0, 1).inline(b"x")));
    let undo = drive.undo(Uuid::from_u128(1));
    // The outcome was told before the commit was done.
    undo.await.unwrap();
    commit.await.unwrap();
    assert_absent(meta(&*drive, "a").await);
}

pub(super) async fn survive_reopening_and_are_settled(bed: &Bed) {
    let (drive, doubts, [old, new]) = in_doubt_after_reopening(bed).await;
    for doubt in doubts {
        drive.settle(doubt.id).await.unwrap();
    }
    assert_eq!(part(&*drive, "written", new.data_dir, 1).await.unwrap(), "new");
    assert_absent(part(&*drive, "written", old.data_dir, 1).await);
    assert_absent(meta(&*drive, "removed").await);
    assert_absent(part(&*drive, "removed", old.data_dir, 1).await);
    assert!(drive.doubts().await.unwrap().is_empty());
    let drive = bed.reopen(drive).await;
    assert!(drive.doubts().await.unwrap().is_empty());
}

pub(super) async fn survive_reopening_and_are_undone(bed: &Bed) {
    let (drive, doubts, [old, new]) = in_doubt_after_reopening(bed).await;
    for doubt in doubts {
        drive.undo(doubt.id).await.unwrap();
    }
    for name in ["written", "removed"] {
        assert_eq!(part(&*drive, name, old.data_dir, 1).await.unwrap(), "old");
        assert_eq!(times(&*drive, name).await, [1]);
    }
    assert_absent(part(&*drive, "written", new.data_dir, 1).await);
    let drive = bed.reopen(drive).await;
    assert!(drive.doubts().await.unwrap().is_empty());
}

/// `written` was overwritten and `removed` removed, both without an outcome; the versions before and after.
async fn in_doubt_after_reopening(bed: &Bed) -> (std::sync::Arc<dyn Drive>, Vec<Doubt>, [Sample; 2]) {
    let drive = bed.open_with_bucket().await;
    let (old, new) = (Sample::new(0, 1), Sample::new(0, 2));
    for name in ["written", "removed"] {
        let staging = bed.stage(&*drive, old, b"old").await;
        bed.commit(&*drive, name, old.staged(staging)).await.unwrap();
    }
    let staging = bed.stage(&*drive, new, b"new").await;
    let written = bed.begin(&*drive, "written", new.staged(staging)).await.unwrap();
    let removed = bed.begin(&*drive, "removed", remove(0)).await.unwrap();

    let drive = bed.reopen(drive).await;
    let doubts = drive.doubts().await.unwrap();
    let told: Vec<_> = doubts.iter().map(|doubt| (doubt.id, &*doubt.object, doubt.removal, doubt.applied)).collect();
    assert_eq!(told, [(written, "written", false, true), (removed, "removed", true, true)]);
    assert_eq!(doubts[0].mod_time.nanos(), 2);
    assert_eq!(doubts[1].mod_time.nanos(), 1);
    (drive, doubts, [old, new])
}

pub(super) async fn settled_are_not_in_doubt(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    bed.commit(&*drive, "a", Sample::new(0, 1).inline(b"x")).await.unwrap();
    assert!(drive.doubts().await.unwrap().is_empty());
    let drive = bed.reopen(drive).await;
    assert!(drive.doubts().await.unwrap().is_empty());
}
