//! The door of `/minio/admin/v3`: who asks, what for, and how bodies are read and written.

use crate::account::Backend;
use crate::error::AdminError;
use crate::route::{Endpoint, PREFIX, endpoint};
use crate::server::Release;
use crate::{access_keys, account, groups, policies, server, users};
use base::{Secret, World};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{Method, StatusCode};
use iam::{Action, Iam};
use rustfs_http::RequestBody;
use s3::error::ErrorContext;
use s3::query::Query;
use s3::{Answer, Interface, S3Error, Visitor, json};
use seal::admin_body;
use serde::Serialize;
use serde::de::DeserializeOwned;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::Semaphore;

/// Longest encrypted body: MinIO's limit.
const MAX_SEALED: usize = 262_272;
/// Longest body in the clear: far more than what is asked for needs.
const MAX_PLAIN: usize = 1 << 20;
/// How many bodies are sealed or opened at a time: each takes 64 MiB of memory for some tens of milliseconds.
const SEALED_AT_ONCE: usize = 2;

pub type AdminResult<T> = Result<T, AdminError>;

/// The administration interface.
pub struct AdminApi {
    world: World,
    backend: Backend,
    release: Release,
    /// By the steady clock.
    started: Duration,
    sealing: Arc<Semaphore>,
}

/// A request being answered.
pub struct Asked<'a> {
    pub visitor: &'a Visitor<'a>,
    api: &'a AdminApi,
}

impl AdminApi {
    pub fn new(backend: Backend, release: Release, world: World) -> Self {
        let started = world.clock.steady();
        AdminApi { world, backend, release, started, sealing: Arc::new(Semaphore::new(SEALED_AT_ONCE)) }
    }

    /// How MinIO calls a server with these drives.
    fn mode(&self) -> &'static str {
        if self.backend.drives_per_set == [1] { "mode-server-xl-single" } else { "mode-server-xl" }
    }

    async fn carry_out(&self, visitor: &Visitor<'_>, body: RequestBody) -> AdminResult<Answer> {
        if !visitor.is_signed_in_headers() {
            return Err(s3::ErrorCode::AccessDenied.into());
        }
        let parts = visitor.parts();
        let endpoint =
            endpoint(&parts.method, parts.uri.path(), visitor.query()).ok_or_else(AdminError::bad_request)?;
        let asked = &Asked { visitor, api: self };
        match endpoint {
            Endpoint::AddUser => users::add(asked, body).await,
            Endpoint::ListUsers => users::list(asked).await,
            Endpoint::UserInfo => users::info(asked),
            Endpoint::SetUserStatus => users::set_status(asked).await,
            Endpoint::RemoveUser => users::remove(asked).await,
            Endpoint::UpdateGroupMembers => groups::update(asked, body).await,
            Endpoint::GroupInfo => groups::info(asked),
            Endpoint::ListGroups => groups::list(asked),
            Endpoint::SetGroupStatus => groups::set_status(asked).await,
            Endpoint::AddPolicy => policies::add(asked, body).await,
            Endpoint::PolicyInfo => policies::info(asked),
            Endpoint::ListPolicies => policies::list(asked),
            Endpoint::RemovePolicy => policies::remove(asked).await,
            Endpoint::SetPolicies => policies::set(asked).await,
            Endpoint::AttachPolicies => policies::associate(asked, body, true).await,
            Endpoint::DetachPolicies => policies::associate(asked, body, false).await,
            Endpoint::PolicyEntities => policies::entities(asked).await,
            Endpoint::AddServiceAccount => access_keys::add(asked, body).await,
            Endpoint::UpdateServiceAccount => access_keys::update(asked, body).await,
            Endpoint::ServiceAccountInfo => access_keys::service_account(asked).await,
            Endpoint::ListServiceAccounts => access_keys::list(asked).await,
            Endpoint::DeleteServiceAccount => access_keys::remove(asked).await,
            Endpoint::TemporaryAccountInfo => access_keys::temporary(asked).await,
            Endpoint::AccessKeyInfo => access_keys::info(asked).await,
            Endpoint::ListAccessKeys => access_keys::list_of_users(asked).await,
            Endpoint::RevokeTokens => access_keys::revoke(asked).await,
            Endpoint::AccountInfo => account::info(asked).await,
            Endpoint::ServerInfo => server::info(asked).await,
            Endpoint::StorageInfo => server::storage(asked).await,
        }
    }
}

impl Interface for AdminApi {
    fn is_asked(&self, parts: &Parts) -> bool {
        let path = parts.uri.path();
        let below = path.strip_prefix("/minio/admin").is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        below && !path.strip_prefix(PREFIX).is_some_and(|rest| rest.starts_with("kms/"))
    }

    fn refuse(&self, parts: &Parts, query: &Query<'_>, context: &ErrorContext<'_>) -> Option<Answer> {
        let path = parts.uri.path();
        match endpoint(&parts.method, path, query) {
            Some(_) => None,
            None => {
                let context = ErrorContext { request_id: "", host_id: "", ..*context };
                Some(AdminError::unknown_route(path, self.mode()).answer(&context))
            }
        }
    }

    fn tell(&self, error: &S3Error, _method: &Method, context: &ErrorContext<'_>) -> Answer {
        AdminError::from(error.clone()).answer(context)
    }

    fn answer<'a>(&'a self, visitor: &'a Visitor<'a>, body: RequestBody) -> BoxFuture<'a, Result<Answer, S3Error>> {
        let answer = async move {
            Ok(self.carry_out(visitor, body).await.unwrap_or_else(|error| {
                let (code, message) = (&error.code, &error.message);
                tracing::debug!(path = visitor.parts().uri.path(), %code, %message, "refused");
                error.answer(visitor.context())
            }))
        };
        answer.boxed()
    }
}

impl Asked<'_> {
    pub fn iam(&self) -> &Arc<Iam> {
        self.visitor.service().iam()
    }

    pub fn backend(&self) -> &Backend {
        &self.api.backend
    }

    pub fn release(&self) -> Release {
        self.api.release
    }

    /// How long the server has been running.
    pub fn uptime(&self) -> Duration {
        self.api.world.clock.steady().saturating_sub(self.api.started)
    }

    /// How the client calls this server.
    pub fn host(&self) -> Option<&str> {
        let parts = self.visitor.parts();
        let header = parts.headers.get(http::header::HOST).and_then(|host| host.to_str().ok());
        header.or_else(|| parts.uri.authority().map(|authority| authority.as_str()))
    }

    /// A parameter of the query; empty if it isn't there.
    pub fn parameter(&self, name: &str) -> &str {
        self.visitor.query().get(name).unwrap_or_default()
    }

    /// All values of a parameter that may be given more than once.
    pub fn parameters(&self, name: &str) -> Vec<String> {
        let all = self.visitor.query().iter().filter(|(key, _)| *key == name);
        all.map(|(_, value)| value.to_owned()).collect()
    }

    /// That the caller may do `action`.
    pub fn check(&self, action: Action) -> AdminResult<()> {
        self.visitor.grant(action, None)?;
        Ok(())
    }

    /// That the caller may do one of `actions`.
    pub fn check_any(&self, actions: &[Action]) -> AdminResult<()> {
        if actions.iter().any(|action| self.check(*action).is_ok()) {
            Ok(())
        } else {
            Err(s3::ErrorCode::AccessDenied.into())
        }
    }

    /// That nothing denies it to the caller, or, where it isn't about the caller's `own`, that something allows it.
    pub fn check_own(&self, action: Action, own: bool) -> AdminResult<()> {
        if own {
            return Ok(self.visitor.check_not_denied(action)?);
        }
        self.check(action)
    }

    /// The key that signed.
    pub fn access_key(&self) -> &str {
        self.visitor.caller().access_key().unwrap_or_default()
    }

    /// Whose rights the caller has: its own name, or its parent's.
    pub fn person(&self) -> &str {
        let parent = self.visitor.caller().account().map(|account| account.parent()).unwrap_or_default();
        if parent.is_empty() { self.access_key() } else { parent }
    }

    fn secret(&self) -> AdminResult<Secret> {
        let found = self.iam().signing_secret(self.access_key(), self.visitor.now());
        found.map(|found| found.secret).map_err(|_| s3::ErrorCode::AccessDenied.into())
    }

    /// A document that was encrypted with the caller's secret.
    pub async fn sealed<T: DeserializeOwned>(&self, body: RequestBody) -> AdminResult<T> {
        let length = body.content_length();
        if length.is_none_or(|length| length > MAX_SEALED as u64) {
            return Err(AdminError::too_large());
        }
        let body = self.visitor.document(body, MAX_SEALED).await?;
        let secret = self.secret()?;
        let plain = self.apart(move || admin_body::open(&secret, &body)).await?;
        let plain = plain.map_err(|_| AdminError::bad_json())?;
        serde_json::from_slice(&plain).map_err(|_| AdminError::bad_json())
    }

    /// The body in the clear.
    pub async fn plain(&self, body: RequestBody) -> AdminResult<bytes::Bytes> {
        Ok(self.visitor.document(body, MAX_PLAIN).await?)
    }

    /// 200 with a document encrypted with the caller's secret.
    pub async fn seal(&self, value: &impl Serialize) -> AdminResult<Answer> {
        let plain = serde_json::to_vec(value).map_err(|_| AdminError::internal())?;
        let (secret, random) = (self.secret()?, Arc::clone(&self.api.world.random));
        let sealed = self.apart(move || admin_body::seal(&secret, &*random, &plain)).await?;
        Ok(json(sealed))
    }

    /// Deriving a key takes tens of milliseconds: on a thread of its own, so that nobody else waits.
    async fn apart<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> AdminResult<T> {
        let _turn = self.api.sealing.acquire().await.map_err(|_| AdminError::internal())?;
        self.api.world.tasks.compute(work).join().await.ok_or_else(AdminError::internal)
    }
}

/// 200 with a document in the clear.
pub fn shown(value: &impl Serialize) -> AdminResult<Answer> {
    serde_json::to_vec(value).map(json).map_err(|_| AdminError::internal())
}

/// This status and nothing else.
pub fn done(status: StatusCode) -> Answer {
    let mut answer = Answer::new(rustfs_http::ResponseBody::empty());
    *answer.status_mut() = status;
    answer
}

/// `enabled` or `disabled`.
pub fn status_text(enabled: bool) -> &'static str {
    if enabled { "enabled" } else { "disabled" }
}
