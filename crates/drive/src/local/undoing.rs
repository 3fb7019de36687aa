//! Taking back a commit: what it replaced is put back, its own data goes.

use super::access::Access;
use super::commit::MAX_XL_META;
use super::journal::entry::{PutBack, UndoEntry};
use super::leftovers::References;
use super::object_dirs;
use super::paths::{self, SYS, XL_META};
use super::record::{Record, Standing};
use crate::DriveResult;
use bytes::Bytes;

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
    object_dirs::make_in_tree(access, bucket, object)?;
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
