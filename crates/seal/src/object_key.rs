//! The key that an object's data is encrypted with, and what is derived from it (section 3.2).

use crate::dare::{self, DareError, Versions};
use crate::{Cipher, Key};
use base::Random;

/// The key of one object version. Only sealed forms of it are stored.
#[derive(Clone)]
pub struct ObjectKey(Key);

/// What else an object key protects beside the data.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Label {
    Etag,
    Checksum,
    CompressionIndex,
    ZipIndex,
}

impl Label {
    fn text(self) -> &'static [u8] {
        match self {
            Label::Etag => b"SSE-etag",
            Label::Checksum => b"object-checksum",
            Label::CompressionIndex => b"compression-index",
            Label::ZipIndex => b"zip-enc",
        }
    }
}

/// The key that was offered is not the one that an object key was sealed with.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("the object's key was sealed with another key")]
pub struct KeyMismatch;

impl ObjectKey {
    /// A fresh key.
    pub fn generate(random: &dyn Random) -> Self {
        ObjectKey(Key::random(random))
    }

    pub(crate) fn new(key: Key) -> Self {
        ObjectKey(key)
    }

    /// The key itself: what the data of an object that is one stream is encrypted with.
    pub fn key(&self) -> &Key {
        &self.0
    }

    /// The key of a part of a multipart object, by its part number.
    pub fn part_key(&self, number: u32) -> Key {
        self.0.derive(&[&number.to_le_bytes()])
    }

    /// Seals a small value that belongs to the object. An empty one stays empty.
    pub fn seal_value(&self, label: Label, random: &dyn Random, value: &[u8]) -> Vec<u8> {
        dare::seal(&self.0.derive(&[label.text()]), Cipher::preferred(), random, value)
    }

    /// Opens what [`ObjectKey::seal_value`] sealed.
    pub fn open_value(&self, label: Label, sealed: &[u8]) -> Result<Vec<u8>, DareError> {
        dare::open(&self.0.derive(&[label.text()]), Versions::Any, sealed)
    }

    /// The stored etag: `tag`, which is the MD5 of the plaintext or random, sealed, in hexadecimal.
    pub fn seal_etag(&self, random: &dyn Random, tag: &[u8; 16]) -> String {
        hex::encode(self.seal_value(Label::Etag, random, tag))
    }

    /// The etag that was sealed, in hexadecimal.
    pub fn open_etag(&self, sealed: &[u8]) -> Result<String, DareError> {
        self.open_value(Label::Etag, sealed).map(hex::encode)
    }
}
