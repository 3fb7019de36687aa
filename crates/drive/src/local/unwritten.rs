//! `xl.meta` files that stand in the journal, and not in the file system yet.
//!
//! What was committed is durable in the journal: making a directory and a file for each small object can wait until the drive
//! is quiet for a moment, or the next checkpoint, and a name that has been written over many times is then written once. Until
//! then the file system as the drive's jobs see it ([`Watched`](super::watched)) has these files, and the directories above them.
//!
//! - Only the leader of the drive's queue puts a file here, once the frame that has its bytes is durable and before the
//!   commit is answered; so all of a frame's files are here before the frame counts as applied, and a checkpoint, which
//!   writes out what it finds before it syncs, cuts no frame whose files aren't durable.
//! - Writing a file out changes nothing that anybody can see: what is known of its name stays known.
//! - It takes the lock of the tree, then [`Unwritten::writing`]; so does whoever removes or replaces such a file.
//! - Memory is bounded: beyond the budget, or where the drive is nearly full, commits write their file themselves.

use super::access::{Access, is};
use super::object_dirs;
use super::paths::{self, XL_META};
use super::shared::{LONG_LIMIT, Shared};
use crate::{DirEntry, DriveError, DriveResult, FileKind, Space};
use bytes::Bytes;
use parking_lot::{Mutex, MutexGuard, RwLock};
use rustix::io::Errno;
use std::collections::BTreeMap;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::Duration;

/// What a file takes besides its bytes and its name.
const OVERHEAD: usize = 128;

/// Larger ones are worth a file at once: their bytes take longer than their names.
const LARGEST: usize = 256 << 10;

/// Once the drive has been asked for next to nothing for so long, they are written.
const QUIET: Duration = Duration::from_millis(250);

/// What counts as next to nothing: some requests a second.
const MOST_WHEN_QUIET: u64 = 16;

/// After so long, whoever has come meanwhile goes first.
const TURN: Duration = Duration::from_millis(5);

/// For each byte of the budget so many must be free on the drive, that it isn't full when the files are written: the least
/// that a file takes here is half a KiB, and there two blocks.
const FREE_FACTOR: usize = 16;

/// The same for inodes: a file's own, and some for the directories above it.
const BYTES_PER_INODE: usize = 128;

/// Files of one drive that are still to be written.
#[derive(Debug)]
pub(super) struct Unwritten {
    budget: usize,
    state: RwLock<State>,
    /// Held while one of them is written, removed or replaced.
    writing: Mutex<()>,
    /// The drive has room for all of them.
    roomy: AtomicBool,
    /// Commits that have begun since somebody began to wait for a quiet moment; none: nobody waits.
    begun: AtomicU64,
}

#[derive(Debug, Default)]
struct State {
    /// By the object's path.
    files: BTreeMap<Box<str>, File>,
    bytes: usize,
    /// Of the file put here last.
    number: u64,
}

#[derive(Clone, Debug)]
struct File {
    bytes: Bytes,
    number: u64,
}

impl Unwritten {
    /// `budget` is in bytes.
    pub(super) fn new(budget: usize) -> Self {
        Unwritten {
            budget,
            state: RwLock::default(),
            writing: Mutex::default(),
            roomy: AtomicBool::new(false),
            begun: AtomicU64::new(0),
        }
    }

    /// Whether the `xl.meta` of an object may wait here.
    pub(super) fn takes(&self, object: &str, size: usize) -> bool {
        // A directory called like the file stands in the way of an object: the file system sorts that out.
        let odd = object.split('/').any(|name| name == XL_META);
        let fits = size <= LARGEST && self.state.read().bytes + size <= self.budget;
        !odd && fits && self.roomy.load(Ordering::Relaxed)
    }

    /// Writes out the files that stand in the way of an object, or not: the file system sees.
    pub(super) fn make_way(&self, access: &Access<'_>, object: &str) -> DriveResult<()> {
        for (at, _) in object.match_indices(XL_META) {
            self.write_out(access, object[..at].trim_end_matches('/'))?;
        }
        Ok(())
    }

    /// What is free on the drive.
    pub(super) fn look_at(&self, space: Space) {
        let at_least = |free: u64, needed: usize| usize::try_from(free).is_ok_and(|free| free >= needed);
        let inodes = space.free_inodes.is_none_or(|free| at_least(free, self.budget / BYTES_PER_INODE));
        let roomy = inodes && at_least(space.free, self.budget.saturating_mul(FREE_FACTOR));
        self.roomy.store(roomy, Ordering::Relaxed);
    }

    /// Whether it is time to write them: commits should find room until that is done.
    pub(super) fn is_filling_up(&self) -> bool {
        self.state.read().bytes > self.budget / 4 * 3
    }

    /// Puts an `xl.meta` here. The cache must know of the change.
    pub(super) fn put(&self, object: &str, bytes: Bytes) {
        let mut state = self.state.write();
        state.number += 1;
        state.bytes += cost(object, &bytes);
        let file = File { bytes, number: state.number };
        if let Some(replaced) = state.files.insert(object.into(), file) {
            state.bytes -= cost(object, &replaced.bytes);
        }
    }

    /// The `xl.meta` of an object.
    pub(super) fn get(&self, object: &str) -> Option<Bytes> {
        self.state.read().files.get(object).map(|file| file.bytes.clone())
    }

    /// The file at a path.
    pub(super) fn file(&self, path: &str) -> Option<Bytes> {
        self.get(object_of(path)?)
    }

    /// Whether one of the files is below the directory.
    pub(super) fn has_below(&self, dir: &str) -> bool {
        self.state.read().below(dir).next().is_some()
    }

    /// The names in a directory that lead to files here.
    pub(super) fn names_in(&self, dir: &str) -> Vec<DirEntry> {
        let mut names: Vec<DirEntry> = Vec::new();
        for (object, _) in self.state.read().below(dir) {
            let rest = if dir.is_empty() { Some(object) } else { object[dir.len()..].strip_prefix('/') };
            let (name, kind) = match rest {
                None => (XL_META, FileKind::File),
                Some(rest) => (rest.split_once('/').map_or(rest, |(name, _)| name), FileKind::Dir),
            };
            if names.last().is_none_or(|last| last.name != name) {
                names.push(DirEntry { name: name.to_owned(), kind });
            }
        }
        // `a`, `a-b` and `a/c` come in this order.
        names.sort_unstable_by(|one, other| one.name.cmp(&other.name));
        names.dedup_by(|one, other| one.name == other.name);
        names
    }

    /// Keeps files from being written out, to remove or replace one.
    pub(super) fn hold(&self) -> MutexGuard<'_, ()> {
        self.writing.lock()
    }

    /// The object's file has been removed or replaced; whether there was one here.
    pub(super) fn forget(&self, object: &str) -> bool {
        self.state.write().remove(object)
    }

    /// Writes out those at and below `tree`. Not durable.
    pub(super) fn write_out(&self, access: &Access<'_>, tree: &str) -> DriveResult<()> {
        self.write_some(access, tree, Duration::MAX).map(drop)
    }

    /// The same for so long; whether there were no more.
    fn write_some(&self, access: &Access<'_>, tree: &str, time: Duration) -> DriveResult<bool> {
        let access = &access.of_file_system();
        let clock = &access.shared.world.clock;
        let began = clock.steady();
        let mut next = self.first_below(tree, Bound::Included(tree));
        while let Some(object) = next {
            if clock.steady().saturating_sub(began) >= time {
                return Ok(false);
            }
            self.write(access, &object)?;
            next = self.first_below(tree, Bound::Excluded(&object));
        }
        Ok(true)
    }

    fn first_below(&self, tree: &str, from: Bound<&str>) -> Option<Box<str>> {
        let state = self.state.read();
        let mut files = state.files.range::<str, _>((from, Bound::Unbounded));
        let mut files = files.by_ref().take_while(|(object, _)| object.starts_with(tree));
        files.find(|(object, _)| is_below(object, tree)).map(|(object, _)| object.clone())
    }

    fn write(&self, access: &Access<'_>, object: &str) -> DriveResult<()> {
        let _shared = access.shared.tree.read();
        let _writing = self.writing.lock();
        let Some(File { bytes, number }) = self.state.read().files.get(object).cloned() else { return Ok(()) };
        let (bucket, _) = object.split_once('/').unwrap_or((object, ""));
        match object_dirs::make_in_tree(access, bucket, object) {
            // Somebody has removed it behind our back, with all that was in it.
            Err(DriveError::BucketNotFound { .. }) => {}
            made => {
                made?;
                write_file(access, &paths::join(object, XL_META), &bytes)?;
            }
        }
        let mut state = self.state.write();
        if state.files.get(object).is_some_and(|file| file.number == number) {
            state.remove(object);
        }
        Ok(())
    }
}

/// A commit begins: whatever it leaves here is written when the drive is quiet. (What it leaves much later waits for the
/// checkpoint.)
pub(super) fn await_quiet(shared: &Arc<Shared>) {
    if shared.unwritten.begun.fetch_add(1, Ordering::SeqCst) > 0 {
        return;
    }
    let (waiting, clock) = (Arc::downgrade(shared), Arc::clone(&shared.world.clock));
    let mut asked = shared.asked();
    shared.world.tasks.spawn(async move {
        loop {
            clock.sleep(QUIET).await;
            let Some(shared) = waiting.upgrade() else { return };
            let begun = &shared.unwritten.begun;
            // Those that begin from now on may come too late for the look at what is here.
            let so_far = begun.load(Ordering::SeqCst);
            while !shared.is_busy(&mut asked, MOST_WHEN_QUIET) {
                let write = |access: &Access<'_>| access.shared.unwritten.write_some(access, "", TURN);
                match shared.run(LONG_LIMIT, write).await {
                    Ok(false) => {}
                    // Without room the checkpoint will see to it.
                    Ok(true) | Err(DriveError::Full { .. }) => {
                        if begun.fetch_sub(so_far, Ordering::SeqCst) == so_far {
                            return;
                        }
                        break;
                    }
                    Err(error) => return shared.fault(&format!("what was committed couldn't be written: {error}")),
                }
            }
        }
    });
}

impl State {
    /// The files at and below a path, in order.
    fn below<'a>(&'a self, path: &'a str) -> impl Iterator<Item = (&'a str, &'a File)> {
        let from = (Bound::Included(path), Bound::Unbounded);
        let files = self.files.range::<str, _>(from).map(|(object, file)| (&**object, file));
        files.take_while(move |(object, _)| object.starts_with(path)).filter(move |(object, _)| is_below(object, path))
    }

    fn remove(&mut self, object: &str) -> bool {
        let removed = self.files.remove(object);
        if let Some(file) = &removed {
            self.bytes -= cost(object, &file.bytes);
        }
        removed.is_some()
    }
}

/// A new file in its place, where nobody sees it before it is whole; over another one by renaming: whoever comes after a
/// crash finds the one or the other.
fn write_file(access: &Access<'_>, path: &str, bytes: &Bytes) -> DriveResult<()> {
    let mut file = match access.fs.create(path) {
        Err(error) if is(&error, Errno::EXIST) => {
            let staged = access.write_unsynced(bytes)?;
            return access.rename(&staged, path);
        }
        created => access.writing(path, created)?,
    };
    access.writing(path, file.append(std::slice::from_ref(bytes))).inspect_err(|_| {
        let _half_made = access.fs.unlink(path);
    })
}

/// The object that an `xl.meta` belongs to.
pub(super) fn object_of(path: &str) -> Option<&str> {
    path.strip_suffix(XL_META)?.strip_suffix('/')
}

fn is_below(path: &str, tree: &str) -> bool {
    tree.is_empty() || path.strip_prefix(tree).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

fn cost(object: &str, bytes: &Bytes) -> usize {
    bytes.len() + object.len() + OVERHEAD
}

#[cfg(test)]
mod tests;
