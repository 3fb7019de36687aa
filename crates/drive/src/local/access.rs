//! The file system as the operations of a drive see it: errors carry the drive and the path, a failed sync takes
//! the drive out of service.

use super::paths::{self, TMP, TRASH};
use super::shared::Shared;
use crate::{DirEntry, DriveError, DriveResult, FileSystem, PlacedFile, Stat, WriteFile};
use bytes::Bytes;
use rustix::io::Errno;
use std::io;
use std::sync::Arc;

/// What one job holds.
pub(super) struct Access<'a> {
    pub(super) fs: &'a dyn FileSystem,
    /// The file system alone, without what isn't written to it yet.
    pub(super) beneath: &'a dyn FileSystem,
    pub(super) shared: &'a Arc<Shared>,
}

/// Whether an error came from looking for something or from changing it: a file in the place of a folder means
/// that what is looked for isn't there, but that it can't be written either.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Doing {
    Reading,
    Writing,
}

impl Access<'_> {
    /// What is done with this one nobody is told of: it changes nothing that was known.
    pub(super) fn of_file_system(&self) -> Access<'_> {
        Access { fs: self.beneath, beneath: self.beneath, shared: self.shared }
    }

    // Reading

    pub(super) fn read(&self, path: &str, limit: usize) -> DriveResult<Bytes> {
        self.reading(path, self.fs.read(path, limit))
    }

    pub(super) fn read_if_any(&self, path: &str, limit: usize) -> DriveResult<Option<Bytes>> {
        if_any(self.read(path, limit))
    }

    pub(super) fn read_dir(&self, path: &str) -> DriveResult<Vec<DirEntry>> {
        self.read_some_of_dir(path, usize::MAX)
    }

    pub(super) fn read_some_of_dir(&self, path: &str, limit: usize) -> DriveResult<Vec<DirEntry>> {
        self.reading(path, self.fs.read_dir(path, limit))
    }

    pub(super) fn stat(&self, path: &str) -> DriveResult<Stat> {
        self.reading(path, self.fs.stat(path))
    }

    pub(super) fn exists(&self, path: &str) -> DriveResult<bool> {
        Ok(if_any(self.stat(path))?.is_some())
    }

    /// For an error about something below a bucket: if the bucket itself isn't there, says that instead.
    pub(super) fn or_bucket_missing(&self, bucket: &str, error: DriveError) -> DriveError {
        if !matches!(error, DriveError::NotFound { .. }) {
            return error;
        }
        match self.exists(bucket) {
            Ok(true) => error,
            Ok(false) => DriveError::BucketNotFound { drive: self.drive(), bucket: bucket.to_owned() },
            Err(other) => other,
        }
    }

    // Writing

    /// Makes a file with these bytes and syncs them, but not its name.
    pub(super) fn write_new(&self, path: &str, pieces: &[Bytes]) -> DriveResult<()> {
        let mut file = self.writing(path, self.fs.create(path))?;
        self.writing(path, file.append(pieces))?;
        self.sync_file(path, file.as_mut())
    }

    /// The same under a name of its own in the staging area, returned; nothing is left behind on failure.
    pub(super) fn write_staged(&self, pieces: &[Bytes]) -> DriveResult<String> {
        let path = format!("{TMP}/{}", self.shared.uuid());
        let written = self.write_new(&path, pieces);
        if written.is_err() {
            // Whatever made the write fail is the error to tell.
            let _ignored = self.fs.unlink(&path);
        }
        written.map(|()| path)
    }

    /// A file of its own in the staging area with these bytes, not synced; returns its path. Nothing is left behind on
    /// failure.
    pub(super) fn write_unsynced(&self, bytes: &Bytes) -> DriveResult<String> {
        let path = format!("{TMP}/{}", self.shared.uuid());
        let mut file = self.create(&path)?;
        if let Err(error) = file.append(std::slice::from_ref(bytes)) {
            let _ignored = self.fs.unlink(&path);
            return self.writing(&path, Err(error));
        }
        Ok(path)
    }

    /// A new file with these bytes, not synced.
    pub(super) fn write_new_unsynced(&self, path: &str, bytes: Bytes) -> DriveResult<()> {
        let mut file = self.create(path)?;
        self.writing(path, file.append(&[bytes]))
    }

    /// Puts a small file in place of whatever is there, durably. Its directory must exist.
    pub(super) fn replace(&self, path: &str, bytes: Bytes) -> DriveResult<()> {
        let staged = self.write_staged(&[bytes])?;
        self.rename(&staged, path).inspect_err(|_| {
            let _moved = self.fs.unlink(&staged);
        })?;
        self.sync_dir(paths::parent(path))
    }

    pub(super) fn open_to_write(&self, path: &str) -> DriveResult<Box<dyn PlacedFile>> {
        self.writing(path, self.fs.open_to_write(path))
    }

    pub(super) fn create(&self, path: &str) -> DriveResult<Box<dyn WriteFile>> {
        self.writing(path, self.fs.create(path))
    }

    pub(super) fn rename(&self, from: &str, to: &str) -> DriveResult<()> {
        self.fs.rename(from, to).map_err(|error| {
            // Which of the two is missing or in the way? The new place's directories are made beforehand.
            let about = if Errno::from_io_error(&error) == Some(Errno::NOENT) { from } else { to };
            self.error(about, error, Doing::Writing)
        })
    }

    /// Makes a directory; whether it wasn't there.
    pub(super) fn make_dir(&self, path: &str) -> DriveResult<bool> {
        match self.fs.mkdir(path) {
            Ok(()) => Ok(true),
            Err(error) if is(&error, Errno::EXIST) => Ok(false),
            Err(error) => Err(self.error(path, error, Doing::Writing)),
        }
    }

    /// Makes a directory and those above it that are missing, down from `floor`, which must exist. Marks the new
    /// ones as not durable: [`Access::sync_fresh`] must follow. Call with the tree lock held.
    pub(super) fn make_dirs(&self, floor: &str, path: &str) -> DriveResult<Vec<String>> {
        let mut made = Vec::new();
        self.make_dirs_into(floor, path, &mut made)?;
        Ok(made)
    }

    fn make_dirs_into(&self, floor: &str, path: &str, made: &mut Vec<String>) -> DriveResult<()> {
        if path.len() <= floor.len() {
            return Ok(());
        }
        let fresh = &self.shared.fresh;
        fresh.begin(path);
        let mut attempt = self.make_dir(path);
        if matches!(attempt, Err(DriveError::NotFound { .. })) && paths::parent(path).len() > floor.len() {
            self.make_dirs_into(floor, paths::parent(path), made).inspect_err(|_| fresh.end(path))?;
            attempt = self.make_dir(path);
        }
        match attempt {
            Ok(true) => made.push(path.to_owned()),
            Ok(false) | Err(_) => fresh.end(path),
        }
        attempt.map(drop)
    }

    /// Makes durable the directories that were made, and those on the way to `path` that others made and haven't
    /// synced yet.
    pub(super) fn sync_fresh(&self, path: &str, made: &[String]) -> DriveResult<()> {
        for dir in self.shared.fresh.on_the_way(path) {
            self.sync_dir(paths::parent(&dir.path))?;
            self.shared.fresh.synced(&dir);
        }
        for dir in made {
            self.shared.fresh.end(dir);
        }
        Ok(())
    }

    /// Removes a file; whether it was there.
    pub(super) fn unlink(&self, path: &str) -> DriveResult<bool> {
        let done = self.writing(path, self.fs.unlink(path));
        Ok(if_any(done)?.is_some())
    }

    /// Moves a file or a whole directory out of sight; whether it was there.
    pub(super) fn trash(&self, path: &str) -> DriveResult<bool> {
        self.shared.unwritten.write_out(self, path)?;
        let target = format!("{TRASH}/{}", self.shared.uuid());
        let done = self.writing(path, self.fs.rename(path, &target));
        let was_there = if_any(done)?.is_some();
        if was_there {
            self.shared.trash.has_more();
        }
        Ok(was_there)
    }

    /// Removes `path` and the directories above it as long as they are empty, up to the bucket, which stays. Not
    /// durable: an empty directory that comes back does no harm.
    pub(super) fn prune(&self, path: &str) {
        let _alone = self.shared.tree.write();
        let mut dir = path;
        // One that was never written isn't there.
        let gone = |done: io::Result<()>| done.as_ref().map_or_else(|error| is(error, Errno::NOENT), |()| true);
        while !paths::stays(dir) && gone(self.fs.rmdir(dir)) {
            dir = paths::parent(dir);
        }
    }

    // Durability

    pub(super) fn sync_dir(&self, path: &str) -> DriveResult<()> {
        self.synced(path, self.fs.sync_dir(path))
    }

    /// Everything on the drive's file system.
    pub(super) fn sync_all(&self) -> DriveResult<()> {
        self.synced("", self.fs.sync_all())
    }

    pub(super) fn sync_file(&self, path: &str, file: &mut dyn WriteFile) -> DriveResult<()> {
        self.synced(path, file.sync())
    }

    /// After a failed sync nothing that was written is certain, and trying again proves nothing.
    pub(super) fn synced(&self, path: &str, result: io::Result<()>) -> DriveResult<()> {
        let Err(error) = result else { return Ok(()) };
        if is(&error, Errno::NOENT) {
            // The directory is gone: moved away as a whole by a forced delete.
            return Err(self.error(path, error, Doing::Writing));
        }
        self.shared.fault(&format!("a sync of '{path}' failed: {error}"));
        self.shared.in_service()
    }

    // Errors

    pub(super) fn drive(&self) -> String {
        self.shared.name.clone()
    }

    pub(super) fn corrupt(&self, path: &str, reason: impl ToString) -> DriveError {
        DriveError::Corrupt { drive: self.drive(), path: path.to_owned(), reason: reason.to_string() }
    }

    pub(super) fn not_found(&self, path: &str) -> DriveError {
        DriveError::NotFound { drive: self.drive(), path: path.to_owned() }
    }

    pub(super) fn reading<T>(&self, path: &str, result: io::Result<T>) -> DriveResult<T> {
        result.map_err(|error| self.error(path, error, Doing::Reading))
    }

    pub(super) fn writing<T>(&self, path: &str, result: io::Result<T>) -> DriveResult<T> {
        result.map_err(|error| self.error(path, error, Doing::Writing))
    }

    fn error(&self, path: &str, error: io::Error, doing: Doing) -> DriveError {
        let (drive, path) = (self.drive(), path.to_owned());
        match Errno::from_io_error(&error) {
            Some(Errno::NOENT) => DriveError::NotFound { drive, path },
            Some(Errno::NOTDIR | Errno::ISDIR) if doing == Doing::Reading => DriveError::NotFound { drive, path },
            Some(Errno::NOTDIR | Errno::ISDIR | Errno::NAMETOOLONG | Errno::INVAL) => {
                DriveError::BadName { drive, path, reason: error.to_string() }
            }
            Some(Errno::LOOP | Errno::XDEV) => {
                let reason = "a symbolic link or another file system is in the way";
                DriveError::Io { drive, path, source: Arc::new(io::Error::new(error.kind(), reason)) }
            }
            Some(Errno::ACCESS | Errno::PERM) => DriveError::PermissionDenied { drive, path },
            Some(Errno::ROFS) => DriveError::ReadOnly { drive, path },
            Some(Errno::NOSPC | Errno::DQUOT) => DriveError::Full { drive, path },
            Some(Errno::NODEV | Errno::NXIO | Errno::STALE | Errno::SHUTDOWN | Errno::NOTCONN) => {
                self.shared.fault(&format!("the drive is gone: {error}"));
                DriveError::Faulty { drive, reason: format!("the drive is gone: {error}") }
            }
            _ => DriveError::Io { drive, path, source: Arc::new(error) },
        }
    }
}

pub(super) fn is(error: &io::Error, errno: Errno) -> bool {
    Errno::from_io_error(error) == Some(errno)
}

/// Turns "isn't there" into `None`.
pub(super) fn if_any<T>(result: DriveResult<T>) -> DriveResult<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(DriveError::NotFound { .. }) => Ok(None),
        Err(error) => Err(error),
    }
}
