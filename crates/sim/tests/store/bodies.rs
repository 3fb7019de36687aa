//! What is written: bytes that tell which request they are of.

use base::{ByteStream, StreamError};
use bytes::{Bytes, BytesMut};
use futures_util::stream;
use rustfs_sim::model::Op;

/// A body as pieces that requests brought: one, or the parts of an upload.
#[derive(Clone, Debug, Default)]
pub struct Body(pub Vec<(Op, usize)>);

impl Body {
    pub fn of(op: Op, size: usize) -> Self {
        Body(vec![(op, size)])
    }

    pub fn size(&self) -> usize {
        self.0.iter().map(|(_, size)| size).sum()
    }

    pub fn bytes(&self) -> Bytes {
        let mut bytes = BytesMut::with_capacity(self.size());
        for (op, size) in &self.0 {
            let mut state = op.wrapping_mul(0x9e37_79b9_7f4a_7c15) | 1;
            let end = bytes.len() + size;
            while bytes.len() < end {
                state ^= state << 13;
                state ^= state >> 7;
                state ^= state << 17;
                let word = state.to_le_bytes();
                let len = word.len().min(end - bytes.len());
                bytes.extend_from_slice(&word[..len]);
            }
        }
        bytes.freeze()
    }

    /// As a client sends it: in pieces, with pauses between them.
    pub fn stream(&self, piece: usize) -> ByteStream {
        let bytes = self.bytes();
        let pieces = (0..bytes.len()).step_by(piece.max(1));
        let pieces: Vec<Bytes> = pieces.map(|at| bytes.slice(at..bytes.len().min(at + piece.max(1)))).collect();
        let next = |mut pieces: std::vec::IntoIter<Bytes>| async move {
            tokio::task::yield_now().await;
            let piece = pieces.next()?;
            Some((Ok::<_, StreamError>(piece), pieces))
        };
        Box::pin(stream::unfold(pieces.into_iter(), next))
    }
}
