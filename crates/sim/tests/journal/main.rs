//! The journal of a drive: batches of commits, checkpoints, segments used again and again, and the power going off in the
//! middle of any of it, also while the drive recovers. What was acknowledged is there, whole; what wasn't is there whole or
//! not at all. A drive that gets one of these things wrong on purpose must be caught by the same test.
//!
//! `--features long` goes through many more courses.

mod course;
mod faulty;
mod foreign;

use base::{ManualClock, Random, SeededRandom, Tasks, Timestamp, World};
use course::Course;
use faulty::{Engines, Mistake};
use rustfs_sim::SimDisk;
use std::future::Future;
use std::sync::Arc;

/// Courses that are gone through, each with some cuts.
const COURSES: u64 = if cfg!(feature = "long") { 5_000 } else { 120 };
/// Calls after which the power goes off, for each course.
const CUTS: u64 = 8;
/// Ends that each cut may take.
const ENDS: u64 = 4;
/// Courses after which a mistake must have been caught.
const PATIENCE: u64 = 200;

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

/// Goes through one course with all its cuts; what is wrong, if anything.
fn go_through(seed: u64, mistake: Mistake) -> Result<u64, String> {
    let random = SeededRandom::new(seed);
    let course = Course::draw(&random);
    let calls = run(async {
        let disk = new_disk(seed);
        let engines = Engines::new(&disk, Mistake::None);
        course.prepare(&disk, &engines).await;
        let before = disk.changes();
        course.run(&disk, &engines).await;
        disk.changes() - before
    });
    for _ in 0..CUTS {
        let cut = random.u64() % (calls + 1);
        run(async {
            let disk = new_disk(seed);
            let engines = Engines::new(&disk, mistake);
            course.prepare(&disk, &engines).await;
            disk.cut_power_after(cut);
            let known = course.run(&disk, &engines).await;
            for end in 0..ENDS {
                let disk = disk.copy(end);
                disk.crash();
                // Now and then the power goes off again while the drive recovers.
                if end % 2 == 1 {
                    disk.cut_power_after(random.u64() % 60);
                    let engines = Engines::new(&disk, mistake);
                    drop(course::reopen(&disk, &engines).await);
                    disk.crash();
                }
                let engines = Engines::new(&disk, mistake);
                let found = known.check(&disk, &engines).await;
                found.map_err(|what| format!("seed {seed}, cut at {cut} of {calls}, end {end}: {what}\n{course:?}"))?;
            }
            Ok::<(), String>(())
        })?;
    }
    Ok(calls)
}

#[test]
fn what_was_acknowledged_is_there_after_any_crash() {
    let calls: u64 =
        (0..COURSES).map(|seed| go_through(seed, Mistake::None).unwrap_or_else(|what| panic!("{what}"))).sum();
    println!("{COURSES} courses of {} calls", calls / COURSES);
}

#[track_caller]
fn assert_caught(mistake: Mistake) {
    let caught = (0..PATIENCE).find_map(|seed| go_through(seed, mistake).err().map(|what| (seed, what)));
    let (seed, what) = caught.expect("it is caught");
    println!("caught after {} courses: {}", seed + 1, what.lines().next().unwrap_or_default());
}

#[test]
fn a_sync_left_out_is_caught() {
    assert_caught(Mistake::NoSync);
}

#[test]
fn an_acknowledgement_before_the_sync_is_caught() {
    assert_caught(Mistake::LateSync);
}

#[test]
fn a_rename_before_the_record_is_caught() {
    assert_caught(Mistake::RenameFirst);
}

#[test]
fn a_replay_that_stops_early_is_caught() {
    assert_caught(Mistake::ShortReplay);
}

#[test]
fn housekeeping_before_the_replay_is_caught() {
    assert_caught(Mistake::HousekeepingFirst);
}

#[test]
fn a_checkpoint_that_cuts_too_much_is_caught() {
    assert_caught(Mistake::EmptyCheckpoint);
}

#[test]
fn a_checkpoint_before_what_is_unwritten_is_written_is_caught() {
    assert_caught(Mistake::WriteOutLast);
}

#[test]
fn staged_data_that_is_not_synced_is_caught() {
    assert_caught(Mistake::NoDataSync);
}

#[test]
fn directories_that_are_not_synced_are_caught() {
    assert_caught(Mistake::NoDirSync);
}
