//! A file system that does what another does, and writes down what was asked of it.

use crate::{FileSystem, Layer, PlacedFile, WriteFile};
use bytes::Bytes;
use parking_lot::Mutex;
use std::fmt;
use std::io;
use std::sync::Arc;

/// One thing done to a file system, successfully. Reads aren't recorded.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Event {
    Create(String),
    Append(String, usize),
    /// Bytes were written within a file.
    Write(String, usize),
    /// A file's data was synced.
    Sync(String),
    SyncDir(String),
    SyncAll,
    Rename(String, String),
    Mkdir(String),
    Unlink(String),
    Rmdir(String),
    /// Something that the test put between: an answer was given.
    Mark(String),
}

impl fmt::Display for Event {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Event::Create(path) => write!(f, "create {path}"),
            Event::Append(path, length) => write!(f, "append {path} {length}"),
            Event::Write(path, length) => write!(f, "write {path} {length}"),
            Event::Sync(path) => write!(f, "sync {path}"),
            Event::SyncDir(path) => write!(f, "sync-dir {path}/"),
            Event::SyncAll => write!(f, "sync-all"),
            Event::Rename(from, to) => write!(f, "rename {from} -> {to}"),
            Event::Mkdir(path) => write!(f, "mkdir {path}"),
            Event::Unlink(path) => write!(f, "unlink {path}"),
            Event::Rmdir(path) => write!(f, "rmdir {path}"),
            Event::Mark(what) => write!(f, "-- {what}"),
        }
    }
}

/// What was written down so far.
#[derive(Clone, Debug, Default)]
pub struct Recording {
    events: Arc<Mutex<Vec<Event>>>,
}

impl Recording {
    /// Notes something of the test's own.
    pub fn mark(&self, what: &str) {
        self.note(Event::Mark(what.to_owned()));
    }

    /// Everything so far, which is then forgotten.
    pub fn take(&self) -> Vec<Event> {
        std::mem::take(&mut self.events.lock())
    }

    fn note(&self, event: Event) {
        self.events.lock().push(event);
    }
}

/// Writes down what is done to `inner`.
#[derive(Debug)]
pub struct RecordingFs {
    inner: Arc<dyn FileSystem>,
    recording: Recording,
}

impl RecordingFs {
    pub fn new(inner: Arc<dyn FileSystem>) -> (Self, Recording) {
        let recording = Recording::default();
        (RecordingFs { inner, recording: recording.clone() }, recording)
    }

    fn noted<T>(&self, done: io::Result<T>, event: impl FnOnce() -> Event) -> io::Result<T> {
        if done.is_ok() {
            self.recording.note(event());
        }
        done
    }
}

impl Layer for RecordingFs {
    fn beneath(&self) -> &dyn FileSystem {
        &*self.inner
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>> {
        let file = self.noted(self.inner.create(path), || Event::Create(path.to_owned()))?;
        Ok(Box::new(RecordingFile { inner: file, path: path.to_owned(), recording: self.recording.clone() }))
    }

    fn open_to_write(&self, path: &str) -> io::Result<Box<dyn PlacedFile>> {
        let file = self.inner.open_to_write(path)?;
        Ok(Box::new(RecordingPlacedFile { inner: file, path: path.to_owned(), recording: self.recording.clone() }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.noted(self.inner.rename(from, to), || Event::Rename(from.to_owned(), to.to_owned()))
    }

    fn mkdir(&self, path: &str) -> io::Result<()> {
        self.noted(self.inner.mkdir(path), || Event::Mkdir(path.to_owned()))
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        self.noted(self.inner.unlink(path), || Event::Unlink(path.to_owned()))
    }

    fn rmdir(&self, path: &str) -> io::Result<()> {
        self.noted(self.inner.rmdir(path), || Event::Rmdir(path.to_owned()))
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        self.noted(self.inner.sync_dir(path), || Event::SyncDir(path.to_owned()))
    }

    fn sync_all(&self) -> io::Result<()> {
        self.noted(self.inner.sync_all(), || Event::SyncAll)
    }
}

#[derive(Debug)]
struct RecordingFile {
    inner: Box<dyn WriteFile>,
    path: String,
    recording: Recording,
}

impl WriteFile for RecordingFile {
    fn expect(&mut self, bytes: u64) -> io::Result<()> {
        self.inner.expect(bytes)
    }

    fn append(&mut self, pieces: &[Bytes]) -> io::Result<()> {
        self.inner.append(pieces)?;
        self.recording.note(Event::Append(self.path.clone(), pieces.iter().map(Bytes::len).sum()));
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.inner.sync()?;
        self.recording.note(Event::Sync(self.path.clone()));
        Ok(())
    }
}

#[derive(Debug)]
struct RecordingPlacedFile {
    inner: Box<dyn PlacedFile>,
    path: String,
    recording: Recording,
}

impl PlacedFile for RecordingPlacedFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.inner.write_at(offset, bytes)?;
        self.recording.note(Event::Write(self.path.clone(), bytes.len()));
        Ok(())
    }

    fn sync(&mut self) -> io::Result<()> {
        self.inner.sync()?;
        self.recording.note(Event::Sync(self.path.clone()));
        Ok(())
    }

    fn write_durably(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.inner.write_durably(offset, bytes)?;
        self.recording.note(Event::Write(self.path.clone(), bytes.len()));
        self.recording.note(Event::Sync(self.path.clone()));
        Ok(())
    }
}
