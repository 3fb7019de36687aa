//! Missing drives, damaged files, slow readers.

use super::harness::*;
use crate::*;
use bytes::Bytes;
use futures_util::StreamExt;
use std::path::Path;

fn set_of(store: &Store) -> std::sync::Arc<crate::set::Set> {
    store.inner.sets().next().expect("one set").clone()
}

/// Changes a byte of a file.
fn flip(path: &Path, at: u64) {
    use std::os::unix::fs::FileExt;
    let file = std::fs::OpenOptions::new().read(true).write(true).open(path).expect("there");
    let mut byte = [0];
    file.read_exact_at(&mut byte, at).expect("long enough");
    file.write_all_at(&[byte[0] ^ 1], at).expect("writable");
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn any_drives_up_to_the_parity_may_be_missing() {
    for (drives, parity) in [(4usize, 2usize), (6, 3)] {
        let directories = Directories::new(drives);
        let store = directories.open().await;
        let (small, large) = (content(1000), content((2 << 20) + 77));
        put(&store, "small", &small).await;
        put(&store, "large", &large).await;
        quiet(&store).await;
        let set = set_of(&store);
        let all = set.drives();
        for mask in 0..(1u32 << drives) {
            let gone = usize::try_from(mask.count_ones()).expect("small");
            if gone > parity + 1 {
                continue;
            }
            for position in 0..drives {
                if mask & (1 << position) != 0 {
                    set.take_offline(position);
                } else {
                    set.put_online(position, all[position].clone().expect("was there"));
                }
            }
            if gone <= parity {
                assert_eq!(get(&store, "small").await, small, "without {mask:b}");
                assert!(get(&store, "large").await == large, "without {mask:b}");
            } else {
                let error = store.object_info(BUCKET, "small", None).await.expect_err("too few");
                assert!(matches!(error, StoreError::ReadQuorum { .. }), "{error:?}");
            }
        }
    }
}

#[tokio::test]
async fn a_write_without_some_drives_raises_the_parity_and_below_quorum_fails() {
    let directories = Directories::new(6);
    let config = StoreConfig { standard_parity: Some(2), ..directories.config() };
    let store = directories.open_with(config).await;
    let set = set_of(&store);
    let info = put(&store, "whole", &content(100)).await;
    assert_eq!((info.data_shards, info.parity_shards), (4, 2));
    set.take_offline(5);
    let info = put(&store, "raised", &content(3 << 20)).await;
    assert_eq!((info.data_shards, info.parity_shards), (3, 3));
    assert_eq!(info.metadata.system["x-minio-internal-erasure-upgraded"], "2->3");
    assert!(get(&store, "raised").await == content(3 << 20));
    set.take_offline(4);
    put(&store, "still", &content(5)).await;
    set.take_offline(3);
    let size = Some(5);
    let failed = store.put_object(request("not", size, Versioning::Off), body(content(5), 5), seal("e")).await;
    assert!(matches!(failed, Err(StoreError::WriteQuorum { .. })), "{failed:?}");
    assert_eq!(get(&store, "still").await, content(5));
}

#[tokio::test]
async fn a_drive_that_missed_writes_is_given_to_the_healer() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let set = set_of(&store);
    let drive = set.drives()[2].clone().expect("there");
    put(&store, "k", &content(10)).await;
    set.take_offline(2);
    put(&store, "k", &content(20)).await;
    quiet(&store).await;
    set.put_online(2, drive);
    let task = store.inner.shared.heal.take_all().into_iter().next().expect("queued");
    assert_eq!((task.object.as_str(), task.deep), ("k", false));
    assert_eq!(get(&store, "k").await, content(20));
}

#[tokio::test]
async fn flipped_bytes_are_found_and_made_good_up_to_the_parity() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let large = content((4 << 20) + 123);
    put(&store, "k", &large).await;
    quiet(&store).await;
    // A different pair of drives is wrong in each block: no two good ones throughout.
    let frame = 32 + (1u64 << 19);
    for (block, drives) in [(0u64, [0, 1]), (1, [1, 2]), (2, [2, 3]), (3, [0, 3])] {
        for drive in drives {
            flip(&directories.part_files(drive)[0], block * frame + 1000);
        }
    }
    assert!(get(&store, "k").await == large);
    let task = store.inner.shared.heal.take_all().into_iter().next().expect("queued");
    assert!(task.deep);
    flip(&directories.part_files(0)[0], 2 * frame + 7);
    let error = try_get(&store, "k", None, 0..u64::MAX).await.expect_err("lost");
    assert!(error.contains("could not be produced"), "{error}");
    let first = try_get(&store, "k", None, 0..(2 << 20)).await.expect("the first blocks are fine");
    assert!(first == large[..2 << 20]);
}

#[tokio::test]
async fn missing_and_truncated_part_files_are_made_good() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let large = content((2 << 20) + 9);
    put(&store, "k", &large).await;
    quiet(&store).await;
    let file = |drive: usize| directories.part_files(drive)[0].clone();
    std::fs::OpenOptions::new().write(true).open(file(0)).expect("there").set_len(700_000).expect("cut");
    std::fs::remove_file(file(1)).expect("there");
    assert!(get(&store, "k").await == large);
    std::fs::remove_file(file(2)).expect("there");
    let error = try_get(&store, "k", None, 0..u64::MAX).await;
    assert!(error.is_err(), "three of four are gone");
}

#[tokio::test]
async fn a_damaged_xl_meta_is_outvoted() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    put(&store, "small", &content(50)).await;
    put(&store, "large", &content(1 << 20)).await;
    store.close().await;
    for key in ["small", "large"] {
        flip(&directories.xl_meta(0, key), 60);
        std::fs::remove_file(directories.xl_meta(1, key)).expect("there");
    }
    let store = directories.open().await;
    assert_eq!(get(&store, "small").await, content(50));
    assert!(get(&store, "large").await == content(1 << 20));
    assert!(store.inner.shared.heal.take_all().into_iter().next().is_some());
}

#[tokio::test]
async fn damaged_inline_data_is_made_good() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let bytes = content(5000);
    put(&store, "k", &bytes).await;
    store.close().await;
    for drive in 0..2 {
        let path = directories.xl_meta(drive, "k");
        let len = std::fs::metadata(&path).expect("there").len();
        flip(&path, len - 10);
    }
    let store = directories.open().await;
    assert_eq!(get(&store, "k").await, bytes);
    assert!(store.inner.shared.heal.take_all().into_iter().next().expect("queued").deep);
}

#[tokio::test]
async fn a_reader_keeps_what_it_reads_though_it_is_overwritten_and_deleted() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let (first, second) = (content(9 << 20), content(3 << 20));
    put(&store, "k", &first).await;
    let begun = store.open_object(BUCKET, "k", None).await.expect("there");
    let mut begun = begun.read(0..u64::MAX);
    let mut got = begun.next().await.expect("more").expect("readable").to_vec();
    let unpolled = store.open_object(BUCKET, "k", None).await.expect("there");
    put(&store, "k", &second).await;
    let of_second = store.open_object(BUCKET, "k", None).await.expect("there");
    store.delete_object(delete("k", None, Versioning::Off)).await.expect("deleted");
    while let Some(piece) = begun.next().await {
        got.extend_from_slice(&piece.expect("readable"));
    }
    assert!(got == first);
    let rest: Vec<Bytes> = unpolled.read(0..u64::MAX).map(|piece| piece.expect("readable")).collect().await;
    assert!(rest.concat() == first);
    let rest: Vec<Bytes> = of_second.read(0..u64::MAX).map(|piece| piece.expect("readable")).collect().await;
    assert!(rest.concat() == second);
    drop(begun);
    quiet(&store).await;
    for drive in 0..4 {
        assert_eq!(directories.part_files(drive), Vec::<std::path::PathBuf>::new(), "nothing is kept for nobody");
    }
}

/// A deletion that one drive missed must not come back, whichever drive it is and whichever answers first.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn what_a_single_drive_still_has_is_not_there() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    for (key, len) in [("empty", 0), ("small", 1000), ("large", 700_000)] {
        let set = set_of(&store);
        for position in 0..4 {
            put(&store, key, &content(len)).await;
            quiet(&store).await;
            let drive = set.drives()[position].clone().expect("online");
            set.take_offline(position);
            store.delete_object(delete(key, None, Versioning::Off)).await.expect("three are enough");
            quiet(&store).await;
            set.put_online(position, drive);
            let error = store.object_info(BUCKET, key, None).await.expect_err("deleted");
            assert!(matches!(error, StoreError::KeyNotFound { .. }), "{key} on {position}: {error:?}");
            // The background worker may have been first.
            store.heal_object(BUCKET, key, None, false).await.expect("all are there");
            let left = set.read_all_meta(BUCKET, key).await;
            assert!(left.iter().all(|answer| answer.is_err()), "{key} on {position}: {left:?}");
        }
    }
}

#[tokio::test]
async fn what_cant_be_read_is_an_error_before_the_first_byte_and_remains_are_not_there() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    for key in ["damaged", "dataless", "forgotten"] {
        put(&store, key, &content(1 << 20)).await;
    }
    store.close().await;
    let file = |drive: usize, key: &str| {
        let of_key = |path: &std::path::PathBuf| path.to_str().is_some_and(|path| path.contains(key));
        directories.part_files(drive).into_iter().find(of_key).expect("there")
    };
    for drive in 0..3 {
        flip(&file(drive, "damaged"), 1000);
        std::fs::remove_file(file(drive, "dataless")).expect("there");
        std::fs::remove_dir_all(directories.xl_meta(drive, "forgotten").parent().expect("a folder")).expect("there");
    }
    let store = directories.open().await;
    let start = async |key: &str| {
        let reader = store.open_object(BUCKET, key, None).await?;
        reader.body.start(0..1 << 20).await.map(drop)
    };
    assert!(matches!(start("damaged").await, Err(StoreError::ReadQuorum { .. })));
    // Its metadata is there: it was stored, and isn't to be taken for deleted.
    assert!(matches!(start("dataless").await, Err(StoreError::ReadQuorum { .. })));
    assert!(matches!(start("forgotten").await, Err(StoreError::KeyNotFound { .. })));
}
