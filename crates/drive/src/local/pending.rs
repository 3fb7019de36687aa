//! Commits in doubt: those under way, and those that a crash left.
//!
//! What undoes a commit stands in the journal with it. A checkpoint, which cuts the journal, and an opening, which empties
//! it, put it into a file of its own instead.

use super::access::Access;
use super::journal::entry::{Entry, UndoEntry};
use super::leftovers::{Leftovers, clean_up, drop_file};
use super::line::Place;
use super::queue::{self, Task};
use super::shared::{ANSWER_LIMIT, Shared};
use super::undoing::{revert, undo_entry};
use crate::{DriveError, DriveResult};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::collections::HashMap;
use std::sync::Arc;
use tokio::sync::oneshot;
use uuid::Uuid;

/// The commits whose outcome isn't known, by id.
#[derive(Debug, Default)]
pub(super) struct Pendings {
    by_id: HashMap<Uuid, Pending>,
}

#[derive(Debug)]
struct Pending {
    /// `bucket/object`: the line that its outcome joins.
    object: String,
    /// Once the commit is done.
    leftovers: Option<Arc<Leftovers>>,
}

impl Pendings {
    /// A commit has taken its place in line.
    pub(super) fn expect(&mut self, id: Uuid, object: &str) {
        self.by_id.insert(id, Pending { object: object.to_owned(), leftovers: None });
    }

    /// It was made; what it left, if anything. An outcome that is already in line finds it.
    pub(super) fn done(&mut self, id: Uuid, leftovers: Option<Leftovers>) {
        match (leftovers, self.by_id.get_mut(&id)) {
            (Some(leftovers), Some(pending)) => pending.leftovers = Some(Arc::new(leftovers)),
            _ => self.forget(id),
        }
    }

    /// Its record is elsewhere now; whether it is still waiting for its outcome.
    pub(super) fn replace(&mut self, leftovers: Leftovers) -> bool {
        let Some(still) = self.by_id.get_mut(&leftovers.id) else { return false };
        still.leftovers = Some(Arc::new(leftovers));
        true
    }

    pub(super) fn forget(&mut self, id: Uuid) {
        self.by_id.remove(&id);
    }

    fn leftovers(&self, id: Uuid) -> Option<Arc<Leftovers>> {
        self.by_id.get(&id).and_then(|pending| pending.leftovers.clone())
    }

    /// The commit has its outcome; what is known of it last.
    fn conclude(&mut self, id: Uuid) -> Option<Arc<Leftovers>> {
        self.by_id.remove(&id)?.leftovers
    }

    /// Those that are done, oldest first.
    pub(super) fn all(&self) -> Vec<Arc<Leftovers>> {
        let mut all: Vec<_> = self.by_id.values().filter_map(|pending| pending.leftovers.clone()).collect();
        all.sort_by_key(|leftovers| leftovers.sequence);
        all
    }
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Outcome {
    Settle,
    Undo,
}

/// The set's outcome: takes its place in the name's line now, behind the commit itself.
pub(super) fn settle(shared: &Arc<Shared>, id: Uuid) -> BoxFuture<'static, DriveResult<()>> {
    {
        let mut pending = shared.pending.lock();
        let leftovers = pending.leftovers(id);
        if let Some(frame) = leftovers.filter(|left| left.leaves_nothing()).and_then(|left| left.frame()) {
            pending.forget(id);
            drop(pending);
            queue::note_settled(shared, id, frame);
            return Box::pin(async { Ok(()) });
        }
    }
    conclude(shared, id, Outcome::Settle)
}

pub(super) fn undo(shared: &Arc<Shared>, id: Uuid) -> BoxFuture<'static, DriveResult<()>> {
    conclude(shared, id, Outcome::Undo)
}

fn conclude(shared: &Arc<Shared>, id: Uuid, outcome: Outcome) -> BoxFuture<'static, DriveResult<()>> {
    let object = shared.pending.lock().by_id.get(&id).map(|pending| pending.object.clone());
    let Some(object) = object else { return Box::pin(async { Ok(()) }) };
    if let Err(error) = shared.admit() {
        return Box::pin(async { Err(error) });
    }
    let mut place = shared.lines.join(object);
    let (answer, answered) = oneshot::channel();
    let conclusion = move |place| Conclusion { id, outcome, place, answer: Some(answer), undo: None };
    if place.is_first() {
        queue::push(shared, Box::new(conclusion(place)));
    } else {
        let working = Arc::clone(shared);
        shared.world.tasks.spawn(async move {
            place.turn().await;
            queue::push(&working, Box::new(conclusion(place)));
        });
    }
    queue::wait(shared, ANSWER_LIMIT, answered)
}

/// An outcome being carried out.
struct Conclusion {
    id: Uuid,
    outcome: Outcome,
    /// Held until it is.
    place: Place,
    answer: Option<oneshot::Sender<DriveResult<()>>>,
    undo: Option<UndoEntry>,
}

impl Task for Conclusion {
    fn prepare(&mut self, access: &Access<'_>) -> DriveResult<Option<Bytes>> {
        let leftovers = access.shared.pending.lock().leftovers(self.id);
        let Some(leftovers) = leftovers.filter(|_| self.outcome == Outcome::Undo) else { return Ok(None) };
        let Some(record) = leftovers.record(access)? else { return Ok(None) };
        let undo = undo_entry(access, &record)?;
        let entry = Entry::Undo(undo.clone()).encode();
        self.undo = Some(undo);
        Ok(Some(entry))
    }

    fn apply(mut self: Box<Self>, access: &Access<'_>, _: u64) {
        let done = match self.outcome {
            Outcome::Settle => self.settle(access),
            Outcome::Undo => self.undo(access),
        };
        self.tell(done);
    }

    fn fail(mut self: Box<Self>, _: &Access<'_>, error: DriveError) {
        self.tell(Err(error));
    }
}

impl Conclusion {
    fn settle(&self, access: &Access<'_>) -> DriveResult<()> {
        let Some(leftovers) = access.shared.pending.lock().leftovers(self.id) else { return Ok(()) };
        clean_up(access, &leftovers)?;
        let concluded = access.shared.pending.lock().conclude(self.id);
        let Some(concluded) = concluded else { return Ok(()) };
        queue::note_settled(access.shared, self.id, concluded.frame().unwrap_or(u64::MAX));
        drop_file(access, &concluded)
    }

    fn undo(&self, access: &Access<'_>) -> DriveResult<()> {
        if let Some(undo) = &self.undo {
            revert(access, undo)?;
        }
        let concluded = access.shared.pending.lock().conclude(self.id);
        concluded.map_or(Ok(()), |concluded| drop_file(access, &concluded))
    }

    fn tell(&mut self, done: DriveResult<()>) {
        self.place.leave();
        if let Some(answer) = self.answer.take() {
            // Nobody waits any more: nothing to tell.
            let _unheard = answer.send(done);
        }
    }
}
