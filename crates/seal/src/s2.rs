//! S2, the compression in which objects are stored, and the Snappy that older ones are (sections 6.3 to 6.5).
//!
//! A stream is a row of chunks: identifiers, blocks with a checksum of what they stand for, and chunks that a
//! reader may skip. The block format is Snappy's, with one addition: a copy may say "from where the last one
//! came".
//!
//! Written from the published format. There is a Rust library for S2; what is needed of it here is little, is fed
//! bytes from outside, and has to skip blocks, be cut anywhere and report where they begin.

mod block;
mod compress;
mod decompress;
mod encode;
mod index;

#[cfg(test)]
mod tests;

pub use block::BlockError;
pub use compress::{Compress, CompressReport, Padding};
pub use decompress::{Decompress, S2Error};
pub use index::{Index, IndexError, MIN_PLAIN as MIN_INDEXED};

/// The name of this compression in metadata, as it is written.
pub const NAME: &str = "klauspost/compress/s2";
/// The name that objects of the first releases have: Snappy's own framing.
pub const SNAPPY_NAME: &str = "golang/snappy/LZ77";

/// Plaintext bytes in each block that is written but the last.
pub(crate) const BLOCK: usize = 1 << 20;
/// Most plaintext bytes of a block that is read.
pub(crate) const MAX_BLOCK: usize = 4 << 20;
/// The same after a Snappy identifier.
pub(crate) const MAX_SNAPPY_BLOCK: usize = 64 << 10;

/// Types of chunks.
mod chunk {
    pub const COMPRESSED: u8 = 0x00;
    pub const UNCOMPRESSED: u8 = 0x01;
    /// From here on unknown types may be skipped.
    pub const SKIPPABLE: u8 = 0x80;
    pub const PADDING: u8 = 0xfe;
    pub const IDENTIFIER: u8 = 0xff;
    /// Bytes of type and length.
    pub const HEADER: usize = 4;
    /// Bytes of a checksum.
    pub const CHECKSUM: usize = 4;
}

const S2_IDENTIFIER: &[u8; 6] = b"S2sTwO";
const SNAPPY_IDENTIFIER: &[u8; 6] = b"sNaPpY";

/// The checksum of a block's plaintext, masked so that checksums of checksums stay good.
fn checksum(plain: &[u8]) -> u32 {
    let crc = crc_fast::checksum(crc_fast::CrcAlgorithm::Crc32Iscsi, plain);
    let crc = u32::try_from(crc).expect("a CRC of 32 bits");
    crc.rotate_right(15).wrapping_add(0xa282_ead8)
}
