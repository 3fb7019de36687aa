//! The file system as a job sees it: every call that may change what is known of the drive's names is announced to the
//! cache before it is made, and its end afterwards.

use super::cache::{Changing, Known};
use super::paths::XL_META;
use crate::{DirEntry, FileSystem, Lock, PlacedFile, ReadFile, Root, Space, Stat, WriteFile};
use bytes::Bytes;
use std::io;
use std::sync::Arc;

/// A file system whose changes the cache is told of.
#[derive(Debug)]
pub(super) struct Watched<'a> {
    pub(super) fs: &'a dyn FileSystem,
    pub(super) known: &'a Known,
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

impl FileSystem for Watched<'_> {
    fn read(&self, path: &str, limit: usize) -> io::Result<Bytes> {
        self.fs.read(path, limit)
    }

    fn read_head(&self, path: &str, length: usize) -> io::Result<Bytes> {
        self.fs.read_head(path, length)
    }

    fn read_cached(&self, path: &str, limit: usize) -> Option<Bytes> {
        self.fs.read_cached(path, limit)
    }

    fn open_cached(&self, path: &str) -> Option<Arc<dyn ReadFile>> {
        self.fs.open_cached(path)
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn ReadFile>> {
        self.fs.open(path)
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>> {
        let change = self.change_of_file(path);
        let file = self.fs.create(path)?;
        Ok(match change {
            None => file,
            Some(change) => Box::new(WatchedFile { file, _change: change }),
        })
    }

    fn open_to_write(&self, path: &str) -> io::Result<Box<dyn PlacedFile>> {
        self.fs.open_to_write(path)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let _changes = (self.known.change(from), self.known.change(to));
        self.fs.rename(from, to)
    }

    fn mkdir(&self, path: &str) -> io::Result<()> {
        let _change = self.known.change_of_empty(path);
        self.fs.mkdir(path)
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        let _change = self.change_of_file(path);
        self.fs.unlink(path)
    }

    fn rmdir(&self, path: &str) -> io::Result<()> {
        let _change = self.known.change_of_empty(path);
        self.fs.rmdir(path)
    }

    fn read_dir(&self, path: &str, limit: usize) -> io::Result<Vec<DirEntry>> {
        self.fs.read_dir(path, limit)
    }

    fn stat(&self, path: &str) -> io::Result<Stat> {
        self.fs.stat(path)
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        self.fs.sync_dir(path)
    }

    fn sync_all(&self) -> io::Result<()> {
        self.fs.sync_all()
    }

    fn space(&self) -> io::Result<Space> {
        self.fs.space()
    }

    fn try_lock(&self, path: &str) -> io::Result<Box<dyn Lock>> {
        self.fs.try_lock(path)
    }

    fn root(&self) -> io::Result<Root> {
        self.fs.root()
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
