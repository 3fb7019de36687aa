//! The store over real drives in temporary directories.

mod bench_list;
mod buckets;
mod changes;
mod drives;
mod harness;
mod listing;
mod objects;
mod recovery;
mod uploads;
