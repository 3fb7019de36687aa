//! PUT: a body becomes a version.
//!
//! The body is brought to the drives first (or kept in memory, if it is small enough to travel inside the
//! metadata), without any lock. Then, under the name's lock, conditions are checked against what is there, the
//! version gets a time after its predecessor's, and all drives commit it.

use crate::StoreError;
use crate::commit::{Proposal, commit};
use crate::find::{Found, Thoroughness};
use crate::frames::{FrameBuffer, framed_len};
use crate::info::{check_conditions, object_info};
use crate::layout::Layout;
use crate::lock::NameGuard;
use crate::quorum::Wanted;
use crate::set::{Drives, Redundancy, Set};
use crate::stage::{StageRequest, Staged, stage};
use crate::store::{Inner, Store};
use crate::types::{BodySeal, Metadata, ObjectInfo, PutRequest, Seal, Versioning};
use base::{ByteStream, Timestamp};
use bytes::Bytes;
use drive::{Change, DataSource, Inline};
use format::names::ObjectName;
use format::object_meta_keys::{sys, user};
use format::xl::{ObjectVersion, Part, Version, VersionEntry};
use futures_util::StreamExt;
use std::sync::Arc;
use std::time::Duration;
use uuid::Uuid;

/// The number of the only part of an object that was put whole.
const WHOLE: u32 = 1;
/// Versioned objects are inlined up to this fraction of the limit, as their metadata is rewritten with every version.
const VERSIONED_INLINE_FRACTION: u64 = 8;

/// How far the clock may step back without being followed: beyond this it was wrong before.
const CLOCK_STEP: Duration = Duration::from_secs(15 * 60);

/// What is known of a body at its end.
struct Told {
    metadata: Metadata,
    part: Part,
}

/// A body on its way to a commit.
enum Content {
    /// Each shard's frames.
    Inline {
        frames: Vec<Bytes>,
        size: u64,
    },
    Staged(Staged),
}

impl Content {
    fn size(&self) -> u64 {
        match self {
            Content::Inline { size, .. } => *size,
            Content::Staged(staged) => staged.size,
        }
    }
}

impl Store {
    /// Stores the body as a new version, or in the place of the null version where versioning is not enabled.
    /// `seal` is called when the body has ended, before anything is visible. Nothing stays behind on failure.
    pub async fn put_object(
        &self,
        request: PutRequest,
        body: ByteStream,
        seal: Seal,
    ) -> Result<ObjectInfo, StoreError> {
        let redundancy = Redundancy::Class(request.storage_class);
        self.put(request, redundancy, None, body, seal).await
    }

    /// The same with any redundancy, and if need be in a certain pool, for the server's own objects.
    pub(crate) async fn put(
        &self,
        request: PutRequest,
        redundancy: Redundancy,
        pool: Option<usize>,
        mut body: ByteStream,
        seal: Seal,
    ) -> Result<ObjectInfo, StoreError> {
        let inner = &*self.inner;
        inner.check_open()?;
        let name = inner.name(&request.key)?;
        if !request.conditions.is_empty() {
            // Weighed again under the lock; this spares the body.
            let found = inner.find(&request.bucket, name.as_str(), Wanted::Latest, Thoroughness::Quick).await;
            inner.check_change(&found, &request)?;
        }
        let set = match pool {
            Some(pool) => inner.set_of(pool, name.as_str()),
            None => inner.set_for_write(&request.bucket, name.as_str(), request.size).await?,
        };
        let layout = set.new_layout(&request.bucket, name.as_str(), redundancy)?;
        let data_dir = inner.world().random.uuid();
        let content = inner.take_body(&request, set, &layout, data_dir, &mut body).await?;
        let BodySeal { metadata: sealed, actual_size, index } = seal(content.size()).map_err(StoreError::Rejected)?;
        let mut metadata = request.metadata.clone();
        metadata.merge(sealed);
        let actual_size = actual_size.unwrap_or_else(|| content.size());
        let part = Part {
            number: WHOLE,
            size: content.size(),
            actual_size: i64::try_from(actual_size).unwrap_or(i64::MAX),
            index,
            ..Part::default()
        };
        let told = Told { metadata, part };
        drop(body);

        let guard = inner.lock(&request.bucket, name.as_str()).await?;
        let found = inner.find(&request.bucket, name.as_str(), Wanted::Latest, Thoroughness::Quick).await;
        inner.check_change(&found, &request)?;
        let mod_time = request.mod_time.unwrap_or_else(|| inner.time_after(found.newest));
        let versioning = if name.is_dir() { Versioning::Off } else { request.versioning };
        let version_id = inner.new_version_id(versioning);
        let object = inner.version(&layout, &content, told, data_dir, version_id, mod_time);
        let mut info =
            object_info(request.bucket.as_str(), request.key.as_str(), Version::Object(object.clone()), true, 1);
        if let Some(agreed) = found.agreed() {
            let replaces =
                version_id.is_nil() && agreed.holders.iter().flatten().any(|meta| meta.find(version_id).is_some());
            info.version_count = agreed.version_count + usize::from(!replaces);
        }
        commit_content(set, &layout, &request.bucket, &name, object, content, guard).await?;
        Ok(info)
    }
}

impl Inner {
    /// A time for a change: now, but after whatever is there, and after the changes made before it if the clock has
    /// stepped back a little: drives that missed a removal have something that must not seem newer.
    pub(crate) fn time_after(&self, newest: Timestamp) -> Timestamp {
        let now = self.world().clock.now().max(newest.plus(Duration::from_nanos(1)));
        let mut last = self.last_change.lock();
        let time = if last.since(now) < CLOCK_STEP { now.max(last.plus(Duration::from_nanos(1))) } else { now };
        *last = time;
        time
    }

    /// The id of a version written now: nil, the null version, unless versioning is enabled.
    pub(crate) fn new_version_id(&self, versioning: Versioning) -> Uuid {
        match versioning {
            Versioning::Enabled => self.world().random.uuid(),
            Versioning::Off | Versioning::Suspended => Uuid::nil(),
        }
    }

    /// Whether the put may replace or join what is there.
    fn check_change(&self, found: &Found, request: &PutRequest) -> Result<(), StoreError> {
        let (bucket, key) = (&request.bucket, &request.key);
        let failure = || found.failure();
        match found.agreed() {
            Some(_) => {}
            None if matches!(failure(), crate::quorum::ReadFailure::BucketNotFound) => {
                return Err(StoreError::BucketNotFound { bucket: bucket.clone() });
            }
            // Conditions can't be weighed; without conditions what can't be read may be overwritten.
            None if !request.conditions.is_empty() && !failure().is_absence() => {
                return Err(failure().into_error(bucket, key, Wanted::Latest));
            }
            None => {}
        }
        let latest = found.info(bucket, key);
        check_conditions(&request.conditions, latest.as_ref(), bucket, key)?;
        match (self.shared.tuned.get().max_versions, latest) {
            (Some(limit), Some(info)) if request.versioning == Versioning::Enabled && info.version_count >= limit => {
                Err(StoreError::TooManyVersions { bucket: bucket.clone(), key: key.clone(), limit })
            }
            _ => Ok(()),
        }
    }

    /// Whether a body of `size` bytes travels inside the metadata (on-disk-format.md 7.6).
    fn is_inline(&self, layout: &Layout, size: u64, versioning: Versioning) -> bool {
        let fraction = if versioning == Versioning::Enabled { VERSIONED_INLINE_FRACTION } else { 1 };
        layout.geometry.shard_file_size(size) <= self.shared.tuned.get().inline_block / fraction
    }

    async fn take_body(
        &self,
        request: &PutRequest,
        set: &Arc<Set>,
        layout: &Layout,
        data_dir: Uuid,
        body: &mut ByteStream,
    ) -> Result<Content, StoreError> {
        if let Some(size) = request.size
            && self.is_inline(layout, size, request.versioning)
        {
            let frames = self.take_small_body(layout, size, body).await?;
            return Ok(Content::Inline { frames, size });
        }
        let stage_request = StageRequest {
            set,
            bucket: &request.bucket,
            key: &request.key,
            layout,
            data_dir,
            part: WHOLE,
            size: request.size,
        };
        let staged = stage(&self.memory, stage_request, body).await?;
        if staged.size == 0 {
            // An empty object has no part file.
            return Ok(Content::Inline { frames: vec![Bytes::new(); layout.geometry.total()], size: 0 });
        }
        Ok(Content::Staged(staged))
    }

    /// A whole small body as frames.
    async fn take_small_body(
        &self,
        layout: &Layout,
        size: u64,
        body: &mut ByteStream,
    ) -> Result<Vec<Bytes>, StoreError> {
        let len = usize::try_from(size).unwrap_or(usize::MAX);
        let buffer = self.memory.buffer(framed_len(layout, len)).await?;
        let mut frames = FrameBuffer::new(layout, buffer, len, 0);
        while let Some(chunk) = body.next().await {
            let mut chunk = chunk.map_err(StoreError::Body)?;
            frames.fill(&mut chunk);
            if !chunk.is_empty() {
                return Err(StoreError::LongBody { expected: size });
            }
        }
        if frames.remaining() > 0 {
            let got = u64::try_from(frames.filled()).unwrap_or(u64::MAX);
            return Err(StoreError::ShortBody { expected: size, got });
        }
        Ok(frames.finish(&self.memory))
    }

    /// The version, as it is on every drive but for the shard's index.
    fn version(
        &self,
        layout: &Layout,
        content: &Content,
        told: Told,
        data_dir: Uuid,
        version_id: Uuid,
        mod_time: Timestamp,
    ) -> ObjectVersion {
        let Told { metadata: Metadata { user: mut meta_user, system: mut meta_sys }, part } = told;
        let size = part.size;
        let stored_class = meta_user.get(user::STORAGE_CLASS).map(String::as_str);
        if stored_class == Some("STANDARD") {
            meta_user.remove(user::STORAGE_CLASS);
        }
        if matches!(content, Content::Inline { .. }) {
            meta_sys.insert(sys::INLINE_DATA.to_owned(), Bytes::from_static(b"true"));
        }
        if let Some(parity) = layout.upgraded_from {
            let change = format!("{parity}->{}", layout.parity_u8());
            meta_sys.insert(sys::ERASURE_UPGRADED.to_owned(), change.into());
        }
        ObjectVersion {
            version_id,
            data_dir,
            data: layout.data_u8(),
            parity: layout.parity_u8(),
            block_size: layout.geometry.block_size(),
            index: 0,
            distribution: layout.distribution.clone(),
            parts: vec![part],
            size,
            mod_time,
            meta_sys,
            meta_user,
            writer_version: self.release,
            ..ObjectVersion::default()
        }
    }
}

/// Commits a version with its content on the drives of the set.
async fn commit_content(
    set: &Arc<Set>,
    layout: &Layout,
    bucket: &str,
    name: &ObjectName,
    object: ObjectVersion,
    content: Content,
    guard: NameGuard,
) -> Result<(), StoreError> {
    let version_id = object.version_id;
    let drives: Drives = match &content {
        Content::Inline { .. } => set.drives(),
        Content::Staged(staged) => Arc::clone(&staged.drives),
    };
    let mut version = Version::Object(object);
    let mut change = |position: usize| {
        let (inline, data) = match &content {
            Content::Inline { frames, .. } => {
                (Inline::Set(frames[layout.shard_of(position)].clone()), DataSource::None)
            }
            Content::Staged(staged) if staged.has_shard[position] => {
                (Inline::Remove, DataSource::Staged(staged.files.token()))
            }
            Content::Staged(_) => return None,
        };
        let version = entry_for(&mut version, layout.distribution[position]);
        Some(Change::Write { version, inline, data, heal: false })
    };
    let changes = (0..set.size()).map(&mut change).collect();
    let staged = match content {
        Content::Inline { .. } => None,
        Content::Staged(staged) => Some(staged.files),
    };
    let proposal = Proposal {
        bucket: bucket.to_owned(),
        object: name.as_str().to_owned(),
        changes,
        drives,
        quorum: layout.write_quorum(),
        version: Some(version_id),
        staged,
        guard,
    };
    commit(set, proposal).await
}

/// The version as the drive with shard `index`, from 1, holds it.
pub(crate) fn entry_for(version: &mut Version, index: u8) -> VersionEntry {
    if let Version::Object(object) = version {
        object.index = index;
    }
    VersionEntry::from_version(version)
}
