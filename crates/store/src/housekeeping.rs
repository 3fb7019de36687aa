//! What must be cleared away from time to time: the drives' trash, forgotten staging, uploads that nobody completed.

use crate::store::{Inner, Store};
use crate::upload::STALE_UPLOAD;
use std::sync::{Arc, Weak};
use std::time::Duration;

/// How often the drives empty their trash: what is deleted should be free again while the client still looks. An
/// empty trash costs a look into a directory.
const TRASH_PERIOD: Duration = Duration::from_secs(15);

/// How often stale uploads are looked for, in periods of the trash: every hour, as they are stale after a day.
const UPLOADS_EVERY: u32 = 240;

/// Runs until the store is gone or closing.
pub(crate) async fn run(store: Weak<Inner>) {
    for round in 1u32.. {
        let Some(inner) = store.upgrade() else { return };
        let sleep = inner.world().clock.sleep(TRASH_PERIOD);
        drop(inner);
        sleep.await;
        let Some(inner) = store.upgrade() else { return };
        if inner.check_open().is_err() {
            return;
        }
        inner.empty_trash().await;
        if round % UPLOADS_EVERY == 1 {
            inner.remove_stale().await;
        }
    }
}

impl Inner {
    /// Lets every drive empty its trash, and throw away what has lain in its staging for longer than any upload may.
    pub(crate) async fn empty_trash(&self) {
        let stale = i64::try_from(STALE_UPLOAD.as_nanos()).unwrap_or(i64::MAX);
        let stale_before = base::Timestamp::from_nanos(self.world().clock.now().nanos().saturating_sub(stale));
        let drives = self.sets().flat_map(|set| set.drives().iter().flatten().cloned().collect::<Vec<_>>());
        let tidying = drives.map(|drive| async move {
            if let Err(error) = drive.tidy(stale_before).await {
                tracing::debug!(%error, "a drive couldn't be tidied");
            }
        });
        futures_util::future::join_all(tidying).await;
    }

    async fn remove_stale(self: &Arc<Self>) {
        let store = Store { inner: Arc::clone(self) };
        match store.remove_stale_uploads(STALE_UPLOAD).await {
            Ok(0) => {}
            Ok(count) => tracing::info!(count, "stale uploads were removed"),
            Err(error) => tracing::warn!(%error, "stale uploads couldn't be looked for"),
        }
    }
}
