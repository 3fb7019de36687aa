use super::*;
use proptest::prelude::*;

const LOCK: &[u8] = include_bytes!("../../tests/golden/lock.metadata.bin");
const NOTIFICATION: &[u8] = include_bytes!("../../tests/golden/notification.metadata.bin");

#[test]
fn metadata_of_minio_comes_back_byte_for_byte() {
    for content in [LOCK, NOTIFICATION] {
        assert_eq!(BucketMetadata::parse(&Bytes::from_static(content)).unwrap().encode(), content);
    }
}

#[test]
fn fields_are_read() {
    let metadata = BucketMetadata::parse(&Bytes::from_static(LOCK)).unwrap();
    assert_eq!(metadata.name, "lark-hold29");
    assert!(!metadata.created.is_zero() && !metadata.lock_enabled);
    assert!(
        metadata.object_lock_xml.ends_with(b"<Years>30</Years></DefaultRetention></Rule></ObjectLockConfiguration>")
    );
    assert_eq!(metadata.versioning_xml, VERSIONING_ENABLED);
    assert!(metadata.policy_json.is_empty() && metadata.quota_json.is_empty());
    assert!(metadata.object_lock_updated > metadata.created);
    // A rule was added, so this is no longer what creation stored.
    assert!(!metadata.lock_forces_versioning());
    let notification = BucketMetadata::parse(&Bytes::from_static(NOTIFICATION)).unwrap();
    assert!(notification.notification_xml.starts_with(b"<NotificationConfiguration xmlns="));
}

#[test]
fn new_metadata_has_all_keys_and_zero_times() {
    let created = Timestamp::from_secs(1_795_421_738);
    let metadata = BucketMetadata::new("abc", created, false);
    let content = metadata.encode();
    assert_eq!(&content[..7], [1, 0, 1, 0, 0xde, 0, 25]);
    // What MinIO stores for a new bucket without configuration.
    assert_eq!(content.len(), 750);
    let mut loaded = BucketMetadata::parse(&content.into()).unwrap();
    assert_eq!(loaded, metadata);
    loaded.fill_unset_times();
    assert_eq!((loaded.policy_updated, loaded.targets_meta_updated), (created, created));
    assert!(BucketMetadata::new("abc", created, true).lock_forces_versioning());
}

#[test]
fn other_formats_are_refused() {
    let parse = |content: &[u8]| BucketMetadata::parse(&Bytes::copy_from_slice(content));
    assert_eq!(parse(b""), Err(RecordError::Empty));
    assert_eq!(parse(&[1, 0, 2, 0, 0x80]), Err(RecordError::Unsupported { format: 1, version: 2 }));
    assert_eq!(parse(&[2, 0, 1, 0, 0x80]), Err(RecordError::Unsupported { format: 2, version: 1 }));
    assert!(matches!(parse(&[1, 0, 1, 0]), Err(RecordError::Corrupt(_))));
}

#[test]
fn unknown_fields_are_written_back() {
    let content = Bytes::from(hex::decode("0100010082a44e616d65a3616263a36e6577c3").unwrap());
    let metadata = BucketMetadata::parse(&content).unwrap();
    assert_eq!((metadata.name.as_str(), metadata.unknown.count()), ("abc", 1));
    assert_eq!(BucketMetadata::parse(&metadata.encode().into()), Ok(metadata));
}

proptest! {
    #[test]
    fn any_bytes_are_metadata_or_an_error(at in 0..LOCK.len(), byte: u8, cut in 0..=LOCK.len()) {
        let mut content = LOCK.to_vec();
        content[at] = byte;
        content.truncate(cut);
        if let Ok(metadata) = BucketMetadata::parse(&content.into()) {
            prop_assert_eq!(BucketMetadata::parse(&metadata.encode().into()), Ok(metadata));
        }
    }
}
