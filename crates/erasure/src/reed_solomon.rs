//! Making parity, and getting lost shards back.

use std::sync::Arc;

use thiserror::Error;

use crate::geometry::{Geometry, GeometryError, check_shards};
use crate::kernel::Kernel;
use crate::matrix::{Matrix, Rows};
use crate::recovery::Recovery;
use crate::{bitrot, bitrot::DIGEST_LEN};

/// Why shards can't be worked with.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Error)]
pub enum ShardError {
    /// Not as many shards as the code has.
    #[error("{found} shards given, {expected} expected")]
    Count {
        /// Shards the code has, of the kind asked for.
        expected: usize,
        /// Shards given.
        found: usize,
    },
    /// All shards of a block are equally long; this one isn't.
    #[error("shard {shard} is {found} bytes long, {expected} expected")]
    Length {
        /// Position of the shard among those given.
        shard: usize,
        /// Bytes expected.
        expected: usize,
        /// Bytes found.
        found: usize,
    },
    /// Fewer shards are left than there are data shards: the block is lost.
    #[error("{found} shards left, {needed} needed")]
    TooFew {
        /// The number of data shards.
        needed: usize,
        /// Shards present.
        found: usize,
    },
    /// No such shard, or named twice.
    #[error("shard {shard} is named twice or is not one of {total}")]
    Name {
        /// The shard's number, from 0.
        shard: usize,
        /// Shards of the code.
        total: usize,
    },
}

/// The code for M data and K parity shards. A clone is another handle to the same tables.
#[derive(Clone, Debug)]
pub struct ReedSolomon {
    data: usize,
    parity: usize,
    matrix: Arc<Matrix>,
    kernel: Kernel,
}

impl ReedSolomon {
    /// The code for `data` (at least 1) and `parity` shards, at most 256 together, on the fastest kernel there is.
    pub fn new(data: usize, parity: usize) -> Result<ReedSolomon, GeometryError> {
        ReedSolomon::with_kernel(data, parity, Kernel::fastest())
    }

    /// The same on a kernel of one's choice, for tests and benchmarks.
    pub fn with_kernel(data: usize, parity: usize, kernel: Kernel) -> Result<ReedSolomon, GeometryError> {
        check_shards(data, parity)?;
        Ok(ReedSolomon { data, parity, matrix: Arc::new(Matrix::coding(data, parity)), kernel })
    }

    /// M, the number of data shards.
    pub fn data(&self) -> usize {
        self.data
    }

    /// K, the number of parity shards.
    pub fn parity(&self) -> usize {
        self.parity
    }

    /// M + K.
    pub fn total(&self) -> usize {
        self.data + self.parity
    }

    /// The kernel at work.
    pub fn kernel(&self) -> Kernel {
        self.kernel
    }

    /// Length of each shard of a block of `block_len` bytes.
    pub fn shard_len(&self, block_len: usize) -> usize {
        block_len.div_ceil(self.data)
    }

    /// The block's data shards, as they lie in it and without the zeros that fill up the last ones: all M of them, the
    /// last perhaps short or empty.
    pub fn split<'a>(&self, block: &'a [u8]) -> impl ExactSizeIterator<Item = &'a [u8]> + use<'a> {
        let len = self.shard_len(block.len());
        (0..self.data).map(move |shard| {
            let start = (shard * len).min(block.len());
            &block[start..(start + len).min(block.len())]
        })
    }

    /// Writes the K parity shards of `block` into `parity`, which are [`shard_len`](Self::shard_len) bytes each.
    ///
    /// The block is read where it lies; it need not be padded.
    pub fn encode_block(&self, block: &[u8], parity: &mut [&mut [u8]]) -> Result<(), ShardError> {
        let len = self.shard_len(block.len());
        check(parity, self.parity, len)?;
        if len == 0 {
            return Ok(());
        }
        // Shards are whole up to some point, then comes one that is cut, then nothing but padding.
        let shards: Vec<&[u8]> = self.split(block).collect();
        let whole = block.len() / len;
        let cut = block.len() % len;
        let rows = self.parity_rows();
        self.kernel.multiply(rows, &shards[..self.data.min(whole + 1)], parity, 0..cut);
        self.kernel.multiply(rows, &shards[..whole], parity, cut..len);
        Ok(())
    }

    /// Writes the K parity shards of the M data shards, all of one length.
    pub fn encode(&self, data: &[&[u8]], parity: &mut [&mut [u8]]) -> Result<(), ShardError> {
        let len = data.first().map_or(0, |shard| shard.len());
        check(data, self.data, len)?;
        check(parity, self.parity, len)?;
        self.kernel.multiply(self.parity_rows(), data, parity, 0..len);
        Ok(())
    }

    /// Completes the M + K frames of one block, all of one length: each is room for a digest and then a shard. The data
    /// shards are in place, padded with zeros; parity and all digests are written.
    pub fn encode_frames(&self, frames: &mut [&mut [u8]]) -> Result<(), ShardError> {
        let len = frames.first().map_or(0, |frame| frame.len()).max(DIGEST_LEN);
        check(frames, self.total(), len)?;
        let (data, parity) = frames.split_at_mut(self.data);
        let data: Vec<&[u8]> = data.iter().map(|frame| &frame[DIGEST_LEN..]).collect();
        let mut parity: Vec<&mut [u8]> = parity.iter_mut().map(|frame| &mut frame[DIGEST_LEN..]).collect();
        self.encode(&data, &mut parity)?;
        for frame in frames {
            bitrot::seal_frame(frame);
        }
        Ok(())
    }

    /// The arithmetic that makes the shards `wanted` from the shards `sources` (M of them), by number from 0: worked out
    /// once, applied to block after block.
    pub fn recovery(&self, sources: &[usize], wanted: &[usize]) -> Result<Recovery, ShardError> {
        if sources.len() < self.data {
            return Err(ShardError::TooFew { needed: self.data, found: sources.len() });
        }
        if sources.len() > self.data {
            return Err(ShardError::Count { expected: self.data, found: sources.len() });
        }
        let mut named = vec![false; self.total()];
        for &shard in sources.iter().chain(wanted) {
            match named.get_mut(shard) {
                Some(name @ false) => *name = true,
                _ => return Err(ShardError::Name { shard, total: self.total() }),
            }
        }
        Ok(Recovery::new(&self.matrix, self.kernel, sources, wanted))
    }

    /// Fills in all missing shards, data and parity, from any M that are there.
    pub fn reconstruct(&self, shards: &mut [Option<Vec<u8>>]) -> Result<(), ShardError> {
        self.fill(shards, self.total())
    }

    /// Fills in the missing data shards only, which is all that reading needs.
    pub fn reconstruct_data(&self, shards: &mut [Option<Vec<u8>>]) -> Result<(), ShardError> {
        self.fill(shards, self.data)
    }

    /// Fills in what is missing of the first `count` shards.
    fn fill(&self, shards: &mut [Option<Vec<u8>>], count: usize) -> Result<(), ShardError> {
        if shards.len() != self.total() {
            return Err(ShardError::Count { expected: self.total(), found: shards.len() });
        }
        let (present, missing): (Vec<usize>, Vec<usize>) =
            (0..shards.len()).partition(|&shard| shards[shard].is_some());
        let wanted: Vec<usize> = missing.into_iter().filter(|&shard| shard < count).collect();
        let sources = &present[..present.len().min(self.data)];
        let recovery = self.recovery(sources, &wanted)?;
        let inputs: Vec<&[u8]> = sources.iter().filter_map(|&shard| shards[shard].as_deref()).collect();
        let len = inputs.first().map_or(0, |shard| shard.len());
        let mut found = vec![vec![0; len]; wanted.len()];
        let mut outputs: Vec<&mut [u8]> = found.iter_mut().map(Vec::as_mut_slice).collect();
        recovery.run(&inputs, &mut outputs)?;
        for (shard, bytes) in wanted.into_iter().zip(found) {
            shards[shard] = Some(bytes);
        }
        Ok(())
    }

    fn parity_rows(&self) -> Rows<'_> {
        self.matrix.rows(self.data, self.parity)
    }
}

impl From<&Geometry> for ReedSolomon {
    fn from(geometry: &Geometry) -> ReedSolomon {
        ReedSolomon::new(geometry.data(), geometry.parity()).expect("a geometry obeys stricter limits")
    }
}

/// `count` shards of `len` bytes each, or what is wrong with them.
pub(crate) fn check<T: AsRef<[u8]>>(shards: &[T], count: usize, len: usize) -> Result<(), ShardError> {
    if shards.len() != count {
        return Err(ShardError::Count { expected: count, found: shards.len() });
    }
    let lengths = shards.iter().map(|shard| shard.as_ref().len()).enumerate();
    match lengths.into_iter().find(|&(_, found)| found != len) {
        Some((shard, found)) => Err(ShardError::Length { shard, expected: len, found }),
        None => Ok(()),
    }
}
