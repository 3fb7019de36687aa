//! Making an object of parts: what the list of them must be, and the etag and checksum of the whole.

#[cfg(test)]
mod tests;

use super::checksum_of;
use crate::checksum::{Checksum, ChecksumAlgorithm, ChecksumType, Hasher, combine, decode};
use crate::limits::{MAX_PART_NUMBER, MIN_PART_SIZE};
use crate::request::ListedPart;
use crate::{AnnouncedChecksum, ServiceError};
use md5::Md5;
use store::{Metadata, UploadedPart};

/// The list alone: there are parts, and each number is greater than the one before (a part listed twice would
/// double its bytes).
pub(super) fn check_list(parts: &[ListedPart]) -> Result<(), ServiceError> {
    if parts.is_empty() {
        return Err(ServiceError::NoParts);
    }
    if let Some(part) = parts.iter().find(|part| !(1..=MAX_PART_NUMBER).contains(&part.number)) {
        return Err(ServiceError::InvalidPart { number: part.number });
    }
    if parts.windows(2).all(|pair| pair[0].number < pair[1].number) {
        Ok(())
    } else {
        Err(ServiceError::InvalidPartOrder)
    }
}

/// What parts make together.
#[derive(Debug)]
pub(super) struct Whole {
    pub etag: String,
    pub checksum: Option<Checksum>,
    /// Bytes as the client sent them.
    pub size: u64,
}

/// The recorded parts (in the order of the list) against what the client says of them; gives what the object gets.
pub(super) fn judge(
    upload: &Metadata,
    parts: &[UploadedPart],
    listed: &[ListedPart],
    announced: &AnnouncedChecksum,
) -> Result<Whole, ServiceError> {
    let before_last = &parts[..parts.len().saturating_sub(1)];
    if let Some(small) = before_last.iter().find(|part| part.actual_size < MIN_PART_SIZE) {
        return Err(ServiceError::EntityTooSmall {
            number: small.number,
            etag: small.etag.clone(),
            size: small.actual_size,
            minimum: MIN_PART_SIZE,
        });
    }
    let kind = checksum_of(upload);
    check_part_checksums(parts, listed, kind)?;
    let checksum = match kind {
        None => None,
        Some((algorithm, kind)) => whole_checksum(parts, algorithm, kind)?,
    };
    check_announced(announced, kind, checksum.as_ref())?;
    let size = parts.iter().map(|part| part.actual_size).sum();
    Ok(Whole { etag: whole_etag(listed), checksum, size })
}

/// What the client lists must be what was recorded; for composite checksums it must list them.
fn check_part_checksums(
    parts: &[UploadedPart],
    listed: &[ListedPart],
    kind: Option<(ChecksumAlgorithm, ChecksumType)>,
) -> Result<(), ServiceError> {
    for (part, listed) in parts.iter().zip(listed) {
        let wrong = listed.checksums.iter().any(|(algorithm, value)| {
            let recorded = part.checksums.get(algorithm.name());
            recorded.is_some_and(|recorded| recorded != value) || (recorded.is_none() && kind.is_some())
        });
        let required = match kind {
            Some((algorithm, ChecksumType::Composite)) => Some(algorithm),
            _ => None,
        };
        let missing =
            required.is_some_and(|required| !listed.checksums.iter().any(|(algorithm, _)| *algorithm == required));
        if wrong || missing {
            return Err(ServiceError::InvalidPart { number: part.number });
        }
    }
    Ok(())
}

/// The checksum of the whole. None for a full-object checksum of no bytes at all.
fn whole_checksum(
    parts: &[UploadedPart],
    algorithm: ChecksumAlgorithm,
    kind: ChecksumType,
) -> Result<Option<Checksum>, ServiceError> {
    let values: Result<Vec<Vec<u8>>, ServiceError> = parts
        .iter()
        .map(|part| {
            let value = part.checksums.get(algorithm.name()).and_then(|value| decode(algorithm, value));
            value.ok_or(ServiceError::InvalidPart { number: part.number })
        })
        .collect();
    let values = values?;
    let count = u64::try_from(values.len()).unwrap_or(u64::MAX);
    let value = match kind {
        ChecksumType::Composite => Some(Hasher::once(algorithm, &values.concat())),
        ChecksumType::FullObject => {
            let with_bytes = parts.iter().zip(&values).filter(|(part, _)| part.actual_size > 0);
            with_bytes.fold(None, |whole: Option<Vec<u8>>, (part, value)| match whole {
                None => Some(value.clone()),
                Some(whole) => combine(algorithm, &whole, value, part.actual_size),
            })
        }
    };
    // CRC64NVME needs no flag: it is always of the whole.
    let flagged = kind == ChecksumType::FullObject && algorithm != ChecksumAlgorithm::Crc64Nvme;
    Ok(value.map(|value| Checksum::of_body(algorithm, value).with_parts(count, Some(values)).with_full_object(flagged)))
}

/// The whole's checksum as the client announced it.
fn check_announced(
    announced: &AnnouncedChecksum,
    kind: Option<(ChecksumAlgorithm, ChecksumType)>,
    computed: Option<&Checksum>,
) -> Result<(), ServiceError> {
    let Some(announced) = announced.resolve()? else { return Ok(()) };
    // Without a checksum from its beginning the upload has nothing to compare with.
    let Some((algorithm, kind)) = kind else { return Ok(()) };
    let asked_full = announced.asked_full_object();
    if announced.algorithm() != algorithm || (asked_full && kind == ChecksumType::Composite) {
        let got = if asked_full { ChecksumType::FullObject } else { announced.kind() };
        let reason = format!(
            "checksum type mismatch. got \"{}\" ({}) expected \"{}\" ({})",
            announced.algorithm().name(),
            got.name(),
            algorithm.name(),
            kind.name()
        );
        return Err(ServiceError::InvalidArgument { reason });
    }
    let Some(computed) = computed else { return Ok(()) };
    let same_count = match (kind, announced.part_count()) {
        (_, None) => true,
        (ChecksumType::Composite, count) => count == computed.part_count(),
        (ChecksumType::FullObject, Some(_)) => false,
    };
    if announced.value() == computed.value() && same_count {
        Ok(())
    } else {
        Err(ServiceError::ChecksumMismatch { algorithm })
    }
}

/// The MD5 of the parts' MD5s as clients know them, and their number. Parts with other etags are left out of the MD5, as MinIO does.
pub(super) fn whole_etag(parts: &[ListedPart]) -> String {
    let mut hash = Md5::new();
    for part in parts {
        if let Some(md5) = hex::decode(&part.etag).ok().filter(|md5| md5.len() == 16) {
            hash.update(&md5);
        }
    }
    format!("{}-{}", hex::encode(hash.finish()), parts.len())
}
