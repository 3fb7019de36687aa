//! The only owner of spawned tasks: work that outlives the call that began it, counted so that
//! a server can wait for it when it stops.

use std::future::Future;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use tokio::sync::Notify;

/// Spawns tasks on the Tokio runtime it is used in, and knows how many are running.
#[derive(Clone, Debug, Default)]
pub struct Tasks {
    shared: Arc<Shared>,
}

#[derive(Debug, Default)]
struct Shared {
    running: AtomicUsize,
    idle: Notify,
}

/// A running task. Dropping it lets the task go on.
#[derive(Debug)]
pub struct TaskHandle<T>(tokio::task::JoinHandle<T>);

impl<T> TaskHandle<T> {
    /// Stops the task at its next await.
    pub fn abort(&self) {
        self.0.abort();
    }

    /// The task's result; `None` if it was aborted or panicked.
    pub async fn join(self) -> Option<T> {
        self.0.await.ok()
    }
}

impl Tasks {
    pub fn new() -> Self {
        Tasks::default()
    }

    /// Starts `work`, which runs to its end whether or not anyone waits for it.
    #[expect(clippy::disallowed_methods, reason = "this is the owner of tasks")]
    pub fn spawn<T, F>(&self, work: F) -> TaskHandle<T>
    where
        T: Send + 'static,
        F: Future<Output = T> + Send + 'static,
    {
        let guard = Running::new(Arc::clone(&self.shared));
        TaskHandle(tokio::spawn(async move {
            let _guard = guard;
            work.await
        }))
    }

    /// The same from where there may be no runtime any more, as when a server's connections are dropped at its end: then it
    /// isn't started.
    pub fn spawn_if_running<F: Future<Output = ()> + Send + 'static>(&self, work: F) {
        if tokio::runtime::Handle::try_current().is_ok() {
            self.spawn(work);
        }
    }

    /// Starts `work` that keeps a processor busy for more than a few milliseconds, on a thread of its own.
    #[expect(clippy::disallowed_methods, reason = "this is the owner of tasks")]
    pub fn compute<T: Send + 'static>(&self, work: impl FnOnce() -> T + Send + 'static) -> TaskHandle<T> {
        let guard = Running::new(Arc::clone(&self.shared));
        TaskHandle(tokio::task::spawn_blocking(move || {
            let _guard = guard;
            work()
        }))
    }

    /// How many tasks are running.
    pub fn running(&self) -> usize {
        self.shared.running.load(Ordering::SeqCst)
    }

    /// Waits until no task is running.
    pub async fn idle(&self) {
        loop {
            let woken = self.shared.idle.notified();
            if self.running() == 0 {
                return;
            }
            woken.await;
        }
    }
}

struct Running(Arc<Shared>);

impl Running {
    fn new(shared: Arc<Shared>) -> Self {
        shared.running.fetch_add(1, Ordering::SeqCst);
        Running(shared)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        if self.0.running.fetch_sub(1, Ordering::SeqCst) == 1 {
            self.0.idle.notify_waiters();
        }
    }
}
