//! The checksums of an object as its metadata keeps them, under [`crate::object_meta_keys::sys::CHECKSUM`]
//! (section 6.1). For encrypted objects the blob is encrypted: decrypt it first.

mod algorithm;

pub use algorithm::ChecksumAlgorithm;

const TRAILING: u64 = 1;
const MULTIPART: u64 = 64;
const INCLUDES_PARTS: u64 = 128;
const FULL_OBJECT: u64 = 512;

/// The checksum of one object.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct StoredChecksum {
    pub algorithm: ChecksumAlgorithm,
    /// The value arrived in a trailer; means nothing to readers.
    pub trailing: bool,
    /// The value covers the object's bytes, not the checksums of its parts.
    pub full_object: bool,
    /// The raw checksum, `algorithm.size()` bytes.
    pub value: Vec<u8>,
    /// Set for multipart objects.
    pub parts: Option<PartChecksums>,
}

/// What a multipart object's checksum knows of its parts.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartChecksums {
    /// How many parts the value was made of; may be 0 when that is not known.
    pub count: u64,
    /// The raw checksums of all parts in order; `None` if they were not kept.
    pub values: Option<Vec<Vec<u8>>>,
}

impl StoredChecksum {
    /// Reads all checksums of a blob, in practice one. What is inconsistent ends the reading silently: an
    /// object with a damaged checksum is still an object.
    pub fn parse_all(mut blob: &[u8]) -> Vec<StoredChecksum> {
        std::iter::from_fn(|| Self::read(&mut blob)).collect()
    }

    /// The blob of this checksum alone.
    pub fn encode(&self) -> Vec<u8> {
        let flag = |set: bool, bit: u64| if set { bit } else { 0 };
        let part_values = self.parts.as_ref().and_then(|parts| parts.values.as_ref());
        let bits = self.algorithm.bit()
            | flag(self.trailing, TRAILING)
            | flag(self.full_object, FULL_OBJECT)
            | flag(self.parts.is_some(), MULTIPART)
            | flag(part_values.is_some(), INCLUDES_PARTS);
        let mut out = Vec::new();
        put_uvarint(&mut out, bits);
        out.extend_from_slice(&self.value);
        if let Some(parts) = &self.parts {
            put_uvarint(&mut out, parts.count);
            out.extend(part_values.into_iter().flatten().flatten());
        }
        out
    }

    fn read(rest: &mut &[u8]) -> Option<StoredChecksum> {
        let bits = take_uvarint(rest)?;
        let mut algorithms = ChecksumAlgorithm::ALL.into_iter().filter(|algorithm| bits & algorithm.bit() != 0);
        let (Some(algorithm), None) = (algorithms.next(), algorithms.next()) else {
            return None;
        };
        let value = take(rest, algorithm.size())?.to_vec();
        let parts = if bits & MULTIPART != 0 {
            let count = take_uvarint(rest)?;
            let values = if bits & INCLUDES_PARTS != 0 { take_parts(rest, algorithm, count) } else { None };
            Some(PartChecksums { count, values })
        } else {
            None
        };
        Some(StoredChecksum {
            algorithm,
            trailing: bits & TRAILING != 0,
            full_object: bits & FULL_OBJECT != 0,
            value,
            parts,
        })
    }
}

/// The checksums of `count` parts; `None`, and nothing more to read, if they are not all there.
fn take_parts(rest: &mut &[u8], algorithm: ChecksumAlgorithm, count: u64) -> Option<Vec<Vec<u8>>> {
    let size = usize::try_from(count).ok().and_then(|count| count.checked_mul(algorithm.size()));
    let values = size.and_then(|size| take(rest, size));
    if values.is_none() {
        *rest = &[];
    }
    values.map(|values| values.chunks(algorithm.size()).map(<[u8]>::to_vec).collect())
}

fn take<'a>(rest: &mut &'a [u8], length: usize) -> Option<&'a [u8]> {
    let (taken, left) = rest.split_at_checked(length)?;
    *rest = left;
    Some(taken)
}

/// A number in groups of seven bits, the lowest first.
fn take_uvarint(rest: &mut &[u8]) -> Option<u64> {
    let mut value: u64 = 0;
    for shift in (0..u64::BITS).step_by(7) {
        let byte = *take(rest, 1)?.first()?;
        let group = u64::from(byte & 0x7f);
        value |= group.checked_shl(shift).filter(|shifted| shifted >> shift == group)?;
        if byte & 0x80 == 0 {
            return Some(value);
        }
    }
    None
}

fn put_uvarint(out: &mut Vec<u8>, mut value: u64) {
    while value >= 0x80 {
        out.push(u8::try_from(value & 0x7f).expect("seven bits") | 0x80);
        value >>= 7;
    }
    out.push(u8::try_from(value).expect("seven bits"));
}

#[cfg(test)]
mod tests;
