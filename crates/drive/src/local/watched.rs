//! The file system as a job sees it: with the `xl.meta` files that are still to be written to it; and every call that may
//! change what is known of the drive's names is announced to the cache before it is made, and its end afterwards.
//!
//! A file that is written out while somebody looks is first there and then gone from what is unwritten: so that comes first,
//! and the file system second.

use super::access::is;
use super::cache::{Changing, Known};
use super::paths::XL_META;
use super::unwritten::{self, Unwritten};
use crate::{DirEntry, FileKind, FileSystem, Layer, Stat, WriteFile};
use base::Timestamp;
use bytes::Bytes;
use rustix::io::Errno;
use std::collections::HashSet;
use std::io;

/// A file system with what isn't written to it yet, whose changes the cache is told of.
#[derive(Debug)]
pub(super) struct Watched<'a> {
    pub(super) fs: &'a dyn FileSystem,
    pub(super) known: &'a Known,
    pub(super) unwritten: &'a Unwritten,
}

/// An `xl.meta` written in its place: it changes until it is closed.
struct WatchedFile {
    file: Box<dyn WriteFile>,
    _change: Changing,
}

impl Watched<'_> {
    /// For calls that make, replace or remove nothing but a file: which matters only if it is an `xl.meta`.
    fn change_of_file(&self, path: &str) -> Option<Changing> {
        if path.ends_with(XL_META) { self.known.change(path) } else { None }
    }
}

impl Layer for Watched<'_> {
    fn beneath(&self) -> &dyn FileSystem {
        self.fs
    }

    fn read(&self, path: &str, limit: usize) -> io::Result<Bytes> {
        match self.unwritten.file(path) {
            Some(bytes) if bytes.len() > limit => Err(Errno::FBIG.into()),
            Some(bytes) => Ok(bytes),
            None => self.fs.read(path, limit),
        }
    }

    fn read_head(&self, path: &str, length: usize) -> io::Result<Bytes> {
        match self.unwritten.file(path) {
            Some(bytes) => Ok(bytes.slice(..length.min(bytes.len()))),
            None => self.fs.read_head(path, length),
        }
    }

    fn read_cached(&self, path: &str, limit: usize) -> Option<Bytes> {
        match self.unwritten.file(path) {
            Some(bytes) => Some(bytes).filter(|bytes| bytes.len() <= limit),
            None => self.fs.read_cached(path, limit),
        }
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>> {
        let change = self.change_of_file(path);
        let file = self.fs.create(path)?;
        Ok(match change {
            None => file,
            Some(change) => Box::new(WatchedFile { file, _change: change }),
        })
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let _changes = (self.known.change(from), self.known.change(to));
        let Some(object) = unwritten::object_of(to) else { return self.fs.rename(from, to) };
        let _held = self.unwritten.hold();
        self.fs.rename(from, to)?;
        self.unwritten.forget(object);
        Ok(())
    }

    fn mkdir(&self, path: &str) -> io::Result<()> {
        let _change = self.known.change_of_empty(path);
        self.fs.mkdir(path)
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        let _change = self.change_of_file(path);
        let Some(object) = unwritten::object_of(path) else { return self.fs.unlink(path) };
        let _held = self.unwritten.hold();
        let removed = self.fs.unlink(path);
        let is_absent = removed.as_ref().is_err_and(|error| is(error, Errno::NOENT));
        if removed.is_ok() || is_absent {
            let was_here = self.unwritten.forget(object);
            return if was_here { Ok(()) } else { removed };
        }
        removed
    }

    fn rmdir(&self, path: &str) -> io::Result<()> {
        if self.unwritten.has_below(path) {
            return Err(Errno::NOTEMPTY.into());
        }
        let _change = self.known.change_of_empty(path);
        self.fs.rmdir(path)
    }

    fn read_dir(&self, path: &str, limit: usize) -> io::Result<Vec<DirEntry>> {
        let mut more = self.unwritten.names_in(path);
        let mut names = match self.fs.read_dir(path, limit) {
            Err(error) if is(&error, Errno::NOENT) && !more.is_empty() => Vec::new(),
            read => read?,
        };
        if !more.is_empty() {
            let there: HashSet<&str> = names.iter().map(|entry| &*entry.name).collect();
            more.retain(|entry| !there.contains(&*entry.name));
            names.extend(more);
            names.truncate(limit);
        }
        Ok(names)
    }

    /// When what isn't written yet was made isn't known; nobody asks.
    fn stat(&self, path: &str) -> io::Result<Stat> {
        if let Some(bytes) = self.unwritten.file(path) {
            let size = u64::try_from(bytes.len()).unwrap_or(u64::MAX);
            return Ok(Stat { kind: FileKind::File, size, modified: Timestamp::ZERO });
        }
        let is_above = self.unwritten.has_below(path);
        match self.fs.stat(path) {
            Err(error) if is(&error, Errno::NOENT) && is_above => {
                Ok(Stat { kind: FileKind::Dir, size: 0, modified: Timestamp::ZERO })
            }
            stat => stat,
        }
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        let is_above = self.unwritten.has_below(path);
        match self.fs.sync_dir(path) {
            // The journal has what is to be in it.
            Err(error) if is(&error, Errno::NOENT) && is_above => Ok(()),
            synced => synced,
        }
    }
}

impl WriteFile for WatchedFile {
    fn append(&mut self, pieces: &[Bytes]) -> io::Result<()> {
        self.file.append(pieces)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.file.sync()
    }
}

impl std::fmt::Debug for WatchedFile {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("WatchedFile").field("file", &self.file).finish_non_exhaustive()
    }
}
