//! The journal of a drive: what one sync makes durable for all commits that wait for it.
//!
//! Segments are files of fixed size, filled with zeros beforehand and used again and again, so that syncing one is no
//! change to the file system's own metadata. Frames are appended to the current segment; when it is full another one whose
//! frames are all cut becomes the current one. What is cut is told by each frame ([`frame::Head::cut`]).
//!
//! Only one thread at a time appends: the leader of the drive's commit queue. docs/durability.md has the life of the
//! journal and why it is sound.

pub mod entry;
pub mod frame;
mod log;
mod opening;
pub mod scan;

use super::access::Access;
use super::checkpoint;
use super::paths::{JOURNAL, TMP};
use crate::{DriveError, DriveResult};
use bytes::Bytes;
use entry::Entry;
use frame::{BLOCK, entry_size, frame_size};
use log::Log;
use opening::say_closed;
use parking_lot::Mutex;
use std::time::Duration;
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_128;

pub(super) use opening::{Recorded, finish, read};

/// How large the journal of a drive may become.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct JournalSize {
    /// Bytes of a segment, a multiple of 4096.
    pub segment: usize,
    /// Segments at most, at least 2.
    pub segments: usize,
}

/// Ten thousand small commits between two checkpoints, and at most 64 MiB to read after a crash.
const DEFAULT_SIZE: JournalSize = JournalSize { segment: 8 << 20, segments: 8 };

/// The journal begins with so many: while one is being checkpointed the other is written.
const FIRST_SEGMENTS: usize = 2;

/// A checkpoint begins when only so many are left: commits go on meanwhile.
const LEFT_FOR_COMMITS: usize = 2;

/// How the files of entries are called that are too long for a frame.
const ELSEWHERE: &str = ".minio.sys/rustfs/journal/entry-";

/// No release makes more.
const MOST_SEGMENTS: usize = 64;

/// No release makes longer ones, nor entries that are longer.
const MOST_BYTES: usize = 2 << 30;

/// A checkpoint comes so long after the oldest change that needs it, once the drive has a quiet moment.
const CHECKPOINT_AFTER: Duration = Duration::from_secs(5);

/// At the latest it comes then: what a crash leaves to be replayed should not grow old.
const CHECKPOINT_AT_LAST: Duration = Duration::from_secs(30);

impl Default for JournalSize {
    fn default() -> Self {
        DEFAULT_SIZE
    }
}

impl JournalSize {
    /// The bytes of entries that are written at once: what is longer goes to a file of its own.
    pub(super) fn longest_entry(self) -> usize {
        self.segment / 4
    }
}

/// What is known of the journal without its files.
#[derive(Debug, Default)]
pub(super) struct Progress {
    /// The last frame whose changes are all made.
    applied: u64,
    /// The last frame whose changes are durable where they belong.
    cut: u64,
    /// When the oldest change was made that isn't durable where it belongs.
    since: Option<Duration>,
    /// A checkpoint is on its way.
    running: bool,
    /// Staging directories that a commit has emptied, with its frame: they stay until that is durable.
    emptied: Vec<(u64, String)>,
}

/// The journal of one drive.
#[derive(Debug)]
pub(super) struct Journal {
    pub(super) size: JournalSize,
    /// The leader's alone; locked by nobody who may not wait for a sync.
    log: Mutex<State>,
    progress: Mutex<Progress>,
}

#[derive(Debug)]
enum State {
    /// Nothing has been written since the drive was opened.
    Empty(Beginning),
    Open(Log),
    Closed,
}

/// Where a new epoch begins.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Beginning {
    pub(super) drive: Uuid,
    /// The last one.
    pub(super) epoch: u64,
    /// The segment that says that all is cut: it must not be the first to be written over.
    pub(super) keep: Option<usize>,
}

impl Journal {
    pub(super) fn new(size: JournalSize) -> Self {
        Journal { size, log: Mutex::new(State::Closed), progress: Mutex::default() }
    }

    /// After the drive has been recovered: the journal is empty.
    pub(super) fn begin_after(&self, beginning: Beginning) {
        *self.log.lock() = State::Empty(beginning);
    }

    /// Whether anything was written to it since the drive was opened: what is done without it must not contradict it.
    pub(super) fn is_open(&self) -> bool {
        matches!(&*self.log.lock(), State::Open(_))
    }

    /// Begins the journal if need be. [`DriveError::Full`] if there is no room for it.
    pub(super) fn begin(&self, access: &Access<'_>) -> DriveResult<()> {
        let mut state = self.log.lock();
        if let State::Empty(beginning) = &*state {
            let log = Log::begin(access, self.size, *beginning)?;
            *state = State::Open(log);
        }
        Ok(())
    }

    /// Makes the entries durable; the number of their frame. After an error the drive is out of service, or nothing
    /// was written ([`DriveError::Full`]).
    pub(super) fn append(&self, access: &Access<'_>, entries: &[Bytes]) -> DriveResult<u64> {
        self.begin(access)?;
        let (sequence, another) = {
            let mut state = self.log.lock();
            let State::Open(log) = &mut *state else { return Err(closed(access)) };
            let another = self.make_room(access, log, entries)?;
            let cut = self.progress.lock().cut;
            (log.write(access, cut, entries)?, another)
        };
        if another {
            // Soon there is none left.
            checkpoint::start(access.shared);
        }
        Ok(sequence)
    }

    /// Puts an entry that is too long for a frame into a file of its own, durably, and returns what stands for it.
    pub(super) fn put_elsewhere(&self, access: &Access<'_>, entry: Bytes) -> DriveResult<Bytes> {
        self.begin(access)?;
        let path = format!("{ELSEWHERE}{}", access.shared.uuid());
        let checksum = xxh3_128(&entry);
        access.write_new(&path, &[entry]).inspect_err(|_| {
            let _not_made = access.fs.unlink(&path);
        })?;
        access.sync_dir(JOURNAL)?;
        if let State::Open(log) = &mut *self.log.lock() {
            log.elsewhere.push((log.sequence + 1, path.clone()));
        }
        Ok(Entry::Elsewhere { path, checksum }.encode())
    }

    /// Sees to it that the frame fits into the current segment. Where all segments are full of what isn't durable yet,
    /// this waits until it is. True if another segment was begun, and few are left.
    fn make_room(&self, access: &Access<'_>, log: &mut Log, entries: &[Bytes]) -> DriveResult<bool> {
        let needed = frame_size(entries.iter().map(|entry| entry_size(entry)).sum());
        // The last block of a segment is kept for a frame that only says what is cut.
        if log.at + needed + BLOCK <= self.size.segment {
            return Ok(false);
        }
        loop {
            let cut = self.progress.lock().cut;
            if let Some(free) = log.free_segment(log.recorded_cut) {
                log.current = free;
                log.at = 0;
                return Ok(log.in_use(cut) + LEFT_FOR_COMMITS >= self.size.segments);
            }
            if log.free_segment(cut).is_some() {
                // It may be written over once it is known that nobody needs it.
                log.write(access, cut, &[])?;
                continue;
            }
            if log.segments.len() < self.size.segments && log.add_segment(access, self.size)? {
                continue;
            }
            checkpoint::run(access)?;
            if self.progress.lock().cut == cut {
                return Err(DriveError::Full { drive: access.drive(), path: JOURNAL.to_owned() });
            }
        }
    }

    /// Everything in the frames so far is made.
    pub(super) fn applied(&self, sequence: u64, now: Duration) {
        let mut progress = self.progress.lock();
        progress.applied = sequence;
        progress.since.get_or_insert(now);
    }

    /// The last frame whose changes are made, if that is more than what is cut.
    pub(super) fn to_cut(&self) -> Option<u64> {
        let mut progress = self.progress.lock();
        // What comes from now on is older than the next checkpoint.
        progress.since = None;
        (progress.applied > progress.cut).then_some(progress.applied)
    }

    /// Everything up to the frame is durable where it belongs. Returns the staging directories that are of no use now.
    pub(super) fn cut(&self, sequence: u64) -> Vec<String> {
        let mut progress = self.progress.lock();
        progress.cut = progress.cut.max(sequence);
        let cut = progress.cut;
        progress.emptied.extract_if(.., |(frame, _)| *frame <= cut).map(|(_, dir)| dir).collect()
    }

    /// Whether the staging directory is one of those that stay until the next checkpoint.
    pub(super) fn is_emptied(&self, dir: &str) -> bool {
        self.progress.lock().emptied.iter().any(|(_, emptied)| emptied == dir)
    }

    /// A commit in this frame has moved the data out of a staging directory.
    pub(super) fn has_emptied(&self, frame: u64, dir: String) {
        self.progress.lock().emptied.push((frame, dir));
    }

    /// Whether what the frame says is durable where it belongs.
    pub(super) fn is_cut(&self, frame: u64) -> bool {
        frame <= self.progress.lock().cut
    }

    /// Whether a checkpoint should be made now; then it counts as on its way.
    pub(super) fn is_due(&self, now: Duration, busy: bool) -> bool {
        let mut progress = self.progress.lock();
        let after = if busy { CHECKPOINT_AT_LAST } else { CHECKPOINT_AFTER };
        let due = progress.since.is_some_and(|since| now.saturating_sub(since) >= after);
        let start = due && !progress.running;
        progress.running |= start;
        start
    }

    /// The same without waiting for the time.
    pub(super) fn is_wanted(&self) -> bool {
        let mut progress = self.progress.lock();
        !std::mem::replace(&mut progress.running, true)
    }

    /// The checkpoint couldn't be made for now.
    pub(super) fn is_owed(&self, now: Duration) {
        self.progress.lock().since.get_or_insert(now);
    }

    /// The checkpoint has ended.
    pub(super) fn ended(&self) {
        self.progress.lock().running = false;
    }

    /// Whether the last frame doesn't say yet that everything is cut: the one thing left to write on an idle drive.
    pub(super) fn wants_closing(&self) -> bool {
        let progress = self.progress.lock();
        let all_cut = progress.cut == progress.applied;
        drop(progress);
        match &*self.log.lock() {
            State::Open(log) => all_cut && log.recorded_cut < log.sequence,
            _ => false,
        }
    }

    /// Says, durably, that nothing in the journal is needed, if that is so.
    pub(super) fn note_empty(&self, access: &Access<'_>) -> DriveResult<()> {
        let cut = self.progress.lock().cut;
        let mut state = self.log.lock();
        let State::Open(log) = &mut *state else { return Ok(()) };
        if cut < log.sequence || log.recorded_cut == log.sequence {
            return Ok(());
        }
        log.write(access, log.sequence + 1, &[])?;
        let sequence = log.sequence;
        drop(state);
        let mut progress = self.progress.lock();
        progress.applied = sequence;
        progress.cut = sequence;
        Ok(())
    }

    /// Ends the journal. Everything must be durable where it belongs.
    pub(super) fn close(&self, access: &Access<'_>) -> DriveResult<()> {
        self.note_empty(access)?;
        let State::Open(log) = std::mem::replace(&mut *self.log.lock(), State::Closed) else { return Ok(()) };
        for (_, path) in &log.elsewhere {
            access.unlink(path)?;
        }
        say_closed(access, Beginning { drive: log.drive, epoch: log.epoch, keep: Some(log.current) })?;
        access.unlink(&marker(log.epoch)).map(drop)
    }
}

fn closed(access: &Access<'_>) -> DriveError {
    DriveError::Faulty { drive: access.drive(), reason: "closed".into() }
}

/// A file in MinIO's staging, which it empties when it starts: as long as it is there, MinIO hasn't been here.
pub(super) fn marker(epoch: u64) -> String {
    format!("{TMP}/.rustfs-{epoch:016x}")
}

#[cfg(test)]
mod tests;
