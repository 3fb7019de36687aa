//! GFNI: a multiplication by a constant is a linear map of eight bits, and `gf2p8affineqb` applies an 8x8 bit matrix to
//! every byte of a register at once.
//!
//! (The instruction set's own field multiplication is of no use: its modulus is 0x11B, ours 0x11D.)

use std::arch::x86_64::*;

use super::Product;
use super::tile::{self, Vector};
use crate::gf;

/// `BIT_MATRICES[c]` is multiplication by c as `gf2p8affineqb` wants it: byte 7 - i is the row for bit i of the result,
/// and bit j of that row says whether bit j of the operand is added in.
static BIT_MATRICES: [u64; 256] = {
    let mut matrices = [0; 256];
    let mut constant: usize = 0;
    let mut low_byte: u8 = 0;
    while constant < 256 {
        let mut operand_bit = 0;
        while operand_bit < 8 {
            let image = gf::mul(low_byte, 1 << operand_bit);
            let mut result_bit = 0;
            while result_bit < 8 {
                if image >> result_bit & 1 == 1 {
                    matrices[constant] |= 1 << (8 * (7 - result_bit) + operand_bit);
                }
                result_bit += 1;
            }
            operand_bit += 1;
        }
        constant += 1;
        low_byte = low_byte.wrapping_add(1);
    }
    matrices
};

/// See [`Product`].
#[target_feature(enable = "gfni,avx512f")]
pub(super) fn multiply_512(product: Product<'_, '_>) {
    // SAFETY: this function's own target features are what `V512` needs; the product is the caller's.
    unsafe { tile::multiply::<V512>(product) }
}

/// See [`Product`].
#[target_feature(enable = "gfni,avx2")]
pub(super) fn multiply_256(product: Product<'_, '_>) {
    // SAFETY: as above, for `V256`.
    unsafe { tile::multiply::<V256>(product) }
}

#[derive(Clone, Copy)]
struct V512(__m512i);

#[derive(Clone, Copy)]
struct V256(__m256i);

/// A bit pattern, with the sign that intrinsics want.
#[inline(always)]
fn bit_matrix(constant: u8) -> i64 {
    BIT_MATRICES[usize::from(constant)].cast_signed()
}

// SAFETY of both implementations: `Vector` demands of its callers the instructions (GFNI with AVX-512F, with AVX2) and
// pointers valid for a whole register; the loads and stores are the unaligned ones.

impl Vector for V512 {
    const LEN: usize = 64;
    type Factor = __m512i;

    #[inline(always)]
    unsafe fn zero() -> Self {
        // SAFETY: see above.
        V512(unsafe { _mm512_setzero_si512() })
    }

    #[inline(always)]
    unsafe fn load(from: *const u8) -> Self {
        // SAFETY: see above.
        V512(unsafe { _mm512_loadu_si512(from.cast()) })
    }

    #[inline(always)]
    unsafe fn store(self, to: *mut u8) {
        // SAFETY: see above.
        unsafe { _mm512_storeu_si512(to.cast(), self.0) }
    }

    #[inline(always)]
    unsafe fn factor(constant: u8) -> __m512i {
        // SAFETY: see above.
        unsafe { _mm512_set1_epi64(bit_matrix(constant)) }
    }

    #[inline(always)]
    unsafe fn add_product(self, factor: __m512i, x: Self) -> Self {
        // SAFETY: see above.
        V512(unsafe { _mm512_xor_si512(self.0, _mm512_gf2p8affine_epi64_epi8::<0>(x.0, factor)) })
    }
}

impl Vector for V256 {
    const LEN: usize = 32;
    type Factor = __m256i;

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
    unsafe fn factor(constant: u8) -> __m256i {
        // SAFETY: see above.
        unsafe { _mm256_set1_epi64x(bit_matrix(constant)) }
    }

    #[inline(always)]
    unsafe fn add_product(self, factor: __m256i, x: Self) -> Self {
        // SAFETY: see above.
        V256(unsafe { _mm256_xor_si256(self.0, _mm256_gf2p8affine_epi64_epi8::<0>(x.0, factor)) })
    }
}
