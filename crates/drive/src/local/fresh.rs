//! Directories whose own entry isn't durable yet.
//!
//! Whoever makes a directory and answers for what is in it without the journal syncs its parent before answering. Another
//! that finds the directory already there must not answer earlier than that, so it looks here and syncs the parent too.
//! Commits leave the directories that they make to the next checkpoint: until then they stand here.

use parking_lot::Mutex;
use std::collections::HashMap;

#[derive(Debug, Default)]
pub(super) struct FreshDirs {
    dirs: Mutex<Dirs>,
}

#[derive(Debug, Default)]
struct Dirs {
    /// How many makers of the directory have not synced its parent yet. One that failed stays counted: the
    /// directory may be there all the same.
    makers: HashMap<String, usize>,
    /// Made since the last checkpoint began, and which one it was to make them.
    young: HashMap<String, u64>,
    /// Those that the checkpoint under way makes durable.
    old: HashMap<String, u64>,
    next: u64,
}

/// A directory that isn't durable.
#[derive(Clone, Debug)]
pub(super) struct FreshDir {
    pub(super) path: String,
    made: Option<u64>,
}

impl FreshDirs {
    /// Before making the directory.
    pub(super) fn begin(&self, dir: &str) {
        *self.dirs.lock().makers.entry(dir.to_owned()).or_default() += 1;
    }

    /// After the parent was synced, or if this caller didn't make it after all.
    pub(super) fn end(&self, dir: &str) {
        self.dirs.lock().end(dir);
    }

    /// The caller made it and leaves it to the next checkpoint.
    pub(super) fn leave(&self, made: &[String]) {
        let mut dirs = self.dirs.lock();
        for dir in made {
            dirs.end(dir);
            dirs.next += 1;
            let number = dirs.next;
            dirs.young.insert(dir.clone(), number);
        }
    }

    /// A checkpoint begins.
    pub(super) fn checkpoint_begins(&self) {
        let mut dirs = self.dirs.lock();
        let young = std::mem::take(&mut dirs.young);
        dirs.old.extend(young);
    }

    /// It has ended well: what was made before it began is durable.
    pub(super) fn checkpoint_ended(&self) {
        self.dirs.lock().old.clear();
    }

    /// Everything is durable, and nobody is making anything.
    pub(super) fn all_synced(&self) {
        *self.dirs.lock() = Dirs::default();
    }

    /// The directory's parent was synced after it was found here.
    pub(super) fn synced(&self, dir: &FreshDir) {
        let mut dirs = self.dirs.lock();
        for left in [&dirs.young, &dirs.old].map(|left| left.get(&dir.path).copied()) {
            if left.is_some() && left != dir.made {
                return;
            }
        }
        dirs.young.remove(&dir.path);
        dirs.old.remove(&dir.path);
    }

    /// Those of `path` and the directories above it that aren't durable yet.
    pub(super) fn on_the_way(&self, path: &str) -> Vec<FreshDir> {
        let dirs = self.dirs.lock();
        if dirs.makers.is_empty() && dirs.young.is_empty() && dirs.old.is_empty() {
            return Vec::new();
        }
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.filter_map(|end| dirs.find(&path[..end])).collect()
    }
}

impl Dirs {
    fn end(&mut self, dir: &str) {
        if let Some(count) = self.makers.get_mut(dir) {
            *count -= 1;
            if *count == 0 {
                self.makers.remove(dir);
            }
        }
    }

    fn find(&self, dir: &str) -> Option<FreshDir> {
        let made = self.young.get(dir).or_else(|| self.old.get(dir)).copied();
        let fresh = made.is_some() || self.makers.contains_key(dir);
        fresh.then(|| FreshDir { path: dir.to_owned(), made })
    }
}
