//! The program as operators and service managers meet it: exit codes, messages, signals.

mod forbid;

use rustix::process::{Pid, Signal, kill_process};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::TcpStream;
use std::os::linux::net::SocketAddrExt;
use std::os::unix::net::{SocketAddr, UnixDatagram};
use std::path::Path;
use std::process::{Child, ChildStderr, Command, Output, Stdio};
use tempfile::TempDir;

const PROGRAM: &str = env!("CARGO_BIN_EXE_rustfs");

/// The program with an environment of its own.
fn program(home: &Path) -> Command {
    let mut command = Command::new(PROGRAM);
    command.env_clear().env("HOME", home).current_dir(home);
    command.env("MINIO_ROOT_USER", "rootuser").env("MINIO_ROOT_PASSWORD", "rootsecret").env("CI", "1");
    command
}

fn home() -> TempDir {
    tempfile::tempdir().unwrap()
}

fn run(arguments: &[&str]) -> Output {
    program(home().path()).args(arguments).output().unwrap()
}

fn text(bytes: &[u8]) -> String {
    String::from_utf8(bytes.to_vec()).unwrap()
}

/// A running server; killed if a test fails.
struct Running {
    child: Child,
    stderr: BufReader<ChildStderr>,
    address: String,
    /// What the banner calls the drives' engine.
    engine: String,
}

impl Running {
    /// Starts on a free port and waits for the banner.
    fn start(command: &mut Command) -> Self {
        let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
        let stderr = BufReader::new(child.stderr.take().unwrap());
        let mut running = Running { child, stderr, address: String::new(), engine: String::new() };
        let mut seen = String::new();
        while running.engine.is_empty() {
            let start = seen.len();
            assert_ne!(running.stderr.read_line(&mut seen).unwrap(), 0, "the server ended: {seen}");
            if let Some(rest) = seen[start..].strip_prefix("API: http://") {
                running.address = rest.split_whitespace().next().unwrap().to_owned();
            }
            if let Some(engine) = seen[start..].strip_prefix("Engine: ") {
                running.engine = engine.trim_end().to_owned();
            }
        }
        running
    }

    fn get(&self, path: &str) -> String {
        let mut stream = TcpStream::connect(&self.address).unwrap();
        write!(stream, "GET {path} HTTP/1.1\r\nHost: {}\r\nConnection: close\r\n\r\n", self.address).unwrap();
        let mut answer = String::new();
        stream.read_to_string(&mut answer).unwrap();
        answer
    }

    fn signal(&self, signal: Signal) {
        let pid = Pid::from_child(&self.child);
        kill_process(pid, signal).unwrap();
    }

    /// Waits for the end: exit code and what was logged.
    fn end(mut self) -> (Option<i32>, String) {
        let mut log = String::new();
        self.stderr.read_to_string(&mut log).unwrap();
        (self.child.wait().unwrap().code(), log)
    }
}

impl Drop for Running {
    fn drop(&mut self) {
        // Already ended, or about to.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

#[test]
fn help_and_version_go_to_stdout_and_succeed() {
    for arguments in [&[][..], &["--help"], &["-h"], &["server", "--help"]] {
        let output = run(arguments);
        assert!(output.status.success(), "{arguments:?}");
        assert!(text(&output.stdout).contains("USAGE"), "{arguments:?}");
    }
    let version = run(&["--version"]);
    let lines: Vec<String> = text(&version.stdout).lines().map(str::to_owned).collect();
    assert_eq!(lines.len(), 4);
    assert!(lines[0].starts_with("rustfs version v") && lines[0].contains("(commit-id="));
}

#[test]
fn mistakes_of_the_command_line_fail() {
    for arguments in [&["xyz"][..], &["server"], &["server", "help"], &["--bogus"], &["server", "--bogus", "/x"]] {
        assert_eq!(run(arguments).status.code(), Some(1), "{arguments:?}");
    }
}

#[test]
fn without_directories_it_says_what_is_missing() {
    let output = run(&["server"]);
    assert!(text(&output.stderr).contains("no directory to serve is given"));
    assert!(text(&output.stdout).contains("USAGE"));
}

#[test]
fn started_as_minio_it_says_so() {
    let home = home();
    let minio = home.path().join("minio");
    std::os::unix::fs::symlink(PROGRAM, &minio).unwrap();
    let output = Command::new(minio).arg("--version").output().unwrap();
    assert!(text(&output.stdout).starts_with("minio version v"));
}

#[test]
fn what_is_wrong_with_the_settings_is_fatal() {
    let cases: &[(&str, &str, &[&str], &str)] = &[
        ("MINIO_ROOT_PASSWORD", "short", &["d"], "FATAL Unable to validate credentials inherited from the shell"),
        ("MINIO_ROOT_PASSWORD", "", &["d"], "Missing credential environment variable, \"MINIO_ROOT_PASSWORD\""),
        ("MINIO_STORAGE_CLASS_STANDARD", "EC:9", &["d{1...4}"], "parity 9 should be less than or equal to 2"),
        ("MINIO_BROWSER", "perhaps", &["d"], "Invalid MINIO_BROWSER value in environment variable"),
        ("MINIO_CONFIG_ENV_FILE", "broken.env", &["d"], "envEntry malformed; no assignment"),
        ("X", "", &["d{1..4}"], "FATAL Invalid command line arguments: Invalid ellipsis format"),
        ("X", "", &["d", "--address", "192.0.2.1:0"], "host in server address should be this server"),
        ("X", "", &["d", "--address", "x:y"], "invalid port number"),
        ("X", "", &["file"], "FATAL Unable to initialize backend"),
        ("X", "", &["d", "--console-address", "x"], "--console-address x: missing port in address"),
        ("X", "", &["d", "--crossdomain-xml", "absent"], "Unable to read absent: No such file or directory"),
    ];
    for (name, value, arguments, expected) in cases {
        let home = home();
        for (file, content) in [("broken.env", "no assignment\n"), ("file", "")] {
            let mut file = std::fs::OpenOptions::new()
                .create(true)
                .write(true)
                .truncate(true)
                .open(home.path().join(file))
                .unwrap();
            file.write_all(content.as_bytes()).unwrap();
        }
        let mut command = program(home.path());
        command.env(name, value).args(["server", "--address", "127.0.0.1:0"]).args(*arguments);
        let output = command.output().unwrap();
        let log = text(&output.stderr);
        assert_eq!(output.status.code(), Some(1), "{arguments:?} {name}: {log}");
        assert!(log.contains(expected), "{arguments:?} {name}: {log}");
    }
}

#[test]
fn it_serves_until_a_signal_and_ends_well() {
    for signal in [Signal::TERM, Signal::INT, Signal::QUIT] {
        let home = home();
        let server = Running::start(program(home.path()).args(["server", "data", "--address", "127.0.0.1:0"]));
        assert!(server.get("/minio/health/live").starts_with("HTTP/1.1 200"));
        assert!(server.get("/minio/health/cluster").starts_with("HTTP/1.1 200"));
        assert!(server.get("/").starts_with("HTTP/1.1 403"));
        server.signal(Signal::HUP);
        assert!(server.get("/minio/health/ready").starts_with("HTTP/1.1 200"));
        server.signal(signal);
        let (code, log) = server.end();
        assert_eq!(code, Some(0), "{log}");
        assert!(log.contains("Exiting on signal"), "{log}");
    }
}

#[test]
fn a_second_server_on_the_same_port_or_drives_is_refused() {
    let home = home();
    let server = Running::start(program(home.path()).args(["server", "data", "--address", "127.0.0.1:0"]));
    let port = program(home.path()).args(["server", "other", "--address", &server.address]).output().unwrap();
    assert_eq!(port.status.code(), Some(1));
    assert!(text(&port.stderr).contains("Specified port is already in use"));
    let drives = program(home.path()).args(["server", "data", "--address", "127.0.0.1:0"]).output().unwrap();
    assert_eq!(drives.status.code(), Some(1));
    assert!(text(&drives.stderr).contains("in use by another server"), "{}", text(&drives.stderr));
}

#[test]
fn the_environment_file_gives_volumes_and_credentials() {
    let home = home();
    let mut file =
        std::fs::OpenOptions::new().create_new(true).write(true).open(home.path().join("server.env")).unwrap();
    file.write_all(b"export MINIO_VOLUMES=\"from-file\"\nMINIO_ROOT_USER=other\n").unwrap();
    let mut command = program(home.path());
    command.env("MINIO_CONFIG_ENV_FILE", "server.env").args(["server", "--address", "127.0.0.1:0"]);
    let server = Running::start(&mut command);
    assert!(home.path().join("from-file/.minio.sys/format.json").is_file());
    drop(server);
}

#[test]
fn the_service_manager_is_told_of_start_and_end() {
    let home = home();
    let path = home.path().join("notify");
    let hidden = format!("rustfs-test-{}", std::process::id());
    let abstract_socket = UnixDatagram::bind_addr(&SocketAddr::from_abstract_name(&hidden).unwrap()).unwrap();
    let sockets = [
        (path.to_str().unwrap().to_owned(), UnixDatagram::bind(&path).unwrap()),
        (format!("@{hidden}"), abstract_socket),
    ];
    for (name, socket) in sockets {
        let mut command = program(home.path());
        command.env("NOTIFY_SOCKET", &name).args(["server", "data", "--address", "127.0.0.1:0"]);
        let server = Running::start(&mut command);
        let told = || {
            let mut buffer = [0; 100];
            let length = socket.recv(&mut buffer).unwrap();
            text(&buffer[..length])
        };
        assert_eq!(told().trim(), "READY=1", "{name}");
        server.signal(Signal::TERM);
        assert_eq!(told().trim(), "STOPPING=1", "{name}");
        assert_eq!(server.end().0, Some(0));
    }
}

#[test]
fn every_line_of_a_json_log_has_its_time() {
    let home = home();
    let mut command = program(home.path());
    command.env("RUSTFS_LOG", "loud").args(["--json", "server", "data", "--address", "127.0.0.1:0"]);
    let mut child = command.stderr(Stdio::piped()).spawn().unwrap();
    let mut lines = BufReader::new(child.stderr.take().unwrap()).lines().map(Result::unwrap);
    let mut seen = Vec::new();
    while !seen.last().is_some_and(|line: &String| line.contains("API: http")) {
        seen.push(lines.next().expect("the banner comes before the end"));
    }
    kill_process(Pid::from_child(&child), Signal::TERM).unwrap();
    seen.extend(lines);
    assert!(child.wait().unwrap().success());
    assert!(seen.iter().all(|line| line.starts_with('{') && line.contains("\"time\":\"")), "{seen:#?}");
    assert!(seen[0].contains("RUSTFS_LOG is none of"), "{seen:#?}");
}

#[test]
fn logs_can_be_json_and_quiet() {
    let output = program(home().path()).args(["server", "--json", "d{1..4}"]).output().unwrap();
    assert!(text(&output.stderr).starts_with("{\"error\":{\"message\":\"Invalid command line arguments"));
    let home = home();
    let mut command = program(home.path());
    command.env_remove("MINIO_ROOT_USER").env_remove("MINIO_ROOT_PASSWORD");
    let output = command.args(["--json", "server", "--address", "x:y", "d"]).output().unwrap();
    for line in text(&output.stderr).lines() {
        assert!(line.starts_with('{') && line.ends_with('}'), "{line}");
    }
}

/// Killed in the middle of its work the server leaves a journal; `recover` leaves none, and nothing to do for the next.
#[test]
fn recover_brings_a_drive_to_rest_that_a_kill_left() {
    let home = home();
    let drive = home.path().join("drive");
    let running = Running::start(program(home.path()).args(["server", "--address", "127.0.0.1:0"]).arg(&drive));
    running.signal(Signal::KILL);
    assert_eq!(running.end().0, None);
    let journal = drive.join(".minio.sys/rustfs/journal");
    assert!(journal.join("segment-0").is_file());
    assert!(!journal.join("closed").exists(), "the server was writing to it");
    let recover = || {
        let recovered = program(home.path()).arg("recover").arg(&drive).output().unwrap();
        let told = text(&recovered.stdout);
        assert!(recovered.status.success(), "{told}");
        assert!(journal.join("closed").is_file());
        told
    };
    let at_rest = format!("{}: at rest", drive.display());
    // What the server was just told of may be in doubt.
    assert!(recover().starts_with(&at_rest));
    assert_eq!(recover(), at_rest + "\n");
    assert!(drive.join(".minio.sys/rustfs/doubt").read_dir().unwrap().next().is_none());
    let nothing = program(home.path()).arg("recover").arg(home.path().join("missing")).output().unwrap();
    assert!(text(&nothing.stdout).contains("its directory is gone") && !nothing.status.success());
    assert!(!home.path().join("missing").exists());
}

#[test]
fn where_io_uring_is_forbidden_drives_are_served_by_threads() {
    for wanted in ["auto", "io_uring"] {
        let home = home();
        let mut command = program(home.path());
        command.args(["server", "--address", "127.0.0.1:0", "./drive"]).env("RUSTFS_DRIVE_ENGINE", wanted);
        forbid::io_uring(&mut command);
        let running = Running::start(&mut command);
        assert_eq!(running.engine, "threads", "{wanted}");
        assert!(running.get("/minio/health/live").starts_with("HTTP/1.1 200"));
        running.signal(Signal::TERM);
        assert_eq!(running.end().0, Some(0));
    }
}

#[test]
fn threads_serve_the_drives_on_request() {
    let home = home();
    let mut command = program(home.path());
    command.args(["server", "--address", "127.0.0.1:0", "./drive"]).env("RUSTFS_DRIVE_ENGINE", "threads");
    assert_eq!(Running::start(&mut command).engine, "threads");
    let mistaken = program(home.path()).args(["server", "./drive"]).env("RUSTFS_DRIVE_ENGINE", "aio").output().unwrap();
    assert_eq!(mistaken.status.code(), Some(1));
    assert!(text(&mistaken.stderr).contains("RUSTFS_DRIVE_ENGINE"));
}
