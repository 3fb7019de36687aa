//! Servers: starting them on empty drives, waiting for their first answer, stopping them.

use crate::cell::{Cell, Form};
use crate::failure::Failure;
use crate::options::Options;
use crate::target::Target;
use crate::wire::Reader;
use rustix::process::{Pid, Signal, kill_process};
use std::fs::{self, File};
use std::io::{Read, Write};
use std::net::{Ipv4Addr, SocketAddr, TcpStream};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::{Duration, Instant};

/// How long a server may take until it answers.
const START_LIMIT: Duration = Duration::from_secs(120);
/// The key service of cells that encrypt: one key, which protects nothing.
const MASTER_KEY: &str = "rustfs-bench:MDEyMzQ1Njc4OWFiY2RlZjAxMjM0NTY3ODlhYmNkZWY=";
/// How long a server may take to stop before it is killed.
const STOP_LIMIT: Duration = Duration::from_secs(30);
/// Between two attempts to be answered by a server that is starting.
const ATTEMPT_PAUSE: Duration = Duration::from_millis(1);
/// How much of a server's output is shown if it fails.
const SHOWN_OUTPUT: usize = 1000;

/// A server as the options name it.
#[derive(Clone, Debug)]
pub struct Spec {
    /// What it is called in tables.
    pub name: String,
    /// Where it comes from.
    pub place: Place,
}

/// Where a server comes from.
#[derive(Clone, Debug)]
pub enum Place {
    /// It is started with a command in which `{port}` and `{drives}` are filled in.
    Command(String),
    /// It runs already.
    Endpoint(SocketAddr),
}

/// A directory for the drives and logs of one run, removed at its end.
pub struct Room(PathBuf);

impl Room {
    /// Makes it below `root`.
    pub fn make(root: &Path) -> Result<Room, Failure> {
        let path = root.join(format!("rustfs-bench-{}", std::process::id()));
        fs::create_dir_all(&path).map_err(Failure::io(path.display()))?;
        Ok(Room(path))
    }

    /// Where it is.
    pub fn path(&self) -> &Path {
        &self.0
    }
}

impl Drop for Room {
    fn drop(&mut self) {
        let _ = fs::remove_dir_all(&self.0);
    }
}

/// A server that answers; its process ends and its drives are removed with this value.
pub struct Running {
    name: String,
    address: SocketAddr,
    process: Option<Child>,
    directory: PathBuf,
    command: Vec<String>,
    environment: Vec<(String, String)>,
    /// From starting its process to its first whole answer; nothing for an endpoint.
    pub started_in: Option<Duration>,
}

impl Running {
    /// Starts the server at a place in the options on empty drives, with what a cell needs, or takes the endpoint.
    pub fn start(at: usize, cell: &Cell, options: &Options, room: &Room) -> Result<Running, Failure> {
        let spec = &options.servers[at];
        let directory = room.path().join(&spec.name);
        let template = match &spec.place {
            Place::Command(template) => template,
            Place::Endpoint(address) => {
                let (name, command, environment) = (spec.name.clone(), Vec::new(), Vec::new());
                return Ok(Running {
                    name,
                    address: *address,
                    process: None,
                    directory,
                    command,
                    environment,
                    started_in: None,
                });
            }
        };
        let drives = cell.drives;
        for drive in 1..=drives {
            let path = directory.join(format!("d{drive}"));
            fs::create_dir_all(&path).map_err(Failure::io(path.display()))?;
        }
        let port = options.port + u16::try_from(at).unwrap_or(0);
        let named = if drives == 1 { "d1".to_owned() } else { format!("d{{1...{drives}}}") };
        let drives = directory.join(named).display().to_string();
        let fill = |word: &str| word.replace("{port}", &port.to_string()).replace("{drives}", &drives);
        let mut running = Running {
            name: spec.name.clone(),
            address: (Ipv4Addr::LOCALHOST, port).into(),
            process: None,
            directory,
            command: template.split_whitespace().map(fill).collect(),
            environment: environment(cell, options),
            started_in: None,
        };
        running.restart(options)?;
        Ok(running)
    }

    /// Starts the process, which must not be running, on the drives as they are; answers how long it took to answer.
    pub fn restart(&mut self, options: &Options) -> Result<Duration, Failure> {
        let path = self.log();
        let log = File::create(&path).map_err(Failure::io(path.display()))?;
        let errors = log.try_clone().map_err(Failure::io(path.display()))?;
        let (program, arguments) = self.command.split_first().map_or(("", &[][..]), |(first, rest)| (first, rest));
        let mut command = Command::new(program);
        command.args(arguments).envs(self.environment.iter().map(|(name, value)| (name, value)));
        // In this program's process group: an interrupt from the terminal stops both.
        command.stdin(Stdio::null()).stdout(log).stderr(errors);
        let request = Target::new(self.address, &options.access).list_buckets();
        let start = Instant::now();
        let process = command.spawn().map_err(Failure::io(program))?;
        self.process = Some(process);
        while !answers(self.address, &request.head) {
            let ended = self.process.as_mut().is_some_and(|process| !matches!(process.try_wait(), Ok(None)));
            if ended || start.elapsed() > START_LIMIT {
                let said = fs::read_to_string(self.log()).unwrap_or_default();
                let from = said.ceil_char_boundary(said.len().saturating_sub(SHOWN_OUTPUT));
                let seconds = START_LIMIT.as_secs();
                return Err(Failure::NotStarted { name: self.name.clone(), seconds, said: said[from..].to_owned() });
            }
            sleep(ATTEMPT_PAUSE);
        }
        let took = start.elapsed();
        self.started_in = Some(took);
        Ok(took)
    }

    /// Asks the server to stop, and waits until it has; one that doesn't is killed.
    pub fn stop(&mut self) {
        let Some(mut process) = self.process.take() else { return };
        let _ = kill_process(Pid::from_child(&process), Signal::TERM);
        let start = Instant::now();
        while start.elapsed() < STOP_LIMIT {
            if !matches!(process.try_wait(), Ok(None)) {
                break;
            }
            sleep(Duration::from_millis(5));
        }
        let _ = process.kill();
        let _ = process.wait();
    }

    /// As named in the options.
    pub fn name(&self) -> &str {
        &self.name
    }

    /// Where it listens.
    pub fn address(&self) -> SocketAddr {
        self.address
    }

    /// Its process, unless it is an endpoint.
    pub fn pid(&self) -> Option<u32> {
        self.process.as_ref().map(Child::id)
    }

    fn log(&self) -> PathBuf {
        self.directory.with_extension("log")
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        self.stop();
        remove_drives(&self.directory);
        let _ = fs::remove_dir_all(&self.directory);
    }
}

/// Removes what is in a directory, all entries at once: where each removal waits for the disk, they wait together.
fn remove_drives(directory: &Path) {
    let Ok(entries) = fs::read_dir(directory) else { return };
    std::thread::scope(|scope| {
        for entry in entries.flatten() {
            scope.spawn(move || fs::remove_dir_all(entry.path()));
        }
    });
}

/// What a started server finds in its environment besides what is there.
fn environment(cell: &Cell, options: &Options) -> Vec<(String, String)> {
    let access = &options.access;
    let form: &[(&str, &str)] = match cell.form {
        Form::Plain => &[],
        Form::SseS3 | Form::SseKms => &[("MINIO_KMS_SECRET_KEY", MASTER_KEY)],
        Form::Compressed => &[("MINIO_COMPRESSION_ENABLE", "on"), ("MINIO_COMPRESSION_EXTENSIONS", "*")],
    };
    let own = [
        ("MINIO_ROOT_USER", &*access.key),
        ("MINIO_ROOT_PASSWORD", &*access.secret),
        // Drives may share a disk with each other and with the system.
        ("MINIO_CI_CD", "1"),
        ("MINIO_BROWSER", "off"),
    ];
    let own = own.iter().chain(form).map(|(name, value)| ((*name).to_owned(), (*value).to_owned()));
    own.chain(options.environment.iter().cloned()).collect()
}

/// Whether a server answers a request with a whole 200.
fn answers(address: SocketAddr, request: &[u8]) -> bool {
    let ask = || -> std::io::Result<bool> {
        let mut stream = TcpStream::connect(address)?;
        stream.set_read_timeout(Some(START_LIMIT))?;
        stream.write_all(request)?;
        let mut reader = Reader::new(false, false);
        let mut buffer = vec![0; 64 << 10];
        loop {
            let count = stream.read(&mut buffer)?;
            match reader.feed(&buffer[..count]) {
                Ok(true) => return Ok(reader.finish().status == 200),
                Ok(false) if count > 0 => {}
                _ => return Ok(false),
            }
        }
    };
    ask().unwrap_or(false)
}
