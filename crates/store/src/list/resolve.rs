//! What a set holds under a name, from what its drives say.

use crate::quorum::most_frequent;
use crate::set::Set;
use base::Timestamp;
use drive::DriveResult;
use format::xl::{Header, VersionEntry, XlMeta, merge_versions};
use std::collections::HashSet;
use std::sync::Arc;

/// One drive's word about a name that it holds.
pub(super) struct Answer {
    pub(super) position: usize,
    pub(super) meta: DriveResult<Arc<XlMeta>>,
}

/// What the drives make of it together.
pub(super) struct Resolved {
    /// Newest first, free versions left out; empty if there is no such name.
    pub(super) versions: Vec<VersionEntry>,
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
pub(super) fn resolve(set: &Set, answers: Vec<Answer>, asked: usize, latest_only: bool) -> Resolved {
    let mut metas: Vec<Option<Arc<XlMeta>>> = vec![None; set.size()];
    let mut damaged = false;
    for Answer { position, meta } in answers {
        match meta {
            Ok(meta) => metas[position] = Some(meta),
            Err(error) => damaged |= !error.is_unavailable(),
        }
    }
    let mut held = metas.iter().flatten();
    let first = held.next();
    let alike = first.is_some_and(|first| held.all(|meta| same_headers(first, meta)));
    let count = metas.iter().flatten().count();
    let newest = metas.iter().flatten().flat_map(|meta| &meta.versions).map(|entry| entry.header.mod_time).max();
    let versions = match first {
        Some(first) if alike && count >= quorum(set) => first.versions.clone(),
        Some(_) if !alike => merged(&metas, quorum(set), latest_only),
        _ => Vec::new(),
    };
    let versions = versions.into_iter().filter(|entry| !entry.header.flags.free_version).collect();
    Resolved { versions, newest: newest.unwrap_or(Timestamp::ZERO), uneven: damaged || !alike || count < asked }
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
pub(super) fn across_pools(mut pools: Vec<Vec<VersionEntry>>) -> Vec<VersionEntry> {
    pools.retain(|versions| !versions.is_empty());
    if pools.len() < 2 {
        return pools.pop().unwrap_or_default();
    }
    let mut all: Vec<VersionEntry> = pools.into_iter().flatten().collect();
    all.sort_by_key(|entry| entry.header);
    let mut known = HashSet::new();
    all.retain(|entry| known.insert(entry.header.version_id));
    all
}
