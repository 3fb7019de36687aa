//! PUT and GET on healthy drives.

use super::harness::*;
use crate::*;
use bytes::Bytes;

const MIB: usize = 1 << 20;

/// Lengths around every edge: inline limits, blocks, groups of blocks.
fn lengths(data: usize) -> Vec<usize> {
    let inline = 128 * 1024 * data;
    let mut all = vec![0, 1, 2, 12, 4095, inline - 1, inline, inline + 1];
    for blocks in [1, 2, 3, 5] {
        all.extend([blocks * MIB - 1, blocks * MIB, blocks * MIB + 1]);
    }
    all
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn bodies_of_every_length_come_back_whole_and_in_ranges() {
    for drives in [1, 2, 4, 6] {
        let directories = Directories::new(drives);
        let store = directories.open().await;
        let data = drives - usize::from(format::placement::default_parity(drives));
        for len in lengths(data) {
            let bytes = content(len);
            let info = put(&store, "some/key", &bytes).await;
            assert_eq!(info.size, u64::try_from(len).expect("small"));
            assert!(get(&store, "some/key").await == bytes, "{len} bytes on {drives} drives");
            check_ranges(&store, &bytes).await;
        }
        quiet(&store).await;
        assert_eq!(store.inner.memory.used(), 0);
        assert_eq!(store.inner.locks.len(), 0);
        assert_eq!(directories.left_in_staging().await, Vec::<std::path::PathBuf>::new());
        store.close().await;
    }
}

async fn check_ranges(store: &Store, bytes: &Bytes) {
    let len = bytes.len();
    let edges = [0, 1, len / 3, len / 2, MIB - 1, MIB, MIB + 1, 2 * MIB, len.saturating_sub(1), len];
    for from in edges {
        for to in edges {
            if from < to && to <= len {
                let range = u64::try_from(from).expect("small")..u64::try_from(to).expect("small");
                let got = try_get(store, "some/key", None, range).await.expect("readable");
                assert!(got == bytes[from..to], "{from}..{to} of {len}");
            }
        }
    }
}

#[tokio::test]
async fn a_body_of_unknown_length_is_stored_whatever_its_length_turns_out_to_be() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    for len in [0, 1, 100, 262_144, MIB - 1, MIB, MIB + 1, 3 * MIB + 17] {
        let bytes = content(len);
        let request = request("k", None, Versioning::Off);
        store.put_object(request, body(bytes.clone(), 8191), seal("e")).await.expect("stored");
        assert!(get(&store, "k").await == bytes, "{len} bytes");
    }
    quiet(&store).await;
    assert_eq!(directories.left_in_staging().await, Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn a_body_that_is_longer_or_shorter_than_announced_leaves_nothing() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    for announced in [0u64, 1000, 3 << 20] {
        for (by, longer) in [(1u64, true), (1, false), (1 << 20, true)] {
            let Some(len) = (if longer { Some(announced + by) } else { announced.checked_sub(by) }) else { continue };
            let bytes = content(usize::try_from(len).expect("small"));
            let request = request("k", Some(announced), Versioning::Off);
            let error = store.put_object(request, body(bytes, 100_000), seal("e")).await.expect_err("refused");
            match error {
                StoreError::LongBody { expected } if longer => assert_eq!(expected, announced),
                StoreError::ShortBody { expected, got } if !longer => assert_eq!((expected, got), (announced, len)),
                other => panic!("{other:?}"),
            }
        }
    }
    quiet(&store).await;
    assert!(matches!(store.object_info(BUCKET, "k", None).await, Err(StoreError::KeyNotFound { .. })));
    assert_eq!(directories.left_in_staging().await, Vec::<std::path::PathBuf>::new());
    assert_eq!(store.inner.memory.used(), 0);
}

#[tokio::test]
async fn a_refusal_at_the_end_of_the_body_leaves_nothing() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    for len in [10u64, 2 << 20] {
        let bytes = content(usize::try_from(len).expect("small"));
        let request = request("k", Some(len), Versioning::Off);
        let refuse: Seal = Box::new(|_| Err("no".into()));
        let error = store.put_object(request, body(bytes, 100_000), refuse).await.expect_err("refused");
        assert!(matches!(error, StoreError::Rejected(_)));
    }
    quiet(&store).await;
    assert!(matches!(store.object_info(BUCKET, "k", None).await, Err(StoreError::KeyNotFound { .. })));
    assert_eq!(directories.left_in_staging().await, Vec::<std::path::PathBuf>::new());
}

#[tokio::test]
async fn metadata_comes_back_and_the_bucket_must_be_there() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let stored = put(&store, "dir/", &content(0)).await;
    let read = store.object_info(BUCKET, "dir/", None).await.expect("there");
    assert_eq!(read, stored);
    assert_eq!((read.etag(), read.key.as_str()), ("e", "dir/"));
    assert_eq!(read.metadata.user["content-type"], "text/plain");
    assert!(matches!(store.object_info(BUCKET, "dir", None).await, Err(StoreError::KeyNotFound { .. })));

    let mut elsewhere = request("k", Some(1), Versioning::Off);
    elsewhere.bucket = "missing".to_owned();
    let error = store.put_object(elsewhere, body(content(1), 1), seal("e")).await.expect_err("no bucket");
    assert!(matches!(error, StoreError::BucketNotFound { .. }), "{error:?}");
    let bad = store.object_info(BUCKET, "a//b", None).await.expect_err("no name");
    assert!(matches!(bad, StoreError::BadKey { .. }));
}

#[tokio::test]
async fn what_was_written_is_there_after_closing_and_opening_again() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let (small, large) = (content(100), content(2 * MIB + 5));
    put(&store, "small", &small).await;
    put(&store, "large", &large).await;
    let id = store.deployment_id();
    store.close().await;
    assert!(matches!(
        store.put_object(request("x", None, Versioning::Off), body(small.clone(), 9), seal("e")).await,
        Err(StoreError::Closing)
    ));
    let store = directories.open().await;
    assert_eq!(store.deployment_id(), id);
    assert_eq!(get(&store, "small").await, small);
    assert!(get(&store, "large").await == large);
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn many_writers_of_one_name_leave_one_whole_body() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let tasks = base::Tasks::new();
    let mut writers = Vec::new();
    for len in 1..24usize {
        let store = store.clone();
        writers.push(tasks.spawn(async move {
            let len = if len % 3 == 0 { len * 50_000 } else { len };
            put(&store, "k", &content(len)).await
        }));
    }
    let mut infos = Vec::new();
    for writer in writers {
        infos.push(writer.join().await.expect("finished"));
    }
    let last = infos.iter().max_by_key(|info| info.mod_time).expect("some");
    let bytes = get(&store, "k").await;
    assert_eq!(u64::try_from(bytes.len()).expect("small"), last.size);
    assert!(bytes == content(bytes.len()));
    let times: std::collections::BTreeSet<_> = infos.iter().map(|info| info.mod_time).collect();
    assert_eq!(times.len(), infos.len(), "every version has its own time");
}
