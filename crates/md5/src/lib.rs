//! MD5 (RFC 1321), which S3 wants of every body: its hex digits are the etag.
//!
//! MD5 is one long chain: each of the 64 steps of a block waits for the step before, so a processor that could do six
//! things at a time does one. Two ways out, and both are here. A single stream ([`Md5::update`]) makes each link as short as
//! the instructions allow. Several streams ([`update_together`]) go side by side in the lanes of wide registers, in the
//! time of one.
//!
//! It guards against nothing: collisions are made at will since 2004. Pure functions over slices: no I/O, no threads.

mod engine;
mod rounds;
#[cfg(test)]
mod tests;
mod together;
#[cfg(target_arch = "x86_64")]
mod x86;

pub use engine::Engine;
pub use together::update_together;

use engine::one;

/// Bytes of a digest.
pub const DIGEST_LEN: usize = 16;

/// Bytes that are mixed in at a time.
const BLOCK: usize = 64;

/// The end of the last block is the message's length in bits.
const LENGTH_AT: usize = BLOCK - 8;

/// What has been hashed, as four words (RFC 1321, 3.3).
type State = [u32; 4];

const START: State = [0x6745_2301, 0xefcd_ab89, 0x98ba_dcfe, 0x1032_5476];

/// A hash in progress.
#[derive(Clone, Debug)]
pub struct Md5 {
    state: State,
    /// The beginning of a block.
    partial: [u8; BLOCK],
    /// Bytes hashed so far, with those in `partial`.
    length: u64,
}

/// The MD5 of `bytes`.
pub fn digest(bytes: &[u8]) -> [u8; DIGEST_LEN] {
    let mut md5 = Md5::new();
    md5.update(bytes);
    md5.finish()
}

impl Md5 {
    /// Nothing hashed yet.
    pub fn new() -> Md5 {
        Md5 { state: START, partial: [0; BLOCK], length: 0 }
    }

    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        let bytes = self.complete_block(bytes);
        let (blocks, rest) = bytes.as_chunks::<BLOCK>();
        one(&mut self.state, blocks);
        self.count(blocks);
        self.keep(rest);
    }

    /// The digest of all bytes added.
    pub fn finish(mut self) -> [u8; DIGEST_LEN] {
        let bits = self.length.wrapping_mul(8);
        // A bit that is set, then zeros up to the length: in one block, or else in two.
        let filled = self.filled();
        let end = if filled < LENGTH_AT { LENGTH_AT } else { LENGTH_AT + BLOCK };
        let mut padding = [0; LENGTH_AT + BLOCK];
        padding[0] = 0x80;
        self.update(&padding[..end - filled]);
        self.update(&bits.to_le_bytes());
        debug_assert_eq!(self.filled(), 0);
        let mut digest = [0; DIGEST_LEN];
        for (bytes, word) in digest.chunks_exact_mut(4).zip(self.state) {
            bytes.copy_from_slice(&word.to_le_bytes());
        }
        digest
    }

    /// Bytes in `partial`.
    fn filled(&self) -> usize {
        // Below 64, so it fits.
        usize::try_from(self.length % (BLOCK as u64)).unwrap_or_default()
    }

    /// Completes a block that has begun, as far as `bytes` go; returns what they have beyond it.
    fn complete_block<'a>(&mut self, bytes: &'a [u8]) -> &'a [u8] {
        let filled = self.filled();
        if filled == 0 {
            return bytes;
        }
        let (head, rest) = bytes.split_at(bytes.len().min(BLOCK - filled));
        self.keep(head);
        if filled + head.len() == BLOCK {
            one(&mut self.state, &[self.partial]);
        }
        rest
    }

    /// Puts bytes behind those of a block that has begun. They fit.
    fn keep(&mut self, bytes: &[u8]) {
        let filled = self.filled();
        self.partial[filled..filled + bytes.len()].copy_from_slice(bytes);
        self.length += bytes.len() as u64;
    }

    /// Notes that blocks have been mixed in.
    fn count(&mut self, blocks: &[[u8; BLOCK]]) {
        self.length += blocks.as_flattened().len() as u64;
    }
}

impl Default for Md5 {
    fn default() -> Md5 {
        Md5::new()
    }
}
