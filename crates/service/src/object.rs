//! A stored version as clients may see it.

#[cfg(test)]
mod tests;

use crate::keys::{NewKey, key_name};
use crate::lock::{self, Retention};
use crate::request::Encryption;
use crate::{Checksum, ServiceError, Tags, VersionId};
use base::Timestamp;
use format::object_meta_keys::{is_shown, sys, user};
use iam::Acl;
use seal::layout::{self, Layout, StoredPart};
use seal::s2::{self, Index};
use seal::{CustomerKey, Kind, Label, ObjectKey, ShownEtag, dare, shown_etag};
use store::{Metadata, ObjectInfo, PartInfo};

/// Characters of an etag that is an MD5.
const PLAIN_ETAG: usize = 32;

/// One version of an object, or a delete marker.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Object {
    info: Box<ObjectInfo>,
    /// What the key of an encrypted object has told.
    opened: Option<Box<Opened>>,
}

#[derive(Clone, Debug, Default, PartialEq, Eq)]
struct Opened {
    /// Where clients see another etag than a piece of the stored one.
    etag: Option<String>,
    checksum: Option<Checksum>,
    customer_key_md5: Option<String>,
}

/// How an object is encrypted, as clients are told.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum ShownEncryption {
    /// SSE-S3.
    Server,
    /// SSE-KMS: the key's name, and the client's context in base64 if there was one.
    KeyService { key_id: String, context: Option<String> },
    /// SSE-C: the MD5 of the client's key in base64, where the client sent the key.
    Customer { key_md5: Option<String> },
}

impl Object {
    pub(crate) fn new(info: impl Into<Box<ObjectInfo>>) -> Self {
        Object { info: info.into(), opened: None }
    }

    /// The same when its key is at hand: `key` its own, `customer` the one the client sent.
    pub(crate) fn opened(self, key: Option<&ObjectKey>, customer: Option<&CustomerKey>) -> Self {
        let Some(key) = key else { return self };
        let etag = match self.sealed_etag() {
            Some(ShownEtag::Sealed(sealed)) => key.open_etag(&sealed).ok(),
            _ => None,
        };
        let checksum = self.info.metadata.system.get(sys::CHECKSUM);
        let checksum = checksum.and_then(|blob| Checksum::from_blob(&key.open_value(Label::Checksum, blob).ok()?));
        let customer_key_md5 = customer.map(CustomerKey::md5_base64);
        Object { info: self.info, opened: Some(Box::new(Opened { etag, checksum, customer_key_md5 })) }
    }

    /// An object that has just been written.
    pub(crate) fn written(info: ObjectInfo, key: Option<&NewKey>, encryption: &Encryption) -> Self {
        let customer = if let Encryption::Customer(customer) = encryption { Some(customer) } else { None };
        Object::new(info).opened(key.map(|new| &new.key), customer)
    }

    /// A member of an archive, as listings show it: no version, no etag, nothing stored.
    pub(crate) fn member(archive: &Object, key: String, size: u64) -> Self {
        let info = ObjectInfo {
            key,
            size,
            version_id: VersionId::Null,
            parts: Vec::new(),
            metadata: Metadata::default(),
            data_shards: 0,
            parity_shards: 0,
            ..ObjectInfo::clone(&archive.info)
        };
        Object::new(info)
    }

    pub(crate) fn info(&self) -> &ObjectInfo {
        &self.info
    }

    pub fn bucket(&self) -> &str {
        &self.info.bucket
    }

    pub fn key(&self) -> &str {
        &self.info.key
    }

    pub fn version(&self) -> VersionId {
        self.info.version_id
    }

    pub fn is_latest(&self) -> bool {
        self.info.is_latest
    }

    pub fn is_delete_marker(&self) -> bool {
        self.info.delete_marker
    }

    pub fn mod_time(&self) -> Timestamp {
        self.info.mod_time
    }

    /// Without quotes; empty for delete markers.
    pub fn etag(&self) -> &str {
        let stored = self.stored_etag();
        if stored.len() <= PLAIN_ETAG || stored.contains('-') {
            return stored;
        }
        match (self.opened.as_ref().and_then(|opened| opened.etag.as_deref()), self.sealed_etag()) {
            (Some(etag), _) => etag,
            // It is the end of what is stored.
            (None, Some(ShownEtag::Text(shown))) if stored.ends_with(&shown) => &stored[stored.len() - shown.len()..],
            _ => stored,
        }
    }

    fn stored_etag(&self) -> &str {
        match self.info.etag() {
            "" => stored(&self.info.metadata, user::OLD_ETAG).unwrap_or(""),
            etag => etag,
        }
    }

    /// What clients see of an encrypted object's etag; `None` of others.
    pub(crate) fn sealed_etag(&self) -> Option<ShownEtag> {
        let stored = self.stored_etag();
        if stored.len() <= PLAIN_ETAG || !self.is_encrypted() {
            return None;
        }
        let multipart = self.info.metadata.system.contains_key(sys::ENCRYPTED_MULTIPART);
        Some(shown_etag(self.kind()?, multipart, stored))
    }

    /// Whether only its key tells the etag that clients see.
    pub(crate) fn is_etag_sealed(&self) -> bool {
        matches!(self.sealed_etag(), Some(ShownEtag::Sealed(_)))
    }

    /// Who holds the key; `None` if the object isn't encrypted, or doesn't tell.
    pub(crate) fn kind(&self) -> Option<Kind> {
        seal::kind_of(|name| self.system(name)).ok().flatten()
    }

    pub(crate) fn is_encrypted(&self) -> bool {
        seal::is_encrypted(|name| self.system(name))
    }

    fn system(&self, name: &str) -> Option<&[u8]> {
        self.info.metadata.system.get(name).map(|value| &value[..])
    }

    /// How it is encrypted.
    pub fn encryption(&self) -> Option<ShownEncryption> {
        let key_md5 = self.opened.as_ref().and_then(|opened| opened.customer_key_md5.clone());
        encryption_of(&self.info.metadata, key_md5)
    }

    /// The short name of the compression that it is stored in.
    pub fn compression(&self) -> Option<&str> {
        let name = std::str::from_utf8(self.system(sys::COMPRESSION)?).ok()?;
        Some(name.rsplit('/').next().unwrap_or(name))
    }

    /// Bytes as the client sent them.
    pub fn size(&self) -> u64 {
        let told = self.system(sys::ACTUAL_SIZE).and_then(|text| std::str::from_utf8(text).ok()?.parse().ok());
        match told {
            Some(size) => size,
            None if !self.is_encrypted() && !self.is_compressed() => self.info.size,
            None => self.part_sizes().into_iter().sum(),
        }
    }

    /// Bytes of each part as the client sent them.
    pub fn part_sizes(&self) -> Vec<u64> {
        let encrypted = self.is_encrypted() && !self.is_compressed();
        if encrypted && self.cipher_streams() == layout::Encryption::Whole {
            // However many parts it says it has.
            return vec![dare::plain_size(self.info.size).unwrap_or(self.info.size)];
        }
        let size = |part: &PartInfo| match encrypted {
            true => dare::plain_size(part.size).unwrap_or(part.actual_size),
            false => part.actual_size,
        };
        self.info.parts.iter().map(size).collect()
    }

    pub(crate) fn is_compressed(&self) -> bool {
        self.info.metadata.system.contains_key(sys::COMPRESSION)
    }

    /// One of the stored HTTP headers, by lower-case name: `content-type`, `cache-control`, ...
    pub fn header(&self, name: &str) -> Option<&str> {
        stored(&self.info.metadata, name)
    }

    /// The user's own metadata: names as stored (`X-Amz-Meta-Color`).
    pub fn user_metadata(&self) -> impl Iterator<Item = (&str, &str)> {
        self.metadata().filter(|(name, _)| {
            [user::META_PREFIX, user::MINIO_META_PREFIX].iter().any(|prefix| has_prefix(name, prefix))
        })
    }

    /// Everything stored beside the etag that isn't internal.
    pub fn metadata(&self) -> impl Iterator<Item = (&str, &str)> {
        let all = self.info.metadata.user.iter().map(|(name, value)| (name.as_str(), value.as_str()));
        all.filter(|(name, value)| is_shown(name, value) && ![user::ETAG, user::OLD_ETAG].contains(name))
    }

    /// Its access control list; `None` where the bucket's owner has everything.
    pub fn acl(&self) -> Option<Acl> {
        stored_acl(&self.info.metadata)
    }

    pub fn tags(&self) -> Tags {
        Tags::from_stored(stored(&self.info.metadata, user::TAGGING).unwrap_or(""))
    }

    /// How far its replication is, if it is replicated: `PENDING`, `COMPLETED`, `FAILED`, `REPLICA`.
    pub fn replication_status(&self) -> Option<&str> {
        stored(&self.info.metadata, user::REPLICATION_STATUS).filter(|status| !status.is_empty())
    }

    /// `STANDARD` unless another was stored.
    pub fn storage_class(&self) -> &str {
        stored(&self.info.metadata, user::STORAGE_CLASS).unwrap_or("STANDARD")
    }

    /// The additional checksum, if one was stored; that of an encrypted object only when its key is at hand.
    pub fn checksum(&self) -> Option<Checksum> {
        match &self.opened {
            Some(opened) => opened.checksum.clone(),
            None if self.is_encrypted() => None,
            None => Checksum::from_blob(self.info.metadata.system.get(sys::CHECKSUM)?),
        }
    }

    /// Its parts as stored; one for an object of a single PUT.
    pub fn parts(&self) -> &[PartInfo] {
        &self.info.parts
    }

    /// Whether it was uploaded in parts.
    pub fn is_multipart(&self) -> bool {
        self.etag().contains('-')
    }

    pub fn retention(&self) -> Option<Retention> {
        lock::stored_retention(&self.info.metadata)
    }

    /// On or off; `None` if it was never set.
    pub fn legal_hold(&self) -> Option<bool> {
        lock::stored_legal_hold(&self.info.metadata)
    }

    /// Data and parity shards.
    pub fn shards(&self) -> (u8, u8) {
        (self.info.data_shards, self.info.parity_shards)
    }

    /// Which streams the stored bytes of an encrypted object are.
    fn cipher_streams(&self) -> layout::Encryption {
        let sizes: Vec<u64> = self.info.parts.iter().map(|part| part.size).collect();
        let multipart = self.info.metadata.system.contains_key(sys::ENCRYPTED_MULTIPART);
        layout::encryption_of(multipart, &sizes, self.stored_etag().len())
    }

    /// How the stored bytes are laid out; `None` where they are those that the client sent. `key`: the object's, if it
    /// is encrypted. What is stored in a way that isn't known must never leave as it is: that is an error.
    pub(crate) fn layout(&self, key: Option<&ObjectKey>) -> Result<Option<Layout>, ServiceError> {
        if self.system(sys::TRANSITION_STATUS).is_some() {
            return Err(ServiceError::NotImplemented { detail: "reading objects on remote tiers" });
        }
        let (encrypted, compressed) = (self.is_encrypted(), self.is_compressed());
        if !encrypted && !compressed {
            return Ok(None);
        }
        if compressed {
            self.check_compression()?;
        }
        let encryption = if encrypted { self.cipher_streams() } else { layout::Encryption::None };
        let parts = self.info.parts.iter().map(|part| StoredPart {
            number: part.number,
            stored: part.size,
            plain: if self.info.parts.len() == 1 { self.size() } else { part.actual_size },
            index: self.index(part, key),
        });
        let layout = Layout::new(parts.collect(), encryption, compressed);
        match layout {
            Ok(layout) if layout.size() == self.size() => Ok(Some(layout)),
            Ok(_) if compressed => Err(self.decompression("the sizes of its parts are not that of the whole")),
            Ok(_) => Err(self.tampered("the sizes of its parts are not that of the whole")),
            Err(error) => Err(self.tampered(&error.to_string())),
        }
    }

    fn check_compression(&self) -> Result<(), ServiceError> {
        let name = self.system(sys::COMPRESSION).unwrap_or_default();
        if ![s2::NAME, s2::SNAPPY_NAME].iter().any(|known| known.as_bytes() == name) {
            let name = String::from_utf8_lossy(name);
            return Err(self.decompression(&format!("the compression '{name}' is not known")));
        }
        let told = self.system(sys::ACTUAL_SIZE);
        let told = told.map(|text| std::str::from_utf8(text).ok().and_then(|text| text.parse::<u64>().ok()));
        match told {
            Some(None) => Err(self.decompression("its size is not a number")),
            Some(Some(0)) if self.info.size > 0 => Err(self.decompression("it has bytes and a size of zero")),
            _ => Ok(()),
        }
    }

    /// The index of a compressed part. One that can't be read is as good as none; short parts have some that are wrong.
    fn index(&self, part: &PartInfo, key: Option<&ObjectKey>) -> Option<Index> {
        if part.index.is_empty() || part.actual_size <= s2::MIN_INDEXED {
            return None;
        }
        match key {
            Some(key) => Index::parse(&key.open_value(Label::CompressionIndex, &part.index).ok()?).ok(),
            None => Index::parse(&part.index).ok(),
        }
    }

    fn tampered(&self, reason: &str) -> ServiceError {
        let (bucket, key) = (self.info.bucket.to_string(), self.info.key.clone());
        ServiceError::ObjectTampered { bucket, key, reason: reason.to_owned() }
    }

    fn decompression(&self, reason: &str) -> ServiceError {
        let (bucket, key) = (self.info.bucket.to_string(), self.info.key.clone());
        ServiceError::Decompression { bucket, key, reason: reason.to_owned() }
    }
}

/// How an object or upload is encrypted, by its metadata. `key_md5`: of the client's key.
pub(crate) fn encryption_of(metadata: &Metadata, key_md5: Option<String>) -> Option<ShownEncryption> {
    let system = |name: &str| metadata.system.get(name).map(|value| &value[..]);
    let text = |name| system(name).map(|value| String::from_utf8_lossy(value).into_owned());
    Some(match seal::kind_of(system).ok().flatten()? {
        Kind::SseS3 => ShownEncryption::Server,
        Kind::SseKms => ShownEncryption::KeyService {
            key_id: key_name(&text(sys::SSE_KMS_KEY_ID).unwrap_or_default()).to_owned(),
            context: text(sys::SSE_CONTEXT),
        },
        Kind::SseC => ShownEncryption::Customer { key_md5 },
    })
}

fn has_prefix(name: &str, prefix: &str) -> bool {
    name.get(..prefix.len()).is_some_and(|start| start.eq_ignore_ascii_case(prefix))
}

/// The list of an object or upload. One that can't be read gives nobody anything: it is as good as none.
pub(crate) fn stored_acl(metadata: &Metadata) -> Option<Acl> {
    Acl::from_json(&serde_json::from_slice(metadata.system.get(sys::ACL)?).ok()?)
}

/// User metadata by name. Drives hold several casings of the same name, from several releases.
pub(crate) fn stored<'a>(metadata: &'a Metadata, name: &str) -> Option<&'a str> {
    if let Some(value) = metadata.user.get(name) {
        return Some(value);
    }
    let mut all = metadata.user.iter();
    all.find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value.as_str())
}
