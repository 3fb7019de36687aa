//! Simulated drives: in memory, repeatable from a seed, able to fail as real ones do.
//!
//! A [`SimDisk`] is a file system that knows what of it is durable. Cutting its power leaves any state that a
//! journalling file system may be found in: unsynced bytes and names lost or kept in any combination, in any order,
//! files torn at 512 bytes, a file moved into place whose bytes never arrived. Calls can be made to fail, a sync to fail and lose its
//! data, the disk to be full, read-only, gone, or to hang.

mod crash;
mod disk;
mod ends;
mod engine;
mod fault;
mod fs;
pub mod history;
pub mod machine;
pub mod model;
mod state;

pub use disk::{JOURNAL, SimDisk};
pub use ends::End;
pub use engine::SimEngine;
pub use fault::{Call, Fault};
pub use fs::SimFs;

#[cfg(test)]
mod tests;
