//! Healing: bringing every drive of a set back to what the set holds.
//!
//! What is broken is found by reads and commits ([`crate::heal_queue`]), by a drive that comes back or is replaced,
//! and by the sweep that goes through all names now and then. All of them end in [`version::heal_version`], which
//! looks at one version on all drives ([`inspect`]), makes the shards that are missing ([`rebuild`]), and commits them
//! on each drive under the name's lock. What can't be explained by anything but a missed deletion is removed.
//!
//! - Healing never changes a version: same id, time, data directory; only the shard number is the drive's own.
//! - A drive is healed by a commit of its own, settled at once: it depends on no other drive.
//! - What can't be repaired is left as it is, for inspection.
//! - Background work waits as long as it worked, so that it takes at most half of what requests could use.

mod fill;
mod inspect;
mod names;
mod old;
mod rebuild;
mod sweep;
mod uploads;
mod version;
mod worker;

pub(crate) use uploads::heal_upload;

use crate::StoreError;
use crate::heal_queue::ReturnedDrive;
use crate::store::{Inner, Store};
use crate::types::VersionId;
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::sync::Arc;
use std::time::Duration;

/// Background work pauses as long as it worked, at most this long.
const LONGEST_YIELD: Duration = Duration::from_millis(100);

/// What healing a version, or all versions of a name, came to. In the order of what to tell of several.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum HealOutcome {
    /// Nothing was missing on the drives that answered.
    Healthy,
    /// This many drives were brought up to date.
    Healed { drives: usize },
    /// Remains of something deleted were removed.
    Removed,
    /// Too little is left, or too many drives are away, to tell or to repair.
    Impossible,
}

impl Store {
    /// Heals one version of an object, or all; `deep` reads and verifies all data as well.
    pub async fn heal_object(
        &self,
        bucket: &str,
        key: &str,
        version: Option<VersionId>,
        deep: bool,
    ) -> Result<HealOutcome, StoreError> {
        let name = self.inner.name(key)?;
        let mut outcome = HealOutcome::Healthy;
        for pool in &self.inner.pools {
            let (inner, set) = (Arc::clone(&self.inner), Arc::clone(pool.set_of(name.as_str())));
            let (bucket, object) = (bucket.to_owned(), name.as_str().to_owned());
            // A task, so that what was begun is ended whether or not the caller waits.
            let healing = self.inner.world().tasks.spawn(async move {
                match version {
                    Some(id) => version::heal_version(&inner, &set, &bucket, &object, id.uuid(), deep).await,
                    None => version::heal_name(&inner, &set, &bucket, &object, deep).await,
                }
            });
            outcome = outcome.max(healing.join().await.ok_or(StoreError::Closing)??);
        }
        Ok(outcome)
    }

    /// Heals what no name stands for: buckets' directories, and uploads in progress with their parts.
    pub async fn heal_rest(&self) {
        for set in self.inner.sets() {
            sweep::heal_buckets(set).await;
            uploads::heal_uploads(&self.inner, set).await;
        }
    }

    /// Names that wait for healing.
    pub fn heal_backlog(&self) -> usize {
        self.inner.shared.heal.len()
    }
}

/// Starts the background work of an opened store: the queue left by the last run, the worker, the sweeps, and the
/// filling of drives.
pub(crate) async fn start(inner: &Arc<Inner>) {
    worker::load_queue(inner).await;
    for set in inner.sets() {
        for position in 0..set.size() {
            if fill::is_unfinished(set, position).await {
                let (pool, set) = (set.pool, set.index);
                inner.shared.heal.drive_returned(ReturnedDrive { pool, set, position, replaced: false });
            }
        }
    }
    let tasks = &inner.world().tasks;
    let works = [
        tasks.spawn(worker::run(Arc::clone(inner))),
        tasks.spawn(sweep::run(Arc::clone(inner))),
        tasks.spawn(returns(Arc::clone(inner))),
    ];
    inner.background.lock().extend(works);
}

/// Looks after drives that were put online: several at once, as one may take hours.
async fn returns(inner: Arc<Inner>) {
    let mut works = FuturesUnordered::new();
    loop {
        tokio::select! {
            drive = inner.shared.heal.next_returned() => works.push(drive_came(&inner, drive)),
            Some(()) = works.next() => {}
        }
    }
}

/// Fills a drive if it is new, else looks for what it missed.
async fn drive_came(inner: &Arc<Inner>, returned: ReturnedDrive) {
    let ReturnedDrive { pool, set, position, replaced } = returned;
    let Some(set) = inner.pools.get(pool).and_then(|pool| pool.sets.get(set)) else { return };
    if replaced && let Err(error) = fill::mark(inner.world(), set, position).await {
        tracing::warn!(%error, "the state of filling a drive can't be kept; it begins anew after a restart");
    }
    // Uploads first: they are few, and clients are at them.
    uploads::heal_uploads(inner, set).await;
    if !fill::fill(inner, set, position).await {
        sweep::sweep_set(inner, set).await;
    }
}

/// Keeps the queue for the next run. Call when the store closes, before its drives do.
pub(crate) async fn save(inner: &Inner) {
    worker::save_queue(inner).await;
}

/// Gives way to requests after work that began at the steady time `began`.
async fn give_way(inner: &Inner, began: Duration) {
    let clock = &inner.world().clock;
    let worked = clock.steady().saturating_sub(began);
    clock.sleep(worked.min(LONGEST_YIELD)).await;
}

#[cfg(test)]
mod tests;
