//! The cross-origin documents of buckets. MinIO knows none: they lie beside what it keeps.

use crate::documents::cors::CorsConfig;
use crate::{Service, ServiceError, grant};
use bytes::Bytes;
use format::bucket_extras::BucketExtras;
use iam::{Action, Grant};

/// The document's name beside the bucket's.
const CORS: &str = "cors";

impl Service {
    /// A bucket's document; [`ServiceError::NoSuchCors`] if it has none. Grant: [`Action::GetBucketCors`].
    pub async fn bucket_cors(&self, grant: &Grant) -> Result<Bytes, ServiceError> {
        let bucket = grant::bucket(grant, &[Action::GetBucketCors])?;
        self.store.bucket_metadata(bucket).await?;
        let document = self.store.bucket_extras(bucket).await?.document(CORS);
        if document.is_empty() { Err(ServiceError::NoSuchCors { bucket: bucket.to_owned() }) } else { Ok(document) }
    }

    /// Sets a bucket's document. Grant: [`Action::PutBucketCors`].
    pub async fn put_bucket_cors(&self, grant: &Grant, document: &[u8]) -> Result<(), ServiceError> {
        let config = CorsConfig::parse(document)?;
        self.keep_cors(grant, config.to_xml().into()).await
    }

    /// Removes a bucket's document; none is fine. Grant: [`Action::PutBucketCors`].
    pub async fn delete_bucket_cors(&self, grant: &Grant) -> Result<(), ServiceError> {
        self.keep_cors(grant, Bytes::new()).await
    }

    async fn keep_cors(&self, grant: &Grant, document: Bytes) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[Action::PutBucketCors])?;
        self.store.bucket_metadata(bucket).await?;
        let edit = |extras: &mut BucketExtras| {
            extras.set(CORS, document);
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
            Err(store::StoreError::BucketNotFound { .. }) => return None,
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
}
