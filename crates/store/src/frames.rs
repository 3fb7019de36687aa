//! From body bytes to framed shards, in place (on-disk-format.md 5.1 and 6).
//!
//! A [`FrameBuffer`] is room for the frames of all N shards of a stretch of body, shard after shard. Bytes are
//! copied once, from the body straight to where they lie in their shard; parity and digests are then computed
//! where they belong, and each drive gets its slice. Large slices lie at the same distance from a page's begin as in the
//! drive's file: so drives can write them from where they are.

use crate::layout::Layout;
use crate::memory::{Buffer, LEAST_KEPT, Memory, PAGE};
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
    /// Bytes from a shard's room to the next one's.
    stride: usize,
    /// Bytes in a shard's room before its frames.
    phase: usize,
}

/// Bytes of memory that the frames of `len` bytes of body take.
pub(crate) fn framed_len(layout: &Layout, len: usize) -> usize {
    stride(shard_bytes(layout, len)) * layout.geometry.total()
}

/// Room for one shard's frames, with what may be left free before them.
fn stride(shard_bytes: usize) -> usize {
    if is_large(shard_bytes) { shard_bytes.next_multiple_of(PAGE) + PAGE } else { shard_bytes }
}

/// Whether frames are worth laying out so that they can be written from where they are.
fn is_large(shard_bytes: usize) -> bool {
    shard_bytes >= LEAST_KEPT
}

/// Bytes of one shard's frames of `len` bytes of body. Bodies in memory are far from the geometry's limits.
fn shard_bytes(layout: &Layout, len: usize) -> usize {
    let size = layout.geometry.framed_file_size(to_u64(len)).ok();
    size.and_then(|size| usize::try_from(size).ok()).expect("a stretch of body in memory")
}

impl FrameBuffer {
    /// For `len` bytes of body, of which the frames come after `before` bytes in every shard's file. `buffer` has
    /// [`framed_len`] bytes.
    pub(crate) fn new(layout: &Layout, buffer: Buffer, len: usize, before: u64) -> Self {
        debug_assert_eq!(buffer.len(), framed_len(layout, len));
        let block_size = usize::try_from(layout.geometry.block_size()).unwrap_or(usize::MAX);
        let shard_bytes = shard_bytes(layout, len);
        let stride = stride(shard_bytes);
        // Less than a page, so it fits.
        let phase = usize::try_from(before % to_u64(PAGE)).unwrap_or_default();
        let phase = if is_large(shard_bytes) { phase } else { 0 };
        FrameBuffer { layout: layout.clone(), buffer, len, filled: 0, block_size, shard_bytes, stride, phase }
    }

    /// Bytes that it adds to every shard's file.
    pub(crate) fn shard_len(&self) -> u64 {
        to_u64(self.shard_bytes)
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
        let FrameBuffer { shard_bytes, stride, phase, .. } = whole;
        let total = whole.layout.geometry.total();
        let bytes = whole.buffer.freeze();
        let frames = |shard: usize| bytes.slice(shard * stride + phase..shard * stride + phase + shard_bytes);
        (0..total).map(frames).collect()
    }

    fn encode(&mut self, block: usize) {
        let (block_len, shard_len) = self.block(block);
        let offset = self.phase + block * (self.full_shard_len() + DIGEST_LEN);
        let data = self.layout.geometry.data();
        let mut frames: Vec<&mut [u8]> = self
            .buffer
            .bytes_mut()
            .chunks_exact_mut(self.stride)
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
        let mut shorter = FrameBuffer::new(&self.layout, memory.unshared(framed), len, to_u64(self.phase));
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
        shard * self.stride + self.phase + block * (self.full_shard_len() + DIGEST_LEN)
    }
}

fn to_u64(len: usize) -> u64 {
    u64::try_from(len).unwrap_or(u64::MAX)
}

#[cfg(test)]
mod tests;
