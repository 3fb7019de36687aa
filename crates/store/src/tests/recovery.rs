//! Opening again after changes behind the store's back: doubts, replaced and swapped drives.

use super::harness::*;
use super::uploads;
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

/// What comes after a completion to the same name.
#[derive(Clone, Copy, Debug)]
enum Later {
    Overwritten,
    Deleted,
}

/// A completion that so many drives have made and none was told the outcome of, then a later change that is settled, then a
/// start. What is left of the upload: its parts, if it is still there.
async fn hidden_completion(drives_with_it: usize, later: Later) -> Option<usize> {
    let directories = Directories::new(4);
    let store = directories.open().await;
    put(&store, "k", &content(100)).await;
    let id = uploads::begin(&store, "k").await;
    uploads::put_part(&store, "k", &id, 1, &content(300_000)).await;
    quiet(&store).await;
    let path = crate::upload::upload_paths(&store.inner, store.inner.sets().next().expect("one")).await;
    let path = path.expect("found").pop().expect("the upload");
    for drive in &drives(&store)[..drives_with_it] {
        let record = drive.read_meta(format::names::SYSTEM_BUCKET, &path).await.expect("there");
        let Ok(Version::Object(mut object)) = record.versions[0].decode() else { panic!("an upload's record") };
        object.mod_time = store.inner.world().clock.now();
        let change = Change::Write {
            version: VersionEntry::from_version(&Version::Object(object)),
            inline: Inline::Remove,
            data: DataSource::Upload { path: path.clone() },
            heal: false,
        };
        drive.commit(commit(77, change)).await.expect("committed");
    }
    match later {
        Later::Overwritten => drop(put(&store, "k", &content(200)).await),
        Later::Deleted => drop(store.delete_object(delete("k", None, Versioning::Off)).await.expect("deleted")),
    }
    quiet(&store).await;
    store.close().await;
    let store = directories.open().await;
    quiet(&store).await;
    assert_eq!(doubts(&store).await, 0);
    match later {
        Later::Overwritten => assert_eq!(get(&store, "k").await, content(200)),
        Later::Deleted => {
            let read = store.object_info(BUCKET, "k", None).await;
            assert!(matches!(read, Err(StoreError::KeyNotFound { .. })), "{read:?}");
        }
    }
    let listed = store.list_uploads(BUCKET, "").await.expect("listed");
    // The note that tells its key waits for the next sweep.
    let left: Vec<String> = uploads::leftovers(&directories);
    let left: Vec<&String> = left.iter().filter(|left| left.contains("multipart")).collect();
    assert_eq!(listed.is_empty(), left.is_empty(), "{drives_with_it} drives, {later:?}: {left:?}");
    let parts = match listed.is_empty() {
        true => None,
        false => Some(store.list_parts(BUCKET, "k", &id).await.expect("listed").len()),
    };
    store.close().await;
    parts
}

#[tokio::test]
async fn the_upload_of_a_completion_that_a_later_change_hides_is_whole_or_gone() {
    for later in [Later::Overwritten, Later::Deleted] {
        for count in 1..=4 {
            // Three make a write quorum; of two it takes two to read a part.
            let expected = if count <= 2 { Some(1) } else { None };
            assert_eq!(hidden_completion(count, later).await, expected, "{later:?}, {count} drives had completed it");
        }
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
