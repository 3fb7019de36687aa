//! How the store fares, and how it ends.

use crate::config::DriveStatus;
use crate::heal;
use crate::layout::write_quorum;
use crate::set::Set;
use crate::store::Store;
use crate::types::SetHealth;
use drive::{Drive, DriveState};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long closing waits for commits under way and for readers whose data they replaced.
const LAST_WORK: Duration = Duration::from_secs(10);

impl Store {
    /// Takes no more changes, finishes those begun, and closes the drives. Everything fails after this.
    pub async fn close(&self) {
        let inner = &self.inner;
        inner.closing.store(true, Ordering::SeqCst);
        for task in inner.background.lock().drain(..) {
            task.abort();
        }
        let late = inner.world().clock.sleep(LAST_WORK);
        tokio::select! {
            () = inner.world().tasks.idle() => {}
            () = late => tracing::warn!("some work is still under way; what it leaves undone is decided at the next start"),
        }
        heal::save(inner).await;
        let drives: Vec<Arc<dyn Drive>> = inner.sets().flat_map(|set| set.drives().to_vec()).flatten().collect();
        futures_util::future::join_all(drives.iter().map(|drive| drive.close())).await;
    }

    /// How each set fares.
    pub async fn health(&self) -> Vec<SetHealth> {
        self.inner.sets().map(|set| set_health(set)).collect()
    }

    /// Lets go of the memory that is kept for the next requests: there are none for the moment.
    pub fn give_back(&self) {
        self.inner.memory.give_back();
    }

    /// How each drive fares, in the order of the command line. Space is not asked for here.
    pub fn drives(&self) -> Vec<DriveStatus> {
        self.inner.sets().flat_map(|set| drive_statuses(set)).collect()
    }

    /// The same with the space of each drive.
    pub async fn drives_with_space(&self) -> Vec<DriveStatus> {
        let mut all = Vec::new();
        for set in self.inner.sets() {
            let space = set.space().await;
            let with_space = drive_statuses(set).into_iter().zip(space.iter());
            all.extend(with_space.map(|(status, space)| DriveStatus { space: *space, ..status }));
        }
        all
    }
}

fn set_health(set: &Set) -> SetHealth {
    let (size, parity) = (set.size(), set.standard_parity());
    SetHealth {
        pool: set.pool,
        set: set.index,
        drives: size,
        online: set.online(),
        healing: (0..size).filter(|&position| set.is_healing(position)).count(),
        read_quorum: size - parity,
        write_quorum: write_quorum(size - parity, parity),
    }
}

fn drive_statuses(set: &Set) -> Vec<DriveStatus> {
    let drives = set.drives();
    let status = |position: usize| DriveStatus {
        name: set.slots[position].name().to_owned(),
        pool: set.pool,
        set: set.index,
        position,
        id: set.ids[position],
        state: match &drives[position] {
            Some(drive) => drive.state(),
            None => DriveState::Faulty("offline".to_owned()),
        },
        healing: set.is_healing(position),
        space: None,
    };
    (0..set.size()).map(status).collect()
}
