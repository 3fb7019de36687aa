//! The loop that all vector kernels share: sums for a few outputs in registers, inputs streamed past them.
//!
//! Generic over the vector, and always inlined, so that each kernel's entry point compiles it with its own instructions.

use super::{OUTPUTS_AT_ONCE, Product, plain};

/// A register full of field elements.
///
/// # Safety
///
/// All methods may be called only where the instructions of the implementing kernel exist. `load` reads and `store`
/// writes `LEN` bytes at a pointer of any alignment; they must be valid for that.
pub(super) trait Vector: Copy {
    /// Bytes in a register.
    const LEN: usize;
    /// A constant made ready to multiply with.
    type Factor: Copy;

    unsafe fn zero() -> Self;
    unsafe fn load(from: *const u8) -> Self;
    unsafe fn store(self, to: *mut u8);
    unsafe fn factor(constant: u8) -> Self::Factor;
    /// self + factor * x, byte by byte.
    unsafe fn add_product(self, factor: Self::Factor, x: Self) -> Self;
}

/// See [`Product`]. Ranges shorter than a register are left to the plain kernel.
///
/// # Safety
///
/// The instructions behind `V` exist; `product` keeps its promises.
#[inline(always)]
pub(super) unsafe fn multiply<V: Vector>(product: Product<'_, '_>) {
    const { assert!(OUTPUTS_AT_ONCE == 4, "one arm below for each number of outputs") };
    if product.range.len() < V::LEN {
        return plain::multiply(product);
    }
    // SAFETY: the caller's promise is passed on; the range holds a register, and each arm counts the outputs.
    unsafe {
        match product.outputs.len() {
            1 => sweep::<V, 1>(product),
            2 => sweep::<V, 2>(product),
            3 => sweep::<V, 3>(product),
            4 => sweep::<V, 4>(product),
            _ => plain::multiply(product),
        }
    }
}

/// The whole range, for `N` outputs.
///
/// # Safety
///
/// As for [`multiply`]; there are `N` outputs, and the range is not shorter than a register.
#[inline(always)]
unsafe fn sweep<V: Vector, const N: usize>(product: Product<'_, '_>) {
    let Product { rows, inputs, outputs, range } = product;
    let rows: [&[u8]; N] = std::array::from_fn(|i| rows.row(i));
    let outputs: [*mut u8; N] = std::array::from_fn(|i| outputs[i].as_mut_ptr());
    let mut at = range.start;
    // SAFETY: every input and output reaches to range.end (promise of `Product`), and each step stays below it: the
    // loop's condition says so for the first two, and the last begins LEN bytes before the end, which is not before
    // range.start since the range is not shorter than that. Inputs and outputs don't overlap: outputs are `&mut`.
    unsafe {
        while range.end - at >= 2 * V::LEN {
            step::<V, N, 2>(&rows, inputs, &outputs, at);
            at += 2 * V::LEN;
        }
        if range.end - at >= V::LEN {
            step::<V, N, 1>(&rows, inputs, &outputs, at);
            at += V::LEN;
        }
        if at < range.end {
            // Less than a register is left: compute some bytes before it once more, to the same values.
            step::<V, N, 1>(&rows, inputs, &outputs, range.end - V::LEN);
        }
    }
}

/// `W` registers of every output, from byte `at`.
///
/// # Safety
///
/// The instructions behind `V` exist; a row has a column for every input; `W * V::LEN` bytes from `at` lie within all
/// inputs and outputs.
#[inline(always)]
unsafe fn step<V: Vector, const N: usize, const W: usize>(
    rows: &[&[u8]; N],
    inputs: &[&[u8]],
    outputs: &[*mut u8; N],
    at: usize,
) {
    // SAFETY: the caller's promises, to the letter: column < inputs.len() <= row length, and all loads and stores are
    // within [at, at + W * V::LEN).
    unsafe {
        let mut sums = [[V::zero(); W]; N];
        for (column, input) in inputs.iter().enumerate() {
            let from = input.as_ptr().add(at);
            let x: [V; W] = load(from);
            for n in 0..N {
                let factor = V::factor(*rows[n].get_unchecked(column));
                for w in 0..W {
                    sums[n][w] = sums[n][w].add_product(factor, x[w]);
                }
            }
        }
        for n in 0..N {
            for (w, sum) in sums[n].iter().enumerate() {
                sum.store(outputs[n].add(at + w * V::LEN));
            }
        }
    }
}

/// `W` registers from a pointer on.
///
/// # Safety
///
/// The instructions behind `V` exist; `W * V::LEN` bytes may be read.
#[inline(always)]
unsafe fn load<V: Vector, const W: usize>(from: *const u8) -> [V; W] {
    // SAFETY: the caller's promises; register w is within those bytes.
    unsafe {
        let mut registers = [V::zero(); W];
        for (w, register) in registers.iter_mut().enumerate() {
            *register = V::load(from.add(w * V::LEN));
        }
        registers
    }
}
