//! How far an examination has come, as one line on a terminal.

use base::{MIB, TaskHandle, World};
use fsck::Counters;
use std::io::{IsTerminal, Write};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// Often enough to see it move, seldom enough to cost nothing.
const EVERY: Duration = Duration::from_millis(250);

/// A line that is written again and again.
pub struct Progress(Option<TaskHandle<()>>);

impl Progress {
    /// Shows it if standard error is a terminal.
    pub fn start(world: &World, counters: Arc<Counters>, quiet: bool) -> Progress {
        if quiet || !std::io::stderr().is_terminal() {
            return Progress(None);
        }
        let clock = Arc::clone(&world.clock);
        let began = clock.steady();
        Progress(Some(world.tasks.spawn(async move {
            loop {
                clock.sleep(EVERY).await;
                show(&line(&counters, clock.steady().saturating_sub(began)));
            }
        })))
    }

    /// Takes the line away.
    pub async fn end(self) {
        if let Some(task) = self.0 {
            task.abort();
            task.join().await;
            show("");
        }
    }
}

fn line(counters: &Counters, elapsed: Duration) -> String {
    let names = counters.names.load(Ordering::Relaxed);
    let bytes = counters.bytes.load(Ordering::Relaxed);
    let millis = u64::try_from(elapsed.as_millis()).unwrap_or(u64::MAX).max(1);
    let rate = bytes.saturating_mul(1000) / millis / MIB;
    format!("{names} names, {} MiB verified, {rate} MiB/s, {} s", bytes / MIB, elapsed.as_secs())
}

/// The line replaces the one before.
fn show(line: &str) {
    let mut terminal = std::io::stderr().lock();
    // A terminal that has gone is no reason to stop.
    let _gone = write!(terminal, "\r\x1b[K{line}").and_then(|()| terminal.flush());
}
