//! The signature of a version: a hash that is equal on all drives that hold the same version (section 4.3).

use super::Version;
use crate::msgpack::Writer;
use xxhash_rust::{xxh3::xxh3_64, xxh64::xxh64};

/// The signature of a version. What differs between drives, or has no fixed order, is left out of the hashed
/// encoding; the metadata maps are hashed pair by pair so that their order doesn't matter.
pub(super) fn of(version: &Version) -> [u8; 4] {
    let mut writer = Writer::with_capacity(256);
    let maps = match version {
        Version::Object(object) => {
            object.write_signed(&mut writer);
            let user = object.meta_user_bytes();
            let system = object.meta_sys.iter().map(|(key, value)| (key.as_str(), &value[..]));
            hash_map(USER_SEED, user) ^ hash_map(SYSTEM_SEED, system)
        }
        Version::DeleteMarker(marker) => {
            marker.write_signed(&mut writer);
            hash_map(SYSTEM_SEED, marker.meta_sys.iter().map(|(key, value)| (key.as_str(), &value[..])))
        }
        Version::Legacy(legacy) => {
            legacy.write_signed(&mut writer);
            hash_map(USER_SEED, legacy.meta.iter().map(|(key, value)| (key.as_str(), value.as_bytes())))
        }
    };
    fold(maps ^ xxh64(&writer.finish(), 0))
}

const USER_SEED: u64 = 0xc2b4_0bba_c11a_7295;
const SYSTEM_SEED: u64 = 0x1bbc_7e1d_de65_4743;
const KEY_MASK: u64 = 0x4ee3_bbaf_7ab2_506b;
const VALUE_MASK: u64 = 0x8da4_c8da_6619_4257;

fn hash_map<'a>(seed: u64, pairs: impl Iterator<Item = (&'a str, &'a [u8])>) -> u64 {
    pairs.fold(seed, |hash, (key, value)| {
        let key = xxh3_64(key.as_bytes()) ^ KEY_MASK;
        let value = xxh3_64(value) ^ VALUE_MASK;
        hash ^ key.wrapping_add(value)
    })
}

/// The low half of the hash mixed with the high half, little-endian.
fn fold(hash: u64) -> [u8; 4] {
    let [a, b, c, d, ..] = (hash ^ (hash >> 32)).to_le_bytes();
    [a, b, c, d]
}
