//! Power cuts after every single call of a drive's operations: what was acknowledged is there, what was not is there
//! whole or not at all, and what is in doubt goes either way as asked.

mod check;
mod script;
mod snapshot;

use base::{ManualClock, Random, SeededRandom, Tasks, Timestamp, World};
use drive::testing::open_formatted;
use drive::{DriveError, Slot};
use rustfs_sim::SimDisk;
use script::Step::{self, *};
use script::What::*;
use std::collections::HashSet;
use std::future::Future;
use std::sync::Arc;

/// Ends of each cut that are drawn at random, half of them with another cut while the drive recovers.
const SEEDS: u64 = if cfg!(feature = "long") { 60 } else { 6 };
/// The same where time passes, and there are many more cuts.
const SEEDS_IN_TIME: u64 = if cfg!(feature = "long") { 20 } else { 2 };

/// Pending changes to names up to which every legal end of a cut is tried. Each change doubles what must be looked at, and
/// eight are what one object's directories, file and a move or two take; more is left to `--features long`.
const MOST_PENDING: usize = if cfg!(feature = "long") { 12 } else { 8 };

fn run<T>(work: impl Future<Output = T>) -> T {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime for the test").block_on(work)
}

fn new_disk(seed: u64) -> SimDisk {
    let world = World {
        clock: Arc::new(ManualClock::new(Timestamp::from_secs(1_700_000_000))),
        random: Arc::new(SeededRandom::new(seed)),
        tasks: Tasks::new(),
    };
    SimDisk::new(world, seed)
}

/// Cuts the power, or kills the server, after every call of the script; also when time passes after each of its steps.
fn at_every_call(script: &[Step]) {
    at_every_call_with(script, SEEDS);
    for pass in [Quiet, Idle] {
        at_every_call_with(&script.iter().flat_map(|step| [*step, pass]).collect::<Vec<_>>(), SEEDS_IN_TIME);
    }
    at_every_call_with(&[script, &[Quiet, Tidy, Idle]].concat(), SEEDS_IN_TIME);
}

fn at_every_call_with(script: &[Step], seeds: u64) {
    let calls = run(check::length_of(new_disk(0), script));
    assert!(calls > 0, "a script that does nothing shows nothing");
    let known = check::Known::default();
    let (mut seen, mut ends) = (HashSet::new(), 0);
    for cut in 0..=calls {
        run(async {
            ends += check::cut_at_with_every_end(new_disk(0), script, cut, MOST_PENDING, &mut seen, &known).await;
            check::cut_at(new_disk(0), script, cut, 0..seeds, &known).await;
            check::killed_at(new_disk(0), script, cut, 0..seeds, &known).await;
        });
    }
    println!("{calls} calls, {ends} ends of {script:?}");
}

#[test]
fn a_small_object() {
    at_every_call(&[Begin(1, "a", Inline(0, 1)), Settle(1)]);
    at_every_call(&[Begin(1, "d/e/b", Inline(0, 1)), Settle(1), Begin(2, "d/e/c", Inline(0, 2)), Settle(2)]);
}

#[test]
fn a_small_object_overwritten() {
    let first = [Begin(1, "a", Inline(0, 1)), Settle(1)];
    at_every_call(&[&first[..], &[Begin(2, "a", Inline(0, 2)), Settle(2)]].concat());
    at_every_call(
        &[&first[..], &[Begin(2, "a", Inline(0, 2)), Undo(2), Begin(3, "a", Inline(0, 3)), Settle(3)]].concat(),
    );
}

#[test]
fn unwritten_files() {
    let first = [Begin(1, "d/e/b", Inline(0, 1)), Settle(1)];
    let other = [Begin(2, "d/e/c", Inline(0, 2)), Settle(2)];
    // Removed, replaced by a large one, and taken back, before it is written and after.
    for pass in [&[][..], &[Quiet], &[Idle]] {
        let first = [&first[..], &other[..], pass].concat();
        at_every_call(&[&first[..], &[Begin(3, "d/e/b", Remove(0)), Settle(3)]].concat());
        at_every_call(&[&first[..], &[Begin(3, "d/e/b", Staged(0, 3)), Undo(3)]].concat());
        at_every_call(&[&first[..], &[Begin(3, "d/e/b", Inline(0, 3)), Quiet, Undo(3)]].concat());
        at_every_call(&[&first[..], &[DeleteBucket("bucket", true), MakeBucket("bucket")]].concat());
    }
}

#[test]
fn a_large_object() {
    at_every_call(&[Begin(1, "d/e/b", Staged(0, 1)), Settle(1)]);
    at_every_call(&[Begin(1, "d/e/b", Staged(0, 1)), Undo(1), Begin(2, "d/e/b", Staged(0, 2)), Settle(2)]);
}

#[test]
fn a_large_object_overwritten() {
    let first = [Begin(1, "d/e/b", Staged(0, 1)), Settle(1)];
    at_every_call(&[&first[..], &[Begin(2, "d/e/b", Staged(0, 2)), Settle(2)]].concat());
    at_every_call(&[&first[..], &[Begin(2, "d/e/b", Staged(0, 2)), Undo(2)]].concat());
    at_every_call(&[&first[..], &[Begin(2, "d/e/b", Inline(0, 2)), Settle(2)]].concat());
}

#[test]
fn versions_and_markers() {
    let versions = [Begin(1, "a", Staged(1, 1)), Settle(1), Begin(2, "a", Inline(2, 2)), Settle(2)];
    at_every_call(&[&versions[..], &[Begin(3, "a", Marker(3, 3)), Settle(3)]].concat());
    at_every_call(&[&versions[..], &[Begin(3, "a", Remove(1)), Settle(3)]].concat());
    at_every_call(&[&versions[..], &[Begin(3, "a", Remove(1)), Undo(3)]].concat());
}

#[test]
fn removals() {
    let first = [Begin(1, "d/e/b", Staged(0, 1)), Settle(1)];
    at_every_call(&[&first[..], &[Begin(2, "d/e/b", Remove(0)), Settle(2), Begin(3, "d/e/b", Inline(0, 3))]].concat());
    at_every_call(&[&first[..], &[Begin(2, "d/e/b", Remove(0)), Undo(2), Begin(3, "d/e/b", Inline(0, 3))]].concat());
    at_every_call(&[&first[..], &[Begin(2, "d/e/b", Purge), Settle(2)]].concat());
    at_every_call(&[&first[..], &[Begin(2, "d/e/b", Purge), Undo(2)]].concat());
}

#[test]
fn repairs() {
    let first = [Begin(1, "a", Staged(0, 1)), Settle(1)];
    at_every_call(&[&first[..], &[Heal("a", 2)]].concat());
    at_every_call(&[Heal("d/e/b", 2)]);
}

#[test]
fn uploads() {
    let parts = [BeginUpload(1), PutPart(1, 10), PutPart(2, 20), PutPart(3, 30)];
    at_every_call(&parts);
    at_every_call(&[&parts[..], &[RemovePart(1)]].concat());
    // The one bad end of these is a rare one.
    at_every_call_with(&[BeginUpload(1), PutPart(2, 20), PutPart(2, 21)], 10 * SEEDS);
    at_every_call(&[&parts[..], &[Begin(2, "d/e/b", Complete(2, &[1, 3])), Settle(2)]].concat());
    at_every_call(&[&parts[..], &[Begin(2, "d/e/b", Complete(2, &[1, 3])), Undo(2)]].concat());
    at_every_call(&[&parts[..], &[RemoveTree(".minio.sys", script::UPLOAD)]].concat());
}

#[test]
fn buckets_and_files() {
    at_every_call(&[MakeBucket("other"), DeleteBucket("other", false), MakeBucket("other")]);
    at_every_call(&[Begin(1, "a", Inline(0, 1)), Settle(1), DeleteBucket("bucket", true)]);
    at_every_call(&[WriteFile(1), WriteFile(2), RemoveFile, WriteFile(3)]);
    at_every_call(&[
        Begin(1, "d/e/b", Inline(0, 1)),
        Settle(1),
        RemoveTree("bucket", "d"),
        Begin(2, "a", Inline(0, 2)),
    ]);
}

#[test]
fn commits_whose_outcome_comes_late() {
    at_every_call(&[
        Begin(1, "a", Staged(0, 1)),
        Begin(2, "d/e/b", Inline(0, 2)),
        Begin(3, "d/e/c", Inline(0, 3)),
        Undo(2),
        Settle(1),
        Settle(3),
    ]);
}

/// Random scripts, each cut at a random call.
#[test]
fn anything() {
    for seed in 0..400 {
        let random = SeededRandom::new(seed);
        let script = script::draw(&random);
        let calls = run(check::length_of(new_disk(seed), &script));
        let cut = random.u64() % (calls + 1);
        println!("seed {seed}, cut at {cut} of {calls}: {script:?}");
        run(check::cut_at(new_disk(seed), &script, cut, 0..2, &check::Known::default()));
    }
}

/// The removal of a settled commit's record may be lost when what the commit replaced has gone already. Such a commit
/// isn't undone by whoever has forgotten that it stands.
#[test]
fn settled_commits_cannot_be_undone_into_nothing() {
    let script = [Begin(1, "a", Staged(0, 1)), Settle(1), Begin(2, "a", Staged(0, 2)), Settle(2)];
    for seed in 0..100 {
        run(check::whole_though_undone(new_disk(0), &script, seed));
    }
}

#[test]
fn formatting() {
    let calls = run(async {
        let disk = new_disk(0);
        open_formatted(&disk.slot("sim")).await.expect("it is formatted");
        disk.changes()
    });
    for cut in 0..=calls {
        run(async {
            let disk = new_disk(0);
            disk.cut_power_after(cut);
            let acknowledged = open_formatted(&disk.slot("sim")).await.is_ok();
            for seed in 0..SEEDS {
                let disk = disk.copy(seed);
                disk.crash();
                let opened = disk.slot("sim").open().await.expect("a half-formatted drive opens");
                assert!(opened.format().is_some() || !acknowledged, "cut at {cut}, seed {seed}");
                drop(opened);
                open_formatted(&disk.slot("sim")).await.expect("and is formatted again");
            }
        });
    }
}

#[test]
fn a_drive_whose_sync_failed_is_out_until_it_is_opened_anew() {
    use rustfs_sim::{Call, Fault};
    run(async {
        let disk = new_disk(0);
        let drive = open_formatted(&disk.slot("sim")).await.expect("it is formatted");
        drive.make_bucket("bucket").await.expect("the bucket is made");
        disk.fail(Fault::once(Call::Sync, rustix::io::Errno::IO));
        let commit = |id| drive::testing::write(id, "bucket", "a", drive::testing::Sample::new(0, 1).inline(b"x"));
        for id in 1..3 {
            let refused = drive.commit(commit(id)).await;
            assert!(matches!(refused, Err(DriveError::Faulty { .. })), "{refused:?}");
        }
        drop(drive);
        let drive = open_formatted(&disk.slot("sim")).await.expect("it opens again");
        for doubt in drive.doubts().await.expect("its doubts are told") {
            drive.undo(doubt.id).await.expect("they are undone");
        }
        drive.commit(commit(3)).await.expect("it is in service");
    });
}
