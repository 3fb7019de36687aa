//! Getting in, and staying in: tokens of a Vault server.

use super::VaultService;
use crate::json::{read, to_body};
use crate::transport::Away;
use base::Secret;
use bytes::Bytes;
use http::{HeaderValue, Method};
use serde::{Deserialize, Serialize};
use std::time::Duration;
use tokio::sync::Mutex;

/// Reads a token of this machine, or says why it can't.
pub type ReadToken = Box<dyn Fn() -> Result<Secret, String> + Send + Sync>;

/// How this server shows who it is.
pub enum VaultLogin {
    Token(Secret),
    /// A role of the method mounted at `mount`.
    AppRole {
        mount: String,
        role_id: String,
        secret_id: Secret,
    },
    /// A role for whoever holds the service account's token, which Kubernetes exchanges now and then.
    Kubernetes {
        mount: String,
        role: String,
        token: ReadToken,
    },
}

/// The token in use.
pub(super) struct Session {
    login: VaultLogin,
    current: Mutex<Option<Current>>,
}

struct Current {
    token: HeaderValue,
    /// When to make it live longer, by the steady clock; `None`: it doesn't end.
    renew_at: Option<Duration>,
}

#[derive(Serialize)]
struct AppRoleRequest<'a> {
    role_id: &'a str,
    secret_id: &'a str,
}

#[derive(Serialize)]
struct KubernetesRequest<'a> {
    role: &'a str,
    jwt: &'a str,
}

#[derive(Deserialize)]
struct LoginAnswer {
    auth: Auth,
}

#[derive(Deserialize)]
struct Auth {
    client_token: String,
    /// Seconds; 0: without end.
    #[serde(default)]
    lease_duration: u64,
}

#[derive(Deserialize)]
struct LookUpAnswer {
    data: LookUp,
}

#[derive(Deserialize)]
struct LookUp {
    /// Seconds left; 0: without end.
    ttl: u64,
    #[serde(default)]
    renewable: bool,
}

impl Session {
    pub fn new(login: VaultLogin) -> Self {
        Session { login, current: Mutex::default() }
    }

    /// The token to call with. Whoever comes while another logs in waits for it.
    pub async fn token(&self, service: &VaultService) -> Result<HeaderValue, Away> {
        let mut current = self.current.lock().await;
        if let Some(current) = &*current {
            return Ok(current.token.clone());
        }
        let fresh = self.log_in(service).await?;
        let token = fresh.token.clone();
        *current = Some(fresh);
        Ok(token)
    }

    /// Lets go of a token that the server doesn't take; whether another can be had.
    pub async fn forget(&self, token: &HeaderValue) -> bool {
        if matches!(self.login, VaultLogin::Token(_)) {
            return false;
        }
        let mut current = self.current.lock().await;
        if current.as_ref().is_some_and(|current| current.token == *token) {
            *current = None;
        }
        true
    }

    /// Makes the token live longer when half of its life is over; logs in again where that can't be.
    pub async fn keep(&self, service: &VaultService) -> Result<(), Away> {
        self.token(service).await?;
        let mut current = self.current.lock().await;
        let now = service.world.clock.steady();
        let due = |current: &Current| current.renew_at.is_some_and(|at| now >= at);
        let Some(token) = current.as_ref().filter(|current| due(current)).map(|current| current.token.clone()) else {
            return Ok(());
        };
        let renewed = self.renew(service, token).await;
        *current = match (renewed, &self.login) {
            (Ok(renewed), _) => Some(renewed),
            (Err(error), VaultLogin::Token(_)) => return Err(error),
            (Err(_), _) => Some(self.log_in(service).await?),
        };
        Ok(())
    }

    async fn log_in(&self, service: &VaultService) -> Result<Current, Away> {
        let (mount, body) = match &self.login {
            VaultLogin::Token(token) => return self.look_up(service, header(token.expose())?).await,
            VaultLogin::AppRole { mount, role_id, secret_id } => {
                (mount, to_body(&AppRoleRequest { role_id, secret_id: secret_id.expose() }))
            }
            VaultLogin::Kubernetes { mount, role, token } => {
                let jwt = token().map_err(Away)?;
                (mount, to_body(&KubernetesRequest { role, jwt: jwt.expose().trim() }))
            }
        };
        let call = service.unsigned(Method::POST, &format!("auth/{mount}/login"), body);
        let answer = service.transport.call(&call).await?;
        if !answer.status.is_success() {
            return Err(Away(format!("the login at auth/{mount} was refused (status {})", answer.status.as_u16())));
        }
        current(service, &read::<LoginAnswer>(&answer.body).map_err(Away)?.auth)
    }

    /// A token that was given: how long it lives. Where it may not even ask that, it is used as it is.
    async fn look_up(&self, service: &VaultService, token: HeaderValue) -> Result<Current, Away> {
        let mut call = service.unsigned(Method::GET, "auth/token/lookup-self", Bytes::new());
        call.headers.insert(super::TOKEN, token.clone());
        let answer = service.transport.call(&call).await?;
        let found = read::<LookUpAnswer>(&answer.body).ok().map(|answer| answer.data);
        let life = found.filter(|found| answer.status.is_success() && found.renewable && found.ttl > 0);
        let now = service.world.clock.steady();
        Ok(Current { token, renew_at: life.map(|found| now + Duration::from_secs(found.ttl) / 2) })
    }

    async fn renew(&self, service: &VaultService, token: HeaderValue) -> Result<Current, Away> {
        let mut call = service.unsigned(Method::POST, "auth/token/renew-self", Bytes::new());
        call.headers.insert(super::TOKEN, token);
        let answer = service.transport.call(&call).await?;
        if !answer.status.is_success() {
            return Err(Away(format!("the token can't be renewed (status {})", answer.status.as_u16())));
        }
        current(service, &read::<LoginAnswer>(&answer.body).map_err(Away)?.auth)
    }
}

fn current(service: &VaultService, auth: &Auth) -> Result<Current, Away> {
    let life = Duration::from_secs(auth.lease_duration);
    let now = service.world.clock.steady();
    let renew_at = (!life.is_zero()).then(|| now + life / 2);
    Ok(Current { token: header(&auth.client_token)?, renew_at })
}

fn header(token: &str) -> Result<HeaderValue, Away> {
    let mut value = HeaderValue::from_str(token).map_err(|_| Away("the token can't be sent in a header".to_owned()))?;
    value.set_sensitive(true);
    Ok(value)
}
