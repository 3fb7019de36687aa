//! What the kernel knows of a process: processor time and memory (proc(5)).

use crate::failure::Failure;
use std::fs;
use std::time::Duration;

/// Processor time of all threads, user and system, since the process began.
pub fn processor_time(pid: u32) -> Result<Duration, Failure> {
    let path = format!("/proc/{pid}/stat");
    let text = fs::read_to_string(&path).map_err(Failure::io(&path))?;
    // The command's name, in parentheses, may hold anything.
    let fields: Vec<u64> = text
        .rsplit_once(')')
        .map_or("", |(_, rest)| rest)
        .split_whitespace()
        .map(|field| field.parse().unwrap_or(0))
        .collect();
    let ticks = fields.get(11).unwrap_or(&0) + fields.get(12).unwrap_or(&0);
    Ok(Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64))
}

/// MiB resident now.
pub fn resident(pid: u32) -> Result<f64, Failure> {
    status(pid, "VmRSS:")
}

/// MiB resident at most, since the last [`forget_peak`].
pub fn peak(pid: u32) -> Result<f64, Failure> {
    status(pid, "VmHWM:")
}

/// Begins a new peak. Some containers forbid it: then the peak is that of the whole life.
pub fn forget_peak(pid: u32) {
    let _ = fs::write(format!("/proc/{pid}/clear_refs"), "5");
}

fn status(pid: u32, field: &str) -> Result<f64, Failure> {
    let path = format!("/proc/{pid}/status");
    let text = fs::read_to_string(&path).map_err(Failure::io(&path))?;
    let line = text.lines().find_map(|line| line.strip_prefix(field)).unwrap_or_default();
    let kib: u32 = line.trim().trim_end_matches(" kB").parse().unwrap_or(0);
    Ok(f64::from(kib) / 1024.0)
}

/// Processor time of this process.
pub fn own_processor_time() -> Duration {
    let time = rustix::time::clock_gettime(rustix::time::ClockId::ProcessCPUTime);
    Duration::new(time.tv_sec.unsigned_abs(), u32::try_from(time.tv_nsec).unwrap_or(0))
}
