//! What other interfaces share with S3: signatures, identities, and the look of errors.

use crate::call::Call;
use crate::circumstances::{Asking, Facts};
use crate::error::{ErrorCode, ErrorContext, S3Error, S3Result};
use crate::handler::S3Handler;
use crate::layers;
use crate::query::{Query, decode_percent};
use crate::response::{self, Answer};
use crate::routing::Operation;
use crate::target::Target;
use base::Timestamp;
use bytes::Bytes;
use futures_util::future::BoxFuture;
use http::request::Parts;
use http::{HeaderValue, Method, Request};
use iam::{Action, Caller, Grant};
use rustfs_http::auth::{Identity, Place, RequestView, SignatureVersion};
use rustfs_http::{ConnInfo, RequestBody, headers as common};
use service::Service;
use std::sync::atomic::AtomicBool;

/// An interface whose requests are signed as S3's are, and whose errors look as S3's do.
pub trait Interface: Send + Sync {
    /// Whether the request is meant for it.
    fn is_asked(&self, parts: &Parts) -> bool;

    /// What is said to who asks for something that it doesn't have, whoever it is; `None` if it has an answer.
    fn refuse(&self, parts: &Parts, query: &Query<'_>, context: &ErrorContext<'_>) -> Option<Answer>;

    /// How it tells of an error.
    fn tell(&self, error: &S3Error, method: &Method, context: &ErrorContext<'_>) -> Answer {
        response::error(error, method, context)
    }

    /// Answers a request whose sender is known.
    fn answer<'a>(&'a self, visitor: &'a Visitor<'a>, body: RequestBody) -> BoxFuture<'a, S3Result<Answer>>;
}

/// A request to another interface, whose sender is known.
pub struct Visitor<'a> {
    call: Call<'a>,
    context: &'a ErrorContext<'a>,
}

impl Visitor<'_> {
    pub fn service(&self) -> &Service {
        self.call.service()
    }

    pub fn parts(&self) -> &Parts {
        self.call.parts
    }

    pub fn query(&self) -> &Query<'_> {
        self.call.query
    }

    /// Who asks.
    pub fn caller(&self) -> &Caller {
        &self.call.caller
    }

    /// When it was asked.
    pub fn now(&self) -> Timestamp {
        self.call.now
    }

    /// What errors tell of the request.
    pub fn context(&self) -> &ErrorContext<'_> {
        self.context
    }

    /// Whether the request is signed in its headers, as a whole.
    pub fn is_signed_in_headers(&self) -> bool {
        match &self.call.identity {
            Identity::Signed(signed) => signed.place == Place::Header && !signed.payload.is_chunked(),
            Identity::Anonymous { .. } => false,
        }
    }

    /// Permission for `action` on something of this name; `None`: on anything at all.
    pub fn grant(&self, action: Action, resource: Option<&str>) -> S3Result<Grant> {
        self.call.grant(action, resource, None)
    }

    /// Permission to list a bucket as a browser of buckets would.
    pub fn grant_listing(&self, bucket: &str) -> S3Result<Grant> {
        let facts = Facts { as_listing: true, ..Facts::default() };
        self.call.grant_given(Action::ListBucket, Some(bucket), None, &facts)
    }

    /// That nothing denies `action`, for what everybody may do with what is their own.
    pub fn check_not_denied(&self, action: Action) -> S3Result<()> {
        let asking = Asking { call: &self.call, facts: &Facts::default() };
        self.service().authorize_unless_denied(&self.call.caller, action, None, None, &asking)?;
        Ok(())
    }

    /// The body, at most `limit` bytes.
    pub async fn document(&self, body: RequestBody, limit: usize) -> S3Result<Bytes> {
        self.call.document(body, limit).await
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
        let resource = decode_percent(parts.uri.path());
        let context = ErrorContext {
            resource: resource.as_deref().unwrap_or(parts.uri.path()),
            bucket: "",
            key: "",
            region: self.service.region(),
            request_id: &request_id,
            host_id: &self.host_id,
        };
        let mut answer = match self.visit(interface, &parts, body, conn, &context).await {
            Ok(answer) => answer,
            Err(error) => {
                tracing::debug!(method = %parts.method, path = parts.uri.path(), %error, "refused");
                interface.tell(&error, &parts.method, &context)
            }
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
        context: &ErrorContext<'_>,
    ) -> S3Result<Answer> {
        let view = RequestView::of(parts);
        layers::check_host(view.host)?;
        layers::check_headers(&parts.headers)?;
        let query = Query::parse(view.query).map_err(|_| S3Error::new(ErrorCode::AuthMechanismUnsupported))?;
        if let Some(answer) = interface.refuse(parts, &query, context) {
            return Ok(answer);
        }
        let target = &Target::default();
        let (identity, caller) = self.identify(&view, None, target)?;
        // It leaves most of a request unsigned; only S3's own operations have clients that know nothing better.
        if matches!(&identity, Identity::Signed(signed) if signed.version == SignatureVersion::V2) {
            return Err(ErrorCode::AuthMechanismUnsupported.into());
        }
        let (operation, host, now) = (Operation::Unsupported, view.host, self.now());
        let by_list = AtomicBool::new(false);
        let call =
            Call { handler: self, operation, target, query: &query, parts, host, identity, caller, conn, now, by_list };
        interface.answer(&Visitor { call, context }, body).await
    }
}
