//! Offline examination of drives: what on them is sound, what can be repaired, what is lost (docs/fsck.md).
//!
//! It reads drives through the seams of `drive` and writes nothing; the lock of each drive keeps servers away meanwhile. It must
//! not know HTTP, S3 or users, and repairs nothing itself: who does is told exactly where ([`Finding`]).
//!
//! Inside, from below: [`view`] is one drive to be read; [`deployment`] puts the drives in their places by their formats;
//! [`look`] is what a drive has of a directory; [`scan`] goes through the directories of all drives of a set at once; [`name`] weighs what
//! they have of one name, with [`shards`] for what lies in files; [`uploads`], [`standing`] and [`buckets`] are what else a drive holds; [`document`] reads the
//! server's own documents. [`examine`] is all of it.

mod buckets;
mod deployment;
mod document;
mod examine;
mod finding;
mod look;
mod name;
mod scan;
mod shards;
mod standing;
mod uploads;
mod view;

pub use deployment::{CantCheck, Deployment, GivenDrive, GivenPool};
pub use document::{DocumentError, list_documents, read_document};
pub use examine::{Counters, Examined, Sink, Summary, examine};
pub use finding::{Finding, Kind, Place, Severity};
pub use look::{DriveCopy, copies};
pub use view::View;
