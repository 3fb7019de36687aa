//! AVX2: a product is the sum of the products of its operand's two halves, and a half has sixteen values: two byte
//! shuffles look thirty-two of each up at once.

use std::arch::x86_64::*;

use super::Product;
use super::tile::{self, Vector};
use crate::gf;

/// `HALVES[c]` is c times 0..16, then c times 0, 16, 32 .. 240.
static HALVES: [[u8; 32]; 256] = {
    let mut tables = [[0; 32]; 256];
    let mut constant: usize = 0;
    let mut low_byte: u8 = 0;
    while constant < 256 {
        let mut half: usize = 0;
        let mut value: u8 = 0;
        while half < 16 {
            tables[constant][half] = gf::mul(low_byte, value);
            tables[constant][16 + half] = gf::mul(low_byte, value << 4);
            half += 1;
            value += 1;
        }
        constant += 1;
        low_byte = low_byte.wrapping_add(1);
    }
    tables
};

/// See [`Product`].
#[target_feature(enable = "avx2")]
pub(super) fn multiply(product: Product<'_, '_>) {
    // SAFETY: this function's own target feature is what `V256` needs; the product is the caller's.
    unsafe { tile::multiply::<V256>(product) }
}

#[derive(Clone, Copy)]
struct V256(__m256i);

// SAFETY: `Vector` demands of its callers the instructions (AVX2) and pointers valid for a whole register; the loads and
// stores are the unaligned ones.

impl Vector for V256 {
    const LEN: usize = 32;
    /// Tables for the low and the high half, each twice: shuffles work within 16 bytes.
    type Factor = (__m256i, __m256i);

    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: see above.
        V256(unsafe { _mm256_setzero_si256() })
    }

    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: see above.
        V256(unsafe { _mm256_loadu_si256(from.cast()) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        // SAFETY: see above.
        unsafe { _mm256_storeu_si256(to.cast(), self.0) }
    }

    #[inline(always)]
    unsafe fn factor(constant: u8) -> (__m256i, __m256i) {
        let (low, high) = HALVES[usize::from(constant)].split_at(16);
        // SAFETY: see above; both halves of the table are 16 bytes long.
        unsafe {
            let low = _mm_loadu_si128(low.as_ptr().cast());
            let high = _mm_loadu_si128(high.as_ptr().cast());
            (_mm256_broadcastsi128_si256(low), _mm256_broadcastsi128_si256(high))
        }
    }

    #[inline(always)]
    unsafe fn add_product(self, (low, high): (__m256i, __m256i), x: Self) -> Self {
        // SAFETY: see above.
        unsafe {
            let half = _mm256_set1_epi8(0x0f);
            let low = _mm256_shuffle_epi8(low, _mm256_and_si256(x.0, half));
            let high = _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi64::<4>(x.0), half));
            V256(_mm256_xor_si256(self.0, _mm256_xor_si256(low, high)))
        }
    }
}
