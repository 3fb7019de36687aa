//! The variables of the Vault and OpenBao backend. They are this server's own: MinIO ignores them.

use super::{KmsSettingsError, VAULT, endpoints, required};
use crate::Environment;
use base::Secret;
use std::path::PathBuf;

const ENDPOINT: &str = "MINIO_KMS_VAULT_ENDPOINT";
const KEY_NAME: &str = "MINIO_KMS_VAULT_KEY_NAME";
const MOUNT: &str = "MINIO_KMS_VAULT_MOUNT";
const NAMESPACE: &str = "MINIO_KMS_VAULT_NAMESPACE";
const TOKEN: &str = "MINIO_KMS_VAULT_TOKEN";
const APPROLE_ID: &str = "MINIO_KMS_VAULT_APPROLE_ID";
const APPROLE_SECRET: &str = "MINIO_KMS_VAULT_APPROLE_SECRET";
const APPROLE_MOUNT: &str = "MINIO_KMS_VAULT_APPROLE_MOUNT";
const KUBERNETES_ROLE: &str = "MINIO_KMS_VAULT_KUBERNETES_ROLE";
const KUBERNETES_TOKEN_FILE: &str = "MINIO_KMS_VAULT_KUBERNETES_TOKEN_FILE";
const KUBERNETES_MOUNT: &str = "MINIO_KMS_VAULT_KUBERNETES_MOUNT";
const CAPATH: &str = "MINIO_KMS_VAULT_CAPATH";

pub(super) const VARIABLES: [&str; 12] = [
    ENDPOINT,
    KEY_NAME,
    MOUNT,
    NAMESPACE,
    TOKEN,
    APPROLE_ID,
    APPROLE_SECRET,
    APPROLE_MOUNT,
    KUBERNETES_ROLE,
    KUBERNETES_TOKEN_FILE,
    KUBERNETES_MOUNT,
    CAPATH,
];

/// Where Kubernetes puts a service account's token.
const SERVICE_ACCOUNT_TOKEN: &str = "/var/run/secrets/kubernetes.io/serviceaccount/token";

/// A transit engine as its client sees it.
#[derive(Clone, Debug)]
pub struct VaultSettings {
    /// URLs, at least one, all of one cluster.
    pub endpoints: Vec<String>,
    pub default_key: String,
    /// Where the transit engine is mounted.
    pub mount: String,
    pub namespace: Option<String>,
    pub login: VaultLogin,
    /// Who signed the server's certificate: a file or a directory; `None`: the server's own CA directory.
    pub ca_path: Option<PathBuf>,
}

/// How this server shows who it is.
#[derive(Clone, Debug)]
pub enum VaultLogin {
    Token(Secret),
    AppRole { mount: String, role_id: String, secret_id: Secret },
    Kubernetes { mount: String, role: String, token_file: PathBuf },
}

pub(super) fn settings(environment: &Environment) -> Result<VaultSettings, KmsSettingsError> {
    let text = |name: &str, default: &str| environment.get(name).unwrap_or(default).trim_matches('/').to_owned();
    Ok(VaultSettings {
        endpoints: endpoints(VAULT, ENDPOINT, required(VAULT, environment, ENDPOINT)?)?,
        default_key: required(VAULT, environment, KEY_NAME)?.to_owned(),
        mount: text(MOUNT, "transit"),
        namespace: environment.get(NAMESPACE).map(str::to_owned),
        login: login(environment, text)?,
        ca_path: environment.get(CAPATH).map(PathBuf::from),
    })
}

fn login(environment: &Environment, text: impl Fn(&str, &str) -> String) -> Result<VaultLogin, KmsSettingsError> {
    match (environment.get(TOKEN), environment.get(APPROLE_ID), environment.get(KUBERNETES_ROLE)) {
        (Some(token), None, None) => Ok(VaultLogin::Token(Secret::new(token))),
        (None, Some(role_id), None) => Ok(VaultLogin::AppRole {
            mount: text(APPROLE_MOUNT, "approle"),
            role_id: role_id.to_owned(),
            secret_id: Secret::new(required(VAULT, environment, APPROLE_SECRET)?),
        }),
        (None, None, Some(role)) => Ok(VaultLogin::Kubernetes {
            mount: text(KUBERNETES_MOUNT, "kubernetes"),
            role: role.to_owned(),
            token_file: PathBuf::from(environment.get(KUBERNETES_TOKEN_FILE).unwrap_or(SERVICE_ACCOUNT_TOKEN)),
        }),
        (None, None, None) => {
            let missing = format!("authentication method: '{TOKEN}', '{APPROLE_ID}' or '{KUBERNETES_ROLE}'");
            Err(KmsSettingsError::Incomplete { backend: VAULT, missing })
        }
        _ => {
            let reason = format!("only one of {TOKEN}, {APPROLE_ID} and {KUBERNETES_ROLE} may be set");
            Err(KmsSettingsError::Invalid { backend: VAULT, reason })
        }
    }
}
