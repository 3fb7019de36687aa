//! A stream that may be compressed: its first bytes tell how.

use super::{Bzip2, Codec, CodecError, Gzip, Lz4, Pump, Stored, Zstd};
use bytes::Bytes;
use seal::Transform;
use seal::s2::Decompress;

/// Bytes that tell what a stream is.
const MAGIC: usize = 4;

/// Decompresses gzip, zstd, LZ4, bzip2 and S2 (or Snappy), by the first bytes; anything else comes out as it is.
pub struct Unpack {
    state: State,
    /// The first bytes, until they tell.
    begin: Bytes,
    ended: bool,
}

enum State {
    Unknown,
    Codec(Pump<Box<dyn Codec>>),
    S2(Box<Decompress>),
}

impl std::fmt::Debug for Unpack {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Unpack")
    }
}

impl Unpack {
    #[expect(clippy::new_without_default, reason = "a decompressor is made for a stream, not by default")]
    pub fn new() -> Self {
        Unpack { state: State::Unknown, begin: Bytes::new(), ended: false }
    }

    fn begin(&mut self) -> Result<(), CodecError> {
        let codec: Box<dyn Codec> = match *self.begin {
            [0x1f, 0x8b, 8, ..] => Box::new(Gzip::new()),
            [0x28, 0xb5, 0x2f, 0xfd, ..] | [0x50..=0x5f, 0x2a, 0x4d, 0x18, ..] => Box::new(Zstd::new()?),
            [0x04, 0x22, 0x4d, 0x18, ..] => Box::new(Lz4::new()),
            [b'B', b'Z', b'h', ..] => Box::new(Bzip2::new()),
            [0xff, 0x06, 0, 0, ..] => {
                self.state = State::S2(Box::new(Decompress::new(0)));
                return Ok(());
            }
            _ => Box::new(Stored),
        };
        self.state = State::Codec(Pump::new(codec));
        Ok(())
    }
}

impl Transform for Unpack {
    type Error = CodecError;

    fn push(&mut self, piece: Bytes) {
        match &mut self.state {
            State::Unknown if self.begin.is_empty() => self.begin = piece,
            State::Unknown => self.begin = [&self.begin[..], &piece].concat().into(),
            State::Codec(pump) => pump.push(piece),
            State::S2(s2) => s2.push(piece),
        }
    }

    fn end(&mut self) {
        self.ended = true;
        match &mut self.state {
            State::Unknown => {}
            State::Codec(pump) => pump.end(),
            State::S2(s2) => s2.end(),
        }
    }

    fn pull(&mut self) -> Result<Option<Bytes>, CodecError> {
        if matches!(self.state, State::Unknown) {
            if self.begin.len() < MAGIC && !self.ended {
                return Ok(None);
            }
            self.begin()?;
            let begin = std::mem::take(&mut self.begin);
            self.push(begin);
            if self.ended {
                self.end();
            }
        }
        match &mut self.state {
            State::Unknown => Ok(None),
            State::Codec(pump) => pump.pull(),
            State::S2(s2) => s2.pull().map_err(|error| CodecError::Other(error.to_string())),
        }
    }
}
