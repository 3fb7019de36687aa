//! Drives that come and go while the store is open.
//!
//! Every few seconds drives that are out of service are closed and their slots opened again. A drive that is what the
//! set expects goes back into service once the commits it doubts are decided; an empty one is formatted with the id
//! that its place has, and is reported to the healer to be filled.

use crate::doubt;
use crate::heal_queue::ReturnedDrive;
use crate::open::slots::is_root_refused;
use crate::set::Set;
use crate::store::Inner;
use drive::{DriveError, DriveState, Unclaimed};
use format::drive_format::FormatJson;
use std::sync::atomic::Ordering;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How often the drives are looked at: soon enough for an operator who waits for a drive he has just put in.
const PERIOD: Duration = Duration::from_secs(10);

/// Runs until the store is gone or closing.
pub(crate) async fn run(store: Weak<Inner>) {
    loop {
        let Some(inner) = store.upgrade() else { return };
        let sleep = inner.world().clock.sleep(PERIOD);
        drop(inner);
        sleep.await;
        let Some(inner) = store.upgrade() else { return };
        if inner.check_open().is_err() {
            return;
        }
        inner.look_after_drives().await;
    }
}

impl Inner {
    /// Takes out drives that failed and puts in those that are back. One round of the monitor.
    pub(crate) async fn look_after_drives(&self) {
        let sets = self.pools.iter().flat_map(|pool| pool.sets.iter().map(|set| (&pool.format, set)));
        futures_util::future::join_all(sets.map(|(format, set)| self.look_after_set(format, set))).await;
    }

    async fn look_after_set(&self, format: &FormatJson, set: &Arc<Set>) {
        let drives = set.drives();
        for (position, drive) in drives.iter().enumerate() {
            if let Some(drive) = drive
                && let DriveState::Faulty(reason) = drive.state()
            {
                tracing::error!(drive = drive.name(), reason, "a drive is out of service");
                set.take_offline(position);
                let drive = Arc::clone(drive);
                // It may hang; the others don't wait for it.
                self.world().tasks.spawn(async move { drive.close().await });
            }
        }
        let missing: Vec<usize> = (0..set.size()).filter(|&position| set.drives()[position].is_none()).collect();
        for position in missing {
            match self.reopen(format, set, position).await {
                Ok(true) => set.doubtful.store(true, Ordering::SeqCst),
                Ok(false) => {}
                Err(error) => tracing::debug!(%error, "a drive is still away"),
            }
        }
        if set.doubtful.swap(false, Ordering::SeqCst) && doubt::resolve(set, &self.locks).await.waiting > 0 {
            set.doubtful.store(true, Ordering::SeqCst);
        }
    }

    /// Opens a slot again; true if its drive is in service now.
    async fn reopen(&self, format: &FormatJson, set: &Arc<Set>, position: usize) -> Result<bool, DriveError> {
        let mut unclaimed = set.slots[position].open().await?;
        if is_root_refused(&*unclaimed, self.allow_root_device, set.size()) {
            return Ok(false);
        }
        let expected = format.for_position((set.index, position)).expect("the format has all places");
        let replaced = unclaimed.format().is_none();
        if replaced {
            if !self.may_format(set) {
                return Ok(false);
            }
            unclaimed.write_format(&expected).await?;
        }
        if !is_expected(&*unclaimed, &expected) {
            tracing::error!(drive = set.slots[position].name(), "this drive belongs elsewhere; it is not used");
            return Ok(false);
        }
        let drive = unclaimed.claim().await?;
        tracing::info!(drive = drive.name(), replaced, "a drive is in service again");
        set.put_online(position, drive);
        let (pool, set) = (set.pool, set.index);
        self.shared.heal.drive_returned(ReturnedDrive { pool, set, position, replaced });
        Ok(true)
    }

    /// Whether enough of the set is there to be sure of its format. A set of one has no one to ask.
    fn may_format(&self, set: &Set) -> bool {
        set.size() > 1 && set.online() * 2 >= set.size()
    }
}

fn is_expected(unclaimed: &dyn Unclaimed, expected: &FormatJson) -> bool {
    unclaimed.format().is_some_and(|format| format.same_pool(expected) && format.this == expected.this)
}
