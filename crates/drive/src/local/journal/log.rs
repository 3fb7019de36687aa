//! The journal's files while it is written: segments, and where the next frame goes.

use super::frame::{self, Head};
use super::{Beginning, FIRST_SEGMENTS, JournalSize, MOST_SEGMENTS, marker};
use crate::local::access::{Access, if_any};
use crate::local::paths::{self, CLOSED, JOURNAL, OURS, SYS, TMP};
use crate::{DriveError, DriveResult, PlacedFile};
use bytes::Bytes;
use uuid::Uuid;

/// The journal being written.
#[derive(Debug)]
pub(super) struct Log {
    pub(super) drive: Uuid,
    pub(super) epoch: u64,
    pub(super) segments: Vec<Segment>,
    pub(super) current: usize,
    /// Offset of the next frame in the current segment.
    pub(super) at: usize,
    /// Number of the last frame.
    pub(super) sequence: u64,
    /// Frames up to this are cut, and a durable frame says so.
    pub(super) recorded_cut: u64,
    /// Files of entries that were too long, with the number of their frame.
    pub(super) elsewhere: Vec<(u64, String)>,
}

#[derive(Debug)]
pub(super) struct Segment {
    path: String,
    file: Box<dyn PlacedFile>,
    /// The number of the last frame in it.
    last: u64,
}

impl Log {
    /// Begins an epoch: the files, and what tells whether MinIO has been here in between, are durable before the first
    /// frame.
    pub(super) fn begin(access: &Access<'_>, size: JournalSize, beginning: Beginning) -> DriveResult<Log> {
        let Beginning { drive, epoch, keep } = beginning;
        let epoch = epoch + 1;
        access.make_dir(JOURNAL)?;
        let mut log = Log {
            drive,
            epoch,
            segments: Vec::new(),
            current: 0,
            at: 0,
            sequence: 0,
            recorded_cut: 0,
            elsewhere: Vec::new(),
        };
        let there = count_segments(access)?;
        for number in 0..there.max(FIRST_SEGMENTS) {
            let opened = log.open_segment(access, size, number);
            if matches!(opened, Err(DriveError::Full { .. })) {
                // What it took is needed more by whoever has data to store, or to remove.
                (there..number).for_each(|made| drop(access.fs.unlink(&segment_path(made))));
            }
            opened?;
        }
        log.current = usize::from(keep == Some(0));
        let marker = marker(epoch);
        if !access.exists(&marker)? {
            drop(access.create(&marker)?);
        }
        access.unlink(CLOSED)?;
        [JOURNAL, OURS, TMP, SYS, ""].into_iter().try_for_each(|dir| access.sync_dir(dir))?;
        Ok(log)
    }

    fn open_segment(&mut self, access: &Access<'_>, size: JournalSize, number: usize) -> DriveResult<()> {
        let path = segment_path(number);
        let right = if_any(access.stat(&path))?.is_some_and(|stat| stat.size == size.segment as u64);
        if !right {
            make_segment(access, size, &path)?;
        }
        let file = access.open_to_write(&path)?;
        self.segments.push(Segment { path, file, last: 0 });
        Ok(())
    }

    /// False if there is no room for another.
    pub(super) fn add_segment(&mut self, access: &Access<'_>, size: JournalSize) -> DriveResult<bool> {
        match self.open_segment(access, size, self.segments.len()) {
            Ok(()) => access.sync_dir(JOURNAL).map(|()| true),
            Err(DriveError::Full { .. }) => Ok(false),
            Err(error) => Err(error),
        }
    }

    /// Segments with frames behind `cut`, and the current one.
    pub(super) fn in_use(&self, cut: u64) -> usize {
        let used = |at: &usize| *at == self.current || self.segments[*at].last > cut;
        (0..self.segments.len()).filter(used).count()
    }

    /// Another segment whose frames are all among those up to `cut`.
    pub(super) fn free_segment(&self, cut: u64) -> Option<usize> {
        let free = |at: &usize| *at != self.current && self.segments[*at].last <= cut;
        (1..self.segments.len()).map(|step| (self.current + step) % self.segments.len()).find(free)
    }

    /// Appends a frame to the current segment and syncs it.
    pub(super) fn write(&mut self, access: &Access<'_>, cut: u64, entries: &[Bytes]) -> DriveResult<u64> {
        let head = Head { drive: self.drive, epoch: self.epoch, sequence: self.sequence + 1, cut };
        let bytes = frame::encode(head, entries);
        let segment = &mut self.segments[self.current];
        if let Err(error) = segment.file.write_durably(self.at as u64, &bytes) {
            access.shared.fault(&format!("the journal '{}' could not be written: {error}", segment.path));
            return Err(access.shared.faulty());
        }
        self.sequence += 1;
        self.at += bytes.len();
        segment.last = self.sequence;
        self.recorded_cut = self.recorded_cut.max(cut);
        self.drop_elsewhere(access);
        Ok(self.sequence)
    }

    /// Long entries that are cut. What can't be removed is removed when the drive is opened.
    fn drop_elsewhere(&mut self, access: &Access<'_>) {
        let cut = self.recorded_cut;
        for (_, path) in self.elsewhere.extract_if(.., |(sequence, _)| *sequence <= cut) {
            let _remains = access.fs.unlink(&path);
        }
    }
}

/// A file of zeros, durable but for its name.
fn make_segment(access: &Access<'_>, size: JournalSize, path: &str) -> DriveResult<()> {
    /// Zeros are written in pieces of this.
    const PIECE: usize = 1 << 20;
    access.unlink(path)?;
    let zeros = Bytes::from(vec![0; PIECE.min(size.segment)]);
    let mut pieces = vec![zeros.clone(); size.segment / zeros.len()];
    pieces.push(zeros.slice(..size.segment % zeros.len()));
    access.write_new(path, &pieces).inspect_err(|_| {
        let _half_made = access.fs.unlink(path);
    })
}

pub(super) fn segment_path(number: usize) -> String {
    paths::join(JOURNAL, &format!("segment-{number}"))
}

pub(super) fn count_segments(access: &Access<'_>) -> DriveResult<usize> {
    let mut count = 0;
    while count < MOST_SEGMENTS && access.exists(&segment_path(count))? {
        count += 1;
    }
    Ok(count)
}
