//! Decoding a block (section 6.4).
//!
//! The plaintext's length, then literals and copies of what came before. Small copies are done in fixed steps
//! that may write past their end: what they write there is written again, or the block is refused.

/// Why a block was not decoded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum BlockError {
    #[error("a compressed block says that it is longer than a block can be")]
    TooLong,
    #[error("a compressed block is corrupt")]
    Corrupt,
}

/// Bytes that small copies are done in.
const STEP: usize = 16;
/// The longest of them: 64 bytes.
const LONGEST: usize = 4 * STEP;

/// A block's plaintext length, and the elements that follow it.
pub(super) fn plain_len(block: &[u8], max: usize) -> Result<(usize, &[u8]), BlockError> {
    let mut len = 0usize;
    for (at, &byte) in block.iter().take(5).enumerate() {
        len |= usize::from(byte & 0x7f) << (7 * at);
        if byte & 0x80 == 0 {
            return if len > max { Err(BlockError::TooLong) } else { Ok((len, &block[at + 1..])) };
        }
    }
    Err(BlockError::Corrupt)
}

/// Decodes a block into `plain`, which is as long as the block says it is.
pub(super) fn decode(elements: &[u8], plain: &mut [u8]) -> Result<(), BlockError> {
    let mut elements = Elements { left: elements };
    let mut at = 0;
    // Where the last copy came from; none yet in this block.
    let mut offset = 0;
    loop {
        decode_common(&mut elements, plain, &mut at, &mut offset)?;
        let Some(element) = elements.next()? else { break };
        at += match element {
            Element::Literal(len) => {
                elements.literal(len, &mut plain[at..])?;
                len
            }
            Element::Copy { from, len } => {
                offset = from.unwrap_or(offset);
                copy(plain, at, offset, len)?;
                len
            }
        };
    }
    if at == plain.len() { Ok(()) } else { Err(BlockError::Corrupt) }
}

/// What a tag says, looked up: deciding it by branches costs more than the copy, as nobody can foretell them.
/// Bits 0 to 7: bytes that it makes; 8 to 15: input that it takes, tag included; from 16 on: the offset's high bits.
const TAGS: [u32; 256] = tags();
/// It is left to the caller.
const RARE: u32 = 1 << 31;
/// Likewise if its offset is 0, which for the others means the last copy's.
const RARE_REPEAT: u32 = 1 << 30;
/// It copies what came before.
const COPY: u32 = 1 << 29;
/// What of the bytes after the tag is an offset, by kind.
const OFFSETS: [usize; 4] = [0, 0xff, 0xffff, 0];

const fn tags() -> [u32; 256] {
    let mut tags = [RARE; 256];
    let mut tag: u32 = 0;
    while tag < 256 {
        let high = tag >> 2;
        tags[tag as usize] = match tag & 3 {
            0 if high < STEP as u32 => (high + 1) | (high + 2) << 8,
            1 => {
                let len = 4 + (high & 7);
                let repeat = if len > 8 { RARE_REPEAT } else { 0 };
                COPY | repeat | len | 2 << 8 | (tag & 0xe0) << 3 << 16
            }
            2 => COPY | RARE_REPEAT | (high + 1) | 3 << 8,
            _ => RARE,
        };
        tag += 1;
    }
    tags
}

/// Decodes the elements that are common, short literals and copies, as long as there are such and both ends are
/// far enough away for fixed steps. It leaves the first other element to the caller.
#[inline(always)]
fn decode_common(
    elements: &mut Elements<'_>,
    plain: &mut [u8],
    at: &mut usize,
    offset: &mut usize,
) -> Result<(), BlockError> {
    let (mut left, mut to, mut last) = (elements.left, *at, *offset);
    let mut corrupt = false;
    while let Some(next) = left.first_chunk::<{ STEP + 1 }>()
        && plain.len() - to >= LONGEST
    {
        let tag = TAGS[usize::from(next[0])];
        let len = (tag & 0xff) as usize;
        let told = (usize::from(u16::from_le_bytes([next[1], next[2]])) & OFFSETS[usize::from(next[0] & 3)])
            | (tag >> 16 & 0x7ff) as usize;
        let from = if told == 0 { last } else { told };
        let is_copy = tag & COPY != 0;
        // What overlaps is copied with care.
        let rare =
            (tag & RARE != 0) | ((told == 0) & (tag & RARE_REPEAT != 0)) | (is_copy & (from < STEP) & (from < len));
        if rare {
            break;
        }
        if from > to {
            corrupt = true;
            break;
        }
        let source = to - from;
        // Both are looked at, and one is taken.
        let literal: [u8; STEP] = *next.last_chunk().expect("a tag and a step");
        let copied: [u8; STEP] = plain[source..source + STEP].try_into().expect("a step");
        let bytes = if is_copy { u128::from_le_bytes(copied) } else { u128::from_le_bytes(literal) };
        plain[to..to + STEP].copy_from_slice(&bytes.to_le_bytes());
        if len > STEP {
            for step in [STEP, 2 * STEP, 3 * STEP] {
                let bytes: [u8; STEP] = plain[source + step..source + step + STEP].try_into().expect("a step");
                plain[to + step..to + step + STEP].copy_from_slice(&bytes);
            }
        }
        last = from;
        to += len;
        left = &left[(tag >> 8 & 0xff) as usize..];
    }
    (elements.left, *at, *offset) = (left, to, last);
    if corrupt { Err(BlockError::Corrupt) } else { Ok(()) }
}

#[derive(Clone, Copy)]
enum Element {
    /// This many bytes follow.
    Literal(usize),
    /// `len` bytes from `from` bytes ago; `None`: from as far as the last copy.
    Copy { from: Option<usize>, len: usize },
}

struct Elements<'a> {
    left: &'a [u8],
}

impl Elements<'_> {
    fn next(&mut self) -> Result<Option<Element>, BlockError> {
        let Some((&tag, rest)) = self.left.split_first() else { return Ok(None) };
        self.left = rest;
        let high = usize::from(tag >> 2);
        Ok(Some(match tag & 3 {
            0 if high < 60 => Element::Literal(high + 1),
            0 => Element::Literal(self.number(high - 59)?.checked_add(1).ok_or(BlockError::Corrupt)?),
            1 => {
                let from = (usize::from(tag & 0xe0) << 3) | self.number(1)?;
                if from == 0 { self.repeat(high & 7)? } else { Element::Copy { from: Some(from), len: 4 + (high & 7) } }
            }
            2 => Element::Copy { from: Some(self.number(2)?), len: high + 1 },
            _ => Element::Copy { from: Some(self.number(4)?), len: high + 1 },
        }))
    }

    /// S2's addition: a copy of offset 0 repeats the last offset and can be long.
    fn repeat(&mut self, code: usize) -> Result<Element, BlockError> {
        let len = match code {
            0..=4 => code + 4,
            5 => self.number(1)? + 8,
            6 => self.number(2)? + 260,
            _ => self.number(3)? + 65540,
        };
        Ok(Element::Copy { from: None, len })
    }

    /// A little-endian number of up to four bytes.
    #[inline(always)]
    fn number(&mut self, bytes: usize) -> Result<usize, BlockError> {
        let (number, rest) = self.left.split_at_checked(bytes).ok_or(BlockError::Corrupt)?;
        self.left = rest;
        Ok(number.iter().rev().fold(0, |number, &byte| (number << 8) | usize::from(byte)))
    }

    /// Moves a literal to the beginning of `plain`.
    fn literal(&mut self, len: usize, plain: &mut [u8]) -> Result<(), BlockError> {
        let (literal, rest) = self.left.split_at_checked(len).ok_or(BlockError::Corrupt)?;
        plain.get_mut(..len).ok_or(BlockError::Corrupt)?.copy_from_slice(literal);
        self.left = rest;
        Ok(())
    }
}

/// Copies `len` bytes to `at` from `offset` bytes before; the two may overlap.
fn copy(plain: &mut [u8], at: usize, offset: usize, len: usize) -> Result<(), BlockError> {
    if offset == 0 || offset > at || len > plain.len() - at {
        return Err(BlockError::Corrupt);
    }
    let from = at - offset;
    if offset >= len {
        plain.copy_within(from..from + len, at);
        return Ok(());
    }
    // What has been copied repeats the pattern, so twice as much can be copied each time.
    let mut done = 0;
    while done < len {
        let step = (len - done).min(offset + done);
        plain.copy_within(from..from + step, at + done);
        done += step;
    }
    Ok(())
}
