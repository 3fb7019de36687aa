//! A line for each name: what is asked first is done first.

use parking_lot::Mutex;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::{Notify, oneshot};

/// The lines of all names that have one.
#[derive(Debug, Default)]
pub(super) struct Lines {
    last: Mutex<Lasts>,
    empty: Notify,
}

#[derive(Debug, Default)]
struct Lasts {
    next_ticket: u64,
    by_name: HashMap<String, Last>,
}

/// Whoever came last, and the end of their turn.
#[derive(Debug)]
struct Last {
    ticket: u64,
    done: oneshot::Receiver<()>,
}

/// A place in line; dropping it lets the next one go on.
#[derive(Debug)]
pub(super) struct Place {
    lines: Arc<Lines>,
    name: String,
    ticket: u64,
    before: Option<oneshot::Receiver<()>>,
    /// Dropped with the place, which the next in line sees.
    done: Option<oneshot::Sender<()>>,
}

impl Lines {
    /// Takes the next place in the line of `name`, at once.
    pub(super) fn join(self: &Arc<Self>, name: String) -> Place {
        let (end, done) = oneshot::channel();
        let mut lasts = self.last.lock();
        let ticket = lasts.next_ticket;
        lasts.next_ticket += 1;
        let before = lasts.by_name.insert(name.clone(), Last { ticket, done });
        drop(lasts);
        Place { lines: Arc::clone(self), name, ticket, before: before.map(|last| last.done), done: Some(end) }
    }

    /// Waits until nobody is in any line.
    pub(super) async fn idle(&self) {
        loop {
            let emptied = self.empty.notified();
            if self.last.lock().by_name.is_empty() {
                return;
            }
            emptied.await;
        }
    }
}

impl Place {
    /// Whether it is one's turn already.
    pub(super) fn is_first(&mut self) -> bool {
        use tokio::sync::oneshot::error::TryRecvError;
        let waiting = self.before.as_mut().is_some_and(|before| before.try_recv() == Err(TryRecvError::Empty));
        if !waiting {
            self.before = None;
        }
        !waiting
    }

    /// Ends one's turn before the place is dropped.
    pub(super) fn leave(&mut self) {
        if self.done.take().is_none() {
            return;
        }
        let mut lasts = self.lines.last.lock();
        if lasts.by_name.get(&self.name).is_some_and(|last| last.ticket == self.ticket) {
            lasts.by_name.remove(&self.name);
            if lasts.by_name.is_empty() {
                self.lines.empty.notify_waiters();
            }
        }
    }

    /// Waits for one's turn.
    pub(super) async fn turn(&mut self) {
        if let Some(before) = self.before.take() {
            // The place before ends by being dropped.
            let _dropped = before.await;
        }
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        self.leave();
    }
}
