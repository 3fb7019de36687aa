//! The worker that empties the queue, and the queue's file between runs.

use super::give_way;
use super::uploads::heal_upload;
use super::version::heal_name;
use crate::heal_queue::HealTask;
use crate::set::Set;
use crate::store::Inner;
use crate::upload::is_upload;
use format::mrf::{self, MRF_LIST, MrfEntry};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Before a name is healed: whatever is happening to it should be over.
const SETTLING: Duration = Duration::from_secs(1);

/// Heals what the queue holds, in order.
pub(super) async fn run(inner: Arc<Inner>) {
    let clock = &inner.world().clock;
    loop {
        let task = inner.shared.heal.next().await;
        clock.sleep(SETTLING).await;
        let Some(set) = set_of(&inner, task.pool, task.set) else { continue };
        let began = clock.steady();
        let HealTask { bucket, object, deep, .. } = &task;
        let healed = match is_upload(bucket, object) {
            true => heal_upload(&inner, set, object).await,
            false => heal_name(&inner, set, bucket, object, *deep).await,
        };
        match healed {
            Ok(outcome) => tracing::debug!(bucket, object, ?outcome, "healing"),
            Err(error) => tracing::warn!(bucket, object, %error, "healing failed"),
        }
        give_way(&inner, began).await;
    }
}

fn set_of(inner: &Inner, pool: usize, set: usize) -> Option<&Arc<Set>> {
    inner.pools.get(pool)?.sets.get(set)
}

/// Writes the queue to the first drive that takes it.
pub(super) async fn save_queue(inner: &Inner) {
    let now = inner.world().clock.now();
    let entries: Vec<MrfEntry> = inner.shared.heal.take_all().into_iter().map(|task| entry_of(task, now)).collect();
    let file = bytes::Bytes::from(mrf::encode(&entries));
    for set in inner.sets() {
        for drive in set.drives().iter().flatten() {
            match drive.write_file(MRF_LIST, file.clone()).await {
                Ok(()) => return,
                Err(error) => tracing::debug!(%error, "the healing queue couldn't be kept here"),
            }
        }
    }
}

/// Takes up what the last run left, ours or MinIO's.
pub(super) async fn load_queue(inner: &Inner) {
    for set in inner.sets() {
        for drive in set.drives().iter().flatten() {
            let Ok(file) = drive.read_file(MRF_LIST).await else { continue };
            match mrf::parse(&file) {
                Ok(entries) => entries.into_iter().for_each(|entry| inner.shared.heal.enqueue(task_of(&entry))),
                Err(error) => tracing::warn!(drive = drive.name(), %error, "the healing queue can't be read"),
            }
            if let Err(error) = drive.remove_file(MRF_LIST).await {
                tracing::debug!(%error, "the healing queue's file is left");
            }
        }
    }
}

fn entry_of(task: HealTask, queued: base::Timestamp) -> MrfEntry {
    let number = |index: usize| i64::try_from(index).unwrap_or(i64::MAX);
    MrfEntry {
        bucket: task.bucket,
        object: task.object,
        version_id: task.version.filter(|id| !id.is_nil()).map(|id| id.to_string()).unwrap_or_default(),
        set_index: number(task.set),
        pool_index: number(task.pool),
        queued,
        bitrot_scan: task.deep,
        ..MrfEntry::default()
    }
}

fn task_of(entry: &MrfEntry) -> HealTask {
    HealTask {
        pool: usize::try_from(entry.pool_index).unwrap_or(usize::MAX),
        set: usize::try_from(entry.set_index).unwrap_or(usize::MAX),
        bucket: entry.bucket.clone(),
        object: entry.object.clone(),
        version: Uuid::try_parse(&entry.version_id).ok(),
        deep: entry.bitrot_scan,
    }
}
