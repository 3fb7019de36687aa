//! The names of a walk, a batch at a time.

use crate::{DriveResult, WalkEntry};
use format::xl::XlMeta;
use std::fmt;
use std::ops::{Deref, Range};
use std::sync::Arc;

type Meta = DriveResult<Arc<XlMeta>>;

/// A name in a walk. Those of a batch share one text: they are many, and go from the drive's threads to others.
#[derive(Clone)]
pub struct WalkName {
    text: Arc<str>,
    range: Range<usize>,
}

/// A batch of a walk being put together.
#[derive(Debug, Default)]
pub struct WalkBatch {
    text: String,
    /// Where each name ends, and what it holds; `None` is a prefix.
    entries: Vec<(usize, Option<Meta>)>,
}

impl WalkBatch {
    /// Adds an object under the name that `dir` and `name` make together, as for [`WalkEntry::Object`].
    pub fn object(&mut self, dir: &str, name: &str, meta: Meta) {
        self.push(dir, name, Some(meta));
    }

    /// Adds a prefix: the directory's path with its slash.
    pub fn prefix(&mut self, path: &str) {
        self.push(path, "", None);
    }

    fn push(&mut self, dir: &str, name: &str, meta: Option<Meta>) {
        self.text.push_str(dir);
        self.text.push_str(name);
        self.entries.push((self.text.len(), meta));
    }

    pub fn len(&self) -> usize {
        self.entries.len()
    }

    pub fn is_empty(&self) -> bool {
        self.entries.is_empty()
    }

    pub fn finish(self) -> Vec<WalkEntry> {
        let (text, mut start): (Arc<str>, usize) = (self.text.into(), 0);
        let entries = self.entries.into_iter().map(|(end, meta)| {
            let name = WalkName { text: Arc::clone(&text), range: start..end };
            start = end;
            match meta {
                Some(meta) => WalkEntry::Object { name, meta },
                None => WalkEntry::Prefix { name },
            }
        });
        entries.collect()
    }
}

impl Deref for WalkName {
    type Target = str;

    fn deref(&self) -> &str {
        &self.text[self.range.clone()]
    }
}

impl fmt::Debug for WalkName {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        fmt::Debug::fmt(&**self, f)
    }
}
