use super::*;
use crate::msgpack::{Reader, Writer};
use crate::object_meta_keys::{sys, user};
use proptest::prelude::*;

#[test]
fn damage_is_told_from_other_files() {
    let parse = |bytes: &[u8]| XlMeta::parse(&Bytes::copy_from_slice(bytes));
    let changed = |at: usize, byte: u8| {
        let mut file = APPENDIX_A.to_vec();
        file[at] = byte;
        XlMeta::parse(&file.into())
    };
    for other in [&b""[..], b"XL2 1   ", b"XL3 \x01\x00\x03\x00\xc6\x00", b"{\"version\":\"1.0.1\"}"] {
        assert_eq!(parse(other), Err(XlError::NotXl), "{other:?}");
    }
    assert_eq!(changed(4, 2), Err(XlError::UnsupportedVersion { what: "major", version: 2 }));
    assert_eq!(changed(0x20, 1), Err(XlError::Corrupt(Corruption::Checksum)));
    assert_eq!(changed(0x187, 0), Err(XlError::Corrupt(Corruption::Checksum)));
    for cut in 9..0x18b {
        assert!(matches!(parse(&APPENDIX_A[..cut]), Err(XlError::Corrupt(_))), "cut to {cut} bytes");
    }
}

#[test]
fn newer_minor_versions_are_read_whole_but_not_as_metadata_alone() {
    let mut file = APPENDIX_A.to_vec();
    file[6] = 4;
    let file = Bytes::from(file);
    assert_eq!(XlMeta::parse(&file), Ok(super::parse(APPENDIX_A)));
    let unknown = XlError::UnsupportedVersion { what: "minor", version: 4 };
    assert_eq!(XlMeta::parse_without_inline(&file), Err(unknown));
}

#[test]
fn a_file_without_versions_is_valid() {
    let empty = XlMeta::default();
    let file = Bytes::from(empty.encode());
    assert_eq!(XlMeta::parse(&file), Ok(empty.clone()));
    assert_eq!(empty.latest(), None);
}

/// The encoding of a version with an unknown field beside the object and one in it.
fn with_unknown_fields(object: &ObjectVersion) -> VersionEntry {
    let known = entry(object.clone());
    let mut reader = Reader::new(known.body());
    let mut writer = Writer::new();
    writer.map(reader.map().unwrap() + 1);
    for _ in 0..3 {
        let key = reader.text().unwrap();
        writer.text(key);
        if key != "V2Obj" {
            writer.encoded(&reader.raw().unwrap());
            continue;
        }
        let fields = reader.raw().unwrap();
        let mut in_object = Reader::new(&fields);
        writer.map(in_object.map().unwrap() + 1);
        writer.encoded(&fields[in_object.position()..]);
        writer.text("New");
        writer.strings(&["kept".to_owned()]);
    }
    writer.text("w");
    writer.bool(true);
    VersionEntry::from_parts(known.header, writer.finish().into())
}

#[test]
fn unknown_fields_survive_a_change() {
    let plain = object(7, 100);
    let extended = with_unknown_fields(&plain);
    let Version::Object(mut read) = extended.decode().unwrap() else { panic!("an object") };
    assert_eq!((read.extra.in_version.count(), read.extra.in_object.count()), (1, 1));
    assert_eq!(entry(read.clone()), extended, "and they stay out of the signature");
    read.meta_user.insert("X-Amz-Meta-A".to_owned(), "b".to_owned());
    assert_eq!(reread(&read.clone().into()), read.into());
}

#[test]
fn metadata_that_is_not_utf8_survives_a_change() {
    let mut plain = object(7, 100);
    plain.meta_user.insert("X-Amz-Meta-A".to_owned(), "caf_".to_owned());
    let mut body = entry(plain).body().to_vec();
    let at = body.windows(4).position(|window| window == b"caf_").unwrap();
    body[at + 3] = 0xe9;
    let stored = VersionEntry::from_body(body.into()).unwrap();
    let Version::Object(mut read) = stored.decode().unwrap() else { panic!("an object") };
    assert_eq!(read.meta_user["X-Amz-Meta-A"], "caf\u{fffd}");
    assert_eq!(entry(read.clone()), stored);
    read.meta_user.insert("X-Amz-Meta-A".to_owned(), "tea".to_owned());
    assert_eq!(reread(&read.clone().into()).into_object().unwrap().meta_user["X-Amz-Meta-A"], "tea");
}

#[test]
fn lists_of_old_files_stay_as_they_were() {
    let mut writer = Writer::new();
    object(7, 100).write(&mut writer);
    let fields = writer.finish();
    let sizes = fields.windows(12).position(|window| window == b"PartASizes\x91\x05").unwrap();
    let without = [&fields[..sizes + 10], b"\xc0", &fields[sizes + 12..]].concat();
    let without = Bytes::from(without);
    let read = ObjectVersion::read(&mut Reader::new(&without)).unwrap();
    assert_eq!(read.parts[0].actual_size, -1);
    let mut writer = Writer::new();
    read.write(&mut writer);
    assert_eq!(writer.finish(), without);
}

#[test]
fn versions_that_no_drive_could_hold_are_refused() {
    type Spoil = fn(&mut ObjectVersion);
    let invalid: [(&str, Spoil); 5] = [
        ("EcM", |object| (object.data, object.parity) = (0, 0)),
        ("EcN", |object| object.parity = 3),
        ("EcBSize", |object| object.block_size = 0),
        ("MTime", |object| object.mod_time = Timestamp::ZERO),
        ("MTime", |object| object.mod_time = Timestamp::from_nanos(-1)),
    ];
    for (field, spoil) in invalid {
        let mut object = object(7, 100);
        spoil(&mut object);
        assert_eq!(entry(object).decode(), Err(XlError::Corrupt(Corruption::Field(field))));
    }
}

#[test]
fn a_header_must_belong_to_its_body() {
    let (first, second) = (entry(object(1, 100)), entry(object(2, 100)));
    let mixed = VersionEntry::from_parts(first.header, second.body().clone());
    assert_eq!(mixed.decode(), Err(XlError::Corrupt(Corruption::Field("version header"))));
}

#[test]
fn flags_follow_the_metadata() {
    let flags = |object: &ObjectVersion| entry(object.clone()).header.flags.bits();
    let mut plain = object(1, 100);
    assert_eq!(flags(&plain), 2);
    plain.meta_sys.insert(sys::INLINE_DATA.to_owned(), "true".into());
    assert_eq!(flags(&plain), 6);
    plain.meta_sys.remove(sys::INLINE_DATA);
    plain.meta_sys.insert(sys::TRANSITION_STATUS.to_owned(), "complete".into());
    assert_eq!(flags(&plain), 0);
    plain.meta_user.insert(user::RESTORE.to_owned(), "ongoing-request=\"true\"".to_owned());
    assert_eq!(flags(&plain), 0);
    let restored = "ongoing-request=\"false\", expiry-date=\"Fri, 01 Jan 2100 00:00:00 GMT\"";
    plain.meta_user.insert(user::RESTORE.to_owned(), restored.to_owned());
    assert_eq!(flags(&plain), 2);

    let mut free = marker(1, 100);
    assert_eq!(entry(free.clone()).header.flags.bits(), 0);
    free.meta_sys.insert(sys::FREE_VERSION.to_owned(), Bytes::new());
    assert_eq!(entry(free).header.flags.bits(), 1);
    assert_eq!(Flags::from_bits(0xff).bits(), 0xff);
}

fn any_object() -> impl Strategy<Value = ObjectVersion> {
    let part = (1..10_000u32, 0..u64::MAX / 2, -1..i64::MAX, ".{0,4}", proptest::collection::vec(any::<u8>(), 0..4));
    let part = part.prop_map(|(number, size, actual_size, etag, index)| Part {
        number,
        size,
        actual_size,
        etag,
        index: index.into(),
    });
    let system = proptest::collection::btree_map(".{0,40}", proptest::collection::vec(any::<u8>(), 0..40), 0..4);
    let user = proptest::collection::btree_map(".{0,40}", ".{0,300}", 0..20);
    let geometry = (1..=16u8).prop_flat_map(|data| (Just(data), 0..=data, 0..=32u8));
    let ids = (any::<u128>(), any::<u128>(), 1..i64::MAX, any::<u64>());
    (ids, geometry, proptest::collection::vec(part, 0..20), system, user).prop_map(
        |((id, dir, time, writer_version), (data, parity, index), parts, system, user)| ObjectVersion {
            version_id: Uuid::from_u128(id),
            data_dir: Uuid::from_u128(dir),
            data,
            parity,
            index,
            distribution: (1..=data + parity).collect(),
            size: parts.iter().map(|part| part.size / 32).sum(),
            parts,
            mod_time: Timestamp::from_nanos(time),
            meta_sys: system.into_iter().map(|(key, value)| (key, value.into())).collect(),
            meta_user: user,
            writer_version,
            ..object(0, 1)
        },
    )
}

proptest! {
    #[test]
    fn objects_come_back(object in any_object()) {
        let version = Version::from(object);
        let encoded = VersionEntry::from_version(&version);
        prop_assert_eq!(encoded.decode(), Ok(version));
        let file = Bytes::from(XlMeta { versions: vec![encoded.clone()], ..XlMeta::default() }.encode());
        prop_assert_eq!(XlMeta::parse(&file).unwrap().versions, vec![encoded]);
    }

    #[test]
    fn the_shard_number_is_not_in_the_signature(object in any_object(), index: u8) {
        let other = ObjectVersion { index, ..object.clone() };
        prop_assert_eq!(entry(object).header, entry(other).header);
    }

    #[test]
    fn any_bytes_are_a_file_or_an_error(which in 0..ALL.len(), at: usize, byte: u8, cut: usize) {
        let mut file = ALL[which].to_vec();
        let at = at % file.len();
        file[at] = byte;
        file.truncate(9.max(cut % (4 * file.len())));
        use_up(&file.into());
    }

    #[test]
    fn damage_under_a_right_checksum_is_a_version_or_an_error(which in 0..ALL.len(), at: usize, bytes: [u8; 3]) {
        let meta = parse(ALL[which]);
        for stored in &meta.versions {
            let mut body = stored.body().to_vec();
            let at = at % (body.len() - 2);
            body[at..at + 3].copy_from_slice(&bytes);
            let damaged = VersionEntry::from_parts(stored.header, body.into());
            let _ = damaged.data_dir();
            let file = Bytes::from(XlMeta { versions: vec![damaged], ..XlMeta::default() }.encode());
            use_up(&file);
        }
    }
}

/// Does with a file whatever can be done; what decodes must come back.
fn use_up(file: &Bytes) {
    let _ = metadata_size(file);
    let _ = XlMeta::parse_without_inline(file);
    let Ok(meta) = XlMeta::parse(file) else { return };
    assert_eq!(XlMeta::parse(&meta.encode().into()).map(|again| again.versions), Ok(meta.versions.clone()));
    for stored in &meta.versions {
        if let Ok(version) = stored.decode() {
            assert_eq!(reread(&version), version);
        }
    }
}
