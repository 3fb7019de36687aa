//! A directory of this machine.

use super::resolve::{Beneath, open_root};
use super::write::{PlainPlacedFile, PlainWriteFile};
use crate::{DirEntry, FileKind, FileSystem, Lock, PlacedFile, ReadFile, Root, Space, Stat, WriteFile};
use base::Timestamp;
use bytes::Bytes;
use rustix::buffer::spare_capacity;
use rustix::fd::{AsFd, BorrowedFd, OwnedFd};
use rustix::fs::{Access, AtFlags, FileType, FlockOperation, Mode, OFlags, RawDir};
use rustix::io::{Errno, ReadWriteFlags, preadv2};
use std::io::{self, IoSliceMut};
use std::mem::MaybeUninit;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, OnceLock};

/// As MinIO makes them; the umask takes its part.
const DIR_MODE: Mode = Mode::from_raw_mode(0o777);
const FILE_MODE: Mode = Mode::from_raw_mode(0o666);

/// Most `xl.meta` files fit: one read finds both their bytes and their end.
const FIRST_READ: usize = 4096;

/// For names of a directory; the kernel fills it whole.
const NAMES_BUFFER: usize = 32 << 10;

/// A directory of this machine, held open.
///
/// The directory is opened by the first call, on a thread of the drive's: a mount that hangs holds up nobody else.
#[derive(Debug)]
pub struct PlainFs {
    path: PathBuf,
    create: bool,
    opened: OnceLock<Beneath>,
    /// Reads leave access times alone, until the kernel says that the files aren't ours to do that.
    noatime: AtomicBool,
}

impl PlainFs {
    /// The directory at `path`; with `create` it is made (with its parents) if it is missing.
    pub fn new(path: &Path, create: bool) -> Self {
        PlainFs { path: path.to_path_buf(), create, opened: OnceLock::new(), noatime: AtomicBool::new(true) }
    }

    /// The same where the kernel has no `openat2`.
    #[cfg(test)]
    pub(super) fn without_openat2(path: &Path) -> io::Result<Self> {
        let fs = PlainFs::new(path, false);
        let opened = fs.opened.set(Beneath::without_openat2(open_root(path)?));
        assert!(opened.is_ok(), "it was made on the line above");
        Ok(fs)
    }

    #[expect(clippy::disallowed_methods, reason = "this is the drive's engine")]
    fn beneath(&self) -> io::Result<&Beneath> {
        if let Some(opened) = self.opened.get() {
            return Ok(opened);
        }
        if self.create
            && let Err(error) = std::fs::create_dir_all(&self.path)
            // A file in the way: opening it says so.
            && error.kind() != io::ErrorKind::AlreadyExists
        {
            return Err(error);
        }
        let opened = Beneath::new(open_root(&self.path)?);
        Ok(self.opened.get_or_init(|| opened))
    }

    fn open_to_read(&self, path: &str) -> io::Result<OwnedFd> {
        let beneath = self.beneath()?;
        // NONBLOCK: a pipe in the place of a file must not hold up the thread.
        let flags = OFlags::RDONLY | OFlags::NONBLOCK;
        if self.noatime.load(Ordering::Relaxed) {
            match beneath.open(path, flags | OFlags::NOATIME, Mode::empty()) {
                Err(Errno::PERM) => self.noatime.store(false, Ordering::Relaxed),
                done => return Ok(done?),
            }
        }
        Ok(beneath.open(path, flags, Mode::empty())?)
    }

    /// Only once the directory is open, and where access times can be left alone: writing one may wait.
    fn open_cached_to_read(&self, path: &str) -> Option<PlainReadFile> {
        if !self.noatime.load(Ordering::Relaxed) {
            return None;
        }
        let flags = OFlags::RDONLY | OFlags::NONBLOCK | OFlags::NOATIME;
        let file = self.opened.get()?.open_cached(path, flags)?;
        let stat = rustix::fs::fstat(&file).ok()?;
        let is_file = FileType::from_raw_mode(stat.st_mode).is_file();
        let size = u64::try_from(stat.st_size).ok()?;
        is_file.then_some(PlainReadFile { file, size, number: stat.st_ino })
    }

    /// [`FileSystem::open`].
    pub(crate) fn open_file(&self, path: &str) -> io::Result<PlainReadFile> {
        let file = self.open_to_read(path)?;
        let stat = rustix::fs::fstat(&file)?;
        if FileType::from_raw_mode(stat.st_mode).is_dir() {
            return Err(Errno::ISDIR.into());
        }
        let size = u64::try_from(stat.st_size).unwrap_or_default();
        Ok(PlainReadFile { file, size, number: stat.st_ino })
    }

    /// [`FileSystem::open_cached`].
    pub(crate) fn open_file_cached(&self, path: &str) -> Option<PlainReadFile> {
        self.open_cached_to_read(path)
    }

    fn open_dir(&self, path: &str) -> io::Result<OwnedFd> {
        Ok(self.beneath()?.open(path, OFlags::RDONLY | OFlags::DIRECTORY, Mode::empty())?)
    }
}

impl FileSystem for PlainFs {
    fn read(&self, path: &str, limit: usize) -> io::Result<Bytes> {
        let file = self.open_to_read(path)?;
        let mut bytes = Vec::with_capacity(FIRST_READ);
        fill(&file, &mut bytes, 0, FIRST_READ)?;
        if bytes.len() < FIRST_READ {
            return Ok(bytes.into());
        }
        let size = rustix::fs::fstat(&file)?.st_size;
        let size = usize::try_from(size).ok().filter(|&size| size <= limit).ok_or(Errno::FBIG)?;
        if size > bytes.len() {
            bytes.reserve_exact(size - bytes.len());
            fill(&file, &mut bytes, FIRST_READ, size)?;
        }
        Ok(bytes.into())
    }

    fn read_head(&self, path: &str, length: usize) -> io::Result<Bytes> {
        let file = self.open_to_read(path)?;
        let mut bytes = Vec::with_capacity(length);
        fill(&file, &mut bytes, 0, length)?;
        Ok(bytes.into())
    }

    fn read_cached(&self, path: &str, limit: usize) -> Option<Bytes> {
        let PlainReadFile { file, size, .. } = self.open_cached_to_read(path)?;
        let size = usize::try_from(size).ok().filter(|size| *size <= limit)?;
        let mut bytes = vec![0; size];
        // Fewer bytes than asked for: the next page isn't in memory.
        let read = preadv2(&file, &mut [IoSliceMut::new(&mut bytes)], 0, ReadWriteFlags::NOWAIT);
        (read == Ok(size)).then(|| bytes.into())
    }

    fn open_cached(&self, path: &str) -> Option<Arc<dyn ReadFile>> {
        Some(Arc::new(self.open_file_cached(path)?))
    }

    fn open(&self, path: &str) -> io::Result<Arc<dyn ReadFile>> {
        Ok(Arc::new(self.open_file(path)?))
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>> {
        let flags = OFlags::WRONLY | OFlags::CREATE | OFlags::EXCL;
        let file = self.beneath()?.open(path, flags, FILE_MODE)?;
        Ok(Box::new(PlainWriteFile::new(file)))
    }

    fn open_to_write(&self, path: &str) -> io::Result<Box<dyn PlacedFile>> {
        let beneath = self.beneath()?;
        let file = beneath.open(path, OFlags::WRONLY, Mode::empty())?;
        let direct = beneath.open(path, OFlags::WRONLY | OFlags::DIRECT, Mode::empty());
        Ok(Box::new(PlainPlacedFile::new(file, direct.ok())))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        let beneath = self.beneath()?;
        let (from, to) = (beneath.place(from)?, beneath.place(to)?);
        Ok(rustix::fs::renameat(&from, from.name, &to, to.name)?)
    }

    fn mkdir(&self, path: &str) -> io::Result<()> {
        let place = self.beneath()?.place(path)?;
        Ok(rustix::fs::mkdirat(&place, place.name, DIR_MODE)?)
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        let place = self.beneath()?.place(path)?;
        Ok(rustix::fs::unlinkat(&place, place.name, AtFlags::empty())?)
    }

    fn rmdir(&self, path: &str) -> io::Result<()> {
        let place = self.beneath()?.place(path)?;
        Ok(rustix::fs::unlinkat(&place, place.name, AtFlags::REMOVEDIR)?)
    }

    fn read_dir(&self, path: &str, limit: usize) -> io::Result<Vec<DirEntry>> {
        let dir = self.open_dir(path)?;
        let mut buffer = vec![MaybeUninit::uninit(); NAMES_BUFFER];
        let mut names = RawDir::new(&dir, &mut buffer);
        let mut entries = Vec::new();
        while entries.len() < limit {
            let Some(entry) = names.next() else { break };
            let entry = entry?;
            let Ok(name) = entry.file_name().to_str() else { continue };
            if matches!(name, "." | "..") {
                continue;
            }
            let kind = match entry.file_type() {
                FileType::Unknown => kind_of_name(&dir, name)?,
                known => kind(known),
            };
            entries.push(DirEntry { name: name.to_owned(), kind });
        }
        Ok(entries)
    }

    fn stat(&self, path: &str) -> io::Result<Stat> {
        let file = self.beneath()?.open(path, OFlags::PATH, Mode::empty())?;
        let stat = rustix::fs::fstat(&file)?;
        let seconds = Timestamp::from_secs(stat.st_mtime);
        let nanos = std::time::Duration::from_nanos(stat.st_mtime_nsec);
        Ok(Stat {
            kind: kind(FileType::from_raw_mode(stat.st_mode)),
            size: u64::try_from(stat.st_size).unwrap_or_default(),
            modified: seconds.plus(nanos),
        })
    }

    fn may_add(&self, dir: &str) -> io::Result<()> {
        let dir = self.beneath()?.open(dir, OFlags::PATH | OFlags::DIRECTORY, Mode::empty())?;
        match rustix::fs::accessat(&dir, ".", Access::WRITE_OK | Access::EXEC_OK, AtFlags::EACCESS) {
            // Before Linux 5.8 it can't be asked for all users: whoever writes there hears.
            Err(Errno::NOSYS) => Ok(()),
            done => Ok(done?),
        }
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        Ok(rustix::fs::fsync(self.open_dir(path)?)?)
    }

    fn sync_all(&self) -> io::Result<()> {
        Ok(rustix::fs::syncfs(self.beneath()?.root())?)
    }

    fn space(&self) -> io::Result<Space> {
        let stat = rustix::fs::fstatvfs(self.beneath()?.root())?;
        // What is kept for the superuser counts for nobody.
        let kept = stat.f_bfree.saturating_sub(stat.f_bavail);
        let total = stat.f_blocks.saturating_sub(kept).saturating_mul(stat.f_frsize);
        let free = stat.f_bavail.saturating_mul(stat.f_frsize);
        let free_inodes = (stat.f_files > 0).then_some(stat.f_ffree);
        let used_inodes = stat.f_files.saturating_sub(stat.f_ffree);
        Ok(Space { total, free, used: total.saturating_sub(free), used_inodes, free_inodes })
    }

    fn try_lock(&self, path: &str) -> io::Result<Box<dyn Lock>> {
        let file = self.beneath()?.open(path, OFlags::RDWR | OFlags::CREATE, FILE_MODE)?;
        rustix::fs::flock(&file, FlockOperation::NonBlockingLockExclusive)?;
        Ok(Box::new(PlainLock { _file: file }))
    }

    fn root(&self) -> io::Result<Root> {
        let held = rustix::fs::fstat(self.beneath()?.root())?;
        let slash = rustix::fs::stat("/")?;
        let same = match rustix::fs::stat(&self.path) {
            Ok(found) => (found.st_dev, found.st_ino) == (held.st_dev, held.st_ino),
            Err(Errno::NOENT | Errno::NOTDIR) => false,
            Err(error) => return Err(error.into()),
        };
        Ok(Root { same, on_root_device: slash.st_dev == held.st_dev })
    }
}

/// Reads from where `bytes` ends (`offset` in the file) until they are `length` long or the file ends.
fn fill(file: &OwnedFd, bytes: &mut Vec<u8>, offset: usize, length: usize) -> Result<(), Errno> {
    let start = bytes.len();
    while bytes.len() < length && bytes.capacity() > bytes.len() {
        let at = offset.saturating_add(bytes.len() - start);
        match rustix::io::pread(file, spare_capacity(bytes), u64::try_from(at).map_err(|_| Errno::OVERFLOW)?) {
            Ok(0) => break,
            Ok(_) | Err(Errno::INTR) => {}
            Err(error) => return Err(error),
        }
    }
    bytes.truncate(length);
    Ok(())
}

fn kind(file_type: FileType) -> FileKind {
    match file_type {
        FileType::RegularFile => FileKind::File,
        FileType::Directory => FileKind::Dir,
        _ => FileKind::Other,
    }
}

/// For file systems that don't tell in the listing. A name that has gone meanwhile is of no kind.
fn kind_of_name(dir: &OwnedFd, name: &str) -> Result<FileKind, Errno> {
    match rustix::fs::statat(dir, name, AtFlags::SYMLINK_NOFOLLOW) {
        Ok(stat) => Ok(kind(FileType::from_raw_mode(stat.st_mode))),
        Err(Errno::NOENT) => Ok(FileKind::Other),
        Err(error) => Err(error),
    }
}

#[derive(Debug)]
pub(crate) struct PlainReadFile {
    file: OwnedFd,
    size: u64,
    number: u64,
}

impl PlainReadFile {
    /// The file's number on the drive (inode).
    pub(crate) fn number(&self) -> u64 {
        self.number
    }
}

impl AsFd for PlainReadFile {
    fn as_fd(&self) -> BorrowedFd<'_> {
        self.file.as_fd()
    }
}

impl ReadFile for PlainReadFile {
    fn size(&self) -> u64 {
        self.size
    }

    fn read_at(&self, offset: u64, length: usize) -> io::Result<Bytes> {
        let rest = usize::try_from(self.size.saturating_sub(offset)).unwrap_or(usize::MAX);
        let length = length.min(rest);
        if length == 0 {
            return Ok(Bytes::new());
        }
        let offset = usize::try_from(offset).map_err(|_| Errno::OVERFLOW)?;
        let mut bytes = Vec::with_capacity(length);
        fill(&self.file, &mut bytes, offset, length)?;
        Ok(bytes.into())
    }

    fn drop_behind(&self) {
        // Only a hint: without it the file stays in memory until something else needs the room.
        let _refused = rustix::fs::fadvise(&self.file, 0, None, rustix::fs::Advice::DontNeed);
    }

    fn read_cached(&self, offset: u64, buffer: &mut [u8]) -> bool {
        let length = buffer.len();
        preadv2(&self.file, &mut [IoSliceMut::new(buffer)], offset, ReadWriteFlags::NOWAIT) == Ok(length)
    }
}

#[derive(Debug)]
struct PlainLock {
    _file: OwnedFd,
}

impl Lock for PlainLock {}
