//! Checkpoints: what the journal's frames say becomes durable where it belongs, and they are of no use any more.
//!
//! A checkpoint cuts only what had been applied before its sync began. Commits whose outcome isn't known by then get a
//! file each, as what undoes them goes with the frames.

use super::access::Access;
use super::doubts;
use super::queue;
use super::shared::Shared;
use crate::{DriveError, DriveResult};
use std::sync::Arc;

/// Makes one beside the drive's other work, unless one is being made.
pub(super) fn start(shared: &Arc<Shared>) {
    if shared.journal.is_wanted() {
        submit(shared);
    }
}

/// The same if it is time.
pub(super) fn start_if_due(shared: &Arc<Shared>, busy: bool) {
    if shared.journal.is_due(shared.world.clock.steady(), busy) {
        submit(shared);
    } else if shared.unwritten.is_filling_up() {
        start(shared);
    }
}

/// However long it takes: a drive that hangs is noticed by others.
fn submit(shared: &Arc<Shared>) {
    let working = Arc::clone(shared);
    shared.engine.submit(Box::new(move |fs| {
        if working.in_service().is_err() {
            return;
        }
        match working.with_access(fs, run) {
            Ok(()) => {}
            // The journal keeps it until there is room.
            Err(error @ DriveError::Full { .. }) => {
                tracing::warn!(drive = working.name, %error, "a checkpoint must wait");
            }
            Err(error) => working.fault(&format!("a checkpoint failed: {error}")),
        }
        working.journal.ended();
        if working.journal.wants_closing() {
            queue::wake(&working);
        }
    }));
}

/// Makes one now.
pub(super) fn run(access: &Access<'_>) -> DriveResult<()> {
    let shared = access.shared;
    // One at a time: which directories are durable is known at the end of the one that began last.
    let _alone = shared.checkpoint.lock();
    let Some(applied) = shared.journal.to_cut() else { return Ok(()) };
    up_to(access, applied).inspect_err(|_| shared.journal.is_owed(shared.world.clock.steady()))
}

fn up_to(access: &Access<'_>, applied: u64) -> DriveResult<()> {
    let shared = access.shared;
    shared.unwritten.write_out(access, "")?;
    shared.fresh.checkpoint_begins();
    doubts::keep_in_files(access, applied)?;
    access.sync_all()?;
    shared.fresh.checkpoint_ended();
    for emptied in shared.journal.cut(applied) {
        // What is left there is tidied up later.
        let _not_empty = access.fs.rmdir(&emptied);
    }
    Ok(())
}

/// Ends the service: everything is durable where it belongs, the journal is empty, and the drive is as MinIO would have
/// left it but for the commits in doubt.
pub(super) fn close(access: &Access<'_>) -> DriveResult<()> {
    run(access)?;
    access.sync_all()?;
    access.shared.journal.close(access)
}
