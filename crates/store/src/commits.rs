//! Commits under way: which they are, and which names' drives are still busy with them.
//!
//! A commit is acknowledged when a quorum has it, while the other drives may be a moment behind. Should drives of the
//! quorum fail in that moment, those others are what is left: whoever finds too few drives then waits for them.

use base::World;
use parking_lot::Mutex;
use std::collections::{HashMap, HashSet};
use std::time::Duration;
use tokio::sync::Notify;
use uuid::Uuid;

/// How long others wait for drives that a commit is still with. A drive that takes longer is as good as away.
const PATIENCE: Duration = Duration::from_secs(5);

/// Commits that are under way or not settled yet: their doubts are nobody else's business.
#[derive(Debug, Default)]
pub(crate) struct Commits {
    running: Mutex<HashMap<Uuid, Option<Name>>>,
    answered: Notify,
}

/// Bucket and encoded object of a commit that not all drives have answered.
type Name = (String, String);

impl Commits {
    pub(crate) fn begin(&self, id: Uuid, bucket: &str, object: &str) {
        self.running.lock().insert(id, Some((bucket.to_owned(), object.to_owned())));
    }

    /// All drives have answered.
    pub(crate) fn answered(&self, id: Uuid) {
        if let Some(name) = self.running.lock().get_mut(&id) {
            *name = None;
        }
        self.answered.notify_waiters();
    }

    pub(crate) fn end(&self, id: Uuid) {
        self.running.lock().remove(&id);
        self.answered.notify_waiters();
    }

    pub(crate) fn ids(&self) -> HashSet<Uuid> {
        self.running.lock().keys().copied().collect()
    }

    pub(crate) fn contains(&self, id: Uuid) -> bool {
        self.running.lock().contains_key(&id)
    }

    /// Waits until all drives have answered the commits to a name, or long enough; false if there was none to wait for.
    pub(crate) async fn all_answered(&self, world: &World, bucket: &str, object: &str) -> bool {
        if !self.is_with_drives(bucket, object) {
            return false;
        }
        let mut late = world.clock.sleep(PATIENCE);
        loop {
            let mut answered = std::pin::pin!(self.answered.notified());
            answered.as_mut().enable();
            if !self.is_with_drives(bucket, object) {
                return true;
            }
            tokio::select! {
                biased;
                () = answered => {}
                () = &mut late => return true,
            }
        }
    }

    /// Whether drives are busy with a commit to the name.
    pub(crate) fn is_with_drives(&self, bucket: &str, object: &str) -> bool {
        let running = self.running.lock();
        running.values().flatten().any(|name| name.0 == bucket && name.1 == object)
    }
}
