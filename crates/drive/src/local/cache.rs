//! What is known of a drive's names, kept in memory up to a budget: what their `xl.meta` says, and which directories are in a
//! directory. Names that are asked for again and again, and listings, are answered without a system call.
//!
//! # Why it is coherent
//!
//! A drive has one owner, so a file changes only by a call of ours, and all of those go through [`Watched`](super::watched),
//! which announces them here: a change drops what is known, and until it has ended nothing about that name is taken in. Who
//! fills the cache takes a [`Ticket`] before reading; it is void if any change of the name began before what was read is put
//! in. So what is found here is what a read of the drive would have given at that moment.
//!
//! With the drive out of service nobody asks; a drive opened anew begins with nothing. Healing reads the drive.
//!
//! A directory has one path: of two that a symbolic link made of one, each would have its own entry. Nothing here makes such
//! links, and listings don't follow them.

use super::names::DirNames;
use super::paths::{self, BUCKETS, OURS, TMP, XL_META};
use format::xl::XlMeta;
use parking_lot::RwLock;
use std::collections::hash_map::RandomState;
use std::collections::{BTreeSet, HashMap};
use std::fmt;
use std::hash::BuildHasher;
use std::ops::Bound;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};

/// What a slot that wasn't told otherwise may keep: some thousand names.
pub(super) const DEFAULT_BUDGET: usize = 4 << 20;

/// What an entry takes besides its value and its name: two allocations, its place in the tree.
const ENTRY_OVERHEAD: usize = 256;
/// The same for each version of a name.
const VERSION_OVERHEAD: usize = 112;

/// Directories' names have this part of the whole.
const NAMES_SHARE: usize = 3;

/// Names are told apart by so many marks: enough that changes of one name seldom keep another from being taken in.
const MARKS: usize = 256;

/// What is known of one drive.
#[derive(Clone, Debug)]
pub(super) struct Known {
    /// By the object's path: what its `xl.meta` says.
    metas: Arc<Cache<Meta>>,
    /// By a directory's path: the directories in it.
    names: Arc<Cache<Arc<DirNames>>>,
}

#[derive(Clone)]
struct Meta {
    meta: Arc<XlMeta>,
    /// With the inline data.
    whole: bool,
}

/// A call under way that may change what is known.
pub(super) struct Changing {
    _meta: Change<Meta>,
    _names: Option<[Change<Arc<DirNames>>; 2]>,
}

impl Known {
    /// `budget` is in bytes, for both together.
    pub(super) fn new(budget: usize) -> Self {
        let names = budget / NAMES_SHARE;
        // One directory may take all that there is for names: a listing goes through it page by page.
        Known { metas: Arc::new(Cache::new(budget - names, 2)), names: Arc::new(Cache::new(names, 1)) }
    }

    /// What the `xl.meta` of the object at a path says; `whole` asks for its inline data too.
    pub(super) fn meta(&self, object: &str, whole: bool) -> Option<Arc<XlMeta>> {
        self.metas.get(object).filter(|known| known.whole || !whole).map(|known| known.meta)
    }

    /// To be taken before the object's `xl.meta` is read.
    pub(super) fn meta_ticket(&self, object: &str) -> Ticket {
        self.metas.ticket(object)
    }

    /// Takes in what was read from a file of `size` bytes.
    pub(super) fn put_meta(&self, ticket: Ticket, object: &str, meta: &Arc<XlMeta>, size: usize, whole: bool) {
        let cost = size.saturating_add(meta.versions.len().saturating_mul(VERSION_OVERHEAD));
        self.metas.put(ticket, object, Meta { meta: Arc::clone(meta), whole }, cost);
    }

    /// Forgets what an object's `xl.meta` says.
    pub(super) fn forget_meta(&self, object: &str) {
        self.metas.forget(object);
    }

    /// The directories in a directory.
    pub(super) fn names(&self, dir: &str) -> Option<Arc<DirNames>> {
        self.names.get(dir)
    }

    /// To be taken before the directory is read.
    pub(super) fn names_ticket(&self, dir: &str) -> Ticket {
        self.names.ticket(dir)
    }

    /// Takes in what a directory holds.
    pub(super) fn put_names(&self, ticket: Ticket, dir: &str, names: &Arc<DirNames>) {
        self.names.put(ticket, dir, Arc::clone(names), names.cost());
    }

    /// Before the file or directory at `path` is made, moved or removed: what it may have been is forgotten, and nothing of it
    /// is taken in until the change is dropped. `None` where nothing is ever kept.
    pub(super) fn change(&self, path: &str) -> Option<Changing> {
        if !is_kept_below(path) {
            return None;
        }
        Some(match path.strip_suffix(XL_META).and_then(|object| object.strip_suffix('/')) {
            Some(object) => Changing { _meta: self.metas.change(object), _names: None },
            None => {
                let names = [self.names.change(paths::parent(path)), self.names.change_below(path)];
                Changing { _meta: self.metas.change_below(path), _names: Some(names) }
            }
        })
    }

    /// Before an empty directory is made or removed: the same.
    pub(super) fn change_of_empty(&self, path: &str) -> Option<[Change<Arc<DirNames>>; 2]> {
        is_kept_below(path).then(|| [self.names.change(paths::parent(path)), self.names.change(path)])
    }
}

/// Whether anything at the path, or below it, is ever kept: not where files come and go, and not the buckets' documents,
/// which the store keeps itself.
fn is_kept_below(path: &str) -> bool {
    let within = |dir: &str| path.strip_prefix(dir).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
    !within(TMP) && !within(OURS) && !within(BUCKETS)
}

/// Some knowledge by path.
pub(super) struct Cache<V> {
    budget: usize,
    /// What one entry may take at most.
    most: usize,
    hasher: RandomState,
    state: RwLock<State<V>>,
}

struct State<V> {
    /// By path.
    entries: HashMap<Arc<str>, Entry<V>>,
    /// Their paths: a directory that moves takes a range of them along.
    order: BTreeSet<Arc<str>>,
    /// What the entries take.
    bytes: usize,
    /// Where the search for an entry to give up goes on.
    hand: Arc<str>,
    /// By the path's hash; the last is for whole directories.
    marks: Vec<Mark>,
}

struct Entry<V> {
    value: V,
    cost: usize,
    /// Asked for since the hand passed.
    used: AtomicBool,
}

/// Counts changes of some paths.
#[derive(Clone, Copy, Default)]
struct Mark {
    begun: u64,
    ended: u64,
}

/// Taken before what is to be known is read.
#[derive(Clone, Copy)]
pub(super) struct Ticket {
    mark: usize,
    /// How many changes of the path, and of directories, had begun, none of them being under way.
    begun: Option<(u64, u64)>,
}

/// A change under way.
pub(super) struct Change<V> {
    cache: Arc<Cache<V>>,
    mark: usize,
}

impl<V: Clone> Cache<V> {
    /// One entry may take the `part`th part.
    fn new(budget: usize, part: usize) -> Self {
        let state = State {
            entries: HashMap::new(),
            order: BTreeSet::new(),
            bytes: 0,
            hand: "".into(),
            marks: vec![Mark::default(); MARKS + 1],
        };
        Cache { budget, most: budget / part, hasher: RandomState::new(), state: RwLock::new(state) }
    }

    fn get(&self, path: &str) -> Option<V> {
        let state = self.state.read();
        let entry = state.entries.get(path)?;
        // Written only once: others read it too.
        if !entry.used.load(Ordering::Relaxed) {
            entry.used.store(true, Ordering::Relaxed);
        }
        Some(entry.value.clone())
    }

    fn ticket(&self, path: &str) -> Ticket {
        let mark = self.mark(path);
        let state = self.state.read();
        let (name, dirs) = (state.marks[mark], state.marks[MARKS]);
        let quiet = name.begun == name.ended && dirs.begun == dirs.ended;
        Ticket { mark, begun: quiet.then_some((name.begun, dirs.begun)) }
    }

    /// Takes in what was read, unless it may have changed since.
    fn put(&self, ticket: Ticket, path: &str, value: V, cost: usize) {
        let cost = cost.saturating_add(path.len() + ENTRY_OVERHEAD);
        // Below a name like that of the file nothing is kept: its change concerns one object.
        let odd = path.split('/').any(|name| name == XL_META);
        if odd || !is_kept_below(path) || cost > self.most {
            return;
        }
        let mut state = self.state.write();
        if ticket.begun != Some((state.marks[ticket.mark].begun, state.marks[MARKS].begun)) {
            return;
        }
        let replaced = state.insert(path, Entry { value, cost, used: AtomicBool::new(false) });
        let given_up = state.shrink(self.budget);
        drop(state);
        drop((replaced, given_up));
    }

    /// Begins a change of one path.
    fn change(self: &Arc<Self>, path: &str) -> Change<V> {
        self.begin(self.mark(path), |state| state.remove(path).into_iter().collect())
    }

    /// Begins a change of a path and all below it.
    fn change_below(self: &Arc<Self>, path: &str) -> Change<V> {
        self.begin(MARKS, |state| state.remove_below(path))
    }

    fn begin(self: &Arc<Self>, mark: usize, forget: impl FnOnce(&mut State<V>) -> Vec<Entry<V>>) -> Change<V> {
        let mut state = self.state.write();
        state.marks[mark].begun += 1;
        let forgotten = forget(&mut state);
        drop(state);
        drop(forgotten);
        Change { cache: Arc::clone(self), mark }
    }

    fn forget(&self, path: &str) {
        let forgotten = self.state.write().remove(path);
        drop(forgotten);
    }

    fn mark(&self, path: &str) -> usize {
        usize::try_from(self.hasher.hash_one(path) % 256).unwrap_or(0)
    }
}

impl<V> State<V> {
    fn insert(&mut self, path: &str, entry: Entry<V>) -> Option<Entry<V>> {
        self.bytes += entry.cost;
        if let Some(known) = self.entries.get_mut(path) {
            let replaced = std::mem::replace(known, entry);
            self.bytes -= replaced.cost;
            return Some(replaced);
        }
        let path: Arc<str> = path.into();
        self.order.insert(Arc::clone(&path));
        self.entries.insert(path, entry)
    }

    fn remove(&mut self, path: &str) -> Option<Entry<V>> {
        let entry = self.entries.remove(path)?;
        self.order.remove(path);
        self.bytes -= entry.cost;
        Some(entry)
    }

    /// What is at `path` and below it.
    fn remove_below(&mut self, path: &str) -> Vec<Entry<V>> {
        let is_below =
            |name: &str| name.strip_prefix(path).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'));
        let from = (Bound::Included(path), Bound::Unbounded);
        // Names such as `path-1` come before `path/`, those such as `path0` behind it.
        let with_path = self.order.range::<str, _>(from).take_while(|name| name.starts_with(path));
        let names: Vec<Arc<str>> = with_path.filter(|name| is_below(name)).cloned().collect();
        names.iter().filter_map(|name| self.remove(name)).collect()
    }

    /// Gives up entries that weren't asked for since the last time round.
    fn shrink(&mut self, budget: usize) -> Vec<Entry<V>> {
        let mut given_up = Vec::new();
        while self.bytes > budget {
            let from = (Bound::Excluded(&*self.hand), Bound::Unbounded);
            let Some(name) = self.order.range::<str, _>(from).next().cloned() else {
                if self.order.is_empty() {
                    break;
                }
                self.hand = "".into();
                continue;
            };
            if !self.entries.get(&name).is_some_and(|entry| entry.used.swap(false, Ordering::Relaxed)) {
                given_up.extend(self.remove(&name));
            }
            self.hand = name;
        }
        given_up
    }
}

impl<V> Drop for Change<V> {
    fn drop(&mut self) {
        self.cache.state.write().marks[self.mark].ended += 1;
    }
}

impl<V> fmt::Debug for Cache<V> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Cache").field("budget", &self.budget).finish_non_exhaustive()
    }
}

#[cfg(test)]
mod tests;
