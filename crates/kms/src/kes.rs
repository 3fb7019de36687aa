//! A KES server (section 2.4): the client's half of its protocol.

mod api_key;

#[cfg(test)]
mod tests;

pub use api_key::{ApiKey, ApiKeyError};

use crate::json::{Base64, read, to_body};
use crate::tls::Tls;
use crate::transport::{Answer, Away, Call, Target, Transport};
use crate::{Endpoint, KeyDescription, KeyService, KmsError, Operation, ReadTls, Route, TargetError};
use async_trait::async_trait;
use base::{Timestamp, World};
use bytes::Bytes;
use http::header::CONTENT_TYPE;
use http::{HeaderMap, HeaderValue, Method};
use percent_encoding::{AsciiSet, NON_ALPHANUMERIC, utf8_percent_encode};
use seal::{Context, DataKey, Key};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// What stays as it is in a path.
const PATH: &AsciiSet = &NON_ALPHANUMERIC.remove(b'-').remove(b'_').remove(b'.').remove(b'~');

/// Pages of a list of keys that are asked for: with the thousands of names on each, far more than a server holds.
const MAX_PAGES: usize = 100;

/// The KES client.
pub struct KesService {
    transport: Transport,
    default_key: String,
}

#[derive(Serialize)]
struct GenerateRequest {
    context: Base64,
}

#[derive(Serialize)]
struct DecryptRequest {
    ciphertext: Base64,
    context: Base64,
}

#[derive(Deserialize)]
struct DataKeyAnswer {
    plaintext: Base64,
    #[serde(default)]
    ciphertext: Base64,
}

/// The error of either age.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ErrorAnswer {
    message: String,
    error: String,
}

#[derive(Deserialize)]
struct ListAnswer {
    #[serde(default)]
    names: Option<Vec<String>>,
    #[serde(default)]
    continue_at: String,
}

/// A line of the list as old servers give it.
#[derive(Default, Deserialize)]
#[serde(default)]
struct ListLine {
    name: String,
    created_at: String,
    created_by: String,
    error: String,
}

#[derive(Deserialize)]
struct VersionAnswer {
    version: String,
}

#[derive(Deserialize)]
struct RouteAnswer {
    method: String,
    path: String,
    #[serde(default)]
    max_body: u64,
    #[serde(default)]
    timeout: u64,
}

impl KesService {
    /// A client of the servers at `endpoints`; nothing is asked of them yet.
    pub fn new(endpoints: &[String], default_key: &str, tls: ReadTls, world: World) -> Result<Self, TargetError> {
        let targets = endpoints.iter().map(|url| Target::parse(url)).collect::<Result<_, _>>()?;
        Ok(KesService { transport: Transport::new(targets, Tls::new(tls), world), default_key: default_key.to_owned() })
    }

    async fn call(
        &self,
        operation: Operation,
        key: &str,
        method: Method,
        path: &str,
        body: Bytes,
    ) -> Result<Answer, KmsError> {
        let answer = self.transport.call(&call(method, path, body)).await;
        let answer = answer.map_err(|Away(cause)| KmsError::Failed { operation, key: key.to_owned(), cause })?;
        if answer.status.is_success() { Ok(answer) } else { Err(refusal(operation, key, &answer)) }
    }

    async fn on_key(
        &self,
        operation: Operation,
        key: &str,
        method: Method,
        verb: &str,
        body: Bytes,
    ) -> Result<Answer, KmsError> {
        let path = format!("/v1/key/{verb}/{}", utf8_percent_encode(key, PATH));
        self.call(operation, key, method, &path, body).await
    }
}

fn call(method: Method, path: &str, body: Bytes) -> Call {
    let mut headers = HeaderMap::new();
    if !body.is_empty() {
        headers.insert(CONTENT_TYPE, HeaderValue::from_static("application/json"));
    }
    Call { method, path: path.to_owned(), headers, body }
}

/// The server's no, by its status and words.
fn refusal(operation: Operation, key: &str, answer: &Answer) -> KmsError {
    let said: ErrorAnswer = serde_json::from_slice(&answer.body).unwrap_or_default();
    let said = if said.error.is_empty() { said.message } else { said.error };
    let key = key.to_owned();
    match (answer.status.as_u16(), said.trim()) {
        (403, _) => KmsError::NotPermitted { key },
        (404, "key does not exist") => KmsError::KeyNotFound { key },
        (400, "key already exists" | "key does already exist") => KmsError::KeyExists { key },
        (400, "decryption failed: ciphertext is not authentic") => KmsError::InvalidCiphertext { key },
        (501, _) => KmsError::NotSupported { operation },
        (status, said) => KmsError::Failed { operation, key, cause: format!("status {status}: {said}") },
    }
}

/// A server that answers nonsense can't be told from one that is broken.
fn nonsense(operation: Operation, key: &str) -> impl FnOnce(String) -> KmsError {
    let key = key.to_owned();
    move |cause| KmsError::Failed { operation, key, cause }
}

#[async_trait]
impl KeyService for KesService {
    fn name(&self) -> &'static str {
        "MinIO KES"
    }

    fn default_key_id(&self) -> &str {
        &self.default_key
    }

    async fn generate_data_key(&self, key_id: Option<&str>, context: &Context) -> Result<DataKey, KmsError> {
        let key = key_id.filter(|key| !key.is_empty()).unwrap_or(&self.default_key);
        let operation = Operation::Generate;
        let request = GenerateRequest { context: Base64::of(context.canonical().as_bytes()) };
        let answer = self.on_key(operation, key, Method::POST, "generate", to_body(&request)).await?;
        let made: DataKeyAnswer = read(&answer.body).map_err(nonsense(operation, key))?;
        let plain = made.plaintext.key().map_err(nonsense(operation, key))?;
        if made.ciphertext.bytes().is_empty() {
            return Err(nonsense(operation, key)("an empty ciphertext".to_owned()));
        }
        Ok(DataKey { key_id: key.to_owned(), plain, sealed: made.ciphertext.bytes().to_vec() })
    }

    async fn decrypt(&self, key_id: &str, ciphertext: &[u8], context: &Context) -> Result<Key, KmsError> {
        let operation = Operation::Decrypt;
        let context = Base64::of(context.canonical().as_bytes());
        let request = DecryptRequest { ciphertext: Base64::of(ciphertext), context };
        let answer = self.on_key(operation, key_id, Method::POST, "decrypt", to_body(&request)).await?;
        let opened: DataKeyAnswer = read(&answer.body).map_err(nonsense(operation, key_id))?;
        opened.plaintext.key().map_err(nonsense(operation, key_id))
    }

    async fn create_key(&self, key_id: &str) -> Result<(), KmsError> {
        self.on_key(Operation::Create, key_id, Method::POST, "create", Bytes::new()).await.map(drop)
    }

    async fn list_keys(&self, prefix: &str) -> Result<Vec<KeyDescription>, KmsError> {
        let mut keys = Vec::new();
        // Servers refuse prefixes that don't end like a name.
        let mut from = prefix.trim_end_matches(|end: char| !end.is_ascii_alphanumeric()).to_owned();
        for _ in 0..MAX_PAGES {
            // Old servers take a pattern: what begins with nothing is everything, to both.
            let answer = self.on_key(Operation::List, &from, Method::GET, "list", Bytes::new()).await?;
            let (page, next) = names(&answer).map_err(nonsense(Operation::List, prefix))?;
            keys.extend(page.into_iter().filter(|key| key.key_id.starts_with(prefix)));
            match next {
                Some(next) if next > from => from = next,
                _ => break,
            }
        }
        keys.sort_by(|a, b| a.key_id.cmp(&b.key_id));
        keys.dedup_by(|a, b| a.key_id == b.key_id);
        Ok(keys)
    }

    async fn endpoints(&self) -> Vec<Endpoint> {
        let asked = self.transport.call_all(&call(Method::GET, "/version", Bytes::new())).await;
        let endpoint = |(url, answer): (String, Option<Answer>)| Endpoint { url, online: answer.is_some() };
        asked.into_iter().map(endpoint).collect()
    }

    async fn version(&self) -> Result<String, KmsError> {
        let answer = self.call(Operation::Describe, "", Method::GET, "/version", Bytes::new()).await?;
        let answer: VersionAnswer = read(&answer.body).map_err(nonsense(Operation::Describe, ""))?;
        Ok(answer.version)
    }

    async fn routes(&self) -> Result<Vec<Route>, KmsError> {
        let answer = self.call(Operation::Describe, "", Method::GET, "/v1/api", Bytes::new()).await?;
        let routes: Vec<RouteAnswer> = read(&answer.body).map_err(nonsense(Operation::Describe, ""))?;
        let route = |route: RouteAnswer| Route {
            method: route.method,
            path: route.path,
            max_body: route.max_body,
            timeout: Duration::from_secs(route.timeout),
        };
        Ok(routes.into_iter().map(route).collect())
    }

    /// Describes the default key, which the server then keeps in its cache.
    async fn keep_alive(&self) -> Result<(), KmsError> {
        self.on_key(Operation::Describe, &self.default_key, Method::GET, "describe", Bytes::new()).await.map(drop)
    }

    fn reload(&self) {
        self.transport.reload();
    }
}

/// A page of names, and where the next begins.
fn names(answer: &Answer) -> Result<(Vec<KeyDescription>, Option<String>), String> {
    let described = |name: String| KeyDescription { key_id: name, created_at: None, created_by: String::new() };
    let lines =
        answer.headers.get(CONTENT_TYPE).is_some_and(|kind| kind.as_bytes().starts_with(b"application/x-ndjson"));
    if !lines {
        let page: ListAnswer = read(&answer.body)?;
        let names = page.names.unwrap_or_default();
        return Ok((
            names.into_iter().map(described).collect(),
            Some(page.continue_at).filter(|next| !next.is_empty()),
        ));
    }
    let mut keys = Vec::new();
    for line in answer.body.split(|byte| *byte == b'\n').filter(|line| !line.trim_ascii().is_empty()) {
        let line: ListLine = read(line)?;
        if !line.error.is_empty() {
            return Err(line.error);
        }
        let created_at = OffsetDateTime::parse(&line.created_at, &Rfc3339).ok();
        let created_at = created_at.and_then(|time| i64::try_from(time.unix_timestamp_nanos()).ok());
        let created_at = created_at.map(Timestamp::from_nanos);
        keys.push(KeyDescription { key_id: line.name, created_at, created_by: line.created_by });
    }
    Ok((keys, None))
}
