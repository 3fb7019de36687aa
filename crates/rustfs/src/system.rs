//! What is asked of the operating system and of the service manager.

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use std::io;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};

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

/// The socket of the service manager that started this process, if one did (`sd_notify(3)`).
pub struct ServiceManager {
    socket: Option<SocketAddr>,
}

impl ServiceManager {
    /// From the value of `NOTIFY_SOCKET`: a path, or `@` and a name that is in no file system.
    pub fn new(socket: Option<&str>) -> Self {
        let address = |socket: &str| match socket.strip_prefix('@') {
            Some(name) => SocketAddr::from_abstract_name(name),
            None => SocketAddr::from_pathname(socket),
        };
        let socket = socket.and_then(|socket| address(socket).inspect_err(complain).ok());
        ServiceManager { socket }
    }

    /// Tells it that requests are served.
    pub fn ready(&self) {
        self.tell(b"READY=1\n");
    }

    /// Tells it that the server is ending.
    pub fn stopping(&self) {
        self.tell(b"STOPPING=1\n");
    }

    fn tell(&self, state: &[u8]) {
        let Some(socket) = &self.socket else { return };
        let told = UnixDatagram::unbound().and_then(|own| own.send_to_addr(state, socket));
        if let Err(error) = told {
            complain(&error);
        }
    }
}

fn complain(error: &io::Error) {
    tracing::warn!(%error, "can't tell the service manager");
}
