//! The bytes of doubt records.

use super::{Digest, Record, RecordError, Standing};
use base::Timestamp;
use bytes::Bytes;
use uuid::Uuid;

fn sample() -> Record {
    Record {
        id: Uuid::from_u128(0x0102_0304_0506_0708_090a_0b0c_0d0e_0f10),
        bucket: "bucket".into(),
        object: "dir/a".into(),
        version_id: Uuid::from_u128(7),
        mod_time: Timestamp::from_nanos(1_700_000_000_000_000_001),
        removal: false,
        new_data_dir: Uuid::from_u128(9),
        upload: Some("multipart/h/u".into()),
        replaced: vec!["legacy".into()],
        new: Some(Digest::of(b"new")),
        previous: Some(Bytes::from_static(b"previous")),
    }
}

/// A change of these bytes is a change of the format and needs a new version number.
#[test]
fn are_written_as_documented() {
    let golden = include_str!("golden.hex").split_whitespace().collect::<String>();
    assert_eq!(hex::encode(sample().encode()), golden);
}

#[test]
fn are_read_as_written() {
    let bare = Record { upload: None, replaced: vec![], new: None, previous: None, removal: true, ..sample() };
    for record in [sample(), bare] {
        assert_eq!(Record::decode(&record.encode()), Ok(record));
    }
}

#[test]
fn with_any_byte_changed_or_missing_are_refused() {
    let bytes = sample().encode();
    for at in 0..bytes.len() {
        let mut changed = bytes.to_vec();
        changed[at] ^= 1;
        assert_eq!(Record::decode(&changed.into()), Err(RecordError::Damaged), "byte {at}");
        assert_eq!(Record::decode(&bytes.slice(..at)), Err(RecordError::Damaged), "cut at {at}");
    }
}

#[test]
fn of_a_later_version_are_not_guessed_at() {
    let mut bytes = sample().encode().to_vec();
    bytes[8] = 2;
    let body = bytes.len() - 8;
    let checksum = xxhash_rust::xxh3::xxh3_64(&bytes[..body]);
    bytes[body..].copy_from_slice(&checksum.to_le_bytes());
    assert_eq!(Record::decode(&bytes.into()), Err(RecordError::UnknownVersion(2)));
}

#[test]
fn tell_how_a_name_stands() {
    let record = sample();
    assert_eq!(record.standing(Some(b"new")), Standing::Applied);
    assert_eq!(record.standing(Some(b"previous")), Standing::Untouched);
    assert_eq!(record.standing(Some(b"other")), Standing::Superseded);
    assert_eq!(record.standing(None), Standing::Superseded);
    let removal = Record { new: None, removal: true, ..sample() };
    assert_eq!(removal.standing(None), Standing::Applied);
    assert_eq!(removal.standing(Some(b"previous")), Standing::Untouched);
}
