//! HTTP to the servers of a key service: short calls with JSON bodies, to whichever server answers.
//!
//! A call ends within [`CONNECT`] plus [`ANSWER`] for each attempt, and there are at most [`ATTEMPTS`]. A server that
//! fails twice in a row is put aside; when its time is over one call tries it again. While all are put aside calls
//! fail at once, so that requests that need keys are answered quickly and don't pile up.

mod connection;
mod health;
mod target;

#[cfg(test)]
mod tests;

use crate::tls::Tls;
use base::World;
use bytes::Bytes;
use connection::Pool;
use futures_util::future::join_all;
use health::{Health, Permit};
use http::{HeaderMap, Method, StatusCode};
use std::sync::Arc;
use std::time::Duration;
use zeroize::Zeroizing;

pub(crate) use target::Target;
pub use target::TargetError;

/// How long a connection may take to come about, TLS included: key servers are near.
const CONNECT: Duration = Duration::from_secs(3);

/// How long an answer may take: a key server may ask a store behind it, and gives up after 10 to 15 seconds itself.
const ANSWER: Duration = Duration::from_secs(10);

/// Attempts of a call: a server that has just died, and one more that nobody knew to be dead, are survived.
const ATTEMPTS: usize = 3;

/// Largest answer read, in bytes: lists of keys are the longest.
const MAX_ANSWER: usize = 1 << 20;

/// A call. It must be safe to repeat.
pub(crate) struct Call {
    pub method: Method,
    /// Below the endpoint's own path, escaped; begins with a slash.
    pub path: String,
    pub headers: HeaderMap,
    pub body: Bytes,
}

/// What a server answered; not a failure of its own (5xx, save 501).
pub(crate) struct Answer {
    pub status: StatusCode,
    pub headers: HeaderMap,
    /// It may hold a key.
    pub body: Zeroizing<Vec<u8>>,
}

/// No server answered. Says why.
#[derive(Clone, Debug, thiserror::Error)]
#[error("{0}")]
pub(crate) struct Away(pub String);

/// The servers of a key service.
pub(crate) struct Transport {
    servers: Vec<Server>,
    tls: Tls,
    world: World,
}

struct Server {
    target: Target,
    health: Arc<Health>,
    pool: Pool,
}

impl Transport {
    pub fn new(targets: Vec<Target>, tls: Tls, world: World) -> Self {
        let server = |target: Target| {
            let health = Arc::new(Health::new(target.url().to_owned()));
            Server { target, health, pool: Pool::default() }
        };
        Transport { servers: targets.into_iter().map(server).collect(), tls, world }
    }

    /// Reads certificates again for the next connections.
    pub fn reload(&self) {
        self.tls.reload();
    }

    /// Makes a call to a server that answers.
    pub async fn call(&self, call: &Call) -> Result<Answer, Away> {
        let mut last = None;
        for attempt in 0..ATTEMPTS {
            let Some((server, permit)) = self.choose(attempt) else { break };
            match self.attempt(server, call).await {
                Ok(answer) => {
                    permit.succeeded();
                    return Ok(answer);
                }
                Err(Failure { cause, hung }) => {
                    permit.failed(self.world.clock.steady(), hung, &cause);
                    last = Some(cause);
                }
            }
        }
        Err(Away(last.unwrap_or_else(|| self.all_aside())))
    }

    /// Makes a call to every server; gives each one's address and its answer, if it did answer.
    pub async fn call_all(&self, call: &Call) -> Vec<(String, Option<Answer>)> {
        let calls = self
            .servers
            .iter()
            .map(|server| async { (server.target.url().to_owned(), self.attempt(server, call).await.ok()) });
        join_all(calls).await
    }

    /// A server that may be called: one on this machine before others, among which chance decides.
    fn choose(&self, attempt: usize) -> Option<(&Server, Permit)> {
        let now = self.world.clock.steady();
        let admit = |server: &'_ Server| Health::admit(&server.health, now);
        let here = self.servers.iter().filter(|server| server.target.is_here());
        if let Some(found) = here.into_iter().find_map(|server| Some((server, admit(server)?))) {
            return Some(found);
        }
        let count = self.servers.len();
        let start = usize::try_from(self.world.random.u64() % u64::try_from(count).ok()?).ok()?;
        (0..count).map(|step| &self.servers[(start + attempt + step) % count]).find_map(|s| Some((s, admit(s)?)))
    }

    fn all_aside(&self) -> String {
        let causes = self.servers.iter().filter_map(|server| server.health.cause());
        causes.last().unwrap_or_else(|| "another call is trying whether it is back".to_owned())
    }

    async fn attempt(&self, server: &Server, call: &Call) -> Result<Answer, Failure> {
        let answer = server.pool.call(&server.target, &self.tls, &self.world, call).await?;
        if answer.status.is_server_error() && answer.status != StatusCode::NOT_IMPLEMENTED {
            let said = String::from_utf8_lossy(&answer.body[..answer.body.len().min(200)]).into_owned();
            return Err(Failure::new(format!("{}: status {}: {said}", server.target.url(), answer.status.as_u16())));
        }
        Ok(answer)
    }
}

/// Why an attempt failed; `hung`: it ran into a time limit, so that it isn't tried twice.
struct Failure {
    cause: String,
    hung: bool,
}

impl Failure {
    fn new(cause: String) -> Self {
        Failure { cause, hung: false }
    }

    fn hung(cause: String) -> Self {
        Failure { cause, hung: true }
    }
}
