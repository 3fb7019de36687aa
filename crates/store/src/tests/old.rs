//! Drives of early releases, made here from the bytes that the format's description gives: `xl.json` with part files beside
//! it, digests over whole files, `format.json` of old versions.

use super::harness::*;
use crate::*;
use erasure::bitrot::BitrotAlgorithm;
use std::path::Path;

/// What is stored in each part: `hello world!` as 2+2 (on-disk-format.md 5.2).
pub(super) const CONTENT: &[u8] = b"hello world!";
pub(super) const SHARDS: [&str; 4] = ["68656c6c6f20", "776f726c6421", "5671506c7922", "497b4e6c7223"];
pub(super) const DRIVES: [&str; 4] = [
    "11111111-1111-4111-8111-111111111111",
    "22222222-2222-4222-8222-222222222222",
    "33333333-3333-4333-8333-333333333333",
    "44444444-4444-4444-8444-444444444444",
];

fn ids() -> String {
    DRIVES.map(|id| format!("\"{id}\"")).join(",")
}

fn format_1(drive: usize) -> String {
    let (this, all) = (DRIVES[drive], ids());
    format!(r#"{{"version":"1","format":"xl","xl":{{"version":"1","drive":"{this}","jbod":[{all}]}}}}"#)
}

pub(super) fn format_2(drive: usize, id: &str) -> String {
    let (this, all) = (DRIVES[drive], ids());
    format!(
        r#"{{"version":"1","format":"xl","id":"{id}","xl":{{"version":"2","this":"{this}","sets":[[{all}]],"distributionAlgo":"CRCMOD"}}}}"#
    )
}

/// Four drives with a bucket, of an early release.
pub(super) fn old_drives(format: impl Fn(usize) -> String) -> Directories {
    let directories = Directories::new(4);
    for (at, drive) in directories.drives.iter().enumerate() {
        std::fs::create_dir_all(drive.join(".minio.sys/multipart/old/upload")).unwrap();
        std::fs::create_dir_all(drive.join(BUCKET)).unwrap();
        std::fs::write(drive.join(".minio.sys/format.json"), format(at)).unwrap();
    }
    directories
}

/// An object of so many parts, each [`CONTENT`], on one drive; `drive` is its position, shards lie in order.
pub(super) fn put_old(root: &Path, drive: usize, name: &str, parts: usize, algorithm: BitrotAlgorithm) {
    let object = root.join(BUCKET).join(name);
    std::fs::create_dir_all(&object).unwrap();
    let shard = hex(SHARDS[drive]);
    let mut hasher = algorithm.hasher();
    hasher.update(&shard);
    let digest: String = hasher.finish().iter().map(|byte| format!("{byte:02x}")).collect();
    let (mut sums, mut listed) = (Vec::new(), Vec::new());
    for number in 1..=parts {
        std::fs::write(object.join(format!("part.{number}")), &shard).unwrap();
        let name = algorithm.name();
        sums.push(format!(r#"{{"name":"part.{number}","algorithm":"{name}","hash":"{digest}"}}"#));
        listed.push(format!(r#"{{"number":{number},"name":"part.{number}","etag":"","size":12,"actualSize":12}}"#));
    }
    let (sums, listed, size, index) = (sums.join(","), listed.join(","), 12 * parts, drive + 1);
    let json = format!(
        r#"{{"version":"1.0.1","format":"xl","stat":{{"size":{size},"modTime":"2019-05-01T10:00:00.5Z"}},"erasure":{{"algorithm":"klauspost/reedsolomon/vandermonde","data":2,"parity":2,"blockSize":10485760,"index":{index},"distribution":[1,2,3,4],"checksum":[{sums}]}},"minio":{{"release":"RELEASE.2019-05-01T00-00-00Z"}},"meta":{{"content-type":"text/plain","etag":"fc3ff98e8c6a0d3087d515c0473f8677"}},"parts":[{listed}]}}"#
    );
    std::fs::write(object.join("xl.json"), json).unwrap();
}

pub(super) fn put_old_on_all(directories: &Directories, name: &str, parts: usize, algorithm: BitrotAlgorithm) {
    for (at, drive) in directories.drives.iter().enumerate() {
        put_old(drive, at, name, parts, algorithm);
    }
}

pub(super) fn hex(text: &str) -> Vec<u8> {
    (0..text.len()).step_by(2).map(|at| u8::from_str_radix(&text[at..at + 2], 16).unwrap()).collect()
}

pub(super) async fn read(store: &Store, name: &str) -> Result<Vec<u8>, StoreError> {
    let reader = store.open_object(BUCKET, name, None).await?;
    let size = reader.info.size;
    read_range(reader, 0..size).await
}

async fn read_range(reader: ObjectReader, range: std::ops::Range<u64>) -> Result<Vec<u8>, StoreError> {
    use futures_util::TryStreamExt;
    let pieces: Vec<bytes::Bytes> = reader.read(range).try_collect().await.map_err(StoreError::Body)?;
    Ok(pieces.concat())
}

pub(super) async fn names(store: &Store) -> Vec<String> {
    let request = ListRequest { bucket: BUCKET.to_owned(), limit: 100, ..ListRequest::default() };
    let page = store.list(request).await.unwrap();
    let key = |entry| match entry {
        Listed::Object(info) => info.key.clone(),
        Listed::Prefix(prefix) => prefix,
    };
    page.entries.into_iter().map(key).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn formats_of_old_versions_are_migrated_once_for_all() {
    let kept = "5e3f4b1c-0f0e-4c3a-9b43-64c51b0b7d3d";
    type FormatOf = Box<dyn Fn(usize) -> String>;
    let formats: [(FormatOf, Option<&str>); 3] = [
        (Box::new(format_1), None),
        (Box::new(|drive| format_2(drive, "")), None),
        (Box::new(move |drive| format_2(drive, kept)), Some(kept)),
    ];
    for (format, id) in formats {
        let directories = old_drives(format);
        let store = directories.open().await;
        let first = store.deployment_id();
        assert!(!first.is_nil() && id.is_none_or(|id| id == first.to_string()));
        store.close().await;
        for (at, drive) in directories.drives.iter().enumerate() {
            let (all, this) = (ids(), DRIVES[at]);
            let expected = format!(
                r#"{{"version":"1","format":"xl","id":"{first}","xl":{{"version":"3","this":"{this}","sets":[[{all}]],"distributionAlgo":"CRCMOD"}}}}"#
            );
            assert_eq!(std::fs::read_to_string(drive.join(".minio.sys/format.json")).unwrap(), expected);
            assert!(!drive.join(".minio.sys/multipart/old").exists());
        }
        assert_eq!(directories.open().await.deployment_id(), first);
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn objects_of_early_releases_are_read_and_listed_where_they_lie() {
    for algorithm in [BitrotAlgorithm::Sha256, BitrotAlgorithm::HighwayHash256, BitrotAlgorithm::Blake2b512] {
        let directories = old_drives(|drive| format_2(drive, ""));
        put_old_on_all(&directories, "a/old", 1, algorithm);
        put_old_on_all(&directories, "parts", 3, algorithm);
        let store = directories.open().await;
        assert_eq!(read(&store, "a/old").await.unwrap(), CONTENT);
        assert_eq!(read(&store, "parts").await.unwrap(), CONTENT.repeat(3));
        assert_eq!(names(&store).await, ["a/old", "parts"]);
        let whole = CONTENT.repeat(3);
        for (start, end) in [(0, 1), (5, 7), (11, 13), (12, 24), (23, 36), (35, 36)] {
            let reader = store.open_object(BUCKET, "parts", None).await.unwrap();
            assert_eq!(reader.info.etag(), "fc3ff98e8c6a0d3087d515c0473f8677");
            assert_eq!(read_range(reader, start..end).await.unwrap(), whole[start as usize..end as usize]);
        }
        store.close().await;
        assert!(directories.drives.iter().all(|drive| drive.join(BUCKET).join("parts/xl.json").exists()));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn two_drives_may_lie_or_be_away() {
    let directories = old_drives(|drive| format_2(drive, ""));
    put_old_on_all(&directories, "old", 2, BitrotAlgorithm::Blake2b512);
    std::fs::write(directories.drives[0].join(BUCKET).join("old/part.2"), b"hellO ").unwrap();
    std::fs::remove_file(directories.drives[1].join(BUCKET).join("old/xl.json")).unwrap();
    let store = directories.open().await;
    assert_eq!(read(&store, "old").await.unwrap(), CONTENT.repeat(2));
}

#[tokio::test(flavor = "multi_thread")]
async fn what_replaces_an_old_object_is_todays() {
    let directories = old_drives(|drive| format_2(drive, ""));
    put_old_on_all(&directories, "old", 2, BitrotAlgorithm::Sha256);
    let store = directories.open().await;
    put(&store, "old", &bytes::Bytes::from_static(b"new")).await;
    assert_eq!(read(&store, "old").await.unwrap(), b"new");
    store.close().await;
    for drive in &directories.drives {
        let object = drive.join(BUCKET).join("old");
        assert!(object.join("xl.meta").exists() && !object.join("xl.json").exists() && !object.join("part.1").exists());
        assert!(!object.join("legacy").exists());
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn an_old_object_stays_beneath_new_versions() {
    let directories = old_drives(|drive| format_2(drive, ""));
    put_old_on_all(&directories, "old", 2, BitrotAlgorithm::HighwayHash256);
    let store = directories.open().await;
    let new = put_as(&store, "old", &bytes::Bytes::from_static(b"new"), Versioning::Enabled).await;
    assert_eq!(read(&store, "old").await.unwrap(), b"new");
    let reader = store.open_object(BUCKET, "old", Some(VersionId::Null)).await.unwrap();
    assert_eq!(read_range(reader, 0..24).await.unwrap(), CONTENT.repeat(2));
    // Deleting the new one brings the old one back; deleting that leaves nothing.
    for (version, left) in [(new.version_id, Some(CONTENT.repeat(2))), (VersionId::Null, None)] {
        let request = delete("old", Some(version), Versioning::Enabled);
        store.delete_object(request).await.unwrap();
        assert_eq!(read(&store, "old").await.ok(), left);
    }
    store.close().await;
    assert!(directories.drives.iter().all(|drive| !drive.join(BUCKET).join("old").exists()));
}

#[tokio::test(flavor = "multi_thread")]
async fn healing_writes_an_old_object_anew() {
    let directories = old_drives(|drive| format_2(drive, ""));
    put_old_on_all(&directories, "sound", 2, BitrotAlgorithm::Blake2b512);
    put_old_on_all(&directories, "lacking", 2, BitrotAlgorithm::Blake2b512);
    put_old_on_all(&directories, "flipped", 1, BitrotAlgorithm::Sha256);
    std::fs::remove_dir_all(directories.drives[2].join(BUCKET).join("lacking")).unwrap();
    std::fs::write(directories.drives[0].join(BUCKET).join("flipped/part.1"), b"hellO ").unwrap();
    let store = directories.open().await;
    assert_eq!(store.heal_object(BUCKET, "sound", None, true).await.unwrap(), HealOutcome::Healthy);
    for name in ["lacking", "flipped"] {
        let healed = store.heal_object(BUCKET, name, None, true).await.unwrap();
        assert!(matches!(healed, HealOutcome::Healed { .. }), "{name}: {healed:?}");
        // The last drives may still be at it.
        quiet(&store).await;
        assert_eq!(store.heal_object(BUCKET, name, None, true).await.unwrap(), HealOutcome::Healthy);
    }
    let info = store.object_info(BUCKET, "lacking", None).await.unwrap();
    assert_eq!((info.mod_time.secs(), info.parts.len()), (1_556_704_800, 2));
    assert_eq!(info.etag(), "fc3ff98e8c6a0d3087d515c0473f8677");
    assert_eq!(read(&store, "lacking").await.unwrap(), CONTENT.repeat(2));
    assert_eq!(read(&store, "flipped").await.unwrap(), CONTENT);
    store.close().await;
    let there = |drive: &std::path::PathBuf, file: &str| drive.join(BUCKET).join(file).exists();
    for drive in &directories.drives {
        assert!(there(drive, "sound/xl.json") && there(drive, "lacking/xl.meta") && !there(drive, "lacking/xl.json"));
    }
}
