//! `xl.meta` of early releases (1.0 to 1.2), several sets among which CRC-32 chooses, and states in which MinIO leaves drives.

use super::harness::*;
use super::old::*;
use crate::*;
use bytes::Bytes;
use erasure::bitrot::BitrotAlgorithm;
use format::object_meta_keys::sys;
use format::xl::{Version, VersionEntry, XlMeta};
use std::path::Path;

/// An `xl.meta` of today as the release of version 1.`minor` would have written it: without headers, versions in any order.
fn as_early(today: &[u8], minor: u16) -> Vec<u8> {
    let meta = XlMeta::parse(&Bytes::copy_from_slice(today)).unwrap();
    let mut payload = [&[0x81, 0xa8][..], b"Versions", &[0x90 | meta.versions.len() as u8]].concat();
    for entry in meta.versions.iter().rev() {
        payload.extend_from_slice(entry.body());
    }
    if minor == 0 {
        return [b"XL2 1   ", &payload[..]].concat();
    }
    let mut file = [b"XL2 ", &1u16.to_le_bytes()[..], &minor.to_le_bytes()[..]].concat();
    file.push(0xc5);
    file.extend_from_slice(&u16::try_from(payload.len()).unwrap().to_be_bytes());
    file.extend_from_slice(&payload);
    if minor > 1 {
        file.push(0xce);
        file.extend_from_slice(&(xxhash_rust::xxh64::xxh64(&payload, 0) as u32).to_be_bytes());
    }
    // What is behind the check is the same.
    let checked = 13 + u32::from_be_bytes(today[9..13].try_into().unwrap()) as usize + 5;
    file.extend_from_slice(&today[checked..]);
    file
}

fn rewrite(directories: &Directories, name: &str, change: impl Fn(&[u8]) -> Vec<u8>) {
    for at in 0..directories.drives.len() {
        let path = directories.xl_meta(at, name);
        let bytes = std::fs::read(&path).unwrap();
        std::fs::write(&path, change(&bytes)).unwrap();
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn metadata_of_early_releases_is_read_listed_healed_and_written_anew_with_the_next_change() {
    for minor in 0..=2 {
        let directories = Directories::new(4);
        let store = directories.open().await;
        let (small, large) = (content(1000), content(700_000));
        // 1.0 knew no inline data.
        let first = if minor == 0 { &large } else { &small };
        put_as(&store, "k", first, Versioning::Enabled).await;
        put_as(&store, "k", &large, Versioning::Enabled).await;
        store.delete_object(delete("k", None, Versioning::Enabled)).await.unwrap();
        put_as(&store, "k", first, Versioning::Enabled).await;
        let request =
            || ListRequest { bucket: BUCKET.to_owned(), limit: 100, versions: true, ..ListRequest::default() };
        let before = store.list(request()).await.unwrap().entries;
        store.close().await;
        rewrite(&directories, "k", |today| as_early(today, minor));
        std::fs::remove_dir_all(directories.xl_meta(2, "k").parent().unwrap()).unwrap();

        let store = directories.open().await;
        assert_eq!(get(&store, "k").await, first);
        let after = store.list(request()).await.unwrap().entries;
        assert_eq!(after, before, "1.{minor}");
        let healed = store.heal_object(BUCKET, "k", None, true).await.unwrap();
        assert!(matches!(healed, HealOutcome::Healed { drives: 1 }), "1.{minor}: {healed:?}");
        put_as(&store, "k", &small, Versioning::Enabled).await;
        store.close().await;
        for at in 0..4 {
            let bytes = std::fs::read(directories.xl_meta(at, "k")).unwrap();
            assert_eq!(&bytes[..8], b"XL2 \x01\0\x03\0", "1.{minor}, drive {at}");
        }
        assert_eq!(get(&directories.open().await, "k").await, small);
    }
}

/// Two sets of the four ids, each with its own.
fn format_of_sets(drive: usize) -> String {
    let id = |at: usize| format!("{}{}", at / 4, &DRIVES[at % 4][1..]);
    let set = |set: usize| (0..4).map(|at| format!("\"{}\"", id(set * 4 + at))).collect::<Vec<_>>().join(",");
    format!(
        r#"{{"version":"1","format":"xl","id":"5e3f4b1c-0f0e-4c3a-9b43-64c51b0b7d3d","xl":{{"version":"3","this":"{}","sets":[[{}],[{}]],"distributionAlgo":"CRCMOD"}}}}"#,
        id(drive),
        set(0),
        set(1)
    )
}

#[tokio::test(flavor = "multi_thread")]
async fn early_releases_chose_sets_by_crc() {
    let directories = Directories::new(8);
    for (at, drive) in directories.drives.iter().enumerate() {
        std::fs::create_dir_all(drive.join(".minio.sys")).unwrap();
        std::fs::create_dir_all(drive.join(BUCKET)).unwrap();
        std::fs::write(drive.join(".minio.sys/format.json"), format_of_sets(at)).unwrap();
    }
    // CRC-32 of the names: 1260cebb, 17d50149, 8cdc1683 are odd; 22497014 is even (on-disk-format.md 3).
    let chosen = [("hello.txt", 1), ("a/b/c", 1), ("x", 1), ("photos/2024/img_0001.jpg", 1), ("dir__XLDIR__", 0)];
    for (name, set) in chosen {
        for at in 0..4 {
            put_old(&directories.drives[set * 4 + at], at, name, 1, BitrotAlgorithm::Sha256);
        }
    }
    let mut config = directories.config();
    config.pools[0].set_size = 4;
    let store = directories.open_with(config).await;
    for (name, set) in chosen {
        let key = name.replace("__XLDIR__", "/");
        assert_eq!(read(&store, &key).await.unwrap(), CONTENT, "{name}");
        put(&store, &key, &Bytes::from_static(b"new")).await;
        let there = |at: usize| directories.drives[at].join(BUCKET).join(name).exists();
        quiet(&store).await;
        assert!((0..8).all(|at| there(at) == (at / 4 == set)), "{name}");
    }
    assert_eq!(names(&store).await, ["a/b/c", "dir/", "hello.txt", "photos/2024/img_0001.jpg", "x"]);
}

/// MinIO heals objects of the oldest format on the drives that are there, so that two forms of one version are left.
#[tokio::test(flavor = "multi_thread")]
async fn an_old_object_healed_on_half_of_the_drives_is_read_and_healed() {
    let directories = old_drives(|drive| format_2(drive, ""));
    put_old_on_all(&directories, "old", 2, BitrotAlgorithm::Sha256);
    let aside = tempfile::tempdir().unwrap();
    for (at, drive) in directories.drives.iter().enumerate() {
        copy(&drive.join(BUCKET).join("old"), &aside.path().join(at.to_string()));
    }
    std::fs::remove_dir_all(directories.drives[0].join(BUCKET).join("old")).unwrap();
    let store = directories.open().await;
    store.heal_object(BUCKET, "old", None, true).await.unwrap();
    quiet(&store).await;
    store.close().await;
    for at in [1, 3] {
        let object = directories.drives[at].join(BUCKET).join("old");
        std::fs::remove_dir_all(&object).unwrap();
        copy(&aside.path().join(at.to_string()), &object);
    }
    let store = directories.open().await;
    assert_eq!(read(&store, "old").await.unwrap(), CONTENT.repeat(2));
    assert_eq!(names(&store).await, ["old"]);
    let healed = store.heal_object(BUCKET, "old", None, true).await.unwrap();
    assert!(matches!(healed, HealOutcome::Healed { .. }), "{healed:?}");
    quiet(&store).await;
    assert_eq!(store.heal_object(BUCKET, "old", None, true).await.unwrap(), HealOutcome::Healthy);
    assert_eq!(read(&store, "old").await.unwrap(), CONTENT.repeat(2));
}

fn copy(from: &Path, to: &Path) {
    std::fs::create_dir_all(to).unwrap();
    for entry in std::fs::read_dir(from).unwrap() {
        let entry = entry.unwrap();
        std::fs::copy(entry.path(), to.join(entry.file_name())).unwrap();
    }
}

/// MinIO's copies of inline objects, written to files where they are too large to be inline, keep the mark of their source.
#[tokio::test(flavor = "multi_thread")]
async fn what_is_called_inline_and_lies_in_files_is_read_and_healed_there() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let large = content(700_000);
    put_as(&store, "k", &large, Versioning::Enabled).await;
    store.close().await;
    rewrite(&directories, "k", |today| {
        let mut meta = XlMeta::parse(&Bytes::copy_from_slice(today)).unwrap();
        let Version::Object(mut object) = meta.versions[0].decode().unwrap() else { panic!("an object") };
        object.meta_sys.insert(sys::INLINE_DATA.to_owned(), Bytes::from_static(b"true"));
        meta.upsert(VersionEntry::from_version(&Version::Object(object)));
        meta.encode()
    });
    let lost = directories.part_files(0);
    for file in &lost {
        std::fs::remove_file(directories.drives[0].join(BUCKET).join(file)).unwrap();
    }
    let store = directories.open().await;
    assert_eq!(get(&store, "k").await, large);
    let healed = store.heal_object(BUCKET, "k", None, true).await.unwrap();
    assert!(matches!(healed, HealOutcome::Healed { drives: 1 }), "{healed:?}");
    quiet(&store).await;
    assert_eq!(directories.part_files(0).len(), 1);
    assert_eq!(store.heal_object(BUCKET, "k", None, true).await.unwrap(), HealOutcome::Healthy);
}

/// Says of an object that its data is on a tier, as MinIO does when it has moved it there.
fn move_to_tier(directories: &Directories, name: &str, remote: &str) {
    rewrite(directories, name, |today| {
        let mut meta = XlMeta::parse(&Bytes::copy_from_slice(today)).unwrap();
        let Version::Object(mut object) = meta.versions[0].decode().unwrap() else { panic!("an object") };
        meta.inline.remove(object.version_id);
        object.meta_sys.remove(sys::INLINE_DATA);
        let keys =
            [(sys::TRANSITION_STATUS, "complete"), (sys::TRANSITIONED_OBJECT, remote), (sys::TRANSITION_TIER, "COLD")];
        for (key, value) in keys.into_iter().chain([(sys::TRANSITIONED_VERSION_ID, "")]) {
            object.meta_sys.insert(key.to_owned(), Bytes::copy_from_slice(value.as_bytes()));
        }
        meta.upsert(VersionEntry::from_version(&Version::Object(object)));
        meta.encode()
    });
}

/// The remote objects that each drive notes as free, and the ids of the notes.
fn freed(directories: &Directories, name: &str) -> Vec<Vec<(uuid::Uuid, Bytes)>> {
    let of_drive = |at: usize| {
        let bytes = Bytes::from(std::fs::read(directories.xl_meta(at, name)).unwrap());
        let meta = XlMeta::parse(&bytes).unwrap();
        let notes = meta.versions.iter().filter(|entry| entry.header.flags.free_version).map(|entry| {
            let Ok(Version::DeleteMarker(marker)) = entry.decode() else { panic!("a note") };
            assert_eq!(marker.meta_sys[sys::TRANSITION_TIER], "COLD");
            (marker.version_id, marker.meta_sys[sys::TRANSITIONED_OBJECT].clone())
        });
        notes.collect()
    };
    (0..directories.drives.len()).map(of_drive).collect()
}

#[tokio::test(flavor = "multi_thread")]
async fn a_version_on_a_tier_leaves_a_note_of_its_remote_object_when_it_goes() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let small = content(100);
    for name in ["overwritten", "deleted", "marked", "kept"] {
        put(&store, name, &small).await;
    }
    let version = put_as(&store, "version", &small, Versioning::Enabled).await.version_id;
    store.close().await;
    for name in ["overwritten", "deleted", "marked", "kept", "version"] {
        move_to_tier(&directories, name, name);
    }
    std::fs::remove_file(directories.xl_meta(3, "kept")).unwrap();
    let store = directories.open().await;
    put(&store, "overwritten", &small).await;
    store.delete_object(delete("deleted", None, Versioning::Off)).await.unwrap();
    store.delete_object(delete("marked", None, Versioning::Suspended)).await.unwrap();
    store.delete_object(delete("version", Some(version), Versioning::Enabled)).await.unwrap();
    store.heal_object(BUCKET, "kept", None, true).await.unwrap();
    quiet(&store).await;
    // Nobody who asks for objects sees the notes.
    assert_eq!(names(&store).await, ["kept", "overwritten"]);
    assert!(store.object_info(BUCKET, "deleted", None).await.is_err());
    assert_eq!(get(&store, "overwritten").await, small);
    store.close().await;
    for name in ["overwritten", "deleted", "marked", "version"] {
        let notes = freed(&directories, name);
        assert_eq!(notes[0].len(), 1, "{name}");
        assert_eq!(notes[0][0].1, name);
        assert!(notes.iter().all(|of_drive| *of_drive == notes[0]), "{name}: {notes:?}");
    }
    assert!(freed(&directories, "kept").iter().all(Vec::is_empty));
    // A second overwriting leaves the note alone.
    let store = directories.open().await;
    put(&store, "overwritten", &content(200)).await;
    quiet(&store).await;
    store.close().await;
    assert!(freed(&directories, "overwritten").iter().all(|of_drive| of_drive.len() == 1));
}
