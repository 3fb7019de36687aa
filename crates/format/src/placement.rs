//! Where an object goes: its erasure set, the order of its shards in the set, how many of them are parity
//! (section 3). A wrong answer here loses objects, so all of it is pinned by vectors.

use crate::drive_format::DistributionAlgorithm;
use siphasher::sip::SipHasher24;
use std::hash::Hasher;
use uuid::Uuid;

/// The most drives that a set may have.
pub const MAX_SET_DRIVES: usize = 16;

/// The set of an object: from its encoded name alone, without the bucket. `sets` must not be 0.
pub fn set_index(algorithm: DistributionAlgorithm, deployment_id: Uuid, object: &str, sets: usize) -> usize {
    let sets = u64::try_from(sets).unwrap_or(u64::MAX);
    let hash = match algorithm {
        DistributionAlgorithm::CrcMod => crc32fast::hash(object.as_bytes()).into(),
        DistributionAlgorithm::SipMod | DistributionAlgorithm::SipModParity => {
            let mut hasher = SipHasher24::new_with_key(deployment_id.as_bytes());
            hasher.write(object.as_bytes());
            hasher.finish()
        }
    };
    usize::try_from(hash % sets).expect("the remainder is below a usize")
}

/// The shard number, from 1, of each drive of a set for an object written now: a rotation that depends on
/// bucket and encoded name. Readers use the order stored with the object instead. A set of `drives` drives has
/// at most 255.
pub fn shard_order(bucket: &str, object: &str, drives: usize) -> Vec<u8> {
    let count = u8::try_from(drives).expect("sets are small");
    let mut hasher = crc32fast::Hasher::new();
    [bucket, "/", object].iter().for_each(|piece| hasher.update(piece.as_bytes()));
    let mut order: Vec<u8> = (1..=count).collect();
    if count > 0 {
        let start = hasher.finalize() % u32::from(count);
        let first = usize::try_from(start).expect("below 256") + 1;
        order.rotate_left(first % drives);
    }
    order
}

/// How many parity shards an object of class STANDARD has when nothing else is configured.
pub fn default_parity(set_drives: usize) -> u8 {
    match set_drives {
        0 | 1 => 0,
        2 | 3 => 1,
        4 | 5 => 2,
        6 | 7 => 3,
        _ => 4,
    }
}

/// How many parity shards an object of class REDUCED_REDUNDANCY has when nothing else is configured.
pub fn default_reduced_parity(set_drives: usize) -> u8 {
    u8::from(set_drives > 1)
}

/// The most parity shards a set allows, and what the server's own objects have: half the drives, rounded down.
pub fn max_parity(set_drives: usize) -> u8 {
    u8::try_from(set_drives / 2).unwrap_or(u8::MAX)
}

/// A configured storage class: how many of an object's shards are parity.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct StorageClass {
    /// Parity shards.
    pub parity: u8,
}

/// Why a storage class can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum StorageClassError {
    /// Not `EC:` and a number.
    #[error("storage class {0:?} is not of the form EC:parity")]
    Form(String),
    /// More parity than half the drives of a set.
    #[error("storage class EC:{parity} needs sets of at least {} drives, these have {set_drives}", 2 * u32::from(*parity))]
    TooMuchParity {
        /// What was asked for.
        parity: u8,
        /// Drives in a set.
        set_drives: usize,
    },
    /// The reduced class has more parity than the standard one.
    #[error("class REDUCED_REDUNDANCY has more parity (EC:{reduced}) than STANDARD (EC:{standard})")]
    ReducedAboveStandard {
        /// Parity of STANDARD.
        standard: u8,
        /// Parity of REDUCED_REDUNDANCY.
        reduced: u8,
    },
}

impl StorageClass {
    /// Reads `EC:n`.
    pub fn parse(text: &str) -> Result<StorageClass, StorageClassError> {
        let digits = text.strip_prefix("EC:").filter(|digits| digits.bytes().all(|byte| byte.is_ascii_digit()));
        let parity = digits.and_then(|digits| digits.parse().ok());
        parity.map(|parity| StorageClass { parity }).ok_or_else(|| StorageClassError::Form(text.to_owned()))
    }

    /// Checks both classes against a set: parity at most half the drives (sets of one or two are not
    /// checked), and the reduced class not above the standard one when both have parity.
    pub fn check(standard: u8, reduced: u8, set_drives: usize) -> Result<(), StorageClassError> {
        for parity in [standard, reduced] {
            if set_drives > 2 && parity > max_parity(set_drives) {
                return Err(StorageClassError::TooMuchParity { parity, set_drives });
            }
        }
        if standard > 0 && reduced > standard {
            return Err(StorageClassError::ReducedAboveStandard { standard, reduced });
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests;
