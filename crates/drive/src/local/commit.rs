//! Making a change to one name durable and visible: docs/durability.md says what is synced when, and why.

use super::access::{Access, if_any, is};
use super::change::{self, Plan, Refusal};
use super::journal::entry::{CommitEntry, Entry};
use super::line::Place;
use super::paths::{self, RESERVE, XL_META};
use super::pending::{self, Leftovers};
use super::queue::{self, Task};
use super::record::{Digest, Record};
use super::shared::Shared;
use super::tidy;
use super::trash;
use super::unwritten;
use crate::{Change, Commit, Committed, DataSource, DriveError, DriveResult, FileKind};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use rustix::io::Errno;
use std::sync::Arc;
use std::time::Duration;
use tokio::sync::oneshot;
use uuid::Uuid;

/// The largest `xl.meta` that is read: ten thousand versions with the largest inline data of a versioned bucket
/// take 160 MiB.
pub(super) const MAX_XL_META: usize = 512 << 20;

/// A commit waits for syncs, each perhaps behind much other data.
const COMMIT_LIMIT: Duration = Duration::from_secs(60);

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
struct Work {
    commit: Commit,
    /// `bucket/object`.
    object: String,
    source: Option<Source>,
    /// Held until the change is made.
    place: Place,
    heal: bool,
    answer: Option<oneshot::Sender<DriveResult<Committed>>>,
    ready: Option<Ready>,
}

/// A commit that only waits for its frame.
struct Ready {
    /// The queue's age when it was made ready.
    age: u64,
    plan: Plan,
    record: Arc<Record>,
    /// The new `xl.meta` in the staging area, not synced.
    staged: Option<String>,
    /// There is none: it will be written with the next checkpoint.
    deferred: bool,
    /// It can't be undone.
    decided: bool,
    /// Nothing went wrong.
    complete: bool,
}

/// Where the data directory comes from.
struct Source {
    parent: String,
    /// The staging token, if it isn't an upload.
    staged: Option<Uuid>,
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

    fn path(&self, data_dir: Uuid) -> String {
        paths::join(&self.parent, &data_dir.to_string())
    }
}

impl Task for Work {
    fn prepare(&mut self, access: &Access<'_>) -> DriveResult<Option<Bytes>> {
        let age = access.shared.queue.age();
        if !self.ready.as_ref().is_some_and(|ready| ready.age == age && ready.complete) {
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
                pending::clean_up(access, &leftovers)?;
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
    /// Looks at what is there, works out what will be, and writes it down beside it. Nobody else changes the name meanwhile;
    /// what changes whole trees makes it void.
    fn get_ready(&mut self, access: &Access<'_>) -> DriveResult<()> {
        let clock = &access.shared.world.clock;
        let began = clock.steady();
        let done = self.look_and_plan(access);
        access.shared.queue.was_ready_in(clock.steady().saturating_sub(began));
        done
    }

    fn look_and_plan(&mut self, access: &Access<'_>) -> DriveResult<()> {
        let age = access.shared.queue.age();
        let meta = self.meta_path();
        let read = access.fs.read(&meta, MAX_XL_META);
        // Something else in the way is for the file system to refuse.
        let is_plain = read.as_ref().map_or_else(|error| is(error, Errno::NOENT), |_| true);
        let current = if_any(access.reading(&meta, read))?;
        let mut plan =
            change::plan(&self.commit.change, current.as_ref()).map_err(|why| self.refused(access, why, &current))?;
        if matches!(self.commit.change, Change::Purge) {
            plan.replaced.extend(self.orphans(access, &plan.replaced)?);
            if current.is_none() && plan.replaced.is_empty() {
                return Err(self.refused(access, Refusal::NothingThere, &current));
            }
        }
        plan.replaced = self.those_that_exist(access, plan.replaced)?;
        if let Some(source) = &self.source {
            access.stat(&source.path(plan.new_data_dir))?;
        }
        let is_new = current.is_none();
        let record = Arc::new(self.record(&plan, current));
        let deferred = match &plan.new {
            Some(new) if is_plain => self.may_wait(access, new, is_new)?,
            _ => false,
        };
        let ready = Ready { age, plan, record, staged: None, deferred, decided: self.heal, complete: false };
        let ready = self.ready.insert(ready);
        if let (false, Some(new)) = (deferred, &ready.plan.new) {
            if is_new {
                access.shared.unwritten.make_way(access, &self.object)?;
                make_object_dirs(access, &self.commit.bucket, &self.object)?;
            }
            match access.write_unsynced(new) {
                Ok(staged) => ready.staged = Some(staged),
                Err(DriveError::Full { .. }) if ready.plan.removal => {
                    tidy::give_way(access)?;
                    match access.write_unsynced(new) {
                        Ok(staged) => ready.staged = Some(staged),
                        // The data makes room for what is left of the metadata.
                        Err(DriveError::Full { .. }) if !ready.plan.replaced.is_empty() => ready.decided = true,
                        Err(error) => return Err(error),
                    }
                }
                Err(error) => return Err(error),
            }
        }
        ready.complete = true;
        Ok(())
    }

    /// Whether the new `xl.meta` may stay unwritten. What the file system wouldn't take must be refused now: this looks where it
    /// will go. (A new name's directories are made now if it may not.)
    fn may_wait(&self, access: &Access<'_>, new: &Bytes, is_new: bool) -> DriveResult<bool> {
        let unwritten = &access.shared.unwritten;
        if unwritten.get(&self.object).is_some() {
            return Ok(unwritten.takes(&self.object, new.len()));
        }
        let takes = unwritten.takes(&self.object, new.len());
        if is_new && !takes {
            return Ok(false);
        }
        access.shared.writable.look(access, &self.object).map(|()| takes)
    }

    /// What was made ready is void.
    fn give_up_ready(&mut self, access: &Access<'_>) {
        if let Some(staged) = self.ready.take().and_then(|ready| ready.staged) {
            let _ignored = access.fs.unlink(&staged);
        }
    }

    /// What takes syncs of its own comes before the commit waits for the shared one: the data that was staged, and the
    /// directories that it will move to. (A file system may keep the move and lose the directory.)
    async fn make_ready(&mut self, shared: &Arc<Shared>) -> DriveResult<()> {
        let Some(source) = &self.source else { return Ok(()) };
        let data_dir = match &self.commit.change {
            Change::Write { version, .. } => version.data_dir().ok(),
            _ => None,
        };
        let data = data_dir.filter(|_| source.staged.is_some()).map(|data_dir| source.path(data_dir));
        let (bucket, object) = (self.commit.bucket.clone(), self.object.clone());
        let work = move |access: &Access<'_>| {
            if let Some(data) = data {
                // The files in it were synced one by one as they were finished.
                [&*data, paths::parent(&data), paths::TMP].into_iter().try_for_each(|dir| access.sync_dir(dir))?;
            }
            make_durable_dirs(access, &bucket, &object)
        };
        shared.run(COMMIT_LIMIT, work).await
    }

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
            make_durable_dirs_in_tree(access, &self.commit.bucket, &self.object)?;
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
                make_dirs_in_tree(access, &self.commit.bucket, &self.object)?;
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
        let back = pending::undo_entry(access, &ready.record).and_then(|entry| {
            queue::note(access.shared, Entry::Undo(entry.clone()).encode(), u64::MAX);
            if ready.decided && !self.heal {
                let reason = "it can't be put back".to_owned();
                return Err(DriveError::Corrupt { drive: access.drive(), path: self.object.clone(), reason });
            }
            pending::revert(access, &entry)
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
        pending::clean_up(access, &leftovers)
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

    fn record(&self, plan: &Plan, previous: Option<Bytes>) -> Record {
        let upload = match &self.commit.change {
            Change::Write { data: DataSource::Upload { path }, .. } => Some(path.clone()),
            _ => None,
        };
        Record {
            id: self.commit.id,
            bucket: self.commit.bucket.clone(),
            object: self.commit.object.clone(),
            version_id: plan.version_id,
            mod_time: plan.mod_time,
            removal: plan.removal,
            new_data_dir: self.source.as_ref().map_or(Uuid::nil(), |_| plan.new_data_dir),
            upload,
            replaced: plan.replaced.clone(),
            new: plan.new.as_deref().map(Digest::of),
            previous,
        }
    }

    /// Directories next to the `xl.meta` that are called like data directories and hold nothing but part files: what
    /// a purge of unreadable metadata would leave behind.
    fn orphans(&self, access: &Access<'_>, known: &[String]) -> DriveResult<Vec<String>> {
        let mut orphans = Vec::new();
        for entry in if_any(access.read_dir(&self.object))?.unwrap_or_default() {
            let like_data = Uuid::try_parse(&entry.name).is_ok() && !known.contains(&entry.name);
            if like_data && entry.kind == FileKind::Dir && self.only_parts(access, &entry.name)? {
                orphans.push(entry.name);
            }
        }
        Ok(orphans)
    }

    fn only_parts(&self, access: &Access<'_>, dir: &str) -> DriveResult<bool> {
        let entries = access.read_dir(&self.data_dir(dir))?;
        Ok(entries.iter().all(|entry| entry.kind == FileKind::File && entry.name != XL_META))
    }

    fn those_that_exist(&self, access: &Access<'_>, dirs: Vec<String>) -> DriveResult<Vec<String>> {
        let mut there = Vec::with_capacity(dirs.len());
        for dir in dirs {
            if access.exists(&self.data_dir(&dir))? {
                there.push(dir);
            }
        }
        Ok(there)
    }

    fn meta_path(&self) -> String {
        paths::join(&self.object, XL_META)
    }

    fn data_dir(&self, name: &str) -> String {
        paths::join(&self.object, name)
    }

    fn refused(&self, access: &Access<'_>, why: Refusal, current: &Option<Bytes>) -> DriveError {
        let (drive, path) = (access.drive(), self.object.clone());
        let error = match why {
            Refusal::NothingThere => DriveError::NotFound { drive, path },
            Refusal::NoSuchVersion(version) => DriveError::VersionNotFound { drive, path, version },
            Refusal::Superseded => DriveError::Superseded { drive, path },
            Refusal::Unreadable(error) => access.corrupt(&self.meta_path(), error),
        };
        if current.is_none() { access.or_bucket_missing(&self.commit.bucket, error) } else { error }
    }
}

/// The object's directory and those above it, which the next checkpoint makes durable.
fn make_object_dirs(access: &Access<'_>, bucket: &str, object: &str) -> DriveResult<()> {
    let _shared = access.shared.tree.read();
    make_dirs_in_tree(access, bucket, object)
}

pub(super) fn make_dirs_in_tree(access: &Access<'_>, bucket: &str, object: &str) -> DriveResult<()> {
    let made = access.make_dirs(bucket, object).map_err(|error| access.or_bucket_missing(bucket, error))?;
    access.shared.fresh.leave(&made);
    Ok(())
}

fn make_durable_dirs(access: &Access<'_>, bucket: &str, object: &str) -> DriveResult<()> {
    let _shared = access.shared.tree.read();
    make_durable_dirs_in_tree(access, bucket, object)
}

/// What moves there is lost with a directory that a crash loses, so they are durable first.
pub(super) fn make_durable_dirs_in_tree(access: &Access<'_>, bucket: &str, object: &str) -> DriveResult<()> {
    let made = access.make_dirs(bucket, object).map_err(|error| access.or_bucket_missing(bucket, error))?;
    access.sync_fresh(object, &made)
}
