//! The sweep: going through all names of a set to find where its drives differ.
//!
//! Only metadata is compared; what differs is given to the queue. A drive that was away has missed what was changed
//! meanwhile, and nothing but a sweep would find names that nobody reads.

use super::give_way;
use super::names::{Named, Names};
use super::uploads::heal_uploads;
use crate::set::Set;
use crate::store::Inner;
use drive::{DriveError, DriveState};
use format::names::SYSTEM_BUCKET;
use format::xl::Header;
use futures_util::future::join_all;
use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

/// After the start, before the first sweep: a server that has just come up has better things to do.
const FIRST_SWEEP: Duration = Duration::from_secs(5 * 60);
/// Between sweeps: damage that nobody has met is found within a day.
const BETWEEN_SWEEPS: Duration = Duration::from_secs(24 * 60 * 60);
/// Names between pauses.
const STRIDE: usize = 64;
/// Names that may wait for the healer before the sweep waits for it.
const ENOUGH_QUEUED: usize = 10_000;

/// Sweeps all sets again and again until the store closes.
pub(super) async fn run(inner: Arc<Inner>) {
    let mut wait = FIRST_SWEEP;
    loop {
        inner.world().clock.sleep(wait).await;
        for set in inner.sets() {
            heal_uploads(&inner, set).await;
            sweep_set(&inner, set).await;
        }
        wait = BETWEEN_SWEEPS;
    }
}

/// Goes through a set once. Sets of one drive have nothing to compare.
pub(super) async fn sweep_set(inner: &Arc<Inner>, set: &Arc<Set>) {
    if set.size() == 1 {
        return;
    }
    heal_buckets(set).await;
    for (bucket, prefix) in documents() {
        sweep_bucket(inner, set, bucket, prefix).await;
    }
    for bucket in buckets(set).await {
        sweep_bucket(inner, set, &bucket.0, "").await;
    }
}

/// The server's own documents, in the order in which they are healed.
pub(super) fn documents() -> [(&'static str, &'static str); 2] {
    [(SYSTEM_BUCKET, "config/"), (SYSTEM_BUCKET, "buckets/")]
}

async fn sweep_bucket(inner: &Arc<Inner>, set: &Arc<Set>, bucket: &str, prefix: &str) {
    let mut names = Names::open(set, bucket, prefix, "").await;
    let mut began = inner.world().clock.steady();
    let mut count = 0;
    while let Some(named) = names.next().await {
        if differs(&named) {
            set.heal_later(bucket, &named.name, None, false);
        }
        count += 1;
        if count % STRIDE == 0 {
            give_way(inner, began).await;
            while inner.shared.heal.len() > ENOUGH_QUEUED {
                inner.world().clock.sleep(Duration::from_secs(1)).await;
            }
            began = inner.world().clock.steady();
        }
    }
}

/// Whether drives that take part have other versions of a name than the rest, or can't read theirs.
pub(super) fn differs(named: &Named) -> bool {
    let mut first: Option<Vec<Header>> = None;
    for (meta, _) in named.metas.iter().zip(&named.walked).filter(|(_, walked)| **walked) {
        let Some(Ok(meta)) = meta else { return true };
        let headers: Vec<Header> = meta.versions.iter().map(|entry| entry.header).collect();
        if *first.get_or_insert_with(|| headers.clone()) != headers {
            return true;
        }
    }
    false
}

/// Buckets that at least half of the set's drives have, as readers want it, with their times, newest first. Half of the
/// drives may be empty ones that have replaced others.
pub(super) async fn buckets(set: &Set) -> Vec<(String, base::Timestamp)> {
    let mut seen: BTreeMap<String, usize> = BTreeMap::new();
    for drive in set.drives().iter().flatten() {
        let Ok(buckets) = drive.list_buckets().await else { continue };
        buckets.into_iter().for_each(|name| *seen.entry(name).or_insert(0) += 1);
    }
    let mut buckets = Vec::new();
    for (name, _) in seen.into_iter().filter(|(_, count)| *count >= set.size().div_ceil(2)) {
        let created = created(set, &name).await;
        buckets.push((name, created));
    }
    buckets.sort_by(|a, b| b.1.cmp(&a.1).then_with(|| a.0.cmp(&b.0)));
    buckets
}

/// The earliest time that a drive tells of a bucket's directory.
async fn created(set: &Set, bucket: &str) -> base::Timestamp {
    let drives = set.drives();
    let answers = join_all(drives.iter().flatten().map(|drive| drive.stat_bucket(bucket))).await;
    answers.into_iter().flatten().map(|entry| entry.created).min().unwrap_or(base::Timestamp::ZERO)
}

/// Makes the buckets' directories where a drive lacks them.
pub(super) async fn heal_buckets(set: &Set) {
    for (bucket, _) in buckets(set).await {
        for drive in set.drives().iter().flatten().filter(|drive| drive.state() == DriveState::Online) {
            if !matches!(drive.stat_bucket(&bucket).await, Err(DriveError::BucketNotFound { .. })) {
                continue;
            }
            match drive.make_bucket(&bucket).await {
                Ok(()) | Err(DriveError::BucketExists { .. }) => {}
                Err(error) => tracing::warn!(%error, "a bucket couldn't be healed"),
            }
        }
    }
}
