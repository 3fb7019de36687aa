//! Configurations of buckets that MinIO doesn't know: they lie beside what it keeps, in `rustfs.bin` (docs/on-disk-format.md).

mod listed;

use crate::access_log::LoggedBucket;
use crate::documents::cors::CorsConfig;
use crate::documents::logging::LoggingConfig;
use crate::documents::payment::{self, Payer};
use crate::documents::website::WebsiteConfig;
use crate::{Service, ServiceError, grant};
use bytes::Bytes;
use format::bucket_extras::BucketExtras;
use iam::{Action, Caller, Grant};
use std::fmt;
use store::StoreError;

pub use listed::ConfigurationList;

/// Their names on the drives.
const CORS: &str = "cors";
pub(crate) const LOGGING: &str = "logging";
const PAYMENT: &str = "requestPayment";
const WEBSITE: &str = "website";
const ACCELERATE: &str = "accelerate";

/// What of a bucket is configured in one document.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Configuration {
    Cors,
    Website,
    Logging,
    RequestPayment,
    /// It is kept and shown: there is nothing to accelerate.
    Accelerate,
}

impl Configuration {
    const fn name(self) -> &'static str {
        match self {
            Configuration::Cors => CORS,
            Configuration::Website => WEBSITE,
            Configuration::Logging => LOGGING,
            Configuration::RequestPayment => PAYMENT,
            Configuration::Accelerate => ACCELERATE,
        }
    }

    /// The action that reading it asks for.
    pub const fn read_action(self) -> Action {
        match self {
            Configuration::Cors => Action::GetBucketCors,
            Configuration::Website => Action::GetBucketWebsite,
            Configuration::Logging => Action::GetBucketLogging,
            Configuration::RequestPayment => Action::GetBucketRequestPayment,
            Configuration::Accelerate => Action::GetAccelerateConfiguration,
        }
    }

    /// The action that setting it asks for.
    pub const fn write_action(self) -> Action {
        match self {
            Configuration::Cors => Action::PutBucketCors,
            Configuration::Website => Action::PutBucketWebsite,
            Configuration::Logging => Action::PutBucketLogging,
            Configuration::RequestPayment => Action::PutBucketRequestPayment,
            Configuration::Accelerate => Action::PutAccelerateConfiguration,
        }
    }

    /// The action that removing it asks for.
    pub const fn delete_action(self) -> Action {
        match self {
            Configuration::Website => Action::DeleteBucketWebsite,
            other => other.write_action(),
        }
    }

    /// The document as it is kept and shown, of one that a client sent; empty where it says what holds without.
    fn checked(self, document: &[u8]) -> Result<Bytes, ServiceError> {
        let text = match self {
            Configuration::Cors => CorsConfig::parse(document)?.to_xml(),
            Configuration::Website => WebsiteConfig::parse(document)?.to_xml(),
            Configuration::RequestPayment => payment::payer(document)?.to_xml(),
            Configuration::Accelerate => payment::accelerate(document)?,
            Configuration::Logging => match LoggingConfig::parse(document)? {
                None => String::new(),
                config => LoggingConfig::to_xml(config.as_ref()),
            },
        };
        Ok(text.into())
    }
}

impl fmt::Display for Configuration {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Configuration::Cors => "cross-origin document",
            Configuration::Website => "website",
            Configuration::Logging => "logging",
            Configuration::RequestPayment => "configuration of who pays",
            Configuration::Accelerate => "acceleration",
        })
    }
}

impl Service {
    /// A bucket's document; [`ServiceError::NoSuchConfiguration`] if it has none. Grant: [`Configuration::read_action`], or
    /// [`Action::GetBucketPolicy`] in its place.
    pub async fn configuration(&self, grant: &Grant, kind: Configuration) -> Result<Bytes, ServiceError> {
        let bucket = grant::bucket(grant, &[kind.read_action(), Action::GetBucketPolicy])?;
        self.store.bucket_metadata(bucket).await?;
        let document = self.store.bucket_extras(bucket).await?.document(kind.name());
        let missing = || ServiceError::NoSuchConfiguration { bucket: bucket.to_owned(), kind };
        if document.is_empty() { Err(missing()) } else { Ok(document) }
    }

    /// Sets a bucket's document. Grant: [`Configuration::write_action`], or [`Action::PutBucketPolicy`] in its place.
    pub async fn put_configuration(
        &self,
        grant: &Grant,
        kind: Configuration,
        document: &[u8],
    ) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[kind.write_action(), Action::PutBucketPolicy])?;
        let document = kind.checked(document)?;
        self.store.bucket_metadata(bucket).await?;
        if kind == Configuration::Logging && !document.is_empty() {
            self.check_logging(bucket, &document).await?;
        }
        self.keep_configuration(bucket, kind.name(), document).await
    }

    /// Removes a bucket's document; none is fine. Grant: [`Configuration::delete_action`], or
    /// [`Action::PutBucketPolicy`] in its place.
    pub async fn delete_configuration(&self, grant: &Grant, kind: Configuration) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[kind.delete_action(), Action::PutBucketPolicy])?;
        self.store.bucket_metadata(bucket).await?;
        self.keep_configuration(bucket, kind.name(), Bytes::new()).await
    }

    async fn keep_configuration(&self, bucket: &str, name: &str, document: Bytes) -> Result<(), ServiceError> {
        let edit = |extras: &mut BucketExtras| {
            extras.set(name, document);
            Ok::<_, ServiceError>(())
        };
        self.store.update_bucket_extras(bucket, edit).await
    }

    /// What a bucket tells browsers, whoever asks; `None` if it says nothing or isn't there. A document that can't be
    /// read lets no page in.
    pub async fn cors(&self, bucket: &str) -> Option<CorsConfig> {
        if bucket.is_empty() {
            return None;
        }
        let extras = match self.store.bucket_extras(bucket).await {
            Ok(extras) => extras,
            Err(StoreError::BucketNotFound { .. }) => return None,
            Err(error) => {
                tracing::warn!(bucket, %error, "what the bucket tells browsers can't be read");
                return Some(CorsConfig::default());
            }
        };
        let document = extras.document(CORS);
        if document.is_empty() {
            return None;
        }
        Some(CorsConfig::parse(&document).unwrap_or_else(|error| {
            tracing::warn!(bucket, %error, "what the bucket tells browsers can't be read");
            CorsConfig::default()
        }))
    }

    /// A bucket's website, whoever asks; `None` if it has none that can be read, or isn't there.
    pub async fn website(&self, bucket: &str) -> Option<WebsiteConfig> {
        let document = self.store.bucket_extras(bucket).await.ok()?.document(WEBSITE);
        if document.is_empty() {
            return None;
        }
        let unreadable = |error: ServiceError| tracing::warn!(bucket, %error, "the bucket's website can't be read");
        WebsiteConfig::parse(&document).map_err(unreadable).ok()
    }

    /// Whether whoever uses a bucket that `caller` stands before has to say that they pay: all but its owner, where its
    /// configuration says so.
    pub async fn asks_for_payment(&self, caller: &Caller, bucket: &str) -> bool {
        let Ok(extras) = self.store.bucket_extras(bucket).await else { return false };
        let document = extras.document(PAYMENT);
        if document.is_empty() || payment::payer(&document).ok() != Some(Payer::Requester) {
            return false;
        }
        self.iam().owner_id(caller) != Some(self.bucket_owner(caller, bucket))
    }

    /// That records of requests to `bucket` can go where the document says.
    async fn check_logging(&self, bucket: &str, document: &[u8]) -> Result<(), ServiceError> {
        let Some(config) = LoggingConfig::parse(document)? else { return Ok(()) };
        let target = config.target_bucket.clone();
        let refuse = |reason| Err(ServiceError::InvalidLogTarget { target: target.clone(), reason });
        if let Err(StoreError::BucketNotFound { .. } | StoreError::BadBucketName { .. }) =
            self.store.bucket_metadata(&target).await
        {
            return refuse("there is no such bucket");
        }
        if self.asks_for_payment(&Caller::anonymous(), &target).await {
            return refuse("its requesters pay");
        }
        let delivery = self.before(Caller::log_delivery(), &[&target]).await;
        let prefix = config.target_prefix.clone();
        let source = LoggedBucket::new(bucket, self.owner_id_of(bucket).await, config);
        self.may_deliver(&delivery, &source, &target, &prefix, &prefix).map(drop)
    }
}
