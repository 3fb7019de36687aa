//! Disks that fail while they are used.

use base::{ManualClock, SeededRandom, Tasks, Timestamp, World};
use drive::testing::{Sample, open_formatted, remove, write};
use drive::{Drive, DriveError, DriveResult, DriveState, Slot, Staging};
use rustfs_sim::{Call, Fault, SimDisk};
use rustix::io::Errno;
use std::future::Future;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

fn run(work: impl Future<Output = ()>) {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime for the test").block_on(work);
}

fn new_disk() -> SimDisk {
    let world = World {
        clock: Arc::new(ManualClock::new(Timestamp::from_secs(1_700_000_000))),
        random: Arc::new(SeededRandom::new(1)),
        tasks: Tasks::new(),
    };
    SimDisk::new(world, 1)
}

async fn with_bucket(disk: &SimDisk) -> Arc<dyn Drive> {
    let drive = open_formatted(&disk.slot("sim")).await.expect("it is formatted");
    drive.make_bucket("bucket").await.expect("the bucket is made");
    drive
}

/// Time for what was put off to be written, and for the drive to see how much room there is.
async fn quiet(disk: &SimDisk) {
    disk.clock().sleep(Duration::from_secs(2)).await;
}

async fn put(drive: &dyn Drive, id: u128, name: &str, sample: Sample) -> DriveResult<()> {
    drive.commit(write(id, "bucket", name, sample.inline(b"inline"))).await?;
    drive.settle(Uuid::from_u128(id)).await
}

async fn put_large(drive: &dyn Drive, id: u128, name: &str, sample: Sample, size: usize) -> DriveResult<()> {
    commit_large(drive, id, name, sample, size).await?;
    drive.settle(Uuid::from_u128(id)).await
}

async fn commit_large(drive: &dyn Drive, id: u128, name: &str, sample: Sample, size: usize) -> DriveResult<()> {
    let staging = Staging(Uuid::from_u128(id << 32));
    let mut writer = drive.stage_shard(staging, sample.data_dir, 1, None).await?;
    writer.write(vec![vec![7; size].into()]).await?;
    writer.finish().await?;
    drive.commit(write(id, "bucket", name, sample.staged(staging))).await.map(drop)
}

#[test]
fn a_disk_that_hangs_is_timed_out_and_taken_out() {
    run(async {
        let disk = new_disk();
        let drive = with_bucket(&disk).await;
        disk.stall();
        let read = drive.read_meta("bucket", "a").await;
        assert!(matches!(read, Err(DriveError::TimedOut { .. })), "{read:?}");
        let again = drive.read_meta("bucket", "a").await;
        assert!(matches!(again, Err(DriveError::Faulty { .. })), "at once this time: {again:?}");
        assert!(matches!(drive.state(), DriveState::Faulty(_)));
    });
}

#[test]
fn a_disk_that_hangs_is_noticed_though_nobody_asks_it() {
    run(async {
        let disk = new_disk();
        let drive = with_bucket(&disk).await;
        disk.stall();
        disk.clock().sleep(Duration::from_secs(60)).await;
        assert!(matches!(drive.state(), DriveState::Faulty(_)));
    });
}

#[test]
fn what_hung_does_nothing_once_it_was_given_up() {
    run(async {
        let disk = new_disk();
        let drive = with_bucket(&disk).await;
        disk.stall();
        let refused = put(&*drive, 1, "a", Sample::new(0, 1)).await;
        assert!(matches!(refused, Err(DriveError::TimedOut { .. })), "{refused:?}");
        let changes = disk.changes();
        disk.release();
        assert_eq!(disk.changes(), changes);
        drop(drive);
        // The last to look at the old drive lets go of it.
        disk.clock().sleep(Duration::from_secs(1)).await;
        let drive = open_formatted(&disk.slot("sim")).await.expect("it opens again");
        assert!(drive.read_meta("bucket", "a").await.is_err_and(|error| error.is_absence()));
    });
}

#[test]
fn deletes_work_on_a_full_disk() {
    run(async {
        let disk = new_disk();
        let drive = with_bucket(&disk).await;
        for (id, name) in [(1, "p/a"), (2, "p/b"), (3, "p/c")] {
            put_large(&*drive, id, name, Sample::new(1, 1), 100_000).await.expect("there is room");
        }
        put(&*drive, 4, "p/b", Sample::new(2, 2)).await.expect("there is room");
        quiet(&disk).await;
        disk.set_capacity(disk.used());
        quiet(&disk).await;
        let refused = put(&*drive, 5, "d", Sample::new(0, 1)).await;
        assert!(matches!(refused, Err(DriveError::Full { .. })), "{refused:?}");
        assert!(drive.doubts().await.expect("doubts can be asked for").is_empty());
        let staged = put_large(&*drive, 6, "d", Sample::new(0, 1), 10).await;
        assert!(matches!(staged, Err(DriveError::Full { .. })), "{staged:?}");

        for (id, name) in [(7, "p/a"), (8, "p/b")] {
            // Nothing is given back by others while this goes on.
            disk.set_capacity(disk.used());
            drive.commit(write(id, "bucket", name, remove(1))).await.expect("a delete needs no room");
            drive.settle(Uuid::from_u128(id)).await.expect("it is settled");
        }
        assert!(drive.read_meta("bucket", "p/a").await.is_err_and(|error| error.is_absence()));
        let left = drive.read_meta("bucket", "p/b").await.expect("the other version is there");
        assert_eq!(left.versions, [Sample::new(2, 2).entry()]);
        drive.read_meta("bucket", "p/c").await.expect("the other object is there");
        drop(drive);
        let drive = open_formatted(&disk.slot("sim")).await.expect("it opens again");
        assert!(drive.doubts().await.expect("doubts can be asked for").is_empty());
    });
}

/// What a commit left to be written finds no room any more: the journal keeps it until there is some.
#[test]
fn what_was_taken_before_the_disk_was_full_is_kept() {
    run(async {
        let disk = new_disk();
        let drive = with_bucket(&disk).await;
        put_large(&*drive, 1, "large", Sample::new(0, 1), 100_000).await.expect("there is room");
        quiet(&disk).await;
        disk.set_capacity(disk.used());
        for (id, name) in [(2, "d/a"), (3, "d/b"), (4, "large-")] {
            put(&*drive, id, name, Sample::new(0, 1)).await.expect("the journal has room");
        }
        disk.clock().sleep(Duration::from_secs(60)).await;
        assert_eq!(drive.state(), DriveState::Online);
        let refused = put(&*drive, 5, "e", Sample::new(0, 1)).await;
        assert!(matches!(refused, Err(DriveError::Full { .. })), "it is known to be full: {refused:?}");
        for (id, name) in [(6, "d/a"), (7, "large")] {
            drive.commit(write(id, "bucket", name, remove(0))).await.expect("a delete needs no room");
            drive.settle(Uuid::from_u128(id)).await.expect("it is settled");
        }
        drive.read_meta("bucket", "d/b").await.expect("it is there");
        drop(drive);
        disk.clock().sleep(Duration::from_secs(1)).await;
        disk.set_capacity(1 << 30);
        let drive = open_formatted(&disk.slot("sim")).await.expect("it opens again");
        for name in ["d/b", "large-"] {
            drive.read_meta("bucket", name).await.expect("it is there");
        }
        for name in ["d/a", "large"] {
            assert!(drive.read_meta("bucket", name).await.is_err_and(|error| error.is_absence()), "{name}");
        }
    });
}

#[test]
fn new_data_takes_the_room_of_the_trash() {
    const SIZE: usize = 5_000_000;
    run(async {
        let disk = new_disk();
        let drive = with_bucket(&disk).await;
        put_large(&*drive, 1, "a", Sample::new(1, 1), SIZE).await.expect("there is room");
        drive.commit(write(2, "bucket", "a", remove(1))).await.expect("it is removed");
        drive.settle(Uuid::from_u128(2)).await.expect("it is settled");
        // Room for some metadata, as is kept free, and not for the data.
        disk.set_capacity(disk.used() + SIZE as u64);
        let staging = Staging(Uuid::from_u128(3));
        let size = Some(SIZE as u64 - 100_000);
        drive.stage_shard(staging, Uuid::from_u128(4), 1, size).await.map(drop).expect("the trash makes room");
        let size = Some(2 * SIZE as u64);
        let refused = drive.stage_shard(staging, Uuid::from_u128(4), 2, size).await.err();
        assert!(matches!(refused, Some(DriveError::Full { .. })), "{refused:?}");
    });
}

/// Somebody took a piece of the room between the look at it and the setting aside.
#[test]
fn room_that_has_gone_meanwhile_is_taken_from_the_trash() {
    const SIZE: usize = 1_000_000;
    run(async {
        let disk = new_disk();
        let drive = with_bucket(&disk).await;
        put_large(&*drive, 1, "a", Sample::new(1, 1), SIZE).await.expect("there is room");
        drive.commit(write(2, "bucket", "a", remove(1))).await.expect("it is removed");
        drive.settle(Uuid::from_u128(2)).await.expect("it is settled");
        let before = disk.used();
        disk.fail(Fault::once(Call::Expect, Errno::NOSPC));
        let staged = drive.stage_shard(Staging(Uuid::from_u128(3)), Uuid::from_u128(4), 1, Some(SIZE as u64)).await;
        staged.map(drop).expect("the trash makes room");
        assert!(disk.used() + SIZE as u64 / 2 < before, "the trash is empty");
    });
}

/// What is overwritten takes room until the trash is emptied: a second of that may be all there is.
#[test]
fn the_trash_is_emptied_before_its_time_where_it_takes_much() {
    const SIZE: usize = 1_000_000;
    run(async {
        let disk = new_disk();
        let drive = with_bucket(&disk).await;
        disk.set_capacity(disk.used() + 24 * SIZE as u64);
        for time in 1..100 {
            let sample = Sample::new(0, i64::try_from(time).expect("small"));
            put_large(&*drive, time, "a", sample, SIZE).await.expect("there is room");
            disk.clock().sleep(Duration::from_millis(500)).await;
        }
    });
}

/// It refuses what concerns it, and is no reason to take out the drive.
#[test]
fn a_directory_that_cannot_be_written_into_costs_its_names_alone() {
    run(async {
        let disk = new_disk();
        let drive = with_bucket(&disk).await;
        put(&*drive, 1, "bad/a", Sample::new(0, 1)).await.expect("it is written");
        quiet(&disk).await;
        let before = drive.read_meta("bucket", "bad/a").await.expect("it is there");
        // Where it was looked at before nobody looks again until buckets or trees go.
        drive.make_bucket("other").await.expect("it is made");
        for call in [Call::Access, Call::Create, Call::Mkdir, Call::Rename, Call::Unlink] {
            disk.fail(Fault::every(call, Errno::ACCESS).at("bucket/bad"));
        }
        let denied = |refused: &DriveResult<()>| matches!(refused, Err(DriveError::PermissionDenied { .. }));
        for (id, name) in [(2, "bad/a"), (3, "bad/b"), (4, "bad/c/d")] {
            let refused = put(&*drive, id, name, Sample::new(0, 2)).await;
            assert!(denied(&refused), "{name}: {refused:?}");
        }
        let refused = put_large(&*drive, 5, "bad/a", Sample::new(0, 2), 3000).await;
        assert!(denied(&refused), "{refused:?}");
        let refused = drive.commit(write(6, "bucket", "bad/a", remove(0))).await.map(drop);
        assert!(denied(&refused), "{refused:?}");
        put(&*drive, 7, "good/a", Sample::new(0, 2)).await.expect("it is written");
        disk.clock().sleep(Duration::from_secs(60)).await;
        assert_eq!(drive.state(), DriveState::Online);
        let after = drive.read_meta_anew("bucket", "bad/a").await.expect("it is there");
        assert_eq!(before, after);
        drive.read_meta_anew("bucket", "good/a").await.expect("it is there");
        assert!(drive.doubts().await.expect("doubts can be asked for").is_empty());
        drive.close().await;
        drop(drive);
        disk.clock().sleep(Duration::from_secs(1)).await;
        let drive = open_formatted(&disk.slot("sim")).await.expect("it opens again");
        drive.read_meta("bucket", "good/a").await.expect("it is there");
    });
}

#[test]
fn errors_name_the_drive_and_what_is_wrong() {
    run(async {
        let disk = new_disk();
        let drive = with_bucket(&disk).await;
        put(&*drive, 1, "a", Sample::new(0, 1)).await.expect("it is written");
        type Expected = fn(&DriveError) -> bool;
        let cases: [(Errno, Expected); 4] = [
            (Errno::ROFS, |error| matches!(error, DriveError::ReadOnly { .. })),
            (Errno::ACCESS, |error| matches!(error, DriveError::PermissionDenied { .. })),
            (Errno::NOSPC, |error| matches!(error, DriveError::Full { .. })),
            (Errno::IO, |error| matches!(error, DriveError::Io { .. })),
        ];
        for (errno, is_expected) in cases {
            disk.fail(Fault::every(Call::Create, errno));
            // Too large to be written later.
            let change = Sample::new(0, 2).inline(vec![7; 300 << 10].leak());
            let refused = drive.commit(write(2, "bucket", "a", change)).await.expect_err("it can't be written");
            assert!(is_expected(&refused) && refused.to_string().starts_with("sim: "), "{refused}");
            disk.clear_faults();
            assert_eq!(drive.state(), DriveState::Online);
            let meta = drive.read_meta("bucket", "a").await.expect("what was there is there");
            assert_eq!(meta.versions, [Sample::new(0, 1).entry()]);
        }
        quiet(&disk).await;
        disk.fail(Fault::every(Call::Read, Errno::IO).at("bucket/a"));
        assert!(matches!(drive.read_meta_anew("bucket", "a").await, Err(DriveError::Io { .. })));
    });
}

/// Every call of a commit fails once: nothing is half done.
#[test]
fn a_commit_that_fails_anywhere_is_taken_back() {
    let kinds = [Call::Create, Call::Append, Call::Mkdir, Call::Rename, Call::Read, Call::Stat, Call::Access];
    for kind in kinds {
        for skip in 0..12 {
            run(async {
                let disk = new_disk();
                let drive = with_bucket(&disk).await;
                put_large(&*drive, 1, "d/a", Sample::new(0, 1), 3000).await.expect("it is written");
                let before = drive.read_meta("bucket", "d/a").await.expect("it is there");
                disk.fail(Fault::once(kind, Errno::NOSPC).after(skip));
                let done = commit_large(&*drive, 2, "d/a", Sample::new(0, 2), 3000).await;
                let settled = drive.settle(Uuid::from_u128(2)).await;
                disk.clear_faults();
                if drive.state() != DriveState::Online {
                    return;
                }
                if settled.is_err() {
                    drive.settle(Uuid::from_u128(2)).await.expect("an outcome can be told again");
                }
                let after = drive.read_meta("bucket", "d/a").await.expect("it is there");
                let data_dir = if done.is_ok() { Sample::new(0, 2).data_dir } else { Sample::new(0, 1).data_dir };
                assert_eq!(before == after, done.is_err(), "{kind:?} {skip}: {done:?}");
                drive.open_shard("bucket", "d/a", &data_dir.to_string(), 1).await.expect("its data is there");
                assert!(drive.doubts().await.expect("doubts can be asked for").is_empty(), "{kind:?} {skip}");
            });
        }
    }
}

#[test]
fn a_failed_sync_of_anything_takes_the_drive_out() {
    for call in [Call::Sync, Call::SyncDir] {
        run(async {
            let disk = new_disk();
            let drive = with_bucket(&disk).await;
            disk.fail(Fault::once(call, Errno::IO));
            let refused = put_large(&*drive, 1, "a", Sample::new(0, 1), 3000).await;
            assert!(matches!(refused, Err(DriveError::Faulty { .. })), "{refused:?}");
            assert!(matches!(drive.state(), DriveState::Faulty(_)));
            let refused = put(&*drive, 2, "b", Sample::new(0, 1)).await;
            assert!(matches!(refused, Err(DriveError::Faulty { .. })), "{refused:?}");
        });
    }
}

#[test]
fn a_disk_that_was_pulled_or_changed_is_taken_out() {
    run(async {
        let disk = new_disk();
        let drive = with_bucket(&disk).await;
        disk.set_unplugged(true);
        disk.clock().sleep(Duration::from_secs(5)).await;
        assert!(matches!(drive.state(), DriveState::Faulty(_)));
        let slot = disk.slot("sim");
        slot.open().await.expect_err("nothing is there");
        disk.set_unplugged(false);
        drop(drive);
        let drive = open_formatted(&slot).await.expect("it is plugged in again");

        drive.write_file("format.json", "{}".into()).await.expect("it is written");
        disk.clock().sleep(Duration::from_secs(5)).await;
        assert!(matches!(drive.read_file("format.json").await, Err(DriveError::NotThisDrive { .. })));
        drop(drive);
        let damaged = slot.open().await.expect_err("it is never repaired on its own");
        assert!(matches!(damaged, DriveError::Corrupt { .. }), "{damaged}");
    });
}
