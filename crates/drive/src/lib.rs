//! One drive: the engine that does the system calls, and above it commits, staging, shards and walks.
//!
//! It must not know erasure sets or quorum. ARCHITECTURE.md, "Drives", has the invariants.

mod api;
mod error;

pub use api::{
    BucketEntry, Change, Commit, Committed, DataSource, Doubt, Drive, DriveResult, DriveState, Inline, ShardReader,
    ShardWriter, Slot, Space, Staging, Unclaimed, Walk, WalkEntry, WalkOptions,
};
pub use error::DriveError;
