//! Shard files: written in staging, read in place.

use super::access::{Access, if_any};
use super::paths::{self, LEGACY_DIR};
use super::shared::{ANSWER_LIMIT, Shared};
use super::trash;
use crate::{DriveError, DriveResult, ReadFile, ShardReader, ShardWriter, Staging, WriteFile};
use async_trait::async_trait;
use bytes::Bytes;
use std::sync::Arc;
use uuid::Uuid;

/// Left free for metadata when the size of new data is known beforehand.
const KEPT_FREE: u64 = 4 << 20;

pub(super) async fn stage(
    shared: &Arc<Shared>,
    staging: Staging,
    data_dir: Uuid,
    part: u32,
    size: Option<u64>,
) -> DriveResult<Box<dyn ShardWriter>> {
    let dir = paths::staging_dir(staging.0, data_dir);
    let path = paths::join(&dir, &paths::part_file(part));
    let created = path.clone();
    let create = move |access: &Access<'_>| {
        if let Some(size) = size {
            make_room(access, &created, size)?;
        }
        access.make_dir(paths::parent(&dir))?;
        access.make_dir(&dir)?;
        let mut file = access.create(&created)?;
        if let Some(size) = size {
            // Others may have taken the room since.
            access.writing(&created, file.expect(size)).or_else(|error| match error {
                DriveError::Full { .. } => {
                    trash::empty_now(access)?;
                    access.writing(&created, file.expect(size))
                }
                other => Err(other),
            })?;
        }
        Ok(file)
    };
    let clear = move |access: &Access<'_>| {
        // What stays lies there until it is stale.
        let _remains = access.trash(&paths::staging(staging.0));
    };
    let file = shared.run_or_clear(ANSWER_LIMIT, create, clear).await?;
    Ok(Box::new(LocalShardWriter { shared: Arc::clone(shared), path, file: Some(file) }))
}

/// Sees to it that a file of `size` bytes fits, if need be by emptying the trash before its time.
fn make_room(access: &Access<'_>, path: &str, size: u64) -> DriveResult<()> {
    let fits = || {
        let space = access.reading(path, access.fs.space())?;
        Ok(space.free >= size.saturating_add(KEPT_FREE))
    };
    if fits()? {
        return Ok(());
    }
    trash::empty_now(access)?;
    if fits()? { Ok(()) } else { Err(DriveError::Full { drive: access.drive(), path: path.to_owned() }) }
}

pub(super) async fn discard(shared: &Arc<Shared>, staging: Staging) -> DriveResult<()> {
    let path = paths::staging(staging.0);
    let discard = move |access: &Access<'_>| {
        if access.shared.journal.is_emptied(&path) {
            // A commit took what was in it. A file system may keep its removal, and lose the move out of it.
            return Ok(());
        }
        access.trash(&path).map(drop)
    };
    shared.run(ANSWER_LIMIT, discard).await
}

pub(super) async fn open(
    shared: &Arc<Shared>,
    bucket: &str,
    object: &str,
    data_dir: &str,
    part: u32,
) -> DriveResult<Box<dyn ShardReader>> {
    let object = paths::in_bucket(&shared.name, bucket, object)?;
    if data_dir.is_empty() || data_dir == LEGACY_DIR {
        return open_old(shared, &object, part).await;
    }
    let path = paths::join(&paths::join(&object, data_dir), &paths::part_file(part));
    paths::check(&shared.name, &path)?;
    open_file(shared, path).await
}

/// A part of the oldest format, whether or not its object has been converted.
async fn open_old(shared: &Arc<Shared>, object: &str, part: u32) -> DriveResult<Box<dyn ShardReader>> {
    let file = paths::part_file(part);
    let converted = open_file(shared, paths::join(&paths::join(object, LEGACY_DIR), &file)).await;
    match converted {
        Err(DriveError::NotFound { .. }) => open_file(shared, paths::join(object, &file)).await,
        opened => opened,
    }
}

async fn open_file(shared: &Arc<Shared>, path: String) -> DriveResult<Box<dyn ShardReader>> {
    shared.admit()?;
    let file = match shared.engine.at_once().and_then(|fs| fs.open_cached(&path)) {
        Some(file) => file,
        None => {
            let opened = path.clone();
            shared.run(ANSWER_LIMIT, move |access| access.reading(&opened, access.fs.open(&opened))).await?
        }
    };
    Ok(Box::new(LocalShardReader { shared: Arc::clone(shared), path, file }))
}

/// Puts a part of an upload in its place (section 9.3 of MinIO's format).
pub(super) async fn put_part(
    shared: &Arc<Shared>,
    upload: &str,
    data_dir: Uuid,
    part: u32,
    staging: Staging,
    record: Bytes,
) -> DriveResult<()> {
    let upload = paths::in_bucket(&shared.name, paths::SYS, upload)?;
    let staging_dir = paths::staging(staging.0);
    let staged = paths::join(&paths::staging_dir(staging.0, data_dir), &paths::part_file(part));
    let work = move |access: &Access<'_>| {
        let dir = paths::join(&upload, &data_dir.to_string());
        let file = paths::join(&dir, &paths::part_file(part));
        let record_file = paths::join(&dir, &paths::part_record(part));
        access.shared.unwritten.write_out(access, &upload)?;
        let made = {
            // Whoever ends the upload takes its directory away as a whole: it is not made anew.
            let _shared = access.shared.tree.read();
            access.make_dirs(&upload, &dir)?
        };
        access.sync_fresh(&dir, &made)?;
        // Never may the one's record stand beside the other's data: the earlier part goes first, for certain.
        if access.unlink(&record_file)? | access.unlink(&file)? {
            access.sync_dir(&dir)?;
        }
        access.rename(&staged, &file)?;
        access.replace(&record_file, record)?;
        super::tidy::remove_empty(access, &[&paths::staging_dir(staging.0, data_dir), &staging_dir]);
        Ok(())
    };
    shared.run(ANSWER_LIMIT, work).await
}

#[derive(Debug)]
struct LocalShardWriter {
    shared: Arc<Shared>,
    path: String,
    /// Away while a piece is being written; lost for good if that future is dropped.
    file: Option<Box<dyn WriteFile>>,
}

impl LocalShardWriter {
    fn take(&mut self) -> DriveResult<Box<dyn WriteFile>> {
        let gone = || DriveError::Io {
            drive: self.shared.name.clone(),
            path: self.path.clone(),
            source: Arc::new(std::io::Error::other("an earlier write to the file broke off")),
        };
        self.file.take().ok_or_else(gone)
    }
}

#[async_trait]
impl ShardWriter for LocalShardWriter {
    async fn write(&mut self, frames: Vec<Bytes>) -> DriveResult<()> {
        let mut file = self.take()?;
        let path = self.path.clone();
        let written = self.shared.run(ANSWER_LIMIT, move |access| {
            access.writing(&path, file.append(&frames))?;
            Ok(file)
        });
        self.file = Some(written.await?);
        Ok(())
    }

    async fn finish(mut self: Box<Self>) -> DriveResult<()> {
        let mut file = self.take()?;
        let path = self.path.clone();
        // The names are synced where the file goes: by the commit, or in the upload's directory.
        self.shared.run(ANSWER_LIMIT, move |access| access.sync_file(&path, file.as_mut())).await
    }
}

#[derive(Debug)]
struct LocalShardReader {
    shared: Arc<Shared>,
    path: String,
    file: Arc<dyn ReadFile>,
}

impl LocalShardReader {
    /// `None` if it takes a job to read this, or to say what is wrong with it.
    async fn read_without_thread(&self, offset: u64, length: usize) -> DriveResult<Option<Bytes>> {
        self.shared.in_service()?;
        let Some(reading) = Arc::clone(&self.file).begin_read(offset, length) else { return Ok(None) };
        let read = self.shared.within(ANSWER_LIMIT, reading).await?;
        Ok(read.ok().filter(|bytes| bytes.len() == length))
    }
}

#[async_trait]
impl ShardReader for LocalShardReader {
    async fn read_at(&self, offset: u64, length: usize) -> DriveResult<Bytes> {
        if let Some(bytes) = self.read_without_thread(offset, length).await? {
            return Ok(bytes);
        }
        let (path, file) = (self.path.clone(), Arc::clone(&self.file));
        let read = move |access: &Access<'_>| {
            let bytes = access.reading(&path, file.read_at(offset, length))?;
            if bytes.len() < length {
                return Err(access.corrupt(&path, format!("it ends before byte {offset} + {length}")));
            }
            Ok(bytes)
        };
        self.shared.run(ANSWER_LIMIT, read).await
    }

    fn read_at_once(&self, offset: u64, buffer: &mut [u8]) -> bool {
        self.shared.in_service().is_ok() && self.file.read_cached(offset, buffer)
    }

    fn len(&self) -> u64 {
        self.file.size()
    }
}

/// The numbers of the parts of which both the file and its record are there.
pub(super) async fn list_parts(shared: &Arc<Shared>, upload: &str, data_dir: Uuid) -> DriveResult<Vec<u32>> {
    let upload = paths::in_bucket(&shared.name, paths::SYS, upload)?;
    let work = move |access: &Access<'_>| {
        let dir = paths::join(&upload, &data_dir.to_string());
        let Some(entries) = if_any(access.read_dir(&dir))? else {
            // No part yet, or no upload any more.
            return if access.exists(&upload)? { Ok(Vec::new()) } else { Err(access.not_found(&upload)) };
        };
        let names: std::collections::HashSet<&str> = entries.iter().map(|entry| entry.name.as_str()).collect();
        let mut parts: Vec<u32> = names.iter().filter_map(|name| paths::part_number(name)).collect();
        parts.retain(|part| names.contains(paths::part_record(*part).as_str()));
        parts.sort_unstable();
        Ok(parts)
    };
    shared.run(ANSWER_LIMIT, work).await
}

/// A part's record has a name, a few numbers and perhaps a compression index.
const MAX_PART_RECORD: usize = 1 << 20;

pub(super) async fn read_parts(
    shared: &Arc<Shared>,
    upload: &str,
    data_dir: Uuid,
    parts: &[u32],
) -> DriveResult<Vec<DriveResult<Bytes>>> {
    let dir = paths::join(&paths::in_bucket(&shared.name, paths::SYS, upload)?, &data_dir.to_string());
    let parts = parts.to_vec();
    let work = move |access: &Access<'_>| {
        let read = |part: &u32| {
            access.stat(&paths::join(&dir, &paths::part_file(*part)))?;
            access.read(&paths::join(&dir, &paths::part_record(*part)), MAX_PART_RECORD)
        };
        Ok(parts.iter().map(read).collect())
    };
    shared.run(ANSWER_LIMIT, work).await
}

pub(super) async fn remove_part(shared: &Arc<Shared>, upload: &str, data_dir: Uuid, part: u32) -> DriveResult<()> {
    let dir = paths::join(&paths::in_bucket(&shared.name, paths::SYS, upload)?, &data_dir.to_string());
    let work = move |access: &Access<'_>| {
        let record = access.unlink(&paths::join(&dir, &paths::part_record(part)))?;
        let file = access.unlink(&paths::join(&dir, &paths::part_file(part)))?;
        if record || file { access.sync_dir(&dir) } else { Ok(()) }
    };
    shared.run(ANSWER_LIMIT, work).await
}
