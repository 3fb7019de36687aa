//! Deflate, RFC 1951.

use super::{Codec, CodecError, Step};
use flate2::{Decompress, FlushDecompress, Status};

/// A bare deflate stream.
#[derive(Debug)]
pub struct Deflate {
    inner: Decompress,
    over: bool,
}

impl Deflate {
    #[expect(clippy::new_without_default, reason = "a decompressor is made for a stream, not by default")]
    pub fn new() -> Self {
        Deflate { inner: Decompress::new(false), over: false }
    }

    /// Whether the stream has come to its own end.
    pub fn is_over(&self) -> bool {
        self.over
    }
}

impl Codec for Deflate {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, CodecError> {
        if self.over {
            return Ok(Step { consumed: input.len(), produced: 0 });
        }
        let (before_in, before_out) = (self.inner.total_in(), self.inner.total_out());
        let status = self.inner.decompress(input, output, FlushDecompress::None);
        let status = status.map_err(|_| CodecError::Damaged("deflate"))?;
        self.over = status == Status::StreamEnd;
        let moved = |now: u64, before: u64| usize::try_from(now - before).unwrap_or(usize::MAX);
        Ok(Step {
            consumed: moved(self.inner.total_in(), before_in),
            produced: moved(self.inner.total_out(), before_out),
        })
    }

    fn finish(&self) -> Result<(), CodecError> {
        if self.over { Ok(()) } else { Err(CodecError::Truncated("deflate")) }
    }
}
