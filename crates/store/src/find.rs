//! Finding a name in all pools, and a pool for a new one (cluster-and-background-work.md 8.1).

use crate::StoreError;
use crate::info::object_info;
use crate::quorum::{Agreed, ReadFailure, Wanted};
use crate::set::{Lookup, Set};
use crate::store::{Inner, Store};
use crate::types::{ObjectInfo, VersionId};
use base::{GIB, Timestamp};
use drive::Space;
use format::names::ObjectName;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// What a write of unknown size is taken for when room is looked for.
const UNKNOWN_SIZE: u64 = GIB;
/// A drive with fewer free inodes takes no more.
const LEAST_INODES: u64 = 1000;
/// Pools whose fullest drive is this full (in percent) are used only if all are.
const FULL_PERCENT: u64 = 85;

/// What all pools say about a name.
#[derive(Debug)]
pub(crate) struct Found {
    /// One for each pool, in order.
    pub(crate) lookups: Vec<Lookup>,
    /// The pool whose version counts: the newest.
    pub(crate) winner: Option<usize>,
    /// The newest modification time that any drive has.
    pub(crate) newest: Timestamp,
}

impl Found {
    /// The version that counts.
    pub(crate) fn agreed(&self) -> Option<&Agreed> {
        self.lookups[self.winner?].found.as_ref().ok()
    }

    /// Why there is none: that it can't be read, if that is so in any pool.
    pub(crate) fn failure(&self) -> ReadFailure {
        let failures = || self.lookups.iter().filter_map(|lookup| lookup.found.as_ref().err());
        let worst = failures().find(|failure| !failure.is_absence()).or_else(|| failures().next());
        worst.cloned().unwrap_or(ReadFailure::NotFound)
    }

    /// The pool whose version counts, and the version; else why there is none.
    pub(crate) fn into_agreed(mut self) -> Result<(usize, Agreed), ReadFailure> {
        let Some(pool) = self.winner else { return Err(self.failure()) };
        self.lookups.swap_remove(pool).found.map(|agreed| (pool, agreed))
    }

    /// The version that counts as callers see it.
    pub(crate) fn info(&self, bucket: &str, key: &str) -> Option<ObjectInfo> {
        let agreed = self.agreed()?;
        Some(object_info(bucket, key, agreed.version.clone(), agreed.is_latest, agreed.version_count))
    }
}

/// How a name is asked for: as early as a quorum allows, or every drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Thoroughness {
    Quick,
    EveryDrive,
}

impl Inner {
    /// Asks all pools for a version of a name; again, where they can't tell, when drives have caught up with changes.
    pub(crate) async fn find(&self, bucket: &str, object: &str, wanted: Wanted, thoroughness: Thoroughness) -> Found {
        let commits = &self.shared.commits;
        let changing = commits.is_with_drives(bucket, object);
        let found = self.find_once(bucket, object, wanted, thoroughness).await;
        let told = found.agreed().is_some() || found.failure().is_absence();
        if told || !(commits.all_answered(self.world(), bucket, object).await || changing) {
            return found;
        }
        self.find_once(bucket, object, wanted, thoroughness).await
    }

    async fn find_once(&self, bucket: &str, object: &str, wanted: Wanted, thoroughness: Thoroughness) -> Found {
        let lookups = if let [pool] = &self.pools[..] {
            vec![pool.set_of(object).lookup(bucket, object, wanted, thoroughness).await]
        } else {
            let ask = |pool: &crate::pool::Pool| {
                let set = Arc::clone(pool.set_of(object));
                async move { set.lookup(bucket, object, wanted, thoroughness).await }
            };
            futures_util::future::join_all(self.pools.iter().map(ask)).await
        };
        let time = |lookup: &Lookup| lookup.found.as_ref().ok().map(|agreed| agreed.header.mod_time);
        let times = lookups.iter().enumerate().filter_map(|(pool, lookup)| Some((time(lookup)?, pool)));
        // Of equally new ones the first pool's.
        let winner = times.max_by_key(|&(time, pool)| (time, std::cmp::Reverse(pool))).map(|(_, pool)| pool);
        let newest = lookups.iter().map(|lookup| lookup.newest).max().unwrap_or(Timestamp::ZERO);
        Found { lookups, winner, newest }
    }

    /// The same for readers, who hold no lock: where the drives aren't of one mind while the name is being changed, they
    /// are asked again once the change is decided. What is shown may not be taken back.
    pub(crate) async fn find_unlocked(&self, bucket: &str, object: &str, wanted: Wanted) -> Found {
        let changing = self.locks.is_being_changed(bucket, object);
        let found = self.find(bucket, object, wanted, Thoroughness::Quick).await;
        let answered = found.agreed().is_some() || found.failure().is_absence();
        let decided = found.lookups.iter().all(|lookup| lookup.decided);
        if answered && (decided || !(changing || self.locks.is_being_changed(bucket, object))) {
            return found;
        }
        match self.locks.read(bucket, object).await {
            Ok(_guard) => self.find(bucket, object, wanted, Thoroughness::Quick).await,
            Err(_) => found,
        }
    }

    /// The set that is to take a write of `size` bytes to a name: in the pool that has the name, else one drawn by
    /// free space.
    pub(crate) async fn set_for_write(
        &self,
        bucket: &str,
        object: &str,
        size: Option<u64>,
    ) -> Result<&Arc<Set>, StoreError> {
        if let [pool] = &self.pools[..] {
            let set = pool.set_of(object);
            return if has_room(set, size).await { Ok(set) } else { Err(full(bucket, object)) };
        }
        let found = self.find(bucket, object, Wanted::Latest, Thoroughness::Quick).await;
        let unreadable = || {
            let failed = |lookup: &Lookup| lookup.found.as_ref().is_err_and(|failure| !failure.is_absence());
            found.lookups.iter().position(failed)
        };
        let taking = |pool: &usize| !self.pools[*pool].suspended.load(Ordering::Relaxed);
        if let Some(pool) = unreadable().or(found.winner.filter(taking)) {
            let set = self.set_of(pool, object);
            return if has_room(set, size).await { Ok(set) } else { Err(full(bucket, object)) };
        }
        self.draw_pool(object, size).await.map(|pool| self.set_of(pool, object)).ok_or_else(|| full(bucket, object))
    }

    /// A pool at random, weighted by the free space of the name's set in it.
    async fn draw_pool(&self, object: &str, size: Option<u64>) -> Option<usize> {
        let mut weights = Vec::with_capacity(self.pools.len());
        for pool in &self.pools {
            let set = pool.set_of(object);
            let space = set.space().await;
            let free: u64 = space.iter().flatten().map(|space| space.free).sum();
            let full = space.iter().flatten().any(|space| space.used / FULL_PERCENT >= space.total.max(1) / 100);
            let sets = u64::try_from(pool.sets.len()).unwrap_or(1);
            let open = !pool.suspended.load(Ordering::Relaxed);
            let weight = if open && room_for(&space, size) { free.saturating_mul(sets) } else { 0 };
            weights.push((weight, full));
        }
        if weights.iter().any(|(weight, full)| *weight > 0 && !full) {
            weights.iter_mut().filter(|(_, full)| *full).for_each(|(weight, _)| *weight = 0);
        }
        let total = weights.iter().fold(0u64, |sum, (weight, _)| sum.saturating_add(*weight));
        let mut drawn = self.world().random.u64().checked_rem(total)?;
        weights.iter().position(|(weight, _)| match drawn.checked_sub(*weight) {
            Some(rest) => {
                drawn = rest;
                false
            }
            None => true,
        })
    }
}

fn full(bucket: &str, object: &str) -> StoreError {
    StoreError::Full { what: format!("{bucket}/{object}") }
}

async fn has_room(set: &Set, size: Option<u64>) -> bool {
    room_for(&set.space().await, size)
}

/// Whether a set may take another write (server-cli-and-topology.md 9.9).
fn room_for(space: &[Option<Space>], size: Option<u64>) -> bool {
    let need = size.unwrap_or(UNKNOWN_SIZE).saturating_mul(2);
    // A drive that doesn't tell its size has no say.
    let told = || space.iter().flatten().filter(|space| space.total > 0);
    let count = u64::try_from(told().count()).unwrap_or(u64::MAX).max(1);
    let crowded = |space: &Space| {
        let few_inodes = space.free_inodes.is_some_and(|free| free < LEAST_INODES);
        space.free <= need / count || (count > 1 && few_inodes)
    };
    let total: u64 = told().map(|space| space.total).sum();
    let unused: u64 = told().map(|space| space.total.saturating_sub(space.used)).sum();
    told().count() == 0 || (!told().any(crowded) && unused.saturating_sub(need) > total / 100)
}

impl Store {
    /// What is known of a version, or of the latest. [`StoreError::DeleteMarker`] for delete markers.
    pub async fn object_info(
        &self,
        bucket: &str,
        key: &str,
        version: Option<VersionId>,
    ) -> Result<ObjectInfo, StoreError> {
        let name = self.inner.name(key)?;
        let wanted = wanted(&name, version);
        let found = self.inner.find_unlocked(bucket, name.as_str(), wanted).await;
        let (_, agreed) = found.into_agreed().map_err(|failure| failure.into_error(bucket, key, wanted))?;
        let info = object_info(bucket, key, agreed.version, agreed.is_latest, agreed.version_count);
        not_deleted(&info, version.is_some())?;
        Ok(info)
    }
}

/// The version asked for. Directory objects have the null version only.
pub(crate) fn wanted(name: &ObjectName, version: Option<VersionId>) -> Wanted {
    match version {
        Some(id) => Wanted::Version(id.uuid()),
        None if name.is_dir() => Wanted::Version(VersionId::Null.uuid()),
        None => Wanted::Latest,
    }
}

/// The error that stands for a delete marker.
pub(crate) fn not_deleted(info: &ObjectInfo, by_id: bool) -> Result<(), StoreError> {
    if !info.delete_marker {
        return Ok(());
    }
    Err(StoreError::DeleteMarker {
        bucket: info.bucket.to_string(),
        key: info.key.clone(),
        version: info.version_id,
        by_id,
        mod_time: info.mod_time,
    })
}
