//! A request under way: what is known of it, and what every operation asks of it.

use crate::circumstances::{Asking, Facts};
use crate::documents::Digests;
use crate::error::{ErrorCode, S3Error, S3Result};
use crate::handler::S3Handler;
use crate::headers;
use crate::ops::version_id;
use crate::query::Query;
use crate::routing::Operation;
use crate::target::Target;
use base::Timestamp;
use bytes::Bytes;
use http::HeaderMap;
use iam::{Action, Caller, Grant};
use rustfs_http::auth::Identity;
use rustfs_http::{Announced, ConnInfo, RequestBody, collect};
use service::{IncomingBody, Service, ServiceError, VersionId};
use std::sync::atomic::{AtomicBool, Ordering};

/// A request whose sender is known.
pub struct Call<'a> {
    pub handler: &'a S3Handler,
    pub operation: Operation,
    pub target: &'a Target,
    pub query: &'a Query<'a>,
    pub parts: &'a http::request::Parts,
    /// As the client named the server.
    pub host: &'a str,
    pub identity: Identity,
    pub caller: Caller,
    pub conn: ConnInfo,
    pub now: Timestamp,
    /// Nothing but an access control list let the caller in.
    pub by_list: AtomicBool,
}

impl Call<'_> {
    pub fn service(&self) -> &Service {
        &self.handler.service
    }

    pub fn headers(&self) -> &HeaderMap {
        &self.parts.headers
    }

    /// A header as text.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers().get(name).and_then(|value| value.to_str().ok())
    }

    /// A header that says yes or no; `wrong` if it says something else.
    pub fn flag(&self, name: &str, wrong: ErrorCode) -> S3Result<bool> {
        match self.header(name) {
            None => Ok(false),
            Some(text) if text.eq_ignore_ascii_case("true") => Ok(true),
            Some(text) if text.eq_ignore_ascii_case("false") => Ok(false),
            Some(_) => Err(S3Error::new(wrong)),
        }
    }

    /// The version that the query asks for.
    pub fn version(&self) -> S3Result<Option<VersionId>> {
        self.query.get("versionId").map_or(Ok(None), version_id)
    }

    /// Permission for `action` on the server as a whole.
    pub fn grant_service(&self, action: Action) -> S3Result<Grant> {
        self.grant(action, None, None)
    }

    /// Permission for `action` on the request's bucket.
    pub fn grant_bucket(&self, action: Action) -> S3Result<Grant> {
        self.grant(action, Some(&self.target.bucket), None)
    }

    /// Permission for `own` on the request's bucket, an action that MinIO doesn't know: no identity's policy can name it, so
    /// `minios` stands for it there, unless it is denied.
    pub fn grant_access(&self, own: Action, minios: Action) -> S3Result<Grant> {
        let denied = match self.grant_bucket(own) {
            Err(denied) => denied,
            granted => return granted,
        };
        let facts = Facts::default();
        let (bucket, asking) = (Some(self.target.bucket.as_str()), Asking { call: self, facts: &facts });
        match self.service().authorize_unless_denied(&self.caller, own, bucket, None, &asking) {
            Ok(_) => self.grant_bucket(minios),
            Err(_) => Err(denied),
        }
    }

    /// Permission for `action` on the request's object.
    pub fn grant_object(&self, action: Action) -> S3Result<Grant> {
        self.grant(action, Some(&self.target.bucket), Some(&self.target.key))
    }

    /// Permission for `action` on any bucket or object.
    pub fn grant(&self, action: Action, bucket: Option<&str>, key: Option<&str>) -> S3Result<Grant> {
        self.grant_given(action, bucket, key, &Facts::default())
    }

    /// Permission for `action` on the request's object, of which more is known than the head of the request says.
    pub fn grant_object_given(&self, action: Action, facts: &Facts) -> S3Result<Grant> {
        self.grant_given(action, Some(&self.target.bucket), Some(&self.target.key), facts)
    }

    /// Permission for `action` on any bucket or object, of which more is known than the head of the request says.
    pub fn grant_given(
        &self,
        action: Action,
        bucket: Option<&str>,
        key: Option<&str>,
        facts: &Facts,
    ) -> S3Result<Grant> {
        let asking = Asking { call: self, facts };
        let grant = self.service().authorize(&self.caller, action, bucket, key, &asking)?;
        if grant.is_by_list() {
            self.by_list.store(true, Ordering::Relaxed);
        }
        Ok(grant)
    }

    /// The same as [`Call::grant`], in the words of the use cases.
    pub fn permit(&self, action: Action, bucket: Option<&str>, key: Option<&str>) -> Result<Grant, ServiceError> {
        let facts = Facts::default();
        self.service().authorize(&self.caller, action, bucket, key, &Asking { call: self, facts: &facts })
    }

    /// That nothing denies `action`, for which no permission of its own is needed.
    pub fn check_not_denied(&self, action: Action, key: &str, facts: &Facts) -> S3Result<()> {
        let (bucket, asking) = (Some(self.target.bucket.as_str()), Asking { call: self, facts });
        self.service().authorize_unless_denied(&self.caller, action, bucket, Some(key), &asking)?;
        Ok(())
    }

    /// What policies ask of the stored object that the request is about.
    pub async fn stored_facts(&self) -> S3Result<Facts> {
        self.stored_facts_of(&self.target.bucket, &self.target.key, self.version()?).await
    }

    /// What policies ask of a stored object. Reads nothing unless one of the caller's policies asks.
    pub async fn stored_facts_of(&self, bucket: &str, key: &str, version: Option<VersionId>) -> S3Result<Facts> {
        let object = self.service().object_to_judge_by(&self.caller, bucket, key, version).await;
        Ok(object.map_or_else(Facts::default, Facts::of_object))
    }

    /// Permission for `action` on a stored object. Its access control list is asked where nothing else gives it; who may
    /// list the bucket learns that there is no such object, everybody that there is no such bucket.
    pub async fn grant_stored(
        &self,
        action: Action,
        bucket: &str,
        key: &str,
        version: Option<VersionId>,
    ) -> S3Result<Grant> {
        let facts = self.stored_facts_of(bucket, key, version).await?;
        let denied = match self.grant_given(action, Some(bucket), Some(key), &facts) {
            Err(denied) if denied.code() == ErrorCode::AccessDenied => denied,
            granted => return granted,
        };
        match self.service().object_to_judge(&self.caller, bucket, key, version).await {
            Ok(object) => {
                let facts = Facts::of_object(object);
                self.grant_given(action, Some(bucket), Some(key), &facts).map_err(|_| denied)
            }
            Err(missing) => {
                let is_bucket = matches!(missing, ServiceError::NoSuchBucket { .. });
                let told = if is_bucket { self.caller.is_anonymous() } else { self.may_list(bucket, key, &missing) };
                Err(if told { missing.into() } else { denied })
            }
        }
    }

    fn may_list(&self, bucket: &str, key: &str, missing: &ServiceError) -> bool {
        use ServiceError as E;
        let absence = matches!(missing, E::NoSuchKey { .. } | E::NoSuchVersion { .. } | E::DeleteMarker { .. });
        let facts = Facts { listed_key: Some(key.to_owned()), ..Facts::default() };
        absence && self.grant_given(Action::ListBucket, Some(bucket), None, &facts).is_ok()
    }

    /// That whoever uses a bucket, or copies from one, whose requesters pay says that they do (user guide, "Requester Pays"); whether so.
    pub async fn check_payer(&self) -> S3Result<bool> {
        let bucket = self.target.bucket.as_str();
        let mut asks = !bucket.is_empty() && self.service().asks_for_payment(&self.caller, bucket).await;
        if !asks && self.header("x-amz-copy-source").is_some() {
            let source = headers::CopySource::of(self.headers()).map(|source| source.bucket).unwrap_or_default();
            asks = source != bucket && self.service().asks_for_payment(&self.caller, &source).await;
        }
        if !asks {
            return Ok(false);
        }
        const NAME: &str = "x-amz-request-payer";
        let said = self.header(NAME).or_else(|| self.query.get(NAME)).is_some_and(|payer| payer == "requester");
        if said && !self.caller.is_anonymous() { Ok(true) } else { Err(ErrorCode::AccessDenied.into()) }
    }

    /// That the buckets belong to whom the request takes for their owners.
    pub fn check_expected_owners(&self) -> S3Result<()> {
        let is = |header: &str, bucket: &str| match self.header(header) {
            None => true,
            Some(owner) => owner == self.service().bucket_owner(&self.caller, bucket),
        };
        let source = || headers::CopySource::of(self.headers()).map(|source| source.bucket).unwrap_or_default();
        let right = is("x-amz-expected-bucket-owner", &self.target.bucket)
            && (self.header("x-amz-source-expected-bucket-owner").is_none()
                || is("x-amz-source-expected-bucket-owner", &source()));
        if right { Ok(()) } else { Err(ErrorCode::AccessDenied.into()) }
    }

    /// The body of a write: framing taken off, checked as it is read, with what was announced of it.
    pub fn incoming(&self, body: RequestBody) -> S3Result<IncomingBody> {
        let chunked = self.identity.payload().is_chunked();
        let decoded = self.decoded_length()?;
        let size = if chunked { decoded } else { body.content_length() };
        if size.is_none() {
            return Err(ErrorCode::MissingContentLength.into());
        }
        let announced = Announced { decoded_length: decoded, trailers: Announced::trailer_names(self.headers()) };
        let opened = self.identity.open_body(body.into_stream(), announced);
        let trailers = chunked.then_some(&opened.trailers);
        let checksum = headers::announced_checksum(self.headers(), self.query, trailers)?;
        Ok(IncomingBody { stream: opened.stream, size, md5: headers::content_md5(self.headers())?, checksum })
    }

    fn decoded_length(&self) -> S3Result<Option<u64>> {
        match self.header("x-amz-decoded-content-length") {
            None => Ok(None),
            Some("") => Err(ErrorCode::MissingContentLength.into()),
            Some(text) => {
                let wrong =
                    || S3Error::with(ErrorCode::InvalidArgument, "x-amz-decoded-content-length is not a length");
                text.parse().map(Some).map_err(|_| wrong())
            }
        }
    }

    /// A document in the body, at most `limit` bytes, of which all announced digests have been checked.
    pub async fn document(&self, body: RequestBody, limit: usize) -> S3Result<Bytes> {
        let too_long = body.content_length().is_some_and(|length| usize::try_from(length).map_or(true, |l| l > limit));
        if too_long {
            return Err(ErrorCode::EntityTooLarge.into());
        }
        let digests = Digests::announced(self.headers(), self.query)?;
        let opened = self.identity.open_body(body.into_stream(), Announced::default());
        let bytes = collect(opened.stream, limit).await?;
        digests.check(&bytes)?;
        Ok(bytes)
    }

    /// As [`Call::document`], where S3 asks for a digest.
    pub async fn digested_document(&self, body: RequestBody, limit: usize) -> S3Result<Bytes> {
        if Digests::announced(self.headers(), self.query)?.is_none() {
            return Err(ErrorCode::MissingContentMd5.into());
        }
        self.document(body, limit).await
    }
}
