//! The inner loop: bytes of shards times a coding matrix, by the widest instructions the processor has.
//!
//! A kernel is one function. Which ones may be called is found out at run time; a [`Kernel`] value exists only for those
//! that may.

#[cfg(target_arch = "x86_64")]
mod avx2;
#[cfg(target_arch = "x86_64")]
mod gfni;
mod plain;
#[cfg(target_arch = "x86_64")]
mod tile;

use std::fmt;
use std::ops::Range;

use crate::matrix::Rows;

/// Output shards that a kernel is asked for at once: their sums stay in registers while the inputs pass by.
const OUTPUTS_AT_ONCE: usize = 4;

/// With more outputs than that, every input is walked over more than once: in pieces which together stay within this
/// many bytes, well inside a first-level data cache (32 KiB or more), so that memory is read once.
const PIECE_BYTES: usize = 16 * 1024;

/// What a kernel is asked: for every byte position in `range`, output i = sum over j of rows(i, j) * input j.
///
/// [`Kernel::multiply`] sees to it that there is a row for every output, a column for every input, and that every slice
/// reaches to the end of the range.
struct Product<'a, 'b> {
    rows: Rows<'a>,
    inputs: &'a [&'a [u8]],
    outputs: &'a mut [&'b mut [u8]],
    range: Range<usize>,
}

/// One way to multiply shards by a matrix, fit for the processor we run on.
#[derive(Clone, Copy)]
pub struct Kernel {
    name: &'static str,
    /// Overwrites `range` of the outputs.
    ///
    /// Safe to call where the instructions it is made of exist, which is what having a `Kernel` means.
    multiply: unsafe fn(Product<'_, '_>),
}

impl Kernel {
    /// Table look-ups, for any processor.
    pub const PLAIN: Kernel = Kernel { name: "plain", multiply: plain::multiply };

    /// The kernels that this processor can run, fastest first; the last is [`Kernel::PLAIN`].
    pub fn available() -> Vec<Kernel> {
        let mut kernels = Vec::new();
        #[cfg(target_arch = "x86_64")]
        {
            let avx2 = is_x86_feature_detected!("avx2");
            let gfni = is_x86_feature_detected!("gfni");
            if gfni && is_x86_feature_detected!("avx512f") {
                kernels.push(Kernel { name: "gfni-avx512", multiply: gfni::multiply_512 });
            }
            if gfni && avx2 {
                kernels.push(Kernel { name: "gfni-avx2", multiply: gfni::multiply_256 });
            }
            if avx2 {
                kernels.push(Kernel { name: "avx2", multiply: avx2::multiply });
            }
        }
        kernels.push(Kernel::PLAIN);
        kernels
    }

    /// The first of [`Kernel::available`].
    pub fn fastest() -> Kernel {
        Kernel::available().first().copied().unwrap_or(Kernel::PLAIN)
    }

    /// What it is called in benchmarks and logs.
    pub fn name(&self) -> &'static str {
        self.name
    }

    /// Sets bytes `range` of every output to the sum of its row times the inputs. Columns beyond the last input count as
    /// if their input were zero.
    ///
    /// # Panics
    ///
    /// If there are not as many rows as outputs, or more inputs than columns, or a slice ends before the range does.
    pub(crate) fn multiply(&self, rows: Rows<'_>, inputs: &[&[u8]], outputs: &mut [&mut [u8]], range: Range<usize>) {
        assert_eq!(rows.count(), outputs.len(), "a row for every output");
        assert!(inputs.len() <= rows.columns(), "a column for every input");
        assert!(range.start <= range.end, "a forward range");
        assert!(inputs.iter().all(|input| input.len() >= range.end), "inputs reach to the end of the range");
        assert!(outputs.iter().all(|output| output.len() >= range.end), "outputs reach to the end of the range");
        let piece =
            if outputs.len() <= OUTPUTS_AT_ONCE { range.len() } else { (PIECE_BYTES / inputs.len().max(1)).max(64) };
        let mut start = range.start;
        while start < range.end {
            let end = range.end.min(start.saturating_add(piece));
            for (group, outputs) in outputs.chunks_mut(OUTPUTS_AT_ONCE).enumerate() {
                let rows = rows.part(group * OUTPUTS_AT_ONCE, outputs.len());
                // SAFETY: this value was made by `available`, after its instructions were found to be there, or is
                // PLAIN, which needs none; the promises of `Product` were checked above.
                unsafe { (self.multiply)(Product { rows, inputs, outputs, range: start..end }) };
            }
            start = end;
        }
    }
}

impl fmt::Debug for Kernel {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_tuple("Kernel").field(&self.name).finish()
    }
}

#[cfg(test)]
mod tests;
