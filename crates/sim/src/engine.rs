//! The simulated engine: jobs run at once, in the caller's thread, or after a while that the seed decides; or, while the
//! disk is stalled, not at all.

use crate::disk::SimDisk;
use crate::fs::SimFs;
use base::{Random, World};
use drive::{Engine, Job};
use parking_lot::Mutex;
use std::fmt;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// Runs the jobs of one mount of a disk.
#[derive(Debug)]
pub struct SimEngine {
    fs: SimFs,
    pace: Arc<Pace>,
    world: World,
    closed: Arc<AtomicBool>,
}

/// How a disk takes its jobs.
pub(crate) struct Pace {
    /// What hangs, in the order it came.
    stalled: Mutex<Option<Vec<(SimFs, Job)>>>,
    /// Each job takes up to this, and so may be overtaken by others.
    latency: Mutex<Duration>,
    random: Arc<dyn Random>,
}

impl SimEngine {
    /// Over the disk as it is mounted now.
    pub fn new(disk: &SimDisk) -> Self {
        let closed = Arc::new(AtomicBool::new(false));
        SimEngine { fs: disk.mount(), pace: Arc::clone(&disk.pace), world: disk.world.clone(), closed }
    }
}

impl Engine for SimEngine {
    fn submit(&self, job: Job) {
        if self.closed.load(Ordering::SeqCst) {
            return;
        }
        if let Some(stalled) = &mut *self.pace.stalled.lock() {
            stalled.push((self.fs.clone(), job));
            return;
        }
        let Some(delay) = self.pace.delay() else { return job(&self.fs) };
        let (fs, closed, clock) = (self.fs.clone(), Arc::clone(&self.closed), Arc::clone(&self.world.clock));
        self.world.tasks.spawn(async move {
            clock.sleep(delay).await;
            if !closed.load(Ordering::SeqCst) {
                job(&fs);
            }
        });
    }

    /// Jobs that hang go on hanging: nobody can take them back from a disk.
    fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
    }
}

impl Pace {
    pub(crate) fn new(random: Arc<dyn Random>) -> Self {
        Pace { stalled: Mutex::default(), latency: Mutex::default(), random }
    }

    pub(crate) fn stall(&self) {
        self.stalled.lock().get_or_insert_default();
    }

    pub(crate) fn release(&self) {
        let jobs = self.stalled.lock().take();
        for (fs, job) in jobs.into_iter().flatten() {
            job(&fs);
        }
    }

    pub(crate) fn set_latency(&self, latency: Duration) {
        *self.latency.lock() = latency;
    }

    fn delay(&self) -> Option<Duration> {
        let latency = u64::try_from(self.latency.lock().as_nanos()).unwrap_or(u64::MAX);
        (latency > 0).then(|| Duration::from_nanos(self.random.u64() % latency))
    }
}

impl fmt::Debug for Pace {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Pace").field("latency", &self.latency).finish_non_exhaustive()
    }
}
