//! The algorithms that object metadata may name.

use blake2::Blake2b512;
use sha2::{Digest as _, Sha256};

use super::{BitrotMismatch, Hasher};

/// How the shards of one part are guarded. All but [`HighwayHash256S`](Self::HighwayHash256S) are only ever read: with
/// them the shard file is nothing but shards, and one digest for all of it is in the metadata.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum BitrotAlgorithm {
    /// SHA-256 of the whole shard file.
    Sha256,
    /// HighwayHash-256 of the whole shard file.
    HighwayHash256,
    /// HighwayHash-256 of every shard, stored before it: what is written today.
    HighwayHash256S,
    /// BLAKE2b-512, without key, of the whole shard file.
    Blake2b512,
}

impl BitrotAlgorithm {
    const ALL: [BitrotAlgorithm; 4] = [
        BitrotAlgorithm::Sha256,
        BitrotAlgorithm::HighwayHash256,
        BitrotAlgorithm::HighwayHash256S,
        BitrotAlgorithm::Blake2b512,
    ];

    /// The number that stands for it in `xl.meta`.
    pub fn id(self) -> u8 {
        match self {
            BitrotAlgorithm::Sha256 => 1,
            BitrotAlgorithm::HighwayHash256 => 2,
            BitrotAlgorithm::HighwayHash256S => 3,
            BitrotAlgorithm::Blake2b512 => 4,
        }
    }

    /// The algorithm with that number.
    pub fn from_id(id: u8) -> Option<BitrotAlgorithm> {
        Self::ALL.into_iter().find(|algorithm| algorithm.id() == id)
    }

    /// The name that stands for it in `xl.json`.
    pub fn name(self) -> &'static str {
        match self {
            BitrotAlgorithm::Sha256 => "sha256",
            BitrotAlgorithm::HighwayHash256 => "highwayhash256",
            BitrotAlgorithm::HighwayHash256S => "highwayhash256S",
            BitrotAlgorithm::Blake2b512 => "blake2b",
        }
    }

    /// The algorithm with that name.
    pub fn from_name(name: &str) -> Option<BitrotAlgorithm> {
        Self::ALL.into_iter().find(|algorithm| algorithm.name() == name)
    }

    /// Bytes of a digest.
    pub fn digest_len(self) -> usize {
        match self {
            BitrotAlgorithm::Blake2b512 => 64,
            _ => 32,
        }
    }

    /// Whether every shard has its digest before it, rather than the whole file one in the metadata.
    pub fn is_framed(self) -> bool {
        self == BitrotAlgorithm::HighwayHash256S
    }

    /// A hasher that has seen nothing yet.
    pub fn hasher(self) -> BitrotHasher {
        BitrotHasher(match self {
            BitrotAlgorithm::Sha256 => State::Sha256(Sha256::new()),
            BitrotAlgorithm::HighwayHash256 | BitrotAlgorithm::HighwayHash256S => State::Highway(Hasher::new()),
            BitrotAlgorithm::Blake2b512 => State::Blake2b512(Blake2b512::new()),
        })
    }
}

/// A digest in the making, by an algorithm known only from metadata.
#[derive(Clone, Debug)]
pub struct BitrotHasher(State);

#[derive(Clone, Debug)]
enum State {
    Sha256(Sha256),
    Highway(Hasher),
    Blake2b512(Blake2b512),
}

impl BitrotHasher {
    /// Adds bytes.
    pub fn update(&mut self, bytes: &[u8]) {
        match &mut self.0 {
            State::Sha256(hasher) => hasher.update(bytes),
            State::Highway(hasher) => hasher.update(bytes),
            State::Blake2b512(hasher) => hasher.update(bytes),
        }
    }

    /// The digest of all bytes added, [`BitrotAlgorithm::digest_len`] bytes long.
    pub fn finish(self) -> Vec<u8> {
        match self.0 {
            State::Sha256(hasher) => hasher.finalize().to_vec(),
            State::Highway(hasher) => hasher.finish().to_vec(),
            State::Blake2b512(hasher) => hasher.finalize().to_vec(),
        }
    }

    /// Whether `stored` is the digest of all bytes added.
    pub fn verify(self, stored: &[u8]) -> Result<(), BitrotMismatch> {
        BitrotMismatch::check(stored, &self.finish())
    }
}
