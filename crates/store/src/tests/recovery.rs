//! Opening again after changes behind the store's back: doubts, replaced and swapped drives.

use super::harness::*;
use crate::*;
use base::Timestamp;
use drive::{Change, Commit, DataSource, Drive, Inline};
use format::xl::{DeleteMarker, Version, VersionEntry};
use std::sync::Arc;
use std::sync::Mutex;
use uuid::Uuid;

fn marker(time: i64) -> Change {
    let marker = DeleteMarker { mod_time: Timestamp::from_secs(time), ..DeleteMarker::default() };
    Change::Write {
        version: VersionEntry::from_version(&Version::DeleteMarker(marker)),
        inline: Inline::Remove,
        data: DataSource::None,
        heal: false,
    }
}

fn commit(id: u128, change: Change) -> Commit {
    Commit { id: Uuid::from_u128(id), bucket: BUCKET.to_owned(), object: "k".to_owned(), change }
}

fn drives(store: &Store) -> Vec<Arc<dyn Drive>> {
    store.inner.sets().flat_map(|set| set.drives().to_vec()).flatten().collect()
}

async fn doubts(store: &Store) -> usize {
    let mut count = 0;
    for drive in drives(store) {
        count += drive.doubts().await.expect("asked").len();
    }
    count
}

/// Commits on some drives without telling any the outcome, as a crash would leave it, and opens again.
async fn crash_in_commit(on: &[usize], change: &Change) -> (Directories, Store) {
    let directories = Directories::new(4);
    let store = directories.open().await;
    put(&store, "k", &content(100)).await;
    quiet(&store).await;
    for &position in on {
        drives(&store)[position].commit(commit(77, change.clone())).await.expect("committed");
    }
    store.close().await;
    let store = directories.open().await;
    (directories, store)
}

#[tokio::test]
async fn a_write_in_doubt_goes_forward_or_back_by_how_many_have_it() {
    let far = 4_000_000_000;
    for count in 1..=4 {
        let on: Vec<usize> = (0..count).collect();
        let (_directories, store) = crash_in_commit(&on, &marker(far)).await;
        quiet(&store).await;
        assert_eq!(doubts(&store).await, 0, "{count} drives");
        let read = store.object_info(BUCKET, "k", None).await;
        if count >= 3 {
            assert!(matches!(read, Err(StoreError::DeleteMarker { .. })), "{count} drives: {read:?}");
        } else {
            assert_eq!(read.expect("the old one").size, 100, "{count} drives");
            assert_eq!(get(&store, "k").await, content(100));
        }
        store.close().await;
    }
}

#[tokio::test]
async fn a_removal_in_doubt_goes_forward_or_back_by_how_many_did_it() {
    for count in 1..=4 {
        let on: Vec<usize> = (0..count).collect();
        let change = Change::Remove { version_id: Uuid::nil(), mod_time: None };
        let (_directories, store) = crash_in_commit(&on, &change).await;
        quiet(&store).await;
        assert_eq!(doubts(&store).await, 0, "{count} drives");
        let read = store.object_info(BUCKET, "k", None).await;
        if count >= 3 {
            assert!(matches!(read, Err(StoreError::KeyNotFound { .. })), "{count} drives: {read:?}");
        } else {
            assert_eq!(get(&store, "k").await, content(100), "{count} drives");
        }
        store.close().await;
    }
}

#[tokio::test]
async fn a_doubt_waits_for_drives_that_could_decide_it() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    put(&store, "k", &content(100)).await;
    quiet(&store).await;
    for position in [0, 1] {
        drives(&store)[position].commit(commit(77, marker(4_000_000_000))).await.expect("committed");
    }
    store.close().await;
    // The third drive might have it: with it the marker would have its quorum.
    let away = directories.drives[2].with_extension("away");
    std::fs::rename(&directories.drives[2], &away).expect("moved");
    std::fs::write(&directories.drives[2], "in the way of a new directory").expect("written");
    let mut config = directories.config();
    config.pools[0].slots[2] = Arc::new(Absent);
    let store = directories.open_with(config).await;
    assert_eq!(doubts(&store).await, 2, "not decided");
    store.close().await;
    std::fs::remove_file(&directories.drives[2]).expect("removed");
    std::fs::rename(&away, &directories.drives[2]).expect("moved");
    let store = directories.open().await;
    assert_eq!(doubts(&store).await, 0);
    assert_eq!(get(&store, "k").await, content(100));
}

/// A slot whose drive isn't there.
#[derive(Debug)]
struct Absent;

#[async_trait::async_trait]
impl drive::Slot for Absent {
    fn name(&self) -> &str {
        "absent"
    }

    async fn open(&self) -> drive::DriveResult<Box<dyn drive::Unclaimed>> {
        Err(drive::DriveError::NotThisDrive { drive: "absent".to_owned(), reason: "not mounted".to_owned() })
    }
}

#[tokio::test]
async fn a_replaced_drive_gets_its_old_id() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    put(&store, "k", &content(100)).await;
    let ids: Vec<Uuid> = store.drives().iter().map(|drive| drive.id).collect();
    store.close().await;
    std::fs::remove_dir_all(&directories.drives[1]).expect("removed");
    let events = Mutex::new(Vec::new());
    let progress = |event| events.lock().expect("unpoisoned").push(event);
    let store = Store::open(directories.config(), directories.world.clone(), &progress).await.expect("opens");
    assert_eq!(drives(&store)[1].id(), ids[1]);
    let name = directories.drives[1].to_str().expect("plain").to_owned();
    assert_eq!(events.into_inner().expect("unpoisoned"), [OpenEvent::Replaced { drive: name }]);
    assert_eq!(get(&store, "k").await, content(100));
}

#[tokio::test]
async fn swapped_and_foreign_drives_are_kept_out() {
    let directories = Directories::new(6);
    let store = directories.open().await;
    put(&store, "k", &content(100)).await;
    store.close().await;
    let aside = directories.drives[0].with_extension("aside");
    std::fs::rename(&directories.drives[0], &aside).expect("moved");
    std::fs::rename(&directories.drives[1], &directories.drives[0]).expect("moved");
    std::fs::rename(&aside, &directories.drives[1]).expect("moved");
    let other = Directories::seeded(6, 43);
    other.open().await.close().await;
    std::fs::remove_dir_all(&directories.drives[5]).expect("removed");
    std::fs::rename(&other.drives[5], &directories.drives[5]).expect("moved");

    let events = Mutex::new(Vec::new());
    let progress = |event| events.lock().expect("unpoisoned").push(event);
    let store = Store::open(directories.config(), directories.world.clone(), &progress).await.expect("opens");
    let events = events.into_inner().expect("unpoisoned");
    assert_eq!(events.len(), 3, "{events:?}");
    assert_eq!(store.health().await[0].online, 3);
    assert_eq!(get(&store, "k").await, content(100));
}

#[tokio::test]
async fn a_drive_that_comes_back_is_put_into_service() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let set = store.inner.sets().next().expect("one").clone();
    let gone = set.drives()[3].clone().expect("there");
    set.take_offline(3);
    gone.close().await;
    drop(gone);
    store.inner.look_after_drives().await;
    assert_eq!(store.health().await[0].online, 4);
    assert!(!store.inner.shared.heal.next_returned().await.replaced);
    put(&store, "k", &content(100)).await;
    assert_eq!(get(&store, "k").await, content(100));
}

#[tokio::test]
async fn two_stores_cant_have_one_drive() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    let error = Store::open(directories.config(), directories.world.clone(), &|_| ()).await.expect_err("in use");
    assert!(matches!(error, OpenError::InUse { .. }), "{error}");
    store.close().await;
}

#[tokio::test]
async fn a_path_that_is_a_file_is_refused() {
    let directories = Directories::new(1);
    std::fs::write(&directories.drives[0], "a file").expect("written");
    let error = Store::open(directories.config(), directories.world.clone(), &|_| ()).await.expect_err("a file");
    assert!(matches!(error, OpenError::NotADirectory { .. }), "{error}");
}

#[tokio::test]
async fn a_file_in_the_place_of_one_drive_of_several_is_a_drive_that_is_away() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    put(&store, "k", &content(100)).await;
    store.close().await;
    std::fs::remove_dir_all(&directories.drives[3]).expect("removed");
    std::fs::write(&directories.drives[3], "a file").expect("written");
    let store = directories.open().await;
    assert_eq!(drives(&store).len(), 3);
    assert_eq!(get(&store, "k").await, content(100));
}
