//! The directory: one record for each member.

use super::{Directory, ZipError, le16, le32, le64};
use bytes::{Buf, Bytes, BytesMut};
use std::ops::Range;

const HEADER: usize = 46;
const SIGNATURE: u32 = 0x0201_4b50;
/// The fixed part of the header before a member's bytes.
pub(super) const LOCAL_HEADER: usize = 30;
const ZIP64_EXTRA: u16 = 1;
/// A length or offset that is too large for its field: the extra field has it.
const ELSEWHERE: u32 = u32::MAX;

/// How a member is compressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Method {
    Stored,
    Deflate,
    Zstd,
}

/// A member as the directory has it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Entry {
    /// Bytes that aren't UTF-8 are replaced.
    pub name: String,
    /// The name's length in bytes, as stored.
    pub(super) name_length: u16,
    pub(super) method: u16,
    pub(super) flags: u16,
    pub(super) crc: u32,
    pub(super) compressed: u64,
    /// Bytes after decompression.
    pub size: u64,
    /// Where the header before its bytes begins.
    pub offset: u64,
}

impl Entry {
    pub fn is_directory(&self) -> bool {
        self.name.ends_with('/')
    }

    /// An error if it can't be decompressed here.
    pub fn method(&self) -> Result<Method, ZipError> {
        match self.method {
            0 => Ok(Method::Stored),
            8 => Ok(Method::Deflate),
            93 => Ok(Method::Zstd),
            other => Err(ZipError::UnsupportedMethod(other)),
        }
    }

    /// Whether its bytes can be given: the method is known, and it isn't encrypted.
    pub fn check_readable(&self) -> Result<Method, ZipError> {
        // Bit 0: encrypted; bit 6: strongly.
        if self.flags & 0x41 != 0 { Err(ZipError::Encrypted) } else { self.method() }
    }

    /// The bytes of the file that hold the member for certain: the least that its header and its bytes can take. An error
    /// if they don't lie before the directory.
    pub fn least_span(&self, directory: &Directory) -> Result<Range<u64>, ZipError> {
        let header = LOCAL_HEADER as u64 + u64::from(self.name_length);
        let end = self.offset.checked_add(header).and_then(|start| start.checked_add(self.compressed));
        match end {
            Some(end) if end <= directory.offset => Ok(self.offset..end),
            _ => Err(ZipError::Lying("its bytes don't lie before the directory")),
        }
    }

    /// The bytes to fetch for [`super::Member`]: the member, and what its header may have besides.
    pub fn fetch_span(&self, directory: &Directory) -> Result<Range<u64>, ZipError> {
        let least = self.least_span(directory)?;
        Ok(least.start..(least.end + u64::from(u16::MAX)).min(directory.offset))
    }

    /// Whether this member begins within the bytes of `other`.
    pub fn overlaps(&self, other: &Range<u64>) -> bool {
        self.offset > other.start && self.offset < other.end
    }
}

/// Reads a directory that comes in pieces.
#[derive(Debug, Default)]
pub struct Entries {
    pending: BytesMut,
}

impl Entries {
    /// Takes the next piece.
    pub fn push(&mut self, piece: &Bytes) {
        self.pending.extend_from_slice(piece);
    }

    /// The next member; `None`: more bytes are needed, or the directory has ended.
    pub fn next_entry(&mut self) -> Result<Option<Entry>, ZipError> {
        let bytes = &self.pending[..];
        if bytes.len() < HEADER {
            return Ok(None);
        }
        if le32(bytes, 0) != SIGNATURE {
            return Err(ZipError::Invalid("its directory is not where its end says"));
        }
        let lengths = [le16(bytes, 28), le16(bytes, 30), le16(bytes, 32)];
        let length = HEADER + lengths.iter().map(|length| usize::from(*length)).sum::<usize>();
        if bytes.len() < length {
            return Ok(None);
        }
        let (name, rest) = bytes[HEADER..length].split_at(lengths[0].into());
        let mut entry = Entry {
            name: String::from_utf8_lossy(name).into_owned(),
            name_length: lengths[0],
            flags: le16(bytes, 8),
            method: le16(bytes, 10),
            crc: le32(bytes, 16),
            compressed: le32(bytes, 20).into(),
            size: le32(bytes, 24).into(),
            offset: le32(bytes, 42).into(),
        };
        entry.widen(&rest[..lengths[1].into()])?;
        self.pending.advance(length);
        Ok(Some(entry))
    }

    /// Call when the directory has ended and no entry is left: an error if it ended within a record.
    pub fn finish(&self) -> Result<(), ZipError> {
        if self.pending.is_empty() { Ok(()) } else { Err(ZipError::Invalid("its directory is cut off")) }
    }
}

impl Entry {
    /// Takes what is too large for its field from the extra fields (APPNOTE 4.5.3).
    fn widen(&mut self, mut extra: &[u8]) -> Result<(), ZipError> {
        let narrow = [&mut self.size, &mut self.compressed, &mut self.offset];
        let mut wanted = narrow.into_iter().filter(|field| **field == u64::from(ELSEWHERE)).peekable();
        if wanted.peek().is_none() {
            return Ok(());
        }
        while extra.len() >= 4 {
            let (id, length) = (le16(extra, 0), usize::from(le16(extra, 2)));
            let Some(mut body) = extra.get(4..4 + length) else { break };
            if id == ZIP64_EXTRA {
                for field in wanted {
                    let Some(value) = body.get(..8) else {
                        return Err(ZipError::Invalid("a 64-bit length is missing"));
                    };
                    *field = le64(value, 0);
                    body = &body[8..];
                }
                return Ok(());
            }
            extra = &extra[4 + length..];
        }
        Err(ZipError::Invalid("a 64-bit length is missing"))
    }
}
