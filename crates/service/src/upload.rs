//! Multipart uploads.

mod complete;
mod keys;
mod paging;

use crate::answer::{CreatedUpload, PartListing, PartRecord, StoredPart, Upload, UploadListing};
use crate::checksum::{Checksum, ChecksumAlgorithm, ChecksumType, decode};
use crate::limits::{MAX_LIST_PARTS, MAX_OBJECT_SIZE, MAX_PART_NUMBER};
use crate::object::{encryption_of, stored_acl};
use crate::put::{check_new_key, end_metadata, new_metadata, storage_class, treat};
use crate::read::check_source;
use crate::request::{
    CompleteUpload, CopyPart, CreateUpload, Encryption, IncomingBody, ListParts, ListUploads, UploadPart,
};
use crate::sealing::{Ended, Ending, SealedBody, Sealing, Treatment};
use crate::{AnnouncedChecksum, Object, Service, ServiceError, grant};
use bytes::Bytes;
use format::object_meta_keys::{sys, user};
use iam::{Action, Grant};
use keys::UploadKey;
use seal::CustomerKey;
use std::collections::BTreeMap;
use std::sync::{Arc, Mutex, PoisonError};
use store::{Metadata, PartSeal, Rejection, SealPart, StoreError, UploadInfo, UploadRequest, UploadedPart};

impl Service {
    /// Begins an upload. Grant: [`Action::PutObject`].
    pub async fn create_upload(&self, grant: &Grant, request: CreateUpload) -> Result<CreatedUpload, ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::PutObject])?;
        check_new_key(key)?;
        if key.ends_with('/') {
            return Err(ServiceError::InvalidKey {
                key: key.to_owned(),
                reason: "a folder can't be uploaded in parts",
            });
        }
        let rules = self.bucket_rules(bucket).await?;
        let class = storage_class(request.object.storage_class.as_deref())?;
        let mut metadata = new_metadata(&request.object, class, &rules, bucket, self.now())?;
        self.own_new(&mut metadata, grant, request.object.acl.as_ref())?;
        let encryption = self.encryption_for(&request.object.encryption, &rules);
        let compress = self.compresses(key, &request.object.metadata, &encryption);
        let new_key = self.new_key(&encryption, (bucket, key), true).await?;
        treat(&mut metadata, new_key.as_ref(), compress);
        let checksum = checksum_of_new(request.checksum, request.checksum_type)?;
        if let Some((algorithm, kind)) = checksum {
            metadata.user.insert(user::MULTIPART_CHECKSUM.to_owned(), algorithm.name().to_owned());
            metadata.user.insert(user::MULTIPART_CHECKSUM_TYPE.to_owned(), kind.name().to_owned());
        }
        let customer = if let Encryption::Customer(key) = &encryption { Some(key.md5_base64()) } else { None };
        let encryption = encryption_of(&metadata, customer);
        let upload = UploadRequest {
            bucket: bucket.to_owned(),
            key: key.to_owned(),
            versioning: rules.versioning_of(key),
            storage_class: class,
            metadata,
            conditions: self.stored_conditions(bucket, key, None, request.object.conditions).await?,
        };
        let info = self.store.new_upload(upload).await?;
        Ok(CreatedUpload { upload_id: info.upload_id, checksum, encryption })
    }

    /// Stores a part, in place of an earlier one of its number. Grant: [`Action::PutObject`].
    pub async fn upload_part(&self, grant: &Grant, request: UploadPart) -> Result<StoredPart, ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::PutObject])?;
        check_part_number(request.number)?;
        let upload = self.store.upload(bucket, key, &request.upload_id).await?;
        let wanted = checksum_of(&upload.metadata).map(|(algorithm, _)| algorithm);
        let got = request.body.checksum.algorithm();
        if wanted.is_some() && got != wanted {
            let name = |algorithm: Option<ChecksumAlgorithm>| algorithm.map_or("", ChecksumAlgorithm::name);
            let reason = format!(
                "Invalid arguments provided for {bucket}/{key}: (checksum missing, want \"{}\", got \"{}\")",
                name(wanted),
                name(got)
            );
            return Err(ServiceError::InvalidArgument { reason });
        }
        let sealing = self.part_sealing(&upload, request.number, request.customer_key.as_ref()).await?;
        self.store_part(&upload, request.number, request.body, None, sealing, request.customer_key.as_ref()).await
    }

    /// Stores a part taken from another object. Grants: [`Action::GetObject`] on the source, [`Action::PutObject`]
    /// on the upload's key.
    pub async fn copy_part(
        &self,
        source: &Grant,
        destination: &Grant,
        request: CopyPart,
    ) -> Result<StoredPart, ServiceError> {
        let (source_bucket, source_key) = grant::object(source, &[Action::GetObject])?;
        let (bucket, key) = grant::object(destination, &[Action::PutObject])?;
        check_part_number(request.number)?;
        let upload = self.store.upload(bucket, key, &request.upload_id).await?;
        let reader = self.store.open_object(source_bucket, source_key, request.source_version).await?;
        let mut opened = self.unseal(reader, request.source_key.as_ref()).await?;
        opened.object = check_source(opened.object, &request.source_conditions)?;
        let size = opened.object.size();
        let range = match request.range {
            None => 0..size,
            Some((first, last)) if first < size && first <= last && last < size => first..last + 1,
            Some((first, last)) => return Err(ServiceError::InvalidRange { asked: format!("{first}-{last}"), size }),
        };
        let length = range.end - range.start;
        let body = IncomingBody {
            stream: opened.read(range)?,
            size: Some(length),
            md5: None,
            checksum: AnnouncedChecksum::None,
        };
        let compute = checksum_of(&upload.metadata).map(|(algorithm, _)| algorithm);
        let sealing = self.part_sealing(&upload, request.number, request.customer_key.as_ref()).await?;
        self.store_part(&upload, request.number, body, compute, sealing, request.customer_key.as_ref()).await
    }

    async fn store_part(
        &self,
        upload: &UploadInfo,
        number: u32,
        body: IncomingBody,
        compute: Option<ChecksumAlgorithm>,
        sealing: Option<Sealing>,
        customer: Option<&CustomerKey>,
    ) -> Result<StoredPart, ServiceError> {
        let compress = upload.metadata.system.contains_key(sys::COMPRESSION);
        let treatment = Treatment { sealing: sealing.clone(), compress };
        let SealedBody { stream, size, ending } = self.seal_body(body, MAX_OBJECT_SIZE, compute, treatment).await?;
        let checksum = Arc::new(Mutex::new(None));
        let seal = seal_part(ending, Arc::clone(&checksum));
        let part =
            self.store.put_part(&upload.bucket, &upload.key, &upload.upload_id, number, size, stream, seal).await?;
        let checksum = checksum.lock().unwrap_or_else(PoisonError::into_inner).take();
        let key = sealing.map(|sealing| UploadKey { kind: sealing.kind, key: Some(sealing.object_key) });
        let etag = keys::shown_etag(&part.etag, key.as_ref());
        let encryption = encryption_of(&upload.metadata, customer.map(CustomerKey::md5_base64));
        Ok(StoredPart { number, etag, checksum, mod_time: part.mod_time, encryption })
    }

    /// A page of an upload's parts. Grant: [`Action::ListMultipartUploadParts`].
    pub async fn list_parts(&self, grant: &Grant, request: ListParts) -> Result<PartListing, ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::ListMultipartUploadParts])?;
        let upload = self.store.upload(bucket, key, &request.upload_id).await?;
        let parts = self.store.list_parts(bucket, key, &request.upload_id).await?;
        let limit = request.limit.min(MAX_LIST_PARTS);
        let key = self.etag_key(&upload).await?;
        let following = parts.into_iter().filter(|part| part.number > request.after);
        let mut following = following.map(|part| part_record(part, key.as_ref()));
        let parts: Vec<_> = following.by_ref().take(limit).collect();
        let truncated = limit > 0 && following.next().is_some();
        let next = if truncated { parts.last().map_or(0, |part| part.number) } else { 0 };
        Ok(PartListing { upload: upload_answer(&upload), parts, truncated, next })
    }

    /// A page of the uploads in progress. Grant: [`Action::ListBucketMultipartUploads`].
    pub async fn list_uploads(&self, grant: &Grant, request: ListUploads) -> Result<UploadListing, ServiceError> {
        let bucket = grant::bucket(grant, &[Action::ListBucketMultipartUploads])?;
        self.store.bucket_metadata(bucket).await?;
        let uploads = self.store.list_uploads(bucket, &request.prefix).await?;
        Ok(paging::page(uploads.iter().map(upload_answer), &request))
    }

    /// Makes an object of an upload's parts. Grant: [`Action::PutObject`].
    pub async fn complete_upload(&self, grant: &Grant, request: CompleteUpload) -> Result<Object, ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::PutObject])?;
        complete::check_list(&request.parts)?;
        let rules = self.bucket_rules(bucket).await?;
        let upload = match self.store.upload(bucket, key, &request.upload_id).await {
            Err(StoreError::UploadNotFound { .. }) => return self.completed_before(bucket, key, request).await,
            upload => upload?,
        };
        let object_key = self.completing_key(&upload, request.customer_key.as_ref()).await?;
        let parts = self.stored_parts(&upload, &request.parts, object_key.as_ref()).await?;
        let conditions = self.stored_conditions(bucket, key, None, request.conditions).await?;
        let (listed, announced) = (request.parts, request.checksum);
        let object_key = object_key.and_then(|key| key.key);
        let (random, sealing_key) = (Arc::clone(&self.world.random), object_key.clone());
        let seal = Box::new(move |upload: &UploadInfo, parts: &[UploadedPart]| {
            let whole = complete::judge(&upload.metadata, parts, &listed, &announced);
            let complete::Whole { etag, checksum, size } = whole.map_err(|error| Box::new(error) as Rejection)?;
            let mut metadata = end_metadata(etag, checksum.as_ref(), sealing_key.as_ref(), &*random);
            metadata.system.insert(sys::ACTUAL_SIZE.to_owned(), Bytes::from(size.to_string()));
            Ok(metadata)
        });
        let versioning = rules.versioning_of(key);
        let info =
            self.store.complete_upload(bucket, key, &request.upload_id, parts, versioning, conditions, seal).await?;
        Ok(Object::new(info).opened(object_key.as_ref(), request.customer_key.as_ref()))
    }

    /// The object that an upload became when it was completed before: clients ask again when they miss the answer. It
    /// must still be the latest, and made of the same parts.
    async fn completed_before(&self, bucket: &str, key: &str, request: CompleteUpload) -> Result<Object, ServiceError> {
        let CompleteUpload { upload_id, parts, .. } = request;
        let missing = |upload_id| {
            let (bucket, key) = (bucket.to_owned(), key.to_owned());
            ServiceError::NoSuchUpload { bucket, key, upload_id }
        };
        let object = match self.store.object_info(bucket, key, None).await {
            Ok(info) => self.listed(Object::new(info)).await?,
            Err(_) => return Err(missing(upload_id)),
        };
        let numbers = object.parts().iter().map(|part| part.number);
        let same = object.etag() == complete::whole_etag(&parts) && numbers.eq(parts.iter().map(|part| part.number));
        if same && object.is_multipart() { Ok(object) } else { Err(missing(upload_id)) }
    }

    /// Gives up an upload and its parts; one that doesn't exist is [`ServiceError::NoSuchUpload`]. Grant:
    /// [`Action::AbortMultipartUpload`].
    pub async fn abort_upload(&self, grant: &Grant, upload_id: &str) -> Result<(), ServiceError> {
        let (bucket, key) = grant::object(grant, &[Action::AbortMultipartUpload])?;
        Ok(self.store.abort_upload(bucket, key, upload_id).await?)
    }
}

fn check_part_number(number: u32) -> Result<(), ServiceError> {
    match number {
        0 => Err(ServiceError::InvalidPart { number }),
        1..=MAX_PART_NUMBER => Ok(()),
        _ => Err(ServiceError::InvalidArgument {
            reason: format!("Part number must be an integer between 1 and {MAX_PART_NUMBER}, inclusive"),
        }),
    }
}

/// The checksum an upload is begun with. CRC64NVME is always of the whole object; hashes never are.
fn checksum_of_new(
    algorithm: Option<ChecksumAlgorithm>,
    kind: Option<ChecksumType>,
) -> Result<Option<(ChecksumAlgorithm, ChecksumType)>, ServiceError> {
    let Some(algorithm) = algorithm else { return Ok(None) };
    let kind = match (algorithm, kind) {
        (ChecksumAlgorithm::Crc64Nvme, _) => ChecksumType::FullObject,
        (_, None | Some(ChecksumType::Composite)) => ChecksumType::Composite,
        (_, Some(ChecksumType::FullObject)) if algorithm.is_mergeable() => ChecksumType::FullObject,
        (_, Some(ChecksumType::FullObject)) => {
            return Err(ServiceError::InvalidChecksum { reason: "this algorithm has no full-object checksums" });
        }
    };
    Ok(Some((algorithm, kind)))
}

/// The checksum an upload was begun with.
fn checksum_of(metadata: &Metadata) -> Option<(ChecksumAlgorithm, ChecksumType)> {
    let algorithm = ChecksumAlgorithm::from_name(metadata.user.get(user::MULTIPART_CHECKSUM)?)?;
    let kind = metadata.user.get(user::MULTIPART_CHECKSUM_TYPE).and_then(|kind| ChecksumType::from_name(kind));
    Some((algorithm, kind.unwrap_or(ChecksumType::Composite)))
}

/// Judges a part at its end; its checksum is left in `result` too.
fn seal_part(ending: Ending, result: Arc<Mutex<Option<Checksum>>>) -> SealPart {
    Box::new(move |_size| {
        let Ended { etag, checksum, plain_size, index } = ending.finish_or_reject(None)?;
        let mut checksums = BTreeMap::new();
        if let Some(checksum) = &checksum {
            checksums.insert(checksum.algorithm().name().to_owned(), checksum.base64());
        }
        *result.lock().unwrap_or_else(PoisonError::into_inner) = checksum;
        Ok(PartSeal { etag, checksums, actual_size: Some(plain_size), index })
    })
}

fn upload_answer(info: &UploadInfo) -> Upload {
    Upload {
        key: info.key.clone(),
        upload_id: info.upload_id.clone(),
        initiated: info.initiated,
        owner: stored_acl(&info.metadata).map(|acl| acl.owner),
        checksum: checksum_of(&info.metadata),
    }
}

fn part_record(part: UploadedPart, key: Option<&UploadKey>) -> PartRecord {
    let checksums = part.checksums.into_iter().filter_map(|(name, value)| {
        let algorithm = ChecksumAlgorithm::from_name(&name)?;
        decode(algorithm, &value).map(|_| (algorithm, value))
    });
    PartRecord {
        number: part.number,
        etag: keys::shown_etag(&part.etag, key),
        size: part.actual_size,
        mod_time: part.mod_time,
        checksums: checksums.collect(),
    }
}
