//! Keeps the identities loaded: once before the server answers, then again from time to time.

use base::{Random, World};
use iam::{DocumentError, Iam, LoadReport};
use std::sync::Arc;
use std::time::Duration;

/// How long the start waits for identities: users who come earlier are asked to come again, root is let in.
const PATIENCE: Duration = Duration::from_secs(5);

/// How long until identities that couldn't be read are tried again: at first, and at most.
const RETRY: (Duration, Duration) = (Duration::from_millis(500), Duration::from_secs(30));

/// Between two loads that met no trouble lies a random time of this range, so that nodes don't all load at once.
const REFRESH: (Duration, Duration) = (Duration::from_secs(300), Duration::from_secs(900));

/// Documents that the log names one by one; a lost key service makes all of them unreadable.
const MOST_NAMED: usize = 20;

/// Loads the identities, and goes on doing so in the background. Returns when they are loaded, or when waiting longer
/// would hold up root and whoever needs no identity.
pub async fn keep(iam: &Arc<Iam>, world: &World) {
    let first = tokio::select! {
        report = iam.load() => Some(report),
        () = world.clock.sleep(PATIENCE) => {
            tracing::warn!("identities are not loaded yet, only root can sign requests until they are");
            None
        }
    };
    let mut wait = RETRY.0;
    let mut trouble = first.is_none_or(|report| tell(&report));
    let (iam, world) = (Arc::clone(iam), world.clone());
    let (clock, random, tasks) = (Arc::clone(&world.clock), Arc::clone(&world.random), world.tasks.clone());
    tasks.spawn(async move {
        loop {
            wait = if trouble { (wait * 2).min(RETRY.1) } else { RETRY.0 };
            let pause = if trouble { wait } else { between(REFRESH.0, REFRESH.1, &*random) };
            clock.sleep(pause).await;
            trouble = tell(&iam.load().await);
        }
    });
}

fn between(least: Duration, most: Duration, random: &dyn Random) -> Duration {
    let range = most.saturating_sub(least).as_secs().max(1);
    least + Duration::from_secs(random.u64() % range)
}

/// Logs what a load met; whether it should be tried again soon.
fn tell(report: &Result<LoadReport, DocumentError>) -> bool {
    match report {
        Err(error) => {
            tracing::error!(%error, "identities can't be loaded, those known before stay in force");
            true
        }
        Ok(report) => {
            for (name, reason) in report.problems.iter().take(MOST_NAMED) {
                tracing::error!(document = name, reason, "an identity can't be used, it is left as it is");
            }
            if let Some(more) = report.problems.len().checked_sub(MOST_NAMED).filter(|more| *more > 0) {
                tracing::error!("{more} more documents of identities can't be used");
            }
            if !report.purged.is_empty() {
                tracing::info!(count = report.purged.len(), "expired credentials were removed");
            }
            report.incomplete
        }
    }
}
