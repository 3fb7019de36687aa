//! The directories in a directory, sorted, in little memory: what walks go through, and what is kept between the pages of
//! a listing.

use crate::{DirEntry, FileKind};
use format::names::DIR_SUFFIX;

/// Names that are kept of one directory: of more, those that a listing comes to next.
const WINDOW: usize = if cfg!(test) { 8 } else { 64 << 10 };

/// Some of the directories in a directory: all from a place on, up to the last one kept.
#[derive(Debug, Default)]
pub(super) struct DirNames {
    /// In byte order.
    plain: Names,
    /// Those of keys that end in a slash, all of them, in no order: their key and their name have different places.
    suffixed: Names,
    /// Nothing before this is among the plain ones, other than what it begins with.
    from: Box<str>,
    /// There are more behind the last plain one.
    cut: bool,
}

/// Many short texts in two allocations.
#[derive(Debug, Default)]
struct Names {
    text: String,
    /// Where each ends.
    ends: Vec<u32>,
}

impl DirNames {
    /// Of what a directory holds: what counts from `from` on, or all if that isn't too much.
    pub(super) fn new(entries: Vec<DirEntry>, from: &str) -> Self {
        DirNames::windowed(entries, from, WINDOW)
    }

    fn windowed(entries: Vec<DirEntry>, from: &str, window: usize) -> Self {
        let dirs = entries.into_iter().filter(|entry| entry.kind == FileKind::Dir).map(|entry| entry.name);
        let (suffixed, mut plain): (Vec<String>, Vec<String>) = dirs.partition(|name| name.ends_with(DIR_SUFFIX));
        let mut kept_from = "";
        if plain.len() > window {
            kept_from = from;
            plain.retain(|name| name.as_str() >= from || from.starts_with(name.as_str()));
        }
        let cut = plain.len() > window;
        if cut {
            plain.select_nth_unstable(window);
            plain.truncate(window);
        }
        plain.sort_unstable();
        DirNames { plain: Names::of(&plain), suffixed: Names::of(&suffixed), from: kept_from.into(), cut }
    }

    /// Whether it tells what comes at `start` and next.
    pub(super) fn tells(&self, start: &str) -> bool {
        *self.from <= *start && (!self.cut || self.last().is_some_and(|last| start < last))
    }

    /// Whether nothing comes behind the last plain name.
    pub(super) fn is_complete(&self) -> bool {
        !self.cut
    }

    /// The last plain name.
    pub(super) fn last(&self) -> Option<&str> {
        self.get(self.plain.len().checked_sub(1)?)
    }

    /// The plain name at an index.
    pub(super) fn get(&self, at: usize) -> Option<&str> {
        self.plain.get(at)
    }

    /// The index of the first plain name that isn't before `name`.
    pub(super) fn position(&self, name: &str) -> usize {
        let (mut low, mut high) = (0, self.plain.len());
        while low < high {
            let middle = low.midpoint(high);
            if self.plain.get(middle).is_some_and(|found| found < name) { low = middle + 1 } else { high = middle }
        }
        low
    }

    /// Whether a plain name is there.
    pub(super) fn holds(&self, name: &str) -> bool {
        self.get(self.position(name)) == Some(name)
    }

    /// Those of keys that end in a slash, as on the drive.
    pub(super) fn suffixed(&self) -> impl Iterator<Item = &str> {
        (0..self.suffixed.len()).filter_map(|at| self.suffixed.get(at))
    }

    /// Bytes of memory.
    pub(super) fn cost(&self) -> usize {
        self.plain.cost() + self.suffixed.cost() + self.from.len() + size_of::<Self>()
    }
}

impl Names {
    fn of(names: &[String]) -> Self {
        let mut all = Names {
            text: String::with_capacity(names.iter().map(String::len).sum()),
            ends: Vec::with_capacity(names.len()),
        };
        for name in names {
            // A directory of 4 GiB of names is beyond what file systems hold; what is beyond is left out.
            let Ok(end) = u32::try_from(all.text.len() + name.len()) else { break };
            all.text.push_str(name);
            all.ends.push(end);
        }
        all
    }

    fn len(&self) -> usize {
        self.ends.len()
    }

    fn get(&self, at: usize) -> Option<&str> {
        let place = |end: u32| usize::try_from(end).unwrap_or(usize::MAX);
        let end = place(*self.ends.get(at)?);
        let start = if at == 0 { 0 } else { place(self.ends[at - 1]) };
        self.text.get(start..end)
    }

    fn cost(&self) -> usize {
        self.text.capacity() + self.ends.capacity() * size_of::<u32>()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn dir(name: &str) -> DirEntry {
        DirEntry { name: name.to_owned(), kind: FileKind::Dir }
    }

    fn plain(names: &DirNames) -> Vec<&str> {
        (0..).map_while(|at| names.get(at)).collect()
    }

    #[test]
    fn all_directories_are_kept_in_order_if_they_are_not_too_many() {
        let mut entries: Vec<DirEntry> = ["b", "a", "c-", "c", "x__XLDIR__"].map(dir).into();
        entries.push(DirEntry { name: "file".to_owned(), kind: FileKind::File });
        let names = DirNames::windowed(entries, "b", 4);
        assert_eq!(plain(&names), ["a", "b", "c", "c-"]);
        assert_eq!(names.suffixed().collect::<Vec<_>>(), ["x__XLDIR__"]);
        assert!(names.is_complete() && names.tells("") && names.tells("zz"));
        assert_eq!([names.position(""), names.position("b"), names.position("bb"), names.position("z")], [0, 1, 2, 4]);
        assert!(names.holds("c") && !names.holds("c+") && !names.holds("d"));
    }

    #[test]
    fn of_too_many_those_that_come_next_are_kept() {
        let entries = || -> Vec<DirEntry> { ["e", "d", "c", "ca", "b", "a", "f", "y__XLDIR__"].map(dir).into() };
        let names = DirNames::windowed(entries(), "cab", 3);
        assert_eq!(plain(&names), ["c", "ca", "d"], "what the start begins with counts too");
        assert!(!names.is_complete() && names.tells("cab") && names.tells("cb"));
        assert!(!names.tells("ca") && !names.tells("d") && !names.tells("e"));
        assert_eq!(names.suffixed().count(), 1);
        let rest = DirNames::windowed(entries(), "d", 3);
        assert_eq!(plain(&rest), ["d", "e", "f"]);
        assert!(rest.is_complete() && rest.tells("f") && rest.tells("z"));
        assert!(DirNames::windowed(Vec::new(), "d", 3).tells("d"));
    }
}
