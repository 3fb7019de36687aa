//! MD5 in the registers of x86-64: the only unsafe instructions of this crate.
//!
//! The streams' blocks are turned from rows to columns: word k of all streams in one register. AVX-512 has any function of
//! three words in one instruction, and rotations, so that its sixteen streams take less than AVX2's eight.
//!
//! Loops here are plain ones: a closure given to `map` would be compiled without these instructions.

use crate::rounds::{Word, mix, sines};
use crate::{BLOCK, State};
use std::arch::asm;
use std::arch::x86_64::*;

/// Streams at once with AVX-512.
pub(crate) const LANES_512: usize = 16;
/// Streams at once with AVX2.
pub(crate) const LANES_256: usize = 8;

/// Truth tables for `vpternlogd` of (b, c, d): bit 4b + 2c + d of each is the function's value.
const F: i32 = 0xca;
const G: i32 = 0xe4;
const H: i32 = 0x96;
const I: i32 = 0x39;

/// Sixteen streams.
#[derive(Clone, Copy)]
struct V512(__m512i);

/// Eight streams.
#[derive(Clone, Copy)]
struct V256(__m256i);

/// See [`crate::Engine`]: up to sixteen streams with as many blocks each.
#[target_feature(enable = "avx512f")]
pub(crate) fn several_512(states: &mut [&mut State], blocks: &[&[[u8; BLOCK]]]) {
    let mut lanes = columns::<LANES_512>(states);
    let mut words = [V512(_mm512_setzero_si512()); 4];
    for (word, lanes) in words.iter_mut().zip(&lanes) {
        // SAFETY: a register is read from an array of its size.
        word.0 = unsafe { _mm512_loadu_si512(lanes.as_ptr().cast()) };
    }
    let sines = sines();
    let mut rows = [_mm512_setzero_si512(); LANES_512];
    for at in 0..blocks[0].len() {
        for (row, blocks) in rows.iter_mut().zip(blocks) {
            // SAFETY: a register is read from a block of its size.
            *row = unsafe { _mm512_loadu_si512(blocks[at].as_ptr().cast()) };
        }
        // SAFETY: this function's own target features are what `V512` needs.
        words = unsafe { mix(words, &transpose_512(&rows), sines) };
    }
    for (word, lanes) in words.iter().zip(&mut lanes) {
        // SAFETY: a register is written to an array of its size.
        unsafe { _mm512_storeu_si512(lanes.as_mut_ptr().cast(), word.0) };
    }
    put_columns(states, &lanes);
}

/// See [`crate::Engine`]: up to eight streams with as many blocks each.
#[target_feature(enable = "avx2")]
pub(crate) fn several_256(states: &mut [&mut State], blocks: &[&[[u8; BLOCK]]]) {
    let mut lanes = columns::<LANES_256>(states);
    let mut words = [V256(_mm256_setzero_si256()); 4];
    for (word, lanes) in words.iter_mut().zip(&lanes) {
        // SAFETY: a register is read from an array of its size.
        word.0 = unsafe { _mm256_loadu_si256(lanes.as_ptr().cast()) };
    }
    let sines = sines();
    let mut rows = [[_mm256_setzero_si256(); LANES_256]; 2];
    for at in 0..blocks[0].len() {
        for (lane, blocks) in blocks.iter().enumerate() {
            let (halves, _) = blocks[at].as_chunks::<{ BLOCK / 2 }>();
            // SAFETY: a register is read from half a block, which is its size.
            rows[0][lane] = unsafe { _mm256_loadu_si256(halves[0].as_ptr().cast()) };
            // SAFETY: as above.
            rows[1][lane] = unsafe { _mm256_loadu_si256(halves[1].as_ptr().cast()) };
        }
        let mut message = [words[0]; 16];
        let (first, second) = message.split_at_mut(LANES_256);
        first.copy_from_slice(&transpose_256(&rows[0]));
        second.copy_from_slice(&transpose_256(&rows[1]));
        // SAFETY: this function's own target features are what `V256` needs.
        words = unsafe { mix(words, &message, sines) };
    }
    for (word, lanes) in words.iter().zip(&mut lanes) {
        // SAFETY: a register is written to an array of its size.
        unsafe { _mm256_storeu_si256(lanes.as_mut_ptr().cast(), word.0) };
    }
    put_columns(states, &lanes);
}

/// Word by word, the states of all streams; lanes without a stream have zeros.
fn columns<const LANES: usize>(states: &[&mut State]) -> [[u32; LANES]; 4] {
    std::array::from_fn(|word| std::array::from_fn(|lane| states.get(lane).map_or(0, |state| state[word])))
}

/// The reverse of [`columns`].
fn put_columns<const LANES: usize>(states: &mut [&mut State], columns: &[[u32; LANES]; 4]) {
    for (lane, state) in states.iter_mut().enumerate() {
        **state = std::array::from_fn(|word| columns[word][lane]);
    }
}

/// Sixteen rows of sixteen words become sixteen columns.
#[inline]
#[target_feature(enable = "avx512f")]
fn transpose_512(rows: &[__m512i; 16]) -> [V512; 16] {
    let zero = _mm512_setzero_si512();
    // Word j of each quarter (128 bits) of the rows of a group of four, at `quarters[j][group]`.
    let mut quarters = [[zero; 4]; 4];
    for group in 0..4 {
        let [a, b, c, d] = [rows[4 * group], rows[4 * group + 1], rows[4 * group + 2], rows[4 * group + 3]];
        let (ab_low, ab_high) = (_mm512_unpacklo_epi32(a, b), _mm512_unpackhi_epi32(a, b));
        let (cd_low, cd_high) = (_mm512_unpacklo_epi32(c, d), _mm512_unpackhi_epi32(c, d));
        quarters[0][group] = _mm512_unpacklo_epi64(ab_low, cd_low);
        quarters[1][group] = _mm512_unpackhi_epi64(ab_low, cd_low);
        quarters[2][group] = _mm512_unpacklo_epi64(ab_high, cd_high);
        quarters[3][group] = _mm512_unpackhi_epi64(ab_high, cd_high);
    }
    // Then the quarters of the four groups change places.
    let mut columns = [V512(zero); 16];
    for (j, [a, b, c, d]) in quarters.into_iter().enumerate() {
        let (ab_low, ab_high) = (_mm512_shuffle_i32x4::<0x44>(a, b), _mm512_shuffle_i32x4::<0xee>(a, b));
        let (cd_low, cd_high) = (_mm512_shuffle_i32x4::<0x44>(c, d), _mm512_shuffle_i32x4::<0xee>(c, d));
        columns[j].0 = _mm512_shuffle_i32x4::<0x88>(ab_low, cd_low);
        columns[4 + j].0 = _mm512_shuffle_i32x4::<0xdd>(ab_low, cd_low);
        columns[8 + j].0 = _mm512_shuffle_i32x4::<0x88>(ab_high, cd_high);
        columns[12 + j].0 = _mm512_shuffle_i32x4::<0xdd>(ab_high, cd_high);
    }
    columns
}

/// Eight rows of eight words become eight columns.
#[inline]
#[target_feature(enable = "avx2")]
fn transpose_256(rows: &[__m256i; 8]) -> [V256; 8] {
    let zero = _mm256_setzero_si256();
    // As above, with halves for quarters and two groups.
    let mut halves = [[zero; 2]; 4];
    for group in 0..2 {
        let [a, b, c, d] = [rows[4 * group], rows[4 * group + 1], rows[4 * group + 2], rows[4 * group + 3]];
        let (ab_low, ab_high) = (_mm256_unpacklo_epi32(a, b), _mm256_unpackhi_epi32(a, b));
        let (cd_low, cd_high) = (_mm256_unpacklo_epi32(c, d), _mm256_unpackhi_epi32(c, d));
        halves[0][group] = _mm256_unpacklo_epi64(ab_low, cd_low);
        halves[1][group] = _mm256_unpackhi_epi64(ab_low, cd_low);
        halves[2][group] = _mm256_unpacklo_epi64(ab_high, cd_high);
        halves[3][group] = _mm256_unpackhi_epi64(ab_high, cd_high);
    }
    let mut columns = [V256(zero); 8];
    for (j, [a, b]) in halves.into_iter().enumerate() {
        columns[j].0 = _mm256_permute2x128_si256::<0x20>(a, b);
        columns[4 + j].0 = _mm256_permute2x128_si256::<0x31>(a, b);
    }
    columns
}

// SAFETY of the implementations: `Word` demands of its callers the instructions (AVX-512F for `V512`, AVX2 for `V256`); none of them
// touches memory.

/// See [`Word::alone`].
#[inline]
#[target_feature(enable = "avx512f")]
fn alone_512(mut word: __m512i) -> __m512i {
    // SAFETY: no instruction at all, which is said to change the register.
    unsafe { asm!("/* {0} */", inout(zmm_reg) word, options(pure, nomem, nostack, preserves_flags)) };
    word
}

impl Word for V512 {
    #[inline(always)]
    unsafe fn constant(value: u32) -> Self {
        // SAFETY: see above.
        V512(unsafe { _mm512_set1_epi32(value.cast_signed()) })
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: see above.
        V512(unsafe { _mm512_add_epi32(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn rotate<const BITS: i32>(self) -> Self {
        // SAFETY: see above.
        V512(unsafe { _mm512_rol_epi32::<BITS>(self.0) })
    }

    #[inline(always)]
    unsafe fn alone(self) -> Self {
        // SAFETY: see above.
        V512(unsafe { alone_512(self.0) })
    }

    #[inline(always)]
    unsafe fn add_f(sum: Self, b: Self, c: Self, d: Self) -> Self {
        // SAFETY: see above.
        V512(unsafe { _mm512_add_epi32(sum.0, _mm512_ternarylogic_epi32::<F>(b.0, c.0, d.0)) })
    }

    #[inline(always)]
    unsafe fn add_g(sum: Self, b: Self, c: Self, d: Self) -> Self {
        // SAFETY: see above.
        V512(unsafe { _mm512_add_epi32(sum.0, _mm512_ternarylogic_epi32::<G>(b.0, c.0, d.0)) })
    }

    #[inline(always)]
    unsafe fn add_h(sum: Self, b: Self, c: Self, d: Self) -> Self {
        // SAFETY: see above.
        V512(unsafe { _mm512_add_epi32(sum.0, _mm512_ternarylogic_epi32::<H>(b.0, c.0, d.0)) })
    }

    #[inline(always)]
    unsafe fn add_i(sum: Self, b: Self, c: Self, d: Self) -> Self {
        // SAFETY: see above.
        V512(unsafe { _mm512_add_epi32(sum.0, _mm512_ternarylogic_epi32::<I>(b.0, c.0, d.0)) })
    }
}

impl Word for V256 {
    #[inline(always)]
    unsafe fn constant(value: u32) -> Self {
        // SAFETY: see above.
        V256(unsafe { _mm256_set1_epi32(value.cast_signed()) })
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        // SAFETY: see above.
        V256(unsafe { _mm256_add_epi32(self.0, other.0) })
    }

    #[inline(always)]
    unsafe fn rotate<const BITS: i32>(self) -> Self {
        // SAFETY: see above. The counts are in registers, where they may be computed.
        let (left, right) = unsafe { (_mm_cvtsi32_si128(BITS), _mm_cvtsi32_si128(32 - BITS)) };
        // SAFETY: see above.
        V256(unsafe { _mm256_or_si256(_mm256_sll_epi32(self.0, left), _mm256_srl_epi32(self.0, right)) })
    }

    #[inline(always)]
    unsafe fn add_f(sum: Self, b: Self, c: Self, d: Self) -> Self {
        // SAFETY: see above.
        let f = unsafe { _mm256_xor_si256(d.0, _mm256_and_si256(b.0, _mm256_xor_si256(c.0, d.0))) };
        // SAFETY: see above.
        unsafe { sum.add(V256(f)) }
    }

    #[inline(always)]
    unsafe fn add_g(sum: Self, b: Self, c: Self, d: Self) -> Self {
        // SAFETY: see above.
        let (old, new) = unsafe { (_mm256_andnot_si256(d.0, c.0), _mm256_and_si256(b.0, d.0)) };
        // SAFETY: see above.
        unsafe { sum.add(V256(old)).add(V256(new)) }
    }

    #[inline(always)]
    unsafe fn add_h(sum: Self, b: Self, c: Self, d: Self) -> Self {
        // SAFETY: see above.
        let h = unsafe { _mm256_xor_si256(b.0, _mm256_xor_si256(c.0, d.0)) };
        // SAFETY: see above.
        unsafe { sum.add(V256(h)) }
    }

    #[inline(always)]
    unsafe fn add_i(sum: Self, b: Self, c: Self, d: Self) -> Self {
        // SAFETY: see above.
        let not_d = unsafe { _mm256_xor_si256(d.0, _mm256_set1_epi32(-1)) };
        // SAFETY: see above.
        let i = unsafe { _mm256_xor_si256(c.0, _mm256_or_si256(b.0, not_d)) };
        // SAFETY: see above.
        unsafe { sum.add(V256(i)) }
    }
}
