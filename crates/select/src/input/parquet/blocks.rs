//! A file in blocks, of which the last used are kept.

use super::super::Feed;
use crate::error::{Code, SelectError, fail};
use crate::limits::{MAX_PARQUET_FOOTER, MAX_PARQUET_READ, PARQUET_BLOCK, PARQUET_BLOCKS};
use bytes::{Buf, Bytes};
use parquet::errors::ParquetError;
use parquet::file::reader::{ChunkReader, Length};
use std::collections::VecDeque;
use std::io::{self, Read};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// What a Parquet file ends with: the length of the footer, and a mark.
const TAIL: u64 = 8;
const MARK: &[u8] = b"PAR1";

/// The object as the library reads it. Cheap to clone.
#[derive(Clone)]
pub struct Blocks {
    feed: Feed,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// By their number, the last used at the end.
    kept: VecDeque<(u64, Bytes)>,
    /// Why the object couldn't be read: the library's errors don't carry it.
    error: Option<SelectError>,
}

impl Blocks {
    pub fn new(feed: Feed) -> Self {
        Blocks { feed, state: Arc::default() }
    }

    pub fn take_error(&self) -> Option<SelectError> {
        self.lock().error.take()
    }

    /// Refuses what is no Parquet file, or one whose footer is too large.
    pub fn check_footer(&self) -> Result<(), SelectError> {
        let size = self.feed.size();
        let wrong = || fail(Code::ParquetParsingError, "The object is no Parquet file: it has no footer.");
        if size < TAIL + 4 {
            return wrong();
        }
        let tail = self.bytes(size - TAIL, 8)?;
        let (Some(length), true) = (tail.first_chunk::<4>(), tail.ends_with(MARK)) else { return wrong() };
        let length = u64::from(u32::from_le_bytes(*length));
        if length > size - TAIL {
            return wrong();
        }
        if length > MAX_PARQUET_FOOTER {
            let message = format!("The footer of the Parquet file has more than {MAX_PARQUET_FOOTER} bytes.");
            return fail(Code::ParquetParsingError, message);
        }
        Ok(())
    }

    fn bytes(&self, start: u64, length: usize) -> Result<Bytes, SelectError> {
        let end = start.saturating_add(length as u64);
        if length > MAX_PARQUET_READ || end > self.feed.size() {
            let message =
                format!("The Parquet file is damaged: it has no {length} bytes at byte {start} for one page.");
            return fail(Code::ParquetParsingError, message);
        }
        let first = self.from(start)?;
        if first.len() >= length {
            return Ok(first.slice(..length));
        }
        let mut all = Vec::with_capacity(length);
        all.extend_from_slice(&first);
        while all.len() < length {
            let more = self.from(start + all.len() as u64)?;
            if more.is_empty() {
                return fail(Code::ParquetParsingError, "The Parquet file is shorter than it was.");
            }
            all.extend_from_slice(&more[..more.len().min(length - all.len())]);
        }
        Ok(all.into())
    }

    /// What the block that holds a byte has from there on; nothing behind the end.
    fn from(&self, start: u64) -> Result<Bytes, SelectError> {
        let number = start / PARQUET_BLOCK;
        let mut state = self.lock();
        let kept = state.kept.iter().position(|(found, _)| *found == number);
        let block = match kept.and_then(|index| state.kept.remove(index)) {
            Some((_, block)) => block,
            None => self.feed.read_whole(number * PARQUET_BLOCK..(number + 1).saturating_mul(PARQUET_BLOCK))?,
        };
        state.kept.push_back((number, block.clone()));
        if state.kept.len() > PARQUET_BLOCKS {
            state.kept.pop_front();
        }
        let skip = usize::try_from(start - number * PARQUET_BLOCK).unwrap_or(usize::MAX);
        Ok(block.slice(skip.min(block.len())..))
    }

    /// Keeps the error for whoever called the library.
    fn told(&self, error: SelectError) -> ParquetError {
        let told = ParquetError::General(error.message.clone());
        self.lock().error = Some(error);
        told
    }

    fn lock(&self) -> MutexGuard<'_, State> {
        self.state.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Length for Blocks {
    fn len(&self) -> u64 {
        self.feed.size()
    }
}

impl ChunkReader for Blocks {
    type T = BlocksFrom;

    fn get_read(&self, start: u64) -> Result<BlocksFrom, ParquetError> {
        Ok(BlocksFrom { blocks: self.clone(), at: start })
    }

    fn get_bytes(&self, start: u64, length: usize) -> Result<Bytes, ParquetError> {
        self.bytes(start, length).map_err(|error| self.told(error))
    }
}

/// The file from a byte on.
pub struct BlocksFrom {
    blocks: Blocks,
    at: u64,
}

impl Read for BlocksFrom {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        if self.at >= self.blocks.feed.size() {
            return Ok(0);
        }
        let mut found = self.blocks.from(self.at).map_err(|error| io::Error::other(self.blocks.told(error)))?;
        let count = found.len().min(out.len());
        found.copy_to_slice(&mut out[..count]);
        self.at += count as u64;
        Ok(count)
    }
}
