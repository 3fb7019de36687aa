//! Bzip2: streams one after the other.

use super::{Codec, CodecError, Step};
use ::bzip2::{Decompress, Status};

/// A bzip2 stream. It takes up to 4 MiB of memory.
pub struct Bzip2 {
    inner: Decompress,
    /// The present stream has begun.
    begun: bool,
}

impl Bzip2 {
    #[expect(clippy::new_without_default, reason = "a decompressor is made for a stream, not by default")]
    pub fn new() -> Self {
        Bzip2 { inner: Decompress::new(false), begun: false }
    }
}

impl Codec for Bzip2 {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, CodecError> {
        if input.is_empty() && !self.begun {
            return Ok(Step::default());
        }
        let (before_in, before_out) = (self.inner.total_in(), self.inner.total_out());
        let status = self.inner.decompress(input, output).map_err(|_| CodecError::Damaged("bzip2"))?;
        let moved = |now: u64, before: u64| usize::try_from(now - before).unwrap_or(usize::MAX);
        let step = Step {
            consumed: moved(self.inner.total_in(), before_in),
            produced: moved(self.inner.total_out(), before_out),
        };
        self.begun |= step.consumed > 0;
        if status == Status::StreamEnd {
            *self = Bzip2::new();
        }
        Ok(step)
    }

    fn finish(&self) -> Result<(), CodecError> {
        if self.begun { Err(CodecError::Truncated("bzip2")) } else { Ok(()) }
    }
}

impl std::fmt::Debug for Bzip2 {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Bzip2")
    }
}
