//! Who does a drive's work: one hop to another thread for a whole operation, however many calls it makes.

use crate::FileSystem;
use std::fmt::Debug;

/// One operation: everything it does to the file system, then the answer to whoever waits.
pub type Job = Box<dyn FnOnce(&dyn FileSystem) + Send>;

/// Runs jobs against one drive's file system. Jobs that hang hold up only this engine.
pub trait Engine: Send + Sync + Debug {
    /// Takes a job; it runs soon, in no order relative to others. After [`Engine::close`] it is dropped unrun, which
    /// its waiter sees.
    fn submit(&self, job: Job);

    /// The file system itself, for the calls that never wait ([`FileSystem::read_cached`], [`FileSystem::open_cached`]):
    /// they aren't worth a hop. `None` if it has no such calls.
    fn at_once(&self) -> Option<&dyn FileSystem> {
        None
    }

    /// Drops what hasn't begun and lets the threads go.
    fn close(&self);
}
