//! Gzip, RFC 1952: members one after the other.

use super::{Codec, CodecError, Deflate, Step};

/// The longest header: extra field, name and comment are of no use here, and take no more than this.
const MAX_HEADER: usize = 256 * 1024;
const TRAILER: usize = 8;

/// A gzip stream.
#[derive(Debug)]
pub struct Gzip {
    state: State,
    /// The beginning of a header or trailer.
    pending: Vec<u8>,
    /// Whole members read.
    members: u64,
    crc: crc32fast::Hasher,
    size: u32,
}

#[derive(Debug)]
enum State {
    Header,
    Body(Box<Deflate>),
    Trailer,
    /// Zeros fill up what is behind the members, as on tapes.
    Padding,
}

impl Gzip {
    #[expect(clippy::new_without_default, reason = "a decompressor is made for a stream, not by default")]
    pub fn new() -> Self {
        Gzip { state: State::Header, pending: Vec::new(), members: 0, crc: crc32fast::Hasher::new(), size: 0 }
    }

    /// Takes bytes of the header; all of it: the body begins.
    fn header(&mut self, input: &[u8]) -> Result<usize, CodecError> {
        let known = self.pending.len();
        let take = input.len().min(MAX_HEADER.saturating_sub(known));
        self.pending.extend_from_slice(&input[..take]);
        match header_length(&self.pending)? {
            Header::Whole(length) => {
                self.pending.clear();
                self.crc = crc32fast::Hasher::new();
                self.size = 0;
                self.state = State::Body(Box::new(Deflate::new()));
                Ok(length - known)
            }
            Header::Cut if self.pending.len() >= MAX_HEADER => Err(CodecError::Damaged("gzip")),
            Header::Cut => Ok(take),
            Header::None if self.members == 0 || !all_zero(&self.pending) => Err(CodecError::Damaged("gzip")),
            Header::None => {
                self.pending.clear();
                self.state = State::Padding;
                Ok(take)
            }
        }
    }

    fn trailer(&mut self, input: &[u8]) -> Result<usize, CodecError> {
        let take = input.len().min(TRAILER - self.pending.len());
        self.pending.extend_from_slice(&input[..take]);
        if let Some((crc, size)) = self.pending.split_first_chunk::<4>().filter(|(_, size)| size.len() == 4) {
            let same = u32::from_le_bytes(*crc) == self.crc.clone().finalize() && size == self.size.to_le_bytes();
            if !same {
                return Err(CodecError::Damaged("gzip"));
            }
            self.pending.clear();
            self.members += 1;
            self.state = State::Header;
        }
        Ok(take)
    }
}

impl Codec for Gzip {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, CodecError> {
        let consumed = match &mut self.state {
            State::Header => self.header(input)?,
            State::Trailer => self.trailer(input)?,
            State::Padding if all_zero(input) => input.len(),
            State::Padding => return Err(CodecError::Damaged("gzip")),
            State::Body(body) => {
                let step = body.step(input, output).map_err(|_| CodecError::Damaged("gzip"))?;
                self.crc.update(&output[..step.produced]);
                self.size = self.size.wrapping_add(u32::try_from(step.produced).unwrap_or(u32::MAX));
                if body.is_over() {
                    self.state = State::Trailer;
                }
                return Ok(step);
            }
        };
        Ok(Step { consumed, produced: 0 })
    }

    fn finish(&self) -> Result<(), CodecError> {
        match self.state {
            State::Padding => Ok(()),
            State::Header if self.members > 0 && self.pending.is_empty() => Ok(()),
            _ => Err(CodecError::Truncated("gzip")),
        }
    }
}

fn all_zero(bytes: &[u8]) -> bool {
    bytes.iter().all(|byte| *byte == 0)
}

enum Header {
    Whole(usize),
    Cut,
    /// These bytes begin no member.
    None,
}

/// The length of the header that `bytes` begin with.
fn header_length(bytes: &[u8]) -> Result<Header, CodecError> {
    let magic = [0x1f, 0x8b, 8];
    if !magic.starts_with(&bytes[..bytes.len().min(3)]) {
        return Ok(Header::None);
    }
    let Some(flags) = bytes.get(3).filter(|_| bytes.len() >= 10) else { return Ok(Header::Cut) };
    let mut at = 10;
    if flags & 4 != 0 {
        let Some(length) = bytes.get(at..at + 2) else { return Ok(Header::Cut) };
        at += 2 + usize::from(u16::from_le_bytes([length[0], length[1]]));
    }
    // Name and comment end with a zero.
    for flag in [8, 16] {
        if flags & flag != 0 {
            let Some(rest) = bytes.get(at..) else { return Ok(Header::Cut) };
            let Some(end) = rest.iter().position(|byte| *byte == 0) else { return Ok(Header::Cut) };
            at += end + 1;
        }
    }
    if flags & 2 != 0 {
        at += 2;
    }
    Ok(if bytes.len() < at { Header::Cut } else { Header::Whole(at) })
}
