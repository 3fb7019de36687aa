//! Housekeeping that nobody waits for: trash, forgotten staging, the reserve; removing trees.

use super::access::{Access, if_any};
use super::paths::{self, BUCKETS, RESERVE, TMP, TMP_OLD};
use super::shared::{LONG_LIMIT, Shared};
use super::trash;
use crate::{DriveResult, FileKind};
use base::Timestamp;
use bytes::Bytes;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Entries removed in one job, so that the drive's other work gets its turns.
const STEP: usize = 256;

/// Or as many as go in this time: a device that is told of every freed block takes milliseconds for a long file, and does
/// nothing else meanwhile.
const STEP_TIME: Duration = Duration::from_millis(1);

/// How many times as long as a step took the drive is left alone after it.
const REST: u32 = 7;

/// Set aside so that a delete on a full drive finds room for what it must write.
const RESERVE_SIZE: usize = 1 << 20;

/// A drive with less free space than this is full already: the reserve would take what is left.
const WORTH_A_RESERVE: u64 = 16 << 20;

/// Empties the trash and moves there what staging has forgotten.
pub(super) async fn tidy(shared: &Arc<Shared>, stale_before: Timestamp) -> DriveResult<()> {
    shared.run(LONG_LIMIT, move |access| trash_stale(access, stale_before)).await?;
    if !shared.caches_trashed.load(Ordering::Relaxed) {
        trash_listing_caches(shared).await?;
        shared.caches_trashed.store(true, Ordering::Relaxed);
    }
    empty(shared, TMP_OLD).await?;
    trash::empty(shared).await
}

/// What remains to be done after opening.
pub(super) async fn after_opening(shared: &Arc<Shared>) -> DriveResult<()> {
    empty(shared, TMP_OLD).await?;
    shared.run(LONG_LIMIT, keep_reserve).await
}

/// Removes what is in a directory, in steps, with rests between them unless that is urgent.
pub(super) async fn empty(shared: &Arc<Shared>, dir: &'static str) -> DriveResult<()> {
    let mut work = vec![Step::Open(dir.to_owned())];
    while !work.is_empty() {
        let step = move |access: &Access<'_>| {
            let begun = access.shared.world.clock.steady();
            let left = some_steps(access, work)?;
            Ok((left, access.shared.world.clock.steady().saturating_sub(begun)))
        };
        let (left, took) = shared.run(LONG_LIMIT, step).await?;
        work = left;
        if !work.is_empty() && !shared.trash.is_urgent() {
            shared.world.clock.sleep(took * REST).await;
        }
    }
    Ok(())
}

/// What is left to do to remove a tree, last first.
enum Step {
    /// Look into a directory that stays itself.
    Open(String),
    /// Remove what is in a directory and then the directory.
    Remove(String),
    Unlink(String),
    Rmdir(String),
}

fn some_steps(access: &Access<'_>, mut work: Vec<Step>) -> DriveResult<Vec<Step>> {
    let clock = &access.shared.world.clock;
    let until = clock.steady() + STEP_TIME;
    for done in 0..STEP {
        if done > 0 && clock.steady() >= until {
            break;
        }
        let Some(step) = work.pop() else { break };
        match step {
            Step::Open(dir) => look_into(access, &dir, &mut work)?,
            Step::Remove(dir) => {
                work.push(Step::Rmdir(dir.clone()));
                look_into(access, &dir, &mut work)?;
            }
            Step::Unlink(file) => drop(access.unlink(&file)?),
            Step::Rmdir(dir) => {
                // Something new in it, or gone already: the next round sees.
                let _still_there = access.fs.rmdir(&dir);
            }
        }
    }
    Ok(work)
}

fn look_into(access: &Access<'_>, dir: &str, work: &mut Vec<Step>) -> DriveResult<()> {
    for entry in if_any(access.read_dir(dir))?.unwrap_or_default() {
        let path = paths::join(dir, &entry.name);
        work.push(if entry.kind == FileKind::Dir { Step::Remove(path) } else { Step::Unlink(path) });
    }
    Ok(())
}

/// Gives up, on a full drive, what was kept for that case.
pub(super) fn give_way(access: &Access<'_>) -> DriveResult<()> {
    access.unlink(RESERVE)?;
    trash::empty_now(access)
}

/// Removes what is in a directory in one go.
pub(super) fn remove_all_in(access: &Access<'_>, dir: &str) -> DriveResult<()> {
    all_steps(access, vec![Step::Open(dir.to_owned())])
}

/// Removes a tree in one go, for its space.
pub(super) fn remove_now(access: &Access<'_>, path: &str) -> DriveResult<()> {
    all_steps(access, vec![Step::Remove(path.to_owned())])
}

fn all_steps(access: &Access<'_>, mut work: Vec<Step>) -> DriveResult<()> {
    while !work.is_empty() {
        work = some_steps(access, work)?;
    }
    Ok(())
}

/// Directories that should be empty now, innermost first. Those that aren't stay.
pub(super) fn remove_empty(access: &Access<'_>, dirs: &[&str]) {
    for dir in dirs {
        if access.fs.rmdir(dir).is_err() {
            break;
        }
    }
}

fn trash_stale(access: &Access<'_>, stale_before: Timestamp) -> DriveResult<()> {
    for entry in access.read_dir(TMP)? {
        let path = paths::join(TMP, &entry.name);
        // The trash, and the journal's marker.
        if entry.name.starts_with('.') {
            continue;
        }
        if if_any(access.stat(&path))?.is_some_and(|stat| stat.modified < stale_before) {
            access.trash(&path)?;
        }
    }
    Ok(())
}

/// MinIO's listing caches are of no use once it has stopped. They are only looked for when the first requests have been
/// answered: there may be many buckets.
async fn trash_listing_caches(shared: &Arc<Shared>) -> DriveResult<()> {
    let mut buckets = shared.run(LONG_LIMIT, |access| access.read_dir(BUCKETS)).await?;
    buckets.retain(|entry| entry.kind == FileKind::Dir);
    while !buckets.is_empty() {
        let some = buckets.split_off(buckets.len().saturating_sub(STEP));
        let look = move |access: &Access<'_>| {
            some.iter().try_for_each(|entry| access.trash(&format!("{BUCKETS}/{}/.metacache", entry.name)).map(drop))
        };
        shared.run(LONG_LIMIT, look).await?;
    }
    Ok(())
}

fn keep_reserve(access: &Access<'_>) -> DriveResult<()> {
    if access.exists(RESERVE)? {
        return Ok(());
    }
    let space = access.reading(RESERVE, access.fs.space())?;
    if space.free < WORTH_A_RESERVE {
        return Ok(());
    }
    // Not zeros: a file system that compresses would keep no room for them.
    let mut filler = vec![0; RESERVE_SIZE];
    access.shared.world.random.fill(&mut filler);
    access.write_new(RESERVE, &[Bytes::from(filler)])
}
