//! The commits in doubt as a drive tells them, and the files that keep their records when the journal doesn't.

use super::access::{Access, if_any};
use super::commit::MAX_XL_META;
use super::leftovers::{Kept, Leftovers, clean_up, drop_file, read_record, was_settled};
use super::paths::{self, DOUBTS, XL_META};
use super::record::{Record, Standing};
use crate::{Doubt, DriveResult, FileKind};
use bytes::Bytes;
use format::xl::XlMeta;
use std::collections::{HashMap, HashSet};
use std::sync::atomic::Ordering;
use uuid::Uuid;

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
        let is_concluded = !access.shared.pending.lock().replace(leftovers.kept_in(&file));
        if is_concluded {
            access.unlink(&file)?;
        }
    }
    Ok(())
}

pub(super) fn doubt_file(sequence: u64, id: Uuid) -> String {
    format!("{DOUBTS}/{sequence:016x}-{id}")
}

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
        let visible = is_visible(&record, current.as_ref());
        let applied = visible && (record.new_data_dir.is_nil() || access.exists(&data)?);
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
            // It was made here: an opening makes what the journal says.
            hidden: !visible,
        });
    }
    Ok(doubts)
}
