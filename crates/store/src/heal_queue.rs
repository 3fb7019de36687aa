//! What wants healing: names that a read or a commit found incomplete on some drive.
//!
//! A bounded queue without duplicates. Who finds damage calls [`HealQueue::enqueue`] and goes on; a full queue drops
//! the newcomer (the scan finds it again). The healer takes tasks in order.

use parking_lot::Mutex;
use std::collections::{HashSet, VecDeque};
use tokio::sync::Notify;
use uuid::Uuid;

/// As many as MinIO keeps (on-disk-format.md 11.3); some 20 MB of names at worst.
pub(crate) const MAX_QUEUED: usize = 100_000;

/// A name to heal in a set.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct HealTask {
    pub(crate) pool: usize,
    pub(crate) set: usize,
    pub(crate) bucket: String,
    /// Encoded, as drives know it.
    pub(crate) object: String,
    /// A version (nil for the null version), or all of them.
    pub(crate) version: Option<Uuid>,
    /// Read and verify the data too.
    pub(crate) deep: bool,
}

/// A drive that has just been put online and may lack anything.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct ReturnedDrive {
    pub(crate) pool: usize,
    pub(crate) set: usize,
    pub(crate) position: usize,
    /// An empty drive, just formatted with the id of the one it replaces. Else one that was away for a while.
    pub(crate) replaced: bool,
}

/// What waits for the healer.
#[derive(Debug, Default)]
pub(crate) struct HealQueue {
    state: Mutex<State>,
    filled: Notify,
    returned: Mutex<Vec<ReturnedDrive>>,
    returned_any: Notify,
}

#[derive(Debug, Default)]
struct State {
    order: VecDeque<HealTask>,
    known: HashSet<HealTask>,
    /// What the healer is at.
    in_hand: Option<HealTask>,
}

impl HealQueue {
    /// Adds a task, unless it is there already or the queue is full. Scratch areas are never healed.
    pub(crate) fn enqueue(&self, task: HealTask) {
        let scratch = task.bucket == format::names::SYSTEM_BUCKET
            && ["tmp/", "tmp-old/"].iter().any(|area| task.object.starts_with(area));
        if scratch {
            return;
        }
        let mut state = self.state.lock();
        if state.order.len() >= MAX_QUEUED || !state.known.insert(task.clone()) {
            return;
        }
        state.order.push_back(task);
        drop(state);
        self.filled.notify_one();
    }

    /// The next task, when there is one: in hand until another is asked for.
    pub(crate) async fn next(&self) -> HealTask {
        loop {
            let filled = self.filled.notified();
            {
                let mut state = self.state.lock();
                state.in_hand = state.order.pop_front();
                if let Some(task) = state.in_hand.clone() {
                    state.known.remove(&task);
                    return task;
                }
            }
            filled.await;
        }
    }

    /// All that is left, with what is in hand: healing it twice does no harm.
    pub(crate) fn take_all(&self) -> Vec<HealTask> {
        let State { order, in_hand, .. } = std::mem::take(&mut *self.state.lock());
        in_hand.into_iter().chain(order).collect()
    }

    /// Reports a drive that was put online after the store was opened, or replaced before.
    pub(crate) fn drive_returned(&self, drive: ReturnedDrive) {
        self.returned.lock().push(drive);
        self.returned_any.notify_one();
    }

    /// The next drive reported, when there is one.
    pub(crate) async fn next_returned(&self) -> ReturnedDrive {
        loop {
            let any = self.returned_any.notified();
            if let Some(drive) = self.returned.lock().pop() {
                return drive;
            }
            any.await;
        }
    }

    pub(crate) fn len(&self) -> usize {
        self.state.lock().order.len()
    }
}
