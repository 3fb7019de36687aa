//! Buckets: the directories at the top of a drive.

use super::access::{Access, if_any};
use super::journal::entry::Entry;
use super::paths::{self, XL_JSON, XL_META};
use super::queue;
use super::shared::Shared;
use crate::{BucketEntry, DirEntry, DriveError, DriveResult, FileKind};
use format::names::BucketName;
use futures_util::future::BoxFuture;
use std::sync::Arc;

pub(super) fn make(shared: &Arc<Shared>, bucket: &str) -> BoxFuture<'static, DriveResult<()>> {
    let (entry, bucket) = (Entry::MakeBucket { bucket: bucket.to_owned() }, bucket.to_owned());
    let prepare = {
        let bucket = bucket.clone();
        move |access: &Access<'_>| {
            if access.exists(&bucket)? {
                return Err(DriveError::BucketExists { drive: access.drive(), bucket });
            }
            Ok(Some(entry))
        }
    };
    queue::alone(shared, prepare, move |access| {
        let made = {
            let _shared = access.shared.tree.read();
            access.make_dirs("", &bucket)?
        };
        access.sync_fresh(&bucket, &made)
    })
}

pub(super) fn stat(access: &Access<'_>, bucket: &str) -> DriveResult<BucketEntry> {
    let missing = || DriveError::BucketNotFound { drive: access.drive(), bucket: bucket.to_owned() };
    let stat = if_any(access.stat(bucket))?.filter(|stat| stat.kind == FileKind::Dir).ok_or_else(missing)?;
    Ok(BucketEntry { name: bucket.to_owned(), created: stat.modified })
}

pub(super) fn list(access: &Access<'_>) -> DriveResult<Vec<String>> {
    let is_bucket = |entry: &DirEntry| entry.kind == FileKind::Dir && BucketName::relaxed(&entry.name).is_ok();
    let mut buckets: Vec<String> = access.read_dir("")?.into_iter().filter(is_bucket).map(|entry| entry.name).collect();
    buckets.sort_unstable();
    Ok(buckets)
}

pub(super) fn delete(shared: &Arc<Shared>, bucket: &str, force: bool) -> BoxFuture<'static, DriveResult<()>> {
    let bucket = bucket.to_owned();
    let prepare = {
        let bucket = bucket.clone();
        move |access: &Access<'_>| {
            stat(access, &bucket)?;
            // Nothing is put into the bucket between the look and the move: changes of names stand in the same line.
            if !force && has_object(access, &bucket)? {
                return Err(DriveError::BucketNotEmpty { drive: access.drive(), bucket });
            }
            Ok(Some(Entry::RemoveTree { path: bucket }))
        }
    };
    queue::alone(shared, prepare, move |access| {
        // It takes the lock by itself.
        access.shared.unwritten.write_out(access, &bucket)?;
        {
            let _alone = access.shared.tree.write();
            access.trash(&bucket)?;
        }
        access.sync_dir("")
    })
}

/// Whether any name below the directory has metadata. Directories and data without it belong to no object.
fn has_object(access: &Access<'_>, top: &str) -> DriveResult<bool> {
    let mut dirs = vec![top.to_owned()];
    while let Some(dir) = dirs.pop() {
        for entry in if_any(access.read_dir(&dir))?.unwrap_or_default() {
            match entry.kind {
                FileKind::Dir => dirs.push(paths::join(&dir, &entry.name)),
                _ if matches!(entry.name.as_str(), XL_META | XL_JSON) => return Ok(true),
                _ => {}
            }
        }
    }
    Ok(false)
}
