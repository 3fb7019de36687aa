//! The store itself, as its parts see it.
//!
//! What the parts share, and which invariants they keep:
//! - [`Inner::set_of`] gives the set of a name in a pool; names are encoded ([`Inner::name`]) before anything else.
//! - A name changes only under its lock ([`Inner::lock`]) and only through [`crate::commit::commit`], which takes the
//!   guard. Conditions, predecessors and retention are looked at under the same guard.
//! - A reader of data registers with [`crate::readers::Readers::enter`] before it looks at the metadata and stays
//!   registered until its last byte.
//! - Bodies go through [`crate::stage::stage`] into the drives' staging; what it returns discards itself when dropped
//!   before a commit has taken it over.

use crate::StoreError;
use crate::lock::{NameGuard, NameLocks};
use crate::memory::{Memory, MemoryShare};
use crate::pool::Pool;
use crate::set::{Set, Shared};
use base::{TaskHandle, Timestamp, World};
use format::names::ObjectName;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use uuid::Uuid;

/// Objects on drives. Cheap to clone.
#[derive(Clone, Debug)]
pub struct Store {
    pub(crate) inner: Arc<Inner>,
}

/// What the clones share.
#[derive(Debug)]
pub(crate) struct Inner {
    pub(crate) shared: Shared,
    pub(crate) pools: Vec<Pool>,
    pub(crate) locks: NameLocks,
    pub(crate) memory: Memory,
    pub(crate) deployment_id: Uuid,
    pub(crate) release: u64,
    /// Buckets whose metadata is known; begins empty (`Default`).
    pub(crate) buckets: crate::bucket_metadata::Known<format::bucket_metadata::BucketMetadata>,
    /// The same of what MinIO doesn't know of them.
    pub(crate) extras: crate::bucket_metadata::Known<format::bucket_extras::BucketExtras>,
    /// What is known of uploads; begins empty (`Default`).
    pub(crate) uploads: crate::upload::Uploads,
    pub(crate) allow_root_device: bool,
    /// The time of the last change.
    pub(crate) last_change: parking_lot::Mutex<Timestamp>,
    pub(crate) closing: AtomicBool,
    /// What runs as long as the store is open; stopped first when it closes.
    pub(crate) background: parking_lot::Mutex<Vec<TaskHandle<()>>>,
}

impl Inner {
    pub(crate) fn world(&self) -> &World {
        &self.shared.world
    }

    /// All sets of all pools.
    pub(crate) fn sets(&self) -> impl Iterator<Item = &Arc<Set>> {
        self.pools.iter().flat_map(|pool| &pool.sets)
    }

    /// The set of an encoded name in a pool.
    pub(crate) fn set_of(&self, pool: usize, object: &str) -> &Arc<Set> {
        self.pools[pool].set_of(object)
    }

    /// The name that drives know a key by.
    pub(crate) fn name(&self, key: &str) -> Result<ObjectName, StoreError> {
        ObjectName::from_key(key).map_err(|error| StoreError::bad_key(key, error))
    }

    /// The name's lock, for a change. [`StoreError::Busy`] if it isn't had in time.
    pub(crate) async fn lock(&self, bucket: &str, object: &str) -> Result<NameGuard, StoreError> {
        self.check_open()?;
        self.locks.write(bucket, object).await
    }

    /// [`StoreError::Closing`] once the store is being closed.
    pub(crate) fn check_open(&self) -> Result<(), StoreError> {
        if self.closing.load(Ordering::SeqCst) { Err(StoreError::Closing) } else { Ok(()) }
    }
}

impl Store {
    /// Room in the budget for bodies, for `bytes` that a change to a body (compression) needs until the body has ended.
    /// To be taken before the body is handed to the store. [`StoreError::Busy`] if there is none for long.
    pub async fn memory_for_change(&self, bytes: usize) -> Result<MemoryShare, StoreError> {
        self.inner.memory.share_of_change(bytes).await
    }

    /// The id that all drives of the deployment carry.
    pub fn deployment_id(&self) -> Uuid {
        self.inner.deployment_id
    }
}
