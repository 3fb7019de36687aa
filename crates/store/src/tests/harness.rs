//! A store over directories, and what tests do to it.

use crate::*;
use base::{ByteStream, Clock, SeededRandom, StreamError, SystemClock, Tasks, World};
use bytes::Bytes;
use drive::{Drive, LocalSlot, Slot, WalkOptions};
use futures_util::{StreamExt, stream};
use std::collections::BTreeMap;
use std::ops::Range;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;
use tempfile::TempDir;

pub(super) const BUCKET: &str = "bucket";

/// Directories that can be opened as a store again and again.
pub(super) struct Directories {
    _dir: TempDir,
    pub(super) drives: Vec<PathBuf>,
    pub(super) world: World,
}

pub(super) fn world(seed: u64) -> World {
    World { clock: Arc::new(SystemClock::new()), random: Arc::new(SeededRandom::new(seed)), tasks: Tasks::new() }
}

impl Directories {
    pub(super) fn new(count: usize) -> Self {
        Directories::seeded(count, 42)
    }

    /// With ids of their own.
    pub(super) fn seeded(count: usize, seed: u64) -> Self {
        let dir = tempfile::tempdir().expect("a temporary directory");
        let drives = (0..count).map(|at| dir.path().join(format!("d{at}"))).collect();
        Directories { _dir: dir, drives, world: world(seed) }
    }

    pub(super) fn slots(&self) -> Vec<Arc<dyn Slot>> {
        let slot = |path: &PathBuf| {
            let slot: Arc<dyn Slot> = Arc::new(LocalSlot::plain(path.to_str().expect("plain"), self.world.clone()));
            slot
        };
        self.drives.iter().map(slot).collect()
    }

    pub(super) fn config(&self) -> StoreConfig {
        let pool = PoolConfig { argument: "d{0...n}".to_owned(), set_size: self.drives.len(), slots: self.slots() };
        StoreConfig { pools: vec![pool], allow_root_device: true, ..StoreConfig::default() }
    }

    /// Opens them as one set; with the test's bucket.
    pub(super) async fn open(&self) -> Store {
        self.open_with(self.config()).await
    }

    pub(super) async fn open_with(&self, config: StoreConfig) -> Store {
        open_store(config, self.world.clone()).await
    }

    /// The files below a drive's bucket, relative to it, without those of the metadata.
    pub(super) fn part_files(&self, drive: usize) -> Vec<PathBuf> {
        let mut files = Vec::new();
        visit(&self.drives[drive].join(BUCKET), &mut files);
        files.retain(|path| path.file_name().is_some_and(|name| name != "xl.meta"));
        files
    }

    /// What lies in the staging of all drives, the trash aside.
    fn staged(&self) -> Vec<PathBuf> {
        let mut files = Vec::new();
        for drive in &self.drives {
            visit(&drive.join(".minio.sys/tmp"), &mut files);
        }
        files.retain(|path| !path.components().any(|part| part.as_os_str() == ".trash"));
        files.retain(|path| path.ends_with("part.1"));
        files
    }

    /// What stays there when the drives have had time to end, and take away, what they did for somebody who is gone.
    pub(super) async fn left_in_staging(&self) -> Vec<PathBuf> {
        for _ in 0..1000 {
            if self.staged().is_empty() {
                break;
            }
            self.world.clock.sleep(Duration::from_millis(10)).await;
        }
        self.staged()
    }

    /// The drive's `xl.meta` of a name.
    pub(super) fn xl_meta(&self, drive: usize, name: &str) -> PathBuf {
        self.drives[drive].join(BUCKET).join(name).join("xl.meta")
    }
}

/// A store without monitor and healer, as tests look at what is left for them; with the test's bucket.
pub(super) async fn open_store(config: StoreConfig, world: World) -> Store {
    let store = Store::open(config, world, &|_| ()).await.expect("opens");
    store.inner.background.lock().drain(..).for_each(|task| task.abort());
    for set in store.inner.sets() {
        for drive in set.drives().iter().flatten() {
            match drive.make_bucket(BUCKET).await {
                Ok(()) | Err(drive::DriveError::BucketExists { .. }) => {}
                Err(error) => panic!("{error}"),
            }
        }
    }
    store
}

fn visit(dir: &std::path::Path, files: &mut Vec<PathBuf>) {
    let Ok(entries) = dir.read_dir() else { return };
    for entry in entries {
        let path = entry.expect("readable").path();
        if path.is_dir() { visit(&path, files) } else { files.push(path) }
    }
}

/// Bytes that differ from place to place.
pub(super) fn content(len: usize) -> Bytes {
    let mut state = 0x2545_f491_4f6c_dd1d_u64;
    let mut bytes = Vec::with_capacity(len + 8);
    while bytes.len() < len {
        state ^= state << 13;
        state ^= state >> 7;
        state ^= state << 17;
        bytes.extend_from_slice(&state.to_le_bytes());
    }
    bytes.truncate(len);
    bytes.into()
}

pub(super) fn body(bytes: Bytes, piece: usize) -> ByteStream {
    let pieces: Vec<Result<Bytes, StreamError>> =
        (0..bytes.len()).step_by(piece).map(|at| Ok(bytes.slice(at..bytes.len().min(at + piece)))).collect();
    Box::pin(stream::iter(pieces))
}

pub(super) fn request(key: &str, size: Option<u64>, versioning: Versioning) -> PutRequest {
    PutRequest {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        size,
        versioning,
        storage_class: StorageClass::Standard,
        metadata: Metadata {
            user: BTreeMap::from([("content-type".to_owned(), "text/plain".to_owned())]),
            system: BTreeMap::new(),
        },
        conditions: WriteConditions::default(),
        mod_time: None,
    }
}

/// Gives the object an etag.
pub(super) fn seal(etag: &str) -> Seal {
    let etag = etag.to_owned();
    Box::new(move |_| {
        let user = BTreeMap::from([("etag".to_owned(), etag)]);
        Ok(Metadata { user, system: BTreeMap::new() }.into())
    })
}

pub(super) async fn put(store: &Store, key: &str, bytes: &Bytes) -> ObjectInfo {
    put_as(store, key, bytes, Versioning::Off).await
}

pub(super) async fn put_as(store: &Store, key: &str, bytes: &Bytes, versioning: Versioning) -> ObjectInfo {
    let size = u64::try_from(bytes.len()).expect("small");
    let request = request(key, Some(size), versioning);
    store.put_object(request, body(bytes.clone(), 70_000), seal("e")).await.expect("stored")
}

pub(super) async fn try_get(
    store: &Store,
    key: &str,
    version: Option<VersionId>,
    range: Range<u64>,
) -> Result<Vec<u8>, String> {
    let reader = store.open_object(BUCKET, key, version).await.map_err(|error| error.to_string())?;
    let mut bytes = Vec::new();
    let mut stream = reader.read(range);
    while let Some(piece) = stream.next().await {
        bytes.extend_from_slice(&piece.map_err(|error| error.to_string())?);
    }
    Ok(bytes)
}

pub(super) async fn get(store: &Store, key: &str) -> Bytes {
    try_get(store, key, None, 0..u64::MAX).await.expect("readable").into()
}

pub(super) fn delete(key: &str, version_id: Option<VersionId>, versioning: Versioning) -> DeleteRequest {
    DeleteRequest {
        bucket: BUCKET.to_owned(),
        key: key.to_owned(),
        version_id,
        versioning,
        always_mark: false,
        protect: None,
        condition: None,
    }
}

/// Waits for what goes on behind answers: late drives, settling, discarding.
pub(super) async fn quiet(store: &Store) {
    store.inner.world().tasks.idle().await;
    // What a drive was doing for somebody who is gone ends in its own time.
    while store.inner.memory.used() > 0 {
        tokio::task::yield_now().await;
    }
}

/// Waits until the drives have written what their commits left in memory: for tests that look at the drives, or change
/// something on them, behind the store's back.
pub(crate) async fn written(store: &Store) {
    for set in store.inner.sets() {
        for drive in set.drives().iter().flatten() {
            let all = WalkOptions { bucket: BUCKET.to_owned(), recursive: true, anew: true, ..WalkOptions::default() };
            let Ok(mut walk) = drive.walk(all).await else { continue };
            loop {
                let batch = walk.next_batch().await.expect("the walk goes on");
                if batch.is_empty() {
                    break;
                }
                for entry in batch {
                    is_written(drive.as_ref(), entry.name()).await;
                }
            }
        }
    }
}

async fn is_written(drive: &dyn Drive, name: &str) {
    let path = Path::new(drive.name()).join(BUCKET).join(name).join("xl.meta");
    let clock = SystemClock::new();
    // What can't be read, or has gone, nobody will write.
    while let Ok(meta) = drive.read_meta_anew(BUCKET, name).await {
        // Whoever asks the drive again and again keeps it from writing.
        for _ in 0..100 {
            let file = std::fs::read(&path).unwrap_or_default();
            if format::xl::XlMeta::parse(&file.into()).is_ok_and(|file| file == *meta) {
                // Whoever removes such a file waits for the one that is being written.
                return drive.remove_file("none/xl.meta").await.expect("missing is fine");
            }
            clock.sleep(Duration::from_millis(10)).await;
        }
    }
}
