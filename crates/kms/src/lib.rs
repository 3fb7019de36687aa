//! Key management: where data keys come from and who opens them.
//!
//! A [`KeyService`] holds master keys that never leave it. It hands out data keys, each in plain for whoever is
//! encrypting and sealed for storing, and opens sealed ones again when it is shown the context they were made
//! with. [`StaticKeyService`] is one key from the configuration, [`KesService`] and [`VaultService`] are clients of
//! servers; [`CachedKeys`] before one of these spares it questions asked a short while ago.
//!
//! What it promises: keys in plain are wiped when dropped and have no `Debug`; an error says which key it is about
//! and whether the service refused ([`KmsError`]) or couldn't be asked. It must not know objects, drives, or how
//! our own requests arrive.
//!
//! Formats and protocols: `docs/encryption-and-compression.md`, section 2.

mod cache;
mod error;
mod json;
mod kes;
mod metered;
mod service;
mod static_key;
#[cfg(test)]
mod testing;
mod tls;
mod transport;
mod vault;

pub use cache::CachedKeys;
pub use error::{KmsError, Operation};
pub use kes::{ApiKey, ApiKeyError, KesService};
pub use metered::{Meter, MeteredKeys, Metrics};
pub use seal::{Context, DataKey, Key};
pub use service::{Endpoint, KEEP_ALIVE, KeyDescription, KeyService, Route};
pub use static_key::StaticKeyService;
pub use tls::{ReadTls, TlsMaterial};
pub use transport::TargetError;
pub use vault::{ReadToken, VaultCheckError, VaultConfig, VaultConfigError, VaultLogin, VaultService};
