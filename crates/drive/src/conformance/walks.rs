//! Walks.

use super::{BUCKET, Bed};
use crate::testing::{Sample, remove};
use crate::{Drive, WalkEntry, WalkOptions};
use std::sync::Arc;

const NAMES: [&str; 9] = ["a", "a-b", "a.b", "a__XLDIR__", "b-/c", "b/c", "b/d/e", "b__XLDIR__", "c"];

async fn with_names(bed: &Bed, names: &[&str]) -> Arc<dyn Drive> {
    let drive = bed.open_with_bucket().await;
    for name in names {
        bed.commit(&*drive, name, Sample::new(0, 1).inline(b"x")).await.unwrap();
    }
    drive
}

async fn walk(drive: &dyn Drive, options: WalkOptions) -> Vec<WalkEntry> {
    let mut walk = drive.walk(WalkOptions { bucket: BUCKET.into(), ..options }).await.expect("the walk begins");
    let mut entries = Vec::new();
    loop {
        let batch = walk.next_batch().await.expect("the walk goes on");
        if batch.is_empty() {
            return entries;
        }
        entries.extend(batch);
    }
}

async fn walk_names(drive: &dyn Drive, options: WalkOptions) -> Vec<String> {
    walk(drive, options).await.iter().map(|entry| entry.name().to_owned()).collect()
}

pub(super) async fn names(drive: &dyn Drive, recursive: bool, prefix: &str) -> Vec<String> {
    walk_names(drive, WalkOptions { recursive, prefix: prefix.into(), ..WalkOptions::default() }).await
}

pub(super) async fn are_in_the_order_of_decoded_names(bed: &Bed) {
    let drive = with_names(bed, &NAMES).await;
    let expected = ["a", "a-b", "a.b", "a__XLDIR__", "b-/c", "b__XLDIR__", "b/c", "b/d/e", "c"];
    assert_eq!(names(&*drive, true, "").await, expected);
    assert_eq!(names(&*drive, true, "a").await, expected[..4]);
    assert_eq!(names(&*drive, true, "b").await, expected[4..8]);
    assert_eq!(names(&*drive, true, "b/").await, ["b__XLDIR__", "b/c", "b/d/e"]);
    assert_eq!(names(&*drive, true, "b/d").await, ["b/d/e"]);
    assert!(names(&*drive, true, "b/d/e/f").await.is_empty());
    assert!(names(&*drive, true, "zz/").await.is_empty());
}

pub(super) async fn stop_at_the_first_slash(bed: &Bed) {
    let drive = with_names(bed, &NAMES).await;
    let top = ["a", "a-b", "a.b", "a__XLDIR__", "b-/", "b__XLDIR__", "b/", "c"];
    assert_eq!(names(&*drive, false, "").await, top);
    assert_eq!(names(&*drive, false, "b").await, ["b-/", "b__XLDIR__", "b/"]);
    assert_eq!(names(&*drive, false, "b/").await, ["b__XLDIR__", "b/c", "b/d/"]);
}

pub(super) async fn begin_where_asked(bed: &Bed) {
    let drive = with_names(bed, &NAMES).await;
    let after = |after: &str, inclusive, recursive| {
        let options = WalkOptions { after: after.into(), inclusive, recursive, ..WalkOptions::default() };
        let drive = &*drive;
        async move { walk_names(drive, options).await }
    };
    assert_eq!(after("a.b", false, true).await, ["a__XLDIR__", "b-/c", "b__XLDIR__", "b/c", "b/d/e", "c"]);
    assert_eq!(after("a/", true, true).await, ["a__XLDIR__", "b-/c", "b__XLDIR__", "b/c", "b/d/e", "c"]);
    assert_eq!(after("a/", false, true).await, ["b-/c", "b__XLDIR__", "b/c", "b/d/e", "c"]);
    assert_eq!(after("b/c", false, true).await, ["b/d/e", "c"]);
    assert_eq!(after("b/cc", false, true).await, ["b/d/e", "c"]);
    assert_eq!(after("b/c", true, true).await, ["b/c", "b/d/e", "c"]);
    assert!(after("c", false, true).await.is_empty());
    assert_eq!(after("b-/", false, false).await, ["b__XLDIR__", "b/", "c"]);
    assert_eq!(after("b-/", true, false).await, ["b-/", "b__XLDIR__", "b/", "c"]);
    assert_eq!(after("b/c", false, false).await, ["c"], "a prefix sorts before what is in it");
    assert_eq!(after("b", false, false).await, ["b-/", "b__XLDIR__", "b/", "c"]);
}

pub(super) async fn do_not_descend_below_objects(bed: &Bed) {
    let drive = with_names(bed, &["a", "a/b", "c/d"]).await;
    assert_eq!(names(&*drive, true, "").await, ["a", "c/d"]);
    assert_eq!(names(&*drive, false, "").await, ["a", "c/"]);
    assert!(names(&*drive, true, "a/").await.is_empty());
    bed.commit(&*drive, "a", remove(0)).await.unwrap();
    assert_eq!(names(&*drive, true, "").await, ["a/b", "c/d"]);
}

pub(super) async fn hide_directories_without_objects(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let sample = Sample::new(0, 1);
    let staging = bed.stage(&*drive, sample, b"data").await;
    bed.commit(&*drive, "p/a", sample.staged(staging)).await.unwrap();
    // The outcome is open: the data directory is still there.
    bed.begin(&*drive, "p/a", remove(0)).await.unwrap();
    assert!(names(&*drive, true, "").await.is_empty());
    assert!(names(&*drive, false, "").await.is_empty());
    assert!(names(&*drive, false, "p/").await.is_empty());
}

pub(super) async fn come_in_batches(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let mut expected = Vec::new();
    for number in 0..300 {
        let name = format!("d{}/n{number:04}", number / 200);
        bed.commit(&*drive, &name, Sample::new(0, 1).inline(b"x")).await.unwrap();
        expected.push(name);
    }
    let entries = walk(&*drive, WalkOptions { recursive: true, ..WalkOptions::default() }).await;
    assert_eq!(entries.iter().map(WalkEntry::name).collect::<Vec<_>>(), expected);
    for entry in entries {
        let WalkEntry::Object { meta, .. } = entry else { panic!("{entry:?}") };
        assert_eq!(meta.unwrap().versions, [Sample::new(0, 1).entry()]);
    }
}

pub(super) async fn report_names_that_cannot_be_read(bed: &Bed) {
    let drive = with_names(bed, &["a", "c"]).await;
    // A directory with a file of the right name and the wrong bytes.
    drive.write_file("config/b/xl.meta", "junk".into()).await.unwrap();
    let options = WalkOptions { bucket: ".minio.sys".into(), prefix: "config/".into(), ..WalkOptions::default() };
    let batch = drive.walk(options).await.unwrap().next_batch().await.unwrap();
    assert!(matches!(&batch[..], [WalkEntry::Object { name, meta: Err(_) }] if **name == *"config/b"), "{batch:?}");
}
