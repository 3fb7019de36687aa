//! Digests that tell whether a shard is still what was written.
//!
//! Today's objects keep a HighwayHash-256 before every shard of every block: a *frame* is 32 bytes of digest and the shard
//! it covers. Objects of early releases name one of four algorithms and keep a single digest for the whole shard file
//! in their metadata: see [`BitrotAlgorithm`]. Format: docs/erasure-coding.md, "Frames".

mod algorithm;

use std::fmt;

use highway::{HighwayHash, HighwayHasher, Key};
use thiserror::Error;

pub use algorithm::{BitrotAlgorithm, BitrotHasher};

/// Bytes of a frame's digest.
pub const DIGEST_LEN: usize = 32;

/// A frame's digest.
pub type Digest = [u8; DIGEST_LEN];

/// The key that MinIO hashes with: 4be734fa8e238acd263e83e6bb968552040f935da39f441497e09d1322de36a0 as four
/// little-endian words. It is public: the digest guards against decay, not against forgers.
const KEY: Key = Key([0xcd8a_238e_fa34_e74b, 0x5285_96bb_e683_3e26, 0x1444_9fa3_5d93_0f04, 0xa036_de22_139d_e097]);

/// Why bytes from a drive are not to be trusted.
#[derive(Clone, Debug, PartialEq, Eq, Error)]
pub enum BitrotMismatch {
    /// Too short to hold even a digest.
    #[error("a frame of {len} bytes has no room for its digest")]
    TooShort {
        /// Bytes there were.
        len: usize,
    },
    /// The bytes are not those that were written.
    #[error("stored digest {}, computed {}", Hex(.stored), Hex(.computed))]
    Digest {
        /// The digest that was stored with the bytes.
        stored: Vec<u8>,
        /// The digest of the bytes found.
        computed: Vec<u8>,
    },
}

impl BitrotMismatch {
    /// Nothing if `stored` and `computed` are equal.
    fn check(stored: &[u8], computed: &[u8]) -> Result<(), BitrotMismatch> {
        if stored == computed {
            return Ok(());
        }
        Err(BitrotMismatch::Digest { stored: stored.to_vec(), computed: computed.to_vec() })
    }
}

struct Hex<'a>(&'a [u8]);

impl fmt::Display for Hex<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        self.0.iter().try_for_each(|byte| write!(f, "{byte:02x}"))
    }
}

/// HighwayHash-256 of a shard.
pub fn digest(shard: &[u8]) -> Digest {
    let mut hasher = Hasher::new();
    hasher.update(shard);
    hasher.finish()
}

/// The digest of a shard that lies in several pieces.
#[derive(Clone, Debug)]
pub struct Hasher(HighwayHasher);

impl Hasher {
    /// Nothing hashed yet.
    pub fn new() -> Hasher {
        Hasher(HighwayHasher::new(KEY))
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        self.0.append(bytes);
    }

    /// Adds `count` zeros: the padding of a block's last data shards, which need not exist in memory.
    pub fn update_zeros(&mut self, mut count: usize) {
        const ZEROS: [u8; 256] = [0; 256];
        while count > 0 {
            let now = count.min(ZEROS.len());
            self.update(&ZEROS[..now]);
            count -= now;
        }
    }

    /// The digest of all bytes added.
    pub fn finish(self) -> Digest {
        let mut digest = [0; DIGEST_LEN];
        for (bytes, word) in digest.chunks_exact_mut(8).zip(self.0.finalize256()) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        digest
    }
}

impl Default for Hasher {
    fn default() -> Hasher {
        Hasher::new()
    }
}

/// Writes the digest of the shard in `frame[32..]` into `frame[..32]`.
///
/// # Panics
///
/// If the frame is shorter than a digest.
pub fn seal_frame(frame: &mut [u8]) {
    let (stored, shard) = frame.split_at_mut(DIGEST_LEN);
    stored.copy_from_slice(&digest(shard));
}

/// Appends the digest of `shard`, then the shard.
pub fn append_frame(frames: &mut Vec<u8>, shard: &[u8]) {
    frames.reserve(DIGEST_LEN + shard.len());
    frames.extend_from_slice(&digest(shard));
    frames.extend_from_slice(shard);
}

/// The shard within a frame, once its digest has been found right. Total: takes any bytes.
pub fn verify_frame(frame: &[u8]) -> Result<&[u8], BitrotMismatch> {
    let (stored, shard) =
        frame.split_first_chunk::<DIGEST_LEN>().ok_or(BitrotMismatch::TooShort { len: frame.len() })?;
    BitrotMismatch::check(stored, &digest(shard))?;
    Ok(shard)
}

#[cfg(test)]
mod tests;
