//! A version's data: which drives hold which of its shards.

use super::holder::{Data, Holder};
use super::plan::PartShape;
use crate::StoreError;
use crate::layout::Layout;
use crate::memory::Memory;
use crate::quorum::{Wanted, choose};
use crate::set::Set;
use base::Timestamp;
use format::xl::{Kind, LegacyChecksum, LegacyVersion, Placement, Version, VersionEntry, XlMeta};
use parking_lot::Mutex;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;
use uuid::Uuid;

/// Where the body of one version comes from.
#[derive(Debug)]
pub(super) struct Source {
    pub(super) set: Arc<Set>,
    pub(super) bucket: String,
    /// Encoded.
    pub(super) object: String,
    pub(super) version_id: Uuid,
    pub(super) layout: Layout,
    pub(super) parts: Vec<PartShape>,
    pub(super) memory: Memory,
    legacy: Option<Box<LegacyVersion>>,
    size: u64,
    mod_time: Timestamp,
    /// Where the part files are, if it has any.
    data_dir: Option<Uuid>,
    /// By position: what the drives say that hold the version.
    metas: Mutex<Vec<Option<Arc<XlMeta>>>>,
    holders: Mutex<Arc<[Arc<Holder>]>>,
    /// The drives have all been asked; there are no more holders to find.
    pub(super) complete: AtomicBool,
    /// The healer has been told.
    pub(super) reported: AtomicBool,
}

impl Source {
    /// The data of a version that isn't a delete marker; `metas` of the drives that hold it, by position.
    pub(super) fn new(
        set: Arc<Set>,
        (bucket, object): (&str, &str),
        stored: &Version,
        metas: Vec<Option<Arc<XlMeta>>>,
        memory: &Memory,
    ) -> Result<Self, StoreError> {
        let damaged = |reason: String| StoreError::Damaged { what: format!("{bucket}/{object}"), reason };
        let Some(version) = stored.as_object() else {
            return Err(damaged("a delete marker has no data".to_owned()));
        };
        if !version.uses_data_dir() {
            return Err(damaged("its data has been moved to a remote tier".to_owned()));
        }
        if version.distribution.len() != set.size() {
            return Err(damaged("it was written to a set of another size".to_owned()));
        }
        let layout = Layout::of(&version).map_err(|error| damaged(error.to_string()))?;
        let mut start = 0u64;
        let mut parts = Vec::with_capacity(version.parts.len());
        for part in &version.parts {
            parts.push(PartShape { number: part.number, start, size: part.size });
            start = start.checked_add(part.size).ok_or_else(|| damaged("its parts are too large".to_owned()))?;
        }
        if start != version.size {
            return Err(damaged(format!("its parts have {start} bytes in all, not {}", version.size)));
        }
        let (legacy, data_dir) = match stored {
            Version::Object(object) if !object.is_inline() => (None, Some(object.data_dir)),
            Version::Legacy(legacy) => (Some(legacy.clone()), None),
            _ => (None, None),
        };
        let source = Source {
            version_id: version.version_id,
            size: version.size,
            mod_time: version.mod_time,
            data_dir,
            set,
            bucket: bucket.to_owned(),
            object: object.to_owned(),
            layout,
            parts,
            memory: memory.clone(),
            legacy,
            metas: Mutex::new(metas),
            holders: Mutex::new(Arc::new([])),
            complete: AtomicBool::new(false),
            reported: AtomicBool::new(false),
        };
        source.find_holders();
        Ok(source)
    }

    /// Stored bytes.
    pub(super) fn size(&self) -> u64 {
        self.size
    }

    pub(super) fn holders(&self) -> Arc<[Arc<Holder>]> {
        Arc::clone(&self.holders.lock())
    }

    /// Whether the shards of a part have a digest over the whole file each, as an old release kept them.
    pub(super) fn has_whole_digests(&self, part: u32) -> bool {
        self.legacy.as_ref().is_some_and(|legacy| legacy.whole_file_checksum(part).is_some())
    }

    /// Asks every drive, for holders that weren't waited for at first.
    pub(super) async fn find_all_holders(&self) {
        let shared = &self.set.shared;
        shared.commits.all_answered(&shared.world, &self.bucket, &self.object).await;
        let answers = self.set.read_all_meta(&self.bucket, &self.object).await;
        let answers: Vec<_> = answers.into_iter().map(Some).collect();
        if let Ok(all) = choose(&answers, self.set.standard_parity(), Wanted::Version(self.version_id)) {
            // Overwritten in the meantime: this reader keeps to what it began with.
            if all.version.mod_time() == self.mod_time {
                for (known, holder) in self.metas.lock().iter_mut().zip(all.holders) {
                    if known.is_none() {
                        *known = holder;
                    }
                }
            }
        }
        self.find_holders();
        self.guess_holders();
    }

    /// Drives that have gone on to another version keep the data of this one as long as it is read: it is where it would
    /// have been.
    fn guess_holders(&self) {
        let Some(data_dir) = self.data_dir else { return };
        let drives = self.set.drives();
        let mut holders = self.holders.lock();
        let mut all = holders.to_vec();
        for (at, drive) in drives.iter().enumerate() {
            let Some(drive) = drive.clone().filter(|_| all.iter().all(|holder| holder.position != at)) else {
                continue;
            };
            let data = Data::Files { data_dir: data_dir.to_string(), open: tokio::sync::Mutex::new(None) };
            all.push(Arc::new(Holder::new(at, self.layout.shard_of(at), drive, data)));
        }
        *holders = all.into();
    }

    /// Makes holders of the drives that have the version and aren't known yet.
    fn find_holders(&self) {
        let metas = self.metas.lock();
        let drives = self.set.drives();
        let mut held = Vec::with_capacity(metas.len());
        for (at, meta) in metas.iter().enumerate() {
            let entry = meta.as_ref().and_then(|meta| Some((meta, meta.find(self.version_id)?)));
            if let Some((meta, entry)) = entry
                && let Some(placement) = placement(entry)
            {
                held.push((at, meta, placement, entry));
            }
        }
        // A drive's own word for its shard counts, unless so many differ that the words themselves are wrong.
        let differs = |at: usize, placement: &Placement| placement.index != self.layout.distribution[at];
        let differing = held.iter().filter(|(at, _, placement, _)| differs(*at, placement)).count();
        let by_own_word = differing < self.layout.geometry.parity();
        let mut holders = self.holders.lock();
        let mut all = holders.to_vec();
        for (at, meta, placement, entry) in held {
            let Some(drive) = drives[at].clone() else { continue };
            if all.iter().any(|holder| holder.position == at) {
                continue;
            }
            let own = usize::from(placement.index).saturating_sub(1);
            let shard = if by_own_word { own } else { self.layout.shard_of(at) };
            let data = self.data(meta, placement.data_dir, entry.header.flags.inline);
            all.push(Arc::new(Holder::new(at, shard, drive, data).with_checksums(checksums(entry))));
        }
        *holders = all.into();
    }

    fn data(&self, meta: &XlMeta, data_dir: Uuid, is_inline: bool) -> Data {
        let inline = meta.inline.get_or_by_data_dir(self.version_id, data_dir);
        match inline {
            Some(frames) if is_inline || self.version_id.is_nil() => Data::Inline(frames.clone()),
            None if is_inline && self.size == 0 => Data::Inline(bytes::Bytes::new()),
            // Copies of inline objects that MinIO wrote to files are still called inline there.
            _ => {
                let legacy = self.legacy.as_ref().map(|legacy| legacy.data_dir.clone());
                let data_dir = legacy.unwrap_or_else(|| data_dir.to_string());
                Data::Files { data_dir, open: tokio::sync::Mutex::new(None) }
            }
        }
    }
}

/// The digests that a drive keeps of its shards of a version, if it is of an old release.
fn checksums(entry: &VersionEntry) -> Vec<LegacyChecksum> {
    if entry.header.kind != Kind::Legacy {
        return Vec::new();
    }
    match entry.decode() {
        Ok(Version::Legacy(legacy)) => legacy.checksums,
        _ => Vec::new(),
    }
}

/// Where a drive's shard of a version is.
fn placement(entry: &VersionEntry) -> Option<Placement> {
    match entry.placement().ok()? {
        Some(placement) => Some(placement),
        // Old ones keep it elsewhere.
        None => {
            let object = entry.decode().ok()?.into_object()?;
            Some(Placement { index: object.index, data_dir: object.data_dir })
        }
    }
}
