//! What is asked of the operating system and of the service manager.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use sd_notify::NotifyState;

/// Below this many open files a server of several drives runs out of them under load.
const FEW_OPEN_FILES: u64 = 4096;

/// Raises the limit of open files to the highest allowed.
pub fn raise_open_files() {
    let limit = getrlimit(Resource::Nofile);
    if limit.current != limit.maximum
        && let Err(error) = setrlimit(Resource::Nofile, Rlimit { current: limit.maximum, maximum: limit.maximum })
    {
        tracing::warn!(%error, "can't raise the limit of open files");
    }
    match getrlimit(Resource::Nofile).current {
        Some(files) if files < FEW_OPEN_FILES => {
            tracing::warn!(files, "the limit of open files is low: allow at least {FEW_OPEN_FILES}");
        }
        _ => {}
    }
}

/// Tells the service manager, if there is one, that requests are served.
pub fn notify_ready() {
    notify(NotifyState::Ready);
}

/// Tells the service manager, if there is one, that the server is ending.
pub fn notify_stopping() {
    notify(NotifyState::Stopping);
}

fn notify(state: NotifyState<'_>) {
    if let Err(error) = sd_notify::notify(false, &[state]) {
        tracing::warn!(%error, "can't tell the service manager");
    }
}
