//! Which engine serves the drives.

use drive::{Engine, NewEngine, NoRings, PlainEngine, UringEngine};
use settings::DriveEngine;
use std::fmt;
use std::path::Path;
use std::sync::Arc;

/// What makes the drives' system calls.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum EngineKind {
    IoUring,
    Threads,
}

impl EngineKind {
    /// As wanted, if the kernel plays along.
    pub fn choose(wanted: DriveEngine, probe: impl FnOnce() -> Result<(), NoRings>) -> Self {
        if wanted == DriveEngine::Threads {
            return EngineKind::Threads;
        }
        match probe() {
            Ok(()) => EngineKind::IoUring,
            Err(reason) if wanted == DriveEngine::IoUring => {
                tracing::warn!("RUSTFS_DRIVE_ENGINE=io_uring: {reason}; drives are served by threads");
                EngineKind::Threads
            }
            Err(reason) => {
                tracing::debug!("{reason}; drives are served by threads");
                EngineKind::Threads
            }
        }
    }

    /// Makes the engines of a drive.
    pub fn of_drive(self, path: &Path) -> NewEngine {
        let path = path.to_path_buf();
        match self {
            EngineKind::IoUring => Arc::new(move |create| Arc::new(UringEngine::new(&path, create)) as Arc<dyn Engine>),
            EngineKind::Threads => Arc::new(move |create| Arc::new(PlainEngine::new(&path, create)) as Arc<dyn Engine>),
        }
    }
}

impl fmt::Display for EngineKind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            EngineKind::IoUring => "io_uring",
            EngineKind::Threads => "threads",
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn forbidden() -> Result<(), NoRings> {
        Err(NoRings::from(std::io::Error::from(rustix::io::Errno::PERM)))
    }

    #[test]
    fn rings_are_used_where_there_are_any_and_nobody_objects() {
        assert_eq!(EngineKind::choose(DriveEngine::Auto, || Ok(())), EngineKind::IoUring);
        assert_eq!(EngineKind::choose(DriveEngine::IoUring, || Ok(())), EngineKind::IoUring);
        assert_eq!(EngineKind::choose(DriveEngine::Threads, || unreachable!("nobody asked")), EngineKind::Threads);
    }

    #[test]
    fn a_kernel_without_rings_is_served_by_threads() {
        assert_eq!(EngineKind::choose(DriveEngine::Auto, forbidden), EngineKind::Threads);
        assert_eq!(EngineKind::choose(DriveEngine::IoUring, forbidden), EngineKind::Threads);
    }

    #[test]
    fn they_are_called_as_the_setting_calls_them() {
        assert_eq!([EngineKind::IoUring, EngineKind::Threads].map(|kind| kind.to_string()), ["io_uring", "threads"]);
    }
}
