//! Memory for bodies: a budget that requests wait for, and buffers that are used again.
//!
//! Every block on its way to the drives lives in a [`Buffer`], which holds a share of the budget until the last
//! drive has let go of its piece. A request waits for its first block only while it has none: it can't hold memory
//! that it needs another's memory to free.

use bytes::Bytes;
use parking_lot::Mutex;
use std::sync::Arc;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What the budget counts in.
const UNIT: usize = 4096;
/// Smaller buffers aren't worth keeping: the allocator is as fast.
const LEAST_KEPT: usize = 64 * 1024;
/// Free buffers that are kept, for a few requests to start at once: with 2 MiB each, 16 MiB.
const MOST_KEPT: usize = 8;

/// The budget and the buffers of a store. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    units: Arc<Semaphore>,
    total: u32,
    kept: Arc<Mutex<Vec<Vec<u8>>>>,
}

/// A stretch of memory to write into. Its content is whatever was there before.
#[derive(Debug)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    memory: Memory,
    _share: Option<OwnedSemaphorePermit>,
}

impl Memory {
    /// A budget of `bytes`.
    pub(crate) fn new(bytes: u64) -> Self {
        let total = u32::try_from(bytes / 4096).unwrap_or(u32::MAX).max(1);
        let permits = usize::try_from(total).unwrap_or(Semaphore::MAX_PERMITS).min(Semaphore::MAX_PERMITS);
        Memory { units: Arc::new(Semaphore::new(permits)), total, kept: Arc::default() }
    }

    /// A buffer of `len` bytes, when there is room for it. The largest buffer is the whole budget.
    pub(crate) async fn buffer(&self, len: usize) -> Buffer {
        let share = Arc::clone(&self.units).acquire_many_owned(self.units_for(len)).await;
        self.make(len, share.ok())
    }

    /// A buffer of `len` bytes if there is room for it now.
    pub(crate) fn try_buffer(&self, len: usize) -> Option<Buffer> {
        let share = Arc::clone(&self.units).try_acquire_many_owned(self.units_for(len)).ok()?;
        Some(self.make(len, Some(share)))
    }

    /// A share of the budget for memory that others allocate (reading ahead), if there is room for it now.
    pub(crate) fn try_share(&self, len: usize) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.units).try_acquire_many_owned(self.units_for(len)).ok()
    }

    /// A buffer that takes no share of the budget.
    pub(crate) fn unshared(&self, len: usize) -> Buffer {
        self.make(len, None)
    }

    fn units_for(&self, len: usize) -> u32 {
        u32::try_from(len.div_ceil(UNIT)).unwrap_or(u32::MAX).min(self.total)
    }

    fn make(&self, len: usize, share: Option<OwnedSemaphorePermit>) -> Buffer {
        let kept = if len < LEAST_KEPT { None } else { self.take(len) };
        let bytes = kept.unwrap_or_else(|| vec![0; len]);
        Buffer { bytes, memory: self.clone(), _share: share }
    }

    fn take(&self, len: usize) -> Option<Vec<u8>> {
        let mut kept = self.kept.lock();
        let at = kept.iter().position(|bytes| bytes.len() == len)?;
        Some(kept.swap_remove(at))
    }

    /// Units in use, for tests.
    #[cfg(test)]
    pub(crate) fn used(&self) -> usize {
        usize::try_from(self.total).unwrap_or(0) - self.units.available_permits()
    }
}

impl Buffer {
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes
    }

    pub(crate) fn len(&self) -> usize {
        self.bytes.len()
    }

    /// To be shared in pieces; the memory is free again when the last is dropped.
    pub(crate) fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.bytes.len() < LEAST_KEPT {
            return;
        }
        let mut kept = self.memory.kept.lock();
        if kept.len() >= MOST_KEPT {
            // Sizes change with geometries: the oldest makes room.
            kept.remove(0);
        }
        kept.push(std::mem::take(&mut self.bytes));
    }
}
