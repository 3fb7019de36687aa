//! Which key service there is (encryption reference, "Selecting a KMS from the environment").

mod vault;

#[cfg(test)]
mod tests;

use crate::ellipses::{Pattern, has_ellipses};
use crate::{Environment, parse_bool};
use base::Secret;
use std::path::PathBuf;

pub use vault::{VaultLogin, VaultSettings};

/// Key management.
#[derive(Clone, Debug, Default)]
pub struct KmsSettings {
    /// `None`: no key service, nothing is encrypted but what clients bring keys for.
    pub backend: Option<KmsBackend>,
    /// Objects are encrypted with the default key where neither the request nor the bucket says how.
    pub auto_encryption: bool,
    /// Whether the ids of keys go along with replicated objects.
    pub replicate_key_id: bool,
}

/// The key service.
#[derive(Clone, Debug)]
pub enum KmsBackend {
    /// One key: `NAME:BASE64`.
    Static(Secret),
    Kes(KesSettings),
    Vault(VaultSettings),
}

/// A KES server as its client sees it.
#[derive(Clone, Debug)]
pub struct KesSettings {
    /// URLs, at least one.
    pub endpoints: Vec<String>,
    pub default_key: String,
    pub login: KesLogin,
    /// Who signed the server's certificate: a file or a directory; `None`: the server's own CA directory.
    pub ca_path: Option<PathBuf>,
}

/// How this server shows who it is.
#[derive(Clone, Debug)]
pub enum KesLogin {
    ApiKey(Secret),
    /// PEM files.
    Certificate {
        certificate: PathBuf,
        key: PathBuf,
    },
}

/// Why the key management that is configured can't be used.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KmsSettingsError {
    #[error("Invalid KMS configuration specified: kms: configuration for {0} and {1} is present")]
    Several(&'static str, &'static str),
    #[error("Invalid KMS configuration specified: kms: incomplete configuration for {backend}: missing {missing}")]
    Incomplete { backend: &'static str, missing: String },
    #[error("Invalid KMS configuration specified: kms: invalid configuration for {backend}: {reason}")]
    Invalid { backend: &'static str, reason: String },
    #[error(
        "Invalid KMS configuration specified: {0} (MINIO_KMS_SERVER, _ENCLAVE, _SSE_KEY, _API_KEY) is not supported: \
         use a static key, MinIO KES, or Vault or OpenBao (MINIO_KMS_VAULT_ENDPOINT)"
    )]
    NotSupported(&'static str),
    #[error("MINIO_KMS_AUTO_ENCRYPTION requires a valid KMS configuration")]
    AutoEncryptionWithoutKms,
    #[error("Unable to parse MINIO_KMS_AUTO_ENCRYPTION value: '{0}' is neither on nor off")]
    AutoEncryption(String),
}

const STATIC: &str = "static KMS key";
const KES: &str = "MinIO KES";
const MINKMS: &str = "MinIO KMS";
const VAULT: &str = "Vault";

const MINKMS_VARIABLES: [&str; 4] = ["MINIO_KMS_SERVER", "MINIO_KMS_ENCLAVE", "MINIO_KMS_SSE_KEY", "MINIO_KMS_API_KEY"];
const KES_ENDPOINT: &str = "MINIO_KMS_KES_ENDPOINT";
const KES_KEY_NAME: &str = "MINIO_KMS_KES_KEY_NAME";
const KES_API_KEY: &str = "MINIO_KMS_KES_API_KEY";
const KES_CERT_FILE: &str = "MINIO_KMS_KES_CERT_FILE";
const KES_KEY_FILE: &str = "MINIO_KMS_KES_KEY_FILE";
const KES_KEY_PASSWORD: &str = "MINIO_KMS_KES_KEY_PASSWORD";
const KES_CAPATH: &str = "MINIO_KMS_KES_CAPATH";

impl KmsSettings {
    pub fn from_environment(environment: &Environment) -> Result<Self, KmsSettingsError> {
        let backend = backend(environment)?;
        let auto_encryption = match environment.get("MINIO_KMS_AUTO_ENCRYPTION") {
            None => false,
            Some(text) => parse_bool(text).ok_or_else(|| KmsSettingsError::AutoEncryption(text.to_owned()))?,
        };
        if auto_encryption && backend.is_none() {
            return Err(KmsSettingsError::AutoEncryptionWithoutKms);
        }
        let replicate = environment.get("MINIO_KMS_REPLICATE_KEYID");
        let replicate_key_id = !replicate.is_some_and(|text| text.eq_ignore_ascii_case("off"));
        Ok(KmsSettings { backend, auto_encryption, replicate_key_id })
    }
}

/// The one backend that is configured. Variables that exist count, though they be empty; for the static key, which
/// images declare empty, they don't.
fn backend(environment: &Environment) -> Result<Option<KmsBackend>, KmsSettingsError> {
    let any = |names: &[&str]| names.iter().any(|name| environment.exists(name));
    let kes = [KES_ENDPOINT, KES_KEY_NAME, KES_API_KEY, KES_CERT_FILE, KES_KEY_FILE, KES_KEY_PASSWORD, KES_CAPATH];
    let static_key = environment.get("MINIO_KMS_SECRET_KEY");
    let present = [
        (MINKMS, any(&MINKMS_VARIABLES)),
        (KES, any(&kes)),
        (VAULT, any(&vault::VARIABLES)),
        (STATIC, static_key.is_some()),
    ];
    let mut present = present.into_iter().filter_map(|(name, present)| present.then_some(name));
    let Some(first) = present.next() else { return Ok(None) };
    if let Some(second) = present.next() {
        return Err(KmsSettingsError::Several(first, second));
    }
    match first {
        MINKMS => Err(KmsSettingsError::NotSupported(MINKMS)),
        KES => kes_settings(environment).map(KmsBackend::Kes).map(Some),
        VAULT => vault::settings(environment).map(KmsBackend::Vault).map(Some),
        _ => Ok(static_key.map(|text| KmsBackend::Static(Secret::new(text)))),
    }
}

fn kes_settings(environment: &Environment) -> Result<KesSettings, KmsSettingsError> {
    let endpoints = endpoints(KES, KES_ENDPOINT, required(KES, environment, KES_ENDPOINT)?)?;
    let default_key = required(KES, environment, KES_KEY_NAME)?.to_owned();
    let invalid = |reason: &str| Err(KmsSettingsError::Invalid { backend: KES, reason: reason.to_owned() });
    if environment.get(KES_KEY_PASSWORD).is_some() {
        return invalid("encrypted private keys (MINIO_KMS_KES_KEY_PASSWORD) are not supported: decrypt the key file");
    }
    let login = match (environment.get(KES_API_KEY), environment.get(KES_CERT_FILE), environment.get(KES_KEY_FILE)) {
        (Some(key), None, None) => KesLogin::ApiKey(Secret::new(key)),
        (Some(_), _, _) => return invalid("an API key and a client certificate are present"),
        (None, Some(certificate), Some(key)) => {
            KesLogin::Certificate { certificate: PathBuf::from(certificate), key: PathBuf::from(key) }
        }
        (None, Some(_), None) => return Err(missing(KES, KES_KEY_FILE)),
        (None, None, Some(_)) => return Err(missing(KES, KES_CERT_FILE)),
        (None, None, None) => {
            let missing = "authentication method".to_owned();
            return Err(KmsSettingsError::Incomplete { backend: KES, missing });
        }
    };
    let ca_path = environment.get(KES_CAPATH).map(PathBuf::from);
    Ok(KesSettings { endpoints, default_key, login, ca_path })
}

fn required<'a>(
    backend: &'static str,
    environment: &'a Environment,
    name: &'static str,
) -> Result<&'a str, KmsSettingsError> {
    environment.get(name).ok_or_else(|| missing(backend, name))
}

fn missing(backend: &'static str, name: &str) -> KmsSettingsError {
    KmsSettingsError::Incomplete { backend, missing: format!("'{name}'") }
}

/// URLs with commas between them; `{1...4}` stands for several.
fn endpoints(backend: &'static str, name: &'static str, text: &str) -> Result<Vec<String>, KmsSettingsError> {
    let mut endpoints = Vec::new();
    for item in text.split(',').map(str::trim).filter(|item| !item.is_empty()) {
        let invalid = |reason: String| KmsSettingsError::Invalid { backend, reason };
        if has_ellipses(item) {
            endpoints.extend(Pattern::parse(item).map_err(|error| invalid(error.to_string()))?.expand());
        } else {
            endpoints.push(item.to_owned());
        }
    }
    let scheme = |url: &String| url.starts_with("https://") || url.starts_with("http://");
    if let Some(other) = endpoints.iter().find(|url| !scheme(url)) {
        let reason = format!("{name}: '{other}' is not an http or https URL");
        return Err(KmsSettingsError::Invalid { backend, reason });
    }
    if endpoints.is_empty() {
        return Err(missing(backend, name));
    }
    Ok(endpoints)
}
