use super::*;
use std::collections::HashMap;

fn announce(
    fields: &[(&'static str, &'static str)],
    trailer_names: &[&str],
) -> Result<AnnouncedChecksum, ServiceError> {
    let fields: HashMap<_, _> = fields.iter().copied().collect();
    let trailers: Trailers = Arc::new(|name| (name == "x-amz-checksum-crc32").then(|| "DUoRhQ==".to_owned()));
    AnnouncedChecksum::from_fields(|name| fields.get(name).copied(), trailer_names, Some(trailers))
}

fn resolved(fields: &[(&'static str, &'static str)], trailer_names: &[&str]) -> Option<Checksum> {
    announce(fields, trailer_names).unwrap().resolve().unwrap()
}

fn blob(fields: &[(&'static str, &'static str)], trailer_names: &[&str]) -> String {
    hex::encode(resolved(fields, trailer_names).unwrap().to_blob())
}

const CRC32: (&str, &str) = ("x-amz-checksum-crc32", "DUoRhQ==");
const FULL: (&str, &str) = ("x-amz-checksum-type", "FULL_OBJECT");

#[test]
fn what_is_announced_is_stored_as_minio_stores_it() {
    assert_eq!(blob(&[CRC32], &[]), "080d4a1185");
    assert_eq!(blob(&[], &["x-amz-checksum-crc32"]), "090d4a1185");
    assert_eq!(blob(&[CRC32, FULL], &[]), "88040d4a1185");
    assert_eq!(blob(&[("x-amz-checksum-crc32", "DUoRhQ==-2")], &[]), "480d4a118502");
    assert_eq!(
        blob(&[("x-amz-checksum-crc64nvme", "jSnVw/bqjr4="), FULL], &[]),
        "8006".to_owned() + "8d29d5c3f6ea8ebe"
    );
}

#[test]
fn nothing_announced_is_no_checksum() {
    assert_eq!(resolved(&[], &[]), None);
    assert_eq!(resolved(&[], &["x-amz-meta-other"]), None);
    assert_eq!(resolved(&[("x-amz-sdk-checksum-algorithm", "CRC32")], &[]), None);
}

#[test]
fn the_algorithm_field_selects_and_silences_the_others() {
    assert_eq!(blob(&[("x-amz-checksum-algorithm", "crc32"), CRC32], &[]), "080d4a1185");
    assert_eq!(resolved(&[("x-amz-checksum-algorithm", "SHA256"), CRC32], &[]), None);
}

#[test]
fn a_trailer_wins_over_a_value_before_the_body() {
    let other = ("x-amz-checksum-crc32", "AAAAAA==");
    assert_eq!(blob(&[other], &["X-Amz-Checksum-Crc32"]), "090d4a1185");
}

#[test]
fn a_value_that_can_not_be_the_body_s_is_a_mismatch() {
    for value in ["", "DUoRhQ", "DUoRhYU=", "DUoRhQ==-x"] {
        let fields = |name: &str| (name == "x-amz-checksum-crc32").then_some(value);
        let result = AnnouncedChecksum::from_fields(fields, &[], None);
        assert!(matches!(result, Err(ServiceError::ChecksumMismatch { .. })), "{value}: {result:?}");
    }
}

#[test]
fn contradictions_are_invalid() {
    type Case = (&'static [(&'static str, &'static str)], &'static [&'static str]);
    let cases: &[Case] = &[
        (&[CRC32, ("x-amz-checksum-sha1", "Kq5sNclPz7QV2+lfQIuc6R7oRu0=")], &[]),
        (&[], &["x-amz-checksum-crc32", "x-amz-checksum-sha1"]),
        (&[("x-amz-checksum-algorithm", "MD4"), CRC32], &[]),
        (&[("x-amz-checksum-type", "HALF"), CRC32], &[]),
        (&[FULL], &["x-amz-checksum-sha256"]),
        (&[("x-amz-checksum-sha1", "Kq5sNclPz7QV2+lfQIuc6R7oRu0="), FULL], &[]),
    ];
    for (fields, trailers) in cases {
        let fields: HashMap<_, _> = fields.iter().copied().collect();
        let nothing: Trailers = Arc::new(|_| None);
        let result = AnnouncedChecksum::from_fields(|name| fields.get(name).copied(), trailers, Some(nothing));
        assert!(matches!(result, Err(ServiceError::InvalidChecksum { .. })), "{fields:?} {trailers:?}: {result:?}");
    }
}

#[test]
fn a_missing_or_unreadable_trailer_fails_the_body() {
    let missing = announce(&[], &["x-amz-checksum-sha256"]).unwrap();
    assert!(matches!(missing.resolve(), Err(ServiceError::MissingTrailer { name }) if name == "x-amz-checksum-sha256"));
    let garbage: Trailers = Arc::new(|_| Some("??".to_owned()));
    let unreadable =
        AnnouncedChecksum::from_fields(|_| None::<&str>, &["x-amz-checksum-crc32"], Some(garbage)).unwrap();
    assert!(matches!(unreadable.resolve(), Err(ServiceError::ChecksumMismatch { .. })));
}
