//! One table look-up a byte: runs anywhere, and is what the other kernels are measured against.

use super::Product;
use crate::gf::PRODUCTS;

/// See [`Product`].
pub(super) fn multiply(product: Product<'_, '_>) {
    let Product { rows, inputs, outputs, range } = product;
    for (i, output) in outputs.iter_mut().enumerate() {
        let output = &mut output[range.clone()];
        output.fill(0);
        for (&factor, input) in rows.row(i).iter().zip(inputs) {
            let times = &PRODUCTS[usize::from(factor)];
            for (sum, &byte) in output.iter_mut().zip(&input[range.clone()]) {
                *sum ^= times[usize::from(byte)];
            }
        }
    }
}
