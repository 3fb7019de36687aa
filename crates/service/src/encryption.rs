//! Which encryption and compression a write gets, and what conditions on encrypted objects mean (sections 3.9, 6.2 of
//! the encryption reference).

use crate::documents::encryption::DefaultEncryption;
use crate::request::Encryption;
use crate::service::BucketRules;
use crate::{Object, Service, ServiceError, grant};
use bytes::Bytes;
use format::bucket_metadata::BucketMetadata;
use iam::{Action, Grant};
use kms::Context;
use std::collections::BTreeMap;
use store::{StoreError, WriteConditions};

/// The context under which a key is tried that a bucket is to be encrypted with by default.
const TRIAL_CONTEXT: (&str, &str) = ("MinIO admin API", "ServerInfoHandler");

impl Service {
    /// Sets how a bucket's objects are encrypted that are written without a word about it. Grant:
    /// [`Action::PutEncryptionConfiguration`].
    pub async fn put_encryption(&self, grant: &Grant, document: &[u8]) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[Action::PutEncryptionConfiguration])?;
        let default = DefaultEncryption::parse(document)?;
        self.store.bucket_metadata(bucket).await?;
        self.try_key(bucket, default.key_id.as_deref()).await?;
        self.replace_encryption(bucket, default.to_xml().into()).await
    }

    /// Removes a bucket's default encryption. Grant: [`Action::PutEncryptionConfiguration`].
    pub async fn delete_encryption(&self, grant: &Grant) -> Result<(), ServiceError> {
        let bucket = grant::bucket(grant, &[Action::PutEncryptionConfiguration])?;
        self.store.bucket_metadata(bucket).await?;
        self.replace_encryption(bucket, Bytes::new()).await
    }

    async fn replace_encryption(&self, bucket: &str, xml: Bytes) -> Result<(), ServiceError> {
        let now = self.now();
        let edit = |metadata: &mut BucketMetadata| {
            metadata.encryption_xml = xml;
            metadata.encryption_updated = now;
        };
        Ok(self.store.update_bucket_metadata(bucket, edit).await?)
    }

    /// What the request asks for, else the bucket's default, else the server's.
    pub(crate) fn encryption_for(&self, asked: &Encryption, rules: &BucketRules) -> Encryption {
        match (asked, &rules.encryption) {
            (Encryption::Unsaid, Some(default)) => default.encryption(),
            (Encryption::Unsaid, None) if self.rules.auto_encryption => {
                Encryption::KeyService { key_id: None, context: Context::default() }
            }
            (asked, _) => asked.clone(),
        }
    }

    /// Whether an object is compressed, size aside. `metadata`: what the request says of it.
    pub(crate) fn compresses(&self, key: &str, metadata: &BTreeMap<String, String>, encryption: &Encryption) -> bool {
        let rules = &self.rules.compression;
        let content_type = metadata.get("content-type").map_or("", String::as_str);
        rules.enabled && rules.apply_to(key, content_type, !matches!(encryption, Encryption::Unsaid))
    }

    /// Conditions as the store weighs them, against stored etags: clients know those of encrypted objects by another
    /// form. The object may change before they are weighed; its stored etag then is one that no condition has.
    pub(crate) async fn stored_conditions(
        &self,
        bucket: &str,
        key: &str,
        version: Option<store::VersionId>,
        mut conditions: WriteConditions,
    ) -> Result<WriteConditions, ServiceError> {
        let lists = [conditions.if_match.as_mut(), conditions.if_none_match.as_mut()];
        let mut lists: Vec<_> =
            lists.into_iter().flatten().filter(|list| list.iter().any(|etag| etag != "*")).collect();
        if lists.is_empty() {
            return Ok(conditions);
        }
        let info = match self.store.object_info(bucket, key, version).await {
            Ok(info) => info,
            // Whatever it is, the store will say it when it weighs the conditions.
            Err(StoreError::Closing) => return Err(ServiceError::Stopping),
            Err(_) => return Ok(conditions),
        };
        let stored = info.etag().to_owned();
        let shown = self.listed(Object::new(info)).await?.etag().to_owned();
        if shown != stored {
            for list in lists.iter_mut().filter(|list| list.contains(&shown)) {
                list.push(stored.clone());
            }
        }
        Ok(conditions)
    }

    /// An object as listings show it: with its etag opened, if that takes no client's key. An etag that the key service
    /// can't open stays as it is stored; where there is no key service, or it is away, nothing is shown.
    pub(crate) async fn listed(&self, object: Object) -> Result<Object, ServiceError> {
        if !object.is_etag_sealed() {
            return Ok(object);
        }
        let info = object.info();
        match self.key_of(&info.metadata, (&info.bucket, &info.key), None).await {
            Ok(opened) => Ok(object.opened(opened.as_ref().map(|(_, key)| key), None)),
            Err(ServiceError::NoKeyService) => {
                let (bucket, key) = (info.bucket.to_string(), info.key.clone());
                Err(ServiceError::NoKeyServiceForListing { bucket, key })
            }
            Err(ServiceError::Keys(error)) if error.is_outage() => Err(error.into()),
            Err(error) => {
                tracing::warn!(%error, "an etag is shown as it is stored");
                Ok(object)
            }
        }
    }

    /// That a key can be used for a bucket's default encryption.
    async fn try_key(&self, bucket: &str, key_id: Option<&str>) -> Result<(), ServiceError> {
        let missing = || ServiceError::NoKeyServiceForBucket { bucket: bucket.to_owned() };
        let keys = self.keys().ok_or_else(missing)?;
        if let Some(key_id) = key_id {
            let context = Context::of([TRIAL_CONTEXT]);
            keys.generate_data_key(Some(crate::keys::key_name(key_id)), &context).await?;
        }
        Ok(())
    }
}
