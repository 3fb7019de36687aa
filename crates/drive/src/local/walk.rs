//! Walking the names of a bucket in the order of a listing.
//!
//! A directory with an `xl.meta` is an object and isn't descended into; any other is a prefix. Entries come in the
//! byte order of decoded names, where a prefix `a` counts as `a/`: so it may come after its neighbour `a-b`. That is
//! only known once the directory has been looked at, so what turns out to be a prefix waits in a heap, under its longer
//! name, beside the directory's sorted names. Those are kept between the pages of a listing.

use super::access::{Access, if_any};
use super::meta;
use super::names::DirNames;
use super::old;
use super::paths;
use super::shared::{LONG_LIMIT, Shared};
use crate::{DriveError, DriveResult, FileKind, Walk, WalkBatch, WalkEntry, WalkOptions};
use async_trait::async_trait;
use format::names::{DIR_SUFFIX, check_prefix, decode_name};
use std::cmp::Reverse;
use std::collections::BinaryHeap;
use std::sync::Arc;

/// A batch ends after so many entries or bytes of metadata, whichever comes first.
const BATCH_ENTRIES: usize = 512;
const BATCH_BYTES: usize = 2 << 20;

/// To know a prefix from a directory that a deletion left empty, at most so many directories are looked into, and so
/// many names read in each; beyond that it is taken for a prefix.
const LOOK_DIRS: usize = 32;
const LOOK_NAMES: usize = 64;

pub(super) async fn begin(shared: &Arc<Shared>, options: WalkOptions) -> DriveResult<Box<dyn Walk>> {
    paths::in_bucket(&shared.name, &options.bucket, "x")?;
    let bad = |reason: format::names::NameError| DriveError::BadName {
        drive: shared.name.clone(),
        path: options.prefix.clone(),
        reason: reason.to_string(),
    };
    check_prefix(&options.prefix).map_err(bad)?;
    let state = shared.run(LONG_LIMIT, move |access| State::begin(access, options)).await?;
    Ok(Box::new(LocalWalk { shared: Arc::clone(shared), state: Some(state) }))
}

#[derive(Debug)]
struct LocalWalk {
    shared: Arc<Shared>,
    /// `None` after an error, the end, or while a batch is being read.
    state: Option<State>,
}

#[async_trait]
impl Walk for LocalWalk {
    async fn next_batch(&mut self) -> DriveResult<Vec<WalkEntry>> {
        let Some(mut state) = self.state.take() else { return Ok(Vec::new()) };
        let read = move |access: &Access<'_>| state.batch(access).map(|batch| (state, batch));
        let (state, batch) = self.shared.run(LONG_LIMIT, read).await?;
        if !batch.is_empty() {
            self.state = Some(state);
        }
        Ok(batch)
    }
}

/// How far a walk has come: the directories it is in, outermost first.
#[derive(Debug)]
struct State {
    options: WalkOptions,
    dirs: Vec<Dir>,
    /// Entries of the next batch.
    batch: usize,
    /// The path of the name being looked at: written anew for each.
    path: String,
}

/// A directory being walked: its path below the bucket, empty or ending in `/`, and what is still to come.
#[derive(Debug, Default)]
struct Dir {
    path: String,
    /// What each name begins with.
    prefix: String,
    names: Arc<DirNames>,
    /// The next of the plain names.
    at: usize,
    /// What has another place in the order than its name.
    rest: BinaryHeap<Reverse<Waiting>>,
}

/// What comes next in a directory.
enum Next {
    /// The plain name at an index.
    Plain(usize),
    Waiting(Waiting),
}

/// A name waiting for its turn, least first.
#[derive(Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Waiting {
    /// Its place in the order: decoded, and with the slash if it is known to be a prefix.
    key: String,
    is_prefix: bool,
    /// As on the drive.
    name: String,
}

impl State {
    fn begin(access: &Access<'_>, options: WalkOptions) -> DriveResult<Self> {
        super::buckets::stat(access, &options.bucket)?;
        let top = options.prefix.rfind('/').map_or("", |at| &options.prefix[..=at]).to_owned();
        let batch = if options.first_batch == 0 { BATCH_ENTRIES } else { options.first_batch.min(BATCH_ENTRIES) };
        let mut state = State { options, dirs: Vec::new(), batch, path: String::new() };
        // Below an object there is nothing to list.
        if !state.is_below_object(access, &top)? {
            state.enter(access, top)?;
        }
        state.begin_with_dir_object(access)?;
        Ok(state)
    }

    /// The object `a/` agrees with the prefix `a/`, but stands beside that directory.
    fn begin_with_dir_object(&mut self, access: &Access<'_>) -> DriveResult<()> {
        let Some(dir) = self.options.prefix.strip_suffix('/') else { return Ok(()) };
        let (path, name) = dir.split_at(dir.rfind('/').map_or(0, |at| at + 1));
        let waiting = Waiting { key: format!("{name}/"), is_prefix: false, name: format!("{name}{DIR_SUFFIX}") };
        if may_hold(&self.options, path, &waiting.key) && !self.is_below_object(access, path)? {
            let rest = BinaryHeap::from([Reverse(waiting)]);
            self.dirs.push(Dir { path: path.to_owned(), rest, ..Dir::default() });
        }
        Ok(())
    }

    /// Whether one of the directories that make up `path` is an object.
    fn is_below_object(&self, access: &Access<'_>, path: &str) -> DriveResult<bool> {
        for (end, _) in path.match_indices('/') {
            let object = paths::join(&self.options.bucket, &path[..end]);
            // A key may have `xl.meta` as one of its elements: then it is a directory.
            let meta = if_any(access.stat(&paths::join(&object, paths::XL_META)))?;
            if meta.is_some_and(|meta| meta.kind == FileKind::File) || old::is_object(access, &object)? {
                return Ok(true);
            }
        }
        Ok(false)
    }

    fn batch(&mut self, access: &Access<'_>) -> DriveResult<Vec<WalkEntry>> {
        let (mut batch, mut bytes) = (WalkBatch::default(), 0);
        let entries = std::mem::replace(&mut self.batch, BATCH_ENTRIES);
        while batch.len() < entries && bytes < BATCH_BYTES {
            let Some(dir) = self.dirs.last_mut() else { break };
            match dir.next(access, &self.options)? {
                None => drop(self.dirs.pop()),
                Some(Next::Plain(at)) => {
                    let names = Arc::clone(&dir.names);
                    let name = names.get(at).unwrap_or_default();
                    bytes += self.look_at(access, name, name, &mut batch)?;
                }
                Some(Next::Waiting(next)) if next.is_prefix => self.prefix(access, next, &mut batch)?,
                Some(Next::Waiting(next)) => bytes += self.look_at(access, &next.key, &next.name, &mut batch)?,
            }
        }
        Ok(batch.finish())
    }

    /// A directory whose turn it is: an object, or a prefix to come back to. Returns the size of its metadata.
    fn look_at(&mut self, access: &Access<'_>, key: &str, name: &str, batch: &mut WalkBatch) -> DriveResult<usize> {
        let Some(dir) = self.dirs.last_mut() else { return Ok(0) };
        self.path.clear();
        for part in [&self.options.bucket, "/", &dir.path, name] {
            self.path.push_str(part);
        }
        let (meta, size) = match if_any(meta::read_without_inline(access, &self.path, self.options.anew)) {
            Ok(Some((meta, size))) => (Ok(meta), size),
            Ok(None) => {
                let key = name.to_owned() + "/";
                if may_hold(&self.options, &dir.path, &key) {
                    dir.rest.push(Reverse(Waiting { key, is_prefix: true, name: name.to_owned() }));
                }
                return Ok(0);
            }
            // The drive itself is out of order, not this name.
            Err(error) if error.is_unavailable() && !matches!(error, DriveError::PermissionDenied { .. }) => {
                return Err(error);
            }
            Err(error) => (Err(error), 0),
        };
        if is_after(&self.options, &dir.path, key) {
            batch.object(&dir.path, name, meta);
        }
        Ok(size)
    }

    fn prefix(&mut self, access: &Access<'_>, next: Waiting, batch: &mut WalkBatch) -> DriveResult<()> {
        let Some(dir) = self.dirs.last() else { return Ok(()) };
        let name = format!("{}{}/", dir.path, next.name);
        if self.options.recursive {
            return self.enter(access, name);
        }
        if is_after(&self.options, &dir.path, &next.key) {
            let path = paths::join(&self.options.bucket, name.trim_end_matches('/'));
            if leads_to_object(access, path)? {
                batch.prefix(&name);
            }
        }
        Ok(())
    }

    /// Goes into a directory (`path` empty or ending in `/`).
    fn enter(&mut self, access: &Access<'_>, path: String) -> DriveResult<()> {
        let Some(wanted) = Wanted::in_dir(&self.options, &path) else { return Ok(()) };
        let start = wanted.prefix.max(wanted.after);
        let names = names_of(access, &self.options, &path, start)?;
        let mut rest = BinaryHeap::new();
        for name in names.suffixed() {
            let key = decode_name(name);
            if wanted.may_be(&key) || wanted.may_be_below(name) {
                rest.push(Reverse(Waiting { key: key.into_owned(), is_prefix: false, name: name.to_owned() }));
            }
        }
        // With a slash these can be greater than the start, as what is below them is.
        for (end, _) in start.char_indices().skip(1) {
            let name = &start[..end];
            if wanted.may_be(name) && names.holds(name) {
                rest.push(Reverse(Waiting { key: name.to_owned(), is_prefix: false, name: name.to_owned() }));
            }
        }
        let at = names.position(start);
        let prefix = wanted.prefix.to_owned();
        self.dirs.push(Dir { path, prefix, names, at, rest });
        Ok(())
    }
}

impl Dir {
    /// Takes the least of what is to come.
    fn next(&mut self, access: &Access<'_>, options: &WalkOptions) -> DriveResult<Option<Next>> {
        if self.names.get(self.at).is_none() && !self.names.is_complete() {
            self.read_on(access, options)?;
        }
        let plain = self.names.get(self.at).filter(|name| name.starts_with(&self.prefix));
        let waiting = self.rest.peek();
        if plain.is_none_or(|name| waiting.is_some_and(|Reverse(waiting)| *name >= *waiting.key)) {
            return Ok(self.rest.pop().map(|Reverse(waiting)| Next::Waiting(waiting)));
        }
        self.at += 1;
        Ok(Some(Next::Plain(self.at - 1)))
    }

    /// Goes on behind the last of the names that were read.
    fn read_on(&mut self, access: &Access<'_>, options: &WalkOptions) -> DriveResult<()> {
        let last = self.names.last().unwrap_or_default().to_owned();
        self.names = names_of(access, options, &self.path, &last)?;
        self.at = self.names.position(&last) + usize::from(self.names.holds(&last));
        Ok(())
    }
}

/// The directories in a directory, from `start` on.
fn names_of(access: &Access<'_>, options: &WalkOptions, path: &str, start: &str) -> DriveResult<Arc<DirNames>> {
    let dir = paths::join(&options.bucket, path.trim_end_matches('/'));
    let dir = dir.trim_end_matches('/');
    let known = &access.shared.known;
    let told = if options.anew { None } else { known.names(dir) };
    if let Some(names) = told.filter(|names| names.tells(start)) {
        return Ok(names);
    }
    let ticket = known.names_ticket(dir);
    // It may have gone since it was seen.
    let entries = if_any(access.read_dir(dir))?.unwrap_or_default();
    let names = Arc::new(DirNames::new(entries, start));
    known.put_names(ticket, dir, &names);
    Ok(names)
}

/// What is wanted of the names in one directory: what of the prefix and of the start lies below it. Directories are
/// large, and each page looks at all their names.
struct Wanted<'a> {
    prefix: &'a str,
    after: &'a str,
}

impl<'a> Wanted<'a> {
    /// `None` if nothing in the directory is wanted.
    fn in_dir(options: &'a WalkOptions, path: &str) -> Option<Self> {
        let prefix = match options.prefix.strip_prefix(path) {
            Some(rest) => rest,
            None if path.starts_with(&options.prefix) => "",
            None => return None,
        };
        let after = match options.after.strip_prefix(path) {
            Some(rest) => rest,
            None if path > options.after.as_str() => "",
            None => return None,
        };
        Some(Wanted { prefix, after })
    }

    /// As [`may_hold`], of a name in the directory.
    fn may_be(&self, key: &str) -> bool {
        let agrees = key.starts_with(self.prefix) || (key.ends_with('/') && self.prefix.starts_with(key));
        agrees && (key >= self.after || self.after.starts_with(key))
    }

    /// The same of the name with a slash.
    fn may_be_below(&self, name: &str) -> bool {
        let goes_on = |whole: &str, from: fn(u8) -> bool| {
            whole.strip_prefix(name).and_then(|rest| rest.bytes().next()).is_some_and(from)
        };
        let agrees = name.starts_with(self.prefix) || goes_on(self.prefix, |byte| byte == b'/');
        agrees && (name >= self.after || goes_on(self.after, |byte| byte <= b'/'))
    }
}

/// Whether the name, or something below it if it ends in `/`, can be wanted: it agrees with the prefix, and what
/// begins with it isn't all before the start.
fn may_hold(options: &WalkOptions, dir: &str, key: &str) -> bool {
    let name = Joined(dir, key);
    let agrees = name.starts_with(&options.prefix) || (key.ends_with('/') && name.is_start_of(&options.prefix));
    agrees && (options.after.is_empty() || name.is_start_of(&options.after) || !name.is_before(&options.after))
}

/// Whether the name itself is wanted.
fn is_after(options: &WalkOptions, dir: &str, key: &str) -> bool {
    let name = Joined(dir, key);
    let wanted = name.starts_with(&options.prefix);
    let start = options.after.is_empty() || !name.is_before(&options.after);
    wanted && start && (options.inclusive || options.after.is_empty() || !name.equals(&options.after))
}

/// Two pieces of a name, compared as if they were joined.
struct Joined<'a>(&'a str, &'a str);

impl Joined<'_> {
    fn len(&self) -> usize {
        self.0.len() + self.1.len()
    }

    fn starts_with(&self, start: &str) -> bool {
        match start.strip_prefix(self.0) {
            Some(rest) => self.1.starts_with(rest),
            None => self.0.starts_with(start),
        }
    }

    fn is_start_of(&self, whole: &str) -> bool {
        whole.strip_prefix(self.0).is_some_and(|rest| rest.starts_with(self.1))
    }

    fn is_before(&self, other: &str) -> bool {
        match other.strip_prefix(self.0) {
            Some(rest) => self.1 < rest,
            // It begins otherwise, or ends before.
            None => self.0 < other,
        }
    }

    fn equals(&self, other: &str) -> bool {
        self.len() == other.len() && self.is_start_of(other)
    }
}

/// Whether there is an object below the directory: a deletion in progress, or a crash, may leave empty ones and ones
/// with nothing but data in them. Looks depth first and gives up early in favour of yes.
fn leads_to_object(access: &Access<'_>, top: String) -> DriveResult<bool> {
    let mut dirs = vec![top];
    for _ in 0..LOOK_DIRS {
        let Some(dir) = dirs.pop() else { return Ok(false) };
        let names = if_any(access.read_some_of_dir(&dir, LOOK_NAMES))?.unwrap_or_default();
        let is_meta = |entry: &crate::DirEntry| {
            entry.kind != FileKind::Dir && [paths::XL_META, paths::XL_JSON].contains(&entry.name.as_str())
        };
        if names.len() == LOOK_NAMES || names.iter().any(is_meta) {
            return Ok(true);
        }
        let below = names.iter().filter(|entry| entry.kind == FileKind::Dir);
        dirs.extend(below.map(|entry| paths::join(&dir, &entry.name)));
    }
    Ok(true)
}

#[cfg(test)]
mod tests;
