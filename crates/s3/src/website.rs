//! Static websites: buckets whose pages everybody may read below a domain of their own (user guide, "Hosting a static
//! website"; docs/websites.md).

use crate::access_record::Seen;
use crate::call::Call;
use crate::encode;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::handler::S3Handler;
use crate::query::Query;
use crate::response::{self, Answer};
use crate::routing::Operation;
use crate::target::{Target, bucket_of_host};
use crate::{headers, layers, ops};
use http::header::{
    CONTENT_TYPE, HeaderName, IF_MATCH, IF_MODIFIED_SINCE, IF_NONE_MATCH, IF_RANGE, IF_UNMODIFIED_SINCE, LOCATION,
    RANGE,
};
use http::request::Parts;
use http::{HeaderValue, Method, StatusCode};
use iam::Caller;
use rustfs_http::auth::{Identity, PayloadMode, RequestView};
use rustfs_http::{ConnInfo, RequestBody, ResponseBody};
use service::{Redirect, WebsiteConfig};
use std::sync::atomic::AtomicBool;

/// Where an object says that requests for it are to go.
const OBJECT_REDIRECT: HeaderName = HeaderName::from_static("x-amz-website-redirect-location");
/// What a browser asks of one page alone.
const ABOUT_THE_PAGE: [HeaderName; 6] =
    [RANGE, IF_MATCH, IF_NONE_MATCH, IF_MODIFIED_SINCE, IF_UNMODIFIED_SINCE, IF_RANGE];
const HTML: HeaderValue = HeaderValue::from_static("text/html; charset=utf-8");

/// A request for a page.
struct Visit<'a> {
    handler: &'a S3Handler,
    parts: &'a Parts,
    conn: ConnInfo,
    bucket: &'a str,
}

impl S3Handler {
    /// Whether the request is for a page of a website.
    pub(crate) fn is_for_website(&self, parts: &Parts) -> bool {
        bucket_of_host(host_of(parts), &self.config.website_domains).is_some()
    }

    /// Answers a request for a page of a website. `seen` is filled in for whoever tells of it.
    pub(crate) async fn answer_visit(
        &self,
        parts: &Parts,
        conn: ConnInfo,
        seen: &mut Seen,
    ) -> Result<Answer, (S3Error, Option<Answer>)> {
        let refuse = |error: S3Error| (error, None);
        layers::check_host(host_of(parts)).map_err(refuse)?;
        layers::check_headers(&parts.headers).map_err(refuse)?;
        headers::check_customer_keys(&parts.headers, conn.tls).map_err(refuse)?;
        seen.target = Target::of(parts.uri.path(), host_of(parts), &self.config.website_domains).map_err(refuse)?;
        let Target { bucket, key } = &seen.target;
        let operation = match parts.method {
            Method::GET => Operation::GetObject,
            Method::HEAD => Operation::HeadObject,
            _ => return Err(refuse(ErrorCode::MethodNotAllowed.into())),
        };
        seen.asked.operation = Some(operation);
        let Some(site) = self.service.website(bucket).await else {
            let missing = self.service.is_bucket_missing(bucket).await;
            let code = if missing { ErrorCode::NoSuchBucket } else { ErrorCode::NoSuchWebsiteConfiguration };
            return Err(refuse(code.into()));
        };
        let visit = Visit { handler: self, parts, conn, bucket };
        if let Some(redirect) = site.redirect(key, None) {
            return Ok(visit.send_elsewhere(&redirect));
        }
        let error = match visit.page(&site.page(key), operation).await {
            Ok(page) => return Ok(elsewhere_if_it_says_so(page)),
            Err(error) => error,
        };
        if error.status() == StatusCode::NOT_MODIFIED {
            return Err(refuse(error));
        }
        visit.without_page(&site, key, operation, error).await
    }
}

impl Visit<'_> {
    /// What is answered where there is no page, or none for everybody.
    async fn without_page(
        &self,
        site: &WebsiteConfig,
        key: &str,
        operation: Operation,
        error: S3Error,
    ) -> Result<Answer, (S3Error, Option<Answer>)> {
        if error.status() == StatusCode::NOT_FOUND
            && let Some(page) = site.folder_page(key)
            && self.page(&page, Operation::HeadObject).await.is_ok()
        {
            let folder = format!("{key}/");
            let redirect = Redirect { protocol: None, host: None, key: folder, status: StatusCode::FOUND.as_u16() };
            return Ok(self.send_elsewhere(&redirect));
        }
        if let Some(redirect) = site.redirect(key, Some(error.status().as_u16())) {
            return Ok(self.send_elsewhere(&redirect));
        }
        // Conditions and ranges are about the page that isn't there.
        let mut parts = self.parts.clone();
        for name in ABOUT_THE_PAGE {
            parts.headers.remove(name);
        }
        let visit = Visit { parts: &parts, ..*self };
        let own = match site.error_page() {
            Some(page) => visit.page(page, operation).await.ok(),
            None => None,
        };
        let own = own.map(|mut answer| {
            *answer.status_mut() = error.status();
            answer
        });
        Err((error, own))
    }

    /// An object, as everybody may read it.
    async fn page(&self, key: &str, operation: Operation) -> S3Result<Answer> {
        let Visit { handler, parts, conn, bucket } = *self;
        let target = Target { bucket: bucket.to_owned(), key: key.to_owned() };
        let identity = Identity::Anonymous { payload: PayloadMode::Unsigned };
        let caller = handler.service.before(Caller::anonymous(), &[bucket]).await;
        let (query, by_list) = (Query::default(), AtomicBool::new(false));
        let (target, query, host, now) = (&target, &query, host_of(parts), handler.now());
        let call = Call { handler, operation, target, query, parts, host, identity, caller, conn, now, by_list };
        ops::carry_out(&call, RequestBody::empty()).await
    }

    fn send_elsewhere(&self, redirect: &Redirect) -> Answer {
        let own = if self.conn.tls { "https" } else { "http" };
        let protocol = redirect.protocol.as_deref().unwrap_or(own);
        let place = match (&redirect.host, &redirect.protocol) {
            (None, None) => String::new(),
            (host, _) => format!("{protocol}://{}", host.as_deref().unwrap_or(host_of(self.parts))),
        };
        // Two slashes at its begin would lead to another host.
        let location = format!("{place}/{}", encode::path(redirect.key.trim_start_matches('/')));
        let status = StatusCode::from_u16(redirect.status).unwrap_or(StatusCode::MOVED_PERMANENTLY);
        let mut answer = response::empty(status);
        response::set_text(answer.headers_mut(), LOCATION, &location);
        answer
    }
}

/// The page that tells a browser of an error.
pub(crate) fn error_page(error: &S3Error, method: &Method, request_id: &str) -> Answer {
    let mut answer = response::empty(error.status());
    answer.headers_mut().insert(CONTENT_TYPE, HTML);
    let status = error.status();
    if method != Method::HEAD && status != StatusCode::NOT_MODIFIED {
        let title = format!("{} {}", status.as_u16(), status.canonical_reason().unwrap_or_default());
        *answer.body_mut() = ResponseBody::from(format!(
            "<!DOCTYPE html>\n<html><head><title>{title}</title></head><body><h1>{title}</h1><ul><li>Code: {}</li>\
             <li>Message: {}</li><li>RequestId: {request_id}</li></ul></body></html>\n",
            error.name(),
            quick_xml::escape::escape(error.message()),
        ));
    }
    for (name, value) in error.headers() {
        answer.headers_mut().insert(name, value.clone());
    }
    answer
}

/// An object that names another place is none itself.
fn elsewhere_if_it_says_so(page: Answer) -> Answer {
    match page.headers().get(OBJECT_REDIRECT).cloned() {
        None => page,
        Some(location) => {
            let mut answer = response::empty(StatusCode::MOVED_PERMANENTLY);
            answer.headers_mut().insert(LOCATION, location);
            answer
        }
    }
}

/// As the client named the server.
fn host_of(parts: &Parts) -> &str {
    RequestView::of(parts).host
}
