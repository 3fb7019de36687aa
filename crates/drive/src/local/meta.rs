//! Reading a name's metadata: one job, few system calls.

use super::access::Access;
use super::commit::MAX_XL_META;
use super::old;
use super::paths::{self, XL_META};
use super::shared::Shared;
use crate::{DriveError, DriveResult};
use bytes::Bytes;
use format::xl::{METADATA_READ_SIZE, XlMeta, metadata_size};
use std::sync::Arc;

/// Metadata of up to this size, which with its inline data is copied in some microseconds, is read on the asking
/// thread if the system has it in memory. The largest that is inlined by default is 128 KiB.
const MAX_AT_ONCE: usize = 160 << 10;

/// All of it, if that takes no waiting; else, or if anything is wrong, [`read`] must be asked.
pub(super) fn read_at_once(shared: &Shared, object: &str) -> Option<Arc<XlMeta>> {
    if let Some(meta) = shared.known.meta(object, true) {
        return Some(meta);
    }
    let fs = shared.engine.at_once()?;
    let ticket = shared.known.meta_ticket(object);
    let file = match shared.unwritten.get(object) {
        Some(file) => file,
        None => fs.read_cached(&paths::join(object, XL_META), MAX_AT_ONCE)?,
    };
    let meta = Arc::new(XlMeta::parse(&file).ok()?);
    shared.known.put_meta(ticket, object, &meta, file.len(), true);
    Some(meta)
}

/// The longest `xl.json`: ten thousand parts with a checksum each take a quarter of it.
pub(super) const OLD_SIZE: usize = 16 << 20;

/// All of it.
pub(super) fn read(access: &Access<'_>, bucket: &str, object: &str) -> DriveResult<Arc<XlMeta>> {
    let path = paths::join(object, XL_META);
    let known = &access.shared.known;
    let ticket = known.meta_ticket(object);
    let Some(file) = access.read_if_any(&path, MAX_XL_META)? else {
        let Some((meta, size)) = old::read(access, object)? else {
            return Err(access.or_bucket_missing(bucket, access.not_found(object)));
        };
        let meta = Arc::new(meta);
        known.put_meta(ticket, object, &meta, size, true);
        return Ok(meta);
    };
    let meta = XlMeta::parse(&file).map(Arc::new).map_err(|error| access.corrupt(&path, error))?;
    known.put_meta(ticket, object, &meta, file.len(), true);
    Ok(meta)
}

/// Without inline data; `anew` whatever is known of it. The outer error says that there is no such file.
pub(super) fn read_without_inline(access: &Access<'_>, object: &str, anew: bool) -> DriveResult<(Arc<XlMeta>, usize)> {
    let known = &access.shared.known;
    if anew {
        known.forget_meta(object);
    } else if let Some(meta) = known.meta(object, false) {
        return Ok((meta, METADATA_READ_SIZE));
    }
    let ticket = known.meta_ticket(object);
    let path = paths::join(object, XL_META);
    let head = access.reading(&path, access.fs.read_head(&path, METADATA_READ_SIZE));
    let mut head = match head {
        Err(missing @ DriveError::NotFound { .. }) => {
            let (meta, size) = old::read(access, object)?.ok_or(missing)?;
            let meta = Arc::new(meta);
            known.put_meta(ticket, object, &meta, size, true);
            return Ok((meta, size));
        }
        read => read?,
    };
    let corrupt = |error| access.corrupt(&path, error);
    match metadata_size(&head).map_err(corrupt)? {
        Some(size) if size <= head.len() => head.truncate(size),
        Some(size) if size <= MAX_XL_META => head = access.reading(&path, access.fs.read_head(&path, size))?,
        Some(_) => return Err(access.corrupt(&path, "it is too long")),
        None => {
            let whole = access.read(&path, MAX_XL_META)?;
            let meta = Arc::new(XlMeta::parse(&whole).map_err(corrupt)?);
            known.put_meta(ticket, object, &meta, whole.len(), true);
            return Ok((meta, whole.len()));
        }
    }
    // The buffer was larger.
    let head = Bytes::copy_from_slice(&head);
    let meta = Arc::new(XlMeta::parse_without_inline(&head).map_err(corrupt)?);
    known.put_meta(ticket, object, &meta, head.len(), false);
    Ok((meta, head.len()))
}
