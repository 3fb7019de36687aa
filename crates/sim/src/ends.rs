//! All ends that a power cut may take, where they can be counted: [`crash`](crate::crash) draws some of any number.
//!
//! Ends that nobody could tell apart, as what differs lies in a directory that itself is lost, count as one.

use crate::state::{Change, File, Inode, Name, Node, ROOT, SECTOR, Tree};
use std::collections::hash_map::DefaultHasher;
use std::collections::{BTreeMap, HashMap, HashSet};
use std::hash::{Hash, Hasher};
use std::sync::Arc;

/// Unsynced files of one end up to which each is lost, cut or kept in combination with all others: 27 combinations. More
/// go together, and each apart from the rest.
const MOST_FILES_COMBINED: u32 = 3;

/// How a disk may be found after a power cut.
#[derive(Clone, Debug)]
pub struct End {
    /// Of the pending changes to names.
    kept: Vec<bool>,
    /// What is left of files with unsynced bytes.
    files: BTreeMap<Inode, Left>,
    /// The same for two ends, of any cut, that leave the same names and bytes.
    pub print: u64,
}

/// How much of a file's unsynced bytes a power cut leaves.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
enum Left {
    Nothing,
    /// The first half of the sectors. Of a single one that is new: its length, and zeros.
    Half,
    Everything,
}

const LEFT: [Left; 3] = [Left::Nothing, Left::Half, Left::Everything];

/// The ends of a cut now. If at most `most` changes to names are pending: all there can be. Otherwise nothing, everything, each
/// alone (with what must have come before it) and all but each.
pub(crate) fn ends(tree: &Tree, most: usize) -> Vec<End> {
    let mut known: HashMap<(Inode, Left), u64> = HashMap::new();
    let (mut shapes, mut prints) = (HashSet::new(), HashSet::new());
    let mut ends = Vec::new();
    for kept in subsets(tree.pending(), most) {
        let shape = Shape::of(tree, &kept);
        if !shapes.insert(shape.names.clone()) {
            continue;
        }
        for files in fates(&shape.unsynced) {
            let mut hasher = DefaultHasher::new();
            for (path, inode) in &shape.names {
                path.hash(&mut hasher);
                if let Ok(file) = tree.file(*inode) {
                    let left = files.get(inode).copied().unwrap_or(Left::Everything);
                    known.entry((*inode, left)).or_insert_with(|| print_of(file, left)).hash(&mut hasher);
                }
            }
            let print = hasher.finish();
            if prints.insert(print) {
                ends.push(End { kept: kept.clone(), files, print });
            }
        }
    }
    ends
}

/// Leaves the tree so.
pub(crate) fn cut_power_to(tree: &mut Tree, end: &End) {
    tree.cut(|at| end.kept[at], |inode, file| leave(file, end.files.get(&inode).copied().unwrap_or(Left::Everything)));
}

/// Leaves the tree with everything that was done, or with nothing that wasn't durable.
pub(crate) fn cut_power_keeping(tree: &mut Tree, everything: bool) {
    let left = if everything { Left::Everything } else { Left::Nothing };
    tree.cut(|_| everything, |_, file| leave(file, left));
}

/// Which sets of changes may have been written: what happened to one name happened in order.
fn subsets(pending: &[Change], most: usize) -> Vec<Vec<bool>> {
    let count = pending.len();
    if count <= most {
        let all = (0..1_u64 << count).map(|bits| (0..count).map(|at| bits >> at & 1 == 1).collect::<Vec<bool>>());
        return all.filter(|kept| in_order(pending, kept) == *kept).collect();
    }
    let mut some = vec![vec![false; count], vec![true; count]];
    for one in 0..count {
        some.push(with_what_it_needs(pending, one));
        let all_but: Vec<bool> = (0..count).map(|at| at != one).collect();
        some.push(in_order(pending, &all_but));
    }
    some
}

/// Without changes of a name that an earlier change of is missing.
fn in_order(pending: &[Change], kept: &[bool]) -> Vec<bool> {
    let mut lost: HashSet<&Name> = HashSet::new();
    let mut legal = Vec::with_capacity(kept.len());
    for (change, kept) in pending.iter().zip(kept) {
        let keep = *kept && !change.names().any(|name| lost.contains(name));
        if !keep {
            lost.extend(change.names());
        }
        legal.push(keep);
    }
    legal
}

fn with_what_it_needs(pending: &[Change], one: usize) -> Vec<bool> {
    let mut needed: HashSet<&Name> = pending[one].names().collect();
    let mut kept = vec![false; pending.len()];
    kept[one] = true;
    for at in (0..one).rev() {
        if pending[at].names().any(|name| needed.contains(name)) {
            kept[at] = true;
            needed.extend(pending[at].names());
        }
    }
    kept
}

/// What can be found from the root.
struct Shape {
    /// Each path with what it leads to, in order.
    names: Vec<(String, Inode)>,
    /// Files whose bytes may be lost.
    unsynced: Vec<Inode>,
}

impl Shape {
    fn of(tree: &Tree, kept: &[bool]) -> Self {
        let dirs = tree.names_after(|at| kept[at]);
        let mut shape = Shape { names: Vec::new(), unsynced: Vec::new() };
        let mut work = vec![(String::new(), ROOT)];
        while let Some((dir, inode)) = work.pop() {
            for (name, inode) in dirs.get(&inode).into_iter().flatten() {
                let path = format!("{dir}/{name}");
                match tree.node(*inode) {
                    Ok(Node::Dir(_)) => work.push((path.clone(), *inode)),
                    Ok(Node::File(file)) if !file.is_durable() => shape.unsynced.push(*inode),
                    _ => {}
                }
                shape.names.push((path, *inode));
            }
        }
        shape
    }
}

/// What may be left of these files.
fn fates(files: &[Inode]) -> Vec<BTreeMap<Inode, Left>> {
    let count = u32::try_from(files.len()).unwrap_or(u32::MAX);
    if count <= MOST_FILES_COMBINED {
        let fate = |drawn: usize| {
            let digit = |at: u32| LEFT[drawn / LEFT.len().pow(at) % LEFT.len()];
            files.iter().copied().zip((0..).map(digit)).collect()
        };
        return (0..LEFT.len().pow(count)).map(fate).collect();
    }
    let mut fates: Vec<BTreeMap<Inode, Left>> =
        LEFT.iter().map(|left| files.iter().map(|inode| (*inode, *left)).collect()).collect();
    for one in files {
        for (rest, left) in LEFT.iter().flat_map(|rest| LEFT.iter().map(move |left| (*rest, *left))) {
            if left != rest {
                let fate = |inode: &Inode| (*inode, if inode == one { left } else { rest });
                fates.push(files.iter().map(fate).collect());
            }
        }
    }
    fates
}

fn leave(file: &mut File, left: Left) {
    if file.is_durable() {
        return;
    }
    let mut overwritten = std::mem::take(&mut file.lost);
    for (sector, held) in std::mem::take(&mut file.overwritten) {
        overwritten.entry(sector).or_default().extend(held);
    }
    let written = match left {
        Left::Nothing => 0,
        Left::Half => overwritten.len() / 2,
        Left::Everything => overwritten.len(),
    };
    for (sector, held) in overwritten.into_iter().skip(written) {
        let found = &held[0];
        Arc::make_mut(&mut file.bytes)[sector * SECTOR..][..found.len()].copy_from_slice(found);
    }
    let unsynced = file.bytes.len() - file.synced;
    let bytes = Arc::make_mut(&mut file.bytes);
    match left {
        Left::Nothing => bytes.truncate(file.synced),
        Left::Half if unsynced <= SECTOR => bytes[file.synced..].fill(0),
        Left::Half => bytes.truncate(file.synced + unsynced.div_ceil(SECTOR) / 2 * SECTOR),
        Left::Everything => {}
    }
}

fn print_of(file: &File, left: Left) -> u64 {
    let mut hasher = DefaultHasher::new();
    let mut file = file.clone();
    leave(&mut file, left);
    file.bytes.hash(&mut hasher);
    hasher.finish()
}
