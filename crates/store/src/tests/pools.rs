//! Several pools and several sets.

use super::harness::*;
use crate::*;

/// Two pools of four drives each, two sets in the second.
pub(super) async fn two_pools(first: &Directories, second: &Directories) -> Store {
    let mut config = first.config();
    let pool = PoolConfig { argument: "second".to_owned(), set_size: 2, slots: second.slots() };
    config.pools.push(pool);
    open_store(config, first.world.clone()).await
}

/// Stores a version in a pool of one's choice, as MinIO does that doesn't prefer the pool that has the name.
async fn put_in_first(first: &Directories, key: &str, len: usize) {
    let store = first.open().await;
    put(&store, key, &content(len)).await;
    store.close().await;
}

#[tokio::test]
async fn names_stay_in_their_pool_and_are_found_in_any() {
    let (first, second) = (Directories::new(4), Directories::seeded(4, 43));
    let store = two_pools(&first, &second).await;
    assert_eq!(store.health().await.len(), 3);
    let mut used = [0; 2];
    for nth in 0..40 {
        let key = format!("key-{nth}");
        put(&store, &key, &content(100 + nth)).await;
        put(&store, &key, &content(200 + nth)).await;
        assert_eq!(get(&store, &key).await, content(200 + nth));
        let has = async |pool: usize| {
            let metas = store.inner.set_of(pool, &key).read_all_meta(BUCKET, &key).await;
            usize::from(metas.iter().any(|meta| meta.is_ok()))
        };
        let (in_first, in_second) = (has(0).await, has(1).await);
        assert_eq!(in_first + in_second, 1, "the second write joined the first");
        used[0] += in_first;
        used[1] += in_second;
    }
    assert!(used.iter().all(|used| *used > 0), "both pools are used: {used:?}");
    for nth in 0..40 {
        let key = format!("key-{nth}");
        store.delete_object(delete(&key, None, Versioning::Off)).await.expect("deleted");
        assert!(matches!(store.object_info(BUCKET, &key, None).await, Err(StoreError::KeyNotFound { .. })));
    }
}

#[tokio::test]
async fn of_copies_in_two_pools_the_newest_counts_and_a_delete_removes_both() {
    let (first, second) = (Directories::new(4), Directories::seeded(4, 43));
    put_in_first(&first, "k", 10).await;
    // The second pool joins the deployment of the first.
    let store = two_pools(&first, &second).await;
    assert_eq!(get(&store, "k").await, content(10));
    let set = store.inner.set_of(1, "k").clone();
    let object = store.inner.find(BUCKET, "k", crate::quorum::Wanted::Latest, crate::find::Thoroughness::Quick).await;
    let newer = newer_copy(object.agreed().expect("there").version.clone(), set.size());
    let proposal = crate::commit::Proposal {
        bucket: BUCKET.to_owned(),
        object: "k".to_owned(),
        changes: newer,
        drives: set.drives(),
        quorum: set.size(),
        version: None,
        staged: None,
        guard: store.inner.lock(BUCKET, "k").await.expect("free"),
    };
    crate::commit::commit(&set, proposal).await.expect("committed");
    let info = store.object_info(BUCKET, "k", None).await.expect("there");
    assert_eq!(info.etag(), "newer");
    store.delete_object(delete("k", None, Versioning::Off)).await.expect("deleted");
    assert!(matches!(store.object_info(BUCKET, "k", None).await, Err(StoreError::KeyNotFound { .. })));
}

/// An empty version newer than another, for each drive of a set.
fn newer_copy(version: format::xl::Version, drives: usize) -> Vec<Option<drive::Change>> {
    let mut object = version.into_object().expect("an object");
    object.mod_time = object.mod_time.plus(std::time::Duration::from_secs(1));
    object.meta_user.insert("etag".to_owned(), "newer".to_owned());
    (object.size, object.parts[0].size) = (0, 0);
    (object.data, object.parity) = (1, 1);
    object.distribution = vec![1, 2];
    let change = |position: usize| {
        let mut version = format::xl::Version::Object(object.clone());
        let version = crate::write::entry_for(&mut version, object.distribution[position]);
        let inline = drive::Inline::Set(bytes::Bytes::new());
        Some(drive::Change::Write { version, inline, data: drive::DataSource::None, heal: false })
    };
    (0..drives).map(change).collect()
}

#[tokio::test]
async fn pools_of_different_deployments_are_refused() {
    let (first, second) = (Directories::new(2), Directories::seeded(2, 43));
    first.open().await.close().await;
    second.open().await.close().await;
    let mut config = first.config();
    config.pools.extend(second.config().pools);
    let error = Store::open(config, first.world.clone(), &|_| ()).await.expect_err("refused");
    assert!(error.to_string().contains("all pools must have same deployment ID"), "{error}");
}

#[tokio::test]
async fn twelve_and_four_with_four_gone_and_the_next_damaged_too_many() {
    let directories = Directories::new(16);
    let store = directories.open().await;
    let (small, large) = (content(50_000), content((5 << 20) + 3));
    put(&store, "small", &small).await;
    put(&store, "large", &large).await;
    quiet(&store).await;
    let set = store.inner.sets().next().expect("one").clone();
    for position in [1, 6, 9, 14] {
        set.take_offline(position);
    }
    assert_eq!(get(&store, "small").await, small);
    assert!(get(&store, "large").await == large);
    put(&store, "large", &small).await;
    assert_eq!(get(&store, "large").await, small);
    set.take_offline(0);
    assert!(matches!(store.object_info(BUCKET, "small", None).await, Err(StoreError::ReadQuorum { .. })));
}
