//! Filling a drive that replaced another: everything the set holds is healed onto it, in the order of its tracker,
//! `.healing.bin`, which MinIO reads and writes as well. After a restart it goes on where it was.

use super::names::Names;
use super::sweep::{buckets, documents, heal_buckets};
use super::version::heal_name;
use super::{HealOutcome, give_way};
use crate::set::Set;
use crate::store::Inner;
use base::World;
use drive::{Drive, DriveError, DriveResult};
use format::healing_tracker::{HEALING_TRACKER, HealingTracker};
use format::names::decode_name;
use std::sync::Arc;
use std::time::Duration;

/// How often the tracker is written while a bucket is being healed.
const SAVE_EVERY: Duration = Duration::from_secs(10);
/// Rounds over what couldn't be healed, as other drives may come back.
const ROUNDS: u64 = 4;
/// Before another round.
const BETWEEN_ROUNDS: Duration = Duration::from_secs(30);

/// Marks a drive that has just been formatted in place of another as one to fill.
pub(super) async fn mark(world: &World, set: &Set, position: usize) -> DriveResult<()> {
    let Some(drive) = set.drives()[position].clone() else { return Err(set.offline_error(position)) };
    let number = |index: usize| i64::try_from(index).unwrap_or(i64::MAX);
    let now = world.clock.now();
    let tracker = HealingTracker {
        drive_id: drive.id().to_string(),
        pool_index: number(set.pool),
        set_index: number(set.index),
        drive_index: number(position),
        path: drive.name().to_owned(),
        endpoint: drive.name().to_owned(),
        started: now,
        last_update: now,
        heal_id: world.random.uuid().to_string(),
        ..HealingTracker::default()
    };
    save(&drive, &tracker).await
}

/// Whether the drive at a position has a tracker that isn't finished.
pub(super) async fn is_unfinished(set: &Set, position: usize) -> bool {
    match &set.drives()[position] {
        Some(drive) => load(drive).await.is_some_and(|tracker| !tracker.finished),
        None => false,
    }
}

/// The drive's tracker, if it has one of its own.
async fn load(drive: &Arc<dyn Drive>) -> Option<HealingTracker> {
    let file = drive.read_file(HEALING_TRACKER).await.ok()?;
    let tracker = match HealingTracker::parse(&file) {
        Ok(tracker) => tracker,
        Err(error) => {
            tracing::warn!(drive = drive.name(), %error, "the drive's healing state can't be read");
            return None;
        }
    };
    if tracker.drive_id != drive.id().to_string() {
        tracing::warn!(drive = drive.name(), "the drive's healing state is another drive's");
        return None;
    }
    Some(tracker)
}

async fn save(drive: &Arc<dyn Drive>, tracker: &HealingTracker) -> DriveResult<()> {
    drive.write_file(HEALING_TRACKER, tracker.encode().into()).await
}

/// Fills the drive at a position if its tracker says so; false if there is nothing to fill.
pub(super) async fn fill(inner: &Arc<Inner>, set: &Arc<Set>, position: usize) -> bool {
    let Some(drive) = set.drives()[position].clone() else { return false };
    let Some(tracker) = load(&drive).await.filter(|tracker| !tracker.finished) else { return false };
    if set.is_healing(position) {
        return true;
    }
    set.set_healing(position, true);
    tracing::info!(drive = drive.name(), "filling the drive");
    let mut filling = Filling { inner, set, drive: &drive, tracker, saved: inner.world().clock.steady() };
    match filling.run().await {
        Ok(()) => {
            let tracker = &filling.tracker;
            let (healed, failed) = (tracker.items_healed, tracker.items_failed);
            tracing::info!(drive = drive.name(), healed, failed, "the drive is filled");
        }
        Err(error) => tracing::warn!(%error, "filling stopped"),
    }
    set.set_healing(position, false);
    true
}

/// A filling in progress.
struct Filling<'a> {
    inner: &'a Arc<Inner>,
    set: &'a Arc<Set>,
    drive: &'a Arc<dyn Drive>,
    tracker: HealingTracker,
    /// Steady time of the last save.
    saved: Duration,
}

impl Filling<'_> {
    async fn run(&mut self) -> Result<(), DriveError> {
        loop {
            heal_buckets(self.set).await;
            self.round().await?;
            if self.tracker.items_failed == 0 || self.tracker.retry_attempts >= ROUNDS {
                break;
            }
            self.tracker.retry_attempts += 1;
            self.tracker.items_failed = 0;
            self.tracker.healed_buckets.clear();
            self.save().await?;
            self.inner.world().clock.sleep(BETWEEN_ROUNDS).await;
        }
        self.tracker.finished = true;
        self.save().await
    }

    /// Heals all that isn't done yet.
    async fn round(&mut self) -> Result<(), DriveError> {
        let documents = documents().into_iter().map(|(bucket, prefix)| (bucket.to_owned(), prefix.to_owned()));
        let buckets = buckets(self.set).await.into_iter().map(|(bucket, _)| (bucket, String::new()));
        let all: Vec<(String, String)> = documents.chain(buckets).collect();
        // The server's documents are listed under their folder, as MinIO does.
        let label = |bucket: &str, prefix: &str| format!("{bucket}/{prefix}").trim_end_matches('/').to_owned();
        self.tracker.queued_buckets = all.iter().map(|(bucket, prefix)| label(bucket, prefix)).collect();
        for (bucket, prefix) in all {
            let label = label(&bucket, &prefix);
            if self.tracker.healed_buckets.contains(&label) {
                continue;
            }
            self.bucket(&label, &bucket, &prefix).await?;
            self.tracker.queued_buckets.retain(|queued| *queued != label);
            self.tracker.healed_buckets.push(label);
            self.tracker.bucket.clear();
            self.tracker.object.clear();
            self.remember_counts();
            self.save().await?;
        }
        Ok(())
    }

    async fn bucket(&mut self, label: &str, bucket: &str, prefix: &str) -> Result<(), DriveError> {
        let resumed = if self.tracker.bucket == label { self.tracker.object.clone() } else { String::new() };
        let mut names = Names::open(self.set, bucket, prefix, &resumed).await;
        while let Some(named) = names.next().await {
            let began = self.inner.world().clock.steady();
            match heal_name(self.inner, self.set, bucket, &named.name, false).await {
                Ok(HealOutcome::Impossible) => self.tracker.items_failed += 1,
                Ok(_) => self.tracker.items_healed += 1,
                Err(error) => {
                    tracing::warn!(bucket, object = named.name, %error, "a name couldn't be healed onto the drive");
                    self.tracker.items_failed += 1;
                }
            }
            self.tracker.bucket = label.to_owned();
            self.tracker.object = decode_name(&named.name).into_owned();
            give_way(self.inner, began).await;
            if self.inner.world().clock.steady().saturating_sub(self.saved) > SAVE_EVERY {
                self.remember_counts();
                self.save().await?;
            }
        }
        Ok(())
    }

    fn remember_counts(&mut self) {
        self.tracker.resume_items_healed = self.tracker.items_healed;
        self.tracker.resume_items_failed = self.tracker.items_failed;
    }

    async fn save(&mut self) -> Result<(), DriveError> {
        self.tracker.last_update = self.inner.world().clock.now();
        self.saved = self.inner.world().clock.steady();
        save(self.drive, &self.tracker).await
    }
}
