//! Chunks to plaintext.

use super::block::{self, BlockError};
use super::{MAX_BLOCK, MAX_SNAPPY_BLOCK, S2_IDENTIFIER, SNAPPY_IDENTIFIER, checksum, chunk};
use crate::Transform;
use bytes::{Buf, Bytes, BytesMut};

/// The longest body of a chunk with data: what an encoder may make of the largest block.
const MAX_BODY: usize = chunk::CHECKSUM + 32 + MAX_BLOCK + MAX_BLOCK / 6;

/// Why a stream was not decompressed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum S2Error {
    #[error("the compressed stream doesn't begin as one")]
    NoIdentifier,
    #[error("the compressed stream has a chunk of the unknown type {0:#04x}")]
    UnknownChunk(u8),
    #[error("the compressed stream has a chunk of an impossible length")]
    ChunkLength,
    #[error(transparent)]
    Block(#[from] BlockError),
    #[error("a block of the compressed stream has another checksum than it says")]
    Checksum,
    #[error("the compressed stream is cut off")]
    Truncated,
}

/// Decompresses a stream, or streams that follow each other. Each block is checked before it comes out.
pub struct Decompress {
    /// Plaintext bytes to leave out.
    skip: u64,
    max_block: usize,
    /// An identifier has been seen, or isn't asked for.
    identified: bool,
    input: Bytes,
    /// The beginning of a chunk that goes on in the next piece.
    partial: BytesMut,
    /// Bytes of a chunk that are passed over.
    passing: usize,
    ended: bool,
}

/// A chunk's type and the bytes of its body.
#[derive(Clone, Copy)]
struct ChunkHeader {
    kind: u8,
    len: usize,
}

impl ChunkHeader {
    fn read(bytes: &[u8]) -> Option<ChunkHeader> {
        let &[kind, a, b, c] = bytes.first_chunk()?;
        let len = usize::from(a) | usize::from(b) << 8 | usize::from(c) << 16;
        Some(ChunkHeader { kind, len })
    }

    fn check(self) -> Result<(), S2Error> {
        match self.kind {
            chunk::IDENTIFIER if self.len != S2_IDENTIFIER.len() => Err(S2Error::NoIdentifier),
            chunk::COMPRESSED | chunk::UNCOMPRESSED if !(chunk::CHECKSUM..=MAX_BODY).contains(&self.len) => {
                Err(S2Error::ChunkLength)
            }
            2..chunk::SKIPPABLE => Err(S2Error::UnknownChunk(self.kind)),
            _ => Ok(()),
        }
    }

    /// Whether the body means nothing.
    fn is_passed_over(self) -> bool {
        (chunk::SKIPPABLE..chunk::IDENTIFIER).contains(&self.kind)
    }
}

impl Decompress {
    /// A stream from its beginning, without the first `skip` bytes of plaintext.
    pub fn new(skip: u64) -> Self {
        Decompress {
            skip,
            max_block: MAX_BLOCK,
            identified: false,
            input: Bytes::new(),
            partial: BytesMut::new(),
            passing: 0,
            ended: false,
        }
    }

    /// A stream from a chunk on that its index names.
    pub fn from_chunk(skip: u64) -> Self {
        Decompress { identified: true, ..Decompress::new(skip) }
    }

    /// The next chunk with a body that means something, when all of it is there.
    fn next_chunk(&mut self) -> Result<Option<(u8, Bytes)>, S2Error> {
        loop {
            let passed = self.passing.min(self.input.len());
            self.input.advance(passed);
            self.passing -= passed;
            let Some(header) = self.next_header() else { return Ok(None) };
            header.check()?;
            if header.kind != chunk::IDENTIFIER && !self.identified {
                return Err(S2Error::NoIdentifier);
            }
            if header.is_passed_over() {
                self.passing = header.len;
                self.take(chunk::HEADER);
                continue;
            }
            let len = chunk::HEADER + header.len;
            return Ok(self.take_whole(len).map(|chunk| (header.kind, chunk.slice(chunk::HEADER..))));
        }
    }

    /// The header at the front, which stays there.
    fn next_header(&mut self) -> Option<ChunkHeader> {
        if self.partial.is_empty()
            && let Some(header) = ChunkHeader::read(&self.input)
        {
            return Some(header);
        }
        let missing = chunk::HEADER.saturating_sub(self.partial.len()).min(self.input.len());
        self.partial.extend_from_slice(&self.input.split_to(missing));
        ChunkHeader::read(&self.partial)
    }

    /// Takes `len` bytes off the front if they are there.
    fn take_whole(&mut self, len: usize) -> Option<Bytes> {
        if self.partial.is_empty() && self.input.len() >= len {
            return Some(self.input.split_to(len));
        }
        self.partial.reserve(len - self.partial.len());
        let missing = (len - self.partial.len()).min(self.input.len());
        self.partial.extend_from_slice(&self.input.split_to(missing));
        (self.partial.len() == len).then(|| std::mem::take(&mut self.partial).freeze())
    }

    /// Takes a header off the front, where it is.
    fn take(&mut self, header: usize) {
        if self.partial.is_empty() {
            self.input.advance(header);
        } else {
            self.partial.clear();
        }
    }

    /// What a chunk stands for; empty if it is skipped.
    fn read(&mut self, kind: u8, mut body: Bytes) -> Result<Bytes, S2Error> {
        if kind == chunk::IDENTIFIER {
            self.max_block = match &body[..] {
                body if body == S2_IDENTIFIER => MAX_BLOCK,
                body if body == SNAPPY_IDENTIFIER => MAX_SNAPPY_BLOCK,
                _ => return Err(S2Error::NoIdentifier),
            };
            self.identified = true;
            return Ok(Bytes::new());
        }
        let told = body.get_u32_le();
        let (len, elements) = match kind {
            chunk::COMPRESSED => block::plain_len(&body, self.max_block)?,
            _ if body.len() > self.max_block => return Err(S2Error::ChunkLength),
            _ => (body.len(), &body[..]),
        };
        if self.skip >= len as u64 {
            self.skip -= len as u64;
            return Ok(Bytes::new());
        }
        let plain = if kind == chunk::COMPRESSED {
            let mut plain = vec![0; len];
            block::decode(elements, &mut plain)?;
            plain.into()
        } else {
            body
        };
        if checksum(&plain) != told {
            return Err(S2Error::Checksum);
        }
        let skipped = usize::try_from(std::mem::take(&mut self.skip)).expect("less than the block's length");
        Ok(plain.slice(skipped..))
    }
}

impl Transform for Decompress {
    type Error = S2Error;

    fn push(&mut self, piece: Bytes) {
        self.input = piece;
    }

    fn end(&mut self) {
        self.ended = true;
    }

    fn pull(&mut self) -> Result<Option<Bytes>, S2Error> {
        while let Some((kind, body)) = self.next_chunk()? {
            let plain = self.read(kind, body)?;
            if !plain.is_empty() {
                return Ok(Some(plain));
            }
        }
        if self.ended && (!self.partial.is_empty() || self.passing > 0) {
            return Err(S2Error::Truncated);
        }
        Ok(None)
    }
}
