//! Changes to names.

use super::{BUCKET, Bed, assert_absent, inline, meta, part, times};
use crate::testing::{Sample, marker, purge, remove, write};
use crate::{Change, DataSource, DriveError, Inline};
use base::Timestamp;
use uuid::Uuid;

pub(super) async fn write_what_is_read(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let small = Sample::new(0, 1);
    bed.commit(&*drive, "dir/small", small.inline(b"inline")).await.unwrap();
    assert_eq!(inline(&*drive, "dir/small", Uuid::nil()).await.unwrap(), "inline");
    assert_eq!(meta(&*drive, "dir/small").await.unwrap().versions, [small.entry()]);

    let large = Sample::new(7, 2);
    let staging = bed.stage(&*drive, large, b"on its own").await;
    bed.commit(&*drive, "dir/large", large.staged(staging)).await.unwrap();
    assert_eq!(part(&*drive, "dir/large", large.data_dir, 1).await.unwrap(), "on its own");

    let drive = bed.reopen(drive).await;
    assert_eq!(inline(&*drive, "dir/small", Uuid::nil()).await.unwrap(), "inline");
    assert_eq!(part(&*drive, "dir/large", large.data_dir, 1).await.unwrap(), "on its own");
    assert_absent(meta(&*drive, "dir").await);
    assert_absent(meta(&*drive, "dir/none").await);
}

pub(super) async fn need_a_bucket(bed: &Bed) {
    let drive = bed.open().await;
    for change in [Sample::new(0, 1).inline(b"x"), remove(0), purge()] {
        let refused = bed.begin(&*drive, "a", change).await;
        assert!(matches!(refused, Err(DriveError::BucketNotFound { .. })), "{refused:?}");
    }
    assert!(drive.list_buckets().await.unwrap().is_empty());
}

pub(super) async fn add_versions_in_order(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    for (version, time) in [(1, 10), (2, 30), (3, 20)] {
        bed.commit(&*drive, "a", Sample::new(version, time).inline(b"x")).await.unwrap();
    }
    bed.commit(&*drive, "a", marker(4, 40)).await.unwrap();
    assert_eq!(times(&*drive, "a").await, [40, 30, 20, 10]);
}

pub(super) async fn replace_a_version_and_its_data(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let (first, second, third) = (Sample::new(0, 1), Sample::new(0, 2), Sample::new(0, 3));
    let staging = bed.stage(&*drive, first, b"first").await;
    bed.commit(&*drive, "a", first.staged(staging)).await.unwrap();
    let staging = bed.stage(&*drive, second, b"second").await;
    let id = bed.begin(&*drive, "a", second.staged(staging)).await.unwrap();
    assert_eq!(part(&*drive, "a", second.data_dir, 1).await.unwrap(), "second");
    assert_eq!(part(&*drive, "a", first.data_dir, 1).await.unwrap(), "first", "kept while in doubt");
    drive.settle(id).await.unwrap();
    assert_absent(part(&*drive, "a", first.data_dir, 1).await);

    bed.commit(&*drive, "a", third.inline(b"third")).await.unwrap();
    assert_absent(part(&*drive, "a", second.data_dir, 1).await);
    assert_eq!(times(&*drive, "a").await, [3]);
}

pub(super) async fn never_replace_a_newer_version(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    bed.commit(&*drive, "a", Sample::new(0, 10).inline(b"newer")).await.unwrap();
    for heal in [false, true] {
        let late = Change::Write {
            version: Sample::new(0, 9).entry(),
            inline: Inline::Set("older".into()),
            data: DataSource::None,
            heal,
        };
        assert!(matches!(bed.begin(&*drive, "a", late).await, Err(DriveError::Superseded { .. })));
    }
    assert_eq!(inline(&*drive, "a", Uuid::nil()).await.unwrap(), "newer");
    bed.commit(&*drive, "a", Sample::new(1, 9).inline(b"x")).await.expect("another version may be older");
}

pub(super) async fn keep_inline_data_when_asked_to(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let sample = Sample::new(5, 1);
    bed.commit(&*drive, "a", sample.inline(b"stays")).await.unwrap();
    let update = |inline| Change::Write { version: sample.entry(), inline, data: DataSource::None, heal: false };
    bed.commit(&*drive, "a", update(Inline::Keep)).await.unwrap();
    assert_eq!(inline(&*drive, "a", sample.version).await.unwrap(), "stays");
    bed.commit(&*drive, "a", update(Inline::Remove)).await.unwrap();
    assert_eq!(inline(&*drive, "a", sample.version).await, None);
}

pub(super) async fn remove_versions_and_at_last_the_name(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let (one, two) = (Sample::new(1, 1), Sample::new(2, 2));
    let staging = bed.stage(&*drive, one, b"one").await;
    bed.commit(&*drive, "p/a", one.staged(staging)).await.unwrap();
    bed.commit(&*drive, "p/a", two.inline(b"two")).await.unwrap();

    bed.commit(&*drive, "p/a", remove(1)).await.unwrap();
    assert_eq!(times(&*drive, "p/a").await, [2]);
    assert_absent(part(&*drive, "p/a", one.data_dir, 1).await);
    let again = bed.begin(&*drive, "p/a", remove(1)).await;
    assert!(matches!(again, Err(DriveError::VersionNotFound { .. })), "{again:?}");

    bed.commit(&*drive, "p/a", remove(2)).await.unwrap();
    assert_absent(meta(&*drive, "p/a").await);
    assert_absent(bed.begin(&*drive, "p/a", remove(2)).await);
    assert!(super::walks::names(&*drive, false, "").await.is_empty(), "empty parents go too");
}

pub(super) async fn remove_only_the_version_of_that_time(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    bed.commit(&*drive, "a", Sample::new(0, 10).inline(b"x")).await.unwrap();
    let at = |nanos| Change::Remove { version_id: Uuid::nil(), mod_time: Some(Timestamp::from_nanos(nanos)) };
    assert!(matches!(bed.begin(&*drive, "a", at(9)).await, Err(DriveError::VersionNotFound { .. })));
    bed.commit(&*drive, "a", at(10)).await.unwrap();
    assert_absent(meta(&*drive, "a").await);
}

pub(super) async fn keep_data_that_two_versions_share(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let one = Sample::new(1, 1);
    let copy = Sample { version: Uuid::from_u128(2), time: 2, ..one };
    let staging = bed.stage(&*drive, one, b"shared").await;
    bed.commit(&*drive, "a", one.staged(staging)).await.unwrap();
    let refer = Change::Write { version: copy.entry(), inline: Inline::Keep, data: DataSource::None, heal: false };
    bed.commit(&*drive, "a", refer).await.unwrap();
    bed.commit(&*drive, "a", remove(1)).await.unwrap();
    assert_eq!(part(&*drive, "a", one.data_dir, 1).await.unwrap(), "shared");
    bed.commit(&*drive, "a", remove(2)).await.unwrap();
    assert_absent(part(&*drive, "a", one.data_dir, 1).await);
}

pub(super) async fn heal_in_place(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let (stale, good) = (Sample::new(0, 1), Sample::new(0, 2));
    let heal = |sample: Sample, staging| {
        let data = DataSource::Staged(staging);
        Change::Write { version: sample.entry(), inline: Inline::Remove, data, heal: true }
    };
    let staging = bed.stage(&*drive, stale, b"stale").await;
    bed.commit(&*drive, "a", stale.staged(staging)).await.unwrap();
    for data in [b"good", b"same"] {
        let staging = bed.stage(&*drive, good, data).await;
        bed.begin(&*drive, "a", heal(good, staging)).await.unwrap();
        assert_eq!(part(&*drive, "a", good.data_dir, 1).await.unwrap(), &data[..]);
        assert_eq!(times(&*drive, "a").await, [2]);
        assert_absent(part(&*drive, "a", stale.data_dir, 1).await);
        assert!(drive.doubts().await.unwrap().is_empty(), "a repair is never in doubt");
    }
}

pub(super) async fn purge_remains(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let sample = Sample::new(0, 1);
    let staging = bed.stage(&*drive, sample, b"data").await;
    bed.commit(&*drive, "a", sample.staged(staging)).await.unwrap();
    bed.commit(&*drive, "a", Sample::new(3, 3).inline(b"x")).await.unwrap();
    bed.commit(&*drive, "a", purge()).await.unwrap();
    assert_absent(meta(&*drive, "a").await);
    assert_absent(part(&*drive, "a", sample.data_dir, 1).await);
    assert_absent(bed.begin(&*drive, "a", purge()).await);
}

/// The one place where a test can put wrong bytes: below `.minio.sys`.
const DAMAGED: &str = "config/damaged";

async fn with_damage(bed: &Bed) -> std::sync::Arc<dyn crate::Drive> {
    let drive = bed.open_with_bucket().await;
    drive.write_file(&format!("{DAMAGED}/xl.meta"), "junk".into()).await.unwrap();
    let read = drive.read_meta(".minio.sys", DAMAGED).await;
    assert!(matches!(read, Err(DriveError::Corrupt { .. })), "{read:?}");
    drive
}

pub(super) async fn begin_anew_over_damage_which_can_be_put_back(bed: &Bed) {
    let drive = with_damage(bed).await;
    let sample = Sample::new(0, 1);
    for id in [1, 2] {
        drive.commit(write(id, ".minio.sys", DAMAGED, sample.inline(b"x"))).await.unwrap();
        let meta = drive.read_meta(".minio.sys", DAMAGED).await.unwrap();
        assert_eq!(meta.versions, [sample.entry()]);
        if id == 1 {
            drive.undo(Uuid::from_u128(id)).await.unwrap();
            assert_eq!(drive.read_file(&format!("{DAMAGED}/xl.meta")).await.unwrap(), "junk");
        }
    }
    let refused = drive.commit(write(3, ".minio.sys", "config/none", remove(0))).await;
    assert_absent(refused);
}

pub(super) async fn purge_damage_and_the_data_beside_it(bed: &Bed) {
    let drive = with_damage(bed).await;
    let dir = "00000000-0000-0000-0000-00000000000d";
    drive.write_file(&format!("{DAMAGED}/{dir}/part.1"), "data".into()).await.unwrap();
    drive.write_file(&format!("{DAMAGED}/child/xl.meta"), "a child".into()).await.unwrap();
    let refused = drive.commit(write(1, ".minio.sys", DAMAGED, remove(0))).await;
    assert!(matches!(refused, Err(DriveError::Corrupt { .. })), "{refused:?}");
    drive.commit(write(2, ".minio.sys", DAMAGED, purge())).await.unwrap();
    drive.settle(Uuid::from_u128(2)).await.unwrap();
    assert_eq!(drive.list_dir(DAMAGED).await.unwrap(), ["child/"]);
}

pub(super) async fn leave_children_of_the_name_alone(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let child = "a/00000000-0000-0000-0000-00000000000c";
    for name in ["a", "a/b", child] {
        bed.commit(&*drive, name, Sample::new(0, 1).inline(b"x")).await.unwrap();
    }
    bed.commit(&*drive, "a", purge()).await.unwrap();
    assert_absent(meta(&*drive, "a").await);
    for name in ["a/b", child] {
        meta(&*drive, name).await.expect("a child stays");
    }
}

pub(super) async fn refuse_names_that_lead_elsewhere(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    for name in ["", "..", "a/../../b", "/a", "a//b", "a/", ".", "a/./b", "a\0b"] {
        let refused = bed.begin(&*drive, name, Sample::new(0, 1).inline(b"x")).await;
        assert!(matches!(refused, Err(DriveError::BadName { .. })), "{name:?}: {refused:?}");
        assert!(matches!(meta(&*drive, name).await, Err(DriveError::BadName { .. })), "{name:?}");
    }
    let long = "n".repeat(256);
    let refused = bed.begin(&*drive, &long, Sample::new(0, 1).inline(b"x")).await;
    assert!(matches!(refused, Err(DriveError::BadName { .. })), "{refused:?}");
    let elsewhere = write(1, "../bucket", "a", Sample::new(0, 1).inline(b"x"));
    assert!(matches!(drive.commit(elsewhere).await, Err(DriveError::BadName { .. })));
}

pub(super) async fn refuse_names_below_a_file(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    bed.commit(&*drive, "a", Sample::new(0, 1).inline(b"x")).await.unwrap();
    let refused = bed.begin(&*drive, "a/xl.meta/b", Sample::new(0, 1).inline(b"x")).await;
    assert!(matches!(refused, Err(DriveError::BadName { .. })), "{refused:?}");
    assert_absent(meta(&*drive, "a/xl.meta/b").await);
    meta(&*drive, "a").await.expect("the object is whole");
    assert!(drive.doubts().await.unwrap().is_empty(), "a refused commit leaves nothing");
}

pub(super) async fn are_applied_in_the_order_of_the_calls(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    // Polled in the opposite order.
    let mut waiting: Vec<_> =
        (1..=8).map(|time| drive.commit(write(time as u128, BUCKET, "a", Sample::new(0, time).inline(b"x")))).collect();
    while let Some(last) = waiting.pop() {
        last.await.expect("none overtakes another");
    }
    assert_eq!(times(&*drive, "a").await, [8]);
}

pub(super) async fn go_on_when_nobody_waits(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    drop(drive.commit(write(1, BUCKET, "a", Sample::new(0, 1).inline(b"x"))));
    bed.begin(&*drive, "a", Sample::new(2, 2).inline(b"y")).await.unwrap();
    assert_eq!(times(&*drive, "a").await, [2, 1]);
}

pub(super) async fn agree_in_their_digest(bed: &Bed) {
    let drive = bed.open_with_bucket().await;
    let mut digests = Vec::new();
    for name in ["a", "b"] {
        for (version, time) in [(1, 1), (2, 2)] {
            let change = Sample::new(version, time).inline(b"x");
            let id = (time as u128) << 64 | name.as_bytes()[0] as u128;
            digests.push(drive.commit(write(id, BUCKET, name, change)).await.unwrap().versions_digest);
        }
    }
    assert_eq!(digests[0], digests[2]);
    assert_eq!(digests[1], digests[3]);
    assert_ne!(digests[0], digests[1]);
}
