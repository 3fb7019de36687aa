//! Drives that lie must be caught: what finds nothing there would find nothing anywhere.

use crate::crashes::crash_and_compare;
use crate::run::{FOUR_TWO, Run, TWO_TWO};
use bytes::Bytes;
use drive::{FileSystem, Layer, PlacedFile, WriteFile};
use rustfs_sim::machine::Wrap;
use std::io;
use std::sync::Arc;

/// Seeds after which a lie must have been caught.
const PATIENCE: u64 = 40;

/// What a file system only pretends to do.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Lie {
    /// Syncing files.
    Sync,
    /// Syncing directories.
    SyncDir,
    /// Syncing the journal.
    Journal,
    /// Syncing everything: checkpoints.
    All,
}

#[derive(Debug)]
pub struct Liar {
    pub fs: Arc<dyn FileSystem>,
    pub lie: Lie,
}

#[derive(Debug)]
struct LyingFile(Box<dyn WriteFile>);

impl WriteFile for LyingFile {
    fn append(&mut self, pieces: &[Bytes]) -> io::Result<()> {
        self.0.append(pieces)
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

#[derive(Debug)]
struct LyingPlacedFile(Box<dyn PlacedFile>);

impl PlacedFile for LyingPlacedFile {
    fn write_at(&mut self, offset: u64, bytes: &[u8]) -> io::Result<()> {
        self.0.write_at(offset, bytes)
    }

    fn sync(&mut self) -> io::Result<()> {
        Ok(())
    }
}

impl Layer for Liar {
    fn beneath(&self) -> &dyn FileSystem {
        &*self.fs
    }

    fn create(&self, path: &str) -> io::Result<Box<dyn WriteFile>> {
        let file = self.fs.create(path)?;
        Ok(if self.lie == Lie::Sync { Box::new(LyingFile(file)) } else { file })
    }

    fn open_to_write(&self, path: &str) -> io::Result<Box<dyn PlacedFile>> {
        let file = self.fs.open_to_write(path)?;
        let lies = matches!(self.lie, Lie::Sync | Lie::Journal);
        Ok(if lies { Box::new(LyingPlacedFile(file)) } else { file })
    }

    fn sync_dir(&self, path: &str) -> io::Result<()> {
        if self.lie == Lie::SyncDir { Ok(()) } else { self.fs.sync_dir(path) }
    }

    fn sync_all(&self) -> io::Result<()> {
        if self.lie == Lie::All { Ok(()) } else { self.fs.sync_all() }
    }
}

/// How many of the seeds it takes to catch the lie.
fn caught_after(lie: Lie) -> Option<u64> {
    (1..=PATIENCE).find(|&seed| {
        let wrap: Wrap = Arc::new(move |fs| Arc::new(Liar { fs, lie }));
        let run = Run::wrapped(if seed % 2 == 0 { TWO_TWO } else { FOUR_TWO }, seed, Some(wrap));
        crash_and_compare(&run, 4);
        run.broken()
    })
}

#[test]
fn drives_that_dont_sync_files_are_caught() {
    let after = caught_after(Lie::Sync);
    println!("caught after {after:?} seeds");
    assert!(after.is_some());
}

#[test]
fn drives_that_dont_sync_directories_are_caught() {
    let after = caught_after(Lie::SyncDir);
    println!("caught after {after:?} seeds");
    assert!(after.is_some());
}

#[test]
fn drives_that_dont_sync_their_journal_are_caught() {
    let after = caught_after(Lie::Journal);
    println!("caught after {after:?} seeds");
    assert!(after.is_some());
}

#[test]
fn drives_whose_checkpoints_sync_nothing_are_caught() {
    let after = caught_after(Lie::All);
    println!("caught after {after:?} seeds");
    assert!(after.is_some());
}
