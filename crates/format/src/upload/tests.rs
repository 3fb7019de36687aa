use super::*;
use crate::object_meta_keys::sys;
use proptest::prelude::*;

const RECORD: &[u8] = include_bytes!("../../tests/golden/upload-record.xl.meta");
const DEPLOYMENT: Uuid = uuid::uuid!("d6b53da6-3143-407c-b42c-d1a9ad49ed52");
/// The upload that the record belongs to, as MinIO named it.
const UPLOAD_ID: &str = "ZDZiNTNkYTYtMzE0My00MDdjLWI0MmMtZDFhOWFkNDllZDUyLjZhZWNmMDM1LTE3NzItNDIwNy05ZDcyLWE5ZTYyM2VkNzA1ZngxNzk1NDIxODE2MjI0MTQ1MzM1";

#[test]
fn uploads_of_an_object_are_found_by_the_hash_of_its_name() {
    let dir = |bucket, key| object_dir(&BucketName::new(bucket).unwrap(), &ObjectName::from_key(key).unwrap());
    assert_eq!(dir("plain", "mp/obj.bin"), "e0a374131d47e64bfdd1487b93e8ce9e64f8d9ba163e959ba09b37b2a571d97a");
    assert_eq!(dir("echo-box30", "up/crc64"), "380faa3c3392a9c9692f30f7969857ec3e534a9c5d604bb3ecf47e9f97d46983");
}

#[test]
fn upload_ids_are_those_of_minio() {
    let started = Timestamp::from_nanos(1_795_421_816_224_145_335);
    let dir = UploadDir::new(uuid::uuid!("6aecf035-1772-4207-9d72-a9e623ed705f"), started);
    assert_eq!(dir.as_str(), "6aecf035-1772-4207-9d72-a9e623ed705fx1795421816224145335");
    assert_eq!(dir.upload_id(DEPLOYMENT), UPLOAD_ID);
    assert_eq!(UploadDir::from_upload_id(UPLOAD_ID), Ok(dir.clone()));
    assert_eq!(dir.started(), Some(started));
}

#[test]
fn ids_of_another_form_name_their_directory() {
    for id in ["bm8tc3VjaC11cGxvYWQ", "plain-name", "not base64!"] {
        assert_eq!(UploadDir::from_upload_id(id).unwrap().as_str(), id);
    }
}

#[test]
fn upload_ids_cannot_lead_out_of_the_tree() {
    let encoded = |text: &str| URL_SAFE_NO_PAD.encode(text);
    for id in ["", ".", "..", "../x", "a/b", "a\0b", &encoded("x.a/b"), &encoded("x."), &"a".repeat(2000)] {
        assert_eq!(UploadDir::from_upload_id(id), Err(BadUploadId), "{id:?}");
    }
    // More than one point: not of the form, so the id itself is the name; harmless.
    let name = encoded("x.../..");
    assert_eq!(UploadDir::from_upload_id(&name).unwrap().as_str(), name);
}

#[test]
fn the_record_of_minio_is_read() {
    let record = UploadRecord::parse(&Bytes::from_static(RECORD)).unwrap();
    assert_eq!(record.checksum(), Some(("CRC64NVME", "FULL_OBJECT")));
    let object = &record.object;
    assert_eq!(object.mod_time.nanos() / 1_000_000, 1_795_421_816_224);
    assert_eq!(object.data_dir, uuid::uuid!("defc1b3a-e2a5-4eb1-a355-5d65cbc172c7"));
    assert!(object.parts.is_empty() && object.size == 0 && !object.is_inline());
    assert_eq!((object.data, object.parity, object.distribution.len()), (2, 2, 4));
    let object = record.into_object();
    assert!(object.meta_user.keys().all(|key| !key.starts_with("x-minio-multipart")));
}

#[test]
fn the_record_is_written_as_minio_writes_it() {
    let file = Bytes::from_static(RECORD);
    let original = XlMeta::parse(&file).unwrap();
    let record = UploadRecord::parse(&file).unwrap();
    let written = Bytes::from(record.encode());
    let again = XlMeta::parse(&written).unwrap();
    assert_eq!(written.len(), file.len());
    assert_eq!(again.versions[0].header, original.versions[0].header);
    assert_eq!(again.inline, original.inline);
    assert_eq!(UploadRecord::parse(&written), Ok(record));
}

#[test]
fn a_record_has_no_parts_whatever_it_is_made_from() {
    let object = UploadRecord::parse(&Bytes::from_static(RECORD)).unwrap().object;
    let parts = vec![crate::xl::Part { number: 1, size: 5, ..Default::default() }];
    let whole = ObjectVersion { parts, size: 5, ..object.clone() };
    assert_eq!(UploadRecord::new(whole), UploadRecord { object: object.clone() });
    assert!(!object.meta_sys.contains_key(sys::INLINE_DATA));
}

#[test]
fn a_delete_marker_is_no_record() {
    let marker = include_bytes!("../../tests/golden/delete-marker.xl.meta");
    assert!(UploadRecord::parse(&Bytes::from_static(marker)).is_err());
}

proptest! {
    #[test]
    fn decoded_ids_are_one_safe_element(id in "\\PC{0,40}") {
        if let Ok(dir) = UploadDir::from_upload_id(&id) {
            prop_assert!(!dir.as_str().contains(['/', '\0']) && !matches!(dir.as_str(), "" | "." | ".."));
        }
    }
}
