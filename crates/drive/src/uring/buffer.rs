//! Memory that a drive can write to without the page cache between.

use bytes::Bytes;
use std::ops::Range;

/// Reads around the page cache want offsets, lengths and addresses to be multiples of the drive's block, which is hardly ever
/// larger; where it is the kernel refuses, and the file is read by plain calls.
const ALIGNMENT: usize = 4096;

/// Room for the blocks of a file that hold a range of it.
#[derive(Debug)]
pub(super) struct Buffer {
    /// Bytes up to where the blocks begin, and room for these.
    bytes: Vec<u8>,
    /// Bytes of all blocks.
    length: usize,
    /// The first block's place in the file.
    offset: u64,
    /// Where what is wanted is in the blocks.
    wanted: Range<usize>,
}

impl Buffer {
    /// For `length` bytes at `offset`. `None` where that is beyond all files.
    pub(super) fn new(offset: u64, length: usize) -> Option<Self> {
        let skip = usize::try_from(offset % ALIGNMENT as u64).ok()?;
        let wanted = skip..skip.checked_add(length)?;
        let blocks = wanted.end.checked_next_multiple_of(ALIGNMENT)?;
        let mut bytes: Vec<u8> = Vec::with_capacity(blocks.checked_add(ALIGNMENT)?);
        let start = bytes.as_ptr().align_offset(ALIGNMENT);
        bytes.resize(start.min(ALIGNMENT), 0);
        (start < ALIGNMENT).then_some(Buffer {
            bytes,
            length: blocks,
            offset: offset - u64::try_from(skip).ok()?,
            wanted,
        })
    }

    /// Where in the file to read from.
    pub(super) fn offset(&self) -> u64 {
        self.offset
    }

    /// How much to read.
    pub(super) fn length(&self) -> usize {
        self.length
    }

    /// Where to read to: behind the vector's bytes, within its capacity.
    pub(super) fn room(&mut self) -> &mut [std::mem::MaybeUninit<u8>] {
        &mut self.bytes.spare_capacity_mut()[..self.length]
    }

    /// The vector to which the bytes that were read are to be added.
    pub(super) fn bytes_mut(&mut self) -> &mut Vec<u8> {
        &mut self.bytes
    }

    /// What was wanted, if as many bytes were read.
    pub(super) fn take(self) -> Option<Bytes> {
        let start = self.bytes.as_ptr().align_offset(ALIGNMENT);
        let wanted = start.checked_add(self.wanted.start)?..start.checked_add(self.wanted.end)?;
        (wanted.end <= self.bytes.len()).then(|| Bytes::from(self.bytes).slice(wanted))
    }
}
