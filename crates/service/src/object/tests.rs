use super::*;
use crate::RetentionMode;
use bytes::Bytes;

fn object(user: &[(&str, &str)], system: &[(&str, &str)], size: u64) -> Object {
    let user = user.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let system = system.iter().map(|(name, value)| ((*name).to_owned(), Bytes::from((*value).to_owned()))).collect();
    Object::new(ObjectInfo {
        bucket: "b".into(),
        key: "k".to_owned(),
        version_id: VersionId::Null,
        is_latest: true,
        delete_marker: false,
        mod_time: Timestamp::ZERO,
        size,
        parts: vec![PartInfo { number: 1, size, actual_size: 100, index: Bytes::new() }],
        metadata: Metadata { user, system },
        data_shards: 2,
        parity_shards: 2,
        version_count: 1,
    })
}

#[test]
fn metadata_is_shown_without_what_is_internal() {
    let object = object(
        &[
            ("etag", "abc-2"),
            ("content-type", "text/plain"),
            ("X-Amz-Meta-Color", "blue"),
            ("x-minio-meta-old", "1"),
            ("X-Amz-Tagging", "a=1&b=2"),
            ("x-amz-storage-class", "STANDARD"),
        ],
        &[],
        7,
    );
    assert_eq!(object.etag(), "abc-2");
    assert!(object.is_multipart());
    assert_eq!(object.header("content-type"), Some("text/plain"));
    assert_eq!(object.user_metadata().collect::<Vec<_>>(), [("X-Amz-Meta-Color", "blue"), ("x-minio-meta-old", "1")]);
    assert_eq!(object.tags().len(), 2);
    assert_eq!(object.storage_class(), "STANDARD");
    assert!(object.metadata().all(|(name, _)| name != "etag" && name != "x-amz-storage-class"));
    assert_eq!(object.size(), 7);
}

#[test]
fn names_are_found_in_any_casing_and_old_etags_too() {
    let old = object(&[("md5Sum", "old"), ("Content-Type", "x/y"), ("x-amz-tagging", "a=1")], &[], 1);
    assert_eq!(old.etag(), "old");
    assert_eq!(old.header("content-type"), Some("x/y"));
    assert_eq!(old.tags().len(), 1);
}

#[test]
fn sizes_are_those_that_the_client_sent() {
    let compressed = ("X-Minio-Internal-compression", "klauspost/compress/s2");
    assert_eq!(object(&[], &[compressed], 70).size(), 100);
    assert_eq!(object(&[], &[compressed, ("X-Minio-Internal-actual-size", "55")], 70).size(), 55);
    assert_eq!(object(&[], &[("X-Minio-Internal-Server-Side-Encryption-S3-Sealed-Key", "x")], 75).size(), 43);
    assert_eq!(object(&[], &[("x-minio-internal-inline-data", "true")], 70).size(), 70);
}

#[test]
fn what_is_stored_in_an_unknown_way_is_never_given_as_it_is() {
    let layout = |system: &[(&str, &str)], size| object(&[], system, size).layout(None);
    assert!(matches!(layout(&[("x-minio-internal-inline-data", "true")], 70), Ok(None)));
    let tiered = layout(&[("x-minio-internal-transition-status", "complete")], 70);
    assert!(matches!(tiered, Err(ServiceError::NotImplemented { .. })));
    let compression = "X-Minio-Internal-compression";
    let size = "X-Minio-Internal-actual-size";
    for system in [
        &[(compression, "zlib")][..],
        &[(compression, "klauspost/compress/s2"), (size, "many")],
        &[(compression, "klauspost/compress/s2"), (size, "0")],
    ] {
        assert!(matches!(layout(system, 70), Err(ServiceError::Decompression { .. })), "{system:?}");
    }
    let iv = ("X-Minio-Internal-Server-Side-Encryption-Iv", "x");
    assert!(matches!(layout(&[iv], 20), Err(ServiceError::ObjectTampered { .. })), "no stream has 20 bytes");
    assert!(matches!(layout(&[iv, (size, "5")], 75), Err(ServiceError::ObjectTampered { .. })));
    assert!(matches!(layout(&[iv], 75), Ok(Some(_))));
}

#[test]
fn etags_of_clients_keys_are_the_end_of_the_sealed_ones() {
    let sealed = format!("20000f00{}{}", "1".repeat(56), "ab".repeat(16));
    let show = |kind: &str| {
        let name = format!("X-Minio-Internal-Server-Side-Encryption-{kind}");
        object(&[("etag", &sealed)], &[(&name, "x")], 75).etag().to_owned()
    };
    assert_eq!((show("Sealed-Key"), show("Kms-Sealed-Key")), ("ab".repeat(16), "ab".repeat(16)));
    assert_eq!(show("S3-Sealed-Key"), sealed);
}

#[test]
fn checksums_and_lock_settings_are_read() {
    let mut plain = object(
        &[
            ("x-amz-object-lock-mode", "COMPLIANCE"),
            ("x-amz-object-lock-retain-until-date", "2049-12-31T00:00:00.000Z"),
            ("x-amz-object-lock-legal-hold", "OFF"),
        ],
        &[],
        1,
    );
    assert_eq!(plain.retention().unwrap().mode, RetentionMode::Compliance);
    assert_eq!(plain.legal_hold(), Some(false));
    assert_eq!(plain.checksum(), None);
    let blob = Bytes::from_static(&[0x08, 0x0d, 0x4a, 0x11, 0x85]);
    plain.info.metadata.system.insert("x-minio-internal-crc".to_owned(), blob);
    assert_eq!(plain.checksum().unwrap().text(), "DUoRhQ==");
    plain.info.metadata.system.insert(sys::SSE_IV.to_owned(), Bytes::new());
    assert_eq!(plain.checksum(), None, "the blob of an encrypted object is encrypted");
}
