//! The LZ4 frame format 1.6: frames one after the other, skippable ones passed over.

use super::{Codec, CodecError, Step};
use lz4_flex::block::{decompress_into, decompress_into_with_dict};
use xxhash_rust::xxh32::{Xxh32, xxh32};

const MAGIC: u32 = 0x184d_2204;
const SKIPPABLE: u32 = 0x184d_2a50;
/// Bytes before a block that it may refer to.
const DICTIONARY: usize = 64 * 1024;
/// The bit of a block's length that says it isn't compressed.
const UNCOMPRESSED: u32 = 1 << 31;

/// An LZ4 stream. It takes up to two blocks of memory, 8 MiB.
pub struct Lz4 {
    state: State,
    /// The beginning of what the state waits for.
    pending: Vec<u8>,
    /// The block decompressed last, how much of it has gone out, and what of it came before it.
    block: Vec<u8>,
    given: usize,
}

#[derive(Debug)]
enum State {
    Magic,
    Header,
    BlockLength(Frame),
    Block(Frame, u32),
    /// The checksum of the content.
    End(Frame),
    Skip {
        left: u32,
    },
}

struct Frame {
    linked: bool,
    block_checksums: bool,
    content_checksum: bool,
    max_block: usize,
    hash: Xxh32,
    dictionary: Vec<u8>,
}

impl std::fmt::Debug for Frame {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Frame")
    }
}

const DAMAGED: CodecError = CodecError::Damaged("LZ4");

impl Lz4 {
    #[expect(clippy::new_without_default, reason = "a decompressor is made for a stream, not by default")]
    pub fn new() -> Self {
        Lz4 { state: State::Magic, pending: Vec::new(), block: Vec::new(), given: 0 }
    }

    /// Bytes that the state waits for in all.
    fn wanted(&self) -> usize {
        match &self.state {
            State::Magic | State::BlockLength(_) | State::End(_) => 4,
            // Flags, block size, checksum; with the lengths that the flags name.
            State::Header => match self.pending.first() {
                None => 3,
                Some(flags) => 3 + if flags & 8 != 0 { 8 } else { 0 } + if flags & 1 != 0 { 4 } else { 0 },
            },
            State::Block(frame, length) => {
                (length & !UNCOMPRESSED) as usize + if frame.block_checksums { 4 } else { 0 }
            }
            State::Skip { .. } => 4,
        }
    }

    /// What the state waited for is there.
    fn go_on(&mut self) -> Result<(), CodecError> {
        let bytes = std::mem::take(&mut self.pending);
        self.state = match std::mem::replace(&mut self.state, State::Magic) {
            State::Magic => match number(&bytes) {
                MAGIC => State::Header,
                magic if magic & !15 == SKIPPABLE => State::Skip { left: u32::MAX },
                _ => return Err(DAMAGED),
            },
            State::Header => State::BlockLength(header(&bytes)?),
            State::BlockLength(frame) => match number(&bytes) {
                0 if frame.content_checksum => State::End(frame),
                0 => State::Magic,
                length if (length & !UNCOMPRESSED) as usize > frame.max_block => return Err(DAMAGED),
                length => State::Block(frame, length),
            },
            State::Block(frame, length) => State::BlockLength(self.decompress(frame, length, &bytes)?),
            State::End(frame) if number(&bytes) == frame.hash.digest() => State::Magic,
            State::End(_) => return Err(DAMAGED),
            State::Skip { .. } => match number(&bytes) {
                0 => State::Magic,
                left => State::Skip { left },
            },
        };
        Ok(())
    }

    fn decompress(&mut self, mut frame: Frame, length: u32, bytes: &[u8]) -> Result<Frame, CodecError> {
        let (data, sum) = bytes.split_at((length & !UNCOMPRESSED) as usize);
        if frame.block_checksums && xxh32(data, 0) != number(sum) {
            return Err(DAMAGED);
        }
        self.given = 0;
        if length & UNCOMPRESSED != 0 {
            self.block.clear();
            self.block.extend_from_slice(data);
        } else {
            self.block.resize(frame.max_block, 0);
            let made = if frame.linked {
                decompress_into_with_dict(data, &mut self.block, &frame.dictionary)
            } else {
                decompress_into(data, &mut self.block)
            };
            self.block.truncate(made.map_err(|_| DAMAGED)?);
        }
        if frame.content_checksum {
            frame.hash.update(&self.block);
        }
        if frame.linked {
            frame.dictionary.extend_from_slice(&self.block);
            let surplus = frame.dictionary.len().saturating_sub(DICTIONARY);
            frame.dictionary.drain(..surplus);
        }
        Ok(frame)
    }
}

impl Codec for Lz4 {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, CodecError> {
        let ready = &self.block[self.given..];
        if !ready.is_empty() {
            let length = ready.len().min(output.len());
            output[..length].copy_from_slice(&ready[..length]);
            self.given += length;
            return Ok(Step { consumed: 0, produced: length });
        }
        if let State::Skip { left } = &mut self.state
            && *left != u32::MAX
        {
            let length = input.len().min(usize::try_from(*left).unwrap_or(usize::MAX));
            *left -= u32::try_from(length).unwrap_or(*left);
            if *left == 0 {
                self.state = State::Magic;
            }
            return Ok(Step { consumed: length, produced: 0 });
        }
        let length = input.len().min(self.wanted() - self.pending.len());
        self.pending.extend_from_slice(&input[..length]);
        // The first byte of a header says how long it is.
        if self.pending.len() == self.wanted() && !self.pending.is_empty() {
            self.go_on()?;
        }
        Ok(Step { consumed: length, produced: 0 })
    }

    fn finish(&self) -> Result<(), CodecError> {
        match self.state {
            State::Magic if self.pending.is_empty() => Ok(()),
            _ => Err(CodecError::Truncated("LZ4")),
        }
    }
}

impl std::fmt::Debug for Lz4 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Lz4").field("state", &self.state).finish_non_exhaustive()
    }
}

fn number(bytes: &[u8]) -> u32 {
    bytes.first_chunk().map_or(0, |bytes| u32::from_le_bytes(*bytes))
}

/// Flags, block size, content size, dictionary id, checksum.
fn header(bytes: &[u8]) -> Result<Frame, CodecError> {
    let (sum, fields) = bytes.split_last().ok_or(DAMAGED)?;
    let [flags, sizes, ..] = *fields else { return Err(DAMAGED) };
    let expected = xxh32(fields, 0) >> 8 & 0xff;
    if flags >> 6 != 1 || u32::from(*sum) != expected {
        return Err(DAMAGED);
    }
    if flags & 1 != 0 {
        return Err(CodecError::Unsupported { kind: "LZ4", what: "a dictionary" });
    }
    let max_block = match sizes >> 4 & 7 {
        size @ 4..=7 => 1 << (8 + 2 * size),
        _ => return Err(DAMAGED),
    };
    Ok(Frame {
        linked: flags & 32 == 0,
        block_checksums: flags & 16 != 0,
        content_checksum: flags & 4 != 0,
        max_block,
        hash: Xxh32::new(0),
        dictionary: Vec::new(),
    })
}
