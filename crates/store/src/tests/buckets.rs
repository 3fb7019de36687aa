//! Buckets and their configurations, and the server's own documents.

use super::harness::*;
use crate::*;
use bytes::Bytes;
use format::bucket_metadata::BucketMetadata;

fn metadata(store: &Store, name: &str) -> BucketMetadata {
    BucketMetadata::new(name, store.inner.world().clock.now(), false)
}

async fn make(store: &Store, name: &str) -> Result<BucketInfo, StoreError> {
    store.make_bucket(name, metadata(store, name)).await
}

async fn names(store: &Store) -> Vec<String> {
    store.list_buckets().await.expect("listed").into_iter().map(|bucket| bucket.name).collect()
}

#[tokio::test]
async fn a_bucket_from_its_making_to_its_removal() {
    for drives in [1, 4] {
        let directories = Directories::new(drives);
        let store = directories.open().await;
        assert!(matches!(store.bucket("photos").await, Err(StoreError::BucketNotFound { .. })));
        let made = make(&store, "photos").await.expect("made");
        assert_eq!(store.bucket("photos").await.expect("there"), made);
        assert!(matches!(make(&store, "photos").await, Err(StoreError::BucketExists { .. })));
        assert_eq!(names(&store).await, [BUCKET, "photos"]);
        store.close().await;
        drop(store);

        let store = directories.open().await;
        assert_eq!(store.bucket("photos").await.expect("there").created, made.created);
        store.delete_bucket("photos", false).await.expect("removed");
        assert!(matches!(store.bucket("photos").await, Err(StoreError::BucketNotFound { .. })));
        assert!(matches!(store.delete_bucket("photos", false).await, Err(StoreError::BucketNotFound { .. })));
        assert_eq!(names(&store).await, [BUCKET]);
        assert!(directories.drives.iter().all(|drive| !drive.join(".minio.sys/buckets/photos").exists()));
        let again = make(&store, "photos").await.expect("made again");
        assert!(again.created > made.created);
        store.close().await;
    }
}

#[tokio::test]
async fn only_an_empty_bucket_is_removed_unless_forced() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let bytes = Bytes::from_static(b"x");
    let id = put_as(&store, "dir/k", &bytes, Versioning::Enabled).await.version_id;
    let delete = |version_id| DeleteRequest {
        bucket: BUCKET.to_owned(),
        key: "dir/k".to_owned(),
        version_id,
        versioning: Versioning::Enabled,
        always_mark: false,
        protect: None,
        condition: None,
    };
    let marker = store.delete_object(delete(None)).await.expect("marked").version_id;
    // Versions below a marker count, and so does a marker alone.
    assert!(matches!(store.delete_bucket(BUCKET, false).await, Err(StoreError::BucketNotEmpty { .. })));
    store.delete_object(delete(Some(id))).await.expect("removed");
    assert!(matches!(store.delete_bucket(BUCKET, false).await, Err(StoreError::BucketNotEmpty { .. })));
    store.delete_object(delete(marker)).await.expect("removed");
    store.delete_bucket(BUCKET, false).await.expect("removed");

    make(&store, BUCKET).await.expect("made");
    put(&store, "k", &bytes).await;
    store.delete_bucket(BUCKET, true).await.expect("removed with all that is in it");
    make(&store, BUCKET).await.expect("made");
    assert!(try_get(&store, "k", None, 0..1).await.is_err());
    store.close().await;
}

#[tokio::test]
async fn a_drive_that_was_away_neither_hides_nor_brings_back_a_bucket() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let set = store.inner.sets().next().expect("a set").clone();
    make(&store, "goes").await.expect("made");
    quiet(&store).await;
    let drive = set.drives()[1].clone().expect("there");
    set.take_offline(1);
    make(&store, "comes").await.expect("made");
    store.delete_bucket("goes", false).await.expect("removed");
    quiet(&store).await;
    set.put_online(1, drive);
    assert_eq!(names(&store).await, [BUCKET, "comes"]);
    assert!(matches!(store.bucket("goes").await, Err(StoreError::BucketNotFound { .. })));
    // Two of four are too few to change anything, and leave nothing behind.
    set.take_offline(2);
    set.take_offline(3);
    assert!(matches!(make(&store, "half").await, Err(StoreError::WriteQuorum { .. })));
    assert!(directories.drives.iter().all(|drive| !drive.join("half").exists()));
    assert!(store.delete_bucket("comes", false).await.is_err());
    assert!(directories.drives[0].join("comes").exists());
    store.close().await;
}

#[tokio::test]
async fn names_that_no_bucket_may_have() {
    let directories = Directories::new(1);
    let store = directories.open().await;
    for name in ["", "ab", "Upper", "minio", ".minio.sys", "a..b", "10.0.0.1", "../up"] {
        assert!(matches!(make(&store, name).await, Err(StoreError::BadBucketName { .. })), "{name}");
        assert!(matches!(store.bucket(name).await, Err(StoreError::BucketNotFound { .. })), "{name}");
        assert!(store.delete_bucket(name, true).await.is_err(), "{name}");
    }
    assert!(directories.drives[0].join(".minio.sys/format.json").exists());
    store.close().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn changes_of_a_configuration_follow_one_another() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    make(&store, "photos").await.expect("made");
    let append = |letter: u8| {
        let store = store.clone();
        async move {
            let edit = |metadata: &mut BucketMetadata| {
                metadata.tagging_xml = [&metadata.tagging_xml[..], &[letter]].concat().into();
            };
            store.update_bucket_metadata("photos", edit).await.expect("changed");
        }
    };
    futures_util::future::join_all((b'a'..b'k').map(append)).await;
    let mut letters = store.bucket_metadata("photos").await.expect("known").tagging_xml.to_vec();
    store.close().await;
    drop(store);
    let store = directories.open().await;
    assert_eq!(store.bucket_metadata("photos").await.expect("stored").tagging_xml, letters);
    letters.sort_unstable();
    assert_eq!(letters, b"abcdefghij");
    store.close().await;
}

#[tokio::test]
async fn a_bucket_without_configuration_has_defaults_and_what_old_releases_kept() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    store.write_internal("buckets/bucket/policy.json", Bytes::from_static(b"{}")).await.expect("stored");
    store.write_internal("buckets/bucket/tagging.xml", Bytes::from_static(b"<Tagging/>")).await.expect("stored");
    let flag = Bytes::from_static(b"{\"x-amz-bucket-object-lock-enabled\": true}\n");
    store.write_internal("buckets/bucket/object-lock-enabled.json", flag).await.expect("stored");
    let metadata = store.bucket_metadata(BUCKET).await.expect("read");
    assert_eq!(metadata.name, BUCKET);
    assert!(!metadata.created.is_zero());
    assert_eq!(metadata.policy_updated, metadata.created);
    assert_eq!(metadata.policy_json, "{}");
    assert_eq!(metadata.tagging_xml, "<Tagging/>");
    assert!(metadata.lock_forces_versioning());
    store.close().await;
}

#[tokio::test]
async fn a_damaged_configuration_concerns_its_bucket_alone() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    make(&store, "photos").await.expect("made");
    store.write_internal("buckets/bucket/.metadata.bin", Bytes::from_static(b"nonsense")).await.expect("stored");
    assert!(matches!(store.bucket_metadata(BUCKET).await, Err(StoreError::Damaged { .. })));
    assert!(store.bucket(BUCKET).await.is_ok());
    assert!(store.bucket_metadata("photos").await.is_ok());
    assert_eq!(names(&store).await, [BUCKET, "photos"]);
    store.close().await;
}

#[tokio::test]
async fn documents_are_stored_read_listed_and_removed() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let large = content(3 << 20);
    let documents = [("config/a.json", Bytes::from_static(b"{}")), ("config/iam/b", large)];
    for (path, document) in &documents {
        assert!(matches!(store.read_internal(path).await, Err(StoreError::KeyNotFound { .. })));
        store.write_internal(path, document.clone()).await.expect("stored");
        assert_eq!(store.read_internal(path).await.expect("read"), document);
    }
    let info = store.object_info(".minio.sys", "config/a.json", None).await.expect("there");
    assert_eq!((info.data_shards, info.parity_shards), (2, 2));
    assert_eq!(info.etag(), "99914b932bd37a50b983c5e7c90ae93b");
    assert_eq!(info.metadata.user["content-type"], "application/json");
    assert_eq!(store.list_internal("config/").await.expect("listed"), ["config/a.json", "config/iam/b"]);
    store.write_internal("config/a.json", Bytes::new()).await.expect("stored");
    assert!(matches!(store.read_internal("config/a.json").await, Err(StoreError::KeyNotFound { .. })));
    store.remove_internal("config/iam/b").await.expect("removed");
    store.remove_internal("config/iam/b").await.expect("nothing to remove");
    assert_eq!(store.list_internal("config/iam/").await.expect("listed"), Vec::<String>::new());
    store.close().await;
}

#[tokio::test]
async fn the_list_of_pools_is_written_once_and_again_when_an_argument_changes() {
    let directories = Directories::new(4);
    let listed = async |config: StoreConfig| {
        let store = directories.open_with(config).await;
        let info = store.object_info(".minio.sys", "pool.bin", None).await.expect("written at the start");
        let document = store.read_internal("pool.bin").await.expect("readable");
        store.close().await;
        let pools = format::pool_meta::PoolMeta::parse(&document).expect("well formed").pools;
        (pools.into_iter().map(|pool| pool.command_line).collect::<Vec<_>>(), info.mod_time)
    };
    let (first, written) = listed(directories.config()).await;
    assert_eq!(first, [directories.config().pools[0].argument.clone()]);
    assert_eq!(listed(directories.config()).await, (first, written));
    let mut other = directories.config();
    other.pools[0].argument = "/elsewhere/{1...4}".to_owned();
    let (second, rewritten) = listed(other).await;
    assert_eq!(second, ["/elsewhere/{1...4}"]);
    assert!(rewritten > written);
}
