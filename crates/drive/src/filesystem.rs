//! The seam to the medium: the only system calls of a drive.
//!
//! Every path is relative to the drive's directory, made of names joined by `/`; the drive's directory itself
//! is `""`. An implementation never leaves that directory, whatever the names or symbolic links say.
//! Nothing here is durable before it is synced: a file's bytes by [`WriteFile::sync`], its name (and the name's
//! removal or move) by [`FileSystem::sync_dir`] of the directory that holds it.

use crate::Space;
use base::Timestamp;
use bytes::Bytes;
use std::fmt::Debug;
use std::io;
use std::sync::Arc;
use tokio::sync::oneshot;

/// What a name in a directory stands for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum FileKind {
    File,
    Dir,
    /// A symbolic link, device, socket or pipe.
    Other,
}

/// One name of a directory.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DirEntry {
    pub name: String,
    pub kind: FileKind,
}

/// What a path leads to; symbolic links are followed as long as they stay on the drive.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Stat {
    pub kind: FileKind,
    /// In bytes.
    pub size: u64,
    pub modified: Timestamp,
}

/// How the drive's directory stands to the path it was opened by.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Root {
    /// The path still leads to the directory that is held open.
    pub same: bool,
    /// It is on the file system of `/`.
    pub on_root_device: bool,
}

/// Synchronous calls beneath one directory. Errors are those of the system (`rustix::io::Errno` tells them apart).
pub trait FileSystem: Send + Sync + Debug {
    /// A whole file, if it isn't longer than `limit` bytes; `EFBIG` if it is.
    fn read(&self, path: &str, limit: usize) -> io::Result<Bytes>;

    /// The first bytes of a file: all of it, if it isn't longer than `length`.
    fn read_head(&self, path: &str, length: usize) -> io::Result<Bytes>;

    /// A whole file of at most `limit` bytes if the system has it in memory and never has to wait; else `None`, also for
    /// whatever is wrong with it: [`FileSystem::read`] tells. May be called from a thread that must not be held up.
    fn read_cached(&self, path: &str, limit: usize) -> Option<Bytes> {
        let _not_known = (path, limit);
        None
    }

    /// The same for opening a file.
    fn open_cached(&self, path: &str) -> Option<Arc<dyn ReadFile>> {
        let _not_known = path;
        None
    }

    /// Opens a file for reading at any place.
    fn open(&self, path: &str) -> io::Result<Arc<dyn ReadFile>>;

    /// Makes a new file; `EEXIST` if the name is taken.
    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>>;

    /// Opens a file that is there for writing within it.
    fn open_to_write(&self, path: &str) -> io::Result<Box<dyn PlacedFile>>;

    /// Moves a file over a file or a free name, or a directory to a free name (or over an empty directory).
    fn rename(&self, from: &str, to: &str) -> io::Result<()>;

    /// Makes a directory; `EEXIST` if the name is taken.
    fn mkdir(&self, path: &str) -> io::Result<()>;

    fn unlink(&self, path: &str) -> io::Result<()>;

    /// Removes an empty directory; `ENOTEMPTY` if it isn't.
    fn rmdir(&self, path: &str) -> io::Result<()>;

    /// Names in a directory in no order, at most `limit` of them. Names that aren't UTF-8 are left out: nothing
    /// of ours is called so.
    fn read_dir(&self, path: &str, limit: usize) -> io::Result<Vec<DirEntry>>;

    fn stat(&self, path: &str) -> io::Result<Stat>;

    /// Whether names may be made in a directory, as far as can be told without making one: an error says why not.
    fn may_add(&self, dir: &str) -> io::Result<()>;

    /// Makes the names in a directory durable: those added, removed and replaced.
    fn sync_dir(&self, path: &str) -> io::Result<()>;

    /// Makes everything that was done to the file system durable.
    fn sync_all(&self) -> io::Result<()>;

    fn space(&self) -> io::Result<Space>;

    /// Takes the lock that the file stands for (made if missing), held until the value is dropped;
    /// `EWOULDBLOCK` if another process or handle holds it.
    fn try_lock(&self, path: &str) -> io::Result<Box<dyn Lock>>;

    /// Looks at the drive's directory from outside.
    fn root(&self) -> io::Result<Root>;
}

/// A file open for reading.
pub trait ReadFile: Send + Sync + Debug {
    /// In bytes, when it was opened.
    fn size(&self) -> u64;

    /// `length` bytes at `offset`, fewer only at the end of the file.
    fn read_at(&self, offset: u64, length: usize) -> io::Result<Bytes>;

    /// Begins to read what [`ReadFile::read_at`] would, with no thread waiting for it. `None` if this file, or this place in it,
    /// isn't read so; nothing comes if that turns out later, or if anything is wrong: [`ReadFile::read_at`] tells.
    fn begin_read(self: Arc<Self>, offset: u64, length: usize) -> Option<oneshot::Receiver<Bytes>> {
        let _not_known = (offset, length);
        None
    }

    /// Fills the buffer from `offset` on if the system has all of that in memory and never has to wait; else the buffer's
    /// content is anything, and [`ReadFile::read_at`] tells. May be called from a thread that must not be held up.
    fn read_cached(&self, offset: u64, buffer: &mut [u8]) -> bool {
        let _not_known = (offset, buffer);
        false
    }

    /// Nobody will read this file again soon: it needn't stay in memory. A hint, for who reads a whole drive once.
    fn drop_behind(&self) {}
}

/// A new file being written from its beginning.
pub trait WriteFile: Send + Debug {
    /// So many bytes are about to be written: sets room aside for them where that makes writing cheaper. `ENOSPC` if there
    /// is none; nothing else is promised. What is appended then may not be seen in the file before a sync.
    fn expect(&mut self, bytes: u64) -> io::Result<()> {
        let _of_no_use = bytes;
        Ok(())
    }

    /// Appends all the pieces.
    fn append(&mut self, pieces: &[Bytes]) -> io::Result<()>;

    /// Makes the file's bytes durable (not its name). After an error nothing about the file is certain.
    fn sync(&mut self) -> io::Result<()>;
}

/// A file of fixed size that is written in place.
pub trait PlacedFile: Send + Debug {
    /// Writes over the bytes from `offset` on.
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()>;

    /// Makes the file's bytes durable. After an error nothing about those written since the last sync is certain.
    fn sync(&mut self) -> io::Result<()>;

    /// Both, as one call where the system has one.
    fn write_durably(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.write_at(offset, bytes)?;
        self.sync()
    }
}

/// A lock held.
pub trait Lock: Send + Sync + Debug {}
