//! What all operations of a drive share: its engine, whether it is in service, and how a job is asked and awaited.

use super::access::Access;
use super::cache::Known;
use super::checkpoint;
use super::fresh::FreshDirs;
use super::journal::{Journal, JournalSize};
use super::line::Lines;
use super::pending::Pendings;
use super::queue::{self, Queue};
use super::trash::Trash;
use super::unwritten::Unwritten;
use super::watched::Watched;
use super::writable::Writable;
use crate::{DriveError, DriveResult, DriveState, Engine, FileSystem, Lock};
use base::World;
use futures_util::future::{Either, select};
use parking_lot::{Mutex, RwLock};
use std::fmt;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use tokio::sync::oneshot::{self, error::RecvError};
use uuid::Uuid;

/// A drive that hasn't answered a question about metadata, or taken a piece of data, by then is taken out of
/// service. As long as MinIO waits by default.
pub(super) const ANSWER_LIMIT: Duration = Duration::from_secs(30);

/// For operations that touch as many entries as there are: a batch of a walk, a step of emptying the trash.
pub(super) const LONG_LIMIT: Duration = Duration::from_secs(120);

pub(super) struct Shared {
    pub(super) name: String,
    pub(super) engine: Arc<dyn Engine>,
    pub(super) world: World,
    pub(super) lock: Mutex<Option<Box<dyn Lock>>>,
    pub(super) lines: Arc<Lines>,
    pub(super) pending: Mutex<Pendings>,
    /// Number of the next commit that may be in doubt.
    pub(super) sequence: AtomicU64,
    pub(super) queue: Queue,
    pub(super) journal: Journal,
    /// Held while a checkpoint is made.
    pub(super) checkpoint: Mutex<()>,
    /// Held (shared) from making an object's directories until something stands in them, and (alone) while empty
    /// directories are removed: nobody loses the directory under their feet.
    pub(super) tree: RwLock<()>,
    pub(super) fresh: FreshDirs,
    pub(super) known: Known,
    pub(super) unwritten: Unwritten,
    pub(super) writable: Writable,
    pub(super) trash: Trash,
    /// Counts what the drive is asked.
    asked: AtomicU64,
    /// What MinIO kept of listings has been thrown away.
    pub(super) caches_trashed: AtomicBool,
    /// Objects may be of the oldest format, `xl.json`.
    pub(super) old_objects: AtomicBool,
    fault: OnceLock<DriveError>,
}

impl Shared {
    pub(super) fn new(name: String, engine: Arc<dyn Engine>, world: World, cache: usize, journal: JournalSize) -> Self {
        Shared {
            name,
            engine,
            world,
            lock: Mutex::default(),
            lines: Arc::default(),
            pending: Mutex::default(),
            sequence: AtomicU64::new(1),
            queue: Queue::default(),
            journal: Journal::new(journal),
            checkpoint: Mutex::default(),
            tree: RwLock::new(()),
            fresh: FreshDirs::default(),
            known: Known::new(cache),
            // As much as for what is known: neither should crowd out the other.
            unwritten: Unwritten::new(cache),
            writable: Writable::default(),
            trash: Trash::default(),
            asked: AtomicU64::new(0),
            caches_trashed: AtomicBool::new(false),
            old_objects: AtomicBool::new(false),
            fault: OnceLock::new(),
        }
    }

    /// Runs one job on the drive's engine and waits for its answer. Dropping the future drops a job that hasn't
    /// begun; one that has runs to its end. A drive that doesn't answer within `limit` is taken out of service.
    pub(super) async fn run<T, F>(self: &Arc<Self>, limit: Duration, work: F) -> DriveResult<T>
    where
        T: Send + 'static,
        F: FnOnce(&Access<'_>) -> DriveResult<T> + Send + 'static,
    {
        self.run_or_clear(limit, work, |_| ()).await
    }

    /// The same for a job that leaves something to whoever asked: if nobody waits for its answer any more, `clear` takes it
    /// away again. (Whoever gave up may have tried to before the job had made it.)
    pub(super) async fn run_or_clear<T, F, C>(self: &Arc<Self>, limit: Duration, work: F, clear: C) -> DriveResult<T>
    where
        T: Send + 'static,
        F: FnOnce(&Access<'_>) -> DriveResult<T> + Send + 'static,
        C: FnOnce(&Access<'_>) + Send + 'static,
    {
        self.admit()?;
        let (answer, answered) = oneshot::channel();
        let shared = Arc::clone(self);
        self.engine.submit(Box::new(move |fs| {
            if answer.is_closed() {
                return;
            }
            let result = shared.in_service().and_then(|()| shared.with_access(fs, work));
            if let Err(unheard) = answer.send(result) {
                drop(unheard);
                shared.with_access(fs, clear);
            }
        }));
        match self.within(limit, answered).await? {
            Ok(result) => result,
            Err(_dropped) => {
                self.in_service()?;
                self.fault("an operation broke off");
                Err(self.faulty())
            }
        }
    }

    /// Waits for the drive. One that takes longer than `limit` is taken out of service.
    pub(super) async fn within<T>(
        &self,
        limit: Duration,
        answered: oneshot::Receiver<T>,
    ) -> DriveResult<Result<T, RecvError>> {
        match select(answered, self.world.clock.sleep(limit)).await {
            Either::Left((answer, _)) => Ok(answer),
            Either::Right(_) => {
                self.fault(&format!("no answer within {} seconds", limit.as_secs()));
                Err(DriveError::TimedOut { drive: self.name.clone() })
            }
        }
    }

    /// Whatever a job does to the file system it does so: the cache is told.
    pub(super) fn with_access<T>(self: &Arc<Self>, fs: &dyn FileSystem, work: impl FnOnce(&Access<'_>) -> T) -> T {
        let watched = Watched { fs, known: &self.known, unwritten: &self.unwritten };
        work(&Access { fs: &watched, beneath: fs, shared: self })
    }

    /// Something is asked of the drive: whether it can be.
    pub(super) fn admit(&self) -> DriveResult<()> {
        self.asked.fetch_add(1, Ordering::Relaxed);
        self.in_service()
    }

    /// How often anything was.
    pub(super) fn asked(&self) -> u64 {
        self.asked.load(Ordering::Relaxed)
    }

    /// Whether that was more than so often since the last look.
    pub(super) fn is_busy(&self, last: &mut u64, most: u64) -> bool {
        let asked = self.asked();
        asked.wrapping_sub(std::mem::replace(last, asked)) > most
    }

    pub(super) fn in_service(&self) -> DriveResult<()> {
        if self.fault.get().is_some() { Err(self.faulty()) } else { Ok(()) }
    }

    pub(super) fn state(&self) -> DriveState {
        match self.fault.get() {
            None => DriveState::Online,
            Some(fault) => DriveState::Faulty(fault.to_string()),
        }
    }

    pub(super) fn next_sequence(&self) -> u64 {
        self.sequence.fetch_add(1, Ordering::Relaxed)
    }

    pub(super) fn faulty(&self) -> DriveError {
        let unknown = || DriveError::TimedOut { drive: self.name.clone() };
        self.fault.get().cloned().unwrap_or_else(unknown)
    }

    /// Takes the drive out of service until it is opened anew. The first reason stays.
    pub(super) fn fault(&self, reason: &str) {
        self.take_out(DriveError::Faulty { drive: self.name.clone(), reason: reason.to_owned() });
    }

    pub(super) fn take_out(&self, why: DriveError) {
        if self.fault.set(why).is_ok() {
            tracing::error!(drive = self.name, reason = %self.faulty(), "drive taken out of service");
            self.engine.close();
        }
    }

    /// Ends the service on purpose.
    pub(super) async fn close(self: &Arc<Self>) {
        self.lines.idle().await;
        if self.in_service().is_ok()
            && let Err(error) = queue::alone(self, |_| Ok(None), checkpoint::close).await
        {
            tracing::warn!(drive = self.name, %error, "the drive is left as after a crash: its journal will be replayed");
        }
        let closed = DriveError::Faulty { drive: self.name.clone(), reason: "closed".into() };
        if self.fault.set(closed).is_ok() {
            self.engine.close();
        }
        self.lock.lock().take();
    }

    pub(super) fn uuid(&self) -> Uuid {
        self.world.random.uuid()
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Shared").field("name", &self.name).field("engine", &self.engine).finish_non_exhaustive()
    }
}
