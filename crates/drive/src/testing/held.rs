//! An engine whose jobs wait until the test runs them, on the test's own thread.

use crate::{Engine, FileSystem, Job};
use parking_lot::Mutex;
use std::fmt;
use std::pin::pin;
use std::sync::Arc;

/// Often enough for everybody who can go on to have done so.
const TURNS: usize = 100;

/// A drive that is slower than its clients. Clones are the same.
#[derive(Clone)]
pub struct HeldEngine {
    fs: Arc<dyn FileSystem>,
    jobs: Arc<Mutex<Vec<Job>>>,
}

impl HeldEngine {
    pub fn over(fs: Arc<dyn FileSystem>) -> Self {
        HeldEngine { fs, jobs: Arc::default() }
    }

    /// Runs what waits, in the order in which it came.
    pub fn run(&self) {
        let jobs = std::mem::take(&mut *self.jobs.lock());
        jobs.into_iter().for_each(|job| job(&*self.fs));
    }

    /// Runs jobs until `work` has ended; between them everybody who can goes on, as often as it takes.
    pub async fn until<T>(&self, work: impl Future<Output = T>) -> T {
        let mut work = pin!(work);
        loop {
            for _ in 0..TURNS {
                let polled = futures_util::poll!(work.as_mut());
                if let std::task::Poll::Ready(done) = polled {
                    return done;
                }
                tokio::task::yield_now().await;
            }
            self.run();
        }
    }

    /// Everybody who can goes on, as often as it takes; no job is run.
    pub async fn settle(&self) {
        for _ in 0..TURNS {
            tokio::task::yield_now().await;
        }
    }
}

impl fmt::Debug for HeldEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("HeldEngine")
    }
}

impl Engine for HeldEngine {
    fn submit(&self, job: Job) {
        self.jobs.lock().push(job);
    }

    fn close(&self) {
        let unrun = std::mem::take(&mut *self.jobs.lock());
        drop(unrun);
    }
}
