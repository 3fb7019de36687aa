//! Storing a whole object.

use crate::keys::NewKey;
use crate::limits::{MAX_KEY_LENGTH, MAX_OBJECT_SIZE};
use crate::request::{NewObject, PutObject};
use crate::sealing::{Ending, Sealing, Treatment};
use crate::service::BucketRules;
use crate::{Checksum, Object, Service, ServiceError, Tags, lock};
use crate::{Retention, grant};
use base::{Random, Timestamp};
use bytes::Bytes;
use format::object_meta_keys::{sys, user};
use iam::{Action, Grant};
use seal::compression_rules::MIN_SIZE;
use seal::{Label, ObjectKey, s2};
use std::sync::Arc;
use store::{BodySeal, Metadata, PutRequest, Seal, StorageClass};

/// The content type of an object that was stored without one.
pub(crate) const DEFAULT_CONTENT_TYPE: &str = "binary/octet-stream";

const STANDARD: &str = "STANDARD";
const REDUCED_REDUNDANCY: &str = "REDUCED_REDUNDANCY";

impl Service {
    /// Stores an object; it is durable when this returns. Grant: [`Action::PutObject`].
    pub async fn put_object(&self, grant: &Grant, request: PutObject) -> Result<Object, ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::PutObject])?;
        check_new_key(key)?;
        let rules = self.bucket_rules(bucket).await?;
        let storage_class = storage_class(request.object.storage_class.as_deref())?;
        let mut metadata = new_metadata(&request.object, storage_class, &rules, bucket, self.now())?;
        self.own_new(&mut metadata, grant, request.object.acl.as_ref())?;
        let encryption = self.encryption_for(&request.object.encryption, &rules);
        let compress = self.compresses(key, &request.object.metadata, &encryption);
        let compress = compress && request.body.size.is_none_or(|size| size > MIN_SIZE);
        let new_key = self.new_key(&encryption, (bucket, key), false).await?;
        let treatment = treat(&mut metadata, new_key.as_ref(), compress);
        let conditions = self.stored_conditions(bucket, key, None, request.object.conditions).await?;
        let body = self.seal_body(request.body, MAX_OBJECT_SIZE, None, treatment).await?;
        let put = PutRequest {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            size: body.size,
            versioning: rules.versioning_of(key),
            storage_class,
            metadata,
            conditions,
            mod_time: request.mod_time,
        };
        let info = self.store.put_object(put, body.stream, seal(body.ending, request.etag, None)).await?;
        Ok(Object::written(info, new_key.as_ref(), &encryption))
    }
}

/// How a new object's body is stored; records in `metadata` what readers need to know of it.
pub(crate) fn treat(metadata: &mut Metadata, new_key: Option<&NewKey>, compress: bool) -> Treatment {
    if compress {
        metadata.system.insert(sys::COMPRESSION.to_owned(), Bytes::from_static(s2::NAME.as_bytes()));
    }
    let sealing = new_key.map(|NewKey { key, envelope }| {
        let entries = envelope.metadata().into_iter();
        metadata.system.extend(entries.map(|(name, value)| (name.to_owned(), Bytes::from(value))));
        Sealing { kind: envelope.kind, object_key: key.clone(), part: None }
    });
    Treatment { sealing, compress }
}

/// A key that may be written to. Other rules for names are the store's.
pub(crate) fn check_new_key(key: &str) -> Result<(), ServiceError> {
    if key.len() > MAX_KEY_LENGTH { Err(ServiceError::KeyTooLong { key: key.to_owned() }) } else { Ok(()) }
}

/// The redundancy that a storage class stands for.
pub(crate) fn storage_class(name: Option<&str>) -> Result<StorageClass, ServiceError> {
    match name {
        None | Some("" | STANDARD) => Ok(StorageClass::Standard),
        Some(REDUCED_REDUNDANCY) => Ok(StorageClass::ReducedRedundancy),
        Some(other) => Err(ServiceError::InvalidStorageClass { class: other.to_owned() }),
    }
}

/// What is stored of a new object beside what its body tells.
pub(crate) fn new_metadata(
    object: &NewObject,
    storage_class: StorageClass,
    rules: &BucketRules,
    bucket: &str,
    now: Timestamp,
) -> Result<Metadata, ServiceError> {
    let mut metadata = Metadata { user: object.metadata.clone(), ..Metadata::default() };
    metadata.user.entry(user::CONTENT_TYPE.to_owned()).or_insert_with(|| DEFAULT_CONTENT_TYPE.to_owned());
    set_storage_class(&mut metadata, storage_class);
    if let Some(tags) = &object.tags {
        set_tags(&mut metadata, tags);
    }
    protect_new(&mut metadata, &object.lock, rules, bucket, now)?;
    Ok(metadata)
}

pub(crate) fn set_storage_class(metadata: &mut Metadata, storage_class: StorageClass) {
    metadata.user.retain(|key, _| !key.eq_ignore_ascii_case(user::STORAGE_CLASS));
    if storage_class == StorageClass::ReducedRedundancy {
        metadata.user.insert(user::STORAGE_CLASS.to_owned(), REDUCED_REDUNDANCY.to_owned());
    }
}

/// Records tags; none removes what was there.
pub(crate) fn set_tags(metadata: &mut Metadata, tags: &Tags) {
    metadata.user.retain(|key, _| !key.eq_ignore_ascii_case(user::TAGGING));
    if !tags.is_empty() {
        metadata.user.insert(user::TAGGING.to_owned(), tags.to_query());
    }
}

/// The object lock of a new version: what the request says, else the bucket's default.
pub(crate) fn protect_new(
    metadata: &mut Metadata,
    asked: &lock::LockSettings,
    rules: &BucketRules,
    bucket: &str,
    now: Timestamp,
) -> Result<(), ServiceError> {
    let Some(bucket_lock) = &rules.lock else {
        return if asked.is_empty() {
            Ok(())
        } else {
            Err(ServiceError::BucketWithoutLock { bucket: bucket.to_owned() })
        };
    };
    if let Some(retention) = asked.retention {
        lock::check_future(retention, now)?;
    }
    let default: Option<Retention> = bucket_lock.default.map(|default| default.starting(now));
    let retention = asked.retention.or(if asked.is_empty() { default } else { None });
    lock::set_retention(metadata, retention);
    if let Some(on) = asked.legal_hold {
        lock::set_legal_hold(metadata, on);
    }
    Ok(())
}

/// Judges a body at its end, and gives what is to be stored of it. `etag`: instead of its MD5; `checksum`: instead of the
/// one that was announced or computed.
pub(crate) fn seal(ending: Ending, etag: Option<String>, checksum: Option<Box<Checksum>>) -> Seal {
    Box::new(move |_size| {
        let (sealing, compressed, random) =
            (ending.sealing().cloned(), ending.compresses(), Arc::clone(ending.random()));
        let ended = ending.finish_or_reject(etag)?;
        let checksum = checksum.as_deref().or(ended.checksum.as_ref());
        let object_key = sealing.as_ref().map(|sealing| &sealing.object_key);
        let mut metadata = end_metadata(ended.etag, checksum, object_key, &*random);
        if compressed {
            metadata.system.insert(sys::ACTUAL_SIZE.to_owned(), Bytes::from(ended.plain_size.to_string()));
        }
        Ok(BodySeal { metadata, actual_size: Some(ended.plain_size), index: ended.index })
    })
}

/// What only the end of a body tells. The checksum of an encrypted object is sealed with its key.
pub(crate) fn end_metadata(
    etag: String,
    checksum: Option<&Checksum>,
    object_key: Option<&ObjectKey>,
    random: &dyn Random,
) -> Metadata {
    let mut metadata = Metadata::default();
    metadata.user.insert(user::ETAG.to_owned(), etag);
    if let Some(checksum) = checksum {
        let blob = checksum.to_blob();
        let blob = object_key.map_or_else(|| blob.clone(), |key| key.seal_value(Label::Checksum, random, &blob));
        metadata.system.insert(sys::CHECKSUM.to_owned(), Bytes::from(blob));
    }
    metadata
}
