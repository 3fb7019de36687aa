//! The door: takes requests from the HTTP server and answers them.

use crate::access_record::{self, Head, Seen};
use crate::call::Call;
use crate::error::{ErrorCode, ErrorContext, S3Error, S3Result};
use crate::headers::CopySource;
use crate::query::Query;
use crate::response::{self, Answer};
use crate::routing::{self, Operation};
use crate::target::Target;
use crate::{cors, layers, ops, website};
use base::{Clock, Timestamp, World};
use futures_util::FutureExt;
use futures_util::future::BoxFuture;
use http::header::{ACCEPT_RANGES, ORIGIN, RETRY_AFTER, SERVER};
use http::request::Parts;
use http::{HeaderMap, HeaderName, HeaderValue, Method, Request, StatusCode};
use iam::{Caller, Iam, LookupError, TokenRule};
use rustfs_http::auth::{
    Authenticator, Credentials, Expected, FormFields, Identity, KeyError, RequestView, SessionToken, SigningKeys,
    authenticate_form,
};
use rustfs_http::{ConnInfo, Handler, Refusal, RequestBody, headers as common};
use service::Service;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

const BUCKET_REGION: HeaderName = HeaderName::from_static("x-amz-bucket-region");
const NAME: HeaderValue = HeaderValue::from_static("RustFS");
/// When a client that was turned away may come again, in seconds.
const TRY_AGAIN: HeaderValue = HeaderValue::from_static("60");

/// What the S3 door needs to know of its server.
#[derive(Clone, Debug, Default)]
pub struct S3Config {
    /// Domains below which the host's first label is the bucket.
    pub domains: Vec<String>,
    /// Domains below which the host's first label is the bucket whose pages are read.
    pub website_domains: Vec<String>,
    /// How this node calls itself (`127.0.0.1:9000`): only its hash is shown.
    pub node: String,
    /// Origins of pages that browsers may use the server from, with `*` for any text.
    pub cors_origins: Vec<String>,
    /// Whether proxies stand before the server that say truly where requests come from.
    pub trust_forwarded: bool,
}

/// Answers S3 requests.
pub struct S3Handler {
    pub(crate) service: Service,
    pub(crate) config: S3Config,
    authenticator: Authenticator,
    world: World,
    pub(crate) host_id: String,
    region: Option<HeaderValue>,
}

impl S3Handler {
    pub fn new(service: Service, world: World, config: S3Config) -> Self {
        let region = HeaderValue::from_str(service.region()).ok().filter(|region| !region.is_empty());
        let host_id = common::host_id(&config.node);
        S3Handler { service, config, authenticator: Authenticator::new(), world, host_id, region }
    }

    async fn answer(&self, request: Request<RequestBody>, conn: ConnInfo) -> Answer {
        let (parts, body) = request.into_parts();
        let arrived = self.now();
        let request_id = common::request_id(arrived);
        let mut seen = Seen::default();
        let preflight = parts.method == Method::OPTIONS;
        let (refused, mut answer) = if preflight {
            let result = self.answer_preflight(&parts, &mut seen.target).await;
            self.told(result, &parts, &seen, &request_id)
        } else if self.is_for_website(&parts) {
            match self.answer_visit(&parts, conn, &mut seen).await {
                Ok(answer) => (None, answer),
                Err((error, own)) => {
                    let page = || website::error_page(&error, &parts.method, &request_id);
                    (Some(error.name()), own.unwrap_or_else(page))
                }
            }
        } else {
            let result = self.operate(&parts, body, conn, &mut seen).await;
            self.told(result, &parts, &seen, &request_id)
        };
        let target = &seen.target;
        self.finish(&mut answer, &request_id);
        if !preflight && parts.headers.contains_key(ORIGIN) {
            match self.service.cors(&target.bucket).await {
                Some(config) => cors::allow_by_bucket(answer.headers_mut(), &parts, &config),
                None => cors::allow(answer.headers_mut(), &parts.headers, &self.config.cors_origins),
            }
        }
        // Whoever asks for buckets that aren't there makes the drives look once, not twice.
        let is_there = refused != Some(ErrorCode::NoSuchBucket.name());
        let logged = if is_there { self.service.logged_bucket(&target.bucket).await } else { None };
        if let Some(bucket) = logged {
            let head = Head { parts: &parts, conn, arrived, request_id: &request_id, refused };
            access_record::record(self, bucket, &head, &seen, &mut answer);
        }
        answer
    }

    /// The answer, with the code of the error that it tells of.
    fn told(
        &self,
        result: S3Result<Answer>,
        parts: &Parts,
        seen: &Seen,
        request_id: &str,
    ) -> (Option<&'static str>, Answer) {
        match result {
            Ok(answer) => (None, answer),
            Err(error) => (Some(error.name()), self.tell(&error, parts, &seen.target, request_id)),
        }
    }

    /// Tells a browser whether it may send what it is about to. `target` is filled in for whoever tells of an error.
    async fn answer_preflight(&self, parts: &Parts, target: &mut Target) -> S3Result<Answer> {
        if !cors::is_preflight(parts) {
            let message = "Insufficient information. Origin and Access-Control-Request-Method headers are needed.";
            return Err(S3Error::with(ErrorCode::BadRequest, message));
        }
        let view = RequestView::of(parts);
        *target = Target::of(view.path, view.host, &self.config.domains).unwrap_or_default();
        if let Some(config) = self.service.cors(&target.bucket).await {
            let mut answer = response::empty(StatusCode::OK);
            let allowed = cors::allow_request_by_bucket(answer.headers_mut(), &parts.headers, &config);
            return if allowed { Ok(answer) } else { Err(ErrorCode::AccessForbidden.into()) };
        }
        let mut answer = response::empty(StatusCode::NO_CONTENT);
        cors::allow_request(answer.headers_mut(), &parts.headers, &self.config.cors_origins);
        Ok(answer)
    }

    /// Checks, authenticates, routes and carries out. `seen` is filled in for whoever tells of it.
    async fn operate(&self, parts: &Parts, body: RequestBody, conn: ConnInfo, seen: &mut Seen) -> S3Result<Answer> {
        let Seen { target, asked } = seen;
        let view = RequestView::of(parts);
        layers::check_host(view.host)?;
        layers::check_headers(&parts.headers)?;
        let query = Query::parse(view.query).map_err(|_| S3Error::new(ErrorCode::AuthMechanismUnsupported))?;
        let named = Target::of(view.path, view.host, &self.config.domains)?;
        layers::check_names(&parts.method, view.path, &query, &named)?;
        crate::headers::check_customer_keys(&parts.headers, conn.tls)?;
        *target = named;

        let target = &*target;
        let operation = routing::operation(&parts.method, target, &query, &parts.headers);
        asked.operation = Some(operation);
        let now = self.now();
        let (identity, caller) = self.identify(&view, self.region_for(operation), target)?;
        let caller = self.before_buckets(caller, target, &parts.headers).await;
        let host = view.host;
        let by_list = AtomicBool::new(false);
        let call =
            Call { handler: self, operation, target, query: &query, parts, host, identity, caller, conn, now, by_list };
        let result = ops::carry_out(&call, body).await;
        asked.by_list = call.by_list.into_inner();
        (asked.identity, asked.caller) = (Some(call.identity), Some(call.caller));
        result
    }

    /// Who sent a request about `target`, signed for this region; `None`: for any.
    pub(crate) fn identify(
        &self,
        view: &RequestView<'_>,
        region: Option<&str>,
        target: &Target,
    ) -> S3Result<(Identity, Caller)> {
        let in_host = Target::is_bucket_in(view.host, &self.config.domains);
        let host_bucket = in_host.then_some(target.bucket.as_str());
        let expected = Expected { service: rustfs_http::auth::Service::S3, region, host_bucket };
        let now = self.now();
        let identity = self.authenticator.authenticate(view, &expected, now, &Keys(self.service.iam(), now))?;
        let caller = match identity.access_key() {
            Some(key) => self.service.iam().caller(key).ok_or(ErrorCode::InvalidAccessKeyId)?,
            None => Caller::anonymous(),
        };
        Ok((identity, caller))
    }

    /// Who sent a form: whoever signed its policy, else `anonymous`.
    pub(crate) fn identify_form(&self, form: &dyn FormFields, anonymous: Caller) -> S3Result<(Identity, Caller)> {
        let now = self.now();
        let expected = Expected {
            service: rustfs_http::auth::Service::S3,
            region: Some(self.service.region()),
            host_bucket: None,
        };
        let identity = authenticate_form(form, &expected, &Keys(self.service.iam(), now))?;
        let caller = match identity.access_key() {
            Some(key) => self.service.iam().caller(key).ok_or(ErrorCode::InvalidAccessKeyId)?,
            None => anonymous,
        };
        Ok((identity, caller))
    }

    pub(crate) fn clock(&self) -> &Arc<dyn Clock> {
        &self.world.clock
    }

    pub(crate) fn now(&self) -> Timestamp {
        self.world.clock.now()
    }

    /// The caller before the buckets that the request is about.
    async fn before_buckets(&self, caller: Caller, target: &Target, headers: &HeaderMap) -> Caller {
        let source = CopySource::of(headers).ok();
        let source = source.as_ref().map_or("", |source| source.bucket.as_str());
        let source = if source == target.bucket { "" } else { source };
        self.service.before(caller, &[&target.bucket, source]).await
    }

    /// The region that a signature must be meant for: any, where the client is about to learn it.
    fn region_for(&self, operation: Operation) -> Option<&str> {
        let learning = matches!(operation, Operation::ListBuckets | Operation::GetBucketLocation);
        (!learning).then_some(self.service.region())
    }

    pub(crate) fn tell(&self, error: &S3Error, parts: &Parts, target: &Target, request_id: &str) -> Answer {
        tracing::debug!(method = %parts.method, path = parts.uri.path(), %error, "refused");
        let resource = crate::query::decode_percent(parts.uri.path());
        let context = ErrorContext {
            resource: resource.as_deref().unwrap_or(parts.uri.path()),
            bucket: &target.bucket,
            key: &target.key,
            region: self.service.region(),
            request_id,
            host_id: &self.host_id,
        };
        response::error(error, &parts.method, &context)
    }

    /// Adds what every answer carries.
    pub(crate) fn finish(&self, answer: &mut Answer, request_id: &str) {
        let has_ranges = answer.extensions().get::<response::NoRanges>().is_none();
        let headers = answer.headers_mut();
        common::common_headers(headers, request_id, &self.host_id);
        headers.insert(SERVER, NAME);
        if has_ranges {
            headers.insert(ACCEPT_RANGES, HeaderValue::from_static("bytes"));
        }
        if let Some(region) = &self.region {
            headers.insert(BUCKET_REGION, region.clone());
        }
    }
}

impl Handler for S3Handler {
    fn handle(&self, request: Request<RequestBody>, conn: ConnInfo) -> BoxFuture<'_, Answer> {
        self.answer(request, conn).boxed()
    }

    fn refuse(&self, refusal: Refusal) -> Answer {
        let error = match refusal {
            Refusal::BadHead(reason) => S3Error::with(ErrorCode::BadRequest, reason),
            Refusal::Overloaded => S3Error::new(ErrorCode::TooManyRequests).header(RETRY_AFTER, TRY_AGAIN),
            Refusal::Panicked => S3Error::new(ErrorCode::InternalError),
        };
        let request_id = common::request_id(self.world.clock.now());
        let context = ErrorContext {
            resource: "/",
            bucket: "",
            key: "",
            region: self.service.region(),
            request_id: &request_id,
            host_id: &self.host_id,
        };
        let mut answer = response::error(&error, &Method::GET, &context);
        self.finish(&mut answer, &request_id);
        answer
    }
}

impl std::fmt::Debug for S3Handler {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("S3Handler").field("config", &self.config).finish_non_exhaustive()
    }
}

/// The accounts as signatures are checked with.
struct Keys<'a>(&'a Iam, Timestamp);

impl SigningKeys for Keys<'_> {
    fn lookup(&self, access_key: &str) -> Result<Credentials, KeyError> {
        let found = self.0.signing_secret(access_key, self.1).map_err(|error| match error {
            LookupError::Unknown => KeyError::Unknown,
            LookupError::Disabled => KeyError::Disabled,
            LookupError::NotReady => KeyError::NotReady,
        })?;
        let token = match found.token {
            TokenRule::Absent => SessionToken::Absent,
            TokenRule::Exactly(token) => SessionToken::Exactly(token),
            TokenRule::Ignored => SessionToken::Ignored,
        };
        Ok(Credentials { secret: found.secret, token })
    }
}
