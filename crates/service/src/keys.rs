//! The keys of objects: made for new ones, opened for those that are there (encryption-and-compression.md 3).
//!
//! An object's key is stored sealed, with a data key of the key service or with the key that the client sends. What is
//! encrypted under the object's key is the work of [`crate::sealing`] and [`crate::read`].

use crate::request::Encryption;
use crate::{Service, ServiceError};
use kms::{KeyService, KmsError};
use seal::{Context, CustomerKey, Envelope, EnvelopeError, Kind, ObjectKey, SealedDataKey};
use store::Metadata;

/// What KMS key ids may begin with, as AWS has it. It is no part of the name.
const ARN: &str = "arn:aws:kms:";

/// A fresh key for an object.
#[derive(Clone)]
pub(crate) struct NewKey {
    pub key: ObjectKey,
    pub envelope: Envelope,
}

/// The name of a key of the key service, without what AWS puts in front of it.
pub(crate) fn key_name(id: &str) -> &str {
    id.strip_prefix(ARN).unwrap_or(id)
}

/// What a version's metadata says of its encryption; `None`: not encrypted. Versions and uploads have it alike.
pub(crate) fn envelope(metadata: &Metadata, (bucket, key): (&str, &str)) -> Result<Option<Envelope>, ServiceError> {
    let parsed = Envelope::parse(|name| metadata.system.get(name).map(|value| &value[..]));
    parsed.map_err(|error| {
        let (bucket, key) = (bucket.to_owned(), key.to_owned());
        match error {
            EnvelopeError::UnknownKind => ServiceError::ObjectTampered { bucket, key, reason: error.to_string() },
            other => ServiceError::EncryptionMetadata { bucket, key, reason: other.to_string() },
        }
    })
}

/// That a client's key came where one is needed, and only there.
pub(crate) fn check_customer_key(kind: Option<Kind>, customer: Option<&CustomerKey>) -> Result<(), ServiceError> {
    let reason = match (kind, customer) {
        (Some(Kind::SseC), Some(_)) | (Some(Kind::SseS3 | Kind::SseKms) | None, None) => return Ok(()),
        (None, Some(_)) => "The encryption parameters are not applicable to this object.",
        _ => {
            "The object was stored using a form of Server Side Encryption. The correct parameters must be provided to \
             retrieve the object."
        }
    };
    Err(ServiceError::InvalidRequest { reason: reason.to_owned() })
}

impl Service {
    /// The key service. [`ServiceError::NoKeyService`] if none is configured.
    fn key_service(&self) -> Result<&dyn KeyService, ServiceError> {
        self.keys().map(|keys| &**keys).ok_or(ServiceError::NoKeyService)
    }

    /// A key for a new object, sealed for its place; `None` where the object is not to be encrypted. `multipart`: its
    /// parts will be encrypted one by one.
    pub(crate) async fn new_key(
        &self,
        encryption: &Encryption,
        place: (&str, &str),
        multipart: bool,
    ) -> Result<Option<NewKey>, ServiceError> {
        let random = &*self.world.random;
        let key = ObjectKey::generate(random);
        let mut envelope = match encryption {
            Encryption::Unsaid => return Ok(None),
            Encryption::Customer(customer) => Envelope::seal(Kind::SseC, customer.key(), place, &key, random),
            Encryption::Server => self.seal_with_service(Kind::SseS3, None, &Context::default(), place, &key).await?,
            Encryption::KeyService { key_id, context } => {
                self.seal_with_service(Kind::SseKms, key_id.as_deref(), context, place, &key).await?
            }
        };
        envelope.multipart = multipart;
        Ok(Some(NewKey { key, envelope }))
    }

    async fn seal_with_service(
        &self,
        kind: Kind,
        key_id: Option<&str>,
        context: &Context,
        place: (&str, &str),
        key: &ObjectKey,
    ) -> Result<Envelope, ServiceError> {
        let bound = match kind {
            Kind::SseKms => context.with_object(place.0, place.1),
            _ => Context::of_object(place.0, place.1),
        };
        let data_key = self.key_service()?.generate_data_key(key_id, &bound).await?;
        let mut envelope = Envelope::seal(kind, &data_key.plain, place, key, &*self.world.random);
        envelope.data_key = Some(SealedDataKey { key_id: data_key.key_id, ciphertext: data_key.sealed });
        envelope.context = context.clone();
        Ok(envelope)
    }

    /// The key of an object; `customer` is the one the client sent, checked already to be one where it is needed.
    /// [`ServiceError::WrongKey`] if it isn't the one that the object's was sealed with.
    pub(crate) async fn open_key(
        &self,
        envelope: &Envelope,
        place: (&str, &str),
        customer: Option<&CustomerKey>,
    ) -> Result<ObjectKey, ServiceError> {
        let external = match (envelope.kind, customer) {
            (Kind::SseC, Some(customer)) => customer.key().clone(),
            (Kind::SseC, None) => return Err(check_customer_key(Some(Kind::SseC), None).unwrap_err()),
            _ => self.open_data_key(envelope, place).await?,
        };
        let mismatch = |_| ServiceError::WrongKey { bucket: place.0.to_owned(), key: place.1.to_owned() };
        envelope.open(&external, place).map_err(mismatch)
    }

    async fn open_data_key(&self, envelope: &Envelope, (bucket, key): (&str, &str)) -> Result<seal::Key, ServiceError> {
        let service = self.key_service()?;
        let Some(SealedDataKey { key_id, ciphertext }) = &envelope.data_key else {
            // Of very old objects, which nothing can open any more.
            return Err(KmsError::KeyNotFound { key: String::new() }.into());
        };
        let name = key_name(key_id);
        let bound = envelope.data_key_context(bucket, key);
        match service.decrypt(name, ciphertext, &bound).await {
            // Copies that MinIO made carry the context of their source, under which their own key was not made.
            Err(KmsError::InvalidCiphertext { .. }) if !envelope.context.is_empty() => {
                Ok(service.decrypt(name, ciphertext, &Context::of_object(bucket, key)).await?)
            }
            result => Ok(result?),
        }
    }

    /// The key of an object or upload by its metadata; `None` if it isn't encrypted.
    pub(crate) async fn key_of(
        &self,
        metadata: &Metadata,
        place: (&str, &str),
        customer: Option<&CustomerKey>,
    ) -> Result<Option<(Envelope, ObjectKey)>, ServiceError> {
        let Some(envelope) = envelope(metadata, place)? else { return Ok(None) };
        let key = self.open_key(&envelope, place, customer).await?;
        Ok(Some((envelope, key)))
    }
}
