//! Writing a new file around the page cache, but for its first frame: its bytes go to the drive from where they are.
//!
//! A copy in the page cache costs more than everything else that is done for a large file together, and seldom does anybody
//! read it: what is stored is seldom read again soon. Direct calls want offsets, lengths and addresses to be multiples of the
//! drive's block. Bytes that fill no page wait for those that follow; what lies in memory as it will lie in the file, at the
//! same distance from a page's begin, is written from where it is, all else by way of a copy.

use rustix::fd::OwnedFd;
use rustix::fs::{OFlags, SeekFrom, fcntl_getfl, fcntl_setfl, seek};
use rustix::io::{Errno, pwritev};
use std::io::IoSlice;

/// What offsets, lengths and addresses are multiples of. A drive's block is hardly ever larger; where it is the kernel
/// refuses, and the file is written by ordinary calls.
pub(super) const ALIGNMENT: usize = 4096;

/// Copied at a time where bytes don't lie as they should.
const COPIED: usize = 256 << 10;

/// Where a file written directly stands.
#[derive(Debug)]
pub(super) struct Direct {
    /// Bytes in the file, whole pages.
    written: usize,
    /// Bytes that don't fill a page yet.
    waiting: Aligned,
    filled: usize,
}

impl Direct {
    /// Sets the file, which has so many bytes, to direct calls; `None` if it can't be.
    pub(super) fn begin(file: &OwnedFd, written: usize) -> Option<Direct> {
        let flags = fcntl_getfl(file).ok()?;
        fcntl_setfl(file, flags | OFlags::DIRECT).ok()?;
        Some(Direct { written, waiting: Aligned::new(ALIGNMENT), filled: 0 })
    }

    /// Bytes taken in so far.
    pub(super) fn taken(&self) -> usize {
        self.written + self.filled
    }

    /// Appends the piece, but for what fills no page. `EINVAL` if the file system won't have it so: then what was
    /// [taken](Direct::taken) has its place, and the rest of the piece has not.
    pub(super) fn append(&mut self, file: &OwnedFd, mut piece: &[u8]) -> Result<(), Errno> {
        if self.filled > 0 {
            let (first, rest) = piece.split_at(piece.len().min(ALIGNMENT - self.filled));
            self.wait(first);
            piece = rest;
        }
        let (pages, rest) = piece.split_at(piece.len() - piece.len() % ALIGNMENT);
        if pages.as_ptr().addr().is_multiple_of(ALIGNMENT) || pages.is_empty() {
            self.write(file, pages)?;
        } else {
            let mut copy = Aligned::new(pages.len().min(COPIED));
            for pages in pages.chunks(COPIED) {
                let copy = &mut copy.bytes()[..pages.len()];
                copy.copy_from_slice(pages);
                self.write(file, copy)?;
            }
        }
        self.wait(rest);
        Ok(())
    }

    /// Back to ordinary calls, which go on at the end of what is written; returns what is to be written there first.
    pub(super) fn end(mut self, file: &OwnedFd) -> Result<Vec<u8>, Errno> {
        let flags = fcntl_getfl(file)?;
        fcntl_setfl(file, flags - OFlags::DIRECT)?;
        seek(file, SeekFrom::Start(offset(self.written)?))?;
        Ok(self.waiting.bytes()[..self.filled].to_vec())
    }

    /// Keeps bytes that fill no page, or just one.
    fn wait(&mut self, bytes: &[u8]) {
        self.waiting.bytes()[self.filled..self.filled + bytes.len()].copy_from_slice(bytes);
        self.filled += bytes.len();
    }

    /// The page that waited, if it is full, then these.
    fn write(&mut self, file: &OwnedFd, pages: &[u8]) -> Result<(), Errno> {
        let waited: &[u8] = if self.filled == ALIGNMENT { self.waiting.bytes() } else { &[] };
        let length = waited.len() + pages.len();
        let mut slices = [IoSlice::new(waited), IoSlice::new(pages)];
        let mut rest = &mut slices[..];
        let mut done = 0;
        IoSlice::advance_slices(&mut rest, 0);
        while done < length {
            match pwritev(file, rest, offset(self.written + done)?) {
                Ok(0) => return Err(Errno::IO),
                Ok(count) => {
                    done += count;
                    IoSlice::advance_slices(&mut rest, count);
                }
                Err(Errno::INTR) => {}
                // It stopped within a block.
                Err(Errno::INVAL) if done > 0 => return Err(Errno::IO),
                Err(error) => return Err(error),
            }
        }
        self.written += length;
        self.filled %= ALIGNMENT;
        Ok(())
    }
}

fn offset(at: usize) -> Result<u64, Errno> {
    u64::try_from(at).map_err(|_| Errno::OVERFLOW)
}

/// Memory that begins at a page.
#[derive(Debug)]
struct Aligned {
    bytes: Vec<u8>,
    length: usize,
}

impl Aligned {
    fn new(length: usize) -> Self {
        Aligned { bytes: vec![0; length + ALIGNMENT], length }
    }

    fn bytes(&mut self) -> &mut [u8] {
        let start = self.bytes.as_ptr().addr().next_multiple_of(ALIGNMENT) - self.bytes.as_ptr().addr();
        &mut self.bytes[start..start + self.length]
    }
}
