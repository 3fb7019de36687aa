//! The 64 steps of a block (RFC 1321, 3.4), once for every kind of register.
//!
//! Generic over the word, and always inlined, so that each engine's entry point compiles it with its own instructions.

use std::hint::black_box;

/// One word of as many streams as a register has lanes.
///
/// # Safety
///
/// All methods may be called only where the instructions behind the implementing type exist.
pub(crate) trait Word: Copy {
    /// The same word in every lane.
    unsafe fn constant(value: u32) -> Self;
    /// Modulo 2^32.
    unsafe fn add(self, other: Self) -> Self;
    /// To the left, by `BITS` of 1 to 31.
    unsafe fn rotate<const BITS: i32>(self) -> Self;

    /// The same word, where need be in such a way that the compiler doesn't take it for a sum whose terms can be added in
    /// another order.
    #[inline(always)]
    unsafe fn alone(self) -> Self {
        self
    }

    // `sum` + the RFC's F, G, H, I of three words, `b` being the newest: the shorter the way from it to the result, the
    // faster the whole.
    unsafe fn add_f(sum: Self, b: Self, c: Self, d: Self) -> Self;
    unsafe fn add_g(sum: Self, b: Self, c: Self, d: Self) -> Self;
    unsafe fn add_h(sum: Self, b: Self, c: Self, d: Self) -> Self;
    unsafe fn add_i(sum: Self, b: Self, c: Self, d: Self) -> Self;
}

impl Word for u32 {
    #[inline(always)]
    unsafe fn constant(value: u32) -> Self {
        value
    }

    #[inline(always)]
    unsafe fn add(self, other: Self) -> Self {
        self.wrapping_add(other)
    }

    #[inline(always)]
    unsafe fn rotate<const BITS: i32>(self) -> Self {
        self.rotate_left(BITS.unsigned_abs())
    }

    #[inline(always)]
    unsafe fn add_f(sum: Self, b: Self, c: Self, d: Self) -> Self {
        sum.wrapping_add(d ^ (b & (c ^ d)))
    }

    /// Its two halves share no bit: they can be added one by one, the older first.
    #[inline(always)]
    unsafe fn add_g(sum: Self, b: Self, c: Self, d: Self) -> Self {
        sum.wrapping_add(c & !d).wrapping_add(b & d)
    }

    #[inline(always)]
    unsafe fn add_h(sum: Self, b: Self, c: Self, d: Self) -> Self {
        sum.wrapping_add(b ^ (c ^ d))
    }

    #[inline(always)]
    unsafe fn add_i(sum: Self, b: Self, c: Self, d: Self) -> Self {
        sum.wrapping_add(c ^ (b | !d))
    }
}

/// Four steps, after which every word of the state is new: a function, the message words they take, the bits they
/// rotate by, and the number of the first.
macro_rules! steps {
    ($state:ident, $message:ident, $sines:ident, $function:ident, [$k0:literal, $k1:literal, $k2:literal, $k3:literal],
     [$r0:literal, $r1:literal, $r2:literal, $r3:literal], $first:expr) => {
        let [a, b, c, d] = $state;
        let a = W::$function(sum::<W>(a, $message[$k0], $sines[$first]), b, c, d).rotate::<$r0>().add(b);
        let d = W::$function(sum::<W>(d, $message[$k1], $sines[$first + 1]), a, b, c).rotate::<$r1>().add(a);
        let c = W::$function(sum::<W>(c, $message[$k2], $sines[$first + 2]), d, a, b).rotate::<$r2>().add(d);
        let b = W::$function(sum::<W>(b, $message[$k3], $sines[$first + 3]), c, d, a).rotate::<$r3>().add(c);
        $state = [a, b, c, d];
    };
}

/// What doesn't depend on the step before.
///
/// # Safety
///
/// The instructions behind `W` exist.
#[inline(always)]
unsafe fn sum<W: Word>(word: W, message: W, sine: u32) -> W {
    // SAFETY: the caller's promise.
    unsafe { word.add(message.add(W::constant(sine))).alone() }
}

/// Mixes one block of every lane into the lanes' states. `sines` are those of [`sines`].
///
/// # Safety
///
/// The instructions behind `W` exist.
#[inline(always)]
pub(crate) unsafe fn mix<W: Word>(start: [W; 4], x: &[W; 16], sines: &Sines) -> [W; 4] {
    let mut state = start;
    // SAFETY: the caller's promise.
    unsafe {
        steps!(state, x, sines, add_f, [0, 1, 2, 3], [7, 12, 17, 22], 0);
        steps!(state, x, sines, add_f, [4, 5, 6, 7], [7, 12, 17, 22], 4);
        steps!(state, x, sines, add_f, [8, 9, 10, 11], [7, 12, 17, 22], 8);
        steps!(state, x, sines, add_f, [12, 13, 14, 15], [7, 12, 17, 22], 12);
        steps!(state, x, sines, add_g, [1, 6, 11, 0], [5, 9, 14, 20], 16);
        steps!(state, x, sines, add_g, [5, 10, 15, 4], [5, 9, 14, 20], 20);
        steps!(state, x, sines, add_g, [9, 14, 3, 8], [5, 9, 14, 20], 24);
        steps!(state, x, sines, add_g, [13, 2, 7, 12], [5, 9, 14, 20], 28);
        steps!(state, x, sines, add_h, [5, 8, 11, 14], [4, 11, 16, 23], 32);
        steps!(state, x, sines, add_h, [1, 4, 7, 10], [4, 11, 16, 23], 36);
        steps!(state, x, sines, add_h, [13, 0, 3, 6], [4, 11, 16, 23], 40);
        steps!(state, x, sines, add_h, [9, 12, 15, 2], [4, 11, 16, 23], 44);
        steps!(state, x, sines, add_i, [0, 7, 14, 5], [6, 10, 15, 21], 48);
        steps!(state, x, sines, add_i, [12, 3, 10, 1], [6, 10, 15, 21], 52);
        steps!(state, x, sines, add_i, [8, 15, 6, 13], [6, 10, 15, 21], 56);
        steps!(state, x, sines, add_i, [4, 11, 2, 9], [6, 10, 15, 21], 60);
        [start[0].add(state[0]), start[1].add(state[1]), start[2].add(state[2]), start[3].add(state[3])]
    }
}

/// A number for each step.
pub(crate) type Sines = [u32; 64];

/// The table, as something of which the compiler knows nothing. It would add a known constant last of all, after the
/// step before: one link more in the chain of each step.
#[inline(always)]
pub(crate) fn sines() -> &'static Sines {
    black_box(&SINES)
}

/// T of RFC 1321, 3.4, from 0: the first 32 bits after the point of |sin(i + 1)|.
const SINES: Sines = [
    0xd76a_a478,
    0xe8c7_b756,
    0x2420_70db,
    0xc1bd_ceee,
    0xf57c_0faf,
    0x4787_c62a,
    0xa830_4613,
    0xfd46_9501,
    0x6980_98d8,
    0x8b44_f7af,
    0xffff_5bb1,
    0x895c_d7be,
    0x6b90_1122,
    0xfd98_7193,
    0xa679_438e,
    0x49b4_0821,
    0xf61e_2562,
    0xc040_b340,
    0x265e_5a51,
    0xe9b6_c7aa,
    0xd62f_105d,
    0x0244_1453,
    0xd8a1_e681,
    0xe7d3_fbc8,
    0x21e1_cde6,
    0xc337_07d6,
    0xf4d5_0d87,
    0x455a_14ed,
    0xa9e3_e905,
    0xfcef_a3f8,
    0x676f_02d9,
    0x8d2a_4c8a,
    0xfffa_3942,
    0x8771_f681,
    0x6d9d_6122,
    0xfde5_380c,
    0xa4be_ea44,
    0x4bde_cfa9,
    0xf6bb_4b60,
    0xbebf_bc70,
    0x289b_7ec6,
    0xeaa1_27fa,
    0xd4ef_3085,
    0x0488_1d05,
    0xd9d4_d039,
    0xe6db_99e5,
    0x1fa2_7cf8,
    0xc4ac_5665,
    0xf429_2244,
    0x432a_ff97,
    0xab94_23a7,
    0xfc93_a039,
    0x655b_59c3,
    0x8f0c_cc92,
    0xffef_f47d,
    0x8584_5dd1,
    0x6fa8_7e4f,
    0xfe2c_e6e0,
    0xa301_4314,
    0x4e08_11a1,
    0xf753_7e82,
    0xbd3a_f235,
    0x2ad7_d2bb,
    0xeb86_d391,
];
