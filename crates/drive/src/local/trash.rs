//! The trash: what is thrown away is moved there in one step, and removed when there is time, or need for its room.

use super::access::Access;
use super::paths::TRASH;
use super::shared::Shared;
use super::tidy;
use crate::{DriveResult, Space};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};

/// The trash is emptied before its time once the drive has lost so much of its free space since the last time: overwriting
/// large objects fills a GiB in a second.
const MOST_BYTES: u64 = 1 << 30;

/// Or this part of what was free then: a small drive fills sooner.
const PART_OF_FREE: u64 = 16;

/// On a drive with less than this part of it free everything in the trash is in the way, and goes without rests: whoever
/// writes fast would find no room else.
const SCARCE: u64 = 4;

/// Or once so many entries lie there: each takes a file's or directory's inode, and a line when they are listed.
const MOST_ENTRIES: u64 = 1 << 16;

/// What is known of a drive's trash.
#[derive(Debug, Default)]
pub(super) struct Trash {
    /// Entries put there since it was last emptied.
    entries: AtomicU64,
    /// Free bytes after that; none while they aren't known.
    free: Mutex<Option<u64>>,
    /// It is being emptied beside the requests.
    emptying: AtomicBool,
    /// It has grown large again meanwhile.
    urgent: AtomicBool,
    /// Held by whoever empties it at once, for its room: those who come meanwhile find that done.
    at_once: Mutex<()>,
}

impl Trash {
    pub(super) fn has_more(&self) {
        self.entries.fetch_add(1, Ordering::Relaxed);
    }

    /// Whether it grows faster than it is emptied with rests.
    pub(super) fn is_urgent(&self) -> bool {
        self.urgent.load(Ordering::Relaxed)
    }

    /// Whether its room is worth more than waiting for the next time. `space` is what is free now.
    fn is_in_the_way(&self, space: Space) -> bool {
        let mut free = self.free.lock();
        let before = *free.get_or_insert(space.free);
        // Others have freed something.
        *free = Some(before.max(space.free));
        let lost = before.saturating_sub(space.free);
        let entries = self.entries.load(Ordering::Relaxed);
        let much = entries >= MOST_ENTRIES || lost >= MOST_BYTES.min(before / PART_OF_FREE);
        entries > 0 && (much || is_scarce(space))
    }

    fn is_emptied(&self) {
        self.entries.store(0, Ordering::Relaxed);
        *self.free.lock() = None;
    }
}

/// Empties it in steps with rests, so that the drive's other work gets its turns.
pub(super) async fn empty(shared: &Arc<Shared>) -> DriveResult<()> {
    shared.trash.is_emptied();
    tidy::empty(shared, TRASH).await
}

/// The same beside the requests, if what lies there has grown large. `space` is what is free now.
pub(super) fn empty_if_in_the_way(shared: &Arc<Shared>, space: Space) {
    if !shared.trash.is_in_the_way(space) {
        return;
    }
    if is_scarce(space) {
        shared.trash.urgent.store(true, Ordering::Relaxed);
    }
    if shared.trash.emptying.swap(true, Ordering::SeqCst) {
        shared.trash.urgent.store(true, Ordering::Relaxed);
        return;
    }
    let working = Arc::clone(shared);
    shared.world.tasks.spawn(async move {
        if let Err(error) = empty(&working).await {
            tracing::debug!(drive = working.name, %error, "the trash couldn't be emptied");
        }
        working.trash.urgent.store(false, Ordering::Relaxed);
        working.trash.emptying.store(false, Ordering::SeqCst);
    });
}

fn is_scarce(space: Space) -> bool {
    space.free < space.total / SCARCE
}

/// Empties it in one go, for its room.
pub(super) fn empty_now(access: &Access<'_>) -> DriveResult<()> {
    let trash = &access.shared.trash;
    let _alone = trash.at_once.lock();
    trash.is_emptied();
    tidy::remove_all_in(access, TRASH)
}

#[cfg(test)]
mod tests;
