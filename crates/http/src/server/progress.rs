//! Answers over HTTP/2 that their client doesn't take.
//!
//! There a silent client is not seen at the socket: it can keep the connection busy and never open the window of one stream. So
//! each answer notes when it last gave away data.

use base::Clock;
use parking_lot::Mutex;
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Weak};
use std::time::Duration;

/// Stands for "waits for the server": not the client's fault.
const OURS: u64 = u64::MAX;

/// The answers on their way over one connection.
#[derive(Default)]
pub(super) struct Progresses(Mutex<Vec<Weak<AtomicU64>>>);

/// One answer on its way.
pub(super) struct Progress {
    clock: Arc<dyn Clock>,
    /// When data was last given away, in milliseconds of steady time.
    since: Arc<AtomicU64>,
}

impl Progresses {
    /// Notes a new request, whose answer the server has to find first.
    pub(super) fn begin(&self, clock: Arc<dyn Clock>) -> Progress {
        let since = Arc::new(AtomicU64::new(OURS));
        let mut all = self.0.lock();
        all.retain(|other| other.strong_count() > 0);
        all.push(Arc::downgrade(&since));
        Progress { clock, since }
    }

    /// Whether an answer has waited for its client for the `limit`.
    pub(super) fn stalled(&self, clock: &dyn Clock, limit: Duration) -> bool {
        let now = millis(clock);
        let limit = u64::try_from(limit.as_millis()).unwrap_or(u64::MAX);
        let all = self.0.lock();
        let mut since = all.iter().filter_map(Weak::upgrade).map(|since| since.load(Ordering::Relaxed));
        since.any(|since| since != OURS && now.saturating_sub(since) >= limit)
    }
}

impl Progress {
    /// The client's side has asked for data; `pending` if there is none yet.
    pub(super) fn polled(&self, pending: bool) {
        let since = if pending { OURS } else { millis(&*self.clock) };
        self.since.store(since, Ordering::Relaxed);
    }
}

fn millis(clock: &dyn Clock) -> u64 {
    u64::try_from(clock.steady().as_millis()).unwrap_or(OURS - 1)
}
