//! Opening paths beneath a directory handle, so that no name and no symbolic link leads out of it.
//!
//! The kernel does it (`openat2` with RESOLVE_BENEATH); where it can't (before Linux 5.6, or forbidden by a container's
//! filter) each name is opened from its parent's handle and no symbolic link is followed at all.

use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{CWD, Mode, OFlags, ResolveFlags, openat, openat2};
use rustix::io::Errno;

/// The kernel answers `EAGAIN` when a rename elsewhere kept it from being sure of `..` in a link: try again.
const ATTEMPTS: usize = 16;

/// A directory that paths are resolved beneath.
#[derive(Debug)]
pub(super) struct Beneath {
    root: OwnedFd,
    openat2: bool,
}

/// The directory that holds a path's last name, and that name.
pub(super) struct Place<'a> {
    parent: Option<OwnedFd>,
    root: BorrowedFd<'a>,
    pub(super) name: &'a str,
}

impl AsFd for Place<'_> {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.parent.as_ref().map_or(self.root, AsFd::as_fd)
    }
}

impl Beneath {
    pub(super) fn new(root: OwnedFd) -> Self {
        let probe = openat2(&root, ".", OFlags::PATH | OFlags::CLOEXEC, Mode::empty(), ResolveFlags::BENEATH);
        let openat2 = !matches!(probe, Err(Errno::NOSYS | Errno::PERM));
        Beneath { root, openat2 }
    }

    #[cfg(test)]
    pub(super) fn without_openat2(root: OwnedFd) -> Self {
        Beneath { root, openat2: false }
    }

    pub(super) fn root(&self) -> BorrowedFd<'_> {
        self.root.as_fd()
    }

    /// Opens a path, or the root itself for `""`.
    pub(super) fn open(&self, path: &str, flags: OFlags, mode: Mode) -> Result<OwnedFd, Errno> {
        let flags = flags | OFlags::CLOEXEC;
        if path.is_empty() {
            return openat(&self.root, ".", flags, mode);
        }
        check(path)?;
        if !self.openat2 {
            let place = self.place(path)?;
            return openat(&place, place.name, flags | OFlags::NOFOLLOW, mode);
        }
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS;
        for _ in 1..ATTEMPTS {
            match openat2(&self.root, path, flags, mode, resolve) {
                Err(Errno::AGAIN | Errno::INTR) => {}
                done => return done,
            }
        }
        openat2(&self.root, path, flags, mode, resolve)
    }

    /// Opens a path if the kernel has all of its names in memory.
    pub(super) fn open_cached(&self, path: &str, flags: OFlags) -> Option<OwnedFd> {
        if !self.openat2 || check(path).is_err() {
            return None;
        }
        let resolve = ResolveFlags::BENEATH | ResolveFlags::NO_MAGICLINKS | ResolveFlags::CACHED;
        openat2(&self.root, path, flags | OFlags::CLOEXEC, Mode::empty(), resolve).ok()
    }

    /// Where a path's last name stands.
    pub(super) fn place<'a>(&'a self, path: &'a str) -> Result<Place<'a>, Errno> {
        check(path)?;
        let root = self.root.as_fd();
        let Some((parent, name)) = path.rsplit_once('/') else {
            return Ok(Place { parent: None, root, name: path });
        };
        let flags = OFlags::PATH | OFlags::DIRECTORY | OFlags::CLOEXEC;
        if self.openat2 {
            let parent = Some(self.open(parent, flags, Mode::empty())?);
            return Ok(Place { parent, root, name });
        }
        let mut at: Option<OwnedFd> = None;
        for step in parent.split('/') {
            let from = at.as_ref().map_or(root, AsFd::as_fd);
            at = Some(openat(from, step, flags | OFlags::NOFOLLOW, Mode::empty())?);
        }
        Ok(Place { parent: at, root, name })
    }
}

/// Names that would mean something to the kernel are refused before it sees them.
fn check(path: &str) -> Result<(), Errno> {
    let bad = path.split('/').any(|name| matches!(name, "" | "." | "..")) || path.contains('\0');
    if bad { Err(Errno::INVAL) } else { Ok(()) }
}

/// Opens the directory that is to be the root.
pub(super) fn open_root(path: &std::path::Path) -> Result<OwnedFd, Errno> {
    openat(CWD, path, OFlags::RDONLY | OFlags::DIRECTORY | OFlags::CLOEXEC, Mode::empty())
}
