//! How long things are: blocks, shards, frames and shard files, and where a block lies in a shard file.
//!
//! Everything is counted in bytes, as `u64`: these lengths come from object metadata, so that no sum or product here may
//! wrap. Format: docs/erasure-coding.md, "Geometry" and "Frames".

use std::ops::Range;

use thiserror::Error;

use crate::bitrot::DIGEST_LEN;

/// The field has 256 elements, and each shard needs one of its own.
pub const MAX_SHARDS: usize = 256;

/// [`DIGEST_LEN`] as a file length.
const FRAME_HEADER: u64 = 32;
const _: () = assert!(DIGEST_LEN == 32);

/// Why no object can have such a geometry.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum GeometryError {
    /// An object needs a data shard.
    #[error("no data shards")]
    NoDataShards,
    /// More shards than the code has room for.
    #[error("{data} data and {parity} parity shards: more than {MAX_SHARDS} together")]
    TooManyShards {
        /// Data shards asked for.
        data: usize,
        /// Parity shards asked for.
        parity: usize,
    },
    /// With more parity than data, two halves of a set could each believe to be the whole.
    #[error("{parity} parity shards are more than the {data} data shards")]
    MoreParityThanData {
        /// Data shards asked for.
        data: usize,
        /// Parity shards asked for.
        parity: usize,
    },
    /// A block holds at least a byte.
    #[error("block size is zero")]
    ZeroBlockSize,
    /// A length or offset beyond what 64 bits count.
    #[error("a shard file of {blocks} blocks is longer than 64 bits count")]
    TooLong {
        /// Blocks before the end or offset asked for.
        blocks: u64,
    },
}

/// The shape in which one version of an object is stored: M data shards, K parity shards, blocks of B bytes.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Geometry {
    data: u16,
    parity: u16,
    block_size: u64,
}

impl Geometry {
    /// `data` shards of data (at least 1), `parity` shards of parity (at most as many), blocks of `block_size` bytes.
    pub fn new(data: usize, parity: usize, block_size: u64) -> Result<Geometry, GeometryError> {
        let (data, parity) = check_shards(data, parity)?;
        if parity > data {
            return Err(GeometryError::MoreParityThanData { data: data.into(), parity: parity.into() });
        }
        if block_size == 0 {
            return Err(GeometryError::ZeroBlockSize);
        }
        Ok(Geometry { data, parity, block_size })
    }

    /// M, the number of data shards: as many shards are needed to read.
    pub fn data(&self) -> usize {
        self.data.into()
    }

    /// K, the number of parity shards: as many shards may be lost.
    pub fn parity(&self) -> usize {
        self.parity.into()
    }

    /// M + K.
    pub fn total(&self) -> usize {
        self.data() + self.parity()
    }

    /// B, the bytes of input in every block but the last.
    pub fn block_size(&self) -> u64 {
        self.block_size
    }

    /// Length of a shard of a full block.
    pub fn shard_size(&self) -> u64 {
        self.shard_len(self.block_size)
    }

    /// Length of each shard of a block of `block_len` bytes: the data shards together hold the block and less than M
    /// bytes of zeros behind it.
    pub fn shard_len(&self, block_len: u64) -> u64 {
        block_len.div_ceil(self.data.into())
    }

    /// The bytes of a block of `block_len` bytes that data shard `shard` (0-based) holds; empty if it is all padding.
    pub fn data_range(&self, block_len: u64, shard: usize) -> Range<u64> {
        let len = self.shard_len(block_len);
        let nth = |n: usize| u64::try_from(n).unwrap_or(u64::MAX).saturating_mul(len).min(block_len);
        nth(shard)..nth(shard.saturating_add(1))
    }

    /// Blocks in a part of `part_size` bytes; a part of no bytes has none.
    pub fn block_count(&self, part_size: u64) -> u64 {
        part_size.div_ceil(self.block_size)
    }

    /// Length of block `block` (0-based) of a part of `part_size` bytes; 0 beyond its end.
    pub fn block_len(&self, part_size: u64, block: u64) -> u64 {
        let before = block.saturating_mul(self.block_size);
        part_size.saturating_sub(before).min(self.block_size)
    }

    /// The blocks that hold the bytes `range` of a part.
    pub fn blocks_of(&self, range: Range<u64>) -> Range<u64> {
        let first = range.start / self.block_size;
        if range.is_empty() { first..first } else { first..range.end.div_ceil(self.block_size) }
    }

    /// Bytes of one shard of a part of `part_size` bytes, without digests: never more than the part itself.
    pub fn shard_file_size(&self, part_size: u64) -> u64 {
        let full_blocks = part_size / self.block_size;
        full_blocks * self.shard_size() + self.shard_len(part_size % self.block_size)
    }

    /// Length of the frame (digest and shard) of a block of `block_len` bytes.
    pub fn frame_len(&self, block_len: u64) -> Result<u64, GeometryError> {
        self.shard_len(block_len).checked_add(FRAME_HEADER).ok_or(GeometryError::TooLong { blocks: 1 })
    }

    /// Where the frame of block `block` (0-based) begins in the shard file.
    pub fn frame_offset(&self, block: u64) -> Result<u64, GeometryError> {
        self.frame_len(self.block_size)?.checked_mul(block).ok_or(GeometryError::TooLong { blocks: block })
    }

    /// Length of the shard file of a part of `part_size` bytes: every shard and the digest before it.
    pub fn framed_file_size(&self, part_size: u64) -> Result<u64, GeometryError> {
        let blocks = self.block_count(part_size);
        let digests = blocks.checked_mul(FRAME_HEADER);
        let size = digests.and_then(|digests| digests.checked_add(self.shard_file_size(part_size)));
        size.ok_or(GeometryError::TooLong { blocks })
    }

    /// Where the frames of `blocks` lie in the shard file of a part of `part_size` bytes. Blocks beyond the part's end
    /// have no frames: the range ends with the file.
    pub fn framed_range(&self, part_size: u64, blocks: Range<u64>) -> Result<Range<u64>, GeometryError> {
        let file_size = self.framed_file_size(part_size)?;
        let count = self.block_count(part_size);
        let edge = |block: u64| if block >= count { Ok(file_size) } else { self.frame_offset(block) };
        let start = edge(blocks.start)?;
        Ok(start..edge(blocks.end)?.max(start))
    }
}

/// The limits of the code itself, which does not mind more parity than data.
pub(crate) fn check_shards(data: usize, parity: usize) -> Result<(u16, u16), GeometryError> {
    let too_many = GeometryError::TooManyShards { data, parity };
    if data == 0 {
        return Err(GeometryError::NoDataShards);
    }
    if data.saturating_add(parity) > MAX_SHARDS {
        return Err(too_many);
    }
    Ok((u16::try_from(data).map_err(|_| too_many)?, u16::try_from(parity).map_err(|_| too_many)?))
}

#[cfg(test)]
mod tests;
