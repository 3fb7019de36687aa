//! The line of changes to a drive's names: whoever finds nobody at work takes all that wait, has one sync make them durable
//! in the journal, makes them, and answers.
//!
//! One thread at a time, the *leader*, does so: changes are made in the order in which they stand in the journal. Everything
//! that a replay of the journal could undo goes through here.

use super::access::Access;
use super::journal::entry::Entry;
use super::journal::frame::entry_size;
use super::shared::{LONG_LIMIT, Shared};
use super::tidy;
use crate::{DriveError, DriveResult, FileSystem};
use bytes::Bytes;
use futures_util::future::{BoxFuture, Either, select};
use parking_lot::Mutex;
use std::collections::VecDeque;
use std::sync::Arc;
use std::sync::atomic::{AtomicU32, AtomicU64, Ordering};
use std::time::Duration;
use tokio::sync::oneshot;
use uuid::Uuid;

/// Changes that share a sync. All clients of a busy server fit; beyond that the first would wait for the last.
const MOST_AT_ONCE: usize = 256;

/// A change that takes no longer than this to get ready needs no thread of its own for that.
const SOON_READY: Duration = Duration::from_millis(1);

/// Where so many in a row were, the next will be.
const OFTEN: u32 = 64;

/// One change. It is dropped unmade if the drive goes out of service, which whoever waits for it sees.
pub(super) trait Task: Send {
    /// It must find done what comes before it, and what comes after must find it done: it is a batch of its own.
    fn is_last(&self) -> bool {
        false
    }

    /// Before anything is durable: looks, gets ready, says what must stand in the journal first. After an error it is
    /// told to fail.
    fn prepare(&mut self, access: &Access<'_>) -> DriveResult<Option<Bytes>>;

    /// Makes the change, which is in the journal's frame of this number.
    fn apply(self: Box<Self>, access: &Access<'_>, frame: u64);

    /// It can't be made.
    fn fail(self: Box<Self>, access: &Access<'_>, error: DriveError);
}

#[derive(Default)]
pub(super) struct Queue {
    waiting: Mutex<Waiting>,
    /// Moves on before and after every change of more than one name.
    age: AtomicU64,
    /// Changes in a row that were soon ready.
    soon_ready: AtomicU32,
}

impl Queue {
    /// As long as it stays the same, nobody but commits and their outcomes has changed anything.
    pub(super) fn age(&self) -> u64 {
        self.age.load(Ordering::SeqCst)
    }

    /// Whether somebody is at work, and it takes the drive time to get changes ready: whoever comes now waits, and should get
    /// ready in the meantime.
    pub(super) fn leaves_time(&self) -> bool {
        self.soon_ready.load(Ordering::Relaxed) < OFTEN && self.waiting.lock().led
    }

    /// It took so long to get a change ready.
    pub(super) fn was_ready_in(&self, time: Duration) {
        let soon = self.soon_ready.load(Ordering::Relaxed);
        self.soon_ready.store(if time < SOON_READY { soon.saturating_add(1) } else { 0 }, Ordering::Relaxed);
    }
}

#[derive(Default)]
struct Waiting {
    tasks: VecDeque<Box<dyn Task>>,
    notes: Vec<Note>,
    /// Somebody is at work, or about to be.
    led: bool,
}

/// Something that goes into the journal with whatever comes next.
struct Note {
    entry: Bytes,
    /// It is about a commit in this frame, and of no use when that is cut.
    frame: u64,
}

impl std::fmt::Debug for Queue {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Queue").finish_non_exhaustive()
    }
}

/// Puts a change in line.
pub(super) fn push(shared: &Arc<Shared>, task: Box<dyn Task>) {
    if shared.in_service().is_err() {
        return;
    }
    {
        let mut waiting = shared.queue.waiting.lock();
        waiting.tasks.push_back(task);
        if std::mem::replace(&mut waiting.led, true) {
            return;
        }
    }
    let mut leader = Leader { shared: Arc::clone(shared), ended: false };
    shared.engine.submit(Box::new(move |fs| leader.lead(fs)));
}

/// A commit is settled: the journal says so with its next frame.
pub(super) fn note_settled(shared: &Shared, id: Uuid, frame: u64) {
    note(shared, Entry::Settled { id }.encode(), frame);
}

/// Something that must stand in front of any later change to the same name.
pub(super) fn note(shared: &Shared, entry: Bytes, frame: u64) {
    shared.queue.waiting.lock().notes.push(Note { entry, frame });
}

/// Lets the leader say that everything is cut, if that is still so.
pub(super) fn wake(shared: &Arc<Shared>) {
    push(shared, Box::new(SayEmpty));
}

struct SayEmpty;

impl Task for SayEmpty {
    fn is_last(&self) -> bool {
        true
    }

    fn prepare(&mut self, _: &Access<'_>) -> DriveResult<Option<Bytes>> {
        Ok(None)
    }

    fn apply(self: Box<Self>, access: &Access<'_>, _: u64) {
        if let Err(error) = access.shared.journal.note_empty(access) {
            tracing::debug!(%error, "the journal couldn't be said to be empty");
        }
    }

    fn fail(self: Box<Self>, _: &Access<'_>, _: DriveError) {}
}

/// Waits for the answer of a task. A drive that doesn't give it within `limit` is taken out of service.
pub(super) fn wait<T: Send + 'static>(
    shared: &Arc<Shared>,
    limit: Duration,
    answered: oneshot::Receiver<DriveResult<T>>,
) -> BoxFuture<'static, DriveResult<T>> {
    let shared = Arc::clone(shared);
    Box::pin(async move {
        match select(answered, shared.world.clock.sleep(limit)).await {
            Either::Left((Ok(result), _)) => result,
            Either::Left((Err(_dropped), _)) => {
                shared.in_service()?;
                shared.fault("an operation broke off");
                Err(shared.faulty())
            }
            Either::Right(_) => {
                shared.fault(&format!("no answer within {} seconds", limit.as_secs()));
                Err(DriveError::TimedOut { drive: shared.name.clone() })
            }
        }
    })
}

/// Whoever does the work. Dropped before its end, everything in line is dropped, and so is the drive.
struct Leader {
    shared: Arc<Shared>,
    ended: bool,
}

impl Leader {
    fn lead(&mut self, fs: &dyn FileSystem) {
        let shared = Arc::clone(&self.shared);
        shared.with_access(fs, |access| {
            while self.has_more() {
                batch(access);
            }
        });
    }

    fn has_more(&mut self) -> bool {
        let mut waiting = self.shared.queue.waiting.lock();
        waiting.led = !waiting.tasks.is_empty() && self.shared.in_service().is_ok();
        self.ended = !waiting.led;
        let dropped = if self.ended { std::mem::take(&mut waiting.tasks) } else { VecDeque::new() };
        drop(waiting);
        drop(dropped);
        !self.ended
    }
}

impl Drop for Leader {
    fn drop(&mut self) {
        if self.ended {
            return;
        }
        let dropped = {
            let mut waiting = self.shared.queue.waiting.lock();
            waiting.led = false;
            std::mem::take(&mut waiting.tasks)
        };
        self.shared.fault("an operation broke off");
        drop(dropped);
    }
}

/// Makes the changes that wait, as many as go together.
fn batch(access: &Access<'_>) {
    let shared = access.shared;
    let journal = &shared.journal;
    let longest = journal.size.longest_entry();
    let mut entries: Vec<Bytes> = Vec::new();
    let mut ready: Vec<Box<dyn Task>> = Vec::new();
    let mut size = 0;
    loop {
        let next = {
            let mut waiting = shared.queue.waiting.lock();
            // It looks at more than one name, and must find what is ready before it made.
            let looks_around = waiting.tasks.front().is_some_and(|next| next.is_last());
            if looks_around && !ready.is_empty() { None } else { waiting.tasks.pop_front() }
        };
        let Some(mut task) = next else { break };
        let is_last = task.is_last();
        let prepared = task.prepare(access).and_then(|entry| fitting(access, entry));
        match prepared {
            Ok(entry) => {
                size += entry.as_ref().map_or(0, |entry| entry_size(entry));
                entries.extend(entry);
                ready.push(task);
            }
            Err(error) => task.fail(access, error),
        }
        if is_last || size >= longest || ready.len() >= MOST_AT_ONCE {
            break;
        }
    }
    let mut frame = 0;
    if !entries.is_empty() {
        entries.splice(0..0, notes(shared, longest));
        match journal.append(access, &entries) {
            Ok(appended) => frame = appended,
            Err(error) => return ready.into_iter().for_each(|task| task.fail(access, error.clone())),
        }
    }
    for task in ready {
        if shared.in_service().is_err() {
            return;
        }
        task.apply(access, frame);
    }
    if frame > 0 {
        journal.applied(frame, shared.world.clock.steady());
    }
}

/// What stands for the entry in a frame.
fn fitting(access: &Access<'_>, entry: Option<Bytes>) -> DriveResult<Option<Bytes>> {
    let journal = &access.shared.journal;
    let Some(entry) = entry else { return Ok(None) };
    if entry.len() <= journal.size.longest_entry() {
        return Ok(Some(entry));
    }
    match journal.put_elsewhere(access, entry.clone()) {
        Err(DriveError::Full { .. }) => {
            tidy::give_way(access)?;
            journal.put_elsewhere(access, entry).map(Some)
        }
        done => done.map(Some),
    }
}

/// The notes that are still of use, as many as fit.
fn notes(shared: &Shared, longest: usize) -> Vec<Bytes> {
    let mut waiting = shared.queue.waiting.lock();
    let mut size = 0;
    let mut taken = 0;
    for note in &waiting.notes {
        size += entry_size(&note.entry);
        if size > longest {
            break;
        }
        taken += 1;
    }
    let notes: Vec<Note> = waiting.notes.drain(..taken).collect();
    drop(waiting);
    notes.into_iter().filter(|note| !shared.journal.is_cut(note.frame)).map(|note| note.entry).collect()
}

/// A change of other than one name. What it does is durable of itself; the journal only has to know of it, so that a
/// replay doesn't bring back what was there before.
struct Alone<P, A, T> {
    prepare: Option<P>,
    apply: A,
    answer: oneshot::Sender<DriveResult<T>>,
}

/// Makes such a change: `prepare` looks whether it can be made and says what stands in the journal, if anything.
pub(super) fn alone<T: Send + 'static>(
    shared: &Arc<Shared>,
    prepare: impl FnOnce(&Access<'_>) -> DriveResult<Option<Entry>> + Send + 'static,
    apply: impl FnOnce(&Access<'_>) -> DriveResult<T> + Send + 'static,
) -> BoxFuture<'static, DriveResult<T>> {
    if let Err(error) = shared.admit() {
        return Box::pin(async { Err(error) });
    }
    let (answer, answered) = oneshot::channel();
    push(shared, Box::new(Alone { prepare: Some(prepare), apply, answer }));
    wait(shared, LONG_LIMIT, answered)
}

impl<P, A, T> Task for Alone<P, A, T>
where
    P: FnOnce(&Access<'_>) -> DriveResult<Option<Entry>> + Send,
    A: FnOnce(&Access<'_>) -> DriveResult<T> + Send,
    T: Send,
{
    fn is_last(&self) -> bool {
        true
    }

    fn prepare(&mut self, access: &Access<'_>) -> DriveResult<Option<Bytes>> {
        let Some(prepare) = self.prepare.take() else { return Ok(None) };
        Ok(prepare(access)?.map(|entry| entry.encode()))
    }

    fn apply(self: Box<Self>, access: &Access<'_>, _: u64) {
        access.shared.queue.age.fetch_add(1, Ordering::SeqCst);
        let done = (self.apply)(access);
        access.shared.queue.age.fetch_add(1, Ordering::SeqCst);
        // Nobody waits any more: nothing to tell.
        let _unheard = self.answer.send(done);
    }

    fn fail(self: Box<Self>, access: &Access<'_>, error: DriveError) {
        // Without a journal there is nothing that a replay could bring back.
        if matches!(error, DriveError::Full { .. }) && !access.shared.journal.is_open() {
            return self.apply(access, 0);
        }
        let _unheard = self.answer.send(Err(error));
    }
}
