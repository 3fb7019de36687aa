//! Looking at a drive that no server uses, without changing a byte of it: whether it is at rest, and holding servers off
//! meanwhile. Used by the tools that examine drives.

use super::journal::scan::{self, Broken};
use super::paths::{CLOSED, DOUBTS, JOURNAL, LOCK};
use crate::{FileSystem, Lock};
use rustix::io::Errno;
use std::io;
use uuid::Uuid;

/// No release makes more segments, nor longer ones.
const MOST_SEGMENTS: usize = 64;
const MOST_BYTES: usize = 2 << 30;
/// `closed` is one line.
const LONGEST_CLOSED: usize = 4096;
/// Records of doubt are counted up to here.
const MOST_DOUBTS: usize = 1 << 20;

/// How the last server left a drive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Rest {
    /// Nothing is to be done: this server has stopped in good order, or has never been here.
    AtRest,
    /// Frames of the journal are still to be replayed, or commits to be decided.
    Unclean { frames: usize, doubts: usize },
    /// The journal can't be read; says why.
    Broken(String),
}

/// Keeps servers away from the drive as long as the lock is held. `None` if no server has ever left its lock file here, or if
/// the file system is read-only, where none can run. An error of the kind `WouldBlock` says that a server is running.
pub fn hold(fs: &dyn FileSystem) -> io::Result<Option<Box<dyn Lock>>> {
    match fs.stat(LOCK) {
        Ok(_) => {}
        Err(error) if is(&error, Errno::NOENT) || is(&error, Errno::NOTDIR) => return Ok(None),
        Err(error) => return Err(error),
    }
    // The file is there: taking the lock makes nothing.
    match fs.try_lock(LOCK) {
        Ok(lock) => Ok(Some(lock)),
        Err(error) if is(&error, Errno::ROFS) => Ok(None),
        Err(error) => Err(error),
    }
}

/// Whether the drive of this id is at rest.
pub fn rest(fs: &dyn FileSystem, drive: Uuid) -> io::Result<Rest> {
    if let Some(closed) = if_any(fs.read(CLOSED, LONGEST_CLOSED))? {
        let of = String::from_utf8_lossy(&closed).split(' ').nth(3).and_then(|id| Uuid::try_parse(id).ok());
        if of == Some(drive) {
            return Ok(Rest::AtRest);
        }
    }
    let doubts = if_any(fs.read_dir(DOUBTS, MOST_DOUBTS))?.map_or(0, |records| records.len());
    let mut segments = Vec::new();
    while segments.len() < MOST_SEGMENTS {
        match if_any(fs.read(&format!("{JOURNAL}/segment-{}", segments.len()), MOST_BYTES))? {
            Some(segment) => segments.push(segment),
            None => break,
        }
    }
    let frames = match scan::scan(drive, &segments) {
        Ok(scan) => scan.live.len(),
        Err(broken @ (Broken::Hole { .. } | Broken::UnknownVersion(_))) => return Ok(Rest::Broken(broken.to_string())),
    };
    Ok(if frames + doubts == 0 { Rest::AtRest } else { Rest::Unclean { frames, doubts } })
}

fn if_any<T>(result: io::Result<T>) -> io::Result<Option<T>> {
    match result {
        Ok(value) => Ok(Some(value)),
        Err(error) if is(&error, Errno::NOENT) || is(&error, Errno::NOTDIR) => Ok(None),
        Err(error) => Err(error),
    }
}

fn is(error: &io::Error, errno: Errno) -> bool {
    error.raw_os_error() == Some(errno.raw_os_error())
}
