//! Journals that a crash left and that something else has happened to since; journals that are damaged, full, closed.

use crate::course::{BUCKET, content, reopen, slot, state};
use crate::faulty::{Engines, Mistake};
use crate::{new_disk, run};
use drive::testing::{Sample, open_formatted, write};
use drive::{Change, DataSource, Drive, DriveError, FileSystem, Inline, Slot};
use format::xl::XlMeta;
use rustfs_sim::{JOURNAL, SimDisk};
use std::sync::Arc;
use uuid::Uuid;

const SEGMENT: &str = ".minio.sys/rustfs/journal/segment-0";

fn inline(time: i64, length: usize) -> Change {
    let inline = Inline::Set(content(time, length));
    Change::Write { version: Sample::new(0, time).entry(), inline, data: DataSource::None, heal: false }
}

async fn put(drive: &dyn Drive, name: &str, time: i64, length: usize) {
    let id = u128::from(time.unsigned_abs());
    drive.commit(write(id, BUCKET, name, inline(time, length))).await.expect("it is committed");
    drive.settle(Uuid::from_u128(id)).await.expect("it is settled");
}

async fn new_drive(disk: &SimDisk) -> Arc<dyn Drive> {
    let drive = open_formatted(&slot(disk, &Engines::new(disk, Mistake::None))).await.expect("the drive opens");
    drive.make_bucket(BUCKET).await.expect("the bucket is made");
    drive
}

async fn opened(disk: &SimDisk) -> Arc<dyn Drive> {
    reopen(disk, &Engines::new(disk, Mistake::None)).await.expect("the drive opens")
}

fn names(disk: &SimDisk, dir: &str) -> Vec<String> {
    let entries = disk.mount().read_dir(dir, usize::MAX).unwrap_or_default();
    entries.into_iter().map(|entry| entry.name).collect()
}

/// Writes over a file as somebody who knows nothing of the journal.
fn replace(fs: &dyn FileSystem, path: &str, bytes: &[u8]) {
    fs.unlink(path).expect("it is there");
    let mut file = fs.create(path).expect("it can be made");
    file.append(&[bytes::Bytes::copy_from_slice(bytes)]).expect("there is room");
    fs.sync_all().expect("it can be synced");
}

/// As MinIO does when it starts.
fn empty_staging(fs: &dyn FileSystem) {
    fs.rename(".minio.sys/tmp", ".minio.sys/tmp-old/gone").expect("it moves away");
    fs.mkdir(".minio.sys/tmp").expect("it is made anew");
}

#[test]
fn what_another_server_has_changed_since_a_crash_stays() {
    run(async {
        for end in 0..20 {
            let disk = new_disk(end);
            let drive = new_drive(&disk).await;
            for name in ["changed", "deleted", "same"] {
                put(&*drive, name, 1, 700).await;
            }
            drive.close().await;
            drop(drive);
            let drive = opened(&disk).await;
            let (mut time, names_now) = (1, ["changed", "deleted", "same", "new"]);
            for name in names_now {
                time += 1;
                put(&*drive, name, time, 700).await;
            }
            drop(drive);
            disk.crash();
            let fs = disk.mount();
            empty_staging(&fs);
            let mut meta = XlMeta::default();
            meta.upsert(Sample::new(0, 50).entry());
            meta.inline.set(Uuid::nil(), content(50, 10));
            replace(&fs, "bucket/changed/xl.meta", &meta.encode());
            fs.unlink("bucket/deleted/xl.meta").expect("it is there");
            fs.sync_all().expect("it can be synced");

            let drive = opened(&disk).await;
            assert_eq!(state(&*drive, "changed").await, Ok(Some(50)), "end {end}");
            assert_eq!(state(&*drive, "deleted").await, Ok(None), "end {end}");
            assert_eq!(state(&*drive, "same").await, Ok(Some(4)), "end {end}");
            assert_eq!(state(&*drive, "new").await, Ok(Some(5)), "end {end}");
            assert_eq!(names(&disk, ".minio.sys/rustfs/aside").len(), 2, "end {end}");
            assert!(drive.doubts().await.expect("doubts can be asked for").iter().all(|doubt| doubt.object == "new"));
        }
    });
}

#[test]
fn a_damaged_journal_is_reported_and_not_replayed() {
    run(async {
        let disk = new_disk(1);
        let drive = new_drive(&disk).await;
        for time in 1..5 {
            put(&*drive, "a", time, 700).await;
        }
        drop(drive);
        disk.kill();
        let fs = disk.mount();
        let mut bytes = fs.read(SEGMENT, usize::MAX).expect("it is there").to_vec();
        // The second frame: the bucket is in the first.
        bytes[4096 + 200] ^= 1;
        replace(&fs, SEGMENT, &bytes);
        let refused = slot(&disk, &Engines::new(&disk, Mistake::None)).open().await.expect("it is looked at");
        let refused = refused.claim().await.expect_err("it isn't put into service");
        assert!(matches!(&refused, DriveError::Corrupt { path, .. } if path.ends_with("journal")), "{refused}");
    });
}

#[test]
fn a_clean_stop_leaves_an_empty_journal_and_everything_in_its_place() {
    run(async {
        for end in 0..10 {
            let disk = new_disk(end);
            let drive = new_drive(&disk).await;
            put(&*drive, "a", 1, 700).await;
            drive.close().await;
            drop(drive);
            disk.crash();
            // Whoever knows nothing of the journal finds everything.
            let meta = disk.mount().read("bucket/a/xl.meta", usize::MAX).expect("it is there");
            let meta = XlMeta::parse(&meta).expect("it is whole");
            assert_eq!(meta.versions, [Sample::new(0, 1).entry()]);
            assert!(names(&disk, ".minio.sys/rustfs/doubt").is_empty());
            assert!(names(&disk, ".minio.sys/tmp").iter().all(|name| name.starts_with('.')));
            // And a journal that is lost is not missed.
            let fs = disk.mount();
            fs.rename(".minio.sys/rustfs/journal", ".minio.sys/rustfs/lost").expect("it is there");
            assert_eq!(state(&*opened(&disk).await, "a").await, Ok(Some(1)));
        }
    });
}

#[test]
fn more_than_the_journal_holds_waits_for_checkpoints() {
    run(async {
        let disk = new_disk(1);
        let drive = new_drive(&disk).await;
        let journal = i64::try_from(JOURNAL.segment * JOURNAL.segments).expect("it is small");
        let length = 3000;
        // No time passes: nobody else makes checkpoints.
        for time in 1..4 * journal / length {
            put(&*drive, if time % 2 == 0 { "a" } else { "b" }, time, 3000).await;
        }
        assert!(names(&disk, ".minio.sys/rustfs/journal").len() <= JOURNAL.segments + 1);
        drop(drive);
        disk.crash();
        let drive = opened(&disk).await;
        let last = 4 * journal / length - 1;
        let shown = [state(&*drive, "a").await, state(&*drive, "b").await];
        assert!(shown.contains(&Ok(Some(last))) && shown.contains(&Ok(Some(last - 1))), "{shown:?}");
    });
}

#[test]
fn an_idle_drive_needs_no_journal() {
    run(async {
        let disk = new_disk(1);
        let drive = new_drive(&disk).await;
        put(&*drive, "a", 1, 700).await;
        disk.clock().sleep(std::time::Duration::from_secs(30)).await;
        disk.crash();
        drop(drive);
        let fs = disk.mount();
        fs.rename(".minio.sys/rustfs/journal", ".minio.sys/rustfs/lost").expect("it is there");
        assert_eq!(state(&*opened(&disk).await, "a").await, Ok(Some(1)));
    });
}
