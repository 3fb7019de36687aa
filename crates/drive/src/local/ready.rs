//! Getting a commit ready: what is there is looked at, what will be is worked out and, if it may not wait, written down beside it.
//! What could fail does so here.

use super::access::{Access, if_any, is};
use super::change::{self, Plan, Refusal};
use super::commit::{COMMIT_LIMIT, MAX_XL_META, Work};
use super::object_dirs;
use super::old;
use super::paths::{self, XL_META};
use super::record::{Digest, Record};
use super::shared::Shared;
use super::tidy;
use crate::{Change, DataSource, DriveError, DriveResult, FileKind};
use bytes::Bytes;
use rustix::io::Errno;
use std::sync::Arc;
use uuid::Uuid;

/// A commit that only waits for its frame.
pub(super) struct Ready {
    /// The queue's age when it was made ready.
    age: u64,
    pub(super) plan: Plan,
    pub(super) record: Arc<Record>,
    /// The new `xl.meta` in the staging area, not synced.
    pub(super) staged: Option<String>,
    /// There is none: it will be written with the next checkpoint.
    pub(super) deferred: bool,
    /// It can't be undone.
    pub(super) decided: bool,
    /// Nothing went wrong.
    complete: bool,
}

impl Ready {
    /// Whether it still holds at this age of the queue.
    pub(super) fn holds(&self, age: u64) -> bool {
        self.age == age && self.complete
    }
}

impl Work {
    /// Looks at what is there, works out what will be, and writes it down beside it. Nobody else changes the name meanwhile;
    /// what changes whole trees makes it void.
    pub(super) fn get_ready(&mut self, access: &Access<'_>) -> DriveResult<()> {
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
        let current = match if_any(access.reading(&meta, read))? {
            None => match old::convert(access, &self.object) {
                // Healing puts something whole in its place, as it does with a broken `xl.meta`.
                Err(DriveError::Corrupt { .. }) if self.heal => old::put_aside(access, &self.object)?,
                converted => converted?,
            },
            current => current,
        };
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
                object_dirs::make(access, &self.commit.bucket, &self.object)?;
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
    pub(super) fn give_up_ready(&mut self, access: &Access<'_>) {
        if let Some(staged) = self.ready.take().and_then(|ready| ready.staged) {
            let _ignored = access.fs.unlink(&staged);
        }
    }

    /// What takes syncs of its own comes before the commit waits for the shared one: the data that was staged, and the
    /// directories that it will move to. (A file system may keep the move and lose the directory.)
    pub(super) async fn make_ready(&mut self, shared: &Arc<Shared>) -> DriveResult<()> {
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
            object_dirs::make_durable(access, &bucket, &object)
        };
        shared.run(COMMIT_LIMIT, work).await
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
