//! `aws-chunked`: a body in chunks inside the HTTP body, each chunk signed or not, trailers after the last.
//!
//! ```text
//! <hex size>;chunk-signature=<64 hex>\r\n<data>\r\n ... 0;chunk-signature=<64 hex>\r\n
//! name:value\n ... x-amz-trailer-signature:<64 hex>\r\n\r\n
//! ```
//!
//! Data is passed on as it comes, so nothing is buffered but a line; a wrong signature is an error at the end of its chunk, before the
//! chunk's last piece is passed on. Stricter than MinIO where that lets damage through: the final chunk and every
//! announced trailer must come, and nothing may follow.
//!
//! Rules: AWS, "Signature Calculations for the Authorization Header: Transferring Payload in Multiple Chunks", and the same with
//! trailing headers.

use super::trailer::TrailerBlock;
use super::{Announced, BodyError, Trailers};
use crate::auth::{ChunkSeed, hex_of};
use base::{ByteStream, MIB, StreamError};
use bytes::{Buf, Bytes};
use futures_util::Stream;
use sha2::{Digest, Sha256};
use std::pin::Pin;
use std::task::{Context, Poll, ready};

/// A signed chunk's data; more can't be trusted for too long.
const MAX_SIGNED_CHUNK: u64 = 16 * MIB;

/// A line: a chunk's head has 99 bytes at most, a trailer a name and a checksum.
const MAX_LINE: usize = 1024;

/// A size's hex digits: what a 64-bit number needs.
const MAX_SIZE_DIGITS: usize = 16;

/// Whether and how chunks are signed.
pub(super) enum Framing {
    /// Chunks are signed, and so is the trailer, if there is one.
    Signed {
        /// What the first chunk is signed with.
        seed: ChunkSeed,
        /// Whether trailers follow.
        trailer: bool,
    },
    /// Chunks are not signed; trailers follow.
    Unsigned,
}

/// Takes the framing off a body.
pub(super) struct Decoder {
    source: ByteStream,
    /// Bytes that have come and are not looked at yet.
    input: Bytes,
    /// The part of a line that has come.
    line: Vec<u8>,
    state: State,
    seal: Option<Seal>,
    trailer: TrailerBlock,
    /// Where the trailers are shown at the end.
    trailers: Trailers,
    decoded_length: Option<u64>,
    /// The sizes of all chunks so far.
    decoded: u64,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum State {
    /// Before a chunk's head.
    ChunkHead,
    /// In a chunk of which so many bytes are to come.
    Data(u64),
    /// Before the line end that closes a chunk.
    DataEnd,
    /// After the final chunk's head.
    Trailer,
    /// Nothing is to come.
    End,
    /// Nothing is asked any more.
    Over,
}

/// The signature of the chunk being read.
struct Seal {
    seed: ChunkSeed,
    hasher: Sha256,
    claimed: Vec<u8>,
}

impl Seal {
    fn check(&mut self) -> Result<(), BodyError> {
        let hash = hex_of(self.hasher.finalize_reset());
        if self.seed.chunk_matches(hash, &self.claimed) { Ok(()) } else { Err(BodyError::Signature) }
    }
}

impl Decoder {
    pub(super) fn new(source: ByteStream, framing: Framing, announced: Announced, trailers: Trailers) -> Self {
        let (seed, names, signed_trailer) = match framing {
            Framing::Signed { seed, trailer: true } => (Some(seed), announced.trailers, true),
            Framing::Signed { seed, trailer: false } => (Some(seed), Vec::new(), false),
            Framing::Unsigned => (None, announced.trailers, false),
        };
        Decoder {
            source,
            input: Bytes::new(),
            line: Vec::new(),
            state: State::ChunkHead,
            seal: seed.map(|seed| Seal { seed, hasher: Sha256::new(), claimed: Vec::new() }),
            trailer: TrailerBlock::new(names, signed_trailer),
            trailers,
            decoded_length: announced.decoded_length,
            decoded: 0,
        }
    }

    /// Works on the input until there is data to pass on, or no input left.
    fn step(&mut self) -> Result<Option<Bytes>, BodyError> {
        while !self.input.is_empty() {
            match self.state {
                State::Data(left) => return self.data(left).map(Some),
                State::ChunkHead => {
                    if self.take_line()? {
                        self.chunk_head()?;
                        self.line.clear();
                    }
                }
                State::DataEnd => {
                    if self.take_line()? {
                        if self.line != b"\r\n" {
                            return Err(BodyError::Malformed);
                        }
                        self.line.clear();
                        self.state = State::ChunkHead;
                    }
                }
                State::Trailer => {
                    if self.take_line()? {
                        let line = std::mem::take(&mut self.line);
                        self.trailer_line(&line)?;
                    }
                }
                State::End => self.after_end()?,
                State::Over => self.input.clear(),
            }
        }
        Ok(None)
    }

    /// Moves input to the line, up to the line's end. Whether the line is whole.
    fn take_line(&mut self) -> Result<bool, BodyError> {
        let end = self.input.iter().position(|byte| *byte == b'\n');
        let length = end.map_or(self.input.len(), |at| at + 1);
        if self.line.len() + length > MAX_LINE {
            return Err(BodyError::Malformed);
        }
        self.line.extend_from_slice(&self.input[..length]);
        self.input.advance(length);
        Ok(end.is_some())
    }

    fn chunk_head(&mut self) -> Result<(), BodyError> {
        let line = self.line.strip_suffix(b"\r\n").ok_or(BodyError::Malformed)?;
        let size = match &mut self.seal {
            None => parse_size(line)?,
            Some(seal) => {
                let at = line.iter().position(|byte| *byte == b';').ok_or(BodyError::Malformed)?;
                let signature = line[at..].strip_prefix(b";chunk-signature=").ok_or(BodyError::Malformed)?;
                seal.claimed.clear();
                seal.claimed.extend_from_slice(signature);
                parse_size(&line[..at])?
            }
        };
        if self.seal.is_some() && size > MAX_SIGNED_CHUNK {
            return Err(BodyError::ChunkTooBig);
        }
        self.decoded = self.decoded.checked_add(size).ok_or(BodyError::Malformed)?;
        if self.decoded_length.is_some_and(|length| self.decoded > length) {
            return Err(BodyError::ExcessData);
        }
        if size > 0 {
            self.state = State::Data(size);
            return Ok(());
        }
        if self.decoded_length.is_some_and(|length| self.decoded < length) {
            return Err(BodyError::IncompleteBody);
        }
        self.seal.as_mut().map_or(Ok(()), Seal::check)?;
        self.state = State::Trailer;
        Ok(())
    }

    fn data(&mut self, left: u64) -> Result<Bytes, BodyError> {
        let take = usize::try_from(left).unwrap_or(usize::MAX).min(self.input.len());
        let piece = self.input.split_to(take);
        let left = left - take as u64;
        if let Some(seal) = &mut self.seal {
            seal.hasher.update(&piece);
            if left == 0 {
                seal.check()?;
            }
        }
        self.state = if left == 0 { State::DataEnd } else { State::Data(left) };
        Ok(piece)
    }

    fn trailer_line(&mut self, line: &[u8]) -> Result<(), BodyError> {
        let seed = self.seal.as_mut().map(|seal| &mut seal.seed);
        if self.trailer.line(line, seed)? {
            self.trailers.set(self.trailer.take());
            self.state = State::End;
        }
        Ok(())
    }

    /// Some clients end a trailer with one empty line more.
    fn after_end(&mut self) -> Result<(), BodyError> {
        self.line.extend_from_slice(&self.input[..self.input.len().min(MAX_LINE)]);
        self.input.clear();
        if b"\r\n".starts_with(&self.line) { Ok(()) } else { Err(BodyError::Malformed) }
    }

    fn fail(&mut self, error: StreamError) -> Poll<Option<Result<Bytes, StreamError>>> {
        self.state = State::Over;
        self.trailers.set(Vec::new());
        Poll::Ready(Some(Err(error)))
    }
}

impl Stream for Decoder {
    type Item = Result<Bytes, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        let this = &mut *self;
        while this.state != State::Over {
            match this.step() {
                Ok(Some(data)) => return Poll::Ready(Some(Ok(data))),
                Ok(None) => {}
                Err(error) => return this.fail(error.into()),
            }
            match ready!(this.source.as_mut().poll_next(cx)) {
                Some(Ok(data)) => this.input = data,
                Some(Err(error)) => return this.fail(error),
                None if this.state == State::End => this.state = State::Over,
                None => return this.fail(BodyError::IncompleteBody.into()),
            }
        }
        Poll::Ready(None)
    }
}

fn parse_size(digits: &[u8]) -> Result<u64, BodyError> {
    if digits.is_empty() || digits.len() > MAX_SIZE_DIGITS || !digits.iter().all(u8::is_ascii_hexdigit) {
        return Err(BodyError::Malformed);
    }
    let text = std::str::from_utf8(digits).map_err(|_| BodyError::Malformed)?;
    u64::from_str_radix(text, 16).map_err(|_| BodyError::Malformed)
}
