//! In which steps a range of an object is fetched.

use erasure::Geometry;
use std::ops::Range;

/// A part as reading sees it.
#[derive(Clone, Debug)]
pub(super) struct PartShape {
    pub(super) number: u32,
    /// Where it begins in the object.
    pub(super) start: u64,
    pub(super) size: u64,
}

/// Blocks of one part that are fetched together.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) struct Group {
    /// The part's index.
    pub(super) part: usize,
    pub(super) blocks: Range<u64>,
    /// The bytes wanted, within the part.
    pub(super) bytes: Range<u64>,
}

/// The groups still to come. The first is a single block, so that the first byte leaves early.
#[derive(Debug)]
pub(super) struct Plan {
    geometry: Geometry,
    parts: Vec<PartShape>,
    /// What is left of the range, within the object.
    left: Range<u64>,
    group_blocks: u64,
    started: bool,
}

impl Plan {
    /// For `range` of an object, in groups of about `group_bytes`.
    pub(super) fn new(geometry: Geometry, parts: &[PartShape], range: Range<u64>, group_bytes: u64) -> Self {
        let group_blocks = (group_bytes / geometry.block_size()).max(1);
        Plan { geometry, parts: parts.to_vec(), left: range, group_blocks, started: false }
    }

    /// Bytes of object data that the next group takes in memory.
    pub(super) fn next_bytes(&self) -> Option<u64> {
        let blocks = self.group(false)?.blocks;
        Some((blocks.end - blocks.start).saturating_mul(self.geometry.block_size()))
    }

    /// The next group; a single block if `small`.
    pub(super) fn next(&mut self, small: bool) -> Option<Group> {
        let group = self.group(small)?;
        self.left.start += group.bytes.end - group.bytes.start;
        self.started = true;
        Some(group)
    }

    /// Nothing more is wanted.
    pub(super) fn give_up(&mut self) {
        self.left.start = self.left.end;
    }

    fn group(&self, small: bool) -> Option<Group> {
        if self.left.is_empty() {
            return None;
        }
        let at = self.left.start;
        let part_index = self.parts.partition_point(|part| part.start + part.size <= at);
        let part = self.parts.get(part_index)?;
        let from = at - part.start;
        let to = (self.left.end - part.start).min(part.size);
        let wanted = self.geometry.blocks_of(from..to);
        let most = if small || !self.started { 1 } else { self.group_blocks };
        let end = wanted.end.min(wanted.start.saturating_add(most));
        let to = to.min(end.saturating_mul(self.geometry.block_size()));
        Some(Group { part: part_index, blocks: wanted.start..end, bytes: from..to })
    }
}
