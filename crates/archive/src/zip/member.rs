//! A member's bytes: the header before them is checked, they are decompressed, their length and CRC-32 are checked.

use super::directory::LOCAL_HEADER;
use super::{Entry, Method, ZipError, le16, le32};
use crate::decompress::{Codec, Deflate, Pump, Stored, Zstd};
use bytes::{Buf, Bytes, BytesMut};
use seal::Transform;

const SIGNATURE: u32 = 0x0403_4b50;

/// From the bytes of [`Entry::fetch_span`] to the member's own. The last piece comes out only after the check of the
/// whole: a member that isn't what the directory says never looks complete.
pub struct Member {
    entry: Entry,
    method: Method,
    /// The header, until it has been read.
    header: Option<BytesMut>,
    /// Compressed bytes that are still to come.
    left: u64,
    pump: Pump<Box<dyn Codec>>,
    made: u64,
    crc: crc32fast::Hasher,
    /// The piece made last.
    held: Option<Bytes>,
    checked: bool,
}

impl Member {
    /// An error if it can't be decompressed here.
    pub fn new(entry: Entry) -> Result<Self, ZipError> {
        let method = entry.check_readable()?;
        if method == Method::Stored && entry.compressed != entry.size {
            return Err(ZipError::Lying("it is stored in a different size"));
        }
        let codec: Box<dyn Codec> = match method {
            Method::Stored => Box::new(Stored),
            Method::Deflate => Box::new(Deflate::new()),
            Method::Zstd => Box::new(Zstd::new()?),
        };
        Ok(Member {
            left: entry.compressed,
            entry,
            method,
            header: Some(BytesMut::new()),
            pump: Pump::new(codec),
            made: 0,
            crc: crc32fast::Hasher::new(),
            held: None,
            checked: false,
        })
    }

    /// Reads the header from what has come of it; what follows it stays in `header`.
    fn read_header(&mut self) -> Result<(), ZipError> {
        let Some(header) = &mut self.header else { return Ok(()) };
        if header.len() < LOCAL_HEADER {
            return Ok(());
        }
        if le32(header, 0) != SIGNATURE {
            return Err(ZipError::Lying("there is no member at its offset"));
        }
        let name_length = usize::from(le16(header, 26));
        let length = LOCAL_HEADER + name_length + usize::from(le16(header, 28));
        if header.len() < length {
            return Ok(());
        }
        if le16(header, 6) & 1 != 0 {
            return Err(ZipError::Encrypted);
        }
        let name = String::from_utf8_lossy(&header[LOCAL_HEADER..LOCAL_HEADER + name_length]);
        if name != self.entry.name || le16(header, 8) != self.entry.method {
            return Err(ZipError::Lying("another member is at its offset"));
        }
        header.advance(length);
        let rest = self.header.take().unwrap_or_default().freeze();
        self.push(rest);
        Ok(())
    }

    fn take_in(&mut self, piece: Bytes) -> Result<Option<Bytes>, ZipError> {
        self.made += piece.len() as u64;
        if self.made > self.entry.size {
            return Err(ZipError::Damaged("it is longer"));
        }
        self.crc.update(&piece);
        Ok(self.held.replace(piece))
    }

    fn check(&mut self) -> Result<Option<Bytes>, ZipError> {
        if self.left > 0 {
            return Err(ZipError::Damaged("it is cut off"));
        }
        if self.made != self.entry.size {
            return Err(ZipError::Damaged("it is shorter"));
        }
        if self.crc.clone().finalize() != self.entry.crc {
            return Err(ZipError::Damaged("its CRC-32 differs"));
        }
        self.checked = true;
        Ok(self.held.take())
    }
}

impl Transform for Member {
    type Error = ZipError;

    fn push(&mut self, mut piece: Bytes) {
        if let Some(header) = &mut self.header {
            header.extend_from_slice(&piece);
            return;
        }
        let wanted = usize::try_from(self.left).map_or(piece.len(), |left| left.min(piece.len()));
        piece.truncate(wanted);
        self.left -= wanted as u64;
        self.pump.push(piece);
        if self.left == 0 {
            self.pump.end();
        }
    }

    fn end(&mut self) {
        self.pump.end();
    }

    fn pull(&mut self) -> Result<Option<Bytes>, ZipError> {
        if self.checked {
            return Ok(None);
        }
        self.read_header()?;
        if self.header.is_some() {
            return if self.pump.has_ended() { Err(ZipError::Damaged("it is cut off")) } else { Ok(None) };
        }
        while let Some(piece) = self.pump.pull()? {
            if let Some(before) = self.take_in(piece)? {
                return Ok(Some(before));
            }
        }
        if self.pump.has_ended() { self.check() } else { Ok(None) }
    }

    fn is_over(&self) -> bool {
        self.checked
    }
}

impl std::fmt::Debug for Member {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Member").field("entry", &self.entry).field("method", &self.method).finish_non_exhaustive()
    }
}
