//! What of a file the kernel has in memory.

use rustix::fd::{AsFd, AsRawFd};

/// cachestat(2), since Linux 6.5; the number is the same on all architectures.
const CACHESTAT: libc::c_long = 451;

/// The kernel's pages.
const PAGE: u64 = 4096;

#[repr(C)]
struct Span {
    offset: u64,
    length: u64,
}

#[repr(C)]
#[derive(Default)]
struct Pages {
    cached: u64,
    dirty: u64,
    under_writeback: u64,
    evicted: u64,
    recently_evicted: u64,
}

/// Whether all of these bytes are in the page cache. Unlike an attempt to read them (`RWF_NOWAIT`) asking doesn't make the
/// kernel read them. `None` if it can't say.
pub(super) fn is_resident(file: impl AsFd, offset: u64, length: u64) -> Option<bool> {
    let span = Span { offset, length };
    let mut pages = Pages::default();
    let no_flags: libc::c_uint = 0;
    let fd = file.as_fd().as_raw_fd();
    // SAFETY: the call reads a `struct cachestat_range` and writes a `struct cachestat`, which are laid out as `Span` and `Pages`;
    // both outlive it.
    let failed = unsafe { libc::syscall(CACHESTAT, fd, &raw const span, &raw mut pages, no_flags) };
    let end = offset.checked_add(length)?;
    let wanted = end.div_ceil(PAGE) - offset / PAGE;
    (failed == 0).then_some(pages.cached >= wanted)
}
