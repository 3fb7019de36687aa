use super::*;
use crate::msgpack::Writer;
use crate::object_meta_keys::{sys, user};
use uuid::uuid;
use xxhash_rust::xxh64::xxh64;

#[test]
fn files_of_minio_come_back_byte_for_byte() {
    for file in ALL {
        assert_eq!(parse(file).encode(), file);
    }
}

#[test]
fn versions_of_minio_inserted_anew_have_the_same_headers() {
    for file in ALL {
        let original = parse(file);
        let mut again = XlMeta { inline: original.inline.clone(), ..XlMeta::default() };
        for entry in original.versions.iter().rev() {
            again.upsert(VersionEntry::from_version(&entry.decode().unwrap()));
        }
        for (entry, expected) in again.versions.iter().zip(&original.versions) {
            assert_eq!(entry.header, expected.header);
            assert_eq!(entry.decode(), expected.decode());
            // The maps may be in another order, which takes the same number of bytes.
            assert_eq!(entry.body().len(), expected.body().len());
        }
        assert_eq!((again.versions.len(), again.encode().len()), (original.versions.len(), file.len()));
    }
}

#[test]
fn an_inlined_object_is_read() {
    let meta = parse(APPENDIX_A);
    let object = object_of(APPENDIX_A);
    let header = meta.versions[0].header;
    assert_eq!((header.kind, header.parity, header.data), (Kind::Object, 2, 2));
    assert_eq!(header.flags, Flags { uses_data_dir: true, inline: true, ..Flags::default() });
    assert_eq!((header.flags.bits(), header.signature), (6, [0xee, 0xb7, 0xae, 0xc3]));
    assert_eq!(object.mod_time, Timestamp::from_nanos(1_795_415_249_673_857_050));
    assert_eq!(object.data_dir, uuid!("1f7eab25-6e59-4adc-a790-1cd49df845a8"));
    assert_eq!((object.block_size, object.index, object.size), (1 << 20, 1, 12));
    assert_eq!(object.distribution, [1, 2, 3, 4]);
    assert_eq!(object.parts, [Part { number: 1, size: 12, actual_size: 12, ..Part::default() }]);
    assert_eq!(object.meta_user[user::ETAG], "fc3ff98e8c6a0d3087d515c0473f8677");
    assert_eq!(object.meta_user["X-Amz-Meta-Color"], "blue");
    assert_eq!(object.meta_sys[sys::INLINE_DATA], "true");
    assert!(object.is_inline() && object.fits_set(4) && !object.fits_set(5));
    assert_eq!(&meta.inline.get(Uuid::nil()).unwrap()[32..], b"hello ");
}

#[test]
fn the_signature_hashes_what_minio_hashes() {
    let mut writer = Writer::new();
    object_of(APPENDIX_A).write_signed(&mut writer);
    let signed = writer.finish();
    let expected = "de0011a24944c41000000000000000000000000000000000a444446972c4101f7eab256e594adca7901cd49df845a8\
        a64563416c676f01a345634d02a345634e02a745634253697a65d200100000a74563496e64657800a64563446973749401020304\
        a84353756d416c676f01a8506172744e756d739101a9506172744554616773c0a95061727453697a6573910c\
        aa5061727441 53697a6573910ca453697a650ca54d54696d65d318ea98a83521281aa74d657461537973c0a74d657461557372c0";
    assert_eq!(hex::encode(&signed), expected.replace(' ', ""));
    assert_eq!(xxh64(&signed, 0), 0xfc53_4af7_90ba_f961);

    let time = 0x18ea_98a8_3faf_642d;
    let marker = DeleteMarker { version_id: uuid!("ff195746-da17-4121-9fba-162d62275b12"), ..marker(0, time) };
    assert_eq!(entry(marker).header.signature, [0xfa, 0xbe, 0x85, 0x35]);
}

#[test]
fn a_delete_marker_is_written_as_minio_writes_it() {
    let time = 0x18ea_98a8_3faf_642d;
    let marker = DeleteMarker { version_id: uuid!("ff195746-da17-4121-9fba-162d62275b12"), ..marker(0, time) };
    let file = XlMeta { versions: vec![entry(marker)], ..XlMeta::default() }.encode();
    // The beginning of the versioned object in the format's description, there with 3 versions of 830 bytes.
    let expected = "584c322001000300c600000068030301c42697c410ff195746da1741219fba162d62275b12d318ea98a83faf642d\
        c404fabe853502000000c43f83a45479706502a644656c4f626a83a24944c410ff195746da1741219fba162d62275b12\
        a54d54696d65d318ea98a83faf642da74d65746153797380a17600";
    let expected = hex::decode(expected).unwrap();
    let payload = &file[13..file.len() - 5];
    assert_eq!(hex::encode(payload), hex::encode(&expected[13..]));
    assert_eq!(file[..8], expected[..8]);
}

#[test]
fn drives_of_a_set_agree_on_all_but_the_shard_number() {
    let (first, second) = (parse(VERSIONS_D1), parse(VERSIONS_D2));
    for (a, b) in first.versions.iter().zip(&second.versions) {
        assert_eq!(a.header, b.header);
        let (a, b) = (a.decode().unwrap(), b.decode().unwrap());
        if let (Version::Object(a), Version::Object(b)) = (a, b) {
            assert_ne!(a.index, b.index);
            assert_eq!(ObjectVersion { index: b.index, ..a }, b);
        }
    }
}

#[test]
fn the_entry_of_one_drive_becomes_that_of_another() {
    let (first, second) = (parse(VERSIONS_D1), parse(VERSIONS_D2));
    let mut objects = 0;
    for (a, b) in first.versions.iter().zip(&second.versions) {
        match b.decode().unwrap() {
            Version::Object(object) => {
                let placement = b.placement().unwrap().expect("an object has one");
                assert_eq!((placement.index, placement.data_dir), (object.index, object.data_dir));
                let moved = a.for_shard(object.index).unwrap();
                assert_eq!((moved.header, moved.decode()), (b.header, b.decode()));
                objects += 1;
            }
            _ => assert!(a.for_shard(1).is_err() && b.placement().unwrap().is_none()),
        }
    }
    assert!(objects > 1);
}

#[test]
fn versions_are_those_that_minio_lists() {
    let meta = parse(DELETE_MARKER);
    let ids: Vec<_> = meta.versions.iter().map(|entry| (entry.header.version_id, entry.header.kind)).collect();
    let deleted = uuid!("41de468b-9071-4542-a36e-62beb43174d6");
    let kept = uuid!("17d476b6-b958-44d0-86b9-8a2cbcc18c73");
    assert_eq!(ids, [(deleted, Kind::DeleteMarker), (kept, Kind::Object)]);
    assert_eq!(meta.latest().unwrap().header.version_id, deleted);
    let Version::Object(object) = meta.find(kept).unwrap().decode().unwrap() else { panic!("an object") };
    assert_eq!((object.size, object.meta_user[user::ETAG].as_str()), (9, "2dd6c4a69e8253395c707df902215b8d"));
    assert_eq!(meta.find(kept).unwrap().data_dir(), Ok(object.data_dir));
    assert_eq!(meta.find(deleted).unwrap().data_dir(), Ok(Uuid::nil()));
}

#[test]
fn a_multipart_object_is_read() {
    let object = object_of(MULTIPART);
    let numbers: Vec<_> = object.parts.iter().map(|part| (part.number, part.size)).collect();
    assert_eq!(numbers, [(1, 5 << 20), (2, 100)]);
    assert_eq!(object.size, 5_242_980);
    assert_eq!(object.meta_user[user::ETAG], "35f5e3b3c3632c4eb35f2c3c5d4669f2-2");
    assert_eq!(object.meta_sys[sys::ACTUAL_SIZE], "5242980");
    assert!(!object.is_inline() && parse(MULTIPART).inline.is_empty());
    let checksum = &crate::checksum_blob::StoredChecksum::parse_all(&object.meta_sys[sys::CHECKSUM])[0];
    // The value that MinIO answers for it: vO68eg== in base64.
    assert_eq!((checksum.full_object, hex::encode(&checksum.value).as_str()), (true, "bceebc7a"));
    assert_eq!(checksum.parts.as_ref().map(|parts| parts.count), Some(2));
}

#[test]
fn an_object_without_bytes_has_an_empty_shard() {
    let meta = parse(ZERO_LENGTH);
    let object = object_of(ZERO_LENGTH);
    assert_eq!((object.size, object.parts.len(), object.is_inline()), (0, 1, true));
    assert_eq!(meta.inline.get(Uuid::nil()), Some(&Bytes::new()));
}

#[test]
fn the_metadata_alone_can_be_read() {
    for file in ALL {
        let size = metadata_size(&file[..file.len().min(METADATA_READ_SIZE)]).unwrap().unwrap();
        let meta = XlMeta::parse_without_inline(&Bytes::from_static(&file[..size])).unwrap();
        assert_eq!(meta.versions, parse(file).versions);
        assert!(XlMeta::parse_without_inline(&Bytes::from_static(&file[..size - 1])).is_err());
    }
}

#[test]
#[should_panic(expected = "must not be written")]
fn a_file_whose_shards_were_not_read_is_not_written() {
    XlMeta::parse_without_inline(&Bytes::from_static(APPENDIX_A)).unwrap().encode();
}
