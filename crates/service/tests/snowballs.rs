//! Tars whose entries become objects (encryption-compression-checksums.md, 9.2).

mod bed;

use bed::{Bed, body};
use iam::{Action, Grant};
use rustfs_service::{LockSettings, NewObject, ServiceError, Snowball, Unpacked};

/// Made by Python's tarfile: a.txt, dir/, a long name, a link, a pipe, big.bin, empty (and in pax.tar ü.txt with records).
const GNU: &[u8] = include_bytes!("../../archive/tests/data/gnu.tar");
const PAX: &[u8] = include_bytes!("../../archive/tests/data/pax.tar");
const TEXT: &[u8] = include_bytes!("../../archive/tests/data/text.bin");

fn snowball(tar: &[u8]) -> Snowball {
    let (object, prefix) = (NewObject::default(), String::new());
    Snowball { object, body: body(tar), prefix, ignore_dirs: false, ignore_errors: false }
}

async fn put(bed: &Bed, request: Snowball) -> Result<Unpacked, ServiceError> {
    let permit = |key: &str| -> Result<Grant, ServiceError> { Ok(bed.grant(Action::PutObject, "bucket", key)) };
    bed.service.put_snowball("bucket", request, &permit).await
}

async fn bed() -> Bed {
    let bed = Bed::new().await;
    bed.make_bucket("bucket").await;
    bed
}

fn long_name() -> String {
    format!("{}/{}", "n".repeat(120), "m".repeat(150))
}

/// A tar of files, ended.
fn tar(entries: &[(&str, &[u8])]) -> Vec<u8> {
    let mut tar = Vec::new();
    for (name, bytes) in entries {
        let mut header = vec![0u8; 512];
        header[..name.len()].copy_from_slice(name.as_bytes());
        header[124..135].copy_from_slice(format!("{:011o}", bytes.len()).as_bytes());
        header[136..147].copy_from_slice(b"07346545000");
        header[148..156].fill(b' ');
        header[156] = b'0';
        let sum: u32 = header.iter().map(|byte| u32::from(*byte)).sum();
        header[148..154].copy_from_slice(format!("{sum:06o}").as_bytes());
        tar.extend_from_slice(&header);
        tar.extend_from_slice(bytes);
        tar.resize(tar.len().next_multiple_of(512), 0);
    }
    tar.resize(tar.len() + 1024, 0);
    tar
}

#[tokio::test(flavor = "multi_thread")]
async fn entries_become_objects() {
    for tar in [GNU, PAX] {
        let bed = bed().await;
        let unpacked = put(&bed, snowball(tar)).await.unwrap();
        assert_eq!(unpacked.stored, if tar == PAX { 7 } else { 6 });
        assert_eq!(bed.read("bucket", "a.txt").await.unwrap(), b"aaa");
        assert_eq!(bed.read("bucket", &long_name()).await.unwrap(), b"long name");
        assert!(bed.read("bucket", "big.bin").await.unwrap() == TEXT[..3000]);
        for key in ["dir/", "pipe", "empty"] {
            assert_eq!(bed.read("bucket", key).await.unwrap(), b"", "{key}");
        }
        assert!(matches!(bed.read("bucket", "link").await, Err(ServiceError::NoSuchKey { .. })));
        let text = bed.head("bucket", "a.txt").await.unwrap();
        assert_eq!((text.mod_time().secs(), text.header("content-type")), (1_000_000_000, Some("text/plain")));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn records_describe_their_entry() {
    let bed = bed().await;
    let mut request = snowball(PAX);
    request.object.metadata.insert("X-Amz-Meta-Whole".to_owned(), "tar".to_owned());
    put(&bed, request).await.unwrap();
    let described = bed.head("bucket", "ü.txt").await.unwrap();
    assert_eq!(described.user_metadata().collect::<Vec<_>>(), [("X-Amz-Meta-Foo", "bar")]);
    assert_eq!(described.mod_time().nanos(), 1_000_000_000_250_000_000);
    assert_eq!(bed.head("bucket", "a.txt").await.unwrap().user_metadata().count(), 0);
}

#[tokio::test(flavor = "multi_thread")]
async fn compressed_tars_are_unpacked_and_large_entries_streamed() {
    let bed = bed().await;
    let large: Vec<u8> = TEXT.iter().copied().cycle().take(3 << 20).collect();
    let plain = tar(&[("small", b"1"), ("large", &large), ("after", b"2")]);
    let mut gzip = Vec::new();
    gzip.extend_from_slice(&[0x1f, 0x8b, 8, 0, 0, 0, 0, 0, 0, 255]);
    // Stored deflate blocks: no compressor is needed here.
    let mut chunks = plain.chunks(65_535).peekable();
    while let Some(chunk) = chunks.next() {
        let length = u16::try_from(chunk.len()).unwrap();
        gzip.push(u8::from(chunks.peek().is_none()));
        gzip.extend_from_slice(&length.to_le_bytes());
        gzip.extend_from_slice(&(!length).to_le_bytes());
        gzip.extend_from_slice(chunk);
    }
    let mut crc = !0u32;
    for byte in &plain {
        crc ^= u32::from(*byte);
        for _ in 0..8 {
            crc = if crc & 1 == 1 { crc >> 1 ^ 0xedb8_8320 } else { crc >> 1 };
        }
    }
    gzip.extend_from_slice(&(!crc).to_le_bytes());
    gzip.extend_from_slice(&u32::try_from(plain.len()).unwrap().to_le_bytes());
    for bytes in [&plain, &gzip] {
        assert_eq!(put(&bed, snowball(bytes)).await.unwrap().stored, 3);
        assert!(bed.read("bucket", "large").await.unwrap() == large);
        assert_eq!(bed.read("bucket", "after").await.unwrap(), b"2");
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn the_prefix_comes_first_and_nothing_leaves_it() {
    let bed = bed().await;
    let request = Snowball { prefix: "/pre/fix/".to_owned(), ..snowball(&tar(&[("./a", b"1"), ("/b/../c", b"2")])) };
    put(&bed, request).await.unwrap();
    assert_eq!(bed.read("bucket", "pre/fix/a").await.unwrap(), b"1");
    assert_eq!(bed.read("bucket", "pre/fix/c").await.unwrap(), b"2");
    let request = Snowball { prefix: "pre".to_owned(), ..snowball(&tar(&[("ok", b"1"), ("../up", b"2")])) };
    assert!(matches!(put(&bed, request).await, Err(ServiceError::InvalidKey { .. })));
    assert_eq!(bed.read("bucket", "pre/ok").await.unwrap(), b"1");
    assert!(bed.read("bucket", "up").await.is_err());
    let request = Snowball { prefix: "../x".to_owned(), ..snowball(&tar(&[])) };
    assert!(matches!(put(&bed, request).await, Err(ServiceError::InvalidKey { .. })));
}

#[tokio::test(flavor = "multi_thread")]
async fn an_entry_that_can_not_be_stored_ends_it_or_is_passed_over() {
    let bed = bed().await;
    let long = "x".repeat(99) + "/";
    let bad = format!("{}{}", &long[..50], "\u{1}");
    let refused = tar(&[("first", b"1"), ("../bad", b"2"), ("last", b"3"), (&bad, b"4")]);
    assert!(matches!(put(&bed, snowball(&refused)).await, Err(ServiceError::InvalidKey { .. })));
    assert_eq!(bed.read("bucket", "first").await.unwrap(), b"1");
    assert!(bed.read("bucket", "last").await.is_err());
    let unpacked = put(&bed, Snowball { ignore_errors: true, ..snowball(&refused) }).await.unwrap();
    assert_eq!((unpacked.stored, unpacked.failed), (3, 1));
    assert_eq!(bed.read("bucket", "last").await.unwrap(), b"3");
}

#[tokio::test(flavor = "multi_thread")]
async fn each_key_needs_its_permission() {
    let bed = bed().await;
    let denied = |key: &str| -> Result<Grant, ServiceError> {
        if key == "b" {
            return Err(ServiceError::InvalidArgument { reason: "denied".to_owned() });
        }
        Ok(bed.grant(Action::PutObject, "bucket", key))
    };
    let bytes = tar(&[("a", b"1"), ("b", b"2"), ("c", b"3")]);
    assert!(bed.service.put_snowball("bucket", snowball(&bytes), &denied).await.is_err());
    assert!(bed.read("bucket", "a").await.is_ok() && bed.read("bucket", "b").await.is_err());
    let request = Snowball { ignore_errors: true, ..snowball(&bytes) };
    let unpacked = bed.service.put_snowball("bucket", request, &denied).await.unwrap();
    assert_eq!((unpacked.stored, unpacked.failed), (2, 1));
    assert!(bed.read("bucket", "b").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn damaged_tars_tell_how_far_they_came() {
    let bed = bed().await;
    let error = put(&bed, snowball(&[b'x'; 2000])).await.unwrap_err();
    assert_eq!(error.to_string(), "tar file error: invalid tar header");
    let cut = tar(&[("first", b"1"), ("second", &[7; 5000])]);
    let error = put(&bed, Snowball { ignore_errors: true, ..snowball(&cut[..3000]) }).await.unwrap_err();
    assert_eq!(error.to_string(), "tar file error: unexpected EOF after 1 successful object(s)");
    assert!(bed.read("bucket", "first").await.is_ok() && bed.read("bucket", "second").await.is_err());
    let large = tar(&[("first", b"1"), ("large", &vec![7; 500_000])]);
    let error = put(&bed, snowball(&large[..300_000])).await.unwrap_err();
    assert!(matches!(error, ServiceError::BadTar { .. }), "{error}");
    assert!(bed.read("bucket", "large").await.is_err());
}

#[tokio::test(flavor = "multi_thread")]
async fn what_is_announced_is_the_tars() {
    let bed = bed().await;
    let bytes = tar(&[("a", b"1")]);
    let mut request = snowball(&bytes);
    request.body.md5 = Some([0; 16]);
    assert!(matches!(put(&bed, request).await, Err(ServiceError::BadDigest)));
    // What follows the end belongs to the body.
    let followed = [&bytes[..], &[b'z'; 3000]].concat();
    let unpacked = put(&bed, snowball(&followed)).await.unwrap();
    let stored = bed.put("bucket", "whole", &followed).await.unwrap();
    assert_eq!(unpacked.etag, stored.etag());
}

#[tokio::test(flavor = "multi_thread")]
async fn the_later_of_two_entries_of_a_name_stays() {
    let bed = bed().await;
    let many: Vec<(&str, &[u8])> =
        (0..40).map(|n| if n == 39 { ("same", &b"last"[..]) } else { ("same", &b"early"[..]) }).collect();
    assert_eq!(put(&bed, snowball(&tar(&many))).await.unwrap().stored, 40);
    assert_eq!(bed.read("bucket", "same").await.unwrap(), b"last");
}

#[tokio::test(flavor = "multi_thread")]
async fn a_bucket_must_be_there_and_take_what_is_asked() {
    let bed = bed().await;
    let permit = |key: &str| -> Result<Grant, ServiceError> { Ok(bed.grant(Action::PutObject, "none", key)) };
    let missing = bed.service.put_snowball("none", snowball(GNU), &permit).await;
    assert!(matches!(missing, Err(ServiceError::NoSuchBucket { .. })));
    let lock = LockSettings { legal_hold: Some(true), ..LockSettings::default() };
    let mut request = snowball(GNU);
    request.object.lock = lock;
    assert!(matches!(put(&bed, request).await, Err(ServiceError::BucketWithoutLock { .. })));
    let mut request = snowball(GNU);
    request.object.storage_class = Some("NOPE".to_owned());
    assert!(matches!(put(&bed, request).await, Err(ServiceError::InvalidStorageClass { .. })));
}
