//! Getting shards back, block after block with the same ones missing.

use crate::kernel::Kernel;
use crate::matrix::Matrix;
use crate::reed_solomon::{ShardError, check};

/// The way from M shards that are there to some that aren't. Made by [`ReedSolomon::recovery`](crate::ReedSolomon).
///
/// The shards keep their numbers for a whole part, so one of these serves all its blocks.
#[derive(Clone, Debug)]
pub struct Recovery {
    /// Row i makes the i-th wanted shard from the sources.
    matrix: Matrix,
    kernel: Kernel,
    sources: Vec<usize>,
    wanted: Vec<usize>,
}

impl Recovery {
    /// `sources` are as many distinct rows of `coding` as it has columns, `wanted` are any rows.
    pub(crate) fn new(coding: &Matrix, kernel: Kernel, sources: &[usize], wanted: &[usize]) -> Recovery {
        // Sources = selected rows * data, so data = inverse * sources, and any shard is its own row times that.
        let inverse = coding.select(sources).inverse().expect("any M rows of the coding matrix are independent");
        let matrix = coding.select(wanted).times(&inverse);
        Recovery { matrix, kernel, sources: sources.to_vec(), wanted: wanted.to_vec() }
    }

    /// Numbers of the shards to read, in the order in which [`run`](Self::run) takes them.
    pub fn sources(&self) -> &[usize] {
        &self.sources
    }

    /// Numbers of the shards that [`run`](Self::run) makes, in order.
    pub fn wanted(&self) -> &[usize] {
        &self.wanted
    }

    /// Overwrites `outputs` with the wanted shards of the block whose source shards are `inputs`. All are equally long.
    pub fn run(&self, inputs: &[&[u8]], outputs: &mut [&mut [u8]]) -> Result<(), ShardError> {
        let len = inputs.first().map_or(0, |shard| shard.len());
        check(inputs, self.sources.len(), len)?;
        check(outputs, self.wanted.len(), len)?;
        self.kernel.multiply(self.matrix.all_rows(), inputs, outputs, 0..len);
        Ok(())
    }
}
