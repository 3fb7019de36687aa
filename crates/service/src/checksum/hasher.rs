//! Computing checksums, and combining those of parts.

#[cfg(test)]
mod tests;

use super::ChecksumAlgorithm;
use crc_fast::{CrcAlgorithm, Digest};
use md5::Md5;
use sha1::{Digest as _, Sha1};
use sha2::{Sha256, Sha512};
use xxhash_rust::xxh3::Xxh3Default;
use xxhash_rust::xxh64::Xxh64;

/// A checksum being computed.
pub(crate) enum Hasher {
    Crc(ChecksumAlgorithm, Digest),
    Sha1(Sha1),
    Sha256(Sha256),
    Sha512(Sha512),
    Md5(Box<Md5>),
    Xx64(Xxh64),
    /// Both widths of XXH3 mix the same state, which is half a kilobyte.
    Xx3(Box<Xxh3Default>),
    Xx128(Box<Xxh3Default>),
}

impl Hasher {
    pub fn new(algorithm: ChecksumAlgorithm) -> Self {
        match algorithm {
            ChecksumAlgorithm::Sha1 => Hasher::Sha1(Sha1::new()),
            ChecksumAlgorithm::Sha256 => Hasher::Sha256(Sha256::new()),
            ChecksumAlgorithm::Sha512 => Hasher::Sha512(Sha512::new()),
            ChecksumAlgorithm::Md5 => Hasher::Md5(Box::new(Md5::new())),
            // S3 gives no seed.
            ChecksumAlgorithm::XxHash64 => Hasher::Xx64(Xxh64::new(0)),
            ChecksumAlgorithm::XxHash3 => Hasher::Xx3(Box::default()),
            ChecksumAlgorithm::XxHash128 => Hasher::Xx128(Box::default()),
            ChecksumAlgorithm::Crc32 | ChecksumAlgorithm::Crc32c | ChecksumAlgorithm::Crc64Nvme => {
                Hasher::Crc(algorithm, Digest::new(crc(algorithm)))
            }
        }
    }

    pub fn update(&mut self, bytes: &[u8]) {
        match self {
            Hasher::Crc(_, digest) => digest.update(bytes),
            Hasher::Sha1(hash) => hash.update(bytes),
            Hasher::Sha256(hash) => hash.update(bytes),
            Hasher::Sha512(hash) => hash.update(bytes),
            Hasher::Md5(hash) => hash.update(bytes),
            Hasher::Xx64(hash) => hash.update(bytes),
            Hasher::Xx3(hash) | Hasher::Xx128(hash) => hash.update(bytes),
        }
    }

    /// The value, big-endian where it is a number.
    pub fn finish(self) -> Vec<u8> {
        match self {
            Hasher::Crc(algorithm, digest) => crc_bytes(algorithm, digest.finalize()),
            Hasher::Sha1(hash) => hash.finalize().to_vec(),
            Hasher::Sha256(hash) => hash.finalize().to_vec(),
            Hasher::Sha512(hash) => hash.finalize().to_vec(),
            Hasher::Md5(hash) => hash.finish().to_vec(),
            Hasher::Xx64(hash) => hash.digest().to_be_bytes().to_vec(),
            Hasher::Xx3(hash) => hash.digest().to_be_bytes().to_vec(),
            Hasher::Xx128(hash) => hash.digest128().to_be_bytes().to_vec(),
        }
    }

    /// The value over `bytes`.
    pub fn once(algorithm: ChecksumAlgorithm, bytes: &[u8]) -> Vec<u8> {
        let mut hasher = Hasher::new(algorithm);
        hasher.update(bytes);
        hasher.finish()
    }
}

/// The CRC of two bodies one after the other, from their CRCs and the length of the second in bytes. `None` for
/// hashes, which can't be combined.
pub(crate) fn combine(algorithm: ChecksumAlgorithm, first: &[u8], second: &[u8], length: u64) -> Option<Vec<u8>> {
    if !algorithm.is_mergeable() {
        return None;
    }
    let number = |bytes: &[u8]| bytes.iter().fold(0u64, |number, byte| number << 8 | u64::from(*byte));
    let combined = crc_fast::checksum_combine(crc(algorithm), number(first), number(second), length);
    Some(crc_bytes(algorithm, combined))
}

fn crc(algorithm: ChecksumAlgorithm) -> CrcAlgorithm {
    match algorithm {
        ChecksumAlgorithm::Crc32c => CrcAlgorithm::Crc32Iscsi,
        ChecksumAlgorithm::Crc64Nvme => CrcAlgorithm::Crc64Nvme,
        _ => CrcAlgorithm::Crc32IsoHdlc,
    }
}

fn crc_bytes(algorithm: ChecksumAlgorithm, value: u64) -> Vec<u8> {
    let bytes = value.to_be_bytes();
    bytes[bytes.len() - algorithm.size()..].to_vec()
}
