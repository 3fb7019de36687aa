//! What every floor shares: ids, time, names, byte streams, limits, and the seams
//! to what a test must be able to replace (clock, timers, tasks, randomness).
//!
//! This crate knows nothing of drives, objects or protocols.

mod bytestream;
mod clock;
mod random;
mod secret;
mod tasks;
mod timestamp;

pub use bytestream::{ByteStream, StreamError};
pub use clock::{Clock, ManualClock, SystemClock};
pub use random::{Random, SeededRandom, SystemRandom};
pub use secret::Secret;
pub use tasks::{TaskHandle, Tasks};
pub use timestamp::Timestamp;

use std::sync::Arc;

#[cfg(test)]
mod tests;

/// The world as one value: handed down from the binary's wiring, replaced in tests.
///
/// Drives are the other half of the world; they come as engines (crate `drive`).
#[derive(Clone, Debug)]
pub struct World {
    /// Time of day and timers.
    pub clock: Arc<dyn Clock>,
    /// Random bytes and ids.
    pub random: Arc<dyn Random>,
    /// Work that outlives the request that began it.
    pub tasks: Tasks,
}

impl World {
    /// The real clock, the operating system's random numbers, tasks on the current runtime.
    pub fn system() -> Self {
        World { clock: Arc::new(SystemClock::new()), random: Arc::new(SystemRandom), tasks: Tasks::new() }
    }
}

/// One kibibyte, mebibyte, gibibyte, tebibyte in bytes.
pub const KIB: u64 = 1 << 10;
pub const MIB: u64 = 1 << 20;
pub const GIB: u64 = 1 << 30;
pub const TIB: u64 = 1 << 40;
