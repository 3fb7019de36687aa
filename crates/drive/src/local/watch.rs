//! Watching that the drive is still the one that was opened: pulled, unmounted, replaced, restored from a snapshot, or
//! hanging, it is taken out of service.

use super::access::Access;
use super::checkpoint;
use super::paths::FORMAT;
use super::shared::{ANSWER_LIMIT, Shared};
use super::trash;
use crate::{DriveError, DriveResult, Space};
use bytes::Bytes;
use format::drive_format::MAX_FORMAT_JSON;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How often to look: short, as until then reads may be answered from a drive that isn't there any more.
const INTERVAL: Duration = Duration::from_secs(1);

/// A drive that is asked no more often than this in a second has time for a checkpoint.
const MOST_WHEN_QUIET: u64 = 64;

/// Looks every second until the drive is dropped or out of service.
pub(super) fn start(shared: &Arc<Shared>, format: Bytes) {
    let watched = Arc::downgrade(shared);
    let clock = Arc::clone(&shared.world.clock);
    shared.world.tasks.spawn(async move {
        let mut asked = 0;
        loop {
            clock.sleep(INTERVAL).await;
            let Some(shared) = Weak::upgrade(&watched) else { return };
            checkpoint::start_if_due(&shared, shared.is_busy(&mut asked, MOST_WHEN_QUIET));
            let expected = format.clone();
            // A hang takes the drive out as it would in any other operation.
            let looked = shared.run(ANSWER_LIMIT, move |access| look(access, &expected)).await;
            match looked {
                Ok(space) => trash::empty_if_in_the_way(&shared, space),
                Err(error) => return shared.take_out(error),
            }
        }
    });
}

/// What is free, if it is still the drive.
fn look(access: &Access<'_>, expected: &Bytes) -> DriveResult<Space> {
    let other = |reason: &str| DriveError::NotThisDrive { drive: access.drive(), reason: reason.to_owned() };
    let root = access.reading("", access.fs.root())?;
    if !root.same {
        return Err(other("its path leads to another directory"));
    }
    let space = access.reading("", access.fs.space())?;
    access.shared.unwritten.look_at(space);
    match access.read_if_any(FORMAT, MAX_FORMAT_JSON)? {
        Some(format) if format == *expected => Ok(space),
        Some(_) => Err(other("its format.json has changed")),
        None => Err(other("its format.json is gone")),
    }
}
