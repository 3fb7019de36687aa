//! Reading the journal: which frames say something that isn't durable elsewhere, and whether all of them are there.

use super::frame::{self, BLOCK, Found, Frame};
use bytes::Bytes;
use uuid::Uuid;

/// What a drive's segments hold.
#[derive(Debug, Default, PartialEq, Eq)]
pub struct Scan {
    /// The last epoch; 0 if there is no frame at all.
    pub epoch: u64,
    /// The segment with the epoch's last frame.
    pub keep: Option<usize>,
    /// Where a frame can be written without destroying one that is needed.
    pub next: Option<Next>,
    /// The frames that must be replayed, in order.
    pub live: Vec<Frame>,
}

/// The place of the next frame.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Next {
    pub sequence: u64,
    /// Position among the segments.
    pub segment: usize,
    /// In bytes, within the segment.
    pub offset: usize,
}

/// Where a frame was found.
#[derive(Clone, Copy)]
struct Place {
    segment: usize,
    end: usize,
}

/// Why the journal can't be replayed.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum Broken {
    #[error("frame {missing} can't be read, and later ones can, up to {last}")]
    Hole { missing: u64, last: u64 },
    #[error("it was written by a release that this one doesn't know (format {0})")]
    UnknownVersion(u16),
}

/// Reads the segments of the drive. A frame that was being written when the power went is no frame, and the last; one
/// that can't be read although frames come after it is damage: each was synced before the next was written.
pub fn scan(drive: Uuid, segments: &[Bytes]) -> Result<Scan, Broken> {
    let mut found: Vec<(Frame, Place)> = Vec::new();
    for (segment, bytes) in segments.iter().enumerate() {
        let mut at = 0;
        while at < bytes.len() {
            match frame::read(&bytes.slice(at..)) {
                Found::Nothing => at += BLOCK,
                Found::UnknownVersion(version) => return Err(Broken::UnknownVersion(version)),
                Found::Frame(frame, size) => {
                    at += size;
                    if frame.head.drive == drive {
                        found.push((frame, Place { segment, end: at }));
                    }
                }
            }
        }
    }
    let epoch = found.iter().map(|(frame, _)| frame.head.epoch).max().unwrap_or_default();
    found.retain(|(frame, _)| frame.head.epoch == epoch);
    found.sort_by_key(|(frame, _)| frame.head.sequence);
    let cut = found.iter().map(|(frame, _)| frame.head.cut).max().unwrap_or_default();
    let last = found.last().map(|(frame, place)| (frame.head.sequence, *place));
    let next = last.and_then(|(sequence, place)| next(segments, &found, cut, sequence + 1, place));
    let keep = last.map(|(_, place)| place.segment);
    let live: Vec<Frame> =
        found.into_iter().map(|(frame, _)| frame).filter(|frame| frame.head.sequence > cut).collect();
    for (frame, expected) in live.iter().zip(cut + 1..) {
        if frame.head.sequence != expected {
            return Err(Broken::Hole { missing: expected, last: last.map_or(0, |(sequence, _)| sequence) });
        }
    }
    Ok(Scan { epoch, keep, next, live })
}

/// Behind the last frame, or at the beginning of a segment that nobody needs.
fn next(segments: &[Bytes], found: &[(Frame, Place)], cut: u64, sequence: u64, last: Place) -> Option<Next> {
    if last.end + BLOCK <= segments[last.segment].len() {
        return Some(Next { sequence, segment: last.segment, offset: last.end });
    }
    let needed = |segment: usize| {
        found.iter().any(|(frame, place)| place.segment == segment && frame.head.sequence > cut)
            || segment == last.segment
    };
    let segment = (0..segments.len()).find(|segment| !needed(*segment))?;
    Some(Next { sequence, segment, offset: 0 })
}
