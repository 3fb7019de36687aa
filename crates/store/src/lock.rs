//! Locks on names: one writer at a time for each object, in the order of asking.
//!
//! A lock is held from the moment a change is weighed (conditions, predecessor) until its outcome is decided on
//! enough drives. Readers take none. A guard or a waiting future may be dropped at any time; nothing stays behind.
//!
//! Asking is asynchronous and can fail, so that locks shared between nodes can take this one's place.

use crate::StoreError;
use base::World;
use parking_lot::Mutex;
use std::collections::HashMap;
use std::collections::hash_map::RandomState;
use std::hash::BuildHasher;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedRwLockReadGuard, OwnedRwLockWriteGuard, RwLock};

/// How long a request waits for a name before it is told to come again: longer than a drive that hangs is waited
/// for (30 seconds, by whoever has the name), shorter than clients wait for an answer.
const PATIENCE: Duration = Duration::from_secs(45);

/// Enough that threads seldom meet on one; each is a few words.
const SHARDS: usize = 64;

type Table = HashMap<Box<str>, Arc<RwLock<()>>>;

/// All names that are locked or waited for at present. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct NameLocks(Arc<Shared>);

#[derive(Debug)]
struct Shared {
    shards: [Mutex<Table>; SHARDS],
    hasher: RandomState,
    world: World,
}

/// A name that is ours until this is dropped.
#[derive(Debug)]
pub(crate) struct NameGuard {
    // Dropped before the handle, which then can see whether anyone else is interested.
    _lock: Held,
    _handle: Handle,
}

#[derive(Debug)]
#[expect(dead_code, reason = "guards are held, not looked at")]
enum Held {
    Alone(OwnedRwLockWriteGuard<()>),
    Shared(OwnedRwLockReadGuard<()>),
}

/// Interest in a name: the table's entry lives as long as one of these.
#[derive(Debug)]
struct Handle {
    locks: NameLocks,
    shard: usize,
    name: Box<str>,
    lock: Option<Arc<RwLock<()>>>,
}

impl NameLocks {
    pub(crate) fn new(world: World) -> Self {
        let shards = std::array::from_fn(|_| Mutex::new(Table::new()));
        NameLocks(Arc::new(Shared { shards, hasher: RandomState::new(), world }))
    }

    /// The name for oneself alone. [`StoreError::Busy`] if it isn't had in time.
    pub(crate) async fn write(&self, bucket: &str, object: &str) -> Result<NameGuard, StoreError> {
        let handle = self.handle(bucket, object);
        let lock = Arc::clone(handle.lock());
        let held = match Arc::clone(&lock).try_write_owned() {
            Ok(guard) => guard,
            Err(_) => self.in_time(&handle, lock.write_owned()).await?,
        };
        Ok(NameGuard { _lock: Held::Alone(held), _handle: handle })
    }

    /// The name together with other readers, so that it doesn't change meanwhile.
    pub(crate) async fn read(&self, bucket: &str, object: &str) -> Result<NameGuard, StoreError> {
        let handle = self.handle(bucket, object);
        let lock = Arc::clone(handle.lock());
        let held = match Arc::clone(&lock).try_read_owned() {
            Ok(guard) => guard,
            Err(_) => self.in_time(&handle, lock.read_owned()).await?,
        };
        Ok(NameGuard { _lock: Held::Shared(held), _handle: handle })
    }

    /// Whether someone has the name for oneself alone.
    pub(crate) fn is_being_changed(&self, bucket: &str, object: &str) -> bool {
        Arc::clone(self.handle(bucket, object).lock()).try_read_owned().is_err()
    }

    /// How many names are locked or waited for.
    #[cfg(test)]
    pub(crate) fn len(&self) -> usize {
        self.0.shards.iter().map(|shard| shard.lock().len()).sum()
    }

    async fn in_time<T>(&self, handle: &Handle, lock: impl Future<Output = T>) -> Result<T, StoreError> {
        let late = self.0.world.clock.sleep(PATIENCE);
        tokio::select! {
            biased;
            guard = lock => Ok(guard),
            () = late => Err(StoreError::Busy { what: handle.name.to_string() }),
        }
    }

    fn handle(&self, bucket: &str, object: &str) -> Handle {
        let mut name = String::with_capacity(bucket.len() + 1 + object.len());
        name.push_str(bucket);
        name.push('/');
        name.push_str(object);
        let name = name.into_boxed_str();
        let shard = usize::try_from(self.0.hasher.hash_one(&name) % 64).unwrap_or(0);
        let mut table = self.0.shards[shard].lock();
        let lock = match table.get(&name) {
            Some(lock) => Arc::clone(lock),
            None => {
                let lock = Arc::new(RwLock::new(()));
                table.insert(name.clone(), Arc::clone(&lock));
                lock
            }
        };
        drop(table);
        Handle { locks: self.clone(), shard, name, lock: Some(lock) }
    }
}

impl Handle {
    fn lock(&self) -> &Arc<RwLock<()>> {
        self.lock.as_ref().expect("taken only by drop")
    }
}

impl Drop for Handle {
    fn drop(&mut self) {
        let mut table = self.locks.0.shards[self.shard].lock();
        self.lock = None;
        // Clones are made under the table's mutex only: one left is the table's own.
        if table.get(&self.name).is_some_and(|lock| Arc::strong_count(lock) == 1) {
            table.remove(&self.name);
        }
    }
}

#[cfg(test)]
mod tests;
