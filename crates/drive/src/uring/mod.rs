//! The engine that reads what isn't in memory by io_uring.
//!
//! Everything else is done by the engine of plain calls, which it holds: of all that a drive does, only these reads were
//! measured to be cheaper (docs/performance.md, "What was tried"). docs/drives.md has the design.

mod buffer;
mod file;
mod fs;
mod memory;
mod reader;
mod resident;
mod ring;
mod seen;
#[cfg(test)]
mod tests;

use crate::{Engine, FileSystem, Job, PlainEngine};
use fs::UringFs;
use reader::Reader;
use ring::Ring;
use std::io;
use std::path::Path;
use std::sync::Arc;

/// Plain calls on threads, and reads by a ring.
#[derive(Debug)]
pub struct UringEngine {
    plain: PlainEngine,
    reader: Arc<Reader>,
}

/// Why the kernel gives no rings: an old one, or forbidden here (`kernel.io_uring_disabled`, a container's filter).
#[derive(Debug, thiserror::Error)]
#[error("the kernel gives no rings: {0}")]
pub struct NoRings(#[from] io::Error);

impl UringEngine {
    /// Whether there can be such an engine.
    pub fn probe() -> Result<(), NoRings> {
        Ring::<()>::new(1).map(drop).map_err(NoRings::from)
    }

    /// Over the directory at `path`, as [`PlainEngine::new`]. Where there are no rings everything is done by plain calls.
    pub fn new(path: &Path, create: bool) -> Self {
        UringEngine::with(path, create, Ring::new, memory::is_full)
    }

    /// The same where the kernel gives no rings.
    #[cfg(feature = "testing")]
    pub fn without_rings(path: &Path, create: bool) -> Self {
        UringEngine::with(path, create, |_| Err(rustix::io::Errno::PERM.into()), || true)
    }

    /// The same where memory is full.
    #[cfg(feature = "testing")]
    pub fn without_memory(path: &Path, create: bool) -> Self {
        UringEngine::with(path, create, Ring::new, || true)
    }

    fn with(path: &Path, create: bool, new_ring: reader::NewRing, is_full: fn() -> bool) -> Self {
        let reader = Arc::new(Reader::new(new_ring, is_full));
        let fs = UringFs::new(path, create, Arc::clone(&reader));
        UringEngine { plain: PlainEngine::over(Arc::new(fs)), reader }
    }
}

impl Engine for UringEngine {
    fn submit(&self, job: Job) {
        self.plain.submit(job);
    }

    fn at_once(&self) -> Option<&dyn FileSystem> {
        self.plain.at_once()
    }

    fn close(&self) {
        self.plain.close();
        self.reader.close();
    }
}

impl Drop for UringEngine {
    fn drop(&mut self) {
        self.close();
    }
}
