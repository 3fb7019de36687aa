//! The keys of uploads that are encrypted, and the etags of their parts (encryption reference, sections 3.7 and 3.8).

use super::checksum_of;
use crate::keys::envelope;
use crate::request::ListedPart;
use crate::sealing::Sealing;
use crate::{Service, ServiceError};
use seal::{CustomerKey, Kind, ObjectKey, ShownEtag};
use std::collections::BTreeMap;
use store::{CompletedPart, UploadInfo, UploadedPart};

/// What opens the etags of an encrypted upload's parts, as far as clients see them opened.
pub(super) struct UploadKey {
    pub kind: Kind,
    pub key: Option<ObjectKey>,
}

/// The etag of a part as clients see it. `key`: the upload's, if it is encrypted.
pub(super) fn shown_etag(stored: &str, key: Option<&UploadKey>) -> String {
    let Some(UploadKey { kind, key }) = key else { return stored.to_owned() };
    match (seal::shown_etag(*kind, false, stored), key) {
        (ShownEtag::Text(text), _) => text,
        (ShownEtag::Sealed(sealed), Some(key)) => key.open_etag(&sealed).unwrap_or_else(|_| stored.to_owned()),
        (ShownEtag::Sealed(_), None) => stored.to_owned(),
    }
}

impl Service {
    /// What a part of an upload is encrypted with. A client's key that isn't needed is no error.
    pub(super) async fn part_sealing(
        &self,
        upload: &UploadInfo,
        number: u32,
        customer: Option<&CustomerKey>,
    ) -> Result<Option<Sealing>, ServiceError> {
        let place = (upload.bucket.as_str(), upload.key.as_str());
        let Some(envelope) = envelope(&upload.metadata, place)? else { return Ok(None) };
        if envelope.kind == Kind::SseC && customer.is_none() {
            let reason = "The multipart upload initiate requested encryption. Subsequent part requests must include the \
                          appropriate encryption parameters.";
            return Err(ServiceError::InvalidRequest { reason: reason.to_owned() });
        }
        let object_key = self.open_key(&envelope, place, customer).await.map_err(not_the_first)?;
        Ok(Some(Sealing { kind: envelope.kind, object_key, part: Some(number) }))
    }

    /// The key that an upload's etags are opened with, where they are sealed in a way that clients don't see; `None` if the
    /// upload isn't encrypted.
    pub(super) async fn etag_key(&self, upload: &UploadInfo) -> Result<Option<UploadKey>, ServiceError> {
        let place = (upload.bucket.as_str(), upload.key.as_str());
        let Some(envelope) = envelope(&upload.metadata, place)? else { return Ok(None) };
        let key = match envelope.kind {
            Kind::SseS3 => Some(self.open_key(&envelope, place, None).await?),
            Kind::SseKms | Kind::SseC => None,
        };
        Ok(Some(UploadKey { kind: envelope.kind, key }))
    }

    /// The same for completing it: where the object will have a checksum, the key is needed to seal that.
    pub(super) async fn completing_key(
        &self,
        upload: &UploadInfo,
        customer: Option<&CustomerKey>,
    ) -> Result<Option<UploadKey>, ServiceError> {
        let place = (upload.bucket.as_str(), upload.key.as_str());
        let Some(envelope) = envelope(&upload.metadata, place)? else { return Ok(None) };
        let sealed_checksum = checksum_of(&upload.metadata).is_some();
        let key = match (envelope.kind, customer) {
            (Kind::SseC, None) if sealed_checksum => {
                let reason = "Requests specifying Server Side Encryption with Customer provided keys must provide an \
                              appropriate secret key.";
                return Err(ServiceError::InvalidArgument { reason: reason.to_owned() });
            }
            (Kind::SseC, None) => None,
            (Kind::SseKms, _) if !sealed_checksum => None,
            _ => Some(self.open_key(&envelope, place, customer).await.map_err(not_the_first)?),
        };
        Ok(Some(UploadKey { kind: envelope.kind, key }))
    }

    /// The parts as the store knows them. Of an encrypted upload clients know other etags: the parts that have those now
    /// are meant, and the store will find it out should they change before it commits.
    pub(super) async fn stored_parts(
        &self,
        upload: &UploadInfo,
        listed: &[ListedPart],
        key: Option<&UploadKey>,
    ) -> Result<Vec<CompletedPart>, ServiceError> {
        let as_listed = |part: &ListedPart| CompletedPart { number: part.number, etag: part.etag.clone() };
        if key.is_none() {
            return Ok(listed.iter().map(as_listed).collect());
        }
        let stored = self.store.list_parts(&upload.bucket, &upload.key, &upload.upload_id).await?;
        let stored: BTreeMap<u32, UploadedPart> = stored.into_iter().map(|part| (part.number, part)).collect();
        let of_listed = |part: &ListedPart| {
            let stored = stored.get(&part.number).filter(|stored| shown_etag(&stored.etag, key) == part.etag);
            let stored = stored.ok_or(ServiceError::InvalidPart { number: part.number })?;
            Ok(CompletedPart { number: part.number, etag: stored.etag.clone() })
        };
        listed.iter().map(of_listed).collect()
    }
}

/// A client's key that isn't the one its upload was begun with is a mistake of the client, not a secret that it doesn't know.
fn not_the_first(error: ServiceError) -> ServiceError {
    match error {
        ServiceError::WrongKey { .. } => ServiceError::InvalidRequest {
            reason: "The provided encryption parameters did not match the ones used originally.".to_owned(),
        },
        other => other,
    }
}
