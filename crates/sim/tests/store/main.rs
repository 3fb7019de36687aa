//! The whole store over simulated drives: random requests, crashes, failing drives, callers that go away; everything
//! compared with the reference model. Each run follows from its seed, which is printed when it fails.
//!
//! `--features long` runs many more seeds.

mod behind;
mod bodies;
mod caught;
mod clients;
mod combined;
mod crashes;
mod disks;
mod dropped;
mod faults;
mod ledger;
mod run;
mod uploads;
mod verify;
