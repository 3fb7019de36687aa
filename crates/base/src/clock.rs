//! The only owner of time: the time of day, a steady clock, and timers.

use crate::Timestamp;
use std::fmt::Debug;
use std::future::Future;
use std::pin::Pin;
use std::sync::atomic::{AtomicI64, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// A timer that has been started; ready when its time has come.
pub type Sleep = Pin<Box<dyn Future<Output = ()> + Send>>;

/// Time of day, steady time and timers.
pub trait Clock: Send + Sync + Debug {
    /// The time of day. May step backwards when the machine's clock is set.
    fn now(&self) -> Timestamp;

    /// Time since some fixed point; never goes backwards.
    fn steady(&self) -> Duration;

    /// A timer that fires after `time`.
    fn sleep(&self, time: Duration) -> Sleep;
}

/// The machine's clocks, with timers of the Tokio runtime that polls them.
#[derive(Debug)]
pub struct SystemClock {
    start: Instant,
}

impl SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the owner of the clock")]
    #[expect(clippy::new_without_default, reason = "it has an effect: it reads the clock")]
    pub fn new() -> Self {
        SystemClock { start: Instant::now() }
    }
}

impl Clock for SystemClock {
    #[expect(clippy::disallowed_methods, reason = "this is the owner of the clock")]
    fn now(&self) -> Timestamp {
        let since = SystemTime::now().duration_since(UNIX_EPOCH).unwrap_or_default();
        Timestamp::ZERO.plus(since)
    }

    fn steady(&self) -> Duration {
        self.start.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this is the owner of timers")]
    fn sleep(&self, time: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(time))
    }
}

/// A clock for simulation: its time of day is set by the test, on top of the runtime's own
/// (paused) timers. Each reading is one nanosecond after the last, so that versions differ.
#[derive(Debug)]
pub struct ManualClock {
    offset: AtomicI64,
    start: tokio::time::Instant,
}

impl ManualClock {
    /// Starts at `now`. Call inside a Tokio runtime, usually one started paused.
    #[expect(clippy::disallowed_methods, reason = "this is an owner of the clock")]
    pub fn new(now: Timestamp) -> Self {
        ManualClock { offset: AtomicI64::new(now.nanos()), start: tokio::time::Instant::now() }
    }

    /// Steps the time of day, without firing timers. Negative steps go back.
    pub fn step(&self, nanos: i64) {
        self.offset.fetch_add(nanos, Ordering::SeqCst);
    }
}

impl Clock for ManualClock {
    fn now(&self) -> Timestamp {
        let tick = self.offset.fetch_add(1, Ordering::SeqCst);
        Timestamp::from_nanos(tick).plus(self.start.elapsed())
    }

    fn steady(&self) -> Duration {
        self.start.elapsed()
    }

    #[expect(clippy::disallowed_methods, reason = "this is an owner of timers")]
    fn sleep(&self, time: Duration) -> Sleep {
        Box::pin(tokio::time::sleep(time))
    }
}
