//! Directories whose own entry isn't durable yet.
//!
//! Whoever makes a directory syncs its parent before answering. Another commit that finds the directory already
//! there must not answer earlier than that, so it looks here and syncs the parent too.

use parking_lot::Mutex;
use std::collections::HashMap;

#[derive(Debug, Default)]
pub(super) struct FreshDirs {
    /// How many makers of the directory have not synced its parent yet. One that failed stays counted: the
    /// directory may be there all the same.
    makers: Mutex<HashMap<String, usize>>,
}

impl FreshDirs {
    /// Before making the directory.
    pub(super) fn begin(&self, dir: &str) {
        *self.makers.lock().entry(dir.to_owned()).or_default() += 1;
    }

    /// After the parent was synced, or if this caller didn't make it after all.
    pub(super) fn end(&self, dir: &str) {
        let mut makers = self.makers.lock();
        if let Some(count) = makers.get_mut(dir) {
            *count -= 1;
            if *count == 0 {
                makers.remove(dir);
            }
        }
    }

    /// Those of `path` and the directories above it that aren't durable yet.
    pub(super) fn on_the_way(&self, path: &str) -> Vec<String> {
        let makers = self.makers.lock();
        if makers.is_empty() {
            return Vec::new();
        }
        let ends = path.match_indices('/').map(|(at, _)| at).chain([path.len()]);
        ends.map(|end| &path[..end]).filter(|dir| makers.contains_key(*dir)).map(str::to_owned).collect()
    }
}
