//! What every key service can do.

use crate::KmsError;
use async_trait::async_trait;
use base::Timestamp;
use seal::{Context, DataKey, Key};
use std::time::Duration;

/// How often [`KeyService::keep_alive`] wants to be called.
pub const KEEP_ALIVE: Duration = Duration::from_secs(10);

/// Holds master keys; makes and opens data keys.
///
/// Calls end by themselves: a service over the network answers or fails within its own time limit.
#[async_trait]
pub trait KeyService: Send + Sync {
    /// The kind of service, as the admin API shows it.
    fn name(&self) -> &'static str;

    /// The master key used where none is named.
    fn default_key_id(&self) -> &str;

    /// A fresh data key under the master key `key_id` (`None`: the default one), bound to `context`. What is stored
    /// of it is [`DataKey::sealed`] and [`DataKey::key_id`].
    async fn generate_data_key(&self, key_id: Option<&str>, context: &Context) -> Result<DataKey, KmsError>;

    /// The data key of a ciphertext made under `key_id` with the same context.
    async fn decrypt(&self, key_id: &str, ciphertext: &[u8], context: &Context) -> Result<Key, KmsError>;

    /// Makes a master key.
    async fn create_key(&self, key_id: &str) -> Result<(), KmsError>;

    /// The master keys whose names begin with `prefix`, by name; an empty prefix: all.
    async fn list_keys(&self, prefix: &str) -> Result<Vec<KeyDescription>, KmsError>;

    /// The servers behind it, and which of them answer now.
    async fn endpoints(&self) -> Vec<Endpoint>;

    /// The server's version as it names it.
    async fn version(&self) -> Result<String, KmsError>;

    /// What its own interface offers.
    async fn routes(&self) -> Result<Vec<Route>, KmsError>;

    /// What the service needs every [`KEEP_ALIVE`] though nobody asks for keys. An error tells that it is away.
    async fn keep_alive(&self) -> Result<(), KmsError> {
        Ok(())
    }

    /// Reads certificates and tokens again before they are next used.
    fn reload(&self) {}
}

/// A master key, by what may be shown of it.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct KeyDescription {
    pub key_id: String,
    /// `None`: the service doesn't say.
    pub created_at: Option<Timestamp>,
    pub created_by: String,
}

/// A server of a key service.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Endpoint {
    pub url: String,
    pub online: bool,
}

/// A call that a key service offers.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Route {
    pub method: String,
    pub path: String,
    /// Largest body accepted, in bytes.
    pub max_body: u64,
    pub timeout: Duration,
}
