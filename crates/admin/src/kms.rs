//! `/minio/kms/v1`, and its elder names below `/minio/admin/v3/kms` (encryption reference, section 2.7).

mod answers;

#[cfg(test)]
mod tests;

use answers::{KeyItem, KeyState, Metrics, RouteItem, Status, Version};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::Method;
use http::request::Parts;
use iam::Action;
use kms::{Context, KeyService, KmsError, Meter};
use rustfs_http::RequestBody;
use s3::error::ErrorContext;
use s3::query::Query;
use s3::{Answer, ErrorCode, Interface, S3Error, Visitor, json};
use serde::Serialize;
use std::sync::Arc;

const PREFIX: &str = "/minio/kms/";
const V1: &str = "/minio/kms/v1/";
const ADMIN: &str = "/minio/admin/v3/kms/";

/// The endpoints of key management.
pub struct KmsApi {
    meter: Arc<Meter>,
}

/// What can be asked.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Endpoint {
    Status,
    Metrics,
    Apis,
    Version,
    CreateKey,
    ListKeys,
    KeyStatus,
}

/// An endpoint and the action that it needs.
type Route = (Endpoint, Action);

impl KmsApi {
    /// `meter`: what counts the calls to the key service.
    pub fn new(meter: Arc<Meter>) -> Self {
        KmsApi { meter }
    }

    async fn carry_out(&self, visitor: &Visitor<'_>) -> Result<Answer, S3Error> {
        let parts = visitor.parts();
        let query = visitor.query();
        let (endpoint, action) = route(&parts.method, parts.uri.path(), query).ok_or(ErrorCode::BadRequest)?;
        visitor.grant(action, None)?;
        let keys = visitor.service().keys().ok_or(ErrorCode::KmsNotConfigured)?;
        let named = query.non_empty("key-id");
        match endpoint {
            Endpoint::Status => document(&Status::of(&**keys).await),
            Endpoint::Metrics => document(&Metrics::from(self.meter.read())),
            Endpoint::Apis => {
                let routes = keys.routes().await.map_err(flatten)?;
                document(&routes.into_iter().map(RouteItem::from).collect::<Vec<_>>())
            }
            Endpoint::Version => document(&Version { version: keys.version().await.map_err(flatten)? }),
            Endpoint::CreateKey => {
                let key = named.unwrap_or_default();
                visitor.grant(action, Some(key))?;
                keys.create_key(key).await.map_err(flatten)?;
                Ok(json(Vec::new()))
            }
            Endpoint::ListKeys => {
                let pattern = query.get("pattern").unwrap_or_default();
                let prefix = if pattern == "*" { "" } else { pattern };
                let mut found = keys.list_keys(prefix).await.map_err(flatten)?;
                found.retain(|key| visitor.grant(action, Some(&key.key_id)).is_ok());
                document(&found.into_iter().map(KeyItem::from).collect::<Vec<_>>())
            }
            Endpoint::KeyStatus => {
                let key = named.unwrap_or_else(|| keys.default_key_id());
                visitor.grant(action, Some(key))?;
                document(&key_state(&**keys, key).await)
            }
        }
    }
}

impl Interface for KmsApi {
    fn is_asked(&self, parts: &Parts) -> bool {
        let path = parts.uri.path();
        path.starts_with(PREFIX) || path.starts_with(ADMIN)
    }

    fn refuse(&self, parts: &Parts, query: &Query<'_>, context: &ErrorContext<'_>) -> Option<Answer> {
        let (method, path) = (&parts.method, parts.uri.path());
        if route(method, path, query).is_some() {
            return None;
        }
        let message = format!("An unsupported API call for method: {method} at '{path}'");
        Some(self.tell(&S3Error::with(ErrorCode::BadRequest, message), method, context))
    }

    fn answer<'a>(&'a self, visitor: &'a Visitor<'a>, _body: RequestBody) -> BoxFuture<'a, Result<Answer, S3Error>> {
        self.carry_out(visitor).boxed()
    }
}

/// What a request is for. A query that must be there decides too.
fn route(method: &Method, path: &str, query: &Query<'_>) -> Option<Route> {
    let get = *method == Method::GET;
    let post = *method == Method::POST;
    if let Some(path) = path.strip_prefix(ADMIN) {
        return match path {
            "status" if post => Some((Endpoint::Status, Action::AdminKmsKeyStatus)),
            "key/create" if post && query.has("key-id") => Some((Endpoint::CreateKey, Action::AdminKmsCreateKey)),
            "key/status" if get => Some((Endpoint::KeyStatus, Action::AdminKmsKeyStatus)),
            _ => None,
        };
    }
    match path.strip_prefix(V1)? {
        "status" if get => Some((Endpoint::Status, Action::KmsStatus)),
        "metrics" if get => Some((Endpoint::Metrics, Action::KmsMetrics)),
        "apis" if get => Some((Endpoint::Apis, Action::KmsApi)),
        "version" if get => Some((Endpoint::Version, Action::KmsVersion)),
        "key/create" if post && query.has("key-id") => Some((Endpoint::CreateKey, Action::KmsCreateKey)),
        "key/list" if get && query.has("pattern") => Some((Endpoint::ListKeys, Action::KmsListKeys)),
        "key/status" if get => Some((Endpoint::KeyStatus, Action::KmsKeyStatus)),
        _ => None,
    }
}

/// Whether a key seals and opens: what goes wrong is part of the answer.
async fn key_state(keys: &dyn KeyService, key: &str) -> KeyState {
    let context = Context::of([("MinIO admin API", "KMSKeyStatusHandler")]);
    let mut state = KeyState { key_id: key.to_owned(), encryption_error: None, decryption_error: None };
    match keys.generate_data_key(Some(key), &context).await {
        Err(error) => state.encryption_error = Some(error.message()),
        Ok(made) => match keys.decrypt(key, &made.sealed, &context).await {
            Err(error) => state.decryption_error = Some(error.message()),
            Ok(opened) if opened != made.plain => {
                state.decryption_error = Some("The generated and the decrypted data key do not match");
            }
            Ok(_) => {}
        },
    }
    state
}

/// On this interface every failure of the key service is the server's.
fn flatten(error: KmsError) -> S3Error {
    S3Error::detailed(ErrorCode::InternalError, error.message())
}

fn document(value: &impl Serialize) -> Result<Answer, S3Error> {
    serde_json::to_vec(value).map(json).map_err(|_| ErrorCode::InternalError.into())
}
