//! What small records share: the stamp that some begin with, and the error of all.

use crate::msgpack;
use bytes::Bytes;

/// Why bytes are not the record they should be.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum RecordError {
    /// The record has no bytes, or none behind its stamp.
    #[error("the record is empty")]
    Empty,
    /// The record was written by a release whose format this one doesn't know.
    #[error("unknown record format {format}, version {version}")]
    Unsupported {
        /// The format's number; 1 is known.
        format: u16,
        /// The version's number; 1 is known.
        version: u64,
    },
    /// Bytes that are not the value that belongs there.
    #[error("corrupt record: {0}")]
    Corrupt(#[from] msgpack::Error),
}

/// Format 1, version 1, both little-endian.
pub(crate) const STAMP: [u8; 4] = [1, 0, 1, 0];

/// What follows the stamp.
pub(crate) fn strip_stamp(record: &Bytes) -> Result<Bytes, RecordError> {
    let Some((&[a, b, c, d], _)) = record.split_first_chunk() else {
        return Err(RecordError::Empty);
    };
    if [a, b, c, d] != STAMP {
        let version = u16::from_le_bytes([c, d]).into();
        return Err(RecordError::Unsupported { format: u16::from_le_bytes([a, b]), version });
    }
    Ok(record.slice(STAMP.len()..))
}
