//! Reading inside zip archives (encryption-compression-checksums.md, 9.1).

mod bed;

use bed::{Bed, collect};
use iam::Action;
use rustfs_service::{
    ByteRange, ListObjects, ListedEntry, Position, ReadConditions, ReadObject, Selection, ServiceError, VersionId,
};

/// Made by Python's zipfile.
const PLAIN: &[u8] = include_bytes!("../../archive/tests/data/plain.zip");
const TEXT: &[u8] = include_bytes!("../../archive/tests/data/text.bin");

async fn bed() -> Bed {
    let bed = Bed::new().await;
    bed.make_bucket("bucket").await;
    bed.put("bucket", "p/plain.zip", PLAIN).await.unwrap();
    bed
}

async fn member(bed: &Bed, archive: &str, name: &str) -> Result<Vec<u8>, ServiceError> {
    let grant = bed.grant(Action::GetObject, "bucket", archive);
    let head = bed.service.head_member(&grant, ReadObject::default(), name).await;
    let (member, stream) = bed.service.get_member(&grant, ReadObject::default(), name).await?;
    assert_eq!(head.unwrap().size, member.size);
    let bytes = collect(stream).await;
    assert_eq!(bytes.len() as u64, member.size);
    Ok(bytes)
}

async fn list(bed: &Bed, archive: &str, request: ListObjects) -> Result<(Vec<String>, Option<String>), ServiceError> {
    let grant = bed.grant(Action::GetObject, "bucket", archive);
    let listing = bed.service.list_members(&grant, ReadObject::default(), request).await?;
    let line = |entry: &ListedEntry| match entry {
        ListedEntry::Object(object) => format!("{} {}", object.key(), object.size()),
        ListedEntry::Prefix(prefix) => prefix.clone(),
    };
    assert_eq!(listing.truncated, listing.next.is_some());
    Ok((listing.entries.iter().map(line).collect(), listing.next.map(|next| next.key)))
}

/// The archive with bytes of record `record` of its directory replaced.
fn with_record(record: usize, at: usize, bytes: &[u8]) -> Vec<u8> {
    let mut file = PLAIN.to_vec();
    let starts: Vec<usize> = (0..file.len() - 4).filter(|at| file[*at..].starts_with(b"PK\x01\x02")).collect();
    file[starts[record] + at..][..bytes.len()].copy_from_slice(bytes);
    file
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_read() {
    let bed = bed().await;
    assert!(member(&bed, "p/plain.zip", "dir/deflated.txt").await.unwrap() == TEXT);
    assert!(member(&bed, "p/plain.zip", "stored.txt").await.unwrap() == TEXT[..1000]);
    assert_eq!(member(&bed, "p/plain.zip", "empty").await.unwrap(), b"");
    assert_eq!(member(&bed, "p/plain.zip", "ünï.txt").await.unwrap(), b"unicode");
    for name in ["", "nothing", "dir/", "dir"] {
        assert!(matches!(member(&bed, "p/plain.zip", name).await, Err(ServiceError::NoSuchKey { .. })), "{name}");
    }
    assert!(matches!(member(&bed, "p/none.zip", "empty").await, Err(ServiceError::NoSuchKey { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn a_long_directory_is_read_in_pieces() {
    let bed = bed().await;
    let mut file = Vec::new();
    let mut directory = Vec::new();
    let count = 6000u32;
    for number in 0..count {
        let name = format!("{number:020}");
        let at = u32::try_from(file.len()).unwrap();
        file.extend_from_slice(b"PK\x03\x04\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x14\0\0\0");
        file.extend_from_slice(name.as_bytes());
        directory.extend_from_slice(
            b"PK\x01\x02\x14\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\x14\0\0\0\0\0\0\0\0\0\0\0\0\0",
        );
        directory.extend_from_slice(&at.to_le_bytes());
        directory.extend_from_slice(name.as_bytes());
    }
    let at = u32::try_from(file.len()).unwrap();
    assert!(directory.len() > 300_000);
    file.extend_from_slice(&directory);
    file.extend_from_slice(b"PK\x05\x06\0\0\0\0");
    for _ in 0..2 {
        file.extend_from_slice(&u16::try_from(count).unwrap().to_le_bytes());
    }
    file.extend_from_slice(&u32::try_from(directory.len()).unwrap().to_le_bytes());
    file.extend_from_slice(&at.to_le_bytes());
    file.extend_from_slice(&[0, 0]);
    bed.put("bucket", "many.zip", &file).await.unwrap();
    assert_eq!(member(&bed, "many.zip", "00000000000000000000").await.unwrap(), b"");
    assert_eq!(member(&bed, "many.zip", "00000000000000005999").await.unwrap(), b"");
    let prefix = "many.zip/0000000000000000599".to_owned();
    let (lines, _) =
        list(&bed, "many.zip", ListObjects { prefix, limit: 1000, ..ListObjects::default() }).await.unwrap();
    assert_eq!(lines.len(), 10);
}

#[tokio::test(flavor = "multi_thread")]
async fn members_have_no_ranges_and_conditions_are_about_the_archive() {
    let bed = bed().await;
    let grant = bed.grant(Action::GetObject, "bucket", "p/plain.zip");
    let range = ReadObject { selection: Selection::Range(ByteRange::From { first: 0 }), ..ReadObject::default() };
    let error = bed.service.get_member(&grant, range, "empty").await.err();
    assert!(matches!(error, Some(ServiceError::UnsatisfiableRange)));
    let part = ReadObject { selection: Selection::Part(1), ..ReadObject::default() };
    let error = bed.service.head_member(&grant, part, "empty").await.err();
    assert!(matches!(error, Some(ServiceError::InvalidPartNumber { number: 1 })));
    let etag = bed.head("bucket", "p/plain.zip").await.unwrap().etag().to_owned();
    let conditions = ReadConditions { if_none_match: Some(vec![etag]), ..ReadConditions::default() };
    let error = bed.service.get_member(&grant, ReadObject { conditions, ..ReadObject::default() }, "empty").await.err();
    assert!(matches!(error, Some(ServiceError::NotModified { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_older_version_of_an_archive_is_read_when_it_is_asked_for() {
    let bed = Bed::new().await;
    bed.make_bucket("bucket").await;
    bed.set_versioning("bucket", "<Status>Enabled</Status>").await.unwrap();
    let first = bed.put("bucket", "a.zip", PLAIN).await.unwrap().version();
    bed.put("bucket", "a.zip", b"no archive any more").await.unwrap();
    assert!(matches!(member(&bed, "a.zip", "empty").await, Err(ServiceError::BadArchive { .. })));
    assert_ne!(first, VersionId::Null);
    let grant = bed.grant(Action::GetObject, "bucket", "a.zip");
    let request = ReadObject { version: Some(first), ..ReadObject::default() };
    let (_, stream) = bed.service.get_member(&grant, request, "ünï.txt").await.unwrap();
    assert_eq!(collect(stream).await, b"unicode");
}

#[tokio::test(flavor = "multi_thread")]
async fn hostile_archives_are_errors() {
    let bed = bed().await;
    let files = [
        (b"this is no archive".to_vec(), "stored.txt"),
        (Vec::new(), "stored.txt"),
        (PLAIN[..PLAIN.len() - 20].to_vec(), "stored.txt"),
        (with_record(0, 16, &[9; 4]), "stored.txt"),
        (with_record(2, 24, &[9, 0, 0, 0]), "dir/deflated.txt"),
        (with_record(2, 42, &[0; 4]), "dir/deflated.txt"),
        (with_record(2, 20, &[0xf0; 4]), "dir/deflated.txt"),
        (with_record(3, 42, &[40, 0, 0, 0]), "stored.txt"),
    ];
    for (at, (file, name)) in files.into_iter().enumerate() {
        bed.put("bucket", "bad.zip", &file).await.unwrap();
        let grant = bed.grant(Action::GetObject, "bucket", "bad.zip");
        match bed.service.get_member(&grant, ReadObject::default(), name).await {
            Err(ServiceError::BadArchive { bucket, key, .. }) => assert_eq!((&*bucket, &*key), ("bucket", "bad.zip")),
            Err(other) => panic!("{at}: {other}"),
            // What was sent already can only be broken off.
            Ok((member, stream)) => {
                let pieces: Vec<_> = futures_util::StreamExt::collect(stream).await;
                let sent: usize = pieces.iter().flatten().map(bytes::Bytes::len).sum();
                assert!(pieces.last().is_some_and(Result::is_err) && (sent as u64) < member.size, "{at}");
            }
        }
    }
    bed.put("bucket", "locked.zip", &with_record(0, 8, &[1, 0])).await.unwrap();
    let locked = member(&bed, "locked.zip", "stored.txt").await;
    assert!(matches!(locked, Err(ServiceError::UnsupportedArchive { reason }) if reason.contains("encrypted")));
    let unknown = member(&bed, "p/plain.zip", "bz.txt").await;
    assert!(matches!(unknown, Err(ServiceError::UnsupportedArchive { reason }) if reason.contains("12")));
}

#[tokio::test(flavor = "multi_thread")]
async fn members_are_listed() {
    let bed = bed().await;
    let request = |prefix: &str, delimiter: &str, after: &str, limit| ListObjects {
        prefix: prefix.to_owned(),
        delimiter: delimiter.to_owned(),
        after: Position { key: after.to_owned(), version: None },
        limit,
    };
    let all = [
        "p/plain.zip/dir/deflated.txt 150000",
        "p/plain.zip/empty 0",
        "p/plain.zip/stored.txt 1000",
        "p/plain.zip/streamed.txt 5000",
        "p/plain.zip/ünï.txt 7",
    ];
    let archive = "p/plain.zip";
    let (lines, next) = list(&bed, archive, request("p/plain.zip/", "", "", 1000)).await.unwrap();
    assert_eq!((lines, next), (all.map(str::to_owned).to_vec(), None));
    let (lines, _) = list(&bed, archive, request("p/plain.zip/st", "", "", 1000)).await.unwrap();
    assert_eq!(lines, &all[2..4]);
    let (lines, _) = list(&bed, archive, request("p/plain.zip/", "/", "", 2)).await.unwrap();
    assert_eq!(lines, ["p/plain.zip/dir/", all[1]]);

    let mut found = Vec::new();
    let mut after = Some(String::new());
    while let Some(key) = after {
        let (lines, next) = list(&bed, archive, request("p/plain.zip/", "", &key, 2)).await.unwrap();
        assert!(lines.len() <= 2);
        found.extend(lines);
        after = next;
    }
    assert_eq!(found, all);
    assert_eq!(list(&bed, "p/none.zip", request("p/none.zip/", "", "", 9)).await.unwrap(), (vec![], None));
    let other = list(&bed, "p/plain.zip", request("p/other.zip/", "", "", 9)).await;
    assert!(matches!(other, Err(ServiceError::Internal { .. })));
}
