//! Commits in doubt: those under way, and those that a crash left.

use super::access::{Access, if_any};
use super::change;
use super::commit::MAX_XL_META;
use super::paths::{self, DOUBTS, SYS, XL_META};
use super::record::{Record, RecordError, Standing};
use super::shared::{ANSWER_LIMIT, Shared};
use crate::{Doubt, DriveResult, FileKind};
use bytes::Bytes;
use format::xl::{Version, XlMeta};
use futures_util::future::BoxFuture;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use uuid::Uuid;

/// A record holds a whole `xl.meta` and little more.
const MAX_RECORD: usize = MAX_XL_META + (16 << 20);

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

    pub(super) fn forget(&mut self, id: Uuid) {
        self.by_id.remove(&id);
    }

    fn object(&self, id: Uuid) -> Option<String> {
        self.by_id.get(&id).map(|pending| pending.object.clone())
    }

    fn leftovers(&self, id: Uuid) -> Option<Arc<Leftovers>> {
        self.by_id.get(&id).and_then(|pending| pending.leftovers.clone())
    }

    fn all(&self) -> Vec<Arc<Leftovers>> {
        let mut all: Vec<_> = self.by_id.values().filter_map(|pending| pending.leftovers.clone()).collect();
        all.sort_by_key(|leftovers| leftovers.sequence);
        all
    }
}

/// What a commit left to be cleared away by its outcome.
#[derive(Clone, Debug)]
pub(super) struct Leftovers {
    /// The record's file; `None` if the commit had none.
    file: Option<String>,
    /// Found at opening rather than made since.
    recovered: bool,
    sequence: u64,
    object: String,
    removal: bool,
    new_data_dir: Uuid,
    upload: Option<String>,
    replaced: Vec<String>,
}

impl Leftovers {
    pub(super) fn new(record: &Record, file: Option<String>, sequence: u64) -> Self {
        Leftovers {
            file,
            recovered: false,
            sequence,
            object: paths::join(&record.bucket, &record.object),
            removal: record.removal,
            new_data_dir: record.new_data_dir,
            upload: record.upload.clone(),
            replaced: record.replaced.clone(),
        }
    }
}

/// The set's outcome: takes its place in the name's line now, behind the commit itself.
pub(super) fn settle(shared: &Arc<Shared>, id: Uuid) -> BoxFuture<'static, DriveResult<()>> {
    conclude(shared, id, |access, leftovers| {
        clean_up(access, leftovers)?;
        drop_record(access, leftovers)
    })
}

pub(super) fn undo(shared: &Arc<Shared>, id: Uuid) -> BoxFuture<'static, DriveResult<()>> {
    conclude(shared, id, |access, leftovers| {
        let Some(file) = &leftovers.file else { return Ok(()) };
        if let Some(record) = read_record(access, file)? {
            revert(access, &record)?;
        }
        drop_record(access, leftovers)
    })
}

fn conclude(
    shared: &Arc<Shared>,
    id: Uuid,
    work: impl FnOnce(&Access<'_>, &Leftovers) -> DriveResult<()> + Send + 'static,
) -> BoxFuture<'static, DriveResult<()>> {
    let Some(object) = shared.pending.lock().object(id) else { return Box::pin(async { Ok(()) }) };
    let mut place = shared.lines.join(object);
    let working = Arc::clone(shared);
    let done = shared.world.tasks.spawn(async move {
        place.turn().await;
        let Some(leftovers) = working.pending.lock().leftovers(id) else { return Ok(()) };
        working.run(ANSWER_LIMIT, move |access| work(access, &leftovers)).await?;
        working.pending.lock().forget(id);
        Ok(())
    });
    let shared = Arc::clone(shared);
    Box::pin(async move { done.join().await.unwrap_or_else(|| shared.in_service()) })
}

/// Clears away what a commit that stands has replaced. Nothing that the name's present metadata refers to is touched,
/// so this may be done at any time, and twice.
pub(super) fn clean_up(access: &Access<'_>, leftovers: &Leftovers) -> DriveResult<()> {
    let object = &leftovers.object;
    let mut dirs = leftovers.replaced.clone();
    if leftovers.recovered && !leftovers.new_data_dir.is_nil() {
        // The crash may have come between the data and the metadata that refers to it.
        dirs.push(leftovers.new_data_dir.to_string());
    }
    let mut empty = leftovers.removal;
    if !dirs.is_empty() || leftovers.upload.is_some() {
        let current = access.read_if_any(&paths::join(object, XL_META), MAX_XL_META)?;
        let refers = References::of(current.as_ref());
        for dir in dirs.iter().filter(|dir| !refers.to(dir)) {
            access.trash(&paths::join(object, dir))?;
        }
        if let References::Known(meta) = &refers {
            drop_unused_parts(access, leftovers, meta)?;
        }
        empty |= current.is_none();
    }
    if let Some(upload) = &leftovers.upload {
        let upload = paths::join(SYS, upload);
        // Durable before the record goes: what has been completed must not be an upload again.
        if access.trash(&upload)? {
            if_any(access.sync_dir(paths::parent(&upload)))?;
        }
        access.prune(paths::parent(&upload));
    }
    if empty {
        access.prune(object);
    }
    Ok(())
}

/// The data directory of a completed upload brings along the records of its parts and the parts that didn't become
/// part of the object.
fn drop_unused_parts(access: &Access<'_>, leftovers: &Leftovers, meta: &XlMeta) -> DriveResult<()> {
    if leftovers.upload.is_none() {
        return Ok(());
    }
    let version = meta.versions.iter().find(|entry| entry.data_dir() == Ok(leftovers.new_data_dir));
    let Some(Ok(Version::Object(version))) = version.map(|entry| entry.decode()) else { return Ok(()) };
    let used: HashSet<u32> = version.parts.iter().map(|part| part.number).collect();
    let dir = paths::join(&leftovers.object, &leftovers.new_data_dir.to_string());
    for entry in if_any(access.read_dir(&dir))?.unwrap_or_default() {
        if !paths::part_number(&entry.name).is_some_and(|number| used.contains(&number)) {
            access.unlink(&paths::join(&dir, &entry.name))?;
        }
    }
    Ok(())
}

/// Puts back what a commit replaced, durably, if the name still is as the commit left it.
pub(super) fn revert(access: &Access<'_>, record: &Record) -> DriveResult<()> {
    let object = paths::join(&record.bucket, &record.object);
    let path = paths::join(&object, XL_META);
    let mut current = access.read_if_any(&path, MAX_XL_META)?;
    if record.standing(current.as_deref()) == Standing::Applied {
        match &record.previous {
            Some(previous) => put_back(access, record, &object, previous)?,
            None if access.unlink(&path)? => access.sync_dir(&object)?,
            None => {}
        }
        current.clone_from(&record.previous);
    }
    if !record.new_data_dir.is_nil() {
        let name = record.new_data_dir.to_string();
        if !References::of(current.as_ref()).to(&name) {
            take_back_data(access, record, &paths::join(&object, &name), &name)?;
        }
    }
    if current.is_none() {
        access.prune(&object);
    }
    Ok(())
}

/// The previous metadata, under the commit's own rules. The object's directory may have gone with its last version.
fn put_back(access: &Access<'_>, record: &Record, object: &str, previous: &Bytes) -> DriveResult<()> {
    let staged = access.write_staged(std::slice::from_ref(previous))?;
    let made = {
        let _shared = access.shared.tree.read();
        let made = access.make_dirs(&record.bucket, object)?;
        access.rename(&staged, &paths::join(object, XL_META))?;
        made
    };
    access.sync_fresh(object, &made)?;
    access.sync_dir(object)
}

/// An upload gets its data directory back, to be completed again; other data is given up.
fn take_back_data(access: &Access<'_>, record: &Record, data: &str, name: &str) -> DriveResult<()> {
    let Some(upload) = &record.upload else { return access.trash(data).map(drop) };
    let upload = paths::join(SYS, upload);
    if !access.exists(data)? {
        return Ok(());
    }
    if !access.exists(&upload)? {
        return access.trash(data).map(drop);
    }
    access.rename(data, &paths::join(&upload, name))?;
    access.sync_dir(&upload)
}

/// What was decided at an opening is durable before anything is built upon it.
fn drop_record(access: &Access<'_>, leftovers: &Leftovers) -> DriveResult<()> {
    let Some(file) = &leftovers.file else { return Ok(()) };
    if access.unlink(file)? && leftovers.recovered { access.sync_dir(DOUBTS) } else { Ok(()) }
}

/// What a name's metadata refers to. Metadata that can't be read refers to everything.
enum References {
    Nothing,
    Known(XlMeta),
    Unknown,
}

impl References {
    fn of(current: Option<&Bytes>) -> Self {
        match current.map(XlMeta::parse) {
            None => References::Nothing,
            Some(Ok(meta)) => References::Known(meta),
            Some(Err(_)) => References::Unknown,
        }
    }

    fn to(&self, dir: &str) -> bool {
        match self {
            References::Nothing => false,
            References::Known(meta) => change::refers_to(meta, dir),
            References::Unknown => true,
        }
    }
}

// At opening, and for the store to decide

/// Reads the records that are there. One that was being written at a crash had not begun its commit; one whose
/// replaced data is already cleared away was settled, and only the removal of the record was lost.
pub(super) fn load(access: &Access<'_>) -> DriveResult<()> {
    let mut next = 1;
    let mut settled = Vec::new();
    let mut kept: HashSet<String> = HashSet::new();
    for entry in access.read_dir(DOUBTS)? {
        let file = paths::join(DOUBTS, &entry.name);
        let sequence = entry.name.split('-').next().and_then(|text| u64::from_str_radix(text, 16).ok());
        let Some(sequence) = sequence.filter(|_| entry.kind == FileKind::File) else { continue };
        next = next.max(sequence.saturating_add(1));
        let Some(record) = read_record(access, &file)? else { continue };
        let leftovers = Leftovers { recovered: true, ..Leftovers::new(&record, Some(file), sequence) };
        if was_settled(access, &record)? {
            settled.push(leftovers);
            continue;
        }
        kept.extend(leftovers.replaced.iter().map(|dir| paths::join(&leftovers.object, dir)));
        let mut pending = access.shared.pending.lock();
        pending.expect(record.id, &leftovers.object);
        pending.done(record.id, Some(leftovers));
    }
    access.shared.sequence.store(next, Ordering::Relaxed);
    for mut leftovers in settled {
        // A later commit in doubt may have replaced what this one wrote: it is needed to take that back.
        if kept.contains(&paths::join(&leftovers.object, &leftovers.new_data_dir.to_string())) {
            leftovers.new_data_dir = Uuid::nil();
        }
        clean_up(access, &leftovers)?;
        drop_record(access, &leftovers)?;
    }
    Ok(())
}

/// What a commit replaces stays until it is settled. (It was there when the record was written.)
fn was_settled(access: &Access<'_>, record: &Record) -> DriveResult<bool> {
    let object = paths::join(&record.bucket, &record.object);
    for dir in &record.replaced {
        if !access.exists(&paths::join(&object, dir))? {
            return Ok(true);
        }
    }
    Ok(false)
}

/// A record, or `None` for one that is of no use and is set aside.
fn read_record(access: &Access<'_>, file: &str) -> DriveResult<Option<Record>> {
    let Some(bytes) = access.read_if_any(file, MAX_RECORD)? else { return Ok(None) };
    match Record::decode(&bytes) {
        Ok(record) => Ok(Some(record)),
        Err(RecordError::Damaged) => {
            tracing::info!(drive = access.shared.name, file, "dropped the record of a commit that had not begun");
            access.trash(file)?;
            Ok(None)
        }
        Err(error @ RecordError::UnknownVersion(_)) => Err(access.corrupt(file, error)),
    }
}

/// Whether the name shows what the commit did, also if something else has been done to it since.
fn is_visible(record: &Record, current: Option<&Bytes>) -> bool {
    match record.standing(current.map(|bytes| bytes.as_ref())) {
        Standing::Applied => true,
        Standing::Untouched => false,
        Standing::Superseded => {
            let meta = current.and_then(|bytes| XlMeta::parse(bytes).ok()).unwrap_or_default();
            let found = meta.find(record.version_id).is_some_and(|entry| entry.header.mod_time == record.mod_time);
            found != record.removal
        }
    }
}

/// Whether the version was there before with the same time.
fn is_edit(record: &Record) -> bool {
    let previous = record.previous.as_ref().and_then(|bytes| XlMeta::parse(bytes).ok());
    let before = previous.as_ref().and_then(|meta| meta.find(record.version_id));
    !record.removal && before.is_some_and(|entry| entry.header.mod_time == record.mod_time)
}

/// The commits that are done and wait for their outcome, oldest first.
pub(super) fn doubts(access: &Access<'_>) -> DriveResult<Vec<Doubt>> {
    let waiting = access.shared.pending.lock().all();
    let mut doubts = Vec::with_capacity(waiting.len());
    for leftovers in waiting {
        let Some(file) = &leftovers.file else { continue };
        let Some(record) = read_record(access, file)? else { continue };
        let current = access.read_if_any(&paths::join(&leftovers.object, XL_META), MAX_XL_META)?;
        // A crash may keep the move of the metadata and lose that of the data.
        let data = paths::join(&leftovers.object, &record.new_data_dir.to_string());
        let applied =
            is_visible(&record, current.as_ref()) && (record.new_data_dir.is_nil() || access.exists(&data)?);
        let edit = is_edit(&record);
        let Record { id, bucket, object, version_id, mod_time, removal, upload, .. } = record;
        doubts.push(Doubt { id, bucket, object, version_id, mod_time, removal, edit, upload, applied });
    }
    Ok(doubts)
}
