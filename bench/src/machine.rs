//! The machine that is measured on, and how busy others keep it.

use serde_json::{Value, json};
use std::fmt;
use std::fs;
use std::path::Path;
use std::time::Duration;

/// What numbers depend on.
#[derive(Clone, Debug)]
pub struct Machine {
    processor: String,
    cores: usize,
    kernel: String,
    filesystem: String,
}

impl Machine {
    /// Looks at this machine and at the file system of a directory.
    pub fn look(directory: &Path) -> Machine {
        let cpuinfo = fs::read_to_string("/proc/cpuinfo").unwrap_or_default();
        let model = cpuinfo.lines().find_map(|line| line.strip_prefix("model name")?.split_once(':'));
        Machine {
            processor: model.map_or("unknown processor", |(_, name)| name.trim()).to_owned(),
            cores: std::thread::available_parallelism().map_or(1, usize::from),
            kernel: rustix::system::uname().release().to_string_lossy().into_owned(),
            filesystem: filesystem(directory),
        }
    }

    /// For the file of numbers.
    pub fn json(&self) -> Value {
        let Machine { processor, cores, kernel, filesystem } = self;
        json!({ "processor": processor, "cores": cores, "kernel": kernel, "filesystem": filesystem })
    }
}

impl fmt::Display for Machine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Machine { processor, cores, kernel, filesystem } = self;
        write!(f, "{cores} cores of {processor}, Linux {kernel}, drives on {filesystem}")
    }
}

/// The type of the file system that a directory is on, by the longest mount point above it.
fn filesystem(directory: &Path) -> String {
    let directory = directory.canonicalize().unwrap_or_default();
    let mounts = fs::read_to_string("/proc/self/mounts").unwrap_or_default();
    let mounts = mounts.lines().filter_map(|line| {
        let mut words = line.split(' ').skip(1);
        Some((words.next()?, words.next()?))
    });
    let above = mounts.filter(|(point, _)| directory.starts_with(point));
    // Of two mounts on one point the later covers the earlier; `max_by_key` takes the last.
    above.max_by_key(|(point, _)| point.len()).map_or("unknown", |(_, kind)| kind).to_owned()
}

/// Processor time that the whole machine has spent so far on anything, the hypervisor's thefts among it.
pub fn busy() -> Duration {
    let text = fs::read_to_string("/proc/stat").unwrap_or_default();
    let fields = text.lines().next().unwrap_or_default().split_whitespace().skip(1);
    let times: Vec<u64> = fields.map(|field| field.parse().unwrap_or(0)).collect();
    // user nice system idle iowait irq softirq steal
    let ticks: u64 =
        times.iter().take(8).enumerate().filter(|(at, _)| ![3, 4].contains(at)).map(|(_, time)| time).sum();
    Duration::from_secs_f64(ticks as f64 / rustix::param::clock_ticks_per_second() as f64)
}
