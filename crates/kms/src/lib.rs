//! Key management: where data keys come from and who opens them.
//!
//! A [`KeyService`] holds master keys that never leave it. It hands out data keys, each in plain for whoever is
//! encrypting and sealed for storing, and opens sealed ones again when it is shown the context they were made
//! with. [`StaticKeyService`] is one key from the configuration.
//!
//! What it promises: keys in plain are wiped when dropped and have no `Debug`; an error says which key it is about
//! and whether the service refused ([`KmsError`]) or couldn't be asked. It must not know objects, drives, or how
//! our own requests arrive.
//!
//! Formats and protocols: `docs/encryption-and-compression.md`, section 2.

mod error;
mod service;
mod static_key;

pub use error::{KmsError, Operation};
pub use seal::{Context, DataKey, Key};
pub use service::{Endpoint, KeyDescription, KeyService, Route};
pub use static_key::StaticKeyService;
