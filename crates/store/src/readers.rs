//! Who is reading what: so that data which a commit replaced is kept while someone still reads it.
//!
//! A reader registers under the object's name before it looks at the metadata. A commit is settled (its replaced
//! data thrown away) only when those who registered before its outcome have gone; those who come later see what it
//! made. Writers never wait: only the settling does.
//!
//! Names are kept as hashes. A collision can make a settling wait for a reader of another name, nothing else.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;
use tokio::sync::oneshot;

/// Enough that threads seldom meet on one.
const SHARDS: usize = 64;

/// All reads in progress. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Readers {
    shards: Arc<[Mutex<HashMap<u64, Entry>>; SHARDS]>,
    hasher: RandomState,
}

/// The readers of one name, and who waits for them.
#[derive(Debug, Default)]
struct Entry {
    next: u64,
    /// Tickets of those who read, ascending.
    reading: Vec<u64>,
    /// Who waits until every ticket below the number is gone.
    waiting: Vec<(u64, oneshot::Sender<()>)>,
}

/// A read in progress.
#[derive(Debug)]
pub(crate) struct Reading {
    readers: Readers,
    hash: u64,
    ticket: u64,
}

impl Readers {
    pub(crate) fn new() -> Self {
        Readers { shards: Arc::new(std::array::from_fn(|_| Mutex::default())), hasher: RandomState::new() }
    }

    /// Registers a reader. Call before the metadata is read.
    pub(crate) fn enter(&self, bucket: &str, object: &str) -> Reading {
        let hash = self.hash(bucket, object);
        let mut shard = self.shard(hash).lock();
        let entry = shard.entry(hash).or_default();
        let ticket = entry.next;
        entry.next += 1;
        entry.reading.push(ticket);
        drop(shard);
        Reading { readers: self.clone(), hash, ticket }
    }

    /// Waits until all who are reading the name now have gone; `None` if nobody is.
    pub(crate) fn gone(&self, bucket: &str, object: &str) -> Option<impl Future<Output = ()> + Send + 'static> {
        let hash = self.hash(bucket, object);
        let mut shard = self.shard(hash).lock();
        let entry = shard.get_mut(&hash)?;
        let (sender, receiver) = oneshot::channel();
        entry.waiting.push((entry.next, sender));
        Some(async move {
            // The sender is dropped or used, both when the last reader leaves.
            let _gone = receiver.await;
        })
    }

    fn hash(&self, bucket: &str, object: &str) -> u64 {
        self.hasher.hash_one((bucket, object))
    }

    fn shard(&self, hash: u64) -> &Mutex<HashMap<u64, Entry>> {
        &self.shards[usize::try_from(hash % 64).unwrap_or(0)]
    }
}

impl Drop for Reading {
    fn drop(&mut self) {
        let mut shard = self.readers.shard(self.hash).lock();
        let Some(entry) = shard.get_mut(&self.hash) else { return };
        entry.reading.retain(|&ticket| ticket != self.ticket);
        let oldest = entry.reading.first().copied().unwrap_or(u64::MAX);
        for (_, sender) in entry.waiting.extract_if(.., |(below, _)| *below <= oldest) {
            // Nobody listening any more is fine.
            let _gone = sender.send(());
        }
        if entry.reading.is_empty() {
            shard.remove(&self.hash);
        }
    }
}

#[cfg(test)]
mod tests;
