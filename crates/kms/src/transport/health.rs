//! Whether a server is worth asking.

use parking_lot::Mutex;
use std::sync::Arc;
use std::time::Duration;

/// Failures in a row after which a server is put aside: the first may be chance, and is tried again at once.
const PATIENCE: u32 = 2;

/// How long a server is put aside the first time, and at most: it doubles with each failure.
const FIRST: Duration = Duration::from_secs(1);
const LONGEST: Duration = Duration::from_secs(30);

/// What is known of a server.
pub(super) struct Health {
    name: String,
    state: Mutex<State>,
}

#[derive(Default)]
struct State {
    failures: u32,
    /// Put aside until then, by the steady clock.
    until: Duration,
    cause: Option<String>,
    /// A call is trying whether it is back.
    trying: bool,
}

/// Leave to make a call. Dropped without a word, nothing is learned.
pub(super) struct Permit {
    health: Arc<Health>,
    trying: bool,
}

impl Health {
    pub fn new(name: String) -> Self {
        Health { name, state: Mutex::default() }
    }

    /// Leave to call at `now`; `None` while it is put aside, or when that time is over and another call tries it.
    pub fn admit(health: &Arc<Health>, now: Duration) -> Option<Permit> {
        let mut state = health.state.lock();
        let trying = state.failures >= PATIENCE;
        if trying && (state.trying || now < state.until) {
            return None;
        }
        state.trying |= trying;
        Some(Permit { health: Arc::clone(health), trying })
    }

    /// Why it is put aside.
    pub fn cause(&self) -> Option<String> {
        self.state.lock().cause.clone()
    }
}

impl Permit {
    pub fn succeeded(self) {
        let mut state = self.health.state.lock();
        if state.failures >= PATIENCE {
            tracing::info!("the key server {} answers again", self.health.name);
        }
        state.failures = 0;
        state.cause = None;
    }

    /// `hung`: it used up its time, and isn't asked again at once.
    pub fn failed(self, now: Duration, hung: bool, cause: &str) {
        let mut state = self.health.state.lock();
        let before = state.failures;
        state.failures = before.saturating_add(1);
        if hung {
            state.failures = state.failures.max(PATIENCE);
        }
        if state.failures >= PATIENCE {
            let doublings = (state.failures - PATIENCE).min(5);
            state.until = now + (FIRST * (1 << doublings)).min(LONGEST);
            state.cause = Some(cause.to_owned());
            if before < PATIENCE {
                tracing::warn!(cause, "the key server {} is away: what needs it is refused", self.health.name);
            }
        }
    }
}

impl Drop for Permit {
    fn drop(&mut self) {
        if self.trying {
            self.health.state.lock().trying = false;
        }
    }
}
