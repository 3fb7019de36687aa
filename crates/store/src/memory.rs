//! Memory for bodies: a budget that requests wait for, and buffers that are used again.
//!
//! Every block on its way to the drives lives in a [`Buffer`], which holds a share of the budget until the last
//! drive has let go of its piece. A request waits for its first block only while it has none: it can't hold memory
//! that it needs another's memory to free. What changes bodies on their way (compression has tables and blocks of its own)
//! takes its share before the body's first block, from the same budget, and together never more than half of it, so that
//! there is always room for blocks. Readers have a budget of their own, for what they read ahead: slow ones
//! can't keep writers waiting, and without a share they go on block by block.

use crate::StoreError;
use base::World;
use bytes::Bytes;
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// What the budget counts in.
const UNIT: usize = 4096;
/// What drives want memory to begin at, to write it from where it is.
pub(crate) const PAGE: usize = 4096;
/// Smaller buffers aren't worth keeping: the allocator is as fast.
pub(crate) const LEAST_KEPT: usize = 64 * 1024;
/// Bytes of free buffers that are kept, for a few requests to go on with.
const MOST_KEPT: usize = 16 << 20;

/// Readers have this part of the whole.
const READERS_SHARE: u64 = 3;
/// How long a write waits for memory before the client is told to come again.
const PATIENCE: Duration = Duration::from_secs(30);

/// The budget and the buffers of a store. Cheap to clone.
#[derive(Clone, Debug)]
pub(crate) struct Memory {
    writing: Budget,
    reading: Budget,
    /// How much of the writers' budget may be held by what changes bodies.
    changing: Budget,
    kept: Arc<Mutex<Kept>>,
    world: World,
}

/// Free buffers, the last used last.
#[derive(Debug, Default)]
struct Kept {
    buffers: VecDeque<Vec<u8>>,
    bytes: usize,
}

#[derive(Clone, Debug)]
struct Budget {
    units: Arc<Semaphore>,
    total: u32,
}

impl Budget {
    fn new(bytes: u64) -> Self {
        let total = u32::try_from(bytes / 4096).unwrap_or(u32::MAX).max(1);
        let permits = usize::try_from(total).unwrap_or(Semaphore::MAX_PERMITS).min(Semaphore::MAX_PERMITS);
        Budget { units: Arc::new(Semaphore::new(permits)), total }
    }

    fn units_for(&self, len: usize) -> u32 {
        u32::try_from(len.div_ceil(UNIT)).unwrap_or(u32::MAX).min(self.total)
    }

    fn try_take(&self, len: usize) -> Option<OwnedSemaphorePermit> {
        Arc::clone(&self.units).try_acquire_many_owned(self.units_for(len)).ok()
    }

    #[cfg(test)]
    fn used(&self) -> usize {
        usize::try_from(self.total).unwrap_or(0) - self.units.available_permits()
    }
}

/// Room in the budget for memory that somebody else allocates; free again when dropped.
#[derive(Debug)]
pub struct MemoryShare {
    _of_changes: Option<OwnedSemaphorePermit>,
    _of_writes: Option<OwnedSemaphorePermit>,
}

/// A stretch of memory to write into. Its content is whatever was there before. A large one begins at a multiple of
/// [`PAGE`].
#[derive(Debug)]
pub(crate) struct Buffer {
    bytes: Vec<u8>,
    start: usize,
    len: usize,
    memory: Memory,
    _share: Option<OwnedSemaphorePermit>,
}

impl Memory {
    /// A budget of `bytes` in all.
    pub(crate) fn new(bytes: u64, world: World) -> Self {
        let reading = bytes / READERS_SHARE;
        let writing = bytes - reading;
        let changing = Budget::new(writing / 2);
        Memory { writing: Budget::new(writing), reading: Budget::new(reading), changing, kept: Arc::default(), world }
    }

    /// A buffer of `len` bytes, when there is room for it; a small one at once. The largest takes the whole budget.
    /// [`StoreError::Busy`] if there is no room for long.
    pub(crate) async fn buffer(&self, len: usize) -> Result<Buffer, StoreError> {
        if len < LEAST_KEPT {
            return Ok(self.make(len, None));
        }
        if let Some(buffer) = self.try_buffer(len) {
            return Ok(buffer);
        }
        let late = self.world.clock.sleep(PATIENCE);
        tokio::select! {
            biased;
            share = Arc::clone(&self.writing.units).acquire_many_owned(self.writing.units_for(len)) => {
                Ok(self.make(len, share.ok()))
            }
            () = late => Err(StoreError::Busy { what: "memory for request bodies".to_owned() }),
        }
    }

    /// A buffer of `len` bytes if there is room for it now.
    pub(crate) fn try_buffer(&self, len: usize) -> Option<Buffer> {
        let share = self.writing.try_take(len)?;
        Some(self.make(len, Some(share)))
    }

    /// Room for `len` bytes that a change to a body needs until its end, taken before the body has any block.
    /// [`StoreError::Busy`] if there is none for long.
    pub(crate) async fn share_of_change(&self, len: usize) -> Result<MemoryShare, StoreError> {
        let units = self.changing.units_for(len);
        let taken = async {
            let of_changes = Arc::clone(&self.changing.units).acquire_many_owned(units).await.ok();
            let of_writes = Arc::clone(&self.writing.units).acquire_many_owned(units).await.ok();
            MemoryShare { _of_changes: of_changes, _of_writes: of_writes }
        };
        let late = self.world.clock.sleep(PATIENCE);
        tokio::select! {
            biased;
            share = taken => Ok(share),
            () = late => Err(StoreError::Busy { what: "memory for compressing bodies".to_owned() }),
        }
    }

    /// A share of the readers' budget for `len` bytes read ahead, if there is room for them now.
    pub(crate) fn try_share(&self, len: usize) -> Option<OwnedSemaphorePermit> {
        self.reading.try_take(len)
    }

    /// A buffer that takes no share of the writers' budget: a reader's, who has a share or does with one block, or one that
    /// takes another's place.
    pub(crate) fn unshared(&self, len: usize) -> Buffer {
        self.make(len, None)
    }

    fn make(&self, len: usize, share: Option<OwnedSemaphorePermit>) -> Buffer {
        if len < LEAST_KEPT {
            return Buffer { bytes: vec![0; len], start: 0, len, memory: self.clone(), _share: share };
        }
        let room = len + PAGE;
        let bytes = self.take(room).unwrap_or_else(|| vec![0; room]);
        let start = bytes.as_ptr().addr().next_multiple_of(PAGE) - bytes.as_ptr().addr();
        Buffer { bytes, start, len, memory: self.clone(), _share: share }
    }

    fn take(&self, len: usize) -> Option<Vec<u8>> {
        let mut kept = self.kept.lock();
        // The last one used is likeliest to be in a processor's cache.
        let at = kept.buffers.iter().rposition(|bytes| bytes.len() == len)?;
        kept.bytes -= len;
        kept.buffers.remove(at)
    }

    /// Lets go of the free buffers: nobody may need them for long.
    pub(crate) fn give_back(&self) {
        let given_up = std::mem::take(&mut *self.kept.lock());
        drop(given_up);
    }

    /// Units in use, for tests.
    #[cfg(test)]
    pub(crate) fn used(&self) -> usize {
        self.writing.used() + self.reading.used()
    }
}

impl Buffer {
    pub(crate) fn bytes_mut(&mut self) -> &mut [u8] {
        &mut self.bytes[self.start..self.start + self.len]
    }

    pub(crate) fn len(&self) -> usize {
        self.len
    }

    /// To be shared in pieces; the memory is free again when the last is dropped.
    pub(crate) fn freeze(self) -> Bytes {
        Bytes::from_owner(self)
    }
}

impl AsRef<[u8]> for Buffer {
    fn as_ref(&self) -> &[u8] {
        &self.bytes[self.start..self.start + self.len]
    }
}

impl Drop for Buffer {
    fn drop(&mut self) {
        if self.len < LEAST_KEPT {
            return;
        }
        let mut given_up = Vec::new();
        let mut kept = self.memory.kept.lock();
        kept.bytes += self.bytes.len();
        kept.buffers.push_back(std::mem::take(&mut self.bytes));
        while kept.bytes > MOST_KEPT {
            // Sizes change with geometries: the oldest makes room.
            let Some(oldest) = kept.buffers.pop_front() else { break };
            kept.bytes -= oldest.len();
            given_up.push(oldest);
        }
        drop(kept);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn free_buffers_are_used_again_and_bounded_in_bytes() {
        const MIB: usize = 1 << 20;
        let memory = Memory::new(1 << 30, World::system());
        let many: Vec<Buffer> = (0..40).map(|_| memory.unshared(MIB - PAGE)).collect();
        drop(many);
        assert_eq!(memory.kept.lock().bytes, MOST_KEPT);
        assert_eq!(memory.kept.lock().buffers.len(), 16);
        let (one, other) = (memory.unshared(MIB - PAGE), memory.unshared(LEAST_KEPT));
        assert_eq!(memory.kept.lock().bytes, MOST_KEPT - MIB);
        drop((one, other, memory.unshared(LEAST_KEPT - 1), memory.unshared(MOST_KEPT + 1)));
        let kept = memory.kept.lock();
        assert!(kept.bytes <= MOST_KEPT);
        assert_eq!(kept.bytes, kept.buffers.iter().map(Vec::len).sum::<usize>());
        drop(kept);
        memory.give_back();
        let kept = memory.kept.lock();
        assert_eq!((kept.bytes, kept.buffers.len()), (0, 0));
    }

    #[tokio::test]
    async fn changes_to_bodies_leave_room_for_blocks() {
        const MIB: usize = 1 << 20;
        let memory = Memory::new(12 << 20, World::system());
        let share = memory.share_of_change(MIB).await.expect("there is room");
        let _more: Vec<_> = [memory.share_of_change(3 * MIB).await, Ok(share)].into_iter().flatten().collect();
        assert!(memory.changing.try_take(MIB).is_none(), "half of the writers' 8 MiB is taken");
        assert!(memory.try_buffer(4 * MIB).is_some(), "the other half is for blocks");
    }

    #[test]
    fn large_buffers_begin_at_a_page() {
        let memory = Memory::new(1 << 30, World::system());
        for len in [LEAST_KEPT, 100_001, LEAST_KEPT, 3 << 20] {
            let mut buffer = memory.unshared(len);
            assert_eq!(buffer.bytes_mut().len(), len);
            assert!(buffer.as_ref().as_ptr().addr().is_multiple_of(PAGE));
        }
    }
}
