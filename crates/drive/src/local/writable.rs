//! Directories in which names can be made, as far as has been looked lately.
//!
//! What waits in memory to be written ([`super::unwritten`]) is answered before its directory is touched. A directory that
//! nobody may write into must refuse that one commit, not fail the checkpoint, and with it the drive: so it is looked at
//! first. Who takes the permission away afterwards is found by the checkpoint.

use super::access::Access;
use super::paths;
use crate::{DriveError, DriveResult};
use parking_lot::Mutex;
use std::collections::HashSet;

/// Directories that are remembered; then it begins anew. A name is some hundred bytes at most as a rule.
const MOST: usize = 4096;

#[derive(Debug, Default)]
pub(super) struct Writable {
    state: Mutex<State>,
}

#[derive(Debug, Default)]
struct State {
    /// The queue's age: buckets and trees that go take their directories along.
    age: u64,
    dirs: HashSet<Box<str>>,
}

impl Writable {
    /// Whether names can be made in a directory below a bucket, or, where it isn't there yet, in what is there of the way to
    /// it. If not, says why: [`DriveError::BucketNotFound`] where not even the bucket is there.
    pub(super) fn look(&self, access: &Access<'_>, dir: &str) -> DriveResult<()> {
        let age = access.shared.queue.age();
        let mut at = dir;
        loop {
            if self.knows(age, at) {
                return Ok(());
            }
            match access.writing(at, access.beneath.may_add(at)) {
                Ok(()) => break,
                Err(DriveError::NotFound { .. }) if at.contains('/') => at = paths::parent(at),
                Err(DriveError::NotFound { drive, path }) => {
                    return Err(DriveError::BucketNotFound { drive, bucket: path });
                }
                Err(other) => return Err(other),
            }
        }
        let mut state = self.state.lock();
        state.dirs.insert(at.into());
        // Those that are still to be made will hold other names too; the first is an object's own.
        let mut above = paths::parent(dir);
        while above.len() > at.len() {
            state.dirs.insert(above.into());
            above = paths::parent(above);
        }
        Ok(())
    }

    fn knows(&self, age: u64, dir: &str) -> bool {
        let mut state = self.state.lock();
        if state.age != age || state.dirs.len() >= MOST {
            *state = State { age, dirs: HashSet::new() };
        }
        state.dirs.contains(dir)
    }
}
