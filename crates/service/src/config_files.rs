//! The server's own files of configuration and identities: encrypted with the key service where there is one
//! (encryption-and-compression.md 4).
//!
//! Files in clear from before there was a key service stay readable, and are encrypted when they are next written. What
//! can't be opened is an error that names the file; nothing is written in its place.

use base::{Secret, World};
use bytes::Bytes;
use iam::Credentials;
use kms::{Context, Key, KeyService, KmsError};
use seal::admin_body;
use seal::config_file::{self, SealedFile, Stored};
use std::sync::Arc;
use store::{Store, StoreError};
use tokio::sync::Mutex;

/// Files of the server by their path in the system bucket.
#[derive(Clone)]
pub struct ConfigFiles {
    store: Store,
    world: World,
    keys: Option<Arc<dyn KeyService>>,
    /// The password of files that old releases encrypted with root's credentials.
    old_password: Secret,
    /// One such file is opened at a time: each takes 64 MiB.
    opening_old: Arc<Mutex<()>>,
}

/// Why a file can't be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ConfigFileError {
    /// Too few drives, or a key service that is away: it may be possible later.
    #[error("'{path}' can't be reached: {reason}")]
    Unreachable { path: String, reason: String },
    /// Damaged, or encrypted with a key that isn't there.
    #[error("'{path}' can't be read: {reason}")]
    Unreadable { path: String, reason: String },
}

impl ConfigFiles {
    /// The files in `store`. `root`: today's root credentials.
    pub fn new(store: Store, keys: Option<Arc<dyn KeyService>>, root: &Credentials, world: World) -> Self {
        let old_password = Secret::new(format!("{}:{}", root.access_key(), root.secret_key().expose()));
        ConfigFiles { store, world, keys, old_password, opening_old: Arc::default() }
    }

    /// A file in clear; `None` if there is none, or an empty one.
    pub async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, ConfigFileError> {
        let file = match self.store.read_internal(path).await {
            Ok(file) => file,
            Err(StoreError::KeyNotFound { .. }) => return Ok(None),
            Err(error) => return Err(of_store(path, &error)),
        };
        match Stored::of(&file) {
            Stored::Plain(text) => Ok(Some(text.as_bytes().to_vec())),
            Stored::Sealed(sealed) => self.open(path, &sealed).await.map(Some),
            Stored::Other(bytes) => self.open_old(path, bytes).await.map(Some),
        }
    }

    /// Stores a file, encrypted if there is a key service.
    pub async fn write(&self, path: &str, plain: &[u8]) -> Result<(), ConfigFileError> {
        let file = match &self.keys {
            None => Bytes::copy_from_slice(plain),
            Some(keys) => {
                let [context, _] = Context::of_config_file(path);
                let key = keys.generate_data_key(None, &context).await.map_err(|error| of_keys(path, &error))?;
                config_file::seal(&key, &*self.world.random, plain).into()
            }
        };
        self.store.write_internal(path, file).await.map_err(|error| of_store(path, &error))
    }

    /// Removes a file; missing is fine.
    pub async fn remove(&self, path: &str) -> Result<(), ConfigFileError> {
        match self.store.remove_internal(path).await {
            Ok(()) | Err(StoreError::KeyNotFound { .. }) => Ok(()),
            Err(error) => Err(of_store(path, &error)),
        }
    }

    /// The paths of all files that begin with `prefix`, in byte order.
    pub async fn list(&self, prefix: &str) -> Result<Vec<String>, ConfigFileError> {
        self.store.list_internal(prefix).await.map_err(|error| of_store(prefix, &error))
    }

    async fn open(&self, path: &str, sealed: &SealedFile<'_>) -> Result<Vec<u8>, ConfigFileError> {
        let key = self.data_key(path, sealed).await?;
        sealed.open(&key).map_err(|error| unreadable(path, error.to_string()))
    }

    /// The key of a file; older releases bound it to another context.
    async fn data_key(&self, path: &str, sealed: &SealedFile<'_>) -> Result<Key, ConfigFileError> {
        let missing = || unreadable(path, format!("encrypted with key '{}', but no key service is set", sealed.key_id));
        let keys = self.keys.as_ref().ok_or_else(missing)?;
        let [today, older] = Context::of_config_file(path);
        match keys.decrypt(&sealed.key_id, &sealed.data_key, &today).await {
            Err(KmsError::InvalidCiphertext { .. }) => {
                let opened = keys.decrypt(&sealed.key_id, &sealed.data_key, &older).await;
                opened.map_err(|error| of_keys(path, &error))
            }
            result => result.map_err(|error| of_keys(path, &error)),
        }
    }

    async fn open_old(&self, path: &str, bytes: &[u8]) -> Result<Vec<u8>, ConfigFileError> {
        let _one = self.opening_old.lock().await;
        admin_body::open(&self.old_password, bytes)
            .map_err(|error| unreadable(path, format!("neither in clear nor encrypted with a known key: {error}")))
    }
}

fn unreadable(path: &str, reason: String) -> ConfigFileError {
    ConfigFileError::Unreadable { path: path.to_owned(), reason }
}

fn of_store(path: &str, error: &StoreError) -> ConfigFileError {
    let (path, reason) = (path.to_owned(), error.to_string());
    match error {
        StoreError::Damaged { .. } | StoreError::BadKey { .. } => ConfigFileError::Unreadable { path, reason },
        _ => ConfigFileError::Unreachable { path, reason },
    }
}

fn of_keys(path: &str, error: &KmsError) -> ConfigFileError {
    let (path, reason) = (path.to_owned(), error.to_string());
    if error.is_outage() {
        ConfigFileError::Unreachable { path, reason }
    } else {
        ConfigFileError::Unreadable { path, reason }
    }
}
