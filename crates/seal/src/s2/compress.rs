//! Plaintext to chunks.

use super::encode::Encoder;
use super::index::{Entry, Index};
use super::{BLOCK, S2_IDENTIFIER, checksum, chunk};
use crate::Transform;
use base::Random;
use bytes::{Bytes, BytesMut};
use std::convert::Infallible;
use std::sync::{Arc, OnceLock};

/// Compressed streams that are encrypted are padded to a multiple of this, to tell less of what is in them.
const PADDING: u64 = 256;

/// Random bytes for the padding of one stream: fewer than 256 and the least a chunk can have are needed.
pub struct Padding([u8; PADDING as usize + chunk::HEADER]);

impl Padding {
    pub fn new(random: &dyn Random) -> Padding {
        let mut bytes = [0; _];
        random.fill(&mut bytes);
        Padding(bytes)
    }
}

/// Compresses a stream: an object's part, or all of an object that has no parts.
pub struct Compress {
    encoder: Encoder,
    /// The block that is being filled.
    block: BytesMut,
    input: Bytes,
    ended: bool,
    /// What follows the piece that was given last.
    queued: Option<Bytes>,
    padding: Option<Padding>,
    index: Index,
    report: Arc<OnceLock<CompressReport>>,
    over: bool,
}

/// What is known of a stream when its last byte has come out.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct CompressReport {
    /// Bytes before and after.
    pub plain: u64,
    pub compressed: u64,
    /// The stored form of the index, of streams that are long enough to have one.
    pub index: Option<Vec<u8>>,
}

impl Compress {
    /// `padding`: for streams that will be encrypted.
    pub fn new(padding: Option<Padding>) -> Self {
        Compress {
            encoder: Encoder::new(),
            block: BytesMut::new(),
            input: Bytes::new(),
            ended: false,
            queued: None,
            index: Index::for_blocks_of(BLOCK as u64, padding.is_some()),
            padding,
            report: Arc::default(),
            over: false,
        }
    }

    /// Where the report will be.
    pub fn report(&self) -> Arc<OnceLock<CompressReport>> {
        self.report.clone()
    }

    /// The next whole block of input, or the last one.
    fn next_block(&mut self) -> Option<Bytes> {
        if self.block.is_empty() && self.input.len() >= BLOCK {
            return Some(self.input.split_to(BLOCK));
        }
        if self.block.capacity() == 0 {
            let all = self.ended || self.input.is_empty();
            self.block.reserve(if all { self.input.len() } else { BLOCK });
        }
        let taken = self.input.split_to(self.input.len().min(BLOCK - self.block.len()));
        self.block.extend_from_slice(&taken);
        let whole = self.block.len() == BLOCK || (self.ended && !self.block.is_empty());
        whole.then(|| std::mem::take(&mut self.block).freeze())
    }

    /// The chunk of a block, with the identifier before the first.
    fn chunk(&mut self, plain: Bytes) -> Bytes {
        let mut out = Vec::with_capacity(plain.len() + 64);
        if self.index.compressed == 0 {
            push_header(chunk::IDENTIFIER, S2_IDENTIFIER.len(), &mut out);
            out.extend_from_slice(S2_IDENTIFIER);
        }
        let at = out.len();
        self.index.push(Entry { compressed: self.index.compressed + at as u64, plain: self.index.plain });
        push_header(chunk::COMPRESSED, 0, &mut out);
        out.extend_from_slice(&checksum(&plain).to_le_bytes());
        let body = at + chunk::HEADER;
        let header = if self.encoder.encode(&plain, &mut out) {
            out.shrink_to_fit();
            header(chunk::COMPRESSED, out.len() - body)
        } else {
            self.queued = Some(plain.clone());
            header(chunk::UNCOMPRESSED, chunk::CHECKSUM + plain.len())
        };
        out[at..body].copy_from_slice(&header);
        self.index.plain += plain.len() as u64;
        self.index.compressed += out.len() as u64 + self.queued.as_ref().map_or(0, |raw| raw.len() as u64);
        out.into()
    }

    /// The chunk that makes the stream's length what it is padded to.
    fn pad(&mut self) -> Option<Bytes> {
        let padding = self.padding.take()?;
        let over = self.index.compressed % PADDING;
        if over == 0 {
            return None;
        }
        let mut len = usize::try_from(PADDING - over).expect("less than 256");
        if len < chunk::HEADER {
            len += padding.0.len() - chunk::HEADER;
        }
        let mut out = Vec::with_capacity(len);
        push_header(chunk::PADDING, len - chunk::HEADER, &mut out);
        out.extend_from_slice(&padding.0[..len - chunk::HEADER]);
        self.index.compressed += len as u64;
        Some(out.into())
    }

    fn finish(&mut self) {
        if !std::mem::replace(&mut self.over, true) {
            let (plain, compressed) = (self.index.plain, self.index.compressed);
            let report = CompressReport { plain, compressed, index: self.index.to_stored() };
            // It is set once: here.
            let _ = self.report.set(report);
        }
    }
}

impl Transform for Compress {
    type Error = Infallible;

    fn push(&mut self, piece: Bytes) {
        self.input = piece;
    }

    fn end(&mut self) {
        self.ended = true;
    }

    fn pull(&mut self) -> Result<Option<Bytes>, Infallible> {
        if let Some(raw) = self.queued.take() {
            return Ok(Some(raw));
        }
        if let Some(block) = self.next_block() {
            return Ok(Some(self.chunk(block)));
        }
        if !self.ended {
            return Ok(None);
        }
        let padding = self.pad();
        if padding.is_none() {
            self.finish();
        }
        Ok(padding)
    }
}

fn header(kind: u8, len: usize) -> [u8; chunk::HEADER] {
    let [a, b, c, ..] = len.to_le_bytes();
    [kind, a, b, c]
}

fn push_header(kind: u8, len: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&header(kind, len));
}
