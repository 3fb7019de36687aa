//! A frame: what one sync of the journal makes durable, whole or not at all. Its bytes are described in
//! docs/durability.md.

use crate::local::fields::{Malformed, Rest, put_bytes};
use bytes::{BufMut, Bytes, BytesMut};
use uuid::Uuid;
use xxhash_rust::xxh3::xxh3_64;

/// Frames begin at multiples of this, and fill up to one: what was synced is never written again, whatever unit the
/// drive writes at once (512 or 4096 bytes).
pub const BLOCK: usize = 4096;

const MAGIC: &[u8; 8] = b"RFSFRAME";
const VERSION: u16 = 1;

/// Everything in front of the entries.
const HEAD: usize = 64;
const CHECKSUM: usize = 8;

/// What a frame says besides its entries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Head {
    /// The drive that it was written for: a copy of a drive has another.
    pub drive: Uuid,
    /// Counts the times that the journal was begun anew; frames of earlier ones count for nothing.
    pub epoch: u64,
    /// Counts the frames of an epoch, from 1.
    pub sequence: u64,
    /// The frames up to this number are of no use any more: what they say is durable elsewhere.
    pub cut: u64,
}

/// A frame as read.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Frame {
    pub head: Head,
    pub entries: Vec<Bytes>,
}

/// What is found at a block of a segment.
#[derive(Debug, PartialEq, Eq)]
pub enum Found {
    Nothing,
    /// A whole frame and the bytes that it takes, a multiple of [`BLOCK`].
    Frame(Frame, usize),
    /// A whole frame of a version that this release doesn't know.
    UnknownVersion(u16),
}

/// The bytes that a frame takes whose entries take so many, each counted with [`entry_size`].
pub fn frame_size(entries: usize) -> usize {
    (HEAD + entries + CHECKSUM).next_multiple_of(BLOCK)
}

/// The bytes that an entry takes in a frame.
pub fn entry_size(entry: &[u8]) -> usize {
    4 + entry.len()
}

/// The bytes of a frame, filled up with zeros.
pub fn encode(head: Head, entries: &[Bytes]) -> Bytes {
    let payload: usize = entries.iter().map(|entry| entry_size(entry)).sum();
    let size = frame_size(payload);
    let mut out = BytesMut::with_capacity(size);
    out.put_slice(MAGIC);
    out.put_u16_le(VERSION);
    out.put_u16_le(0);
    out.put_u32_le(u32::try_from(entries.len()).expect("a batch has few entries"));
    out.put_slice(head.drive.as_bytes());
    out.put_u64_le(head.epoch);
    out.put_u64_le(head.sequence);
    out.put_u64_le(head.cut);
    out.put_u64_le(payload as u64);
    for entry in entries {
        put_bytes(&mut out, entry);
    }
    let checksum = xxh3_64(&out);
    out.put_u64_le(checksum);
    out.resize(size, 0);
    out.freeze()
}

/// What is at the beginning of `bytes`, which go on to the end of the segment.
pub fn read(bytes: &Bytes) -> Found {
    parse(bytes).unwrap_or(Found::Nothing)
}

fn parse(bytes: &Bytes) -> Result<Found, Malformed> {
    if !bytes.starts_with(MAGIC) {
        return Ok(Found::Nothing);
    }
    let mut rest = Rest { bytes: bytes.slice(MAGIC.len()..) };
    let version = u16::from_le_bytes(rest.array()?);
    let _reserved: [u8; 2] = rest.array()?;
    let count = rest.length()?;
    let drive = rest.uuid()?;
    let epoch = u64::from_le_bytes(rest.array()?);
    let sequence = u64::from_le_bytes(rest.array()?);
    let cut = u64::from_le_bytes(rest.array()?);
    let payload = usize::try_from(u64::from_le_bytes(rest.array()?)).map_err(|_| Malformed)?;
    let mut payload = Rest { bytes: rest.take(payload)? };
    let checked = HEAD + payload.bytes.len();
    if xxh3_64(&bytes[..checked]) != u64::from_le_bytes(rest.array()?) {
        return Ok(Found::Nothing);
    }
    if version != VERSION {
        return Ok(Found::UnknownVersion(version));
    }
    let size = frame_size(payload.bytes.len()).min(bytes.len());
    let mut entries = Vec::new();
    for _ in 0..count {
        entries.push(payload.bytes()?);
    }
    payload.end()?;
    Ok(Found::Frame(Frame { head: Head { drive, epoch, sequence, cut }, entries }, size))
}
