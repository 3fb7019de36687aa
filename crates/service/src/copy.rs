//! Copying objects within the server.

use crate::keys::envelope;
use crate::limits::MAX_OBJECT_SIZE;
use crate::put::{
    DEFAULT_CONTENT_TYPE, check_new_key, protect_new, seal, set_storage_class, set_tags, storage_class, treat,
};
use crate::read::{Source, check_source};
use crate::request::{CopyObject, Directive, Encryption, IncomingBody};
use crate::sealing::Treatment;
use crate::service::BucketRules;
use crate::{AnnouncedChecksum, Checksum, ChecksumAlgorithm, ChecksumType, Object, Service, ServiceError, grant, lock};
use base::World;
use format::object_meta_keys::{sys, user};
use iam::{Action, Grant};
use seal::compression_rules::MIN_SIZE;
use seal::{CustomerKey, Envelope, Kind, ObjectKey, SealAlgorithm};
use std::collections::BTreeMap;
use store::{Metadata, ObjectInfo, PutRequest, Rejection, StorageClass, Versioning, WriteConditions};

/// What becomes of the checksum.
enum CopiedChecksum {
    /// The source's stays true: its bytes are the same.
    Kept(Box<Checksum>),
    /// Made anew over the bytes.
    Computed(ChecksumAlgorithm),
}

impl Service {
    /// Copies an object, or changes the metadata of one by copying it onto itself. Grants: [`Action::GetObject`] on
    /// the source, [`Action::PutObject`] on the destination.
    pub async fn copy_object(
        &self,
        source: &Grant,
        destination: &Grant,
        request: CopyObject,
    ) -> Result<Object, ServiceError> {
        let (source_bucket, source_key) = grant::object(source, &[Action::GetObject])?;
        let (bucket, key) = grant::object(destination, &[Action::PutObject])?;
        check_new_key(key)?;
        let class = storage_class(request.storage_class.as_deref())?;
        let rules = self.bucket_rules(bucket).await?;
        let reader = self.store.open_object(source_bucket, source_key, request.source_version).await?;
        let mut source = self.unseal(reader, request.source_key.as_ref()).await?;
        source.object = check_source(source.object, &request.source_conditions)?;
        let object = &source.object;
        let size = object.size();
        if size > MAX_OBJECT_SIZE {
            return Err(ServiceError::EntityTooLarge { size, limit: MAX_OBJECT_SIZE });
        }
        let onto_itself = (source_bucket, source_key) == (bucket, key);
        if onto_itself && changes_nothing(object, &request, class) {
            return Err(ServiceError::IllegalCopy);
        }
        let conditions = self.stored_conditions(bucket, key, None, request.conditions.clone()).await?;
        let encryption = self.encryption_for(&request.encryption, &rules);
        let mut metadata = copied_metadata(object, &request, class, &rules, bucket, self.now())?;
        self.own_new(&mut metadata, destination, request.acl.as_ref())?;
        let checksum = copied_checksum(object, request.checksum);
        let in_place = onto_itself && changes_metadata_only(object, &checksum, class, rules.versioning_of(key));
        let described =
            if let Directive::Replace(described) = &request.metadata { described } else { &BTreeMap::new() };
        let compress = size > MIN_SIZE && self.compresses(key, described, &encryption);
        match (in_place, object.kind(), &encryption, &source.key) {
            (true, None, Encryption::Unsaid, _) if !object.is_encrypted() && object.is_compressed() == compress => {
                return self.replace_metadata(object, metadata, None, conditions).await;
            }
            (true, Some(Kind::SseC), Encryption::Customer(new), Some(object_key)) => {
                let rekeyed = Rekeyed::new(object, object_key, request.source_key.as_ref(), new, &self.world)?;
                let copied = self.replace_metadata(object, metadata, Some(rekeyed), conditions).await?;
                return Ok(copied.opened(Some(object_key), Some(new)));
            }
            _ => {}
        }
        let new_key = self.new_key(&encryption, (bucket, key), false).await?;
        let treatment = treat(&mut metadata, new_key.as_ref(), compress);
        let put = PutRequest {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            size: None,
            versioning: rules.versioning_of(key),
            storage_class: class,
            metadata,
            conditions,
            mod_time: None,
        };
        let info = self.copy_bytes(source, put, checksum, treatment).await?;
        Ok(Object::written(info, new_key.as_ref(), &encryption))
    }

    /// Changes the metadata of an object whose bytes stay where they are.
    async fn replace_metadata(
        &self,
        object: &Object,
        replacement: Metadata,
        rekeyed: Option<Rekeyed>,
        conditions: WriteConditions,
    ) -> Result<Object, ServiceError> {
        let seen = object.info().mod_time;
        let edit = move |info: &ObjectInfo, metadata: &mut Metadata| {
            if info.mod_time != seen || !conditions.allow(Some(info)) {
                let (bucket, key) = (info.bucket.to_string(), info.key.clone());
                let overwritten = ServiceError::PreconditionFailed { bucket, key, object: None };
                return Err(Box::new(overwritten) as Rejection);
            }
            let etag = metadata.user.remove(user::ETAG);
            metadata.user = replacement.user;
            metadata.user.extend(etag.map(|etag| (user::ETAG.to_owned(), etag)));
            match replacement.system.get(sys::ACL) {
                Some(acl) => metadata.system.insert(sys::ACL.to_owned(), acl.clone()),
                None => metadata.system.remove(sys::ACL),
            };
            if let Some(Rekeyed { envelope, etag }) = rekeyed {
                metadata.user.insert(user::ETAG.to_owned(), etag);
                let entries = envelope.metadata().into_iter();
                metadata.system.extend(entries.map(|(name, value)| (name.to_owned(), value.into())));
            }
            Ok(())
        };
        let version = Some(object.version());
        let info = self.store.update_metadata(object.bucket(), object.key(), version, true, edit).await?;
        Ok(Object::new(info))
    }

    async fn copy_bytes(
        &self,
        source: Source,
        mut put: PutRequest,
        checksum: CopiedChecksum,
        treatment: Treatment,
    ) -> Result<ObjectInfo, ServiceError> {
        let size = source.object.size();
        let stream = source.read(0..size)?;
        let body = IncomingBody { stream, size: Some(size), md5: None, checksum: AnnouncedChecksum::None };
        let (compute, kept) = match checksum {
            CopiedChecksum::Computed(algorithm) => (Some(algorithm), None),
            CopiedChecksum::Kept(checksum) => (None, Some(checksum)),
        };
        let body = self.seal_body(body, MAX_OBJECT_SIZE, compute, treatment).await?;
        put.size = body.size;
        Ok(self.store.put_object(put, body.stream, seal(body.ending, None, kept)).await?)
    }
}

/// An object of SSE-C under another key of its client: its own key, and so its data, stays.
struct Rekeyed {
    envelope: Envelope,
    /// In clear from now on, as MinIO does it.
    etag: String,
}

impl Rekeyed {
    fn new(
        object: &Object,
        object_key: &ObjectKey,
        old: Option<&CustomerKey>,
        new: &CustomerKey,
        world: &World,
    ) -> Result<Self, ServiceError> {
        let place = (object.bucket(), object.key());
        let mut envelope = envelope(&object.info().metadata, place)?.expect("it was opened");
        let same = old.is_some_and(|old| old.key() == new.key());
        if same && envelope.algorithm == SealAlgorithm::DareV2HmacSha256 {
            return Ok(Rekeyed { envelope, etag: object.info().etag().to_owned() });
        }
        envelope.reseal(new.key(), place, object_key, &*world.random);
        Ok(Rekeyed { envelope, etag: object.etag().to_owned() })
    }
}

fn changes_nothing(object: &Object, request: &CopyObject, class: StorageClass) -> bool {
    request.metadata == Directive::Keep
        && request.tags == Directive::Keep
        && request.source_version.is_none()
        && request.checksum.is_none()
        && matches!(request.encryption, Encryption::Unsaid)
        && request.source_key.is_none()
        && storage_class(Some(object.storage_class())).is_ok_and(|stored| stored == class)
}

/// Whether the destination's bytes can stay as they are: no new version, no new redundancy, no new checksum.
fn changes_metadata_only(
    object: &Object,
    checksum: &CopiedChecksum,
    class: StorageClass,
    versioning: Versioning,
) -> bool {
    let in_place =
        object.is_latest() && object.version() == crate::VersionId::Null && versioning != Versioning::Enabled;
    let same_class = storage_class(Some(object.storage_class())).is_ok_and(|stored| stored == class);
    in_place && same_class && matches!(checksum, CopiedChecksum::Kept(_))
}

fn copied_metadata(
    object: &Object,
    request: &CopyObject,
    class: StorageClass,
    rules: &BucketRules,
    bucket: &str,
    now: base::Timestamp,
) -> Result<Metadata, ServiceError> {
    let mut metadata = Metadata::default();
    match &request.metadata {
        Directive::Replace(replacement) => metadata.user = replacement.clone(),
        Directive::Keep => {
            let kept = object.metadata().filter(|(name, _)| is_copied(name));
            metadata.user = kept.map(|(name, value)| (name.to_owned(), value.to_owned())).collect();
        }
    }
    metadata.user.entry(user::CONTENT_TYPE.to_owned()).or_insert_with(|| DEFAULT_CONTENT_TYPE.to_owned());
    match &request.tags {
        Directive::Replace(tags) => set_tags(&mut metadata, tags),
        Directive::Keep => set_tags(&mut metadata, &object.tags()),
    }
    set_storage_class(&mut metadata, class);
    lock::clear(&mut metadata);
    protect_new(&mut metadata, &request.lock, rules, bucket, now)?;
    Ok(metadata)
}

/// Metadata that tells of the source's own state stays behind.
fn is_copied(name: &str) -> bool {
    let own = [
        user::TAGGING,
        user::STORAGE_CLASS,
        user::REPLICATION_STATUS,
        user::RESTORE,
        user::RESTORE_EXPIRY_DAYS,
        user::RESTORE_REQUEST_DATE,
        user::WEBSITE_REDIRECT,
    ];
    !own.iter().any(|other| other.eq_ignore_ascii_case(name))
}

/// The checksum asked for; else the source's, made anew if it was of parts; else a CRC64NVME.
fn copied_checksum(object: &Object, asked: Option<ChecksumAlgorithm>) -> CopiedChecksum {
    match (asked, object.checksum()) {
        (Some(algorithm), _) => CopiedChecksum::Computed(algorithm),
        (None, None) => CopiedChecksum::Computed(ChecksumAlgorithm::Crc64Nvme),
        (None, Some(stored)) if stored.kind() == ChecksumType::Composite => {
            CopiedChecksum::Computed(stored.algorithm())
        }
        (None, Some(stored)) => CopiedChecksum::Kept(Box::new(stored.without_part_values())),
    }
}
