use super::*;
use base::Timestamp;
use bytes::Bytes;
use store::{Metadata, ObjectInfo, PartInfo};

fn object(parts: &[(u32, u64)], etag: &str) -> Object {
    let mut metadata = Metadata::default();
    metadata.user.insert("etag".to_owned(), etag.to_owned());
    let parts: Vec<_> = parts
        .iter()
        .map(|(number, size)| PartInfo { number: *number, size: *size, actual_size: *size, index: Bytes::new() })
        .collect();
    Object::new(ObjectInfo {
        bucket: "b".into(),
        key: "k".to_owned(),
        version_id: VersionId::Null,
        is_latest: true,
        delete_marker: false,
        mod_time: Timestamp::from_secs(1000),
        size: parts.iter().map(|part| part.size).sum(),
        parts,
        metadata,
        data_shards: 1,
        parity_shards: 0,
        version_count: 1,
    })
}

#[test]
fn ranges_are_cut_to_the_object() {
    let cases = [
        (ByteRange::FromTo { first: 0, last: 0 }, 10, (0, 1)),
        (ByteRange::FromTo { first: 2, last: 5 }, 10, (2, 4)),
        (ByteRange::FromTo { first: 2, last: u64::MAX }, 10, (2, 8)),
        (ByteRange::From { first: 9 }, 10, (9, 1)),
        (ByteRange::Last { count: 3 }, 10, (7, 3)),
        (ByteRange::Last { count: 30 }, 10, (0, 10)),
        (ByteRange::Last { count: 1 }, 0, (0, 0)),
    ];
    for (range, size, expected) in cases {
        assert_eq!(select_range(range, size).unwrap(), expected, "{range:?} of {size}");
    }
}

#[test]
fn ranges_outside_of_the_object_say_what_was_asked() {
    let asked = |range, size| match select_range(range, size) {
        Err(ServiceError::InvalidRange { asked, size: told }) if told == size => asked,
        other => panic!("{other:?}"),
    };
    assert_eq!(asked(ByteRange::FromTo { first: 10, last: 20 }, 10), "10-20");
    assert_eq!(asked(ByteRange::From { first: 10 }, 10), "10--1");
    assert_eq!(asked(ByteRange::From { first: 0 }, 0), "0--1");
    for range in [ByteRange::Unsatisfiable, ByteRange::Last { count: 0 }, ByteRange::FromTo { first: 3, last: 2 }] {
        assert!(matches!(select_range(range, 10), Err(ServiceError::UnsatisfiableRange)), "{range:?}");
    }
}

#[test]
fn parts_are_found_by_their_number() {
    let multipart = object(&[(2, 100), (5, 50), (9, 7)], "x-3");
    let part = |number| select(&multipart, Selection::Part(number)).map(|content| (content.offset, content.length));
    assert_eq!(part(2).unwrap(), (0, 100));
    assert_eq!(part(5).unwrap(), (100, 50));
    assert_eq!(part(9).unwrap(), (150, 7));
    assert_eq!(part(1).unwrap(), (0, 100), "part 1 is the first there is");
    assert!(matches!(part(3), Err(ServiceError::InvalidPartNumber { number: 3 })));
    assert!(matches!(part(10_001), Err(ServiceError::InvalidArgument { .. })));
}

#[test]
fn an_object_of_one_put_is_its_own_part_1() {
    let single = object(&[(1, 100)], "x");
    let content = select(&single, Selection::Part(1)).unwrap();
    assert_eq!((content.offset, content.length, content.partial, content.part), (0, 100, true, Some(1)));
    assert!(select(&single, Selection::Part(2)).is_err());
    let empty = object(&[], "x");
    assert_eq!(select(&empty, Selection::Part(1)).unwrap().length, 0);
}

#[test]
fn conditions_of_reads_and_of_copies_fail_differently() {
    let conditions = ReadConditions { if_none_match: Some(vec!["x".to_owned()]), ..ReadConditions::default() };
    assert!(matches!(check_conditions(object(&[(1, 1)], "x"), &conditions), Err(ServiceError::NotModified { .. })));
    assert!(matches!(
        check_source(object(&[(1, 1)], "x"), &conditions),
        Err(ServiceError::PreconditionFailed { object: Some(_), .. })
    ));
    assert!(check_source(object(&[(1, 1)], "y"), &conditions).is_ok());
}
