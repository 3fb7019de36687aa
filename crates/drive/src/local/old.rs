//! Objects of the oldest format: an `xl.json` with the part files beside it (on-disk-format.md 7.7). Only drives whose format
//! says `CRCMOD` have them.
//!
//! They are read as they are. Before the first change to such a name it is converted, in steps each of which leaves
//! something that is read the same: the part files move to `legacy/`, the `xl.json` is replaced by what the `xl.meta` will
//! hold, and is then called so. Readers look in both places for part files.

use super::access::{Access, if_any};
use super::commit::MAX_XL_META;
use super::meta::OLD_SIZE;
use super::paths::{self, LEGACY_DIR, XL_JSON, XL_META};
use crate::{DriveResult, FileKind};
use bytes::Bytes;
use format::xl::XlMeta;
use std::sync::atomic::Ordering;

/// What stands in the place of the `xl.meta` that isn't there, if anything does.
pub(super) fn read(access: &Access<'_>, object: &str) -> DriveResult<Option<(XlMeta, usize)>> {
    if !access.shared.old_objects.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let path = paths::join(object, XL_JSON);
    let Some(file) = access.read_if_any(&path, OLD_SIZE)? else { return Ok(None) };
    let meta = XlMeta::parse_old(&file).map_err(|error| access.corrupt(&path, error))?;
    Ok(Some((meta, file.len())))
}

/// Whether the directory is an object of the oldest format.
pub(super) fn is_object(access: &Access<'_>, object: &str) -> DriveResult<bool> {
    if !access.shared.old_objects.load(Ordering::Relaxed) {
        return Ok(false);
    }
    let file = if_any(access.stat(&paths::join(object, XL_JSON)))?;
    Ok(file.is_some_and(|file| file.kind == FileKind::File))
}

/// Makes an `xl.meta` of an `xl.json`, durably; what it holds then. The caller has the name to itself.
pub(super) fn convert(access: &Access<'_>, object: &str) -> DriveResult<Option<Bytes>> {
    if !access.shared.old_objects.load(Ordering::Relaxed) {
        return Ok(None);
    }
    let (json, meta) = (paths::join(object, XL_JSON), paths::join(object, XL_META));
    let Some(file) = access.read_if_any(&json, MAX_XL_META)? else { return Ok(None) };
    let converted = XlMeta::convert_old(&file).map_err(|error| access.corrupt(&json, error))?;
    let bytes = Bytes::from(converted.encode());
    let legacy = paths::join(object, LEGACY_DIR);
    access.make_dir(&legacy)?;
    for entry in access.read_dir(object)? {
        if entry.kind == FileKind::File && paths::part_number(&entry.name).is_some() {
            access.rename(&paths::join(object, &entry.name), &paths::join(&legacy, &entry.name))?;
        }
    }
    access.sync_dir(&legacy)?;
    access.sync_dir(object)?;
    let staged = access.write_staged(std::slice::from_ref(&bytes))?;
    access.rename(&staged, &json)?;
    access.rename(&json, &meta)?;
    access.sync_dir(object)?;
    Ok(Some(bytes))
}

/// Moves an `xl.json` that is broken to the trash, with its part files: nothing says any more what they are.
pub(super) fn put_aside(access: &Access<'_>, object: &str) -> DriveResult<Option<Bytes>> {
    for entry in access.read_dir(object)? {
        if entry.kind == FileKind::File && (entry.name == XL_JSON || paths::part_number(&entry.name).is_some()) {
            access.trash(&paths::join(object, &entry.name))?;
        }
    }
    Ok(None)
}
