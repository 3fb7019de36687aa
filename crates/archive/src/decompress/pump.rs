//! A codec as a transform.

use super::{Codec, CodecError};
use crate::PIECE;
use bytes::{Buf, Bytes};
use seal::Transform;

/// Feeds a codec what is pushed, and gives what it makes, at most 64 KiB at a time.
#[derive(Debug)]
pub struct Pump<C> {
    codec: C,
    input: Bytes,
    ended: bool,
    finished: bool,
}

impl<C: Codec> Pump<C> {
    pub fn new(codec: C) -> Self {
        Pump { codec, input: Bytes::new(), ended: false, finished: false }
    }

    /// Whether [`Transform::end`] was called.
    pub fn has_ended(&self) -> bool {
        self.ended
    }
}

impl<C: Codec> Transform for Pump<C> {
    type Error = CodecError;

    fn push(&mut self, piece: Bytes) {
        // Pulled until it wants more, a codec may leave a few bytes that it can't use alone.
        self.input = if self.input.is_empty() { piece } else { [&self.input[..], &piece].concat().into() };
    }

    fn end(&mut self) {
        self.ended = true;
    }

    fn pull(&mut self) -> Result<Option<Bytes>, CodecError> {
        if self.finished {
            return Ok(None);
        }
        let mut output = vec![0; PIECE];
        let mut filled = 0;
        while filled < output.len() {
            let step = self.codec.step(&self.input, &mut output[filled..])?;
            self.input.advance(step.consumed);
            filled += step.produced;
            if step.consumed == 0 && step.produced == 0 {
                break;
            }
        }
        if filled > 0 {
            output.truncate(filled);
            return Ok(Some(output.into()));
        }
        if self.ended {
            self.codec.finish()?;
            self.finished = true;
        }
        Ok(None)
    }
}
