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

/// Decodes the elements that are common, short literals and copies, as long as there are such and both ends are
/// far enough away for fixed steps. It leaves the first other element to the caller.
#[inline(always)]
fn decode_common(
    elements: &mut Elements<'_>,
    plain: &mut [u8],
    at: &mut usize,
    offset: &mut usize,
) -> Result<(), BlockError> {
    while let Some(next) = elements.left.first_chunk::<{ STEP + 1 }>()
        && plain.len() - *at >= LONGEST
    {
        let [tag, a, b, ..] = *next;
        let high = usize::from(tag >> 2);
        let (used, from, len) = match tag & 3 {
            0 if high < STEP => {
                let literal: &[u8; STEP] = next.last_chunk().expect("a tag and a step");
                plain[*at..*at + STEP].copy_from_slice(literal);
                elements.left = &elements.left[high + 2..];
                *at += high + 1;
                continue;
            }
            1 => (2, (usize::from(tag & 0xe0) << 3) | usize::from(a), 4 + (high & 7)),
            2 => (3, usize::from(u16::from_le_bytes([a, b])), high + 1),
            _ => return Ok(()),
        };
        let repeats = tag & 3 == 1 && from == 0;
        let (from, len) = if repeats { (*offset, len) } else { (from, len) };
        // Short repeats only; what overlaps is copied with care.
        if (repeats && high & 7 > 4) || (from < STEP && from < len) {
            return Ok(());
        }
        if from > *at {
            return Err(BlockError::Corrupt);
        }
        elements.left = &elements.left[used..];
        *offset = from;
        let source = *at - from;
        for step in (0..len).step_by(STEP) {
            let bytes: [u8; STEP] = plain[source + step..source + step + STEP].try_into().expect("a step");
            plain[*at + step..*at + step + STEP].copy_from_slice(&bytes);
        }
        *at += len;
    }
    Ok(())
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
