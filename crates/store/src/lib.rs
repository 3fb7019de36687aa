//! Objects on erasure sets: pools, sets, versions, multipart, listing, healing, quorum, commits across drives.
//!
//! It must not know S3's names and errors, nor users. ARCHITECTURE.md, "Store", has the invariants.

mod error;
mod types;

pub use error::StoreError;
pub use types::*;
