use crate::{DeleteRequest, HealOutcome, Metadata, PoolConfig, PutRequest, Store, StoreConfig, Versioning};
use base::{ByteStream, World};
use bytes::Bytes;
use drive::{LocalSlot, Slot};
use format::bucket_metadata::BucketMetadata;
use futures_util::{StreamExt, stream};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use tempfile::TempDir;

/// A store over directories, which the test damages behind its back.
struct Bed {
    dir: TempDir,
    drives: usize,
    store: Store,
}

impl Bed {
    async fn new(drives: usize) -> Bed {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let store = open(dir.path(), drives).await;
        let bucket = BucketMetadata { name: "bucket".to_owned(), ..BucketMetadata::default() };
        store.make_bucket("bucket", bucket).await.expect("a new bucket");
        Bed { dir, drives, store }
    }

    fn drive(&self, number: usize) -> PathBuf {
        self.dir.path().join(format!("d{number}"))
    }

    async fn put(&self, key: &str, versioning: Versioning, content: &[u8]) {
        let request = PutRequest {
            bucket: "bucket".to_owned(),
            key: key.to_owned(),
            size: u64::try_from(content.len()).ok(),
            versioning,
            storage_class: Default::default(),
            metadata: Metadata::default(),
            conditions: Default::default(),
            mod_time: None,
        };
        let pieces: Vec<_> = content.chunks(100_000).map(|piece| Ok(Bytes::copy_from_slice(piece))).collect();
        let body: ByteStream = Box::pin(stream::iter(pieces));
        self.store
            .put_object(request, body, Box::new(|_| Ok(Metadata::default().into())))
            .await
            .expect("the put succeeds");
        self.settled().await;
    }

    /// Waits until all drives, also those that answers didn't wait for, have been told the outcomes of all commits.
    async fn settled(&self) {
        let clock = World::system().clock;
        while self.store.inner.sets().any(|set| !set.shared.commits.ids().is_empty()) {
            clock.sleep(std::time::Duration::from_millis(5)).await;
        }
    }

    /// Waits until what is on the drives can be looked at.
    async fn written(&self) {
        self.settled().await;
        crate::tests::harness::written(&self.store).await;
    }

    async fn get(&self, key: &str) -> Vec<u8> {
        let reader = self.store.open_object("bucket", key, None).await.expect("the object is there");
        let size = reader.info.size;
        let mut body = reader.read(0..size);
        let mut content = Vec::new();
        while let Some(piece) = body.next().await {
            content.extend_from_slice(&piece.expect("the object can be read"));
        }
        content
    }

    async fn heal(&self, key: &str, deep: bool) -> HealOutcome {
        self.store.heal_object("bucket", key, None, deep).await.expect("healing is possible")
    }

    /// Everything below a drive's bucket: path and content, data directories included.
    async fn contents(&self, number: usize) -> Vec<(PathBuf, Vec<u8>)> {
        self.written().await;
        let root = self.drive(number).join("bucket");
        let mut files = Vec::new();
        collect(&root, &root, &mut files);
        files.sort();
        files
    }

    async fn restart(mut self) -> Bed {
        self.store.close().await;
        self.store = open(self.dir.path(), self.drives).await;
        self
    }
}

fn collect(root: &Path, at: &Path, files: &mut Vec<(PathBuf, Vec<u8>)>) {
    for entry in at.read_dir().into_iter().flatten().flatten() {
        let path = entry.path();
        if path.is_dir() {
            collect(root, &path, files);
        } else {
            files.push((path.strip_prefix(root).expect("below the root").to_owned(), read(&path)));
        }
    }
}

#[expect(clippy::disallowed_methods, reason = "the test looks at the drive from outside")]
fn read(path: &Path) -> Vec<u8> {
    std::fs::read(path).expect("a readable file")
}

#[expect(clippy::disallowed_methods, reason = "the test damages the drive from outside")]
fn write(path: &Path, content: &[u8]) {
    std::fs::write(path, content).expect("a writable file");
}

#[expect(clippy::disallowed_methods, reason = "the test damages the drive from outside")]
fn remove(path: &Path) {
    std::fs::remove_dir_all(path).expect("a removable directory");
}

#[expect(clippy::disallowed_methods, reason = "the test damages the drive from outside")]
fn rename(from: &Path, to: &Path) {
    std::fs::rename(from, to).expect("the directory can be renamed");
}

async fn open(dir: &Path, drives: usize) -> Store {
    let world = World::system();
    let slot = |number: usize| -> Arc<dyn Slot> {
        Arc::new(LocalSlot::plain(&dir.join(format!("d{number}")).to_string_lossy(), world.clone()))
    };
    let pool = PoolConfig { argument: "d".to_owned(), set_size: drives, slots: (1..=drives).map(slot).collect() };
    let config = StoreConfig { pools: vec![pool], allow_root_device: true, ..StoreConfig::default() };
    Store::open(config, world, &|_| {}).await.expect("the store opens")
}

fn content(len: usize) -> Vec<u8> {
    (0..len).map(|at| u8::try_from((at * 31 + at / 251) % 256).unwrap_or(0)).collect()
}

/// The part files and `xl.meta` of a key on a drive.
fn damage_each(files: &[(PathBuf, Vec<u8>)], root: &Path, damage: impl Fn(&[u8]) -> Vec<u8>) {
    for (path, bytes) in files {
        write(&root.join(path), &damage(bytes));
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn a_missing_object_directory_is_made_again_bit_for_bit() {
    for drives in [4, 6, 16] {
        let bed = Bed::new(drives).await;
        for (key, len) in [("empty", 0), ("small", 3000), ("large", 3_500_000)] {
            bed.put(key, Versioning::Off, &content(len)).await;
        }
        let before = bed.contents(2).await;
        remove(&bed.drive(2).join("bucket"));
        for key in ["empty", "small", "large"] {
            assert_eq!(bed.heal(key, false).await, HealOutcome::Healed { drives: 1 }, "{key} on {drives}");
            assert_eq!(bed.heal(key, true).await, HealOutcome::Healthy, "{key} on {drives}");
        }
        assert_eq!(bed.contents(2).await, before, "{drives} drives");
        bed.store.close().await;
    }
}

#[tokio::test(flavor = "multi_thread")]
async fn flipped_and_truncated_bytes_are_repaired() {
    let bed = Bed::new(4).await;
    bed.put("small", Versioning::Off, &content(3000)).await;
    bed.put("large", Versioning::Off, &content(2_500_000)).await;
    let before = bed.contents(3).await;
    let flip = |bytes: &[u8]| {
        let mut bytes = bytes.to_vec();
        let middle = bytes.len() * 2 / 3;
        bytes[middle] ^= 0x40;
        bytes
    };
    damage_each(&before, &bed.drive(3).join("bucket"), flip);
    assert_eq!(bed.get("small").await, content(3000));
    assert_eq!(bed.get("large").await, content(2_500_000));
    bed.heal("small", true).await;
    bed.heal("large", true).await;
    assert_eq!(bed.contents(3).await, before);
    damage_each(&before, &bed.drive(3).join("bucket"), |bytes| bytes[..bytes.len() / 2].to_vec());
    bed.heal("small", false).await;
    bed.heal("large", false).await;
    assert_eq!(bed.contents(3).await, before);
    bed.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn too_much_damage_is_left_as_it_is() {
    let bed = Bed::new(4).await;
    bed.put("large", Versioning::Off, &content(2_500_000)).await;
    let flip = |bytes: &[u8]| bytes.iter().map(|byte| byte ^ 1).collect();
    let mut damaged = Vec::new();
    for number in 1..=3 {
        let files = bed.contents(number).await;
        let parts: Vec<_> = files.into_iter().filter(|(path, _)| path.ends_with("part.1")).collect();
        assert_eq!(parts.len(), 1);
        damage_each(&parts, &bed.drive(number).join("bucket"), flip);
        damaged.push(bed.contents(number).await);
    }
    assert_eq!(bed.heal("large", true).await, HealOutcome::Impossible);
    for number in 1..=3 {
        assert_eq!(bed.contents(number).await, damaged[number - 1]);
    }
    bed.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn what_a_drive_missed_while_it_was_away_is_caught_up() {
    let bed = Bed::new(4).await;
    bed.put("kept", Versioning::Enabled, &content(1000)).await;
    bed.put("overwritten", Versioning::Off, b"old").await;
    bed.put("deleted", Versioning::Off, b"gone").await;
    let bed = bed.restart().await;
    bed.store.close().await;
    rename(&bed.drive(4), &bed.dir.path().join("away"));
    write(&bed.drive(4), b"in the way");
    let bed = bed.restart().await;
    bed.put("kept", Versioning::Enabled, &content(2000)).await;
    bed.put("overwritten", Versioning::Off, b"new").await;
    bed.put("added", Versioning::Off, &content(600_000)).await;
    let removal = DeleteRequest {
        bucket: "bucket".to_owned(),
        key: "deleted".to_owned(),
        version_id: None,
        versioning: Versioning::Off,
        always_mark: false,
        protect: None,
        condition: None,
    };
    bed.store.delete_object(removal).await.expect("three of four drives can delete");
    bed.store.close().await;
    rename(&bed.drive(4), &bed.dir.path().join("file"));
    rename(&bed.dir.path().join("away"), &bed.drive(4));
    let bed = bed.restart().await;
    assert_eq!(bed.heal("deleted", false).await, HealOutcome::Removed);
    for key in ["kept", "overwritten", "added"] {
        assert_eq!(bed.heal(key, false).await, HealOutcome::Healed { drives: 1 }, "{key}");
    }
    let names =
        async |number| -> Vec<PathBuf> { bed.contents(number).await.into_iter().map(|(path, _)| path).collect() };
    assert_eq!(names(4).await, names(1).await);
    assert_eq!(bed.get("overwritten").await, b"new");
    bed.store.close().await;
}

#[tokio::test(flavor = "multi_thread")]
async fn a_replaced_drive_is_filled_while_the_store_serves() {
    let bed = Bed::new(4).await;
    for number in 0..20 {
        bed.put(&format!("folder/{number}"), Versioning::Off, &content(20_000 * number)).await;
    }
    let before = bed.contents(2).await;
    bed.store.close().await;
    remove(&bed.drive(2));
    let bed = bed.restart().await;
    assert_eq!(bed.get("folder/7").await, content(140_000));
    let clock = World::system().clock;
    for _ in 0..600 {
        if bed.contents(2).await == before && bed.store.health().await[0].healing == 0 {
            break;
        }
        clock.sleep(std::time::Duration::from_millis(50)).await;
    }
    assert_eq!(bed.contents(2).await, before);
    let tracker = read(&bed.drive(2).join(".minio.sys/buckets/.healing.bin"));
    let tracker = format::healing_tracker::HealingTracker::parse(&tracker.into()).expect("a tracker");
    assert!(tracker.finished, "{tracker:?}");
    bed.store.close().await;
}

#[tokio::test]
async fn a_sweep_finds_what_a_drive_lacks_behind_its_last_name() {
    let bed = Bed::new(4).await;
    for key in ["a", "m", "z"] {
        bed.put(key, Versioning::Off, &content(300)).await;
    }
    bed.written().await;
    remove(&bed.drive(4).join("bucket/m"));
    remove(&bed.drive(4).join("bucket/z"));
    let set = bed.store.inner.sets().next().expect("a set");
    let mut names = super::names::Names::open(set, "bucket", "", "").await;
    let mut differing = Vec::new();
    while let Some(named) = names.next().await {
        if super::sweep::differs(&named) {
            differing.push(named.name);
        }
    }
    assert_eq!(differing, ["m", "z"]);
}
