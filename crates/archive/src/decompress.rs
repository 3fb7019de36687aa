//! Decompression of what others compressed, pushed in and pulled out in pieces.

mod bzip2;
mod deflate;
mod gzip;
mod lz4;
mod pump;
#[cfg(test)]
mod tests;
mod unpack;
mod zstd;

pub use self::bzip2::Bzip2;
pub use self::zstd::Zstd;
pub use deflate::Deflate;
pub use gzip::Gzip;
pub use lz4::Lz4;
pub use pump::Pump;
pub use unpack::Unpack;

/// The largest window that a zstd or LZ4 stream may ask for, as a power of two: 8 MiB, which RFC 8878 asks decoders to
/// have. More would let a client reserve it with a few bytes.
pub const MAX_WINDOW_LOG: u32 = 23;

/// What one step did.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Step {
    /// Bytes of input used.
    pub consumed: usize,
    /// Bytes of output made.
    pub produced: usize,
}

/// A decompressor. A step uses some of `input` and fills some of `output`; one that does neither needs more input.
pub trait Codec: Send {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, CodecError>;

    /// Called after the last input was used: an error if the stream isn't complete.
    fn finish(&self) -> Result<(), CodecError>;
}

impl Codec for Box<dyn Codec> {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, CodecError> {
        (**self).step(input, output)
    }

    fn finish(&self) -> Result<(), CodecError> {
        (**self).finish()
    }
}

/// Why a stream can't be decompressed.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum CodecError {
    #[error("the {0} stream is damaged")]
    Damaged(&'static str),
    #[error("the {0} stream is cut off")]
    Truncated(&'static str),
    #[error("the {kind} stream asks for {what}, which is not supported")]
    Unsupported { kind: &'static str, what: &'static str },
    #[error("{0}")]
    Other(String),
}

/// What isn't compressed.
#[derive(Debug)]
pub struct Stored;

impl Codec for Stored {
    fn step(&mut self, input: &[u8], output: &mut [u8]) -> Result<Step, CodecError> {
        let length = input.len().min(output.len());
        output[..length].copy_from_slice(&input[..length]);
        Ok(Step { consumed: length, produced: length })
    }

    fn finish(&self) -> Result<(), CodecError> {
        Ok(())
    }
}
