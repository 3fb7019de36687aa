//! A file system over another: only what it does differently is written down.

use crate::{DirEntry, FileSystem, Lock, PlacedFile, ReadFile, Root, Space, Stat, WriteFile};
use bytes::Bytes;
use std::fmt::Debug;
use std::io;
use std::sync::Arc;

/// A [`FileSystem`] that hands on to the one beneath every call that it doesn't define itself.
pub trait Layer: Send + Sync + Debug {
    /// Whom the calls go to.
    fn beneath(&self) -> &dyn FileSystem;

    fn read(&self, path: &str, limit: usize) -> io::Result<Bytes> {
        self.beneath().read(path, limit)
    }

    fn read_head(&self, path: &str, length: usize) -> io::Result<Bytes> {
        self.beneath().read_head(path, length)
    }

    fn read_cached(&self, path: &str, limit: usize) -> Option<Bytes> {
        self.beneath().read_cached(path, limit)
    }

    fn open_cached(&self, path: &str) -> Option<Arc<dyn ReadFile>> {
        self.beneath().open_cached(path)
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn ReadFile>> {
        self.beneath().open(path)
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>> {
        self.beneath().create(path)
    }

    fn open_to_write(&self, path: &str) -> io::Result<Box<dyn PlacedFile>> {
        self.beneath().open_to_write(path)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.beneath().rename(from, to)
    }

    fn mkdir(&self, path: &str) -> io::Result<()> {
        self.beneath().mkdir(path)
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        self.beneath().unlink(path)
    }

    fn rmdir(&self, path: &str) -> io::Result<()> {
        self.beneath().rmdir(path)
    }

    fn read_dir(&self, path: &str, limit: usize) -> io::Result<Vec<DirEntry>> {
        self.beneath().read_dir(path, limit)
    }

    fn stat(&self, path: &str) -> io::Result<Stat> {
        self.beneath().stat(path)
    }

    fn may_add(&self, dir: &str) -> io::Result<()> {
        self.beneath().may_add(dir)
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        self.beneath().sync_dir(path)
    }

    fn sync_all(&self) -> io::Result<()> {
        self.beneath().sync_all()
    }

    fn space(&self) -> io::Result<Space> {
        self.beneath().space()
    }

    fn try_lock(&self, path: &str) -> io::Result<Box<dyn Lock>> {
        self.beneath().try_lock(path)
    }

    fn root(&self) -> io::Result<Root> {
        self.beneath().root()
    }
}

impl<L: Layer> FileSystem for L {
    fn read(&self, path: &str, limit: usize) -> io::Result<Bytes> {
        Layer::read(self, path, limit)
    }

    fn read_head(&self, path: &str, length: usize) -> io::Result<Bytes> {
        Layer::read_head(self, path, length)
    }

    fn read_cached(&self, path: &str, limit: usize) -> Option<Bytes> {
        Layer::read_cached(self, path, limit)
    }

    fn open_cached(&self, path: &str) -> Option<Arc<dyn ReadFile>> {
        Layer::open_cached(self, path)
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn ReadFile>> {
        Layer::open(self, path)
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>> {
        Layer::create(self, path)
    }

    fn open_to_write(&self, path: &str) -> io::Result<Box<dyn PlacedFile>> {
        Layer::open_to_write(self, path)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        Layer::rename(self, from, to)
    }

    fn mkdir(&self, path: &str) -> io::Result<()> {
        Layer::mkdir(self, path)
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        Layer::unlink(self, path)
    }

    fn rmdir(&self, path: &str) -> io::Result<()> {
        Layer::rmdir(self, path)
    }

    fn read_dir(&self, path: &str, limit: usize) -> io::Result<Vec<DirEntry>> {
        Layer::read_dir(self, path, limit)
    }

    fn stat(&self, path: &str) -> io::Result<Stat> {
        Layer::stat(self, path)
    }

    fn may_add(&self, dir: &str) -> io::Result<()> {
        Layer::may_add(self, dir)
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        Layer::sync_dir(self, path)
    }

    fn sync_all(&self) -> io::Result<()> {
        Layer::sync_all(self)
    }

    fn space(&self) -> io::Result<Space> {
        Layer::space(self)
    }

    fn try_lock(&self, path: &str) -> io::Result<Box<dyn Lock>> {
        Layer::try_lock(self, path)
    }

    fn root(&self) -> io::Result<Root> {
        Layer::root(self)
    }
}
