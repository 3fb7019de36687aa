//! Making a change to one name durable and visible: docs/durability.md says what is synced when, and why.

use super::access::{Access, if_any};
use super::journal::entry::{CommitEntry, Entry};
use super::leftovers::{self, Leftovers};
use super::line::Place;
use super::object_dirs;
use super::paths::{self, RESERVE, XL_META};
use super::queue::{self, Task};
use super::ready::Ready;
use super::shared::Shared;
use super::tidy;
use super::trash;
use super::undoing;
use super::unwritten;
use crate::{Change, Commit, Committed, DataSource, DriveError, DriveResult, FileKind};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use uuid::Uuid;

/// The largest `xl.meta` that is read: ten thousand versions with the largest inline data of a versioned bucket
/// take 160 MiB.
pub(super) const MAX_XL_META: usize = 512 << 20;

/// A commit waits for syncs, each perhaps behind much other data.
pub(super) const COMMIT_LIMIT: Duration = Duration::from_secs(60);

/// Takes the commit's place in line now; the work goes on though the returned future is dropped.
pub(super) fn begin(shared: &Arc<Shared>, commit: Commit) -> BoxFuture<'static, DriveResult<Committed>> {
    if let Err(error) = shared.admit() {
        return Box::pin(async { Err(error) });
    }
    let object = match paths::in_bucket(&shared.name, &commit.bucket, &commit.object) {
        Ok(object) => object,
        Err(error) => return Box::pin(async { Err(error) }),
    };
    let source = match Source::of(shared, &commit) {
        Ok(source) => source,
        Err(error) => return Box::pin(async { Err(error) }),
    };
    let mut place = shared.lines.join(object.clone());
    let heal = matches!(commit.change, Change::Write { heal: true, .. });
    if !heal {
        shared.pending.lock().expect(commit.id, &object);
    }
    unwritten::await_quiet(shared);
    let (answer, answered) = oneshot::channel();
    let at_once = place.is_first() && source.is_none();
    let work = move |place| Work { commit, object, source, place, heal, answer: Some(answer), ready: None };
    if at_once && shared.queue.leaves_time() {
        let (working, mut work) = (Arc::clone(shared), Box::new(work(place)));
        shared.engine.submit(Box::new(move |fs| {
            // What is wrong with it the leader finds too, and tells.
            let _found_again = working.with_access(fs, |access| work.get_ready(access));
            queue::push(&working, work);
        }));
    } else if at_once {
        queue::push(shared, Box::new(work(place)));
    } else {
        let working = Arc::clone(shared);
        let work = move |place| Box::new(work(place));
        shared.world.tasks.spawn(async move {
            place.turn().await;
            let mut work = work(place);
            match work.make_ready(&working).await {
                Ok(()) => queue::push(&working, work),
                Err(error) => work.refuse(&working, error),
            }
        });
    }
    queue::wait(shared, COMMIT_LIMIT, answered)
}

/// One commit being made.
pub(super) struct Work {
    pub(super) commit: Commit,
    /// `bucket/object`.
    pub(super) object: String,
    pub(super) source: Option<Source>,
    /// Held until the change is made.
    place: Place,
    pub(super) heal: bool,
    answer: Option<oneshot::Sender<DriveResult<Committed>>>,
    pub(super) ready: Option<Ready>,
}

/// Where the data directory comes from.
pub(super) struct Source {
    parent: String,
    /// The staging token, if it isn't an upload.
    pub(super) staged: Option<Uuid>,
}

impl Source {
    fn of(shared: &Shared, commit: &Commit) -> DriveResult<Option<Self>> {
        let Change::Write { data, .. } = &commit.change else { return Ok(None) };
        Ok(match data {
            DataSource::None => None,
            DataSource::Staged(staging) => Some(Source { parent: paths::staging(staging.0), staged: Some(staging.0) }),
            DataSource::Upload { path } => {
                Some(Source { parent: paths::in_bucket(&shared.name, paths::SYS, path)?, staged: None })
            }
        })
    }

    pub(super) fn path(&self, data_dir: Uuid) -> String {
        paths::join(&self.parent, &data_dir.to_string())
    }
}

impl Task for Work {
    fn prepare(&mut self, access: &Access<'_>) -> DriveResult<Option<Bytes>> {
        let age = access.shared.queue.age();
        if !self.ready.as_ref().is_some_and(|ready| ready.holds(age)) {
            self.give_up_ready(access);
            self.get_ready(access)?;
        }
        let ready = self.ready.as_ref().expect("it was made above");
        let entry = CommitEntry {
            record: Arc::clone(&ready.record),
            new: ready.plan.new.clone(),
            staged: self.source.as_ref().and_then(|source| source.staged),
            decided: ready.decided,
        };
        Ok(Some(Entry::Commit(entry).encode()))
    }

    fn apply(mut self: Box<Self>, access: &Access<'_>, frame: u64) {
        let ready = self.ready.take().expect("it was prepared");
        let committed = Committed { versions_digest: ready.plan.versions_digest };
        let made = self.make_visible(access, &ready).and_then(|()| {
            let leftovers = Leftovers::of_commit(&ready.record, frame, access.shared.next_sequence());
            if ready.decided {
                leftovers::clean_up(access, &leftovers)?;
            }
            Ok((!ready.decided).then_some(leftovers))
        });
        match made {
            Ok(leftovers) => {
                if let Some(Source { staged: Some(_), parent }) = &self.source {
                    // Not before the move out of it is durable.
                    access.shared.journal.has_emptied(frame, parent.clone());
                }
                if !self.heal {
                    access.shared.pending.lock().done(self.commit.id, leftovers);
                }
                self.tell(Ok(committed));
            }
            Err(error) => {
                self.take_back(access, &ready);
                self.refuse(access.shared, error);
            }
        }
    }

    fn fail(mut self: Box<Self>, access: &Access<'_>, error: DriveError) {
        if let Some(staged) = self.ready.as_mut().and_then(|ready| ready.staged.take()) {
            let _ignored = access.fs.unlink(&staged);
        }
        // The directories that were made for it.
        access.prune(&self.object);
        let removal = self.ready.take().filter(|ready| ready.plan.removal);
        if let (DriveError::Full { .. }, Some(ready), false) = (&error, removal, access.shared.journal.is_open()) {
            let committed = Committed { versions_digest: ready.plan.versions_digest };
            access.shared.pending.lock().forget(self.commit.id);
            let removed = self.remove_without_journal(access, &ready);
            return self.tell(removed.map(|()| committed));
        }
        self.refuse(access.shared, error);
    }
}

impl Work {
    /// Makes the change, in an order in which no crash loses the data.
    fn make_visible(&self, access: &Access<'_>, ready: &Ready) -> DriveResult<()> {
        let meta = self.meta_path();
        let Some(new) = &ready.plan.new else { return self.remove(access, &meta) };
        let staged = match &ready.staged {
            _ if ready.deferred => None,
            Some(staged) => Some(staged.clone()),
            None => {
                for dir in &ready.plan.replaced {
                    tidy::remove_now(access, &self.data_dir(dir))?;
                }
                Some(access.write_unsynced(new)?)
            }
        };
        if let Some(source) = &self.source {
            let data = self.data_dir(&ready.plan.new_data_dir.to_string());
            if self.heal {
                access.trash(&data)?;
            }
            let _shared = access.shared.tree.read();
            object_dirs::make_durable_in_tree(access, &self.commit.bucket, &self.object)?;
            access.rename(&source.path(ready.plan.new_data_dir), &data)?;
        }
        let Some(staged) = staged else {
            self.put_off(access, &meta, new.clone());
            return Ok(());
        };
        match access.rename(&staged, &meta) {
            // Somebody has removed the directory, which was empty.
            Err(DriveError::NotFound { .. }) => {
                let _shared = access.shared.tree.read();
                object_dirs::make_in_tree(access, &self.commit.bucket, &self.object)?;
                access.rename(&staged, &meta)?;
            }
            done => done?,
        }
        Ok(())
    }

    /// Removes the name. Where nothing else is in its directory that goes as a whole: the trash is emptied later.
    fn remove(&self, access: &Access<'_>, meta: &str) -> DriveResult<()> {
        if access.shared.unwritten.get(&self.object).is_none() {
            let entries = if_any(access.read_some_of_dir(&self.object, 2))?.unwrap_or_default();
            let alone = matches!(&entries[..], [entry] if entry.name == XL_META && entry.kind == FileKind::File);
            if alone && matches!(access.trash(&self.object), Ok(true)) {
                return Ok(());
            }
        }
        // A purge of remains may find no file.
        access.unlink(meta).map(drop)
    }

    /// Makes the new `xl.meta` visible, and leaves the writing of it to the next checkpoint.
    fn put_off(&self, access: &Access<'_>, meta: &str, new: Bytes) {
        let known = &access.shared.known;
        let _change = known.change(meta);
        // The directories that are new with it; those above one that is known to be there are no news.
        let mut changes = Vec::new();
        let mut dir = &*self.object;
        while !paths::stays(dir) {
            let (parent, name) = dir.rsplit_once('/').unwrap_or_default();
            if known.names(parent).is_some_and(|names| names.holds(name)) {
                break;
            }
            changes.push(known.change_of_empty(dir));
            dir = parent;
        }
        access.shared.unwritten.put(&self.object, new);
    }

    /// After a failure: everything back as it was. The journal hears of it before any later change to the name.
    fn take_back(&self, access: &Access<'_>, ready: &Ready) {
        if access.shared.in_service().is_err() {
            return;
        }
        if let Some(staged) = &ready.staged {
            let _moved = access.fs.unlink(staged);
        }
        let back = undoing::undo_entry(access, &ready.record).and_then(|entry| {
            queue::note(access.shared, Entry::Undo(entry.clone()).encode(), u64::MAX);
            if ready.decided && !self.heal {
                let reason = "it can't be put back".to_owned();
                return Err(DriveError::Corrupt { drive: access.drive(), path: self.object.clone(), reason });
            }
            undoing::revert(access, &entry)
        });
        if back.is_err() {
            access.shared.fault("a failed commit could not be taken back");
        }
    }

    /// Deletes work on a drive that has no room for a journal: without a record (a removal is only ever completed, by
    /// healing if need be), in the space of what is removed and of the reserve.
    fn remove_without_journal(&self, access: &Access<'_>, ready: &Ready) -> DriveResult<()> {
        access.unlink(RESERVE)?;
        trash::empty_now(access)?;
        let leftovers = Leftovers::of_commit(&ready.record, 0, 0);
        let meta = self.meta_path();
        match &ready.plan.new {
            None => drop(access.unlink(&meta)?),
            Some(new) => {
                let staged = match access.write_staged(std::slice::from_ref(new)) {
                    Err(DriveError::Full { .. }) if !ready.plan.replaced.is_empty() => {
                        for dir in &ready.plan.replaced {
                            tidy::remove_now(access, &self.data_dir(dir))?;
                        }
                        access.write_staged(std::slice::from_ref(new))?
                    }
                    staged => staged?,
                };
                access.rename(&staged, &meta)?;
            }
        }
        access.sync_dir(&self.object)?;
        leftovers::clean_up(access, &leftovers)
    }

    fn refuse(mut self: Box<Self>, shared: &Shared, error: DriveError) {
        if !self.heal {
            shared.pending.lock().forget(self.commit.id);
        }
        self.tell(Err(error));
    }

    /// The next in line may go on when it is told.
    fn tell(&mut self, result: DriveResult<Committed>) {
        self.place.leave();
        if let Some(answer) = self.answer.take() {
            // Nobody waits any more: nothing to tell.
            let _unheard = answer.send(result);
        }
    }

    pub(super) fn meta_path(&self) -> String {
        paths::join(&self.object, XL_META)
    }

    pub(super) fn data_dir(&self, name: &str) -> String {
        paths::join(&self.object, name)
    }
}
