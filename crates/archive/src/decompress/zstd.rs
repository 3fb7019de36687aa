//! Zstandard, RFC 8878: frames one after the other, skippable ones passed over.

use super::{Codec, CodecError, MAX_WINDOW_LOG, Step};
use ::zstd::stream::raw::{DParameter, Decoder, InBuffer, Operation, OutBuffer};

/// A zstd stream. It takes the window that the stream asks for, up to the limit.
pub struct Zstd {
    inner: Decoder<'static>,
    /// A frame has begun and not ended.
    within: bool,
}

impl Zstd {
    pub fn new() -> Result<Self, CodecError> {
        let other = |error: std::io::Error| CodecError::Other(error.to_string());
        let mut inner = Decoder::new().map_err(other)?;
        inner.set_parameter(DParameter::WindowLogMax(MAX_WINDOW_LOG)).map_err(other)?;
        Ok(Zstd { inner, within: false })
    }
}

impl Codec for Zstd {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, CodecError> {
        if input.is_empty() && !self.within {
            return Ok(Step::default());
        }
        let mut source = InBuffer::around(input);
        let mut target = OutBuffer::around(output);
        let hint = self.inner.run(&mut source, &mut target).map_err(|error| {
            let text = error.to_string();
            if text.contains("memory") {
                CodecError::Unsupported { kind: "zstd", what: "a window above 8 MiB" }
            } else {
                CodecError::Damaged("zstd")
            }
        })?;
        let step = Step { consumed: source.pos(), produced: target.pos() };
        // A hint of zero: a frame has ended and all of it has come out.
        if step != Step::default() || hint == 0 {
            self.within = hint != 0;
        }
        Ok(step)
    }

    fn finish(&self) -> Result<(), CodecError> {
        if self.within { Err(CodecError::Truncated("zstd")) } else { Ok(()) }
    }
}

impl std::fmt::Debug for Zstd {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Zstd")
    }
}
