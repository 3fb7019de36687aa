//! What a set holds under a name, from what its drives say.

use crate::quorum::most_frequent;
use crate::set::Set;
use base::Timestamp;
use drive::DriveResult;
use format::xl::{Header, VersionEntry, XlMeta, merge_versions};
use std::collections::HashSet;
use std::ops::Deref;
use std::sync::Arc;

/// One drive's word about a name that it holds.
pub(super) struct Answer {
    pub(super) position: usize,
    pub(super) meta: DriveResult<Arc<XlMeta>>,
}

/// Versions newest first, free versions left out.
#[derive(Debug)]
pub(super) enum Versions {
    /// As a drive has them.
    Stored(Arc<XlMeta>),
    Merged(Vec<VersionEntry>),
}

impl Default for Versions {
    fn default() -> Self {
        Versions::Merged(Vec::new())
    }
}

impl Deref for Versions {
    type Target = [VersionEntry];

    fn deref(&self) -> &[VersionEntry] {
        match self {
            Versions::Stored(meta) => &meta.versions,
            Versions::Merged(versions) => versions,
        }
    }
}

/// What the drives make of it together.
pub(super) struct Resolved {
    /// Empty if there is no such name.
    pub(super) versions: Versions,
    /// The newest time that any drive has.
    pub(super) newest: Timestamp,
    /// The drives don't all hold the same.
    pub(super) uneven: bool,
}

/// Drives of a set that must hold a name: half, as more than half take part in every write and every deletion.
pub(super) fn quorum(set: &Set) -> usize {
    set.size().div_ceil(2)
}

/// Merges what the drives that hold the name have; `asked` is how many could have had it. With `latest_only` what
/// follows the newest version is as one drive has it: good for counting.
pub(super) fn resolve(set: &Set, answers: &[Answer], asked: usize, latest_only: bool) -> Resolved {
    let held = || answers.iter().filter_map(|answer| answer.meta.as_ref().ok());
    let damaged = answers.iter().filter_map(|answer| answer.meta.as_ref().err()).any(|error| !error.is_unavailable());
    let first = held().next();
    let alike = first.is_some_and(|first| held().skip(1).all(|meta| same_headers(first, meta)));
    let count = held().count();
    let newest = held().flat_map(|meta| &meta.versions).map(|entry| entry.header.mod_time).max();
    let is_free = |entry: &VersionEntry| entry.header.flags.free_version;
    let versions = match first {
        Some(first) if alike && count >= quorum(set) && !first.versions.iter().any(is_free) => {
            Versions::Stored(Arc::clone(first))
        }
        Some(first) if alike && count >= quorum(set) => {
            Versions::Merged(first.versions.iter().filter(|entry| !is_free(entry)).cloned().collect())
        }
        Some(_) if !alike => {
            let mut versions = merged(&by_position(set, answers), quorum(set), latest_only);
            versions.retain(|entry| !is_free(entry));
            Versions::Merged(versions)
        }
        _ => Versions::default(),
    };
    Resolved { versions, newest: newest.unwrap_or(Timestamp::ZERO), uneven: damaged || !alike || count < asked }
}

fn by_position(set: &Set, answers: &[Answer]) -> Vec<Option<Arc<XlMeta>>> {
    let mut metas = vec![None; set.size()];
    for Answer { position, meta } in answers {
        metas[*position] = meta.as_ref().ok().cloned();
    }
    metas
}

fn same_headers(one: &XlMeta, other: &XlMeta) -> bool {
    let headers = |meta: &XlMeta| meta.versions.len();
    headers(one) == headers(other) && one.versions.iter().zip(&other.versions).all(|(a, b)| a.header == b.header)
}

fn merged(metas: &[Option<Arc<XlMeta>>], quorum: usize, latest_only: bool) -> Vec<VersionEntry> {
    let headers = |meta: &Option<Arc<XlMeta>>| -> Vec<Header> {
        meta.iter().flat_map(|meta| &meta.versions).map(|entry| entry.header).collect()
    };
    let lists: Vec<Vec<Header>> = metas.iter().map(headers).collect();
    let lists: Vec<&[Header]> = lists.iter().map(Vec::as_slice).collect();
    let merged = merge_versions(&lists, quorum, false, usize::from(latest_only));
    let chosen = merged.into_iter().filter_map(|(drive, at)| metas[drive].as_ref()?.versions.get(at));
    chosen.filter_map(|entry| as_most_have_it(metas, &entry.header).cloned()).collect()
}

/// The version as most of the drives hold it: one that missed a change of its metadata doesn't speak for all.
fn as_most_have_it<'a>(metas: &'a [Option<Arc<XlMeta>>], chosen: &Header) -> Option<&'a VersionEntry> {
    let of_drive = |meta: &'a Arc<XlMeta>| meta.find(chosen.version_id);
    let entries = || metas.iter().flatten().filter_map(of_drive).filter(|it| it.header.mod_time == chosen.mod_time);
    let (header, _) = most_frequent(entries().map(|entry| entry.header))?;
    entries().find(|entry| entry.header == header)
}

/// One list of the versions that several pools hold; of the same version the newest.
pub(super) fn across_pools(mut pools: Vec<Versions>) -> Versions {
    pools.retain(|versions| !versions.is_empty());
    if pools.len() < 2 {
        return pools.pop().unwrap_or_default();
    }
    let mut all: Vec<VersionEntry> = pools.iter().flat_map(|versions| versions.iter()).cloned().collect();
    all.sort_by_key(|entry| entry.header);
    let mut known = HashSet::new();
    all.retain(|entry| known.insert(entry.header.version_id));
    Versions::Merged(all)
}
