//! What other interfaces share with S3: signatures, identities, and the look of errors.

use crate::call::Call;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::handler::S3Handler;
use crate::layers;
use crate::query::Query;
use crate::response::{self, Answer};
use crate::routing::Operation;
use crate::target::Target;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{HeaderValue, Method, Request};
use iam::{Action, Grant};
use rustfs_http::auth::RequestView;
use rustfs_http::{ConnInfo, RequestBody, headers as common};
use service::Service;

/// An interface whose requests are signed as S3's are, and whose errors look as S3's do.
pub trait Interface: Send + Sync {
    /// Whether the request is meant for it.
    fn is_asked(&self, parts: &Parts) -> bool;

    /// Whether it has an answer. Who asks for something else is told so, whoever it is.
    fn is_known(&self, method: &Method, path: &str, query: &Query<'_>) -> bool;

    /// Answers a request whose sender is known.
    fn answer<'a>(&'a self, visitor: &'a Visitor<'a>, body: RequestBody) -> BoxFuture<'a, S3Result<Answer>>;
}

/// A request to another interface, whose sender is known.
pub struct Visitor<'a>(Call<'a>);

impl Visitor<'_> {
    pub fn service(&self) -> &Service {
        self.0.service()
    }

    pub fn parts(&self) -> &Parts {
        self.0.parts
    }

    pub fn query(&self) -> &Query<'_> {
        self.0.query
    }

    /// Permission for `action` on something of this name; `None`: on anything at all.
    pub fn grant(&self, action: Action, resource: Option<&str>) -> S3Result<Grant> {
        self.0.grant(action, resource, None)
    }

    /// The body, at most `limit` bytes.
    pub async fn document(&self, body: RequestBody, limit: usize) -> S3Result<Bytes> {
        self.0.document(body, limit).await
    }
}

/// 200 with JSON.
pub fn json(document: Vec<u8>) -> Answer {
    response::body(document.into(), HeaderValue::from_static("application/json"))
}

impl S3Handler {
    /// Lets a request in to another interface.
    pub async fn lead(&self, interface: &dyn Interface, request: Request<RequestBody>, conn: ConnInfo) -> Answer {
        let (parts, body) = request.into_parts();
        let request_id = common::request_id(self.now());
        let target = Target::default();
        let mut answer = match self.visit(interface, &parts, body, conn, &target).await {
            Ok(answer) => answer,
            Err(error) => self.tell(&error, &parts, &target, &request_id),
        };
        self.finish(&mut answer, &request_id);
        answer
    }

    async fn visit(
        &self,
        interface: &dyn Interface,
        parts: &Parts,
        body: RequestBody,
        conn: ConnInfo,
        target: &Target,
    ) -> S3Result<Answer> {
        let view = RequestView::of(parts);
        layers::check_host(view.host)?;
        layers::check_headers(&parts.headers)?;
        let query = Query::parse(view.query).map_err(|_| S3Error::new(ErrorCode::AuthMechanismUnsupported))?;
        if !interface.is_known(&parts.method, view.path, &query) {
            let message = format!("An unsupported API call for method: {} at '{}'", parts.method, view.path);
            return Err(S3Error::with(ErrorCode::BadRequest, message));
        }
        let (identity, caller) = self.identify(&view, Operation::Unsupported)?;
        let (operation, host, now) = (Operation::Unsupported, view.host, self.now());
        let call = Call { handler: self, operation, target, query: &query, parts, host, identity, caller, conn, now };
        interface.answer(&Visitor(call), body).await
    }
}
