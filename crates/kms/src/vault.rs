//! HashiCorp Vault or OpenBao: the transit engine keeps the master keys.
//!
//! A data key is made here and encrypted there, with the context as associated data (Vault 1.13 and OpenBao; as key
//! derivation context too, for keys that are made so). What is stored is the engine's own text (`vault:v1:...`), so
//! that anything that reads transit ciphertexts and knows the context can open it. Keys are rotated in the engine;
//! old versions stay readable until it is told otherwise.

mod session;

#[cfg(test)]
mod tests;

pub use session::{ReadToken, VaultLogin};

use crate::json::{Base64, read, to_body};
use crate::tls::Tls;
use crate::transport::{Answer, Away, Call, Target, Transport};
use crate::{Endpoint, KeyDescription, KeyService, KmsError, Operation, ReadTls, Route, TargetError};
use async_trait::async_trait;
use base::World;
use bytes::Bytes;
use http::{HeaderMap, HeaderName, HeaderValue, Method};
use parking_lot::Mutex;
use seal::{Context, DataKey, Key};
use serde::{Deserialize, Serialize};
use session::Session;
use std::collections::HashMap;
use std::time::Duration;

const TOKEN: HeaderName = HeaderName::from_static("x-vault-token");
const NAMESPACE: HeaderName = HeaderName::from_static("x-vault-namespace");

/// How long a master key that was seen is taken to be there. The engine makes keys that it is asked to encrypt with,
/// if the token's policy lets it: a mistyped name must not become a key.
const SEEN: Duration = Duration::from_secs(300);

/// Names of keys remembered: deployments have a few, tenants some hundreds.
const MAX_SEEN: usize = 4096;

/// The client of a transit engine.
pub struct VaultService {
    transport: Transport,
    world: World,
    default_key: String,
    /// Where the engine is mounted, without slashes around it.
    mount: String,
    namespace: Option<HeaderValue>,
    session: Session,
    seen: Mutex<HashMap<String, Duration>>,
}

/// Where the engine is and how to get in.
pub struct VaultConfig {
    /// URLs of the servers of one cluster.
    pub endpoints: Vec<String>,
    pub default_key: String,
    pub mount: String,
    pub namespace: Option<String>,
    pub login: VaultLogin,
    pub tls: ReadTls,
}

/// The configuration can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultConfigError {
    #[error(transparent)]
    Target(#[from] TargetError),
    #[error("the namespace can't be sent in a header")]
    Namespace,
}

/// The engine doesn't do what keys need.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum VaultCheckError {
    #[error(transparent)]
    Kms(#[from] KmsError),
    #[error("the transit engine doesn't bind data keys to their context: Vault 1.13, or OpenBao, is needed")]
    NotBound,
}

#[derive(Serialize)]
struct EncryptRequest {
    plaintext: Base64,
    associated_data: Base64,
    context: Base64,
}

#[derive(Serialize)]
struct DecryptRequest<'a> {
    ciphertext: &'a str,
    associated_data: Base64,
    context: Base64,
}

#[derive(Serialize)]
struct CreateRequest {
    r#type: &'static str,
}

#[derive(Deserialize)]
struct Wrapped<T> {
    data: T,
}

#[derive(Deserialize)]
struct Ciphertext {
    ciphertext: String,
}

#[derive(Deserialize)]
struct Plaintext {
    plaintext: Base64,
}

#[derive(Deserialize)]
struct Names {
    keys: Vec<String>,
}

#[derive(Default, Deserialize)]
#[serde(default)]
struct Errors {
    errors: Vec<String>,
}

#[derive(Deserialize)]
struct Health {
    version: String,
}

impl VaultService {
    /// A client of the engine; nothing is asked of it yet.
    pub fn new(config: VaultConfig, world: World) -> Result<Self, VaultConfigError> {
        let targets = config.endpoints.iter().map(|url| Target::parse(url)).collect::<Result<_, _>>()?;
        let namespace = config.namespace.as_deref().map(HeaderValue::from_str).transpose();
        Ok(VaultService {
            transport: Transport::new(targets, Tls::new(config.tls), world.clone()),
            world,
            default_key: config.default_key,
            mount: config.mount,
            namespace: namespace.map_err(|_| VaultConfigError::Namespace)?,
            session: Session::new(config.login),
            seen: Mutex::default(),
        })
    }

    /// Whether a data key opens with its own context and with no other: engines older than associated data take it
    /// and ignore it, and would fail to open their ciphertexts once they are renewed.
    pub async fn check_binding(&self) -> Result<(), VaultCheckError> {
        let made = self.generate_data_key(None, &Context::default()).await?;
        if self.decrypt(&made.key_id, &made.sealed, &Context::default()).await? != made.plain {
            return Err(VaultCheckError::NotBound);
        }
        match self.decrypt(&made.key_id, &made.sealed, &Context::of([("another", "context")])).await {
            Err(KmsError::InvalidCiphertext { .. }) => Ok(()),
            Err(error) => Err(error.into()),
            Ok(_) => Err(VaultCheckError::NotBound),
        }
    }

    /// A call with a token. One that the server no longer takes is got anew, once.
    async fn call(
        &self,
        operation: Operation,
        key: &str,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<Answer, KmsError> {
        let failed = |Away(cause)| KmsError::Failed { operation, key: key.to_owned(), cause };
        let mut renewed = false;
        loop {
            let token = self.session.token(self).await.map_err(failed)?;
            let mut call = self.unsigned(method.clone(), path, body.clone());
            call.headers.insert(TOKEN, token.clone());
            let answer = self.transport.call(&call).await.map_err(failed)?;
            if answer.status.is_success() {
                return Ok(answer);
            }
            if answer.status == 403 && !renewed && self.session.forget(&token).await {
                renewed = true;
                continue;
            }
            return Err(refusal(operation, key, &answer));
        }
    }

    fn unsigned(&self, method: Method, path: &str, body: Bytes) -> Call {
        let mut headers = HeaderMap::new();
        if let Some(namespace) = &self.namespace {
            headers.insert(NAMESPACE, namespace.clone());
        }
        Call { method, path: format!("/v1/{path}"), headers, body }
    }

    async fn look_up(&self, operation: Operation, key: &str) -> Result<(), KmsError> {
        if !is_name(key) {
            return Err(KmsError::KeyNotFound { key: key.to_owned() });
        }
        let now = self.world.clock.steady();
        if self.seen.lock().get(key).is_some_and(|at| now.saturating_sub(*at) < SEEN) {
            return Ok(());
        }
        self.call(operation, key, Method::GET, &format!("{}/keys/{key}", self.mount), Bytes::new()).await?;
        let mut seen = self.seen.lock();
        if seen.len() >= MAX_SEEN {
            seen.clear();
        }
        seen.insert(key.to_owned(), now);
        Ok(())
    }
}

/// Whether the engine may have a key of this name; others would be another path, as dots alone are.
fn is_name(key: &str) -> bool {
    key.bytes().any(|byte| byte != b'.')
        && key.bytes().all(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.'))
}

/// The server's no, by its status and words.
fn refusal(operation: Operation, key: &str, answer: &Answer) -> KmsError {
    let said = serde_json::from_slice::<Errors>(&answer.body).unwrap_or_default().errors.join("; ");
    let key = key.to_owned();
    match answer.status.as_u16() {
        403 => KmsError::NotPermitted { key },
        404 if said.is_empty() => KmsError::KeyNotFound { key },
        400 if said.contains("encryption key not found") => KmsError::KeyNotFound { key },
        // Wrong context, changed bytes, or a version of the key that the engine no longer gives out.
        400 if operation == Operation::Decrypt => KmsError::InvalidCiphertext { key },
        status => KmsError::Failed { operation, key, cause: format!("status {status}: {said}") },
    }
}

fn nonsense(operation: Operation, key: &str) -> impl FnOnce(String) -> KmsError {
    let key = key.to_owned();
    move |cause| KmsError::Failed { operation, key, cause }
}

#[async_trait]
impl KeyService for VaultService {
    fn name(&self) -> &'static str {
        "Vault"
    }

    fn default_key_id(&self) -> &str {
        &self.default_key
    }

    async fn generate_data_key(&self, key_id: Option<&str>, context: &Context) -> Result<DataKey, KmsError> {
        let key = key_id.filter(|key| !key.is_empty()).unwrap_or(&self.default_key);
        let operation = Operation::Generate;
        self.look_up(operation, key).await?;
        let plain = Key::random(&*self.world.random);
        let context = context.canonical();
        let request = EncryptRequest {
            plaintext: Base64::of(plain.expose()),
            associated_data: Base64::of(context.as_bytes()),
            context: Base64::of(context.as_bytes()),
        };
        let path = format!("{}/encrypt/{key}", self.mount);
        let answer = self.call(operation, key, Method::POST, &path, to_body(&request)).await?;
        let sealed: Wrapped<Ciphertext> = read(&answer.body).map_err(nonsense(operation, key))?;
        Ok(DataKey { key_id: key.to_owned(), plain, sealed: sealed.data.ciphertext.into_bytes() })
    }

    async fn decrypt(&self, key_id: &str, ciphertext: &[u8], context: &Context) -> Result<Key, KmsError> {
        if !is_name(key_id) {
            return Err(KmsError::KeyNotFound { key: key_id.to_owned() });
        }
        // Sealed by another service.
        let invalid = || KmsError::InvalidCiphertext { key: key_id.to_owned() };
        let ciphertext = std::str::from_utf8(ciphertext).ok().filter(|text| text.starts_with("vault:"));
        let context = context.canonical();
        let request = DecryptRequest {
            ciphertext: ciphertext.ok_or_else(invalid)?,
            associated_data: Base64::of(context.as_bytes()),
            context: Base64::of(context.as_bytes()),
        };
        let path = format!("{}/decrypt/{key_id}", self.mount);
        let answer = self.call(Operation::Decrypt, key_id, Method::POST, &path, to_body(&request)).await?;
        let opened: Wrapped<Plaintext> = read(&answer.body).map_err(nonsense(Operation::Decrypt, key_id))?;
        opened.data.plaintext.key().map_err(nonsense(Operation::Decrypt, key_id))
    }

    async fn create_key(&self, key_id: &str) -> Result<(), KmsError> {
        let operation = Operation::Create;
        if !is_name(key_id) {
            let cause = "the engine's names are letters, digits and -_.".to_owned();
            return Err(KmsError::Failed { operation, key: key_id.to_owned(), cause });
        }
        match self.look_up(operation, key_id).await {
            Ok(()) => return Err(KmsError::KeyExists { key: key_id.to_owned() }),
            Err(KmsError::KeyNotFound { .. }) => {}
            Err(error) => return Err(error),
        }
        let body = to_body(&CreateRequest { r#type: "aes256-gcm96" });
        self.call(operation, key_id, Method::POST, &format!("{}/keys/{key_id}", self.mount), body).await.map(drop)
    }

    async fn list_keys(&self, prefix: &str) -> Result<Vec<KeyDescription>, KmsError> {
        let path = format!("{}/keys?list=true", self.mount);
        let answer = match self.call(Operation::List, "", Method::GET, &path, Bytes::new()).await {
            // There are none.
            Err(KmsError::KeyNotFound { .. }) => return Ok(Vec::new()),
            other => other?,
        };
        let names: Wrapped<Names> = read(&answer.body).map_err(nonsense(Operation::List, ""))?;
        let names = names.data.keys.into_iter().filter(|name| name.starts_with(prefix));
        let described = |name| KeyDescription { key_id: name, created_at: None, created_by: String::new() };
        let mut keys: Vec<_> = names.map(described).collect();
        keys.sort_by(|a, b| a.key_id.cmp(&b.key_id));
        Ok(keys)
    }

    async fn endpoints(&self) -> Vec<Endpoint> {
        let asked = self.transport.call_all(&self.unsigned(Method::GET, HEALTH, Bytes::new())).await;
        let online = |answer: &Answer| answer.status.is_success();
        asked.into_iter().map(|(url, answer)| Endpoint { url, online: answer.as_ref().is_some_and(online) }).collect()
    }

    async fn version(&self) -> Result<String, KmsError> {
        let operation = Operation::Describe;
        let answer = self.transport.call(&self.unsigned(Method::GET, HEALTH, Bytes::new())).await;
        let answer = answer.map_err(|Away(cause)| nonsense(operation, "")(cause))?;
        let health: Health = read(&answer.body).map_err(nonsense(operation, ""))?;
        Ok(health.version)
    }

    async fn routes(&self) -> Result<Vec<Route>, KmsError> {
        Err(KmsError::NotSupported { operation: Operation::Describe })
    }

    /// Keeps the token alive.
    async fn keep_alive(&self) -> Result<(), KmsError> {
        self.session.keep(self).await.map_err(|Away(cause)| nonsense(Operation::Describe, "")(cause))
    }

    fn reload(&self) {
        self.transport.reload();
    }
}

/// Standby servers answer too: they pass calls on.
const HEALTH: &str = "sys/health?standbyok=true&perfstandbyok=true";
