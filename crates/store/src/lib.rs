//! Objects on erasure sets: pools, sets, versions, multipart, listing, healing, quorum, commits across drives.
//!
//! It must not know S3's names and errors, nor users. ARCHITECTURE.md, "Store", has the invariants.
//!
//! Inside, from below: [`gather`] asks drives in parallel, [`quorum`] finds what they agree on, [`set`] puts both
//! together for one erasure set; [`frames`], [`memory`] and [`stage`] bring bodies to the drives; [`commit`] changes a
//! name on all of them. [`store`] has what the parts share and the rules they keep.

mod bucket_extras;
mod bucket_metadata;
mod buckets;
mod close;
mod commit;
mod commits;
mod config;
mod delete;
mod doubt;
mod error;
mod find;
mod frames;
mod gather;
mod heal;
mod heal_queue;
mod housekeeping;
mod info;
mod internal;
mod layout;
mod list;
mod lock;
mod memory;
mod monitor;
mod open;
mod pool;
mod pools;
mod quorum;
mod read;
mod readers;
mod set;
mod stage;
mod store;
mod tuning;
mod types;
mod update;
mod upload;
mod write;

pub use config::{DEFAULT_INLINE_BLOCK, DEFAULT_MEMORY, DriveStatus, OpenError, OpenEvent, PoolConfig, StoreConfig};
pub use drive::{DriveState, Space};
pub use error::StoreError;
pub use heal::HealOutcome;
pub use memory::MemoryShare;
pub use open::Progress;
pub use store::Store;
pub use tuning::Tuning;
pub use types::*;
pub use upload::STALE_UPLOAD;

#[cfg(test)]
mod tests;
