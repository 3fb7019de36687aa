//! Engines for the drives under test: jobs can be held back so that commits wait together, and the file system below can
//! do what a mistake in the drive would do.

use crate::course::BUCKET;
use bytes::Bytes;
use drive::journal_frame::{self, BLOCK, Found};
use drive::{Engine, FileSystem, Job, Layer, PlacedFile, WriteFile};
use parking_lot::Mutex;
use rustfs_sim::{JOURNAL, SimDisk};
use std::fmt;
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What is done wrong.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mistake {
    None,
    /// The journal isn't synced.
    NoSync,
    /// It is synced after the answer: when the next frame is written.
    LateSync,
    /// Names are changed before the journal is written.
    RenameFirst,
    /// The last frame isn't replayed.
    ShortReplay,
    /// The staging area is emptied before the journal is replayed.
    HousekeepingFirst,
    /// Checkpoints sync nothing.
    EmptyCheckpoint,
    /// Checkpoints sync before what is unwritten is written, and cut its frames.
    WriteOutLast,
    /// Part files aren't synced.
    NoDataSync,
    /// Directories aren't synced.
    NoDirSync,
}

/// Makes the engines of one disk.
#[derive(Clone)]
pub struct Engines {
    fs: Arc<dyn FileSystem>,
    /// Jobs that wait; `None` while they run at once.
    held: Arc<Mutex<Option<Vec<Job>>>>,
}

impl Engines {
    pub fn new(disk: &SimDisk, mistake: Mistake) -> Self {
        let fs: Arc<dyn FileSystem> = Arc::new(disk.mount());
        let fs = Arc::new(Faulty { fs, mistake, owed: Arc::default(), synced_early: AtomicBool::new(false) });
        Engines { fs, held: Arc::default() }
    }

    pub fn engine(&self) -> Arc<dyn Engine> {
        Arc::new(self.clone())
    }

    /// From now on jobs wait.
    pub fn hold(&self) {
        *self.held.lock() = Some(Vec::new());
    }

    /// Those that wait now run; what they bring with them waits.
    pub fn step(&self) {
        let held = self.held.lock().as_mut().map(std::mem::take);
        held.into_iter().flatten().for_each(|job| job(&*self.fs));
    }

    /// Those that wait run, and those that come from now on at once.
    pub fn release(&self) {
        let held = self.held.lock().take();
        held.into_iter().flatten().for_each(|job| job(&*self.fs));
    }
}

impl fmt::Debug for Engines {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Engines")
    }
}

impl Engine for Engines {
    fn submit(&self, job: Job) {
        if let Some(held) = &mut *self.held.lock() {
            held.push(job);
            return;
        }
        job(&*self.fs);
    }

    fn close(&self) {
        let held = self.held.lock().as_mut().map(std::mem::take);
        drop(held);
    }
}

/// What should have been done to the journal already.
type Owed = Arc<Mutex<Option<Debt>>>;

#[derive(Debug)]
struct Debt {
    file: Arc<Mutex<Box<dyn PlacedFile>>>,
    write: Option<(u64, Vec<u8>)>,
}

fn pay(owed: &Owed) -> io::Result<()> {
    let Some(Debt { file, write }) = owed.lock().take() else { return Ok(()) };
    let mut file = file.lock();
    if let Some((offset, bytes)) = write {
        file.write_at(offset, &bytes)?;
    }
    file.sync()
}

#[derive(Debug)]
struct Faulty {
    fs: Arc<dyn FileSystem>,
    mistake: Mistake,
    owed: Owed,
    /// The next checkpoint has synced already.
    synced_early: AtomicBool,
}

impl Faulty {
    /// After a change of names.
    fn named<T>(&self, done: io::Result<T>) -> io::Result<T> {
        if self.mistake == Mistake::RenameFirst {
            pay(&self.owed)?;
        }
        done
    }

    fn segment(number: usize) -> String {
        format!(".minio.sys/rustfs/journal/segment-{number}")
    }

    /// A segment without the journal's last frame, if that is in it.
    fn shortened(&self, path: &str, bytes: Bytes) -> Bytes {
        let mut last = (0, 0, String::new(), 0..0);
        for number in 0..JOURNAL.segments {
            let path = Faulty::segment(number);
            let Ok(bytes) = self.fs.read(&path, usize::MAX) else { continue };
            let mut at = 0;
            while at < bytes.len() {
                match journal_frame::read(&bytes.slice(at..)) {
                    Found::Frame(frame, size) => {
                        let place = (frame.head.epoch, frame.head.sequence, path.clone(), at..at + size);
                        if (place.0, place.1) > (last.0, last.1) {
                            last = place;
                        }
                        at += size;
                    }
                    _ => at += BLOCK,
                }
            }
        }
        if last.2 != path {
            return bytes;
        }
        let mut bytes = bytes.to_vec();
        bytes[last.3].fill(0);
        bytes.into()
    }

    fn empty_staging(&self) {
        const TMP: &str = ".minio.sys/tmp";
        for entry in self.fs.read_dir(TMP, usize::MAX).unwrap_or_default() {
            if !entry.name.starts_with('.') {
                let to = format!("{TMP}/.trash/swept-{}", entry.name);
                let _ignored = self.fs.rename(&format!("{TMP}/{}", entry.name), &to);
            }
        }
    }
}

impl Layer for Faulty {
    fn beneath(&self) -> &dyn FileSystem {
        &*self.fs
    }

    fn read(&self, path: &str, limit: usize) -> io::Result<Bytes> {
        if self.mistake == Mistake::HousekeepingFirst && path.ends_with("/journal/closed") {
            self.empty_staging();
        }
        let bytes = self.fs.read(path, limit)?;
        let shorten = self.mistake == Mistake::ShortReplay && path.contains("/journal/segment-");
        Ok(if shorten { self.shortened(path, bytes) } else { bytes })
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>> {
        // Only what was unwritten is made in its place.
        let written_out = path.starts_with(BUCKET) && path.ends_with("/xl.meta");
        if self.mistake == Mistake::WriteOutLast && written_out && !self.synced_early.swap(true, Ordering::Relaxed) {
            self.fs.sync_all()?;
        }
        let file = self.fs.create(path)?;
        let lies = self.mistake == Mistake::NoDataSync && path.contains("/part.");
        Ok(if lies { Box::new(UnsyncedFile(file)) } else { file })
    }

    fn open_to_write(&self, path: &str) -> io::Result<Box<dyn PlacedFile>> {
        let file = Arc::new(Mutex::new(self.fs.open_to_write(path)?));
        Ok(Box::new(FaultyPlacedFile { file, mistake: self.mistake, owed: Arc::clone(&self.owed) }))
    }

    fn rename(&self, from: &str, to: &str) -> io::Result<()> {
        self.named(self.fs.rename(from, to))
    }

    fn unlink(&self, path: &str) -> io::Result<()> {
        self.named(self.fs.unlink(path))
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        if self.mistake == Mistake::NoDirSync { Ok(()) } else { self.fs.sync_dir(path) }
    }

    fn sync_all(&self) -> io::Result<()> {
        let done = self.synced_early.swap(false, Ordering::Relaxed) || self.mistake == Mistake::EmptyCheckpoint;
        if done { Ok(()) } else { self.fs.sync_all() }
    }
}

#[derive(Debug)]
struct UnsyncedFile(Box<dyn WriteFile>);

impl WriteFile for UnsyncedFile {
    fn append(&mut self, pieces: &[Bytes]) -> io::Result<()> {
        self.0.append(pieces)
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
struct FaultyPlacedFile {
    file: Arc<Mutex<Box<dyn PlacedFile>>>,
    mistake: Mistake,
    owed: Owed,
}

impl PlacedFile for FaultyPlacedFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        pay(&self.owed)?;
        if self.mistake == Mistake::RenameFirst {
            let file = Arc::clone(&self.file);
            *self.owed.lock() = Some(Debt { file, write: Some((offset, bytes.to_vec())) });
            return Ok(());
        }
        self.file.lock().write_at(offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        match self.mistake {
            Mistake::NoSync => Ok(()),
            Mistake::LateSync => {
                *self.owed.lock() = Some(Debt { file: Arc::clone(&self.file), write: None });
                Ok(())
            }
            Mistake::RenameFirst if self.owed.lock().is_some() => Ok(()),
            _ => self.file.lock().sync(),
        }
    }
}
