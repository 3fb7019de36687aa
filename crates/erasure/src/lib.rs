//! Reed-Solomon and bitrot arithmetic: bytes to bytes.
//!
//! An object's part is cut into blocks, a block into data shards, parity shards are computed over them
//! ([`ReedSolomon`]), and every shard is stored behind its digest ([`bitrot`]). [`Geometry`] says how long each of these
//! is and where it lies in a shard file. docs/erasure-coding.md tells the whole of it on one page.
//!
//! Everything here is a pure function over slices: no I/O, no clock, no global state.

pub mod bitrot;
mod geometry;
mod gf;
mod kernel;
mod matrix;
mod recovery;
mod reed_solomon;

pub use geometry::{Geometry, GeometryError};
pub use kernel::Kernel;
pub use recovery::Recovery;
pub use reed_solomon::{ReedSolomon, ShardError};
