//! Notices that the other side does nothing.

use base::Clock;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// A timer that has been started.
pub(crate) type Sleep = BoxFuture<'static, ()>;

/// Measures how long something has been waited for. Progress costs nothing but a store: a timer, once armed, is left
/// running and asked only when there is something to wait for again.
pub(crate) struct Watchdog {
    clock: Arc<dyn Clock>,
    limit: Duration,
    since: Option<Duration>,
    timer: Option<Sleep>,
}

impl Watchdog {
    pub(crate) fn new(clock: Arc<dyn Clock>, limit: Duration) -> Self {
        Watchdog { clock, limit, since: None, timer: None }
    }

    /// The wait is over: the next one starts from zero.
    pub(crate) fn progressed(&mut self) {
        self.since = None;
    }

    /// Whether the present wait has lasted for the limit. If not, the task is woken when it has.
    pub(crate) fn poll_stalled(&mut self, cx: &mut Context<'_>) -> bool {
        let mut now = self.clock.steady();
        let since = *self.since.get_or_insert(now);
        loop {
            let left = self.limit.saturating_sub(now.saturating_sub(since));
            if left.is_zero() {
                return true;
            }
            // A timer left over from an earlier wait fires too early, never too late.
            let timer = self.timer.get_or_insert_with(|| self.clock.sleep(left));
            match timer.as_mut().poll(cx) {
                Poll::Pending => return false,
                Poll::Ready(()) => {
                    self.timer = None;
                    now = self.clock.steady();
                }
            }
        }
    }
}
