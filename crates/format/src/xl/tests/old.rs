//! Files of old releases: other containers, metadata to put right, `xl.json`.

use super::*;
use crate::msgpack::Writer;
use crate::object_meta_keys::{sys, user};
use xxhash_rust::xxh64::xxh64;

/// A `Versions` map with the bodies of a file, oldest first: the order is free.
fn plain_versions(meta: &XlMeta) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.map(1);
    writer.text("Versions");
    writer.array(meta.versions.len());
    meta.versions.iter().rev().for_each(|entry| writer.encoded(entry.body()));
    writer.finish()
}

fn binary(bytes: &[u8]) -> Vec<u8> {
    let mut writer = Writer::new();
    writer.binary(bytes);
    writer.finish()
}

/// What follows the metadata of a file of today.
fn inline_section(file: &'static [u8]) -> &'static [u8] {
    &file[metadata_size(file).unwrap().unwrap()..]
}

#[test]
fn files_of_1_0_are_read() {
    let expected = parse(VERSIONS_D1);
    let file = Bytes::from([b"XL2 1   ", &plain_versions(&expected)[..]].concat());
    assert_eq!(metadata_size(&file), Ok(None));
    let read = XlMeta::parse(&file).unwrap();
    assert_eq!(read.versions, expected.versions);
    assert!(read.inline.is_empty());
}

#[test]
fn files_of_1_1_are_read() {
    let expected = parse(VERSIONS_D1);
    let versions = binary(&plain_versions(&expected));
    let file = [b"XL2 \x01\x00\x01\x00", &versions[..], inline_section(VERSIONS_D1)].concat();
    assert_eq!(XlMeta::parse(&file.into()), Ok(expected));
}

#[test]
fn files_of_1_2_are_read_and_their_checksum_checked() {
    let expected = parse(VERSIONS_D1);
    let versions = plain_versions(&expected);
    let file = |sum: u64| {
        let mut writer = Writer::after(b"XL2 \x01\x00\x02\x00".to_vec());
        writer.binary(&versions);
        writer.uint(sum);
        Bytes::from([&writer.finish(), inline_section(VERSIONS_D1)].concat())
    };
    let sum = xxh64(&versions, 0) & u64::from(u32::MAX);
    assert_eq!(XlMeta::parse(&file(sum)), Ok(expected.clone()));
    assert_eq!(XlMeta::parse(&file(sum ^ 1)), Err(XlError::Corrupt(Corruption::Checksum)));
    // Whatever was read, today's format is written.
    assert_eq!(XlMeta::parse(&file(sum)).unwrap().encode(), VERSIONS_D1);
}

/// A file of today whose payload has the version numbers given and only entries without signature or shards.
fn with_payload_versions(header: u8, metadata: u8, meta: &XlMeta) -> Bytes {
    let mut payload = Writer::after(vec![header, metadata]);
    payload.size(meta.versions.len() as u64);
    for entry in &meta.versions {
        let mut fields = Writer::new();
        if header == 1 {
            fields.array(4);
            fields.uuid(entry.header.version_id);
            fields.int(entry.header.mod_time.nanos());
            fields.uint(entry.header.kind.number().into());
            fields.uint(entry.header.flags.bits().into());
        } else {
            entry.header.write(&mut fields);
        }
        payload.binary(&fields.finish());
        payload.binary(entry.body());
    }
    let payload = payload.finish();
    let mut writer = Writer::after(b"XL2 \x01\x00\x03\x00".to_vec());
    writer.binary32(&payload);
    writer.uint32((xxh64(&payload, 0) & u64::from(u32::MAX)) as u32);
    writer.finish().into()
}

#[test]
fn short_headers_are_completed_from_the_bodies() {
    let expected = parse(VERSIONS_D1);
    assert_eq!(XlMeta::parse(&with_payload_versions(1, 3, &expected)).unwrap().versions, expected.versions);
    assert_eq!(XlMeta::parse(&with_payload_versions(3, 3, &expected)).unwrap().versions, expected.versions);
    for (header, metadata, what) in [(4, 3, "header"), (3, 4, "metadata")] {
        let unknown = XlError::UnsupportedVersion { what, version: 4 };
        assert_eq!(XlMeta::parse(&with_payload_versions(header, metadata, &expected)), Err(unknown));
    }
}

#[test]
fn times_in_old_delete_markers_are_put_right() {
    let mut old = marker(1, 100);
    old.meta_sys.insert(sys::REPLICATION_TIMESTAMP.to_owned(), "2021-06-01T12:00:00.5+02:00".into());
    old.meta_sys.insert(sys::REPLICA_TIMESTAMP.to_owned(), "Sun, 06 Nov 1994 08:49:37 GMT".into());
    let stored = XlMeta { versions: vec![entry(old.clone())], ..XlMeta::default() };
    let mut fixed = old;
    fixed.meta_sys.insert(sys::REPLICATION_TIMESTAMP.to_owned(), "2021-06-01T10:00:00.5Z".into());
    fixed.meta_sys.insert(sys::REPLICA_TIMESTAMP.to_owned(), "1994-11-06T08:49:37Z".into());
    assert_eq!(XlMeta::parse(&with_payload_versions(3, 1, &stored)).unwrap().versions, [entry(fixed)]);
    assert_eq!(XlMeta::parse(&with_payload_versions(3, 2, &stored)).unwrap().versions, stored.versions);
}

#[test]
fn indices_of_small_compressed_parts_are_dropped_from_the_releases_that_wrote_them_wrongly() {
    let part = |number, actual_size| Part { number, size: 5, actual_size, index: "idx".into(), ..Part::default() };
    let mut bad = ObjectVersion { parts: vec![part(1, 8 << 20), part(2, (8 << 20) + 1)], ..object(1, 100) };
    bad.meta_sys.insert(sys::COMPRESSION.to_owned(), "klauspost/compress/s2".into());
    let indices = |writer_version, metadata| {
        let object = ObjectVersion { writer_version, ..bad.clone() };
        let stored = XlMeta { versions: vec![entry(object)], ..XlMeta::default() };
        let read = XlMeta::parse(&with_payload_versions(3, metadata, &stored)).unwrap();
        let object = read.versions[0].decode().unwrap().into_object().unwrap();
        assert_eq!(read.versions[0], entry(object.clone()), "header and body belong together");
        object.parts.iter().map(|part| part.index.len()).collect::<Vec<_>>()
    };
    assert_eq!(indices(1_701_471_619, 2), [0, 3]);
    assert_eq!(indices(1_730_156_417, 1), [0, 3]);
    for (writer_version, metadata) in [(1_701_471_618, 2), (1_730_156_418, 2), (1_710_000_000, 3), (0, 2)] {
        assert_eq!(indices(writer_version, metadata), [3, 3]);
    }
}

const XL_JSON_FILE: &str = r#"{"version":"1.0.1","format":"xl","stat":{"size":12,"modTime":"2019-05-03T17:06:22.123456789Z"},
"erasure":{"algorithm":"klauspost/reedsolomon/vandermonde","data":2,"parity":2,"blockSize":10485760,"index":3,
"distribution":[1,2,3,4],"checksum":[{"name":"part.1","algorithm":"blake2b","hash":"00ff"}]},
"minio":{"release":"RELEASE.2019-05-02"},
"meta":{"content-type":"text/plain","etag":"abc","X-Minio-Internal-actual-size":"12"},
"parts":[{"number":1,"name":"part.1","etag":"","size":12,"actualSize":12}]}"#;

#[test]
fn xl_json_is_read_as_a_legacy_version() {
    let legacy = LegacyVersion::parse_json(XL_JSON_FILE.as_bytes()).unwrap();
    let sum = legacy.whole_file_checksum(1).unwrap();
    assert_eq!((sum.algorithm, &sum.hash[..]), (4, &[0, 0xff][..]));
    assert_eq!(legacy.whole_file_checksum(2), None);
    let object = legacy.as_object();
    assert_eq!(object.mod_time, Timestamp::from_nanos(1_556_903_182_123_456_789));
    assert_eq!((object.data, object.parity, object.index, object.block_size), (2, 2, 3, 10 << 20));
    assert_eq!((object.size, object.parts.len(), object.version_id), (12, 1, Uuid::nil()));
    assert_eq!((object.meta_user[user::ETAG].as_str(), &object.meta_sys[sys::ACTUAL_SIZE][..]), ("abc", &b"12"[..]));
}

#[test]
fn legacy_versions_come_back_and_sign_without_what_differs_between_drives() {
    let data_dir = LEGACY_DATA_DIR.to_owned();
    let legacy = LegacyVersion { data_dir, ..LegacyVersion::parse_json(XL_JSON_FILE.as_bytes()).unwrap() };
    let version = Version::from(legacy.clone());
    assert_eq!(reread(&version), version);
    let header = Header::of(&version);
    assert_eq!((header.kind, header.version_id, header.flags.bits()), (Kind::Legacy, Uuid::nil(), 0));
    assert_eq!((header.data, header.parity), (0, 0));
    let other_drive = LegacyVersion { index: 1, release: "another".to_owned(), ..legacy.clone() };
    assert_eq!(Header::of(&other_drive.into()), header);
    let mut other_meta = legacy;
    other_meta.meta.insert("a".to_owned(), "b".to_owned());
    assert_ne!(Header::of(&other_meta.into()).signature, header.signature);
}

#[test]
fn a_damaged_xl_json_is_corrupt() {
    for (from, to) in [
        ("1.0.1", "2.0.0"),
        ("\"xl\"", "\"fs\""),
        ("\"data\":2", "\"data\":1"),
        ("part.1\",\"alg", "x\",\"alg"),
        ("00ff", "zz"),
        ("2019-05-03T", "soon"),
        ("{\"version", "["),
    ] {
        let spoiled = XL_JSON_FILE.replacen(from, to, 1);
        assert!(matches!(LegacyVersion::parse_json(spoiled.as_bytes()), Err(XlError::Corrupt(_))), "{from}");
    }
}
