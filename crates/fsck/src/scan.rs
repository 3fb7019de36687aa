//! Going through the directories of all drives of a set at once.
//!
//! Directories are looked at depth first, many at a time. What is kept meanwhile are the names of the directories on the way
//! from the top, so that memory is bounded by the widest directories, not by the bucket.

use crate::deployment::SetView;
use crate::examine::Context;
use crate::finding::{Finding, Kind, Severity};
use crate::look::{DriveCopy, Look, look_everywhere};
use crate::name::{Known, Name};
use crate::shards::is_data_file;
use drive::{DirEntry, FileKind};
use format::names::SYSTEM_BUCKET;
use format::xl::{XL_JSON, XL_META};
use futures_util::StreamExt;
use futures_util::stream::FuturesUnordered;
use std::collections::{BTreeMap, BTreeSet, HashSet, btree_set};

/// Directories looked at at a time: enough to keep the threads of every drive busy.
const AT_ONCE: usize = 64;

/// A walk through a bucket.
pub(crate) struct Walk<'a> {
    pub(crate) context: &'a Context,
    pub(crate) set: &'a SetView,
    pub(crate) bucket: &'a str,
    /// By position: the bucket's directory is missing there, which was told already.
    pub(crate) no_bucket: Vec<bool>,
}

/// A directory whose names are being gone through.
struct Frame {
    /// Below the bucket; empty for the bucket itself, else ending in `/`.
    path: String,
    names: btree_set::IntoIter<String>,
    /// Nothing below it can belong to a version that wasn't seen.
    certain: bool,
}

impl Walk<'_> {
    /// Goes through everything below a directory (`""` for all of the bucket).
    pub(crate) async fn run(&self, path: &str) {
        let mut frames: Vec<Frame> = self.visit(path.to_owned(), true).await.into_iter().collect();
        let mut visits = FuturesUnordered::new();
        loop {
            while visits.len() < AT_ONCE {
                let Some(frame) = frames.last_mut() else { break };
                match frame.names.next() {
                    Some(name) => visits.push(self.visit(format!("{}{name}", frame.path), frame.certain)),
                    None => drop(frames.pop()),
                }
            }
            match visits.next().await {
                Some(frame) => frames.extend(frame),
                None if frames.is_empty() => return,
                None => {}
            }
        }
    }

    /// Looks at one directory on all drives; gives what is below it.
    async fn visit(&self, path: String, parent_certain: bool) -> Option<Frame> {
        let whole = if path.is_empty() { self.bucket.to_owned() } else { format!("{}/{path}", self.bucket) };
        let looks = look_everywhere(self.set, &whole).await;
        let known = if path.is_empty() {
            Known { certain: looks.iter().all(|look| look.there), ..Known::default() }
        } else {
            let (context, set) = (self.context, self.set);
            let name = Name { context, set, bucket: self.bucket, object: &path, no_bucket: &self.no_bucket };
            name.examine(&looks).await
        };
        if known.is_name {
            self.wrong_set(&path);
        } else if !path.is_empty() && self.without_meta(&path, &looks, parent_certain) {
            return None;
        }
        self.files(&path, &looks, &known);
        let names = below(self.bucket, &path, &looks, &known);
        let path = if path.is_empty() { path } else { format!("{path}/") };
        let certain = parent_certain && known.certain;
        (!names.is_empty()).then(|| Frame { path, names: names.into_iter(), certain })
    }

    /// A directory without `xl.meta` on any drive: true if it was remains, told, and not to be looked into.
    fn without_meta(&self, path: &str, looks: &[Look], certain: bool) -> bool {
        for (position, look) in looks.iter().enumerate() {
            if let DriveCopy::Broken { kind, detail } = &look.copy {
                // With nothing under this name elsewhere it may be anything.
                let others = looks.iter().any(|look| look.there);
                let severity = if others { Severity::Repairable } else { Severity::Harmless };
                let finding = self.set.finding(*kind, severity, position, detail.clone()).object(self.bucket, path);
                self.context.tell(finding.path(format!("{}/{path}", self.bucket)));
            }
        }
        let there = || looks.iter().enumerate().filter(|(_, look)| look.there);
        let data = |entries: &[DirEntry]| {
            entries.iter().all(|entry| entry.kind == FileKind::File && is_data_file(&entry.name))
        };
        if there().count() == 0 || !there().all(|(_, look)| data(&look.entries)) {
            return false;
        }
        for (position, look) in there() {
            let (kind, detail) = match look.entries.len() {
                // The server's own directories stay when they are empty, and so do buckets'.
                0 if self.bucket == SYSTEM_BUCKET => continue,
                0 => (Kind::EmptyDirectory, "nothing is in it".to_owned()),
                files => (Kind::DataOrphaned, format!("{files} file(s) that no version refers to")),
            };
            let finding = self.set.finding(kind, Severity::Harmless, position, detail).object(self.bucket, path);
            let finding = finding.path(format!("{}/{path}", self.bucket));
            self.context.tell(if certain { finding.garbage() } else { finding });
        }
        true
    }

    /// Files that are neither metadata nor the old format's parts.
    fn files(&self, path: &str, looks: &[Look], known: &Known) {
        for (position, look) in looks.iter().enumerate() {
            for entry in look.entries.iter().filter(|entry| entry.kind != FileKind::Dir) {
                let name = entry.name.as_str();
                let old_part =
                    known.is_name && is_data_file(name) && look.entries.iter().any(|entry| entry.name == XL_JSON);
                // Told with the name, or with the directory that it stands in the place of.
                let told = matches!(name, XL_META | XL_JSON) || stands_in(name, looks);
                let raw = self.bucket == SYSTEM_BUCKET && is_raw(path, name);
                if old_part || told || raw {
                    continue;
                }
                let what = if entry.kind == FileKind::File { "a file" } else { "a link, pipe or device" };
                let below = if path.is_empty() { name.to_owned() } else { format!("{path}/{name}") };
                let finding = self.set.finding(Kind::UnexpectedFile, Severity::Harmless, position, what);
                self.context.tell(finding.path(format!("{}/{below}", self.bucket)));
            }
        }
    }

    /// Nobody would look for the object here.
    fn wrong_set(&self, path: &str) {
        let pool = &self.context.pools[self.set.pool];
        let sets = pool.sets;
        let right = format::placement::set_index(pool.algorithm, pool.deployment, path, sets);
        // Each set keeps a count of its own.
        let of_each_set =
            self.bucket == SYSTEM_BUCKET && (path.contains(".usage-cache.bin") || path.contains(".metacache"));
        if sets > 1 && right != self.set.index && !of_each_set {
            let detail = format!(
                "it lies in set {} of pool {} and belongs in set {}",
                self.set.index + 1,
                self.set.pool + 1,
                right + 1
            );
            self.context.tell(Finding::new(Kind::WrongSet, Severity::Lost, detail).object(self.bucket, path));
        }
    }
}

/// Whether other drives have a directory of this name.
fn stands_in(name: &str, looks: &[Look]) -> bool {
    looks.iter().any(|look| look.entries.iter().any(|entry| entry.name == name && entry.kind == FileKind::Dir))
}

/// Plain files of the server's own.
fn is_raw(path: &str, name: &str) -> bool {
    (path.is_empty() && name == "format.json") || (path == "buckets" && name == ".healing.bin")
}

/// Directories of the server's own that are looked at in another way, or not at all.
fn is_apart(path: &str, name: &str) -> bool {
    match path {
        "" => matches!(name, "tmp" | "tmp-old" | "multipart" | "rustfs" | "ilm"),
        "buckets" => matches!(name, ".heal" | ".replication" | ".deleted"),
        _ => name == ".metacache",
    }
}

/// The names below a directory that any drive has a directory for, without those of data.
fn below(bucket: &str, path: &str, looks: &[Look], known: &Known) -> BTreeSet<String> {
    let dirs = looks.iter().flat_map(|look| &look.entries).filter(|entry| entry.kind == FileKind::Dir);
    let names = dirs.map(|entry| &entry.name).filter(|name| !known.data_dirs.contains(*name));
    let apart = |name: &String| bucket == SYSTEM_BUCKET && is_apart(path, name);
    names.filter(|name| name.as_str() != XL_META || !known.is_name).filter(|name| !apart(name)).cloned().collect()
}

/// Names of buckets' directories, and on which drives they are.
pub(crate) type BucketDirs = BTreeMap<String, HashSet<usize>>;
