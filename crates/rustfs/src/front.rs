//! The first to see a request: answers health probes, and everything while the store isn't open yet; the rest goes on
//! to S3.

mod health;

#[cfg(test)]
mod tests;

use base::World;
use bytes::Bytes;
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::{CONTENT_TYPE, RETRY_AFTER, SERVER};
use http::{HeaderValue, Method, Request, Response, StatusCode};
use rustfs_http::{ConnInfo, Handler, Refusal, RequestBody, ResponseBody, headers as common};
use s3::error::{ErrorContext, render};
use s3::{ErrorCode, Interface, S3Error, S3Handler};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use store::{SetHealth, Store};

pub use health::Probe;

type Answer = Response<ResponseBody>;

/// When a client that came too early may come again, in seconds.
const TRY_AGAIN: HeaderValue = HeaderValue::from_static("60");

/// Flash clients ask this of every server.
const CROSSDOMAIN: &str = "<?xml version=\"1.0\"?><!DOCTYPE cross-domain-policy SYSTEM \
    \"http://www.adobe.com/xml/dtds/cross-domain-policy.dtd\"><cross-domain-policy><allow-access-from domain=\"*\" \
    secure=\"false\" /></cross-domain-policy>";

/// Hands requests on once there is something behind it.
pub struct Front {
    world: World,
    host_id: String,
    region: String,
    crossdomain: Bytes,
    ready: OnceLock<Ready>,
}

/// What is behind the front door.
struct Ready {
    s3: S3Handler,
    /// What comes through the same door and isn't S3.
    others: Vec<Box<dyn Interface>>,
    health: HealthCheck,
}

impl Ready {
    async fn answer(&self, request: Request<RequestBody>, conn: ConnInfo) -> Answer {
        let (parts, body) = request.into_parts();
        let other = self.others.iter().find(|other| other.is_asked(&parts));
        let request = Request::from_parts(parts, body);
        match other {
            Some(other) => self.s3.lead(&**other, request, conn).await,
            None => self.s3.handle(request, conn).await,
        }
    }
}

/// Asks how the store fares.
type HealthCheck = Box<dyn Fn() -> BoxFuture<'static, Option<Vec<SetHealth>>> + Send + Sync>;

impl Front {
    /// A door that is closed: it answers probes, and tells others to come later. `node` names this server.
    pub fn new(world: World, node: &str, region: &str, crossdomain: Option<String>) -> Arc<Self> {
        Arc::new(Front {
            world,
            host_id: common::host_id(node),
            region: region.to_owned(),
            crossdomain: crossdomain.map_or(Bytes::from_static(CROSSDOMAIN.as_bytes()), Bytes::from),
            ready: OnceLock::new(),
        })
    }

    /// Opens the door. `deadline`: how long a probe may look at the drives.
    pub fn open(&self, s3: S3Handler, others: Vec<Box<dyn Interface>>, store: Store, deadline: Duration) {
        let clock = Arc::clone(&self.world.clock);
        let health: HealthCheck = Box::new(move || {
            let (store, late) = (store.clone(), clock.sleep(deadline));
            async move {
                tokio::select! {
                    health = store.health() => Some(health),
                    () = late => None,
                }
            }
            .boxed()
        });
        let _ = self.ready.set(Ready { s3, others, health });
    }

    async fn answer(&self, request: Request<RequestBody>, conn: ConnInfo) -> Answer {
        if let Some(probe) = Probe::of(&request) {
            let health = match &self.ready {
                cell if probe.looks_at_drives() => match cell.get() {
                    Some(ready) => (ready.health)().await,
                    None => None,
                },
                _ => None,
            };
            return self.common(health::answer(probe, self.ready.get().is_some(), health.as_deref()));
        }
        if request.uri().path() == "/crossdomain.xml" {
            let mut answer = Response::new(ResponseBody::from(self.crossdomain.clone()));
            answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
            return self.common(answer);
        }
        match self.ready.get() {
            Some(ready) => ready.answer(request, conn).await,
            None => self.error(ErrorCode::ServerNotInitialized, request.method(), request.uri().path()),
        }
    }

    fn error(&self, code: ErrorCode, method: &Method, path: &str) -> Answer {
        let error = S3Error::new(code);
        let request_id = common::request_id(self.world.clock.now());
        let context = ErrorContext {
            resource: path,
            bucket: "",
            key: "",
            region: &self.region,
            request_id: &request_id,
            host_id: &self.host_id,
        };
        let mut answer = Response::new(ResponseBody::empty());
        *answer.status_mut() = error.status();
        if method != Method::HEAD {
            *answer.body_mut() = ResponseBody::from(Bytes::from(render(&error, &context)));
            answer.headers_mut().insert(CONTENT_TYPE, HeaderValue::from_static("application/xml"));
        }
        if matches!(error.status(), StatusCode::SERVICE_UNAVAILABLE | StatusCode::TOO_MANY_REQUESTS) {
            answer.headers_mut().insert(RETRY_AFTER, TRY_AGAIN);
        }
        self.common(answer)
    }

    fn common(&self, mut answer: Answer) -> Answer {
        let request_id = common::request_id(self.world.clock.now());
        common::common_headers(answer.headers_mut(), &request_id, &self.host_id);
        answer.headers_mut().insert(SERVER, HeaderValue::from_static("RustFS"));
        answer
    }
}

impl Handler for Front {
    fn handle(&self, request: Request<RequestBody>, conn: ConnInfo) -> BoxFuture<'_, Answer> {
        self.answer(request, conn).boxed()
    }

    fn refuse(&self, refusal: Refusal) -> Answer {
        match (self.ready.get(), refusal) {
            (Some(ready), refusal) => ready.s3.refuse(refusal),
            (None, Refusal::BadHead(_)) => self.error(ErrorCode::BadRequest, &Method::GET, "/"),
            (None, Refusal::Overloaded) => self.error(ErrorCode::TooManyRequests, &Method::GET, "/"),
            (None, Refusal::Panicked) => self.error(ErrorCode::InternalError, &Method::GET, "/"),
        }
    }

    fn urgent(&self, request: &Request<RequestBody>) -> bool {
        Probe::of(request).is_some()
    }
}
