//! Opening a drive: MinIO's steps (section 1.1 of its format), our lock and our records of commits in doubt.

use super::LocalDrive;
use super::access::{Access, is};
use super::cache::DEFAULT_BUDGET;
use super::journal::JournalSize;
use super::paths::{self, BUCKETS, CONFIG, DOUBTS, FORMAT, LOCK, MULTIPART, OURS, SYS, TMP, TMP_OLD, TRASH};
use super::shared::{LONG_LIMIT, Shared};
use super::{replay, tidy, watch};
use crate::{Drive, DriveError, DriveResult, Engine, FileKind, PlainEngine, Slot, Unclaimed};
use async_trait::async_trait;
use base::World;
use bytes::Bytes;
use format::drive_format::{DistributionAlgorithm, FormatJson, MAX_FORMAT_JSON, Migration};
use rustix::io::Errno;
use std::fmt;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// A replay writes again what the journal holds, and syncs all of the file system.
const REPLAY_LIMIT: Duration = Duration::from_secs(600);

/// Makes the engine of a drive about to be opened. The argument says whether a missing directory is to be made.
pub type NewEngine = Arc<dyn Fn(bool) -> Arc<dyn Engine> + Send + Sync>;

/// A directory given on the command line.
pub struct LocalSlot {
    name: String,
    world: World,
    engine: NewEngine,
    journal: JournalSize,
    /// Bytes of metadata that are kept in memory.
    cache: usize,
    /// Its directory was there once: if it is missing later, a mount has gone, and making the directory would
    /// put the drive's data on another file system.
    seen: AtomicBool,
}

impl LocalSlot {
    /// The directory at `name`, by plain system calls.
    pub fn plain(name: &str, world: World) -> Self {
        let path = PathBuf::from(name);
        LocalSlot::new(name, world, Arc::new(move |create| Arc::new(PlainEngine::new(&path, create))))
    }

    /// With an engine of any kind, made anew for each opening.
    pub fn new(name: &str, world: World, engine: NewEngine) -> Self {
        let (journal, cache) = (JournalSize::default(), DEFAULT_BUDGET);
        LocalSlot { name: name.to_owned(), world, engine, journal, cache, seen: AtomicBool::new(false) }
    }

    /// With a journal of this size.
    #[must_use]
    pub fn with_journal(self, journal: JournalSize) -> Self {
        LocalSlot { journal, ..self }
    }

    /// With so many bytes for a cache of metadata.
    #[must_use]
    pub fn with_cache(self, bytes: usize) -> Self {
        LocalSlot { cache: bytes, ..self }
    }
}

impl fmt::Debug for LocalSlot {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("LocalSlot").field("name", &self.name).finish_non_exhaustive()
    }
}

#[async_trait]
impl Slot for LocalSlot {
    fn name(&self) -> &str {
        &self.name
    }

    async fn open(&self) -> DriveResult<Box<dyn Unclaimed>> {
        let engine = (self.engine)(!self.seen.load(Ordering::Relaxed));
        let shared = Shared::new(self.name.clone(), engine, self.world.clone(), self.cache, self.journal);
        let shared = Arc::new(shared);
        let opened = shared.run(LONG_LIMIT, prepare).await.map_err(as_drive_error)?;
        self.seen.store(true, Ordering::Relaxed);
        let Prepared { format, on_root_device, bare } = opened;
        Ok(Box::new(Opened { shared, format, on_root_device, bare }))
    }
}

/// A path that leads nowhere isn't an absent object.
fn as_drive_error(error: DriveError) -> DriveError {
    match error {
        DriveError::NotFound { drive, path } => {
            DriveError::NotThisDrive { drive, reason: format!("its directory is gone ('{path}' is missing)") }
        }
        other => other,
    }
}

/// What the first job finds.
struct Prepared {
    format: Option<Found>,
    on_root_device: bool,
    bare: bool,
}

/// Locks the drive and looks at it. It may turn out to be another's or to be refused, and be looked at again every
/// second: what is in it stays as it is until it is claimed.
fn prepare(access: &Access<'_>) -> DriveResult<Prepared> {
    let root = access.writing("", access.fs.root())?;
    let new = access.make_dir(SYS)? | access.make_dir(OURS)?;
    lock(access)?;
    if new {
        sync_standing_dirs(access)?;
    }
    let format = read_format(access)?;
    if format.is_some() {
        // Whatever a server that was killed had written but not synced is made durable before it is built upon.
        access.writing("", access.fs.sync_all()).inspect_err(|error| access.shared.fault(&error.to_string()))?;
    }
    Ok(Prepared { format, on_root_device: root.on_root_device, bare: is_bare(access)? })
}

fn is_bare(access: &Access<'_>) -> DriveResult<bool> {
    let root = access.read_dir("")?;
    let mut bare = !root.iter().any(|entry| entry.kind == FileKind::Dir && entry.name != SYS);
    for dir in [MULTIPART, BUCKETS, CONFIG] {
        bare &= super::access::if_any(access.read_dir(dir))?.is_none_or(|entries| entries.is_empty());
    }
    Ok(bare)
}

/// What must come before a drive that belongs here is used. The journal comes before any housekeeping: what it refers to
/// may be in the staging area still.
fn settle(access: &Access<'_>, drive: Uuid) -> DriveResult<()> {
    let beginning = replay::replay(access, drive)?;
    make_standing_dirs(access)?;
    // Staging too: data that a commit refers to must not be lost with it.
    sync_standing_dirs(access)?;
    access.shared.journal.begin_after(beginning);
    access.shared.unwritten.look_at(access.reading("", access.fs.space())?);
    Ok(())
}

fn sync_standing_dirs(access: &Access<'_>) -> DriveResult<()> {
    [OURS, SYS, ""].into_iter().try_for_each(|dir| access.sync_dir(dir))
}

fn lock(access: &Access<'_>) -> DriveResult<()> {
    match access.fs.try_lock(LOCK) {
        Ok(lock) => {
            *access.shared.lock.lock() = Some(lock);
            Ok(())
        }
        Err(error) if is(&error, Errno::WOULDBLOCK) => Err(DriveError::InUse { drive: access.drive() }),
        Err(error) => access.writing(LOCK, Err(error)),
    }
}

/// The old staging goes aside: nothing in it belongs to a commit that began.
fn make_standing_dirs(access: &Access<'_>) -> DriveResult<()> {
    access.make_dir(TMP_OLD)?;
    let aside = format!("{TMP_OLD}/{}", access.shared.uuid());
    super::access::if_any(access.rename(TMP, &aside))?;
    for dir in [TMP, TRASH, MULTIPART, BUCKETS, CONFIG, DOUBTS] {
        access.make_dir(dir)?;
    }
    for entry in access.read_dir("")? {
        let probe = entry.name.starts_with(".writable-check-") && entry.name.ends_with(".tmp");
        if probe && entry.kind == FileKind::File {
            access.unlink(&entry.name)?;
        }
    }
    Ok(())
}

fn read_format(access: &Access<'_>) -> DriveResult<Option<Found>> {
    let Some(bytes) = access.read_if_any(FORMAT, MAX_FORMAT_JSON)? else { return Ok(None) };
    let (format, migration) = FormatJson::read(&bytes).map_err(|error| access.corrupt(FORMAT, error))?;
    Ok(Some(Found { format, migration, bytes }))
}

/// Brings an old format to today's; the bytes of the file then.
fn migrate(access: &Access<'_>, found: &Found) -> DriveResult<Bytes> {
    if found.migration == Migration::Layout {
        access.trash(MULTIPART)?;
        access.make_dir(MULTIPART)?;
    }
    let bytes = Bytes::from(found.format.encode());
    put_format(access, bytes.clone())?;
    Ok(bytes)
}

fn put_format(access: &Access<'_>, bytes: Bytes) -> DriveResult<()> {
    let staged = format!("{SYS}/{}", access.shared.uuid());
    access.write_new(&staged, &[bytes])?;
    access.rename(&staged, FORMAT)?;
    access.sync_dir(paths::parent(FORMAT))
}

/// A drive's format as it was found.
#[derive(Debug)]
struct Found {
    format: FormatJson,
    /// What must be done before it counts.
    migration: Migration,
    bytes: Bytes,
}

/// Opened, and not part of a set yet.
#[derive(Debug)]
struct Opened {
    shared: Arc<Shared>,
    format: Option<Found>,
    on_root_device: bool,
    bare: bool,
}

#[async_trait]
impl Unclaimed for Opened {
    fn format(&self) -> Option<&FormatJson> {
        self.format.as_ref().map(|found| &found.format)
    }

    fn on_root_device(&self) -> bool {
        self.on_root_device
    }

    fn is_bare(&self) -> bool {
        self.bare
    }

    async fn write_format(&mut self, format: &FormatJson) -> DriveResult<()> {
        let bytes = Bytes::from(format.encode());
        let written = bytes.clone();
        self.shared.run(LONG_LIMIT, move |access| put_format(access, written)).await?;
        self.format = Some(Found { format: format.clone(), migration: Migration::None, bytes });
        Ok(())
    }

    async fn claim(self: Box<Self>) -> DriveResult<Arc<dyn Drive>> {
        let Opened { shared, format, .. } = *self;
        let Some(found) = format else {
            let reason = "it isn't formatted".to_owned();
            return Err(DriveError::NotThisDrive { drive: shared.name.clone(), reason });
        };
        let drive = found.format.this;
        let old = found.format.algorithm == DistributionAlgorithm::CrcMod;
        shared.old_objects.store(old, Ordering::Relaxed);
        shared.run(REPLAY_LIMIT, move |access| settle(access, drive)).await?;
        let bytes = match found.migration {
            Migration::None => found.bytes,
            _ => shared.run(LONG_LIMIT, move |access| migrate(access, &found)).await?,
        };
        watch::start(&shared, bytes);
        let tidied = Arc::downgrade(&shared);
        shared.world.tasks.spawn(async move {
            let Some(shared) = tidied.upgrade() else { return };
            if let Err(error) = tidy::after_opening(&shared).await {
                tracing::warn!(drive = shared.name, %error, "housekeeping after opening failed");
            }
        });
        Ok(Arc::new(LocalDrive { shared, id: drive }))
    }
}
