//! The clock as hyper wants it.

use crate::stall::Sleep;
use base::Clock;
use parking_lot::Mutex;
use std::future::Future;
use std::pin::Pin;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::{Duration, Instant};

/// Timers of [`base::Clock`] for hyper, which counts in [`Instant`]s: one fixed instant plus the clock's steady time.
#[derive(Clone)]
pub(super) struct Timer {
    clock: Arc<dyn Clock>,
    origin: Instant,
    began: Duration,
}

/// hyper wants what can be shared between threads; the lock is never contended, nor even taken.
struct Sleeping(Mutex<Sleep>);

impl Timer {
    #[expect(clippy::disallowed_methods, reason = "any fixed instant would do, and there is no other way to get one")]
    pub(super) fn new(clock: Arc<dyn Clock>) -> Self {
        let began = clock.steady();
        Timer { clock, origin: Instant::now(), began }
    }
}

impl hyper::rt::Timer for Timer {
    fn sleep(&self, duration: Duration) -> Pin<Box<dyn hyper::rt::Sleep>> {
        Box::pin(Sleeping(Mutex::new(self.clock.sleep(duration))))
    }

    fn sleep_until(&self, deadline: Instant) -> Pin<Box<dyn hyper::rt::Sleep>> {
        self.sleep(deadline.saturating_duration_since(self.now()))
    }

    fn now(&self) -> Instant {
        self.origin + self.clock.steady().saturating_sub(self.began)
    }
}

impl Future for Sleeping {
    type Output = ();

    fn poll(mut self: Pin<&mut Self>, cx: &mut Context<'_>) -> Poll<()> {
        self.0.get_mut().as_mut().poll(cx)
    }
}

impl hyper::rt::Sleep for Sleeping {}
