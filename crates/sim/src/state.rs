//! What a simulated disk holds: how it looks now, and what of it is durable.

use base::Timestamp;
use rustix::io::Errno;
use std::collections::{BTreeMap, HashSet};
use std::sync::Arc;

/// A file or directory, whatever its names are.
pub(crate) type Inode = u64;

pub(crate) const ROOT: Inode = 0;

/// A name in a directory.
pub(crate) type Name = (Inode, String);

#[derive(Clone, Debug)]
pub(crate) enum Node {
    File(File),
    Dir(BTreeMap<String, Inode>),
}

#[derive(Clone, Debug, Default)]
pub(crate) struct File {
    /// Shared by copies of the disk until one writes.
    pub(crate) bytes: Arc<Vec<u8>>,
    /// So many of them are durable, but for sectors that were written over.
    pub(crate) synced: usize,
    /// A sync has failed: the system forgot which bytes it has yet to write, and later syncs succeed without writing.
    pub(crate) forgotten: bool,
    /// What sectors held before they were written over, oldest first: any of that, or what they hold now, may be found
    /// after a power cut.
    pub(crate) overwritten: BTreeMap<usize, Vec<Vec<u8>>>,
    /// The same of those that a failed sync has forgotten.
    pub(crate) lost: BTreeMap<usize, Vec<Vec<u8>>>,
}

/// What a drive writes at once, whole or not at all.
pub(crate) const SECTOR: usize = 512;

impl File {
    /// Writes within the file.
    pub(crate) fn write_at(&mut self, offset: usize, bytes: &[u8]) -> Result<(), Errno> {
        let end = offset.checked_add(bytes.len()).filter(|end| *end <= self.bytes.len()).ok_or(Errno::INVAL)?;
        for sector in offset / SECTOR..end.div_ceil(SECTOR) {
            let at = sector * SECTOR;
            let held = &self.bytes[at..(at + SECTOR).min(self.bytes.len())];
            let (from, to) = (offset.max(at), end.min(at + held.len()));
            if self.bytes[from..to] != bytes[from - offset..to - offset] {
                let held = held.to_vec();
                self.overwritten.entry(sector).or_default().push(held);
            }
        }
        Arc::make_mut(&mut self.bytes)[offset..end].copy_from_slice(bytes);
        Ok(())
    }

    /// Whether a power cut leaves it as it is.
    pub(crate) fn is_durable(&self) -> bool {
        self.synced == self.bytes.len() && self.overwritten.is_empty() && self.lost.is_empty()
    }

    pub(crate) fn sync(&mut self) {
        self.overwritten.clear();
        if !self.forgotten {
            self.synced = self.bytes.len();
        }
    }

    /// A sync failed.
    pub(crate) fn forget(&mut self) {
        self.forgotten = true;
        for (sector, held) in std::mem::take(&mut self.overwritten) {
            self.lost.entry(sector).or_default().extend(held);
        }
    }
}

/// A change to the names that isn't durable yet. A move is one change, as journalling file systems have it.
#[derive(Clone, Debug)]
pub(crate) struct Change {
    /// The name that goes.
    pub(crate) from: Option<Name>,
    /// The name that comes, or now stands for something else.
    pub(crate) to: Option<(Name, Inode)>,
}

impl Change {
    pub(crate) fn names(&self) -> impl Iterator<Item = &Name> {
        self.from.iter().chain(self.to.iter().map(|(name, _)| name))
    }

    fn apply(&self, dirs: &mut BTreeMap<Inode, BTreeMap<String, Inode>>) {
        if let Some((dir, name)) = &self.from {
            dirs.entry(*dir).or_default().remove(name);
        }
        if let Some(((dir, name), inode)) = &self.to {
            dirs.entry(*dir).or_default().insert(name.clone(), *inode);
        }
    }
}

/// A tree of files.
#[derive(Clone, Debug)]
pub(crate) struct Tree {
    nodes: BTreeMap<Inode, Node>,
    modified: BTreeMap<Inode, Timestamp>,
    next: Inode,
    /// The names that are durable.
    durable: BTreeMap<Inode, BTreeMap<String, Inode>>,
    /// Changes to names since, oldest first.
    pending: Vec<Change>,
}

impl Tree {
    pub(crate) fn new() -> Self {
        Tree {
            nodes: BTreeMap::from([(ROOT, Node::Dir(BTreeMap::new()))]),
            modified: BTreeMap::new(),
            next: ROOT + 1,
            durable: BTreeMap::new(),
            pending: Vec::new(),
        }
    }

    // Looking

    pub(crate) fn find(&self, path: &str) -> Result<Inode, Errno> {
        let mut at = ROOT;
        for name in path.split('/').filter(|_| !path.is_empty()) {
            check(name)?;
            at = *self.dir(at)?.get(name).ok_or(Errno::NOENT)?;
        }
        Ok(at)
    }

    /// The directory that holds a path's last name, and that name.
    pub(crate) fn place(&self, path: &str) -> Result<Name, Errno> {
        let (parent, name) = path.rsplit_once('/').unwrap_or(("", path));
        check(name)?;
        let parent = self.find(parent)?;
        self.dir(parent)?;
        Ok((parent, name.to_owned()))
    }

    pub(crate) fn node(&self, inode: Inode) -> Result<&Node, Errno> {
        self.nodes.get(&inode).ok_or(Errno::NOENT)
    }

    pub(crate) fn dir(&self, inode: Inode) -> Result<&BTreeMap<String, Inode>, Errno> {
        match self.node(inode)? {
            Node::Dir(names) => Ok(names),
            Node::File(_) => Err(Errno::NOTDIR),
        }
    }

    pub(crate) fn file(&self, inode: Inode) -> Result<&File, Errno> {
        match self.node(inode)? {
            Node::File(file) => Ok(file),
            Node::Dir(_) => Err(Errno::ISDIR),
        }
    }

    pub(crate) fn file_mut(&mut self, inode: Inode) -> Result<&mut File, Errno> {
        match self.nodes.get_mut(&inode).ok_or(Errno::NOENT)? {
            Node::File(file) => Ok(file),
            Node::Dir(_) => Err(Errno::ISDIR),
        }
    }

    pub(crate) fn modified(&self, inode: Inode) -> Timestamp {
        self.modified.get(&inode).copied().unwrap_or_default()
    }

    /// The space that everything takes that has a name now, in bytes, names counted as some.
    pub(crate) fn used(&self) -> u64 {
        const NODE: u64 = 512;
        let (mut used, mut work) = (0, vec![ROOT]);
        while let Some(inode) = work.pop() {
            used += NODE;
            match self.nodes.get(&inode) {
                Some(Node::File(file)) => used += file.bytes.len() as u64,
                Some(Node::Dir(names)) => work.extend(names.values()),
                None => {}
            }
        }
        used
    }

    // Changing

    pub(crate) fn add(&mut self, path: &str, node: Node, now: Timestamp) -> Result<Inode, Errno> {
        let name = self.place(path)?;
        if self.dir(name.0)?.contains_key(&name.1) {
            return Err(Errno::EXIST);
        }
        let inode = self.next;
        self.next += 1;
        self.nodes.insert(inode, node);
        self.modified.insert(inode, now);
        self.change(Change { from: None, to: Some((name, inode)) }, now);
        Ok(inode)
    }

    pub(crate) fn remove(&mut self, path: &str, want_dir: bool, now: Timestamp) -> Result<(), Errno> {
        let name = self.place(path)?;
        let inode = *self.dir(name.0)?.get(&name.1).ok_or(Errno::NOENT)?;
        match self.node(inode)? {
            Node::Dir(_) if !want_dir => return Err(Errno::ISDIR),
            Node::File(_) if want_dir => return Err(Errno::NOTDIR),
            Node::Dir(names) if !names.is_empty() => return Err(Errno::NOTEMPTY),
            _ => {}
        }
        self.change(Change { from: Some(name), to: None }, now);
        Ok(())
    }

    pub(crate) fn rename(&mut self, from: &str, to: &str, now: Timestamp) -> Result<(), Errno> {
        if to.strip_prefix(from).is_some_and(|below| below.starts_with('/')) {
            return Err(Errno::INVAL);
        }
        let (from, to) = (self.place(from)?, self.place(to)?);
        let inode = *self.dir(from.0)?.get(&from.1).ok_or(Errno::NOENT)?;
        let moves_dir = matches!(self.node(inode)?, Node::Dir(_));
        if let Some(target) = self.dir(to.0)?.get(&to.1) {
            match self.node(*target)? {
                Node::Dir(_) if !moves_dir => return Err(Errno::ISDIR),
                Node::File(_) if moves_dir => return Err(Errno::NOTDIR),
                Node::Dir(names) if !names.is_empty() => return Err(Errno::NOTEMPTY),
                _ => {}
            }
        }
        self.change(Change { from: Some(from), to: Some((to, inode)) }, now);
        Ok(())
    }

    fn change(&mut self, change: Change, now: Timestamp) {
        let goes = change.from.as_ref().filter(|_| change.to.is_none());
        let replaced = change.to.as_ref().map(|(name, _)| name);
        let gone = goes.or(replaced).and_then(|(dir, name)| self.dir(*dir).ok()?.get(name).copied());
        if let Some((dir, name)) = &change.from
            && let Some(Node::Dir(names)) = self.nodes.get_mut(dir)
        {
            names.remove(name);
        }
        if let Some(((dir, name), inode)) = &change.to
            && let Some(Node::Dir(names)) = self.nodes.get_mut(dir)
        {
            names.insert(name.clone(), *inode);
        }
        for (dir, _) in change.names() {
            self.modified.insert(*dir, now);
        }
        self.pending.push(change);
        if let Some(gone) = gone {
            self.forget_if_lost(gone);
        }
    }

    /// A file without any name, present or durable or pending, takes no space. (Nothing here reads files after their
    /// names are gone, but for handles that are open: those keep what they read.)
    fn forget_if_lost(&mut self, inode: Inode) {
        let durable = self.durable.values().any(|names| names.values().any(|named| *named == inode));
        let pending = self.pending.iter().any(|change| change.to.as_ref().is_some_and(|(_, to)| *to == inode));
        if !durable && !pending {
            self.nodes.remove(&inode);
        }
    }

    // Durability

    pub(crate) fn sync_file(&mut self, inode: Inode) -> Result<(), Errno> {
        self.file_mut(inode)?.sync();
        Ok(())
    }

    /// Makes the directory's names durable, with every earlier change that one of them depends on.
    pub(crate) fn sync_dir(&mut self, dir: Inode) {
        let mut needed: HashSet<Name> = HashSet::new();
        let mut chosen = vec![false; self.pending.len()];
        for (at, change) in self.pending.iter().enumerate().rev() {
            if change.names().any(|name| name.0 == dir || needed.contains(name)) {
                chosen[at] = true;
                needed.extend(change.names().cloned());
            }
        }
        let mut at = 0;
        let mut durable = std::mem::take(&mut self.durable);
        self.pending.retain(|change| {
            let now_durable = chosen[at];
            at += 1;
            if now_durable {
                change.apply(&mut durable);
            }
            !now_durable
        });
        self.durable = durable;
        self.drop_lost();
    }

    pub(crate) fn sync_all(&mut self) {
        for change in std::mem::take(&mut self.pending) {
            change.apply(&mut self.durable);
        }
        for node in self.nodes.values_mut() {
            if let Node::File(file) = node {
                file.sync();
            }
        }
        self.drop_lost();
    }

    /// What the disk looks like after a power cut at which these of the pending changes had been written.
    pub(crate) fn cut(&mut self, kept: impl Fn(usize) -> bool, mut tail: impl FnMut(Inode, &mut File)) {
        self.durable = self.names_after(kept);
        self.pending.clear();
        for (inode, node) in &mut self.nodes {
            match node {
                Node::Dir(names) => *names = self.durable.get(inode).cloned().unwrap_or_default(),
                Node::File(file) => {
                    tail(*inode, file);
                    file.synced = file.bytes.len();
                    file.forgotten = false;
                    file.overwritten.clear();
                    file.lost.clear();
                }
            }
        }
        self.drop_lost();
    }

    /// The names that are durable once these of the pending changes are.
    pub(crate) fn names_after(&self, kept: impl Fn(usize) -> bool) -> BTreeMap<Inode, BTreeMap<String, Inode>> {
        let mut names = self.durable.clone();
        for (at, change) in self.pending.iter().enumerate() {
            if kept(at) {
                change.apply(&mut names);
            }
        }
        names
    }

    pub(crate) fn pending(&self) -> &[Change] {
        &self.pending
    }

    /// Forgets files and directories that no name leads to, present, durable or pending.
    fn drop_lost(&mut self) {
        let mut found = HashSet::from([ROOT]);
        let mut work = vec![ROOT];
        work.extend(self.pending.iter().filter_map(|change| change.to.as_ref().map(|(_, inode)| *inode)));
        while let Some(inode) = work.pop() {
            found.insert(inode);
            let now = match self.nodes.get(&inode) {
                Some(Node::Dir(names)) => Some(names),
                _ => None,
            };
            let named = now.into_iter().chain(self.durable.get(&inode)).flat_map(|names| names.values());
            work.extend(named.filter(|inode| !found.contains(inode)));
        }
        self.nodes.retain(|inode, _| found.contains(inode));
        self.modified.retain(|inode, _| found.contains(inode));
        self.durable.retain(|inode, _| found.contains(inode));
    }
}

/// As the kernel and the plain engine would refuse them.
fn check(name: &str) -> Result<(), Errno> {
    const NAME_MAX: usize = 255;
    match name {
        "" | "." | ".." => Err(Errno::INVAL),
        _ if name.contains('\0') => Err(Errno::INVAL),
        _ if name.len() > NAME_MAX => Err(Errno::NAMETOOLONG),
        _ => Ok(()),
    }
}
