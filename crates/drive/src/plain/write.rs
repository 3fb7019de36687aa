//! Files open for writing.

use super::direct::{ALIGNMENT, Direct};
use crate::{PlacedFile, WriteFile};
use bytes::Bytes;
use rustix::fd::OwnedFd;
use rustix::fs::FallocateFlags;
use rustix::io::{Errno, ReadWriteFlags, pwritev2};
use std::io::{self, IoSlice};

/// The kernel takes no more pieces in one call (UIO_MAXIOV).
const MAX_PIECES: usize = 1024;

/// Smaller files gain nothing from going around the page cache.
const LEAST_DIRECT: u64 = 256 << 10;

/// Files of some pieces gain from room set aside beforehand; those written in one go lose.
const LEAST_SET_ASIDE: u64 = 2 << 20;

/// So much of a long file stays in the page cache: its first frame, which whoever reads it soon waits for. (No frame is longer
/// than half a MiB and its hash; a multiple of what direct calls want.)
const HEAD: usize = (512 + 4) << 10;

/// A file being written from its beginning; one that is to be large around the page cache, if the file system lets it.
#[derive(Debug)]
pub(super) struct PlainWriteFile {
    file: OwnedFd,
    direct: Option<Direct>,
    /// Bytes that are still to be written by ordinary calls before the direct ones; `None` if there won't be any.
    head: Option<usize>,
}

impl PlainWriteFile {
    pub(super) fn new(file: OwnedFd) -> Self {
        PlainWriteFile { file, direct: None, head: None }
    }

    /// Writes what belongs to the head, and goes over to direct calls behind it.
    fn write_head(&mut self, rest: &mut &mut [IoSlice<'_>]) -> io::Result<()> {
        let Some(head) = self.head else { return Ok(()) };
        let mut left = head;
        while let Some(piece) = rest.first().filter(|_| left > 0) {
            let length = piece.len().min(left);
            write_all(&self.file, &mut [IoSlice::new(&piece[..length])])?;
            IoSlice::advance_slices(rest, length);
            left -= length;
        }
        self.head = Some(left).filter(|left| *left > 0);
        if self.head.is_none() {
            self.direct = Direct::begin(&self.file, HEAD);
        }
        Ok(())
    }

    /// Whatever is still to come is written by ordinary calls.
    fn end_direct(&mut self) -> io::Result<()> {
        let Some(direct) = self.direct.take() else { return Ok(()) };
        let waiting = direct.end(&self.file)?;
        write_all(&self.file, &mut [IoSlice::new(&waiting)])
    }
}

impl WriteFile for PlainWriteFile {
    fn expect(&mut self, bytes: u64) -> io::Result<()> {
        if bytes >= LEAST_SET_ASIDE {
            self.head = Some(HEAD);
            return match rustix::fs::fallocate(&self.file, FallocateFlags::KEEP_SIZE, 0, bytes) {
                Err(error @ (Errno::NOSPC | Errno::DQUOT)) => Err(error.into()),
                // Not on this file system.
                Ok(()) | Err(_) => Ok(()),
            };
        }
        if bytes >= LEAST_DIRECT {
            self.direct = Direct::begin(&self.file, 0);
        }
        Ok(())
    }

    fn append(&mut self, pieces: &[Bytes]) -> io::Result<()> {
        let mut slices: Vec<IoSlice<'_>> = pieces.iter().map(|piece| IoSlice::new(piece)).collect();
        let mut rest = slices.as_mut_slice();
        self.write_head(&mut rest)?;
        while let (Some(direct), Some(piece)) = (&mut self.direct, rest.first()) {
            let (before, length) = (direct.taken(), piece.len());
            match direct.append(&self.file, piece) {
                Ok(()) => IoSlice::advance_slices(&mut rest, length),
                Err(Errno::INVAL) => {
                    let taken = direct.taken() - before;
                    self.end_direct()?;
                    IoSlice::advance_slices(&mut rest, taken);
                }
                Err(error) => return Err(error.into()),
            }
        }
        write_all(&self.file, rest)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.end_direct()?;
        Ok(rustix::fs::fdatasync(&self.file)?)
    }
}

/// Writes all the pieces where the file stands.
fn write_all(file: &OwnedFd, mut rest: &mut [IoSlice<'_>]) -> io::Result<()> {
    IoSlice::advance_slices(&mut rest, 0);
    while !rest.is_empty() {
        match rustix::io::writev(file, &rest[..rest.len().min(MAX_PIECES)]) {
            Ok(0) => return Err(Errno::IO.into()),
            Ok(written) => IoSlice::advance_slices(&mut rest, written),
            Err(Errno::INTR) => {}
            Err(error) => return Err(error.into()),
        }
    }
    Ok(())
}

/// A file written in place. What must be durable at once goes around the page cache, if the file system lets it: one call, no
/// copy kept in memory that nobody reads.
#[derive(Debug)]
pub(super) struct PlainPlacedFile {
    file: OwnedFd,
    /// The same file, opened with O_DIRECT.
    direct: Option<OwnedFd>,
    /// Kept for the next write.
    aligned: Vec<u8>,
}

impl PlainPlacedFile {
    pub(super) fn new(file: OwnedFd, direct: Option<OwnedFd>) -> Self {
        PlainPlacedFile { file, direct, aligned: Vec::new() }
    }

    /// False if the file can't be written so.
    fn write_directly(&mut self, offset: u64, bytes: &[u8]) -> Result<bool, Errno> {
        let aligned_offset = offset.is_multiple_of(ALIGNMENT as u64);
        let Some(direct) = self.direct.as_ref().filter(|_| aligned_offset && bytes.len().is_multiple_of(ALIGNMENT))
        else {
            return Ok(false);
        };
        self.aligned.resize(self.aligned.len().max(bytes.len() + ALIGNMENT), 0);
        let start = self.aligned.as_ptr().align_offset(ALIGNMENT);
        let Some(copy) = self.aligned.get_mut(start..).and_then(|rest| rest.get_mut(..bytes.len())) else {
            return Ok(false);
        };
        copy.copy_from_slice(bytes);
        let mut written = 0;
        while written < copy.len() {
            let at = offset + u64::try_from(written).map_err(|_| Errno::OVERFLOW)?;
            match pwritev2(direct, &[IoSlice::new(&copy[written..])], at, ReadWriteFlags::DSYNC) {
                Ok(0) => return Err(Errno::IO),
                Ok(more) => written += more,
                Err(Errno::INTR) => {}
                // Not with this alignment, or not at all: the file system has written nothing.
                Err(Errno::INVAL | Errno::OPNOTSUPP) => {
                    self.direct = None;
                    return Ok(false);
                }
                Err(error) => return Err(error),
            }
        }
        Ok(true)
    }
}

impl PlacedFile for PlainPlacedFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        let (mut offset, mut rest) = (offset, bytes);
        while !rest.is_empty() {
            match rustix::io::pwrite(&self.file, rest, offset) {
                Ok(0) => return Err(Errno::IO.into()),
                Ok(written) => {
                    rest = &rest[written..];
                    offset += u64::try_from(written).map_err(|_| Errno::OVERFLOW)?;
                }
                Err(Errno::INTR) => {}
                Err(error) => return Err(error.into()),
            }
        }
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(rustix::fs::fdatasync(&self.file)?)
    }

    fn write_durably(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        if self.write_directly(offset, bytes)? {
            return Ok(());
        }
        self.write_at(offset, bytes)?;
        self.sync()
    }
}
