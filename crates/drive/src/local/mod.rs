//! A drive of this machine: MinIO's layout on a file system, over an [`Engine`](crate::Engine).
//!
//! Each operation is one job: a function that does all its calls on one of the engine's threads. What is synced
//! when, and what a crash leaves, is in docs/drives.md.

mod access;
mod buckets;
mod cache;
mod change;
mod checkpoint;
mod commit;
mod doubts;
mod fields;
mod files;
mod fresh;
mod journal;
mod leftovers;
mod line;
mod meta;
mod names;
mod object_dirs;
mod offline;
mod old;
mod open;
mod paths;
mod pending;
mod queue;
mod ready;
mod record;
mod replay;
mod shards;
mod shared;
mod tidy;
mod trash;
mod undoing;
mod unwritten;
mod walk;
mod watch;
mod watched;
mod writable;

pub use journal::JournalSize;
pub use journal::entry::{CommitEntry, Entry as JournalEntry, PutBack, UndoEntry};
pub use journal::frame::{self as journal_frame};
pub use journal::scan::{self as journal_scan};
pub use offline::{Rest, hold, rest};
pub use open::{LocalSlot, NewEngine};
pub use record::{Digest as RecordDigest, Record as DoubtRecord, RecordError, Standing};

use crate::{
    BucketEntry, Commit, Committed, Doubt, Drive, DriveResult, DriveState, ShardReader, ShardWriter, Space, Staging,
    Walk, WalkOptions,
};
use access::Access;
use async_trait::async_trait;
use base::Timestamp;
use bytes::Bytes;
use format::xl::XlMeta;
use futures_util::future::BoxFuture;
use paths::{SYS, in_bucket};
use shared::{ANSWER_LIMIT, LONG_LIMIT, Shared};
use std::sync::Arc;
use uuid::Uuid;

/// A drive in service.
#[derive(Debug)]
pub struct LocalDrive {
    shared: Arc<Shared>,
    id: Uuid,
}

impl LocalDrive {
    /// A job about one bucket.
    async fn in_bucket<T: Send + 'static>(
        &self,
        bucket: &str,
        work: impl FnOnce(&Access<'_>, &str) -> DriveResult<T> + Send + 'static,
    ) -> DriveResult<T> {
        in_bucket(&self.shared.name, bucket, "x")?;
        let bucket = bucket.to_owned();
        self.shared.run(ANSWER_LIMIT, move |access| work(access, &bucket)).await
    }

    /// `object` with its bucket.
    async fn read_meta_from_drive(&self, bucket: &str, object: String) -> DriveResult<Arc<XlMeta>> {
        let bucket_length = bucket.len();
        let read = move |access: &Access<'_>| meta::read(access, &object[..bucket_length], &object);
        self.shared.run(ANSWER_LIMIT, read).await
    }

    /// A job about one path below `.minio.sys`.
    async fn in_sys<T: Send + 'static>(
        &self,
        path: &str,
        work: impl FnOnce(&Access<'_>, &str) -> DriveResult<T> + Send + 'static,
    ) -> DriveResult<T> {
        let path = in_bucket(&self.shared.name, SYS, path)?;
        self.shared.run(ANSWER_LIMIT, move |access| work(access, &path)).await
    }
}

#[async_trait]
impl Drive for LocalDrive {
    fn name(&self) -> &str {
        &self.shared.name
    }

    fn id(&self) -> Uuid {
        self.id
    }

    fn state(&self) -> DriveState {
        self.shared.state()
    }

    async fn space(&self) -> DriveResult<Space> {
        self.shared.run(ANSWER_LIMIT, |access| access.reading("", access.fs.space())).await
    }

    async fn make_bucket(&self, bucket: &str) -> DriveResult<()> {
        in_bucket(&self.shared.name, bucket, "x")?;
        buckets::make(&self.shared, bucket).await
    }

    async fn stat_bucket(&self, bucket: &str) -> DriveResult<BucketEntry> {
        self.in_bucket(bucket, buckets::stat).await
    }

    async fn list_buckets(&self) -> DriveResult<Vec<String>> {
        self.shared.run(ANSWER_LIMIT, buckets::list).await
    }

    async fn delete_bucket(&self, bucket: &str, force: bool) -> DriveResult<()> {
        in_bucket(&self.shared.name, bucket, "x")?;
        buckets::delete(&self.shared, bucket, force).await
    }

    async fn read_meta(&self, bucket: &str, object: &str) -> DriveResult<Arc<XlMeta>> {
        let object = in_bucket(&self.shared.name, bucket, object)?;
        self.shared.admit()?;
        if let Some(meta) = meta::read_at_once(&self.shared, &object) {
            return Ok(meta);
        }
        self.read_meta_from_drive(bucket, object).await
    }

    async fn read_meta_anew(&self, bucket: &str, object: &str) -> DriveResult<Arc<XlMeta>> {
        let object = in_bucket(&self.shared.name, bucket, object)?;
        self.shared.known.forget_meta(&object);
        self.read_meta_from_drive(bucket, object).await
    }

    fn commit(&self, commit: Commit) -> BoxFuture<'static, DriveResult<Committed>> {
        commit::begin(&self.shared, commit)
    }

    fn settle(&self, id: Uuid) -> BoxFuture<'static, DriveResult<()>> {
        pending::settle(&self.shared, id)
    }

    fn undo(&self, id: Uuid) -> BoxFuture<'static, DriveResult<()>> {
        pending::undo(&self.shared, id)
    }

    async fn doubts(&self) -> DriveResult<Vec<Doubt>> {
        self.shared.run(LONG_LIMIT, doubts::doubts).await
    }

    async fn walk(&self, options: WalkOptions) -> DriveResult<Box<dyn Walk>> {
        walk::begin(&self.shared, options).await
    }

    async fn remove_tree(&self, bucket: &str, path: &str) -> DriveResult<()> {
        let path = in_bucket(&self.shared.name, bucket, path.trim_end_matches('/'))?;
        files::remove_tree(&self.shared, path).await
    }

    async fn stage_shard(
        &self,
        staging: Staging,
        data_dir: Uuid,
        part: u32,
        size: Option<u64>,
    ) -> DriveResult<Box<dyn ShardWriter>> {
        shards::stage(&self.shared, staging, data_dir, part, size).await
    }

    async fn discard(&self, staging: Staging) -> DriveResult<()> {
        shards::discard(&self.shared, staging).await
    }

    async fn open_shard(
        &self,
        bucket: &str,
        object: &str,
        data_dir: &str,
        part: u32,
    ) -> DriveResult<Box<dyn ShardReader>> {
        shards::open(&self.shared, bucket, object, data_dir, part).await
    }

    async fn put_part(
        &self,
        upload: &str,
        data_dir: Uuid,
        part: u32,
        staging: Staging,
        record: Bytes,
    ) -> DriveResult<()> {
        shards::put_part(&self.shared, upload, data_dir, part, staging, record).await
    }

    async fn read_parts(&self, upload: &str, data_dir: Uuid, parts: &[u32]) -> DriveResult<Vec<DriveResult<Bytes>>> {
        shards::read_parts(&self.shared, upload, data_dir, parts).await
    }

    async fn list_parts(&self, upload: &str, data_dir: Uuid) -> DriveResult<Vec<u32>> {
        shards::list_parts(&self.shared, upload, data_dir).await
    }

    async fn remove_part(&self, upload: &str, data_dir: Uuid, part: u32) -> DriveResult<()> {
        shards::remove_part(&self.shared, upload, data_dir, part).await
    }

    async fn list_dir(&self, path: &str) -> DriveResult<Vec<String>> {
        self.in_sys(path, files::list).await
    }

    async fn read_file(&self, path: &str) -> DriveResult<Bytes> {
        self.in_sys(path, files::read).await
    }

    async fn write_file(&self, path: &str, bytes: Bytes) -> DriveResult<()> {
        self.in_sys(path, move |access, path| files::write(access, path, bytes)).await
    }

    async fn remove_file(&self, path: &str) -> DriveResult<()> {
        self.in_sys(path, files::remove).await
    }

    async fn tidy(&self, stale_before: Timestamp) -> DriveResult<()> {
        tidy::tidy(&self.shared, stale_before).await
    }

    async fn close(&self) {
        self.shared.close().await;
    }
}
