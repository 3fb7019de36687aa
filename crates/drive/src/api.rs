//! The one interface to a drive: the same for a local drive, a simulated one, and (later) a drive
//! on another node. The store above never asks which it is.
//!
//! Names reach a drive already encoded (`format::names`): an object is the path of a directory
//! below its bucket's directory. The pseudo bucket `.minio.sys` holds the internal objects.
//!
//! # Commits
//!
//! A change to a name is made durable by [`Drive::commit`], and stays *in doubt* until the store, which
//! knows what the other drives of the set did, calls [`Drive::settle`] or [`Drive::undo`]. Until then the
//! drive keeps what the change replaced (the previous `xl.meta` and data directory). Doubts survive a crash
//! and are listed by [`Drive::doubts`], for the store to decide before it serves.
//!
//! Commits to one name are applied in the order in which `commit` was *called* (the call takes a place in
//! line before its future is first polled). Dropping the future of a commit that was begun doesn't stop it.

use crate::{DriveError, WalkName};
use async_trait::async_trait;
use base::Timestamp;
use bytes::Bytes;
use format::drive_format::FormatJson;
use format::xl::{VersionEntry, XlMeta};
use futures_util::future::BoxFuture;
use std::fmt::Debug;
use std::sync::Arc;
use uuid::Uuid;

/// Result of everything a drive is asked.
pub type DriveResult<T> = Result<T, DriveError>;

/// Whether a drive can be asked, as far as is known.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DriveState {
    /// It answers.
    Online,
    /// Taken out of service until reopened: it hung, a sync failed, or it isn't the drive it was. Says why.
    Faulty(String),
}

/// Space on a drive's file system, in bytes and inodes.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Space {
    pub total: u64,
    pub free: u64,
    pub used: u64,
    /// Inodes in use; zero where the file system doesn't count them.
    pub used_inodes: u64,
    /// Free inodes; `None` where the file system doesn't count them.
    pub free_inodes: Option<u64>,
}

/// A bucket's directory on a drive.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct BucketEntry {
    pub name: String,
    /// The directory's modification time, the fallback for a bucket without metadata.
    pub created: Timestamp,
}

/// Shard files that wait in the drive's staging for a commit: one directory `tmp/<token>`.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Staging(pub Uuid);

/// Where the data directory of a committed version comes from.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum DataSource {
    /// None of its own: the data is inline, or empty, or is already in place (an update of metadata only).
    None,
    /// `tmp/<token>/<data dir>` written through [`Drive::stage_shard`].
    Staged(Staging),
    /// The upload directory's data directory (`.minio.sys/<path>/<data dir>`); the listed parts' record files
    /// are dropped and the whole upload directory goes to the trash once the commit is settled.
    Upload { path: String },
}

/// What happens to the inline data of the version being written.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Inline {
    /// Whatever is stored inline under this version id stays.
    Keep,
    /// Nothing inline.
    Remove,
    /// This drive's framed shard.
    Set(Bytes),
}

/// One drive's share of a change to a name.
#[derive(Clone, Debug)]
pub enum Change {
    /// Adds a version, or replaces the one with the same version id. Refused with
    /// [`DriveError::Superseded`] if that one is newer (by modification time) than the one to write,
    /// unless `heal` is set and they are of the same time.
    Write {
        /// The version as this drive stores it (its own shard index).
        version: VersionEntry,
        inline: Inline,
        data: DataSource,
        /// A repair: an existing data directory of the same name is replaced, nothing counts as a new write.
        heal: bool,
    },
    /// Removes one version for good, with its data; with the last version the name goes too (and parent
    /// directories that become empty). `mod_time`, when given, must be that of the version, else
    /// [`DriveError::VersionNotFound`]. A delete marker is a `Write`.
    Remove { version_id: Uuid, mod_time: Option<Timestamp> },
    /// Removes the name with everything in its `xl.meta` (dangling remains, unreadable metadata). Child names
    /// below it stay.
    Purge,
}

/// A change to one name, the same `id` on every drive of the set.
#[derive(Clone, Debug)]
pub struct Commit {
    pub id: Uuid,
    pub bucket: String,
    pub object: String,
    pub change: Change,
}

/// What a drive's commit found and left.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Committed {
    /// A digest of the ordered version list after the change: equal on drives that agree.
    pub versions_digest: u64,
}

/// A commit whose outcome the drive hasn't been told (it survived a crash).
#[derive(Clone, Debug)]
pub struct Doubt {
    pub id: Uuid,
    pub bucket: String,
    pub object: String,
    /// The version the commit was about.
    pub version_id: Uuid,
    /// Its modification time; for a removal, of the version removed.
    pub mod_time: Timestamp,
    /// Whether the commit removed the version (or the name) rather than writing it.
    pub removal: bool,
    /// Whether it changed the metadata of a version that was there, which keeps its time.
    pub edit: bool,
    /// The upload that it completed, as a path below `.minio.sys`.
    pub upload: Option<String>,
    /// Whether the change is visible on this drive (the crash may have come before that).
    pub applied: bool,
    /// Whether the name shows a later change in its place: a newer version of the same id, or its removal.
    pub hidden: bool,
}

/// One step of a walk.
#[derive(Clone, Debug)]
pub enum WalkEntry {
    /// A name that holds an `xl.meta` (encoded name, relative to the bucket). The metadata, without inline data;
    /// an error if this drive's copy can't be read.
    Object { name: WalkName, meta: Result<Arc<XlMeta>, DriveError> },
    /// A directory without `xl.meta`, name ends in `/`. Only from walks that don't recurse.
    Prefix { name: WalkName },
}

impl WalkEntry {
    /// The encoded name; prefixes end in `/`.
    pub fn name(&self) -> &str {
        match self {
            WalkEntry::Object { name, .. } | WalkEntry::Prefix { name } => name,
        }
    }
}

/// What to walk.
#[derive(Clone, Debug, Default)]
pub struct WalkOptions {
    pub bucket: String,
    /// Only names beginning with this (decoded, as in the listing; need not end at a `/`).
    pub prefix: String,
    /// Begin after this (decoded, as in the listing's order), or at it if `inclusive`. Cheap: what lies before
    /// isn't read.
    pub after: String,
    pub inclusive: bool,
    /// Descend to the leaves; else stop at the first `/` after the prefix.
    pub recursive: bool,
    /// The first batch need not have more entries than this: what it has is read from the drive. Zero leaves it to
    /// the drive.
    pub first_batch: usize,
    /// What the drive itself has, whatever may be known of it: for repairs.
    pub anew: bool,
}

/// A walk in progress: entries in the byte order of *decoded* names (a directory object `a__XLDIR__` sorts and
/// counts as `a/`), in batches. Drop it to end it.
#[async_trait]
pub trait Walk: Send {
    /// The next entries, at least one; empty at the end. An error ends the walk.
    async fn next_batch(&mut self) -> DriveResult<Vec<WalkEntry>>;
}

/// A shard file being written into staging.
#[async_trait]
pub trait ShardWriter: Send {
    /// Appends whole frames (digest and shard). Pieces are written in order.
    async fn write(&mut self, frames: Vec<Bytes>) -> DriveResult<()>;

    /// Syncs the file's data, every new directory above it and its directory entry: after this a commit may
    /// refer to it.
    async fn finish(self: Box<Self>) -> DriveResult<()>;
}

/// An open shard file.
#[async_trait]
#[expect(clippy::len_without_is_empty, reason = "nobody asks: a file is checked against the size it should have")]
pub trait ShardReader: Send + Sync {
    /// `length` bytes at `offset`, or [`DriveError::Corrupt`] if the file ends before.
    async fn read_at(&self, offset: u64, length: usize) -> DriveResult<Bytes>;

    /// Fills the buffer from `offset` on if that takes no waiting; else (also if anything is wrong) the buffer's content is
    /// anything, and [`ShardReader::read_at`] must be asked.
    fn read_at_once(&self, offset: u64, buffer: &mut [u8]) -> bool {
        let _not_known = (offset, buffer);
        false
    }

    /// The file's size in bytes.
    fn len(&self) -> u64;
}

/// A place on the command line where a drive should be. It can be opened again and again: at start, and later
/// when a drive comes back or has been replaced by an empty one.
#[async_trait]
pub trait Slot: Send + Sync + Debug {
    /// The drive as the operator names it.
    fn name(&self) -> &str;

    /// Opens the drive: lock, housekeeping that must come first, format. Errors: [`DriveError::InUse`],
    /// [`DriveError::PermissionDenied`], [`DriveError::BadName`] for a path that is a file,
    /// [`DriveError::Corrupt`] for a `format.json` that can't be read (never repaired on its own).
    async fn open(&self) -> DriveResult<Box<dyn Unclaimed>>;
}

/// An opened drive that isn't part of a set yet. Dropping it releases the drive.
#[async_trait]
pub trait Unclaimed: Send + Debug {
    /// What its `format.json` says; `None` on an unformatted drive.
    fn format(&self) -> Option<&FormatJson>;

    /// Whether it is on the root file system's device (MinIO refuses such drives outside of tests).
    fn on_root_device(&self) -> bool;

    /// Whether it holds nothing but perhaps its format: no bucket, no upload, none of the server's documents.
    fn is_bare(&self) -> bool;

    /// Writes `format.json`, durably.
    async fn write_format(&mut self, format: &FormatJson) -> DriveResult<()>;

    /// Puts it into service. Fails on an unformatted drive.
    async fn claim(self: Box<Self>) -> DriveResult<Arc<dyn Drive>>;
}

/// One drive of a set.
#[async_trait]
pub trait Drive: Send + Sync + Debug {
    /// The drive as the operator names it (path or URL), for messages.
    fn name(&self) -> &str;

    /// The drive's id from its `format.json`.
    fn id(&self) -> Uuid;

    /// Whether it is in service.
    fn state(&self) -> DriveState;

    /// Free and used space.
    async fn space(&self) -> DriveResult<Space>;

    // Buckets

    /// Makes the bucket's directory, durably. [`DriveError::BucketExists`] if it is there.
    async fn make_bucket(&self, bucket: &str) -> DriveResult<()>;

    /// [`DriveError::BucketNotFound`] if it isn't there.
    async fn stat_bucket(&self, bucket: &str) -> DriveResult<BucketEntry>;

    /// The name of every bucket directory with a valid (relaxed) name, in byte order; `.minio.sys` left out. One look into
    /// one directory, however many there are.
    async fn list_buckets(&self) -> DriveResult<Vec<String>>;

    /// Removes an empty bucket, or with `force` moves all of it to the trash. Empty directories below it don't
    /// count. [`DriveError::BucketNotEmpty`], [`DriveError::BucketNotFound`].
    async fn delete_bucket(&self, bucket: &str, force: bool) -> DriveResult<()>;

    // Names

    /// The name's `xl.meta`, with inline data. [`DriveError::NotFound`], [`DriveError::BucketNotFound`],
    /// [`DriveError::Corrupt`].
    async fn read_meta(&self, bucket: &str, object: &str) -> DriveResult<Arc<XlMeta>>;

    /// The same as the drive itself has it, whatever may be known of it: for repairs.
    async fn read_meta_anew(&self, bucket: &str, object: &str) -> DriveResult<Arc<XlMeta>> {
        self.read_meta(bucket, object).await
    }

    /// Makes a change durable and visible; see the module's page. Not an `async fn`: the call itself takes the
    /// place in line.
    fn commit(&self, commit: Commit) -> BoxFuture<'static, DriveResult<Committed>>;

    /// The set's outcome is success: drops what the commit replaced. Unknown ids are fine. That it is settled
    /// becomes durable no later than the next commit on this drive.
    fn settle(&self, id: Uuid) -> BoxFuture<'static, DriveResult<()>>;

    /// The set's outcome is failure: puts back what the commit replaced, durably, if the name still is as the
    /// commit left it. Unknown ids are fine.
    fn undo(&self, id: Uuid) -> BoxFuture<'static, DriveResult<()>>;

    /// Commits in doubt, oldest first.
    async fn doubts(&self) -> DriveResult<Vec<Doubt>>;

    /// Names under the bucket, in order.
    async fn walk(&self, options: WalkOptions) -> DriveResult<Box<dyn Walk>>;

    /// Moves a whole tree below a bucket to the trash: force deletes, uploads (`.minio.sys`, `multipart/...`).
    /// Missing is fine. Empty parents up to the bucket go too.
    async fn remove_tree(&self, bucket: &str, path: &str) -> DriveResult<()>;

    // Shards

    /// Starts `part.<part>` under `tmp/<staging>/<data dir>`. `size` in bytes when known: a full drive is
    /// refused at once with [`DriveError::Full`].
    async fn stage_shard(
        &self,
        staging: Staging,
        data_dir: Uuid,
        part: u32,
        size: Option<u64>,
    ) -> DriveResult<Box<dyn ShardWriter>>;

    /// Gives up staged files; missing is fine.
    async fn discard(&self, staging: Staging) -> DriveResult<()>;

    /// Opens `<bucket>/<object>/<data dir>/part.<part>` (`legacy` layouts: the object directory itself).
    async fn open_shard(
        &self,
        bucket: &str,
        object: &str,
        data_dir: &str,
        part: u32,
    ) -> DriveResult<Box<dyn ShardReader>>;

    // Uploads: directories `.minio.sys/<path>`, their record is the name's `xl.meta` (written by `commit`).

    /// Moves a staged part file into the upload's data directory and writes its record `part.<n>.meta`, durably;
    /// an earlier part of that number is replaced. [`DriveError::NotFound`] if the upload is gone.
    async fn put_part(
        &self,
        upload: &str,
        data_dir: Uuid,
        part: u32,
        staging: Staging,
        record: Bytes,
    ) -> DriveResult<()>;

    /// The records of the given parts, in the order asked; each its own result. A part counts only if both its
    /// file and its record are there.
    async fn read_parts(&self, upload: &str, data_dir: Uuid, parts: &[u32]) -> DriveResult<Vec<DriveResult<Bytes>>>;

    /// The numbers of the parts present, ascending.
    async fn list_parts(&self, upload: &str, data_dir: Uuid) -> DriveResult<Vec<u32>>;

    /// Removes one part and its record; missing is fine.
    async fn remove_part(&self, upload: &str, data_dir: Uuid, part: u32) -> DriveResult<()>;

    // Plain files and folders of the drive's own, below `.minio.sys` (healing tracker, heal queue, upload folders)

    /// Entries of a directory: names, directories ending in `/`, in byte order.
    async fn list_dir(&self, path: &str) -> DriveResult<Vec<String>>;

    /// A small file, at most 16 MiB.
    async fn read_file(&self, path: &str) -> DriveResult<Bytes>;

    /// Replaces a small file, durably (written beside it, synced, renamed, directory synced).
    async fn write_file(&self, path: &str, bytes: Bytes) -> DriveResult<()>;

    /// Removes a file; missing is fine.
    async fn remove_file(&self, path: &str) -> DriveResult<()>;

    // Life

    /// Housekeeping that may wait: empties the trash, and moves there what has lain in staging since before `stale_before`.
    /// That must be longer ago than any checkpoint takes to come: a directory that a commit has emptied stays until then.
    async fn tidy(&self, stale_before: Timestamp) -> DriveResult<()>;

    /// Waits for what is in line, releases the drive's lock and its threads. After this every call fails.
    async fn close(&self);
}
