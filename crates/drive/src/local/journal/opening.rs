//! The journal when a drive is opened: what must be replayed, and the note that says that nothing must.

use super::entry::Entry;
use super::frame::{self, Head};
use super::log::{count_segments, segment_path};
use super::scan::{self, Scan};
use super::{Beginning, ELSEWHERE, MOST_BYTES, marker};
use crate::local::access::{Access, if_any};
use crate::local::paths::{self, CLOSED, JOURNAL};
use crate::{DriveResult, FileKind};
use bytes::Bytes;
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_128;

/// Frames that must be replayed, and where the journal goes on afterwards.
#[derive(Debug)]
pub(in crate::local) struct Recorded {
    pub(in crate::local) beginning: Beginning,
    pub(in crate::local) entries: Vec<Entry>,
    /// Nobody else has been on the drive since they were written.
    pub(in crate::local) trusted: bool,
    scan: Scan,
}

/// What the journal holds; only where it goes on, if it was closed or never begun. [`DriveError::Corrupt`] if it can't
/// be read.
pub(in crate::local) fn read(access: &Access<'_>, drive: Uuid) -> DriveResult<Result<Recorded, Beginning>> {
    if let Some(beginning) = read_closed(access, drive)? {
        return Ok(Err(beginning));
    }
    let mut segments = Vec::new();
    for number in 0..count_segments(access)? {
        segments.push(access.read(&segment_path(number), MOST_BYTES)?);
    }
    if segments.is_empty() {
        return Ok(Err(Beginning { drive, epoch: 0, keep: None }));
    }
    let mut scan = scan::scan(drive, &segments).map_err(|broken| access.corrupt(JOURNAL, broken))?;
    let mut entries = Vec::new();
    for frame in std::mem::take(&mut scan.live) {
        for entry in &frame.entries {
            entries.push(decode(access, entry)?);
        }
    }
    let trusted = access.exists(&marker(scan.epoch))?;
    let beginning = Beginning { drive, epoch: scan.epoch, keep: scan.keep };
    Ok(Ok(Recorded { beginning, entries, trusted, scan }))
}

fn decode(access: &Access<'_>, bytes: &Bytes) -> DriveResult<Entry> {
    let entry = Entry::decode(bytes).map_err(|reason| access.corrupt(JOURNAL, reason))?;
    let Entry::Elsewhere { path, checksum } = entry else { return Ok(entry) };
    if !path.starts_with(ELSEWHERE) {
        return Err(access.corrupt(JOURNAL, "an entry lies outside of it"));
    }
    let bytes = access.read(&path, MOST_BYTES)?;
    if xxh3_128(&bytes) != checksum {
        return Err(access.corrupt(&path, "its checksum is wrong"));
    }
    Entry::decode(&bytes).map_err(|reason| access.corrupt(&path, reason))
}

/// Says, durably, that nothing in the journal is needed any more: everything is durable where it belongs.
pub(in crate::local) fn finish(access: &Access<'_>, recorded: &Recorded) -> DriveResult<Beginning> {
    let mut beginning = recorded.beginning;
    if let Some(next) = recorded.scan.next.filter(|_| !recorded.entries.is_empty()) {
        let head = Head { drive: beginning.drive, epoch: beginning.epoch, sequence: next.sequence, cut: next.sequence };
        let path = segment_path(next.segment);
        let mut file = access.open_to_write(&path)?;
        access.writing(&path, file.write_at(next.offset as u64, &frame::encode(head, &[])))?;
        access.synced(&path, file.sync())?;
        beginning.keep = Some(next.segment);
    }
    for entry in if_any(access.read_dir(JOURNAL))?.unwrap_or_default() {
        if entry.kind == FileKind::File && entry.name.starts_with("entry-") {
            access.unlink(&paths::join(JOURNAL, &entry.name))?;
        }
    }
    say_closed(access, beginning)?;
    Ok(beginning)
}

/// Spares the next opening the reading of the segments.
pub(super) fn say_closed(access: &Access<'_>, beginning: Beginning) -> DriveResult<()> {
    let keep = beginning.keep.map_or_else(|| "-".to_owned(), |keep| keep.to_string());
    let text = format!("rustfs journal 1 {} {} {keep}\n", beginning.drive, beginning.epoch);
    let staged = paths::join(JOURNAL, "closing");
    access.unlink(&staged)?;
    access.write_new(&staged, &[Bytes::from(text)])?;
    access.rename(&staged, CLOSED)?;
    access.sync_dir(JOURNAL)
}

/// Whoever writes it has synced everything before; whoever begins the journal has removed it before the first frame.
fn read_closed(access: &Access<'_>, drive: Uuid) -> DriveResult<Option<Beginning>> {
    const LONGEST: usize = 4096;
    let Some(bytes) = access.read_if_any(CLOSED, LONGEST)? else { return Ok(None) };
    let Ok(text) = std::str::from_utf8(&bytes) else { return Ok(None) };
    let fields: Vec<&str> = text.trim_end().split(' ').collect();
    let ["rustfs", "journal", "1", of, epoch, keep] = fields[..] else { return Ok(None) };
    if Uuid::try_parse(of) != Ok(drive) {
        return Ok(None);
    }
    let Ok(epoch) = epoch.parse() else { return Ok(None) };
    Ok(Some(Beginning { drive, epoch, keep: keep.parse().ok() }))
}
