//! What a store is made of, and what happens while it opens.

use base::{KIB, MIB};
use drive::{DriveState, Slot};
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// Largest shard that is kept inside the metadata (on-disk-format.md 7.6).
pub const DEFAULT_INLINE_BLOCK: u64 = 128 * KIB;

/// Memory for bodies on their way through the store: some sixty uploads with two blocks each in flight on 2+2, and
/// small beside what a server of drives has.
pub const DEFAULT_MEMORY: u64 = 192 * MIB;

/// The store as the command line and the configuration describe it.
#[derive(Clone, Debug)]
pub struct StoreConfig {
    /// At least one, in the order of the command line.
    pub pools: Vec<PoolConfig>,
    /// Parity of STANDARD objects; `None` for the default of the set size.
    pub standard_parity: Option<u8>,
    /// Parity of REDUCED_REDUNDANCY objects; `None` for the default.
    pub rrs_parity: Option<u8>,
    /// Bytes of a shard up to which it is kept inside the metadata.
    pub inline_block: u64,
    /// Don't raise the parity of new objects while drives are offline.
    pub capacity_optimized: bool,
    /// Accept drives on the root file system's device.
    pub allow_root_device: bool,
    /// Most versions of a name; `None` for no limit.
    pub max_versions: Option<usize>,
    /// Bytes of body data in memory at a time, for all requests together.
    pub memory: u64,
    /// Unix time in seconds of the release, recorded in versions; 0 for a development build.
    pub release: u64,
}

impl Default for StoreConfig {
    fn default() -> Self {
        StoreConfig {
            pools: Vec::new(),
            standard_parity: None,
            rrs_parity: None,
            inline_block: DEFAULT_INLINE_BLOCK,
            capacity_optimized: false,
            allow_root_device: false,
            max_versions: None,
            memory: DEFAULT_MEMORY,
            release: 0,
        }
    }
}

/// One pool: its drives in the order of the command line, cut into sets of equal size.
#[derive(Clone, Debug)]
pub struct PoolConfig {
    /// The pool's argument as typed, recorded in `pool.bin`.
    pub argument: String,
    /// Drives of a set; divides the number of slots.
    pub set_size: usize,
    pub slots: Vec<Arc<dyn Slot>>,
}

/// What the operator should see while the store opens. Pools and sets count from 0.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum OpenEvent {
    /// All drives of the pool are empty and are being formatted.
    Formatting { pool: usize, sets: usize, drives_per_set: usize },
    /// Too few drives are there; they are asked again and again.
    Waiting { pool: usize, online: usize, needed: usize, elapsed: Duration },
    /// A drive can't be used now.
    Unusable { drive: String, reason: String },
    /// An empty drive took the place of one of the set and will be filled.
    Replaced { drive: String },
    /// Commits that a crash had left in doubt were completed or taken back.
    Recovered { forward: usize, back: usize },
}

/// Why the store can't open, however long one waits.
#[derive(Debug, thiserror::Error)]
pub enum OpenError {
    #[error("{0}")]
    BadConfig(String),
    #[error(
        "{drive} drive is already being used in another erasure deployment. (Number of drives specified: {given} but \
         the number of drives found in the {nth} drive's format.json: {found})"
    )]
    OtherDriveCount { drive: String, given: usize, found: usize, nth: String },
    #[error(
        "{drive} drive is already formatted with {found} drives per erasure set. This cannot be changed to {given}"
    )]
    OtherSetSize { drive: String, given: usize, found: usize },
    #[error("all pools must have same deployment ID - expected {expected}, got {found} for pool({nth})")]
    OtherDeployment { expected: Uuid, found: Uuid, nth: String },
    #[error("Unable to use the drive {drive}: {reason}")]
    Unusable { drive: String, reason: String },
    /// A path is a file.
    #[error("Unable to write to the backend: {drive} is not a directory")]
    NotADirectory { drive: String },
    #[error("Unable to write to the backend: no permission to use {drive}")]
    PermissionDenied { drive: String },
    #[error("Unable to write to the backend: {drive} is in use by another server")]
    InUse { drive: String },
    #[error("Unable to write to the backend: {drive}: {reason}")]
    Format { drive: String, reason: String },
}

/// One drive's place and how it fares.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct DriveStatus {
    /// As the operator names it.
    pub name: String,
    pub pool: usize,
    pub set: usize,
    /// Position in the set.
    pub position: usize,
    /// The id that the deployment has for this position.
    pub id: Uuid,
    pub state: DriveState,
    /// It is being filled after having been replaced.
    pub healing: bool,
    pub space: Option<drive::Space>,
}
