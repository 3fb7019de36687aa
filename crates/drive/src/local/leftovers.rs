//! What a commit leaves to be cleared away once its outcome is known.

use super::access::{Access, if_any};
use super::change;
use super::commit::MAX_XL_META;
use super::paths::{self, DOUBTS, SYS, XL_META};
use super::record::{Record, RecordError};
use crate::DriveResult;
use bytes::Bytes;
use format::xl::{Version, XlMeta};
use std::collections::HashSet;
use std::sync::Arc;
use uuid::Uuid;

/// A record holds a whole `xl.meta` and little more.
const MAX_RECORD: usize = MAX_XL_META + (16 << 20);

/// What a commit left to be cleared away by its outcome.
#[derive(Clone, Debug)]
pub(super) struct Leftovers {
    pub(super) id: Uuid,
    pub(super) kept: Kept,
    /// Found at opening rather than made since.
    recovered: bool,
    pub(super) sequence: u64,
    pub(super) object: String,
    removal: bool,
    pub(super) new_data_dir: Uuid,
    upload: Option<String>,
    pub(super) replaced: Vec<String>,
}

/// Where the record is.
#[derive(Clone, Debug)]
pub(super) enum Kept {
    /// In memory, and in this frame of the journal.
    Journal(Arc<Record>, u64),
    File(String),
}

impl Leftovers {
    /// Of a commit made now.
    pub(super) fn of_commit(record: &Arc<Record>, frame: u64, sequence: u64) -> Self {
        Leftovers::new(record, Kept::Journal(Arc::clone(record), frame), sequence, false)
    }

    pub(super) fn new(record: &Record, kept: Kept, sequence: u64, recovered: bool) -> Self {
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

    /// The same with its record in a file.
    pub(super) fn kept_in(&self, file: &str) -> Self {
        Leftovers { kept: Kept::File(file.to_owned()), ..self.clone() }
    }

    /// The number of the journal's frame that it is in; `None` if it is in a file.
    pub(super) fn frame(&self) -> Option<u64> {
        match self.kept {
            Kept::Journal(_, frame) => Some(frame),
            Kept::File(_) => None,
        }
    }

    /// Nothing is to be done once it is settled.
    pub(super) fn leaves_nothing(&self) -> bool {
        self.frame().is_some() && !self.removal && self.upload.is_none() && self.replaced.is_empty()
    }

    pub(super) fn record(&self, access: &Access<'_>) -> DriveResult<Option<Arc<Record>>> {
        match &self.kept {
            Kept::Journal(record, _) => Ok(Some(Arc::clone(record))),
            Kept::File(file) => Ok(read_record(access, file)?.map(Arc::new)),
        }
    }
}

/// A record, or `None` for one that is of no use and is set aside.
pub(super) fn read_record(access: &Access<'_>, file: &str) -> DriveResult<Option<Record>> {
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

/// What was decided at an opening is durable before anything is built upon it.
pub(super) fn drop_file(access: &Access<'_>, concluded: &Leftovers) -> DriveResult<()> {
    let Kept::File(file) = &concluded.kept else { return Ok(()) };
    if access.unlink(file)? && concluded.recovered { access.sync_dir(DOUBTS) } else { Ok(()) }
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

/// What a name's metadata refers to. Metadata that can't be read refers to everything.
pub(super) enum References {
    Nothing,
    Known(XlMeta),
    Unknown,
}

/// Whether metadata refers to a data directory.
pub(super) fn refers_to(meta: &Bytes, dir: &str) -> bool {
    References::of(Some(meta)).to(dir)
}

impl References {
    pub(super) fn of(current: Option<&Bytes>) -> Self {
        match current.map(XlMeta::parse) {
            None => References::Nothing,
            Some(Ok(meta)) => References::Known(meta),
            Some(Err(_)) => References::Unknown,
        }
    }

    pub(super) fn to(&self, dir: &str) -> bool {
        match self {
            References::Nothing => false,
            References::Known(meta) => change::refers_to(meta, dir),
            References::Unknown => true,
        }
    }
}
