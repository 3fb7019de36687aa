//! Small files and folders of the drive's own, below `.minio.sys`; and trees moved away as a whole.

use super::access::{Access, if_any};
use super::journal::entry::Entry;
use super::paths::{self, SYS};
use super::queue;
use super::shared::Shared;
use crate::{DriveResult, FileKind};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use std::sync::Arc;

/// The largest such file: MinIO's heal queue of 100,000 entries is about as long.
const MAX_FILE: usize = 16 << 20;

pub(super) fn list(access: &Access<'_>, path: &str) -> DriveResult<Vec<String>> {
    let entries = access.read_dir(path)?;
    let mut names: Vec<String> = entries
        .into_iter()
        .map(|entry| if entry.kind == FileKind::Dir { entry.name + "/" } else { entry.name })
        .collect();
    names.sort_unstable();
    Ok(names)
}

pub(super) fn read(access: &Access<'_>, path: &str) -> DriveResult<Bytes> {
    access.read(path, MAX_FILE)
}

pub(super) fn write(access: &Access<'_>, path: &str, bytes: Bytes) -> DriveResult<()> {
    let dir = paths::parent(path);
    let made = {
        let _shared = access.shared.tree.read();
        access.make_dirs(SYS, dir)?
    };
    access.sync_fresh(dir, &made)?;
    access.replace(path, bytes)
}

pub(super) fn remove(access: &Access<'_>, path: &str) -> DriveResult<()> {
    if access.unlink(path)? { access.sync_dir(paths::parent(path)) } else { Ok(()) }
}

/// Durable when it returns: the tree doesn't come back.
pub(super) fn remove_tree(shared: &Arc<Shared>, path: String) -> BoxFuture<'static, DriveResult<()>> {
    let prepare = {
        let path = path.clone();
        move |access: &Access<'_>| Ok(access.exists(&path)?.then_some(Entry::RemoveTree { path }))
    };
    queue::alone(shared, prepare, move |access| remove_tree_now(access, &path))
}

pub(super) fn remove_tree_now(access: &Access<'_>, path: &str) -> DriveResult<()> {
    let parent = paths::parent(path);
    if access.trash(path)? {
        if_any(access.sync_dir(parent))?;
    }
    access.prune(parent);
    Ok(())
}
