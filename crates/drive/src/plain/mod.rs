//! The engine of plain system calls: a pool of threads for each drive.

mod direct;
mod fs;
mod resolve;
#[cfg(test)]
mod tests;
mod write;

pub use fs::PlainFs;
pub(crate) use fs::PlainReadFile;

use crate::{Engine, FileSystem, Job};
use parking_lot::{Condvar, Mutex};
use std::collections::VecDeque;
use std::panic::{AssertUnwindSafe, catch_unwind};
use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

/// Threads of one drive. Syncs take up to a millisecond each and the file system merges those that wait together,
/// so this bounds the writes that share one; more threads than that only fight over the processors.
const MAX_THREADS: usize = 16;

/// An idle thread ends after this, so that an idle server is small.
const IDLE: Duration = Duration::from_secs(10);

/// Jobs recurse nowhere and keep their buffers on the heap.
const STACK: usize = 256 << 10;

/// Runs jobs on up to 16 threads, started when there is work and ended when there is none.
#[derive(Debug)]
pub struct PlainEngine {
    pool: Arc<Pool>,
}

struct Pool {
    fs: Arc<dyn FileSystem>,
    queue: Mutex<Queue>,
    work: Condvar,
}

#[derive(Default)]
struct Queue {
    jobs: VecDeque<Job>,
    threads: usize,
    idle: usize,
    closed: bool,
}

impl PlainEngine {
    /// Over the directory at `path`, opened by the first job; with `create` it is made (with its parents) if it is
    /// missing.
    pub fn new(path: &Path, create: bool) -> Self {
        PlainEngine::over(Arc::new(PlainFs::new(path, create)))
    }

    /// Over any file system, such as a recording one.
    pub fn over(fs: Arc<dyn FileSystem>) -> Self {
        PlainEngine { pool: Arc::new(Pool { fs, queue: Mutex::default(), work: Condvar::new() }) }
    }
}

impl Engine for PlainEngine {
    fn submit(&self, job: Job) {
        let mut queue = self.pool.queue.lock();
        if queue.closed {
            return;
        }
        queue.jobs.push_back(job);
        if queue.idle >= queue.jobs.len() {
            self.pool.work.notify_one();
        } else if queue.threads < MAX_THREADS {
            queue.threads += 1;
            drop(queue);
            Pool::start_thread(&self.pool);
        }
    }

    fn at_once(&self) -> Option<&dyn FileSystem> {
        Some(&*self.pool.fs)
    }

    fn close(&self) {
        let unrun = {
            let mut queue = self.pool.queue.lock();
            queue.closed = true;
            std::mem::take(&mut queue.jobs)
        };
        self.pool.work.notify_all();
        drop(unrun);
    }
}

impl Drop for PlainEngine {
    fn drop(&mut self) {
        self.close();
    }
}

impl Pool {
    /// One more thread, already counted. Without one to spare in the machine the present threads do the work; with none
    /// at all the waiting jobs are dropped.
    fn start_thread(pool: &Arc<Pool>) {
        let shared = Arc::clone(pool);
        let started = std::thread::Builder::new().name("drive".into()).stack_size(STACK).spawn(move || shared.work());
        if started.is_err() {
            let unrun = {
                let mut queue = pool.queue.lock();
                queue.threads -= 1;
                if queue.threads == 0 { std::mem::take(&mut queue.jobs) } else { VecDeque::new() }
            };
            drop(unrun);
        }
    }

    fn work(&self) {
        let mut queue = self.queue.lock();
        loop {
            if let Some(job) = queue.jobs.pop_front() {
                drop(queue);
                // A panic ends the job, which its waiter sees, and not the thread, which others wait for.
                let _panicked = catch_unwind(AssertUnwindSafe(|| job(&*self.fs)));
                queue = self.queue.lock();
                continue;
            }
            if queue.closed {
                break;
            }
            queue.idle += 1;
            let waited = self.work.wait_for(&mut queue, IDLE);
            queue.idle -= 1;
            if waited.timed_out() && queue.jobs.is_empty() {
                break;
            }
        }
        queue.threads -= 1;
    }
}

impl std::fmt::Debug for Pool {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Pool").field("fs", &self.fs).finish_non_exhaustive()
    }
}
