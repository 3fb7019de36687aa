//! Commits in doubt: those under way, and those that a crash left.
//!
//! What undoes a commit stands in the journal with it. A checkpoint, which cuts the journal, and an opening, which empties
//! it, put it into a file of its own instead.

use super::access::{Access, if_any};
use super::change;
use super::commit::{self, MAX_XL_META};
use super::journal::entry::{Entry, PutBack, UndoEntry};
use super::line::Place;
use super::paths::{self, DOUBTS, SYS, XL_META};
use super::queue::{self, Task};
use super::record::{Record, RecordError, Standing};
use super::shared::{ANSWER_LIMIT, Shared};
use crate::{Doubt, DriveError, DriveResult, FileKind};
use bytes::Bytes;
use format::xl::{Version, XlMeta};
use futures_util::future::BoxFuture;
use std::collections::{HashMap, HashSet};
use std::sync::Arc;
use std::sync::atomic::Ordering;
use tokio::sync::oneshot;
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

    fn leftovers(&self, id: Uuid) -> Option<Arc<Leftovers>> {
        self.by_id.get(&id).and_then(|pending| pending.leftovers.clone())
    }

    /// The commit has its outcome; what is known of it last.
    fn conclude(&mut self, id: Uuid) -> Option<Arc<Leftovers>> {
        self.by_id.remove(&id)?.leftovers
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
    id: Uuid,
    kept: Kept,
    /// Found at opening rather than made since.
    recovered: bool,
    sequence: u64,
    object: String,
    removal: bool,
    new_data_dir: Uuid,
    upload: Option<String>,
    replaced: Vec<String>,
}

/// Where the record is.
#[derive(Clone, Debug)]
enum Kept {
    /// In memory, and in this frame of the journal.
    Journal(Arc<Record>, u64),
    File(String),
}

impl Leftovers {
    /// Of a commit made now.
    pub(super) fn of_commit(record: &Arc<Record>, frame: u64, sequence: u64) -> Self {
        Leftovers::new(record, Kept::Journal(Arc::clone(record), frame), sequence, false)
    }

    fn new(record: &Record, kept: Kept, sequence: u64, recovered: bool) -> Self {
        Leftovers {
            id: record.id,
            kept,
            recovered,
            sequence,
            object: paths::join(&record.bucket, &record.object),
            removal: record.removal,
            new_data_dir: record.new_data_dir,
            upload: record.upload.clone(),
            replaced: record.replaced.clone(),
        }
    }

    /// The number of the journal's frame that it is in; `None` if it is in a file.
    fn frame(&self) -> Option<u64> {
        match self.kept {
            Kept::Journal(_, frame) => Some(frame),
            Kept::File(_) => None,
        }
    }

    /// Nothing is to be done once it is settled.
    fn leaves_nothing(&self) -> bool {
        self.frame().is_some() && !self.removal && self.upload.is_none() && self.replaced.is_empty()
    }

    fn record(&self, access: &Access<'_>) -> DriveResult<Option<Arc<Record>>> {
        match &self.kept {
            Kept::Journal(record, _) => Ok(Some(Arc::clone(record))),
            Kept::File(file) => Ok(read_record(access, file)?.map(Arc::new)),
        }
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

/// What was decided at an opening is durable before anything is built upon it.
fn drop_file(access: &Access<'_>, concluded: &Leftovers) -> DriveResult<()> {
    let Kept::File(file) = &concluded.kept else { return Ok(()) };
    if access.unlink(file)? && concluded.recovered { access.sync_dir(DOUBTS) } else { Ok(()) }
}

/// Gives each commit in doubt whose frame is about to be cut a file of its own. They are synced with everything else.
pub(super) fn keep_in_files(access: &Access<'_>, cut: u64) -> DriveResult<()> {
    let waiting = access.shared.pending.lock().all();
    for leftovers in waiting {
        let Kept::Journal(record, frame) = &leftovers.kept else { continue };
        if *frame > cut {
            continue;
        }
        let file = doubt_file(leftovers.sequence, leftovers.id);
        access.unlink(&file)?;
        access.write_new_unsynced(&file, record.encode())?;
        let in_file = Leftovers { kept: Kept::File(file.clone()), ..(*leftovers).clone() };
        let mut pending = access.shared.pending.lock();
        match pending.by_id.get_mut(&leftovers.id) {
            Some(still) => still.leftovers = Some(Arc::new(in_file)),
            None => {
                drop(pending);
                access.unlink(&file)?;
            }
        }
    }
    Ok(())
}

pub(super) fn doubt_file(sequence: u64, id: Uuid) -> String {
    format!("{DOUBTS}/{sequence:016x}-{id}")
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
        // A file system may keep this removal, and lose the move of the data out of there.
        if_any(access.sync_dir(object))?;
        access.trash(&upload)?;
        if matches!(leftovers.kept, Kept::File(_)) {
            // Durable before the record goes, and while there is a directory to sync: what has been completed must not be
            // an upload again. (The journal knows.)
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

/// How to take a commit back: what it replaced is put back if the name is as the commit left it, or as it was before.
pub(super) fn undo_entry(access: &Access<'_>, record: &Record) -> DriveResult<UndoEntry> {
    let path = paths::join(&paths::join(&record.bucket, &record.object), XL_META);
    let current = access.read_if_any(&path, MAX_XL_META)?;
    let put_back = match (record.standing(current.as_deref()), &record.previous) {
        (Standing::Superseded, _) => PutBack::Nothing,
        (_, Some(previous)) => PutBack::Meta(previous.clone()),
        (_, None) => PutBack::Removal,
    };
    Ok(UndoEntry {
        id: record.id,
        bucket: record.bucket.clone(),
        object: record.object.clone(),
        put_back,
        data_dir: record.new_data_dir,
        upload: record.upload.clone(),
    })
}

/// Takes a commit back, as the journal says.
pub(super) fn revert(access: &Access<'_>, undo: &UndoEntry) -> DriveResult<()> {
    let object = paths::join(&undo.bucket, &undo.object);
    let path = paths::join(&object, XL_META);
    match &undo.put_back {
        // A commit that couldn't be made has left it as it was.
        PutBack::Meta(previous) if access.read_if_any(&path, MAX_XL_META)?.as_ref() == Some(previous) => {}
        PutBack::Meta(previous) => put_meta(access, &undo.bucket, &object, previous)?,
        PutBack::Removal => drop(access.unlink(&path)?),
        PutBack::Nothing => {}
    }
    take_back_data(access, undo)?;
    if !access.exists(&path)? {
        access.prune(&object);
    }
    Ok(())
}

/// Puts metadata in place, to be made durable by a checkpoint. The object's directory may have gone.
pub(super) fn put_meta(access: &Access<'_>, bucket: &str, object: &str, meta: &Bytes) -> DriveResult<()> {
    let staged = access.write_unsynced(meta)?;
    let _shared = access.shared.tree.read();
    commit::make_dirs_in_tree(access, bucket, object)?;
    access.rename(&staged, &paths::join(object, XL_META))
}

/// An upload gets its data directory back, to be completed again; other data is given up. Data that the name's present
/// metadata refers to stays.
pub(super) fn take_back_data(access: &Access<'_>, undo: &UndoEntry) -> DriveResult<()> {
    if undo.data_dir.is_nil() {
        return Ok(());
    }
    let object = paths::join(&undo.bucket, &undo.object);
    let name = undo.data_dir.to_string();
    let current = access.read_if_any(&paths::join(&object, XL_META), MAX_XL_META)?;
    if References::of(current.as_ref()).to(&name) {
        return Ok(());
    }
    let data = paths::join(&object, &name);
    let Some(upload) = &undo.upload else { return access.trash(&data).map(drop) };
    let upload = paths::join(SYS, upload);
    if !access.exists(&data)? {
        return Ok(());
    }
    if !access.exists(&upload)? {
        return access.trash(&data).map(drop);
    }
    // What moves there is lost with a directory that a crash loses.
    access.sync_fresh(&upload, &[])?;
    access.rename(&data, &paths::join(&upload, &name))?;
    // A file system may keep the removal of the directory that it left, and lose the move.
    access.sync_dir(&upload)
}

/// What a name's metadata refers to. Metadata that can't be read refers to everything.
enum References {
    Nothing,
    Known(XlMeta),
    Unknown,
}

/// Whether metadata refers to a data directory.
pub(super) fn refers_to(meta: &Bytes, dir: &str) -> bool {
    References::of(Some(meta)).to(dir)
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

/// Reads the records that are there. One that was being written at a crash stands in the journal still; one whose
/// replaced data is already cleared away was settled, and only the removal of the record was lost. `concluded` are
/// those whose outcome the journal knew: true if they stand.
pub(super) fn load(access: &Access<'_>, concluded: &HashMap<Uuid, bool>) -> DriveResult<()> {
    let mut next = 1;
    let mut settled = Vec::new();
    let mut kept: HashSet<String> = HashSet::new();
    for (sequence, name) in doubt_files(access)? {
        let file = paths::join(DOUBTS, &name);
        next = next.max(sequence.saturating_add(1));
        let Some(record) = read_record(access, &file)? else { continue };
        let leftovers = Leftovers::new(&record, Kept::File(file), sequence, true);
        match concluded.get(&record.id) {
            Some(true) => settled.push(leftovers),
            Some(false) => drop_file(access, &leftovers)?,
            None if was_settled(access, &record)? => settled.push(leftovers),
            None => {
                kept.extend(leftovers.replaced.iter().map(|dir| paths::join(&leftovers.object, dir)));
                let mut pending = access.shared.pending.lock();
                pending.expect(record.id, &leftovers.object);
                pending.done(record.id, Some(leftovers));
            }
        }
    }
    access.shared.sequence.store(next, Ordering::Relaxed);
    for mut leftovers in settled {
        // A later commit in doubt may have replaced what this one wrote: it is needed to take that back.
        if kept.contains(&paths::join(&leftovers.object, &leftovers.new_data_dir.to_string())) {
            leftovers.new_data_dir = Uuid::nil();
        }
        clean_up(access, &leftovers)?;
        drop_file(access, &leftovers)?;
    }
    Ok(())
}

/// The files of records, with their numbers, oldest first.
pub(super) fn doubt_files(access: &Access<'_>) -> DriveResult<Vec<(u64, String)>> {
    let mut files = Vec::new();
    for entry in if_any(access.read_dir(DOUBTS))?.unwrap_or_default() {
        let sequence = entry.name.split('-').next().and_then(|text| u64::from_str_radix(text, 16).ok());
        if let Some(sequence) = sequence.filter(|_| entry.kind == FileKind::File) {
            files.push((sequence, entry.name));
        }
    }
    files.sort_unstable();
    Ok(files)
}

/// What a commit replaces stays until it is settled. (It was there when the record was written.)
pub(super) fn was_settled(access: &Access<'_>, record: &Record) -> DriveResult<bool> {
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
        let Some(record) = leftovers.record(access)? else { continue };
        let current = access.read_if_any(&paths::join(&leftovers.object, XL_META), MAX_XL_META)?;
        // A crash may keep the move of the metadata and lose that of the data.
        let data = paths::join(&leftovers.object, &record.new_data_dir.to_string());
        let applied =
            is_visible(&record, current.as_ref()) && (record.new_data_dir.is_nil() || access.exists(&data)?);
        let edit = is_edit(&record);
        doubts.push(Doubt {
            id: record.id,
            bucket: record.bucket.clone(),
            object: record.object.clone(),
            version_id: record.version_id,
            mod_time: record.mod_time,
            removal: record.removal,
            edit,
            upload: record.upload.clone(),
            applied,
        });
    }
    Ok(doubts)
}
