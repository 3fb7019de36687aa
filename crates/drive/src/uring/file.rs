//! Files open for reading, and which reads of them go to the ring.

use super::reader::{Reader, Request};
use super::resident::is_resident;
use super::seen::Seen;
use crate::ReadFile;
use crate::plain::PlainReadFile;
use bytes::Bytes;
use rustix::fd::{AsFd, AsRawFd, BorrowedFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags};
use std::io;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use tokio::sync::oneshot;

/// Files up to this, and reads. Longer files are read in sequence from their beginning, and the kernel's reading ahead is
/// faster then.
const SHORT: u64 = 2 << 20;

/// Nothing has been read.
const NOWHERE: u64 = u64::MAX;

/// A file of which what isn't in memory is read around the page cache the first time, and through it when it is read again:
/// what is read once drives nothing out that is read often.
#[derive(Debug)]
pub(super) struct UringReadFile {
    plain: PlainReadFile,
    /// Opened with O_DIRECT by the first read that goes to the ring; `None` if that can't be.
    direct: OnceLock<Option<OwnedFd>>,
    /// Where the last read ended.
    end: AtomicU64,
    reader: Arc<Reader>,
    seen: Arc<Seen>,
}

impl UringReadFile {
    pub(super) fn new(plain: PlainReadFile, reader: Arc<Reader>, seen: Arc<Seen>) -> Self {
        UringReadFile { plain, direct: OnceLock::new(), end: AtomicU64::new(NOWHERE), reader, seen }
    }

    /// The handle that reads around the page cache; `None` if there can't be one.
    pub(super) fn direct(&self) -> Option<BorrowedFd<'_>> {
        let open = || {
            // The same file, whatever its name leads to by now.
            let path = format!("/proc/self/fd/{}", self.plain.as_fd().as_raw_fd());
            let flags = OFlags::RDONLY | OFlags::DIRECT | OFlags::NOATIME | OFlags::NONBLOCK | OFlags::CLOEXEC;
            rustix::fs::openat(CWD, path, flags, Mode::empty()).ok()
        };
        self.direct.get_or_init(open).as_ref().map(AsFd::as_fd)
    }

    /// The handle that reads through the page cache.
    pub(super) fn plain(&self) -> BorrowedFd<'_> {
        self.plain.as_fd()
    }

    /// Whether reading here is a jump in a long file, or in a short one.
    fn is_jump(&self, offset: u64, last_end: u64) -> bool {
        // What was tried at once and failed halfway begins anew before it ended.
        let goes_on = last_end != NOWHERE && last_end.abs_diff(offset) < SHORT;
        self.plain.size() <= SHORT || (offset != 0 && !goes_on)
    }

    /// Whether it should be read around the page cache. Notes where this read ends.
    fn is_for_ring(&self, offset: u64, length: u64) -> bool {
        let end = offset.saturating_add(length);
        let last_end = self.end.swap(end, Ordering::Relaxed);
        let fits = (1..=SHORT).contains(&length) && end <= self.plain.size();
        let candidate = fits && self.is_jump(offset, last_end) && self.reader.is_wanted();
        candidate && self.seen.is_first(self.plain.number(), offset)
    }

    /// Whether to try reading at once: an attempt that fails would make the kernel read what is about to be read around the
    /// page cache.
    fn may_be_cached(&self, offset: u64, length: u64) -> bool {
        let last_end = self.end.load(Ordering::Relaxed);
        let tried_before = last_end == offset || self.seen.contains(self.plain.number(), offset);
        tried_before
            || !self.is_jump(offset, last_end)
            || !self.reader.is_wanted()
            || is_resident(&self.plain, offset, length).unwrap_or(true)
    }
}

impl ReadFile for UringReadFile {
    fn size(&self) -> u64 {
        self.plain.size()
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Bytes> {
        self.plain.read_at(offset, length)
    }

    fn begin_read(self: Arc<Self>, offset: u64, length: usize) -> Option<oneshot::Receiver<Bytes>> {
        if !self.is_for_ring(offset, u64::try_from(length).ok()?) {
            return None;
        }
        let (answer, answered) = oneshot::channel();
        let reader = Arc::clone(&self.reader);
        reader.read(Request { file: self, offset, length, answer });
        Some(answered)
    }

    fn read_cached(&self, offset: u64, buffer: &mut [u8]) -> bool {
        let length = u64::try_from(buffer.len()).unwrap_or(NOWHERE);
        let read = self.may_be_cached(offset, length) && self.plain.read_cached(offset, buffer);
        if read {
            self.end.store(offset.saturating_add(length), Ordering::Relaxed);
        }
        read
    }
}
