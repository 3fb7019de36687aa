//! Power cuts: which of the states that a file system may be found in afterwards.

use crate::state::{Change, File, Name, SECTOR, Tree};
use base::Random;
use std::collections::HashSet;
use std::sync::Arc;

/// Puts the tree into a state that it may be in after the power was cut now.
pub(crate) fn cut_power(tree: &mut Tree, random: &dyn Random) {
    let kept = choose(tree.pending(), random);
    let taste = Taste::draw(random);
    tree.cut(|at| kept[at], |_, file| tear(file, taste, random));
}

/// How much is kept. Everything and nothing are drawn on purpose: among many changes chance alone would never find them.
#[derive(Clone, Copy)]
enum Taste {
    Nothing,
    Everything,
    AllBut(u64),
    Only(u64),
    /// Each with this chance out of 256.
    Some(u64),
}

impl Taste {
    fn draw(random: &dyn Random) -> Self {
        match random.u64() % 8 {
            0 | 1 => Taste::Nothing,
            2 => Taste::Everything,
            3 => Taste::AllBut(random.u64()),
            4 => Taste::Only(random.u64()),
            _ => Taste::Some(random.u64() % 257),
        }
    }

    fn keeps(self, at: usize, of: usize, random: &dyn Random) -> bool {
        let is = |chosen: u64| of > 0 && chosen % (of as u64) == at as u64;
        match self {
            Taste::Nothing => false,
            Taste::Everything => true,
            Taste::AllBut(one) => !is(one),
            Taste::Only(one) => is(one),
            Taste::Some(chance) => random.u64() % 256 < chance,
        }
    }
}

/// Which changes to names were written. What happened to one name happened in order; otherwise anything goes.
fn choose(pending: &[Change], random: &dyn Random) -> Vec<bool> {
    let taste = Taste::draw(random);
    let mut lost: HashSet<&Name> = HashSet::new();
    let mut kept = Vec::with_capacity(pending.len());
    for (at, change) in pending.iter().enumerate() {
        let keep = taste.keeps(at, pending.len(), random) && !change.names().any(|name| lost.contains(name));
        if !keep {
            lost.extend(change.names());
        }
        kept.push(keep);
    }
    kept
}

/// Loses what was not synced of a file: its end, or sectors in the middle, which then read as zeros, or as what they held
/// before they were written over.
fn tear(file: &mut File, taste: Taste, random: &dyn Random) {
    let mut overwritten = std::mem::take(&mut file.lost);
    for (sector, held) in std::mem::take(&mut file.overwritten) {
        overwritten.entry(sector).or_default().extend(held);
    }
    let count = overwritten.len();
    for (at, (sector, held)) in overwritten.into_iter().enumerate() {
        if !taste.keeps(at, count, random) {
            let found = &held[below(random, held.len())];
            Arc::make_mut(&mut file.bytes)[sector * SECTOR..][..found.len()].copy_from_slice(found);
        }
    }
    if file.synced == file.bytes.len() {
        return;
    }
    let unsynced = file.bytes.len() - file.synced;
    let sectors = unsynced.div_ceil(SECTOR);
    let length = match taste {
        Taste::Nothing => 0,
        Taste::Everything => unsynced,
        _ => (below(random, sectors + 1) * SECTOR).min(unsynced),
    };
    let bytes = Arc::make_mut(&mut file.bytes);
    bytes.truncate(file.synced + length);
    for (at, sector) in bytes[file.synced..].chunks_mut(SECTOR).enumerate() {
        if !taste.keeps(at, sectors, random) {
            sector.fill(0);
        }
    }
}

fn below(random: &dyn Random, limit: usize) -> usize {
    let drawn = random.u64() % (limit as u64);
    usize::try_from(drawn).expect("it is below a usize")
}
