//! From body bytes to framed shards, in place (on-disk-format.md 5.1 and 6).
//!
//! A [`FrameBuffer`] is room for the frames of all N shards of a stretch of body, shard after shard. Bytes are
//! copied once, from the body straight to where they lie in their shard; parity and digests are then computed
//! where they belong, and each drive gets its slice.

use crate::layout::Layout;
use crate::memory::{Buffer, Memory};
use bytes::{Buf, Bytes};
use erasure::bitrot::DIGEST_LEN;

/// A stretch of body being laid out as frames.
#[derive(Debug)]
pub(crate) struct FrameBuffer {
    layout: Layout,
    buffer: Buffer,
    /// Bytes of body it is laid out for.
    len: usize,
    filled: usize,
    block_size: usize,
    /// Bytes of one shard's frames.
    shard_bytes: usize,
}

/// Bytes of memory that the frames of `len` bytes of body take.
pub(crate) fn framed_len(layout: &Layout, len: usize) -> usize {
    shard_bytes(layout, len) * layout.geometry.total()
}

/// Bytes of one shard's frames of `len` bytes of body. Bodies in memory are far from the geometry's limits.
fn shard_bytes(layout: &Layout, len: usize) -> usize {
    let size = layout.geometry.framed_file_size(to_u64(len)).ok();
    size.and_then(|size| usize::try_from(size).ok()).expect("a stretch of body in memory")
}

impl FrameBuffer {
    /// For `len` bytes of body. `buffer` has [`framed_len`] bytes.
    pub(crate) fn new(layout: &Layout, buffer: Buffer, len: usize) -> Self {
        debug_assert_eq!(buffer.len(), framed_len(layout, len));
        let block_size = usize::try_from(layout.geometry.block_size()).unwrap_or(usize::MAX);
        let shard_bytes = shard_bytes(layout, len);
        FrameBuffer { layout: layout.clone(), buffer, len, filled: 0, block_size, shard_bytes }
    }

    /// Bytes of body it still has room for.
    pub(crate) fn remaining(&self) -> usize {
        self.len - self.filled
    }

    pub(crate) fn filled(&self) -> usize {
        self.filled
    }

    /// Takes from the front of `chunk` what there is room for.
    pub(crate) fn fill(&mut self, chunk: &mut Bytes) {
        while self.remaining() > 0 && !chunk.is_empty() {
            let block = self.filled / self.block_size;
            let in_block = self.filled % self.block_size;
            let (block_len, shard_len) = self.block(block);
            let (shard, in_shard) = (in_block / shard_len, in_block % shard_len);
            let count = chunk.len().min(shard_len - in_shard).min(block_len - in_block);
            let start = self.frame_start(shard, block) + DIGEST_LEN + in_shard;
            chunk.copy_to_slice(&mut self.buffer.bytes_mut()[start..start + count]);
            self.filled += count;
        }
    }

    /// Completes the frames: one slice for each shard, by shard number from 0. If less came than it was laid out
    /// for, it is laid out anew for what came, with memory of `memory`.
    pub(crate) fn finish(self, memory: &Memory) -> Vec<Bytes> {
        let mut whole = if self.filled < self.len { self.shortened(memory) } else { self };
        let blocks = if whole.len == 0 { 0 } else { (whole.len - 1) / whole.block_size + 1 };
        for block in 0..blocks {
            whole.encode(block);
        }
        let (total, shard_bytes) = (whole.layout.geometry.total(), whole.shard_bytes);
        let bytes = whole.buffer.freeze();
        (0..total).map(|shard| bytes.slice(shard * shard_bytes..(shard + 1) * shard_bytes)).collect()
    }

    fn encode(&mut self, block: usize) {
        let (block_len, shard_len) = self.block(block);
        let offset = block * (self.full_shard_len() + DIGEST_LEN);
        let data = self.layout.geometry.data();
        let mut frames: Vec<&mut [u8]> = self
            .buffer
            .bytes_mut()
            .chunks_exact_mut(self.shard_bytes)
            .map(|frames| &mut frames[offset..offset + DIGEST_LEN + shard_len])
            .collect();
        for (shard, frame) in frames.iter_mut().enumerate().take(data) {
            let content = block_len.saturating_sub(shard * shard_len).min(shard_len);
            frame[DIGEST_LEN + content..].fill(0);
        }
        self.layout.code.encode_frames(&mut frames).expect("frames are cut to equal lengths");
    }

    /// The same content laid out for no more than it.
    fn shortened(self, memory: &Memory) -> FrameBuffer {
        let len = self.filled;
        let framed = framed_len(&self.layout, len);
        // The share of the old buffer covers the new one, which is smaller.
        let mut shorter = FrameBuffer::new(&self.layout, memory.unshared(framed), len);
        let mut at = 0;
        while at < len {
            let (block, in_block) = (at / self.block_size, at % self.block_size);
            let (block_len, shard_len) = self.block(block);
            let (shard, in_shard) = (in_block / shard_len, in_block % shard_len);
            let count = (shard_len - in_shard).min(block_len - in_block).min(len - at);
            let start = self.frame_start(shard, block) + DIGEST_LEN + in_shard;
            shorter.fill(&mut Bytes::copy_from_slice(&self.buffer.as_ref()[start..start + count]));
            at += count;
        }
        shorter
    }

    /// Length of a block and of each of its shards.
    fn block(&self, block: usize) -> (usize, usize) {
        let block_len = self.len.saturating_sub(block * self.block_size).min(self.block_size);
        (block_len, block_len.div_ceil(self.layout.geometry.data()))
    }

    fn full_shard_len(&self) -> usize {
        self.block_size.div_ceil(self.layout.geometry.data())
    }

    fn frame_start(&self, shard: usize, block: usize) -> usize {
        shard * self.shard_bytes + block * (self.full_shard_len() + DIGEST_LEN)
    }
}

fn to_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
