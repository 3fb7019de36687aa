//! The file system of this engine: the plain one's, but for files open for reading.

use super::file::UringReadFile;
use super::reader::Reader;
use super::seen::Seen;
use crate::plain::PlainReadFile;
use crate::{DirEntry, FileSystem, Lock, PlacedFile, PlainFs, ReadFile, Root, Space, Stat, WriteFile};
use bytes::Bytes;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// A directory of this machine.
#[derive(Debug)]
pub(super) struct UringFs {
    plain: PlainFs,
    reader: Arc<Reader>,
    seen: Arc<Seen>,
}

impl UringFs {
    pub(super) fn new(path: &Path, create: bool, reader: Arc<Reader>) -> Self {
        UringFs { plain: PlainFs::new(path, create), reader, seen: Arc::default() }
    }

    fn file(&self, file: PlainReadFile) -> Arc<dyn ReadFile> {
        Arc::new(UringReadFile::new(file, Arc::clone(&self.reader), Arc::clone(&self.seen)))
    }
}

impl FileSystem for UringFs {
    fn open(&self, path: &str) -> io::Result<Arc<dyn ReadFile>> {
        Ok(self.file(self.plain.open_file(path)?))
    }

    fn open_cached(&self, path: &str) -> Option<Arc<dyn ReadFile>> {
        Some(self.file(self.plain.open_file_cached(path)?))
    }

    fn read(&self, path: &str, limit: usize) -> io::Result<Bytes> {
        self.plain.read(path, limit)
    }

    fn read_head(&self, path: &str, length: usize) -> io::Result<Bytes> {
        self.plain.read_head(path, length)
    }

    fn read_cached(&self, path: &str, limit: usize) -> Option<Bytes> {
        self.plain.read_cached(path, limit)
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>> {
        self.plain.create(path)
    }

    fn open_to_write(&self, path: &str) -> io::Result<Box<dyn PlacedFile>> {
        self.plain.open_to_write(path)
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.plain.rename(from, to)
    }

    fn mkdir(&self, path: &str) -> io::Result<()> {
        self.plain.mkdir(path)
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        self.plain.unlink(path)
    }

    fn rmdir(&self, path: &str) -> io::Result<()> {
        self.plain.rmdir(path)
    }

    fn read_dir(&self, path: &str, limit: usize) -> io::Result<Vec<DirEntry>> {
        self.plain.read_dir(path, limit)
    }

    fn stat(&self, path: &str) -> io::Result<Stat> {
        self.plain.stat(path)
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        self.plain.sync_dir(path)
    }

    fn sync_all(&self) -> io::Result<()> {
        self.plain.sync_all()
    }

    fn space(&self) -> io::Result<Space> {
        self.plain.space()
    }

    fn try_lock(&self, path: &str) -> io::Result<Box<dyn Lock>> {
        self.plain.try_lock(path)
    }

    fn root(&self) -> io::Result<Root> {
        self.plain.root()
    }
}
