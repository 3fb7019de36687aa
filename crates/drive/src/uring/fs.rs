//! The file system of this engine: the plain one's, but for files open for reading.

use super::file::UringReadFile;
use super::reader::Reader;
use super::seen::Seen;
use crate::plain::PlainReadFile;
use crate::{FileSystem, Layer, PlainFs, ReadFile};
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

impl Layer for UringFs {
    fn beneath(&self) -> &dyn FileSystem {
        &self.plain
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn ReadFile>> {
        Ok(self.file(self.plain.open_file(path)?))
    }

    fn open_cached(&self, path: &str) -> Option<Arc<dyn ReadFile>> {
        Some(self.file(self.plain.open_file_cached(path)?))
    }
}
