//! One drive: the engine that does the system calls, and above it commits, staging, shards and walks.
//!
//! It must not know erasure sets or quorum. ARCHITECTURE.md, "Drives", has the invariants.

mod api;
mod batch;
#[cfg(feature = "testing")]
pub mod conformance;
mod engine;
mod error;
mod filesystem;
mod layer;
mod local;
mod plain;
#[cfg(feature = "testing")]
pub mod testing;
mod uring;

pub use api::{
    BucketEntry, Change, Commit, Committed, DataSource, Doubt, Drive, DriveResult, DriveState, Inline, ShardReader,
    ShardWriter, Slot, Space, Staging, Unclaimed, Walk, WalkEntry, WalkOptions,
};
pub use batch::{WalkBatch, WalkName};
pub use engine::{Engine, Job};
pub use error::DriveError;
pub use filesystem::{DirEntry, FileKind, FileSystem, Lock, PlacedFile, ReadFile, Root, Stat, WriteFile};
pub use layer::Layer;
pub use local::{
    CommitEntry, DoubtRecord, JournalEntry, JournalSize, LocalDrive, LocalSlot, NewEngine, PutBack, RecordDigest,
    RecordError, Rest, Standing, UndoEntry, hold, journal_frame, journal_scan, rest,
};
pub use plain::{PlainEngine, PlainFs};
pub use uring::{NoRings, UringEngine};
