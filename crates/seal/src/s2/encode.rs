//! Encoding a block: which earlier bytes to point at.
//!
//! Greedy, with two tables of where byte sequences were seen last: one of eight bytes for long matches, one of
//! five for short ones: a copy of four bytes is hardly shorter than they are.

/// Bits of the table index for sequences of eight and of five bytes: 64 Ki and 16 Ki places, which stay in the
/// second cache.
const LONG_BITS: u32 = 16;
const SHORT_BITS: u32 = 14;

/// No match begins in so many bytes at the end, so that eight can always be loaded.
const MARGIN: usize = 8;
/// After how many bytes without a match the search begins to skip one more at a time (as a power of two).
const SKIP: usize = 6;

/// The tables, kept from block to block to save their allocation; they are emptied for each.
pub(super) struct Encoder {
    long: Box<[u32; 1 << LONG_BITS]>,
    short: Box<[u32; 1 << SHORT_BITS]>,
}

impl Encoder {
    pub fn new() -> Self {
        Encoder { long: table(), short: table() }
    }

    /// Appends the block that stands for `plain`, which has at most 4 MiB. `false`: it wouldn't be smaller by
    /// what makes it worth decoding, and `out` is as it was.
    pub fn encode(&mut self, plain: &[u8], out: &mut Vec<u8>) -> bool {
        let start = out.len();
        push_uvarint(plain.len(), out);
        // A thirty-second less than the plaintext, or it is stored as it is.
        let limit = start + plain.len() - plain.len() / 32;
        let fits = plain.len() >= 2 * MARGIN && self.elements(plain, out, limit) && out.len() < limit;
        if !fits {
            out.truncate(start);
        }
        fits
    }

    /// Appends the elements; gives up when `out` passes `limit`.
    fn elements(&mut self, plain: &[u8], out: &mut Vec<u8>, limit: usize) -> bool {
        self.long.fill(0);
        self.short.fill(0);
        let end = plain.len() - MARGIN;
        // Bytes before `written` are in `out`.
        let mut written = 0;
        let mut at = 1;
        let mut last_offset = 0;
        while at < end {
            let Some((found, len)) = self.find(plain, at, last_offset) else {
                at += 1 + ((at - written) >> SKIP);
                continue;
            };
            let (mut begin, mut len, offset) = (at, len, at - found);
            // A match often begins before where it was noticed.
            while begin > written && begin > offset && plain[begin - 1] == plain[begin - offset - 1] {
                begin -= 1;
                len += 1;
            }
            push_literal(plain, written, begin, out);
            if offset == last_offset {
                push_repeat(len, out)
            } else {
                push_copy(offset, len, out)
            }
            last_offset = offset;
            written = begin + len;
            self.remember_around(plain, at, written, end);
            at = written;
            if out.len() >= limit {
                return false;
            }
        }
        push_literal(plain, written, plain.len(), out);
        true
    }

    /// Where the bytes at `at` were seen before, and how many are the same.
    #[inline(always)]
    fn find(&mut self, plain: &[u8], at: usize, last_offset: usize) -> Option<(usize, usize)> {
        let here = load(plain, at);
        let long = std::mem::replace(&mut self.long[long_hash(here)], place(at));
        let short = std::mem::replace(&mut self.short[short_hash(here)], place(at));
        if last_offset > 0 && same_five(load(plain, at - last_offset), here) {
            return Some((at - last_offset, common(plain, at - last_offset, at)));
        }
        if long as usize > 0 && load(plain, long as usize) == here {
            return Some((long as usize, common(plain, long as usize, at)));
        }
        if short as usize > 0 && same_five(load(plain, short as usize), here) {
            return Some((short as usize, common(plain, short as usize, at)));
        }
        None
    }

    /// Enters some of the places that a match covered.
    fn remember_around(&mut self, plain: &[u8], from: usize, to: usize, end: usize) {
        for at in [from + 1, to - 2] {
            if at < end {
                let bytes = load(plain, at);
                self.long[long_hash(bytes)] = place(at);
                self.short[short_hash(bytes)] = place(at);
            }
        }
    }
}

/// An empty table, made without passing over the stack.
fn table<const N: usize>() -> Box<[u32; N]> {
    vec![0; N].into_boxed_slice().try_into().expect("made with this length")
}

/// A place in a block as the tables keep it.
fn place(at: usize) -> u32 {
    u32::try_from(at).expect("a block is at most 4 MiB")
}

/// Eight bytes from `at` on.
#[inline(always)]
fn load(plain: &[u8], at: usize) -> u64 {
    u64::from_le_bytes(plain[at..at + 8].try_into().expect("eight bytes"))
}

/// Whether the first five of eight bytes are the same.
#[inline(always)]
fn same_five(a: u64, b: u64) -> bool {
    (a ^ b) << 24 == 0
}

fn long_hash(bytes: u64) -> usize {
    (bytes.wrapping_mul(0xcf1b_bcdc_b7a5_6463) >> (64 - LONG_BITS)) as usize
}

fn short_hash(bytes: u64) -> usize {
    ((bytes << 24).wrapping_mul(0x9e37_79b1_85eb_ca87) >> (64 - SHORT_BITS)) as usize
}

/// How many bytes from `b` on are the same as from `a`, which is before.
#[inline(always)]
fn common(plain: &[u8], a: usize, b: usize) -> usize {
    let (left, right) = (&plain[a..], &plain[b..]);
    let mut len = 0;
    for (x, y) in left.chunks_exact(8).zip(right.chunks_exact(8)) {
        let x = u64::from_le_bytes(x.try_into().expect("eight bytes"));
        let y = u64::from_le_bytes(y.try_into().expect("eight bytes"));
        if x != y {
            return len + ((x ^ y).trailing_zeros() / 8) as usize;
        }
        len += 8;
    }
    len + left[len..].iter().zip(&right[len..]).take_while(|(x, y)| x == y).count()
}

fn push_uvarint(mut number: usize, out: &mut Vec<u8>) {
    while number >= 0x80 {
        out.push(low_byte(number) | 0x80);
        number >>= 7;
    }
    out.push(low_byte(number));
}

fn low_byte(number: usize) -> u8 {
    number.to_le_bytes()[0]
}

/// Appends the `count` low bytes of a number, little-endian.
fn push_bytes(number: usize, count: usize, out: &mut Vec<u8>) {
    out.extend_from_slice(&number.to_le_bytes()[..count]);
}

/// Appends the literal of the bytes `from..to`.
#[inline(always)]
fn push_literal(plain: &[u8], from: usize, to: usize, out: &mut Vec<u8>) {
    /// Short literals are moved in one step, and what is too much is cut off again.
    const STEP: usize = 16;
    let Some(len) = (to - from).checked_sub(1) else { return };
    if len < STEP
        && let Some(bytes) = plain[from..].first_chunk::<STEP>()
    {
        out.push(low_byte(len << 2));
        out.extend_from_slice(bytes);
        return out.truncate(out.len() - (STEP - 1 - len));
    }
    push_long_literal(&plain[from..to], len, out);
}

fn push_long_literal(literal: &[u8], len: usize, out: &mut Vec<u8>) {
    match len {
        0..60 => out.push(low_byte(len << 2)),
        60..0x100 => {
            out.push(60 << 2);
            push_bytes(len, 1, out);
        }
        0x100..0x1_0000 => {
            out.push(61 << 2);
            push_bytes(len, 2, out);
        }
        _ => {
            out.push(62 << 2);
            push_bytes(len, 3, out);
        }
    }
    out.extend_from_slice(literal);
}

/// A copy from another offset than the last. `len` is at least 4.
#[inline(always)]
fn push_copy(offset: usize, len: usize, out: &mut Vec<u8>) {
    /// The longest copy that an offset of two or four bytes comes with.
    const MAX: usize = 64;
    let [low, high, third, fourth, ..] = offset.to_le_bytes();
    if offset < 2048 && len < 12 {
        return out.extend_from_slice(&[low_byte((offset >> 8) << 5 | (len - 4) << 2 | 1), low]);
    }
    // What doesn't fit is a repeat, which takes at least four.
    let first = if len > MAX { MAX.min(len - 4) } else { len };
    if offset < 0x1_0000 {
        out.extend_from_slice(&[low_byte((first - 1) << 2 | 2), low, high]);
    } else {
        out.extend_from_slice(&[low_byte((first - 1) << 2 | 3), low, high, third, fourth]);
    }
    if len > first {
        push_repeat(len - first, out);
    }
}

/// A copy from the last offset. `len` is at least 4.
fn push_repeat(len: usize, out: &mut Vec<u8>) {
    const KIND: usize = 1;
    let code = |code: usize| low_byte(code << 2 | KIND);
    match len {
        4..=8 => out.extend_from_slice(&[code(len - 4), 0]),
        9..264 => out.extend_from_slice(&[code(5), 0, low_byte(len - 8)]),
        264..65796 => {
            out.extend_from_slice(&[code(6), 0]);
            push_bytes(len - 260, 2, out);
        }
        _ => {
            out.extend_from_slice(&[code(7), 0]);
            push_bytes(len - 65540, 3, out);
        }
    }
}
