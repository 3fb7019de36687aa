use super::*;
use crate::request::ListedPart;
use ChecksumAlgorithm::{Crc32, Crc64Nvme, Sha256};
use ChecksumType::{Composite, FullObject};
use base::{MIB, Timestamp};
use format::object_meta_keys::user;
use std::collections::BTreeMap;

/// Parts of these sizes; part `n` is `n` as a byte, repeated.
fn recorded(sizes: &[u64], algorithm: Option<ChecksumAlgorithm>) -> Vec<UploadedPart> {
    let part = |(index, size): (usize, &u64)| {
        let body = body(index, *size);
        let checksums = algorithm.map(|algorithm| {
            let value = Checksum::of_body(algorithm, Hasher::once(algorithm, &body));
            (algorithm.name().to_owned(), value.base64())
        });
        UploadedPart {
            number: u32::try_from(index + 1).unwrap(),
            etag: hex::encode(md5::digest(&body)),
            size: *size,
            actual_size: *size,
            mod_time: Timestamp::ZERO,
            checksums: BTreeMap::from_iter(checksums),
        }
    };
    sizes.iter().enumerate().map(part).collect()
}

fn body(index: usize, size: u64) -> Vec<u8> {
    vec![u8::try_from(index).unwrap(); usize::try_from(size).unwrap()]
}

fn list(parts: &[UploadedPart]) -> Vec<ListedPart> {
    let checksums = |part: &UploadedPart| {
        let known = part.checksums.iter();
        known.map(|(name, value)| (ChecksumAlgorithm::from_name(name).unwrap(), value.clone())).collect()
    };
    parts
        .iter()
        .map(|part| ListedPart { number: part.number, etag: part.etag.clone(), checksums: checksums(part) })
        .collect()
}

fn upload(kind: Option<(ChecksumAlgorithm, ChecksumType)>) -> Metadata {
    let mut metadata = Metadata::default();
    if let Some((algorithm, kind)) = kind {
        metadata.user.insert(user::MULTIPART_CHECKSUM.to_owned(), algorithm.name().to_owned());
        metadata.user.insert(user::MULTIPART_CHECKSUM_TYPE.to_owned(), kind.name().to_owned());
    }
    metadata
}

fn sealed(sizes: &[u64], kind: Option<(ChecksumAlgorithm, ChecksumType)>) -> Whole {
    let parts = recorded(sizes, kind.map(|(algorithm, _)| algorithm));
    judge(&upload(kind), &parts, &list(&parts), &AnnouncedChecksum::None).unwrap()
}

fn checksum(whole: &Whole) -> Option<Checksum> {
    whole.checksum.clone()
}

#[test]
fn the_list_must_ascend_and_hold_parts() {
    let numbers = |numbers: &[u32]| -> Vec<ListedPart> {
        numbers.iter().map(|n| ListedPart { number: *n, etag: String::new(), checksums: vec![] }).collect()
    };
    assert!(check_list(&numbers(&[1, 3, 10_000])).is_ok());
    assert!(matches!(check_list(&[]), Err(ServiceError::NoParts)));
    assert!(matches!(check_list(&numbers(&[2, 1])), Err(ServiceError::InvalidPartOrder)));
    assert!(matches!(check_list(&numbers(&[1, 1])), Err(ServiceError::InvalidPartOrder)));
    assert!(matches!(check_list(&numbers(&[0])), Err(ServiceError::InvalidPart { number: 0 })));
    assert!(matches!(check_list(&numbers(&[10_001])), Err(ServiceError::InvalidPart { .. })));
}

#[test]
fn only_the_last_part_may_be_small() {
    let parts = recorded(&[5 * MIB, 1], None);
    assert!(judge(&upload(None), &parts, &list(&parts), &AnnouncedChecksum::None).is_ok());
    let parts = recorded(&[5 * MIB - 1, 1], None);
    let small = judge(&upload(None), &parts, &list(&parts), &AnnouncedChecksum::None);
    assert!(matches!(small, Err(ServiceError::EntityTooSmall { number: 1, minimum: MIN_PART_SIZE, .. })));
}

#[test]
fn etag_and_size_are_made_of_the_parts() {
    let whole = sealed(&[5 * MIB, 3], None);
    let mut md5s = Md5::new();
    md5s.update(&md5::digest(&body(0, 5 * MIB)));
    md5s.update(&md5::digest(&body(1, 3)));
    assert_eq!(whole.etag, format!("{}-2", hex::encode(md5s.finish())));
    assert_eq!(whole.size, 5_242_883);
    assert_eq!(checksum(&whole), None);
}

#[test]
fn a_full_object_checksum_is_that_of_the_bytes() {
    let whole = [body(0, 5 * MIB), body(1, 5 * MIB), body(2, 77)].concat();
    for algorithm in [Crc32, Crc64Nvme] {
        let stored = checksum(&sealed(&[5 * MIB, 5 * MIB, 77], Some((algorithm, FullObject)))).unwrap();
        assert_eq!(stored.value(), Hasher::once(algorithm, &whole), "{algorithm:?}");
        assert_eq!(stored.kind(), FullObject);
    }
    let crc64 = checksum(&sealed(&[1], Some((Crc64Nvme, FullObject)))).unwrap().to_blob();
    assert_eq!(crc64[..2], [0xc0, 0x03], "CRC64NVME carries no full-object flag");
}

#[test]
fn a_composite_checksum_is_that_of_the_parts_checksums() {
    let stored = checksum(&sealed(&[5 * MIB, 9], Some((Sha256, Composite)))).unwrap();
    let values = [Hasher::once(Sha256, &body(0, 5 * MIB)), Hasher::once(Sha256, &body(1, 9))].concat();
    assert_eq!(stored.value(), Hasher::once(Sha256, &values));
    assert!(stored.text().ends_with("-2"));
    assert_eq!(stored.part(1).unwrap().value(), Hasher::once(Sha256, &body(1, 9)));
}

#[test]
fn checksums_of_nothing_are_stored_only_when_composite() {
    assert_eq!(checksum(&sealed(&[0], Some((Crc32, FullObject)))), None);
    let composite = checksum(&sealed(&[0], Some((Crc32, Composite)))).unwrap();
    assert_eq!(hex::encode(composite.to_blob()), "c8012144df1c0100000000");
}

#[test]
fn the_clients_part_checksums_must_be_those_recorded() {
    let kind = Some((Crc32, Composite));
    let parts = recorded(&[1], Some(Crc32));
    let complete = |listed: &[ListedPart], kind| judge(&upload(kind), &parts, listed, &AnnouncedChecksum::None);
    let mut listed = list(&parts);
    assert!(complete(&listed, kind).is_ok());
    listed[0].checksums[0].1 = "AAAAAA==".to_owned();
    assert!(matches!(complete(&listed, kind), Err(ServiceError::InvalidPart { number: 1 })));
    assert!(matches!(complete(&listed, None), Err(ServiceError::InvalidPart { number: 1 })));
    listed[0].checksums.clear();
    assert!(matches!(complete(&listed, kind), Err(ServiceError::InvalidPart { number: 1 })));
    assert!(complete(&listed, Some((Crc32, FullObject))).is_ok());
    assert!(complete(&listed, None).is_ok());
}

#[test]
fn the_announced_checksum_of_the_whole_must_hold() {
    let kind = Some((Crc32, Composite));
    let parts = recorded(&[1], Some(Crc32));
    let right = checksum(&sealed(&[1], kind)).unwrap();
    let complete =
        |announced: Checksum, kind| judge(&upload(kind), &parts, &list(&parts), &AnnouncedChecksum::Value(announced));
    let value = || Checksum::of_body(Crc32, right.value().to_vec());
    assert!(complete(value(), kind).is_ok());
    assert!(complete(value().with_parts(1, None), kind).is_ok());
    assert!(matches!(complete(value().with_parts(2, None), kind), Err(ServiceError::ChecksumMismatch { .. })));
    let wrong = Checksum::of_body(Crc32, vec![0; 4]);
    assert!(matches!(complete(wrong, kind), Err(ServiceError::ChecksumMismatch { .. })));
    assert!(matches!(complete(value().with_full_object(true), kind), Err(ServiceError::InvalidArgument { .. })));
    let other = Checksum::of_body(Sha256, vec![0; 32]);
    assert!(matches!(complete(other, kind), Err(ServiceError::InvalidArgument { .. })));
    let whole = Checksum::of_body(Crc32, Hasher::once(Crc32, &body(0, 1)));
    assert!(complete(whole.clone(), Some((Crc32, FullObject))).is_ok());
    assert!(complete(whole.with_full_object(true), Some((Crc32, FullObject))).is_ok());
}
