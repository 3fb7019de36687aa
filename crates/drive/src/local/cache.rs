//! What names' `xl.meta` say, kept in memory up to a budget: names that are asked for again and again, and listings, are
//! answered without a system call.
//!
//! # Why it is coherent
//!
//! A drive has one owner, so a file changes only by a call of ours, and all of those go through [`Watched`](super::watched),
//! which announces them here: [`MetaCache::change`] drops what is known, and until the change has ended nothing about that
//! name is taken in. Who fills the cache takes a [`Ticket`] before reading the file; it is void if any change of the name began
//! before what was read is put in. So what is found here is what a read of the file would have given at that moment.
//!
//! With the drive out of service nobody asks; a drive opened anew begins with nothing. Healing reads the drive.
//!
//! An object's directory has one path: of two that a symbolic link made of one, each would have its own entry. Nothing
//! here makes such links, and listings don't follow them.

use super::paths::{OURS, TMP, XL_META};
use format::xl::XlMeta;
use parking_lot::RwLock;
use std::collections::BTreeMap;
use std::collections::hash_map::RandomState;
use std::fmt;
use std::hash::BuildHasher;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a slot that wasn't told otherwise may keep: some thousand names.
pub(super) const DEFAULT_BUDGET: usize = 4 << 20;

/// What an entry takes besides its file's bytes and its name: the parsed list, two allocations, its place in the tree.
const ENTRY_OVERHEAD: usize = 320;
/// The same for each version.
const VERSION_OVERHEAD: usize = 112;

/// Names are told apart by so many marks: enough that changes of one name seldom keep another from being taken in.
const MARKS: usize = 256;

/// The cache of one drive.
pub(super) struct MetaCache {
    budget: usize,
    hasher: RandomState,
    state: RwLock<State>,
}

struct State {
    /// By the object's path: a directory that moves takes a range of names along.
    entries: BTreeMap<Box<str>, Entry>,
    /// What the entries take.
    bytes: usize,
    /// Where the search for an entry to give up goes on.
    hand: Box<str>,
    /// By the name's hash; the last is for directories.
    marks: Vec<Mark>,
}

struct Entry {
    meta: Arc<XlMeta>,
    /// With the inline data.
    whole: bool,
    cost: usize,
    /// Asked for since the hand passed.
    used: AtomicBool,
}

/// Counts changes of some names.
#[derive(Clone, Copy, Default)]
struct Mark {
    begun: u64,
    ended: u64,
}

/// Taken before a file is read.
#[derive(Clone, Copy)]
pub(super) struct Ticket {
    mark: usize,
    /// How many changes of the name, and of directories, had begun, none of them being under way.
    begun: Option<(u64, u64)>,
}

/// A change under way.
pub(super) struct Change {
    cache: Arc<MetaCache>,
    mark: usize,
}

impl MetaCache {
    pub(super) fn new(budget: usize) -> Self {
        let state =
            State { entries: BTreeMap::new(), bytes: 0, hand: "".into(), marks: vec![Mark::default(); MARKS + 1] };
        MetaCache { budget, hasher: RandomState::new(), state: RwLock::new(state) }
    }

    /// What is known of the object at a path; `whole` asks for its inline data too.
    pub(super) fn get(&self, object: &str, whole: bool) -> Option<Arc<XlMeta>> {
        let state = self.state.read();
        let entry = state.entries.get(object).filter(|entry| entry.whole || !whole)?;
        entry.used.store(true, Ordering::Relaxed);
        Some(Arc::clone(&entry.meta))
    }

    /// To be taken before the object's `xl.meta` is read.
    pub(super) fn ticket(&self, object: &str) -> Ticket {
        let mark = self.mark(object);
        let state = self.state.read();
        let (name, dirs) = (state.marks[mark], state.marks[MARKS]);
        let quiet = name.begun == name.ended && dirs.begun == dirs.ended;
        Ticket { mark, begun: quiet.then_some((name.begun, dirs.begun)) }
    }

    /// Takes in what was read from a file of `size` bytes, unless it may have changed since.
    pub(super) fn put(&self, ticket: Ticket, object: &str, meta: &Arc<XlMeta>, size: usize, whole: bool) {
        let versions = meta.versions.len().saturating_mul(VERSION_OVERHEAD);
        let cost = size.saturating_add(versions).saturating_add(object.len() + ENTRY_OVERHEAD);
        if !may_be_kept(object) || cost > self.budget / 4 {
            return;
        }
        let entry = Entry { meta: Arc::clone(meta), whole, cost, used: AtomicBool::new(false) };
        let mut state = self.state.write();
        if ticket.begun != Some((state.marks[ticket.mark].begun, state.marks[MARKS].begun)) {
            return;
        }
        if state.entries.get(object).is_some_and(|known| known.whole && !whole) {
            return;
        }
        state.bytes += cost;
        if let Some(known) = state.entries.insert(object.into(), entry) {
            state.bytes -= known.cost;
        }
        let given_up = state.shrink(self.budget);
        drop(state);
        drop(given_up);
    }

    /// Before a file or directory at `path` is made, moved or removed: forgets what it may have been, and takes in nothing of
    /// it until the change is dropped.
    pub(super) fn change(self: &Arc<Self>, path: &str) -> Change {
        let object = path.strip_suffix(XL_META).and_then(|object| object.strip_suffix('/'));
        let mark = object.map_or(MARKS, |object| self.mark(object));
        let mut state = self.state.write();
        state.marks[mark].begun += 1;
        let forgotten = match object {
            Some(object) => state.remove(object).into_iter().collect(),
            None => state.remove_below(path),
        };
        drop(state);
        drop(forgotten);
        Change { cache: Arc::clone(self), mark }
    }

    /// Forgets a name.
    pub(super) fn forget(&self, object: &str) {
        let forgotten = self.state.write().remove(object);
        drop(forgotten);
    }

    fn mark(&self, object: &str) -> usize {
        usize::try_from(self.hasher.hash_one(object) % 256).unwrap_or(0)
    }
}

impl State {
    fn remove(&mut self, object: &str) -> Option<Entry> {
        let entry = self.entries.remove(object)?;
        self.bytes -= entry.cost;
        Some(entry)
    }

    /// The object at `path` and those below it.
    fn remove_below(&mut self, path: &str) -> Vec<Entry> {
        let is_below =
            |name: &str| name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let from = (Bound::Included(path), Bound::Unbounded);
        // Names such as `path-1` come before `path/`, those such as `path0` behind it.
        let with_path =
            self.entries.range::<str, _>(from).map(|(name, _)| name).take_while(|name| name.starts_with(path));
        let names: Vec<Box<str>> = with_path.filter(|name| is_below(name)).cloned().collect();
        names.iter().filter_map(|name| self.remove(name)).collect()
    }

    /// Gives up entries that weren't asked for since the last time round.
    fn shrink(&mut self, budget: usize) -> Vec<Entry> {
        let mut given_up = Vec::new();
        while self.bytes > budget {
            let from = (Bound::Excluded(&*self.hand), Bound::Unbounded);
            let Some((name, entry)) = self.entries.range::<str, _>(from).next() else {
                if self.entries.is_empty() {
                    break;
                }
                self.hand = "".into();
                continue;
            };
            let (name, used) = (name.clone(), entry.used.swap(false, Ordering::Relaxed));
            if !used {
                given_up.extend(self.remove(&name));
            }
            self.hand = name;
        }
        given_up
    }
}

impl Drop for Change {
    fn drop(&mut self) {
        self.cache.state.write().marks[self.mark].ended += 1;
    }
}

/// Not in places where files come and go, nor where a name could be taken for a file's.
fn may_be_kept(object: &str) -> bool {
    let within = |dir: &str| object.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    !within(TMP) && !within(OURS) && !object.split('/').any(|name| name == XL_META)
}

/// Whether a change at a path can't be one of anything kept.
pub(super) fn is_of_no_object(path: &str) -> bool {
    let within = |dir: &str| path.strip_prefix(dir).is_some_and(|rest| rest.starts_with('/'));
    within(TMP) || within(OURS)
}

impl fmt::Debug for MetaCache {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("MetaCache").field("budget", &self.budget).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
