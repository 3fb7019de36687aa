//! Opens the key service that is configured.

mod files;

use base::World;
use files::TlsFiles;
use kms::{
    ApiKey, CachedKeys, Context, KEEP_ALIVE, KesService, KeyService, KmsError, Meter, MeteredKeys, StaticKeyService,
    VaultConfig, VaultService,
};
use settings::{KesLogin, KesSettings, KmsBackend, KmsSettings, VaultSettings};
use std::path::Path;
use std::sync::Arc;

/// Why there are no keys. The text begins as MinIO's does, for scripts that look for it.
#[derive(Debug, thiserror::Error)]
pub enum KeysError {
    #[error("Failed to connect to KMS: {0}")]
    StaticKey(#[from] seal::KmsError),
    #[error("Failed to connect to KMS: {0}")]
    ApiKey(#[from] kms::ApiKeyError),
    #[error("Failed to connect to KMS: {0}")]
    Endpoint(#[from] kms::TargetError),
    #[error("Failed to connect to KMS: {0}")]
    Vault(#[from] kms::VaultConfigError),
    #[error("Failed to connect to KMS: {0}")]
    VaultCheck(#[from] kms::VaultCheckError),
    #[error("Failed to connect to KMS: {0}")]
    Service(#[from] KmsError),
}

/// The key service, tried out, and its counts.
pub struct Keys {
    pub service: Arc<dyn KeyService>,
    pub meter: Arc<Meter>,
}

/// Opens the key service; `None` if none is configured. `certs_dir`: where the server's own certificates are.
pub async fn open(settings: &KmsSettings, certs_dir: &Path, world: &World) -> Result<Option<Keys>, KeysError> {
    let Some(backend) = &settings.backend else { return Ok(None) };
    let meter = Arc::new(Meter::default());
    let service: Arc<dyn KeyService> = match backend {
        KmsBackend::Static(text) => {
            let key = StaticKeyService::parse(text, Arc::clone(&world.random))?;
            try_out(&key).await?;
            Arc::new(MeteredKeys::new(key, Arc::clone(&meter), Arc::clone(&world.clock)))
        }
        KmsBackend::Kes(settings) => {
            let kes = kes(settings, certs_dir, world)?;
            try_out(&kes).await?;
            remembered(kes, &meter, world)
        }
        KmsBackend::Vault(settings) => {
            let vault = vault(settings, certs_dir, world)?;
            try_out(&vault).await?;
            vault.check_binding().await?;
            remembered(vault, &meter, world)
        }
    };
    Ok(Some(Keys { service, meter }))
}

impl Keys {
    /// Calls the service now and then, so that it keeps what it needs for this server, and says when it goes away.
    /// Ends when the returned guard is dropped.
    pub fn keep_alive(&self, world: &World) -> base::TaskHandle<()> {
        let (service, clock) = (Arc::clone(&self.service), Arc::clone(&world.clock));
        world.tasks.spawn(async move {
            let mut well = true;
            loop {
                clock.sleep(KEEP_ALIVE).await;
                match service.keep_alive().await {
                    Err(error) if error.is_outage() && well => {
                        well = false;
                        tracing::warn!(%error, "{} is away", service.name());
                    }
                    Err(error) if error.is_outage() => {}
                    _ => well = true,
                }
            }
        })
    }
}

/// A service that is a network away.
fn remembered(service: impl KeyService + 'static, meter: &Arc<Meter>, world: &World) -> Arc<dyn KeyService> {
    let metered = MeteredKeys::new(service, Arc::clone(meter), Arc::clone(&world.clock));
    Arc::new(CachedKeys::new(Arc::new(metered), world.clone()))
}

fn kes(settings: &KesSettings, certs_dir: &Path, world: &World) -> Result<KesService, KeysError> {
    let files = TlsFiles::new(settings.ca_path.as_deref(), certs_dir);
    let tls = match &settings.login {
        KesLogin::ApiKey(text) => files.with_api_key(ApiKey::parse(text)?, Arc::clone(&world.random)),
        KesLogin::Certificate { certificate, key } => files.with_certificate(certificate.clone(), key.clone()),
    };
    Ok(KesService::new(&settings.endpoints, &settings.default_key, tls, world.clone())?)
}

fn vault(settings: &VaultSettings, certs_dir: &Path, world: &World) -> Result<VaultService, KeysError> {
    let login = match &settings.login {
        settings::VaultLogin::Token(token) => kms::VaultLogin::Token(token.clone()),
        settings::VaultLogin::AppRole { mount, role_id, secret_id } => {
            kms::VaultLogin::AppRole { mount: mount.clone(), role_id: role_id.clone(), secret_id: secret_id.clone() }
        }
        settings::VaultLogin::Kubernetes { mount, role, token_file } => kms::VaultLogin::Kubernetes {
            mount: mount.clone(),
            role: role.clone(),
            token: files::token(token_file.clone()),
        },
    };
    let config = VaultConfig {
        endpoints: settings.endpoints.clone(),
        default_key: settings.default_key.clone(),
        mount: settings.mount.clone(),
        namespace: settings.namespace.clone(),
        login,
        tls: TlsFiles::new(settings.ca_path.as_deref(), certs_dir).without_identity(),
    };
    Ok(VaultService::new(config, world.clone())?)
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
