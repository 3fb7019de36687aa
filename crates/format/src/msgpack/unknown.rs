//! Fields of a map that this release doesn't know: kept as they were, written back after the known ones.

use super::Writer;

/// Encoded key-value pairs in the order in which they were read.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct UnknownFields {
    count: usize,
    encoded: Vec<u8>,
}

impl UnknownFields {
    /// How many pairs there are.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Adds one encoded pair.
    pub(super) fn push(&mut self, pair: &[u8]) {
        self.count += 1;
        self.encoded.extend_from_slice(pair);
    }

    /// Writes the pairs; the header of the map they belong to has counted them.
    pub fn write(&self, writer: &mut Writer) {
        writer.encoded(&self.encoded);
    }
}
