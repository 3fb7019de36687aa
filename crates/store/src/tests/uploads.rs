//! Uploads in parts.

use super::harness::*;
use crate::*;
use base::StreamError;
use bytes::Bytes;
use futures_util::StreamExt;
use std::collections::BTreeMap;
use std::time::Duration;

const MIB: usize = 1 << 20;

fn upload_request(key: &str, versioning: Versioning) -> UploadRequest {
    UploadRequest {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        versioning,
        storage_class: StorageClass::Standard,
        metadata: Metadata {
            user: BTreeMap::from([
                ("content-type".to_owned(), "text/plain".to_owned()),
                ("x-minio-multipart-checksum".to_owned(), "CRC32".to_owned()),
            ]),
            system: BTreeMap::new(),
        },
        conditions: WriteConditions::default(),
    }
}

pub(super) async fn begin(store: &Store, key: &str) -> String {
    store.new_upload(upload_request(key, Versioning::Off)).await.expect("begun").upload_id
}

async fn try_put_part(
    store: &Store,
    key: &str,
    id: &str,
    number: u32,
    bytes: &Bytes,
) -> Result<UploadedPart, StoreError> {
    let seal: SealPart = {
        let etag = etag(bytes);
        let checksums = BTreeMap::from([("CRC32".to_owned(), "AAAA".to_owned())]);
        Box::new(move |_| Ok(PartSeal { etag, checksums, ..PartSeal::default() }))
    };
    let size = u64::try_from(bytes.len()).ok();
    store.put_part(BUCKET, key, id, number, size, body(bytes.clone(), 100_000), seal).await
}

pub(super) async fn put_part(store: &Store, key: &str, id: &str, number: u32, bytes: &Bytes) -> CompletedPart {
    let part = try_put_part(store, key, id, number, bytes).await.expect("stored");
    CompletedPart { number: part.number, etag: part.etag }
}

/// Stands for a hash.
fn etag(bytes: &Bytes) -> String {
    format!("{}-{}", bytes.len(), bytes.first().copied().unwrap_or(0))
}

async fn complete(store: &Store, key: &str, id: &str, parts: Vec<CompletedPart>) -> Result<ObjectInfo, StoreError> {
    let seal: SealUpload = Box::new(|_, parts| {
        let etag = format!("whole-{}", parts.len());
        Ok(Metadata { user: BTreeMap::from([("etag".to_owned(), etag)]), system: BTreeMap::new() })
    });
    store.complete_upload(BUCKET, key, id, parts, Versioning::Off, WriteConditions::default(), seal).await
}

fn is_not_found<T>(result: &Result<T, StoreError>) -> bool {
    matches!(result, Err(StoreError::UploadNotFound { .. }))
}

/// Whether any drive has anything of an upload.
pub(super) fn leftovers(directories: &Directories) -> Vec<String> {
    let mut found = Vec::new();
    for drive in &directories.drives {
        for dir in ["multipart", "rustfs/uploads"] {
            let entries = std::fs::read_dir(drive.join(".minio.sys").join(dir)).into_iter().flatten().flatten();
            found.extend(entries.map(|entry| entry.path().display().to_string()));
        }
    }
    found
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_upload_from_its_beginning_to_its_object() {
    for drives in [1, 4, 6] {
        let directories = Directories::new(drives);
        let store = directories.open().await;
        let id = begin(&store, "up/k").await;
        let (one, three, nine) = (content(5 * MIB), content(2 * MIB + 77), content(10));
        put_part(&store, "up/k", &id, 3, &content(3)).await;
        let parts = vec![
            put_part(&store, "up/k", &id, 1, &one).await,
            put_part(&store, "up/k", &id, 3, &three).await,
            put_part(&store, "up/k", &id, 10_000, &nine).await,
        ];
        put_part(&store, "up/k", &id, 7, &content(70)).await;
        quiet(&store).await;
        store.close().await;
        drop(store);

        let store = directories.open().await;
        let listed = store.list_parts(BUCKET, "up/k", &id).await.expect("listed");
        assert_eq!(listed.iter().map(|part| part.number).collect::<Vec<_>>(), [1, 3, 7, 10_000]);
        assert_eq!(listed[1].etag, etag(&three));
        assert_eq!((listed[1].size, listed[1].checksums["CRC32"].as_str()), (2 * 1024 * 1024 + 77, "AAAA"));
        let uploads = store.list_uploads(BUCKET, "up/").await.expect("listed");
        assert_eq!(uploads.iter().map(|upload| upload.upload_id.as_str()).collect::<Vec<_>>(), [&id]);
        assert_eq!(uploads[0].metadata.user["content-type"], "text/plain");

        let info = complete(&store, "up/k", &id, parts.clone()).await.expect("completed");
        let whole: Bytes = [one, three, nine].concat().into();
        assert_eq!(info.etag(), "whole-3");
        assert_eq!(info.metadata.system["X-Minio-Internal-actual-size"], whole.len().to_string());
        assert!(!info.metadata.user.contains_key("x-minio-multipart-checksum"));
        assert_eq!(info.parts.iter().map(|part| part.number).collect::<Vec<_>>(), [1, 3, 10_000]);
        assert!(get(&store, "up/k").await == whole);
        assert!(is_not_found(&complete(&store, "up/k", &id, parts).await));
        assert!(is_not_found(&store.upload(BUCKET, "up/k", &id).await));
        assert!(store.list_uploads(BUCKET, "").await.expect("listed").is_empty());
        quiet(&store).await;
        assert_eq!(leftovers(&directories), Vec::<String>::new());
        assert_eq!(directories.part_files(0).len(), 3);
        assert_eq!(store.inner.memory.used(), 0);
        assert_eq!(store.inner.locks.len(), 0);
        store.close().await;
    }
}

#[tokio::test]
async fn parts_must_be_there_as_listed_and_in_order() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let id = begin(&store, "k").await;
    let part = put_part(&store, "k", &id, 2, &content(9)).await;
    let bad = |parts: Vec<CompletedPart>| {
        let (store, id) = (store.clone(), id.clone());
        async move {
            match complete(&store, "k", &id, parts).await {
                Err(StoreError::BadPart { number, .. }) => number,
                other => panic!("{other:?}"),
            }
        }
    };
    let other = |number: u32, etag: &str| CompletedPart { number, etag: etag.to_owned() };
    assert_eq!(bad(vec![other(2, "another")]).await, 2);
    assert_eq!(bad(vec![part.clone(), other(5, &part.etag)]).await, 5);
    assert_eq!(bad(vec![part.clone(), part.clone()]).await, 2);
    assert_eq!(bad(vec![part.clone(), other(1, "x")]).await, 1);
    // None of that has done it harm.
    assert_eq!(complete(&store, "k", &id, vec![part]).await.expect("completed").size, 9);
    store.close().await;
}

#[tokio::test]
async fn the_layer_above_may_refuse_parts_and_wholes() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let id = begin(&store, "k").await;
    let refuse: SealPart = Box::new(|_| Err("no".into()));
    let refused = store.put_part(BUCKET, "k", &id, 1, Some(3), body(content(3), 1), refuse).await;
    assert!(matches!(refused, Err(StoreError::Rejected(_))));
    let part = put_part(&store, "k", &id, 1, &content(3)).await;
    let refuse: SealUpload = Box::new(|_, _| Err("no".into()));
    let conditions = WriteConditions::default();
    let refused =
        store.complete_upload(BUCKET, "k", &id, vec![part.clone()], Versioning::Off, conditions, refuse).await;
    assert!(matches!(refused, Err(StoreError::Rejected(_))));
    put(&store, "k", &Bytes::from_static(b"in the way")).await;
    let seal: SealUpload = Box::new(|_, _| Ok(Metadata::default()));
    let conditions = WriteConditions { if_none_match: Some(vec!["*".to_owned()]), ..WriteConditions::default() };
    let refused = store.complete_upload(BUCKET, "k", &id, vec![part.clone()], Versioning::Off, conditions, seal).await;
    assert!(matches!(refused, Err(StoreError::PreconditionFailed { .. })));
    complete(&store, "k", &id, vec![part]).await.expect("completed");
    assert_eq!(get(&store, "k").await, content(3));
    store.close().await;
}

#[tokio::test]
async fn an_aborted_upload_is_gone_with_its_parts() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let (first, second) = (begin(&store, "k").await, begin(&store, "k").await);
    put_part(&store, "k", &first, 1, &content(MIB)).await;
    let part = put_part(&store, "k", &second, 1, &content(5)).await;
    store.abort_upload(BUCKET, "k", &first).await.expect("aborted");
    assert!(is_not_found(&store.abort_upload(BUCKET, "k", &first).await));
    assert!(is_not_found(&try_put_part(&store, "k", &first, 2, &content(5)).await));
    assert!(is_not_found(&store.list_parts(BUCKET, "k", &first).await));
    for id in ["", "nonsense", "../../../../bucket", &"x".repeat(2000)] {
        assert!(is_not_found(&store.upload(BUCKET, "k", id).await), "{id}");
    }
    let left = store.list_uploads(BUCKET, "k").await.expect("listed");
    assert_eq!(left.iter().map(|upload| &upload.upload_id).collect::<Vec<_>>(), [&second]);
    complete(&store, "k", &second, vec![part]).await.expect("completed");
    quiet(&store).await;
    assert_eq!(leftovers(&directories), Vec::<String>::new());
    assert_eq!(directories.left_in_staging().await, Vec::<std::path::PathBuf>::new());
    store.close().await;
}

#[tokio::test]
#[expect(clippy::disallowed_methods, reason = "what another server doesn't write")]
async fn uploads_are_listed_by_prefix_after_a_restart_and_end_with_their_bucket() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let mut ids = BTreeMap::new();
    for key in ["b", "a/1", "a/2", "a/1"] {
        ids.entry(key).or_insert_with(Vec::new).push(begin(&store, key).await);
    }
    store.close().await;
    drop(store);
    let store = directories.open().await;
    let keys =
        |uploads: Vec<UploadInfo>| uploads.into_iter().map(|upload| (upload.key, upload.upload_id)).collect::<Vec<_>>();
    let expected = |keys: &[&str]| {
        let of_key = |key: &&str| ids[*key].iter().map(|id| ((*key).to_owned(), id.clone())).collect::<Vec<_>>();
        keys.iter().flat_map(of_key).collect::<Vec<_>>()
    };
    assert_eq!(keys(store.list_uploads(BUCKET, "").await.expect("listed")), expected(&["a/1", "a/2", "b"]));
    assert_eq!(keys(store.list_uploads(BUCKET, "a/").await.expect("listed")), expected(&["a/1", "a/2"]));
    // As MinIO leaves them, without a note of the key: found by the very key.
    for drive in &directories.drives {
        std::fs::remove_dir_all(drive.join(".minio.sys/rustfs/uploads")).expect("removed");
    }
    store.close().await;
    drop(store);
    let store = directories.open().await;
    assert_eq!(keys(store.list_uploads(BUCKET, "a/").await.expect("listed")), []);
    assert_eq!(keys(store.list_uploads(BUCKET, "a/1").await.expect("listed")), expected(&["a/1"]));
    let begun = begin(&store, "c").await;
    store.delete_bucket(BUCKET, false).await.expect("removed");
    store.make_bucket(BUCKET, format::bucket_metadata::BucketMetadata::default()).await.expect("made");
    assert!(is_not_found(&store.upload(BUCKET, "c", &begun).await));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn drives_that_come_and_go_during_an_upload_cost_it_nothing() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let set = store.inner.sets().next().expect("a set").clone();
    let id = begin(&store, "k").await;
    let mut parts = Vec::new();
    let bodies = [content(MIB + 1), content(MIB + 2), content(MIB + 3)];
    // Each drive misses another part: none but one has all.
    for (away, bytes) in bodies.iter().enumerate() {
        quiet(&store).await;
        let drive = set.drives()[away].clone().expect("there");
        set.take_offline(away);
        let number = u32::try_from(away).expect("small") + 1;
        parts.push(put_part(&store, "k", &id, number, bytes).await);
        quiet(&store).await;
        set.put_online(away, drive);
    }
    assert_eq!(store.list_parts(BUCKET, "k", &id).await.expect("listed").len(), 3);
    complete(&store, "k", &id, parts).await.expect("completed");
    quiet(&store).await;
    let whole: Bytes = bodies.concat().into();
    for away in [(0, 1), (2, 3), (1, 2)] {
        let drives = [away.0, away.1].map(|at| (at, set.drives()[at].clone().expect("there")));
        drives.iter().for_each(|(at, _)| set.take_offline(*at));
        assert!(get(&store, "k").await == whole, "without {away:?}");
        drives.into_iter().for_each(|(at, drive)| set.put_online(at, drive));
    }
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn a_drive_that_missed_a_part_stays_out_of_the_commit_and_is_given_to_the_healer() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let set = store.inner.sets().next().expect("a set").clone();
    let id = begin(&store, "k").await;
    let bytes = content(2 * MIB);
    put_part(&store, "k", &id, 1, &content(MIB)).await;
    quiet(&store).await;
    // It keeps the part that was replaced while it was away.
    let drive = set.drives()[2].clone().expect("there");
    set.take_offline(2);
    let part = put_part(&store, "k", &id, 1, &bytes).await;
    quiet(&store).await;
    set.put_online(2, drive);
    complete(&store, "k", &id, vec![part]).await.expect("completed");
    quiet(&store).await;
    assert!(directories.part_files(2).is_empty());
    assert!(store.inner.shared.heal.len() > 0);
    assert_eq!(leftovers(&directories), Vec::<String>::new());
    for away in [0, 1, 3] {
        let drive = set.drives()[away].clone().expect("there");
        set.take_offline(away);
        assert!(get(&store, "k").await == bytes);
        set.put_online(away, drive);
    }
    store.close().await;
}

#[tokio::test]
async fn a_part_without_quorum_is_on_no_drive() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let set = store.inner.sets().next().expect("a set").clone();
    let id = begin(&store, "k").await;
    quiet(&store).await;
    for at in [0, 1] {
        set.take_offline(at);
    }
    assert!(matches!(try_put_part(&store, "k", &id, 1, &content(9)).await, Err(StoreError::WriteQuorum { .. })));
    assert!(store.list_parts(BUCKET, "k", &id).await.expect("still readable").is_empty());
    assert!(matches!(
        store.new_upload(upload_request("x", Versioning::Off)).await,
        Err(StoreError::WriteQuorum { .. })
    ));
    set.take_offline(2);
    assert!(matches!(store.upload(BUCKET, "k", &id).await, Err(StoreError::ReadQuorum { .. })));
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn whoever_goes_away_leaves_nothing_behind() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let id = begin(&store, "k").await;
    // The sender is silent after half of the part.
    let half = body(content(MIB), 70_000).chain(futures_util::stream::pending::<Result<Bytes, StreamError>>());
    let seal: SealPart = Box::new(|_| Ok(PartSeal::default()));
    let put = store.put_part(BUCKET, "k", &id, 1, Some(2 << 20), Box::pin(half), seal);
    tokio::select! {
        _ = put => panic!("it can't end"),
        () = store.inner.world().clock.sleep(Duration::from_millis(200)) => {}
    }
    quiet(&store).await;
    assert_eq!(directories.left_in_staging().await, Vec::<std::path::PathBuf>::new());
    assert!(store.list_parts(BUCKET, "k", &id).await.expect("listed").is_empty());

    // A completion that nobody waits for is one all the same.
    let part = put_part(&store, "k", &id, 1, &content(MIB)).await;
    let completing = complete(&store, "k", &id, vec![part]);
    tokio::select! {
        biased;
        _ = completing => {}
        () = store.inner.world().clock.sleep(Duration::from_micros(300)) => {}
    }
    quiet(&store).await;
    let whole = try_get(&store, "k", None, 0..u64::MAX).await;
    match store.upload(BUCKET, "k", &id).await {
        Ok(_) => assert!(whole.is_err()),
        Err(_) => assert_eq!(whole.expect("completed"), content(MIB)),
    }
    assert_eq!(store.inner.locks.len(), 0);
    assert_eq!(store.inner.memory.used(), 0);
    store.close().await;
}

#[tokio::test]
async fn versions_and_empty_wholes() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let upload = store.new_upload(upload_request("k", Versioning::Enabled)).await.expect("begun");
    let part = put_part(&store, "k", &upload.upload_id, 1, &content(0)).await;
    let info = complete(&store, "k", &upload.upload_id, vec![part]).await.expect("completed");
    assert!(matches!(info.version_id, VersionId::Id(_)));
    assert_eq!(info.size, 0);
    assert!(get(&store, "k").await.is_empty());
    quiet(&store).await;
    assert_eq!(leftovers(&directories), Vec::<String>::new());
    assert!(directories.part_files(0).is_empty());
    let directory = store.new_upload(upload_request("dir/", Versioning::Off)).await;
    assert!(matches!(directory, Err(StoreError::BadKey { .. })));
    store.close().await;
}

#[tokio::test]
async fn uploads_that_nobody_completes_are_removed_once_stale() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let id = begin(&store, "k").await;
    put_part(&store, "k", &id, 1, &content(9)).await;
    quiet(&store).await;
    // One aborted while a drive was away, which still has it.
    let set = store.inner.sets().next().expect("a set").clone();
    let other = begin(&store, "other").await;
    quiet(&store).await;
    let drive = set.drives()[3].clone().expect("there");
    set.take_offline(3);
    store.abort_upload(BUCKET, "other", &other).await.expect("aborted");
    set.put_online(3, drive);
    store.close().await;
    drop(store);

    let store = directories.open().await;
    assert_eq!(store.remove_stale_uploads(STALE_UPLOAD).await.expect("done"), 0);
    assert!(store.upload(BUCKET, "k", &id).await.is_ok());
    assert!(is_not_found(&store.upload(BUCKET, "other", &other).await));
    assert_eq!(store.remove_stale_uploads(Duration::ZERO).await.expect("done"), 2);
    assert!(is_not_found(&store.upload(BUCKET, "k", &id).await));
    assert_eq!(leftovers(&directories), Vec::<String>::new());
    store.close().await;
}

#[tokio::test]
async fn in_several_pools_uploads_of_a_key_keep_together_and_are_found() {
    let (first, second) = (Directories::new(4), Directories::seeded(4, 43));
    let store = super::pools::two_pools(&first, &second).await;
    for nth in 0..6 {
        let key = format!("up/{nth}");
        let (one, two) = (begin(&store, &key).await, begin(&store, &key).await);
        let pools = store.inner.pools.len();
        let mut with_uploads = 0;
        for pool in 0..pools {
            let name = store.inner.name(&key).expect("a name");
            let bucket = format::names::BucketName::new(BUCKET).expect("a name");
            let hash = format::upload::object_dir(&bucket, &name);
            let path = format!("multipart/{hash}");
            // One of the drives may be a moment behind.
            let mut most = 0;
            for drive in store.inner.set_of(pool, name.as_str()).drives().iter().flatten() {
                most = most.max(drive.list_dir(&path).await.map_or(0, |uploads| uploads.len()));
            }
            with_uploads += usize::from(most == 2);
        }
        assert_eq!(with_uploads, 1);
        let part = put_part(&store, &key, &two, 1, &content(MIB)).await;
        complete(&store, &key, &two, vec![part]).await.expect("completed");
        assert_eq!(get(&store, &key).await, content(MIB));
        store.abort_upload(BUCKET, &key, &one).await.expect("aborted");
    }
    assert!(store.list_uploads(BUCKET, "").await.expect("listed").is_empty());
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn of_completions_and_aborts_at_once_one_wins() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    for nth in 0..8 {
        let key = format!("k{nth}");
        let id = begin(&store, &key).await;
        let part = put_part(&store, &key, &id, 1, &content(300_000)).await;
        let complete = || complete(&store, &key, &id, vec![part.clone()]);
        let (one, two, aborted) = tokio::join!(complete(), complete(), store.abort_upload(BUCKET, &key, &id));
        let wins = usize::from(one.is_ok()) + usize::from(two.is_ok()) + usize::from(aborted.is_ok());
        assert_eq!(wins, 1, "{one:?} {two:?} {aborted:?}");
        let whole = try_get(&store, &key, None, 0..u64::MAX).await;
        assert_eq!(whole.is_ok(), aborted.is_err());
        assert!(
            [one.err(), two.err(), aborted.err()].into_iter().flatten().all(|error| is_not_found::<()>(&Err(error)))
        );
    }
    quiet(&store).await;
    assert_eq!(leftovers(&directories), Vec::<String>::new());
    store.close().await;
}

#[tokio::test]
async fn what_was_deleted_leaves_the_trash() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    put(&store, "k", &content(MIB)).await;
    put(&store, "k", &content(10)).await;
    let id = begin(&store, "k").await;
    put_part(&store, "k", &id, 1, &content(MIB)).await;
    store.abort_upload(BUCKET, "k", &id).await.expect("aborted");
    quiet(&store).await;
    let trash = || -> usize {
        let entries =
            |drive: &std::path::PathBuf| std::fs::read_dir(drive.join(".minio.sys/tmp/.trash")).expect("there").count();
        directories.drives.iter().map(entries).sum()
    };
    assert!(trash() > 0);
    store.inner.empty_trash().await;
    assert_eq!(trash(), 0);
    store.close().await;
}
