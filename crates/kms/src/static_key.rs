//! The key service that is one key from the configuration (section 2.3).

use crate::{Endpoint, KeyDescription, KeyService, KmsError, Operation, Route};
use async_trait::async_trait;
use base::{Random, Secret};
use seal::{Context, DataKey, Key, StaticKey};
use std::sync::Arc;

/// One key, in this process: it answers at once and is never away.
pub struct StaticKeyService {
    key: StaticKey,
    random: Arc<dyn Random>,
}

impl StaticKeyService {
    /// From `NAME:BASE64`, 32 bytes in base64.
    pub fn parse(text: &Secret, random: Arc<dyn Random>) -> Result<Self, seal::KmsError> {
        Ok(StaticKeyService { key: StaticKey::parse(text)?, random })
    }

    /// The root credentials of a deployment that was given none: access key and secret key.
    pub fn root_credentials(&self) -> (String, Secret) {
        self.key.root_credentials()
    }

    fn translate(&self, error: seal::KmsError, key: &str, operation: Operation) -> KmsError {
        let key = key.to_owned();
        match error {
            seal::KmsError::KeyNotFound(key) => KmsError::KeyNotFound { key },
            seal::KmsError::InvalidCiphertext => KmsError::InvalidCiphertext { key },
            error @ (seal::KmsError::Format | seal::KmsError::KeyLength(_)) => {
                KmsError::Failed { operation, key, cause: error.to_string() }
            }
        }
    }
}

#[async_trait]
impl KeyService for StaticKeyService {
    fn name(&self) -> &'static str {
        "MinIO builtin"
    }

    fn default_key_id(&self) -> &str {
        self.key.name()
    }

    async fn generate_data_key(&self, key_id: Option<&str>, context: &Context) -> Result<DataKey, KmsError> {
        let key = key_id.unwrap_or_default();
        let generated = self.key.generate(key, context, &*self.random);
        generated.map_err(|error| self.translate(error, key, Operation::Generate))
    }

    async fn decrypt(&self, key_id: &str, ciphertext: &[u8], context: &Context) -> Result<Key, KmsError> {
        let opened = self.key.decrypt(key_id, ciphertext, context);
        opened.map_err(|error| self.translate(error, key_id, Operation::Decrypt))
    }

    async fn create_key(&self, key_id: &str) -> Result<(), KmsError> {
        if key_id == self.key.name() {
            return Err(KmsError::KeyExists { key: key_id.to_owned() });
        }
        Err(KmsError::NotSupported { operation: Operation::Create })
    }

    async fn list_keys(&self, prefix: &str) -> Result<Vec<KeyDescription>, KmsError> {
        let name = self.key.name();
        let own = || KeyDescription { key_id: name.to_owned(), created_at: None, created_by: String::new() };
        Ok(name.starts_with(prefix).then(own).into_iter().collect())
    }

    async fn endpoints(&self) -> Vec<Endpoint> {
        vec![Endpoint { url: "127.0.0.1".to_owned(), online: true }]
    }

    async fn version(&self) -> Result<String, KmsError> {
        Ok("v1".to_owned())
    }

    async fn routes(&self) -> Result<Vec<Route>, KmsError> {
        Err(KmsError::NotSupported { operation: Operation::Describe })
    }
}

#[cfg(test)]
mod tests;
