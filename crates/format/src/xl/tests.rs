//! Tests of `xl.meta`: files that MinIO wrote, vectors from its format's description, and what must hold for
//! any bytes.

mod golden;
mod list;
mod merge;
mod old;
mod version;

use super::*;
use base::Timestamp;
use bytes::Bytes;

/// The inlined object of the format's description, 442 bytes.
const APPENDIX_A: &[u8] = include_bytes!("../../tests/golden/appendix-a.xl.meta");
/// One object's delete marker over four versions, from two drives of a set.
const VERSIONS_D1: &[u8] = include_bytes!("../../tests/golden/versions-d1.xl.meta");
const VERSIONS_D2: &[u8] = include_bytes!("../../tests/golden/versions-d2.xl.meta");
const DELETE_MARKER: &[u8] = include_bytes!("../../tests/golden/delete-marker.xl.meta");
const DIR_OBJECT: &[u8] = include_bytes!("../../tests/golden/dir-object.xl.meta");
const ENCRYPTED: &[u8] = include_bytes!("../../tests/golden/encrypted.xl.meta");
const MULTIPART: &[u8] = include_bytes!("../../tests/golden/multipart.xl.meta");
const UPLOAD: &[u8] = include_bytes!("../../tests/golden/upload-record.xl.meta");
const ZERO_LENGTH: &[u8] = include_bytes!("../../tests/golden/zero-length.xl.meta");

const ALL: [&[u8]; 9] =
    [APPENDIX_A, VERSIONS_D1, VERSIONS_D2, DELETE_MARKER, DIR_OBJECT, ENCRYPTED, MULTIPART, UPLOAD, ZERO_LENGTH];

fn parse(file: &'static [u8]) -> XlMeta {
    XlMeta::parse(&Bytes::from_static(file)).unwrap()
}

/// The object that is the newest version of a golden file.
fn object_of(file: &'static [u8]) -> ObjectVersion {
    match parse(file).latest().unwrap().decode().unwrap() {
        Version::Object(object) => object,
        other => panic!("not an object: {other:?}"),
    }
}

/// A small valid object.
fn object(id: u128, time: i64) -> ObjectVersion {
    ObjectVersion {
        version_id: Uuid::from_u128(id),
        data_dir: Uuid::from_u128(id + 1000),
        data: 2,
        parity: 2,
        block_size: 1 << 20,
        index: 1,
        distribution: vec![1, 2, 3, 4],
        parts: vec![Part { number: 1, size: 5, actual_size: 5, ..Part::default() }],
        size: 5,
        mod_time: Timestamp::from_nanos(time),
        ..ObjectVersion::default()
    }
}

fn marker(id: u128, time: i64) -> DeleteMarker {
    DeleteMarker { version_id: Uuid::from_u128(id), mod_time: Timestamp::from_nanos(time), ..Default::default() }
}

fn entry(version: impl Into<Version>) -> VersionEntry {
    VersionEntry::from_version(&version.into())
}

fn reread(version: &Version) -> Version {
    VersionEntry::from_version(version).decode().unwrap()
}
