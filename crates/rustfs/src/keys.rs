//! Opens the key service that is configured.

use base::World;
use kms::{Context, KeyService, KmsError, StaticKeyService};
use settings::{KmsBackend, KmsSettings};
use std::sync::Arc;

/// Why there are no keys. The text begins as MinIO's does, for scripts that look for it.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("Failed to connect to KMS: {0}")]
    StaticKey(seal::KmsError),
    #[error("Failed to connect to KMS: {0}")]
    Service(KmsError),
    #[error("Failed to connect to KMS: {0} is not supported yet")]
    NotYet(&'static str),
}

/// The key service, tried out; `None` if none is configured.
pub async fn open(settings: &KmsSettings, world: &World) -> Result<Option<Arc<dyn KeyService>>, KeysError> {
    let Some(backend) = &settings.backend else { return Ok(None) };
    let service: Arc<dyn KeyService> = match backend {
        KmsBackend::Static(text) => {
            let key = StaticKeyService::parse(text, Arc::clone(&world.random)).map_err(KeysError::StaticKey)?;
            Arc::new(key)
        }
        KmsBackend::Kes(_) => return Err(KeysError::NotYet("MinIO KES")),
        KmsBackend::Vault(_) => return Err(KeysError::NotYet("Vault")),
    };
    try_out(&*service).await.map_err(KeysError::Service)?;
    Ok(Some(service))
}

/// Asks for a data key; makes the default key where there is none. Not being permitted to do either is no reason
/// to stop: objects may name keys that are.
async fn try_out(service: &dyn KeyService) -> Result<(), KmsError> {
    let tried = match service.generate_data_key(None, &Context::default()).await {
        Err(KmsError::KeyNotFound { .. }) => service.create_key(service.default_key_id()).await,
        other => other.map(drop),
    };
    match tried {
        Err(KmsError::KeyExists { .. } | KmsError::NotPermitted { .. }) => Ok(()),
        other => other,
    }
}
