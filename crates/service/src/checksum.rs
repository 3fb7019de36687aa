//! Additional checksums: CRCs, SHA, MD5 and xxHash, as S3 defines them ("Checking object integrity").

mod announced;
mod hasher;

#[cfg(test)]
mod tests;

pub use announced::{AnnouncedChecksum, Trailers};
pub use format::checksum_blob::ChecksumAlgorithm;
pub(crate) use hasher::{Hasher, combine};

use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use format::checksum_blob::{PartChecksums, StoredChecksum};

/// Whether a multipart object's checksum is over its bytes or over its parts' checksums.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum ChecksumType {
    FullObject,
    Composite,
}

impl ChecksumType {
    /// The name clients and drives use.
    pub const fn name(self) -> &'static str {
        match self {
            ChecksumType::FullObject => "FULL_OBJECT",
            ChecksumType::Composite => "COMPOSITE",
        }
    }

    /// By its exact name.
    pub fn from_name(name: &str) -> Option<Self> {
        match name {
            "FULL_OBJECT" => Some(ChecksumType::FullObject),
            "COMPOSITE" => Some(ChecksumType::Composite),
            _ => None,
        }
    }
}

/// A checksum with its value.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Checksum {
    stored: StoredChecksum,
}

impl Checksum {
    /// A value over all bytes of a body.
    pub(crate) fn of_body(algorithm: ChecksumAlgorithm, value: Vec<u8>) -> Self {
        Checksum { stored: StoredChecksum { algorithm, trailing: false, full_object: false, value, parts: None } }
    }

    /// From what an object's metadata keeps. The first of several counts; in practice there is one.
    pub(crate) fn from_blob(blob: &[u8]) -> Option<Self> {
        StoredChecksum::parse_all(blob).into_iter().next().map(|stored| Checksum { stored })
    }

    /// As an object's metadata keeps it.
    pub(crate) fn to_blob(&self) -> Vec<u8> {
        self.stored.encode()
    }

    pub(crate) fn with_full_object(mut self, full_object: bool) -> Self {
        self.stored.full_object = full_object;
        self
    }

    pub(crate) fn with_trailing(mut self, trailing: bool) -> Self {
        self.stored.trailing = trailing;
        self
    }

    pub(crate) fn with_parts(mut self, count: u64, values: Option<Vec<Vec<u8>>>) -> Self {
        self.stored.parts = Some(PartChecksums { count, values });
        self
    }

    /// What a copy of the object keeps: the value, but not those of parts it no longer has.
    pub(crate) fn without_part_values(mut self) -> Self {
        if let Some(parts) = &mut self.stored.parts {
            *parts = PartChecksums { count: 0, values: parts.values.as_ref().map(|_| Vec::new()) };
        }
        self
    }

    pub fn algorithm(&self) -> ChecksumAlgorithm {
        self.stored.algorithm
    }

    /// The raw value.
    pub fn value(&self) -> &[u8] {
        &self.stored.value
    }

    /// How many parts' values it was made of, if it was made so.
    pub(crate) fn part_count(&self) -> Option<u64> {
        self.stored.parts.as_ref().map(|parts| parts.count)
    }

    /// Whether the request (or the upload) asked for a value over the whole.
    pub(crate) fn asked_full_object(&self) -> bool {
        self.stored.full_object
    }

    /// How clients are told that it was made.
    pub fn kind(&self) -> ChecksumType {
        let whole = self.stored.full_object || self.stored.algorithm == ChecksumAlgorithm::Crc64Nvme;
        if self.stored.parts.is_none() || whole { ChecksumType::FullObject } else { ChecksumType::Composite }
    }

    /// The value in base64, without the number of parts.
    pub fn base64(&self) -> String {
        STANDARD.encode(&self.stored.value)
    }

    /// As clients see it: base64, for composite values with `-<parts>`.
    pub fn text(&self) -> String {
        match (self.kind(), self.part_count()) {
            (ChecksumType::Composite, Some(parts)) => format!("{}-{parts}", self.base64()),
            _ => self.base64(),
        }
    }

    /// The value of the part at `index` (from zero), if it was kept.
    pub fn part(&self, index: usize) -> Option<Checksum> {
        let values = self.stored.parts.as_ref()?.values.as_ref()?;
        values.get(index).map(|value| Checksum::of_body(self.stored.algorithm, value.clone()))
    }

    /// The value of the part at `index` (from zero) in base64, if it was kept.
    pub fn part_base64(&self, index: usize) -> Option<String> {
        self.part(index).map(|part| part.base64())
    }
}

/// A value from base64; `None` unless it has the algorithm's length.
pub(crate) fn decode(algorithm: ChecksumAlgorithm, text: &str) -> Option<Vec<u8>> {
    let value = STANDARD.decode(text).ok()?;
    (value.len() == algorithm.size()).then_some(value)
}

/// A value in base64 with an optional `-<parts>`.
pub(crate) fn parse_text(algorithm: ChecksumAlgorithm, text: &str) -> Option<Checksum> {
    match text.split_once('-') {
        None => Some(Checksum::of_body(algorithm, decode(algorithm, text)?)),
        Some((value, parts)) => {
            Some(Checksum::of_body(algorithm, decode(algorithm, value)?).with_parts(parts.parse().ok()?, None))
        }
    }
}
