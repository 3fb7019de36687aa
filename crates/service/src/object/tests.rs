use super::*;
use crate::RetentionMode;
use bytes::Bytes;

fn object(user: &[(&str, &str)], system: &[(&str, &str)], size: u64) -> Object {
    let user = user.iter().map(|(name, value)| ((*name).to_owned(), (*value).to_owned())).collect();
    let system = system.iter().map(|(name, value)| ((*name).to_owned(), Bytes::from((*value).to_owned()))).collect();
    Object::new(ObjectInfo {
        bucket: "b".to_owned(),
        key: "k".to_owned(),
        version_id: VersionId::Null,
        is_latest: true,
        delete_marker: false,
        mod_time: Timestamp::ZERO,
        size,
        parts: vec![PartInfo { number: 1, size, actual_size: 100 }],
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
fn transformed_objects_show_the_clients_size_and_cant_be_read() {
    let cases = [
        ("X-Minio-Internal-compression", "compressed"),
        ("X-Minio-Internal-Server-Side-Encryption-S3-Sealed-Key", "encrypted"),
        ("x-minio-internal-server-side-encryption-iv", "encrypted"),
        ("x-minio-internal-transition-status", "tiers"),
    ];
    for (key, what) in cases {
        let object = object(&[], &[(key, "x")], 70);
        assert_eq!(object.size(), 100, "{key}");
        match object.check_readable() {
            Err(ServiceError::NotImplemented { detail }) => assert!(detail.contains(what), "{key}: {detail}"),
            other => panic!("{key}: {other:?}"),
        }
    }
    assert!(object(&[], &[("x-minio-internal-inline-data", "true")], 70).check_readable().is_ok());
    assert_eq!(object(&[], &[("X-Minio-Internal-actual-size", "55")], 70).size(), 55);
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
