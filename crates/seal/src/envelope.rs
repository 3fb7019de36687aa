//! How an object version's metadata tells what it is encrypted with (sections 3.2, 3.3).

use crate::dare::{self, Versions};
use crate::{Cipher, Context, ContextError, Key, KeyMismatch, ObjectKey, base64_text, object_path};
use base::Random;
use format::object_meta_keys::sys;
use ring::digest;

#[cfg(test)]
mod tests;

const IV: usize = 32;
/// Bytes of a sealed object key: one package.
const SEALED_KEY: usize = Key::LEN + dare::OVERHEAD;

/// Who holds the key that an object's key is sealed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// The client, who sends it with each request.
    SseC,
    /// The key service; the server chooses the key.
    SseS3,
    /// The key service; the client may choose the key and add to its context.
    SseKms,
}

impl Kind {
    fn domain(self) -> &'static [u8] {
        match self {
            Kind::SseC => b"SSE-C",
            Kind::SseS3 => b"SSE-S3",
            Kind::SseKms => b"SSE-KMS",
        }
    }

    fn sealed_key_name(self) -> &'static str {
        match self {
            Kind::SseC => sys::SSE_C_SEALED_KEY,
            Kind::SseS3 => sys::SSE_S3_SEALED_KEY,
            Kind::SseKms => sys::SSE_KMS_SEALED_KEY,
        }
    }
}

/// How an object's key is sealed.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SealAlgorithm {
    /// Bound to the object's place. The one that is written.
    DareV2HmacSha256,
    /// Of old objects of SSE-C.
    DareSha256,
}

impl SealAlgorithm {
    fn name(self) -> &'static str {
        match self {
            SealAlgorithm::DareV2HmacSha256 => "DAREv2-HMAC-SHA256",
            SealAlgorithm::DareSha256 => "DARE-SHA256",
        }
    }
}

/// A data key as the key service sealed it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SealedDataKey {
    /// The name of the service's key.
    pub key_id: String,
    pub ciphertext: Vec<u8>,
}

/// What an encrypted version's metadata says: everything needed to open it but the key.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Envelope {
    pub kind: Kind,
    pub algorithm: SealAlgorithm,
    iv: [u8; IV],
    sealed_key: [u8; SEALED_KEY],
    /// Absent for SSE-C, and in very old objects, which then can't be opened.
    pub data_key: Option<SealedDataKey>,
    /// What the client added to the context of the data key (SSE-KMS).
    pub context: Context,
    /// The parts are encrypted one by one.
    pub multipart: bool,
}

/// Metadata that says "encrypted" and doesn't say how.
#[derive(Debug, thiserror::Error)]
pub enum EnvelopeError {
    #[error("the object is encrypted, and its metadata doesn't say by whom")]
    UnknownKind,
    #[error("{0} is missing")]
    Missing(&'static str),
    #[error("{0} is not valid")]
    Invalid(&'static str),
    #[error("{} is not valid", sys::SSE_CONTEXT)]
    Context(#[source] ContextError),
}

impl Envelope {
    /// Seals a fresh object key with `external`, which is the client's key or a data key of the key service, for
    /// an object of this name and no other.
    pub fn seal(
        kind: Kind,
        external: &Key,
        (bucket, object): (&str, &str),
        object_key: &ObjectKey,
        random: &dyn Random,
    ) -> Envelope {
        let mut iv = [0; IV];
        random.fill(&mut iv);
        let mut envelope = Envelope {
            kind,
            algorithm: SealAlgorithm::DareV2HmacSha256,
            iv,
            sealed_key: [0; SEALED_KEY],
            data_key: None,
            context: Context::default(),
            multipart: false,
        };
        envelope.reseal(external, (bucket, object), object_key, random);
        envelope
    }

    /// Seals the object key with another key: the data stays as it is. Old envelopes become today's.
    pub fn reseal(
        &mut self,
        external: &Key,
        (bucket, object): (&str, &str),
        object_key: &ObjectKey,
        random: &dyn Random,
    ) {
        self.algorithm = SealAlgorithm::DareV2HmacSha256;
        let sealing_key = self.sealing_key(external, bucket, object);
        let sealed = dare::seal(&sealing_key, Cipher::preferred(), random, object_key.key().expose());
        self.sealed_key = sealed.try_into().expect("a key and a package's overhead");
    }

    /// Opens the object key. `external` is the client's key or the opened data key.
    pub fn open(&self, external: &Key, (bucket, object): (&str, &str)) -> Result<ObjectKey, KeyMismatch> {
        let versions = match self.algorithm {
            SealAlgorithm::DareV2HmacSha256 => Versions::Second,
            SealAlgorithm::DareSha256 => Versions::Any,
        };
        let sealing_key = self.sealing_key(external, bucket, object);
        let key = dare::open(&sealing_key, versions, &self.sealed_key).map(zeroize::Zeroizing::new);
        let key = key.ok().and_then(|key| Key::from_slice(&key));
        key.map(ObjectKey::new).ok_or(KeyMismatch)
    }

    fn sealing_key(&self, external: &Key, bucket: &str, object: &str) -> Key {
        let algorithm = self.algorithm.name().as_bytes();
        match self.algorithm {
            SealAlgorithm::DareV2HmacSha256 => {
                external.derive(&[&self.iv, self.kind.domain(), algorithm, object_path(bucket, object).as_bytes()])
            }
            SealAlgorithm::DareSha256 => {
                let mut hash = digest::Context::new(&digest::SHA256);
                hash.update(external.expose());
                hash.update(&self.iv);
                Key::from_slice(hash.finish().as_ref()).expect("SHA-256 gives as many bytes as a key has")
            }
        }
    }

    /// The context that the data key is bound to.
    pub fn data_key_context(&self, bucket: &str, object: &str) -> Context {
        match self.kind {
            Kind::SseKms => self.context.with_object(bucket, object),
            Kind::SseS3 | Kind::SseC => Context::of_object(bucket, object),
        }
    }

    /// Reads an object version's internal metadata. `None`: not encrypted.
    pub fn parse<'a>(metadata: impl Fn(&str) -> Option<&'a [u8]>) -> Result<Option<Envelope>, EnvelopeError> {
        let Some(kind) = kind_of(&metadata)? else { return Ok(None) };
        let need = |name| metadata(name).ok_or(EnvelopeError::Missing(name));
        let algorithm = need(sys::SSE_SEAL_ALGORITHM)?;
        let algorithm = [SealAlgorithm::DareV2HmacSha256, SealAlgorithm::DareSha256]
            .into_iter()
            .find(|known| known.name().as_bytes() == algorithm)
            .filter(|&known| kind == Kind::SseC || known == SealAlgorithm::DareV2HmacSha256)
            .ok_or(EnvelopeError::Invalid(sys::SSE_SEAL_ALGORITHM))?;
        Ok(Some(Envelope {
            kind,
            algorithm,
            iv: binary(sys::SSE_IV, need(sys::SSE_IV)?)?,
            sealed_key: binary(kind.sealed_key_name(), need(kind.sealed_key_name())?)?,
            data_key: if kind == Kind::SseC { None } else { parse_data_key(&metadata)? },
            context: match metadata(sys::SSE_CONTEXT) {
                Some(text) if kind == Kind::SseKms => Context::from_base64(text).map_err(EnvelopeError::Context)?,
                _ => Context::default(),
            },
            multipart: metadata(sys::ENCRYPTED_MULTIPART).is_some(),
        }))
    }

    /// The metadata to store: names and values.
    pub fn metadata(&self) -> Vec<(&'static str, String)> {
        let mut entries = vec![
            (sys::SSE_IV, base64_text::encode(&self.iv)),
            (sys::SSE_SEAL_ALGORITHM, self.algorithm.name().to_owned()),
            (self.kind.sealed_key_name(), base64_text::encode(&self.sealed_key)),
        ];
        if let Some(data_key) = &self.data_key {
            entries.push((sys::SSE_KMS_KEY_ID, data_key.key_id.clone()));
            entries.push((sys::SSE_KMS_DATA_KEY, base64_text::encode(&data_key.ciphertext)));
        }
        if !self.context.is_empty() {
            entries.push((sys::SSE_CONTEXT, self.context.to_base64()));
        }
        if self.multipart {
            entries.push((sys::ENCRYPTED_MULTIPART, String::new()));
        }
        entries
    }
}

/// Who holds the key of a version, by its metadata; `None`: not encrypted.
pub fn kind_of<'a>(metadata: impl Fn(&str) -> Option<&'a [u8]>) -> Result<Option<Kind>, EnvelopeError> {
    let sealed_by = [Kind::SseKms, Kind::SseS3, Kind::SseC];
    let kind = sealed_by.into_iter().find(|kind| metadata(kind.sealed_key_name()).is_some());
    match kind {
        None if is_encrypted(&metadata) => Err(EnvelopeError::UnknownKind),
        kind => Ok(kind),
    }
}

/// Whether a version's metadata has any sign of encryption.
pub fn is_encrypted<'a>(metadata: impl Fn(&str) -> Option<&'a [u8]>) -> bool {
    const SIGNS: [&str; 9] = [
        sys::SSE_C_SEALED_KEY,
        sys::SSE_S3_SEALED_KEY,
        sys::SSE_KMS_SEALED_KEY,
        sys::ENCRYPTED_MULTIPART,
        sys::SSE_IV,
        sys::SSE_SEAL_ALGORITHM,
        sys::SSE_KMS_KEY_ID,
        sys::SSE_KMS_DATA_KEY,
        sys::SSE_CONTEXT,
    ];
    SIGNS.iter().any(|name| metadata(name).is_some())
}

fn parse_data_key<'a>(metadata: impl Fn(&str) -> Option<&'a [u8]>) -> Result<Option<SealedDataKey>, EnvelopeError> {
    match (metadata(sys::SSE_KMS_KEY_ID), metadata(sys::SSE_KMS_DATA_KEY)) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(EnvelopeError::Missing(sys::SSE_KMS_DATA_KEY)),
        (None, Some(_)) => Err(EnvelopeError::Missing(sys::SSE_KMS_KEY_ID)),
        (Some(key_id), Some(ciphertext)) => {
            let key_id = std::str::from_utf8(key_id).map_err(|_| EnvelopeError::Invalid(sys::SSE_KMS_KEY_ID))?;
            let ciphertext = base64_text::decode(ciphertext).ok_or(EnvelopeError::Invalid(sys::SSE_KMS_DATA_KEY))?;
            Ok(Some(SealedDataKey { key_id: key_id.to_owned(), ciphertext }))
        }
    }
}

fn binary<const N: usize>(name: &'static str, text: &[u8]) -> Result<[u8; N], EnvelopeError> {
    base64_text::decode(text).and_then(|bytes| bytes.try_into().ok()).ok_or(EnvelopeError::Invalid(name))
}

/// What clients see of an encrypted version's stored etag (section 3.7).
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum ShownEtag {
    /// This.
    Text(String),
    /// What [`ObjectKey::open_etag`] makes of these bytes.
    Sealed(Vec<u8>),
}

/// What clients see of the stored etag of an encrypted version, or of a part of one. `whole_multipart`: the
/// etag of a multipart object, which is never sealed.
pub fn shown_etag(kind: Kind, whole_multipart: bool, stored: &str) -> ShownEtag {
    /// Hexadecimal digits of an MD5.
    const PLAIN: usize = 32;
    let as_it_is = || ShownEtag::Text(stored.to_owned());
    if whole_multipart || stored.len() <= PLAIN {
        return as_it_is();
    }
    match hex::decode(stored) {
        Ok(sealed) if kind == Kind::SseS3 => ShownEtag::Sealed(sealed),
        Ok(_) => ShownEtag::Text(stored[stored.len() - PLAIN..].to_owned()),
        Err(_) => as_it_is(),
    }
}
