//! System calls of a server under load: counted by perf, which hardly slows it down, or else by strace, which does.
//!
//! Work that is handed to the kernel through a ring makes no system call, and is not seen here.

use crate::client::Tally;
use crate::failure::Failure;
use std::collections::BTreeMap;
use std::fs;
use std::path::Path;
use std::process::{Child, Command, Stdio};
use std::thread::sleep;
use std::time::Duration;

/// How long a tool has to attach itself to all threads.
const ATTACH: Duration = Duration::from_millis(700);

/// The calls that perf counts one by one; others only add to the sum.
const NAMED: &[&str] = &[
    "accept4",
    "clock_nanosleep",
    "close",
    "copy_file_range",
    "epoll_ctl",
    "epoll_pwait",
    "epoll_wait",
    "fadvise64",
    "fallocate",
    "fdatasync",
    "flock",
    "fsync",
    "ftruncate",
    "futex",
    "getdents64",
    "getrandom",
    "io_uring_enter",
    "linkat",
    "lseek",
    "madvise",
    "mkdir",
    "mkdirat",
    "mmap",
    "msync",
    "munmap",
    "nanosleep",
    "newfstat",
    "newfstatat",
    "newlstat",
    "newstat",
    "open",
    "openat",
    "openat2",
    "pread64",
    "preadv",
    "preadv2",
    "pwrite64",
    "pwritev",
    "pwritev2",
    "read",
    "readlinkat",
    "readv",
    "recvfrom",
    "recvmsg",
    "rename",
    "renameat",
    "renameat2",
    "rmdir",
    "sched_yield",
    "sendfile64",
    "sendmsg",
    "sendto",
    "splice",
    "statfs",
    "statx",
    "sync_file_range",
    "syncfs",
    "tgkill",
    "unlink",
    "unlinkat",
    "write",
    "writev",
];

/// The calls that wait for a disk.
const SYNCS: &[&str] = &["fsync", "fdatasync", "sync", "syncfs", "sync_file_range", "msync"];

/// How many system calls an operation took.
#[derive(Debug, PartialEq)]
pub struct Calls {
    /// The tool that counted.
    pub tool: &'static str,
    /// All of them.
    pub all: f64,
    /// Those that wait for a disk.
    pub syncs: f64,
    /// By name, the most frequent first.
    pub named: Vec<(String, f64)>,
}

/// Counts while `load` runs against the process.
pub fn count(pid: u32, room: &Path, mut load: impl FnMut() -> Result<Tally, Failure>) -> Result<Calls, Failure> {
    match count_with("perf", pid, room, &mut load) {
        Err(Failure::Counting { .. } | Failure::Io { .. }) => count_with("strace", pid, room, &mut load),
        other => other,
    }
}

fn count_with(
    tool: &'static str,
    pid: u32,
    room: &Path,
    load: &mut dyn FnMut() -> Result<Tally, Failure>,
) -> Result<Calls, Failure> {
    let output = room.join(format!("{tool}.txt"));
    let mut watcher = attach(tool, pid, &output)?;
    sleep(ATTACH);
    let alive = matches!(watcher.try_wait(), Ok(None));
    let tally = if alive { load() } else { Ok(Tally::default()) };
    if alive {
        let _ = rustix::process::kill_process(rustix::process::Pid::from_child(&watcher), rustix::process::Signal::INT);
    }
    let _ = watcher.wait();
    let tally = tally?;
    let said = fs::read_to_string(&output).unwrap_or_default();
    let counts = if tool == "perf" { read_perf(&said) } else { read_strace(&said) };
    if counts.is_empty() || tally.operations == 0 {
        return Err(Failure::Counting { tool, said });
    }
    Ok(an_operation(tool, counts, tally.operations))
}

fn attach(tool: &'static str, pid: u32, output: &Path) -> Result<Child, Failure> {
    let mut command = Command::new(tool);
    if tool == "perf" {
        let named = NAMED.iter().map(|name| format!("syscalls:sys_enter_{name}"));
        let events: Vec<String> = std::iter::once("raw_syscalls:sys_enter".to_owned()).chain(named).collect();
        command.args(["stat", "-x", ",", "-e", &events.join(",")]);
    } else {
        command.args(["-c", "-f"]);
    }
    command.arg("-o").arg(output).args(["-p", &pid.to_string()]);
    command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
    command.spawn().map_err(Failure::io(tool))
}

/// Lines of `count,unit,event,...`.
fn read_perf(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter_map(|line| {
        let mut fields = line.split(',');
        let count = fields.next()?.parse().ok()?;
        let event = fields.nth(1)?;
        let name = event.rsplit_once("sys_enter")?.1.trim_start_matches('_');
        Some((if name.is_empty() { "total" } else { name }.to_owned(), count))
    });
    lines.collect()
}

/// Lines of `% time, seconds, usecs/call, calls, [errors,] name`, the last with the total.
fn read_strace(text: &str) -> BTreeMap<String, f64> {
    let lines = text.lines().filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        fields.first()?.parse::<f64>().ok()?;
        Some(((*fields.last()?).to_owned(), fields.get(3)?.parse().ok()?))
    });
    lines.collect()
}

fn an_operation(tool: &'static str, mut counts: BTreeMap<String, f64>, operations: u64) -> Calls {
    let operations = operations as f64;
    let all = counts.remove("total").unwrap_or_default() / operations;
    let mut named: Vec<(String, f64)> = counts.into_iter().map(|(name, count)| (name, count / operations)).collect();
    named.retain(|(_, count)| *count > 0.0);
    named.sort_by(|(_, a), (_, b)| b.total_cmp(a));
    let syncs = named.iter().filter(|(name, _)| SYNCS.contains(&&**name)).fold(0.0, |sum, (_, count)| sum + count);
    Calls { tool, all, syncs, named }
}

#[cfg(test)]
mod tests;
