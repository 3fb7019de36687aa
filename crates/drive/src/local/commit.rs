//! Making a change to one name durable: docs/drives.md, "Commit", says what is synced when, and why.

use super::access::{Access, if_any};
use super::change::{self, Plan, Refusal};
use super::paths::{self, DOUBTS, RESERVE, XL_META};
use super::pending::Leftovers;
use super::record::{Digest, Record};
use super::shared::Shared;
use crate::{Change, Commit, Committed, DataSource, DriveError, DriveResult};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;
use uuid::Uuid;

/// The largest `xl.meta` that is read: ten thousand versions with the largest inline data of a versioned bucket
/// take 160 MiB.
pub(super) const MAX_XL_META: usize = 512 << 20;

/// A commit syncs several times, each perhaps behind much other data.
const COMMIT_LIMIT: Duration = Duration::from_secs(60);

/// Takes the commit's place in line now; the work goes on though the returned future is dropped.
pub(super) fn begin(shared: &Arc<Shared>, commit: Commit) -> BoxFuture<'static, DriveResult<Committed>> {
    if let Err(error) = shared.in_service() {
        return Box::pin(async { Err(error) });
    }
    let object = match paths::in_bucket(&shared.name, &commit.bucket, &commit.object) {
        Ok(object) => object,
        Err(error) => return Box::pin(async { Err(error) }),
    };
    let mut place = shared.lines.join(object.clone());
    let heal = matches!(commit.change, Change::Write { heal: true, .. });
    if !heal {
        shared.pending.lock().expect(commit.id, &object);
    }
    let working = Arc::clone(shared);
    let done = shared.world.tasks.spawn(async move {
        place.turn().await;
        let id = commit.id;
        let result = working.run(COMMIT_LIMIT, move |access| Work { access, commit: &commit, object }.run()).await;
        match result {
            Ok((committed, leftovers)) => {
                working.pending.lock().done(id, leftovers);
                Ok(committed)
            }
            Err(error) => {
                working.pending.lock().forget(id);
                Err(error)
            }
        }
    });
    let drive = shared.name.clone();
    Box::pin(async move {
        let ended = done.join().await;
        ended.unwrap_or_else(|| Err(DriveError::Faulty { drive, reason: "a commit broke off".into() }))
    })
}

/// One commit being made.
struct Work<'a> {
    access: &'a Access<'a>,
    commit: &'a Commit,
    /// `bucket/object`.
    object: String,
}

type Outcome = (Committed, Option<Leftovers>);

impl Work<'_> {
    fn run(&self) -> DriveResult<Outcome> {
        let current = self.access.read_if_any(&self.meta_path(), MAX_XL_META)?;
        if current.is_none() && !self.access.exists(&self.commit.bucket)? {
            let bucket = self.commit.bucket.clone();
            return Err(DriveError::BucketNotFound { drive: self.access.drive(), bucket });
        }
        let mut plan = change::plan(&self.commit.change, current.as_ref()).map_err(|why| self.refused(why))?;
        let committed = Committed { versions_digest: plan.versions_digest };
        if matches!(self.commit.change, Change::Purge) {
            plan.replaced.extend(self.orphans(&plan.replaced)?);
            if current.is_none() && plan.replaced.is_empty() {
                return Err(self.refused(Refusal::NothingThere));
            }
        }
        plan.replaced = self.those_that_exist(plan.replaced)?;
        let source = self.source(plan.new_data_dir)?;
        let record = self.record(&plan, current, &source);
        let leftovers = match &self.commit.change {
            Change::Write { heal: true, .. } => {
                self.heal(&plan, &source, &record)?;
                None
            }
            _ => self.commit(&plan, &source, record)?,
        };
        Ok((committed, leftovers))
    }

    /// The usual way: the record first, then the change.
    fn commit(&self, plan: &Plan, source: &Option<Source>, record: Record) -> DriveResult<Option<Leftovers>> {
        if let Some(source) = source {
            source.sync(self.access)?;
        }
        let sequence = self.access.shared.sequence.fetch_add(1, Ordering::Relaxed);
        let file = format!("{DOUBTS}/{sequence:016x}-{}", record.id);
        let leftovers = Leftovers::new(&record, Some(file.clone()), sequence);
        let done = self.prepare(plan, &record, &file).and_then(|staged| self.apply(source, staged));
        match done {
            Ok(()) => Ok(Some(leftovers)),
            Err(DriveError::Full { .. }) if plan.removal => {
                self.withdraw(&record, &file)?;
                self.remove_on_full_drive(plan, &record)?;
                Ok(None)
            }
            Err(error) => {
                self.withdraw(&record, &file)?;
                Err(error)
            }
        }
    }

    /// Makes durable the record and, in staging, the new `xl.meta`: whose path is returned. From here on a crash
    /// leaves the commit in doubt.
    fn prepare(&self, plan: &Plan, record: &Record, file: &str) -> DriveResult<Option<String>> {
        self.access.write_new(file, &[record.encode()])?;
        let staged = plan.new.as_ref().map(|new| self.access.write_staged(std::slice::from_ref(new))).transpose()?;
        self.access.sync_dir(DOUBTS)?;
        Ok(staged)
    }

    /// Makes the change visible, then durable.
    fn apply(&self, source: &Option<Source>, staged: Option<String>) -> DriveResult<()> {
        let Some(staged) = staged else {
            // A purge of remains may find no file.
            if self.access.unlink(&self.meta_path())? {
                self.access.sync_dir(&self.object)?;
            }
            return Ok(());
        };
        let placed = self.place(source, &staged);
        let made = placed.inspect_err(|_| {
            let _already_moved = self.access.fs.unlink(&staged);
        })?;
        self.access.sync_fresh(&self.object, &made)?;
        self.access.sync_dir(&self.object)?;
        if let Some(Source { emptied: Some(staging), .. }) = source {
            // What is left there is tidied up later.
            let _not_empty = self.access.fs.rmdir(staging);
        }
        Ok(())
    }

    /// The moves, while nobody removes empty directories. Returns the directories made that are to be synced.
    fn place(&self, source: &Option<Source>, staged: &str) -> DriveResult<Vec<String>> {
        let _shared = self.access.shared.tree.read();
        let made = self.access.make_dirs(&self.commit.bucket, &self.object);
        let mut made = made.map_err(|error| self.access.or_bucket_missing(&self.commit.bucket, error))?;
        let from_upload = source.as_ref().is_some_and(|source| source.emptied.is_none());
        if from_upload {
            // The parts, which a client was told are safe, must not be lost with a new directory that they move to.
            self.access.sync_fresh(&self.object, &made)?;
            made.clear();
        }
        if let Some(source) = source {
            self.access.rename(&source.path, &self.data_dir(&source.data_dir.to_string()))?;
        }
        self.access.rename(staged, &self.meta_path())?;
        Ok(made)
    }

    /// After a failure: everything back as it was, unless the drive is out of service, whose record then says it
    /// at the next opening.
    fn withdraw(&self, record: &Record, file: &str) -> DriveResult<()> {
        self.access.shared.in_service()?;
        let back = super::pending::revert(self.access, record).and_then(|()| self.access.unlink(file));
        if back.is_err() {
            self.access.shared.fault("a failed commit could not be taken back");
        }
        back.map(drop)
    }

    /// A repair needs no record: it is done again if a crash comes between, and what it replaces is of no use.
    fn heal(&self, plan: &Plan, source: &Option<Source>, record: &Record) -> DriveResult<()> {
        if let Some(source) = source {
            source.sync(self.access)?;
            self.access.trash(&self.data_dir(&source.data_dir.to_string()))?;
        }
        let staged = plan.new.as_ref().map(|new| self.access.write_staged(std::slice::from_ref(new))).transpose()?;
        self.apply(source, staged)?;
        super::pending::clean_up(self.access, &Leftovers::new(record, None, 0))
    }

    /// Deletes work on a full drive: without a record (a removal is only ever completed, by healing if need be), in
    /// the space of what is removed and of the reserve.
    fn remove_on_full_drive(&self, plan: &Plan, record: &Record) -> DriveResult<()> {
        self.access.unlink(RESERVE)?;
        super::tidy::empty_trash(self.access)?;
        let leftovers = Leftovers::new(record, None, 0);
        match plan.new.as_ref().map(|new| self.access.write_staged(std::slice::from_ref(new))).transpose() {
            Ok(staged) => self.apply(&None, staged)?,
            Err(DriveError::Full { .. }) if !plan.replaced.is_empty() => {
                for dir in &plan.replaced {
                    super::tidy::remove_now(self.access, &self.data_dir(dir))?;
                }
                let staged = plan.new.as_ref().map(|new| self.access.write_staged(std::slice::from_ref(new)));
                self.apply(&None, staged.transpose()?)?;
            }
            Err(error) => return Err(error),
        }
        super::pending::clean_up(self.access, &leftovers)
    }

    fn record(&self, plan: &Plan, previous: Option<Bytes>, source: &Option<Source>) -> Record {
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
            new_data_dir: source.as_ref().map_or(Uuid::nil(), |source| source.data_dir),
            upload,
            replaced: plan.replaced.clone(),
            new: plan.new.as_deref().map(Digest::of),
            previous,
        }
    }

    fn source(&self, data_dir: Uuid) -> DriveResult<Option<Source>> {
        let Change::Write { data, .. } = &self.commit.change else { return Ok(None) };
        let (parent, emptied) = match data {
            DataSource::None => return Ok(None),
            DataSource::Staged(staging) => {
                let staging = format!("{}/{}", paths::TMP, staging.0);
                (staging.clone(), Some(staging))
            }
            DataSource::Upload { path } => (paths::in_bucket(&self.access.shared.name, paths::SYS, path)?, None),
        };
        Ok(Some(Source { path: format!("{parent}/{data_dir}"), emptied, data_dir }))
    }

    /// Directories next to the `xl.meta` that are called like data directories and hold nothing but part files: what
    /// a purge of unreadable metadata would leave behind.
    fn orphans(&self, known: &[String]) -> DriveResult<Vec<String>> {
        let mut orphans = Vec::new();
        for entry in if_any(self.access.read_dir(&self.object))?.unwrap_or_default() {
            let like_data = Uuid::try_parse(&entry.name).is_ok() && !known.contains(&entry.name);
            if like_data && entry.kind == crate::FileKind::Dir && self.only_parts(&entry.name)? {
                orphans.push(entry.name);
            }
        }
        Ok(orphans)
    }

    fn only_parts(&self, dir: &str) -> DriveResult<bool> {
        let entries = self.access.read_dir(&self.data_dir(dir))?;
        Ok(entries.iter().all(|entry| entry.kind == crate::FileKind::File && entry.name != XL_META))
    }

    fn those_that_exist(&self, dirs: Vec<String>) -> DriveResult<Vec<String>> {
        let mut there = Vec::with_capacity(dirs.len());
        for dir in dirs {
            if self.access.exists(&self.data_dir(&dir))? {
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

    fn refused(&self, why: Refusal) -> DriveError {
        let (drive, path) = (self.access.drive(), self.object.clone());
        match why {
            Refusal::NothingThere => DriveError::NotFound { drive, path },
            Refusal::NoSuchVersion(version) => DriveError::VersionNotFound { drive, path, version },
            Refusal::Superseded => DriveError::Superseded { drive, path },
            Refusal::Unreadable(error) => self.access.corrupt(&self.meta_path(), error),
        }
    }
}

/// Where the data directory comes from.
struct Source {
    path: String,
    /// The staging directory that is empty once the data directory has left it.
    emptied: Option<String>,
    data_dir: Uuid,
}

impl Source {
    /// Staged files were synced one by one as they were finished; their names are synced here, once.
    fn sync(&self, access: &Access<'_>) -> DriveResult<()> {
        if self.emptied.is_some() { access.sync_dir(&self.path) } else { Ok(()) }
    }
}
