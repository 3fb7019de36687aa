//! What a change makes of a name's metadata: no I/O.

use super::paths::LEGACY_DIR;
use crate::{Change, Inline};
use base::Timestamp;
use bytes::Bytes;
use format::object_meta_keys::sys;
use format::xl::{DeleteMarker, Kind, Version, VersionEntry, XlError, XlMeta};
use uuid::Uuid;
use xxhash_rust::xxh3::Xxh3;

/// What a commit will do.
#[derive(Debug)]
pub(super) struct Plan {
    /// The new file; `None` removes it.
    pub(super) new: Option<Bytes>,
    /// Data directories that nothing refers to afterwards. They need not exist.
    pub(super) replaced: Vec<String>,
    pub(super) version_id: Uuid,
    pub(super) mod_time: Timestamp,
    pub(super) removal: bool,
    /// The data directory of the version written (whether or not there is any data in it); nil for the others.
    pub(super) new_data_dir: Uuid,
    pub(super) versions_digest: u64,
}

/// Why a change can't be made.
#[derive(Debug)]
pub(super) enum Refusal {
    /// There is nothing to remove.
    NothingThere,
    NoSuchVersion(Uuid),
    Superseded,
    /// The metadata that is there can't be read, and must not be written over.
    Unreadable(XlError),
}

/// Works out a change on what `xl.meta` holds; `None` if there is no such file.
pub(super) fn plan(change: &Change, current: Option<&Bytes>) -> Result<Plan, Refusal> {
    match change {
        Change::Write { version, inline, .. } => {
            let meta = match current.map(XlMeta::parse) {
                None => XlMeta::default(),
                Some(Ok(meta)) => meta,
                // Damaged remains: the version begins the list anew, and what was there can be put back.
                Some(Err(XlError::NotXl | XlError::Corrupt(_))) => XlMeta::default(),
                Some(Err(error @ XlError::UnsupportedVersion { .. })) => return Err(Refusal::Unreadable(error)),
            };
            write(meta, version, inline)
        }
        Change::Remove { version_id, mod_time } => {
            let current = current.ok_or(Refusal::NothingThere)?;
            let meta = XlMeta::parse(current).map_err(Refusal::Unreadable)?;
            remove(meta, *version_id, *mod_time)
        }
        Change::Purge => Ok(purge(current.and_then(|bytes| XlMeta::parse(bytes).ok()).unwrap_or_default())),
    }
}

fn write(mut meta: XlMeta, version: &VersionEntry, inline: &Inline) -> Result<Plan, Refusal> {
    let version_id = version.header.version_id;
    let new_data_dir = version.data_dir().map_err(Refusal::Unreadable)?;
    let mut replaced = Vec::new();
    let mut free = None;
    if let Some(old) = meta.find(version_id) {
        if old.header.mod_time > version.header.mod_time {
            return Err(Refusal::Superseded);
        }
        let old_dir = own_data_dir(&meta, old);
        replaced.extend(old_dir.filter(|dir| new_data_dir.is_nil() || *dir != new_data_dir.to_string()));
        // A change of metadata, a healing or a restored copy is of the same remote object, which stays.
        let kept = |free: &VersionEntry| {
            freeing(version).is_some_and(|of_new| of_new.header.version_id == free.header.version_id)
        };
        free = freeing(old).filter(|free| !kept(free));
    }
    meta.upsert(version.clone());
    if let Some(free) = free {
        meta.upsert(free);
    }
    match inline {
        Inline::Keep => {}
        Inline::Remove => drop(meta.inline.remove(version_id)),
        Inline::Set(shard) => meta.inline.set(version_id, shard.clone()),
    }
    Ok(Plan {
        new: Some(meta.encode().into()),
        replaced,
        version_id,
        mod_time: version.header.mod_time,
        removal: false,
        new_data_dir,
        versions_digest: versions_digest(&meta),
    })
}

fn remove(mut meta: XlMeta, version_id: Uuid, mod_time: Option<Timestamp>) -> Result<Plan, Refusal> {
    let old = meta.find(version_id).ok_or(Refusal::NoSuchVersion(version_id))?;
    let found = old.header.mod_time;
    if mod_time.is_some_and(|expected| expected != found) {
        return Err(Refusal::NoSuchVersion(version_id));
    }
    let replaced = own_data_dir(&meta, old).into_iter().collect();
    let free = freeing(old);
    meta.remove(version_id);
    meta.inline.remove(version_id);
    if let Some(free) = free {
        meta.upsert(free);
    }
    Ok(Plan {
        new: if meta.versions.is_empty() { None } else { Some(meta.encode().into()) },
        replaced,
        version_id,
        mod_time: found,
        removal: true,
        new_data_dir: Uuid::nil(),
        versions_digest: versions_digest(&meta),
    })
}

/// What stays of a version when it goes: a note of the remote object that has its data, if one has. It is for whoever tidies the
/// tier, this server or MinIO.
fn freeing(removed: &VersionEntry) -> Option<VersionEntry> {
    // Most versions aren't on a tier, and needn't be decoded.
    let mark = sys::TRANSITION_STATUS.as_bytes();
    if removed.header.kind != Kind::Object || !removed.body().windows(mark.len()).any(|bytes| bytes == mark) {
        return None;
    }
    let Ok(Version::Object(object)) = removed.decode() else { return None };
    DeleteMarker::freeing(&object).map(|marker| VersionEntry::from_version(&Version::DeleteMarker(marker)))
}

fn purge(meta: XlMeta) -> Plan {
    let mut replaced: Vec<String> = meta.versions.iter().filter_map(data_dir_name).collect();
    replaced.sort_unstable();
    replaced.dedup();
    let newest = meta.latest().map(|entry| entry.header);
    Plan {
        new: None,
        replaced,
        version_id: newest.map_or(Uuid::nil(), |header| header.version_id),
        mod_time: newest.map_or(Timestamp::ZERO, |header| header.mod_time),
        removal: true,
        new_data_dir: Uuid::nil(),
        versions_digest: versions_digest(&XlMeta::default()),
    }
}

/// The data directory of a version, if no other version has its data there.
fn own_data_dir(meta: &XlMeta, entry: &VersionEntry) -> Option<String> {
    if entry.header.kind == Kind::Object {
        let dir = entry.data_dir().ok()?;
        if meta.data_dir_shared(dir, entry.header.version_id) {
            return None;
        }
    }
    data_dir_name(entry)
}

/// The name of the directory that holds a version's part files, if it has any outside of `xl.meta`.
pub(super) fn data_dir_name(entry: &VersionEntry) -> Option<String> {
    match entry.header.kind {
        Kind::Object => entry.data_dir().ok().filter(|dir| !dir.is_nil()).map(|dir| dir.to_string()),
        Kind::Legacy => Some(LEGACY_DIR.to_owned()),
        Kind::DeleteMarker => None,
    }
}

/// Whether some version has (or may have) its data in the directory.
pub(super) fn refers_to(meta: &XlMeta, dir: &str) -> bool {
    meta.versions.iter().any(|entry| match entry.header.kind {
        Kind::Object => entry.data_dir().map_or(true, |own| own.to_string() == dir),
        Kind::Legacy => dir == LEGACY_DIR,
        Kind::DeleteMarker => false,
    })
}

/// Equal for lists of the same versions in the same order.
fn versions_digest(meta: &XlMeta) -> u64 {
    let mut digest = Xxh3::new();
    for entry in &meta.versions {
        digest.update(entry.header.version_id.as_bytes());
        digest.update(&entry.header.mod_time.nanos().to_le_bytes());
        digest.update(&entry.header.signature);
        digest.update(&[entry.header.kind.number()]);
    }
    digest.digest()
}
