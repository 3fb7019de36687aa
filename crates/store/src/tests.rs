//! The store over real drives in temporary directories.

#![expect(clippy::disallowed_methods, reason = "tests change what is on the drives behind the store's back")]

mod buckets;
mod changes;
mod drives;
mod early;
mod extras;
pub(crate) mod harness;
mod hung;
mod listing;
mod objects;
mod old;
mod pools;
mod recovery;
mod uploads;
