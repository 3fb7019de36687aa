//! Which places of files were read not long ago.

use std::sync::OnceLock;
use std::sync::atomic::{AtomicU32, Ordering};

/// Places remembered: what is read again within so many others finds its way into the page cache. Four bytes each.
const PLACES: usize = 1 << 16;

/// A table of places' fingerprints; a later place takes the entry of an earlier one. Being wrong costs one read of the drive.
#[derive(Debug, Default)]
pub(super) struct Seen {
    /// Made when it is first asked.
    places: OnceLock<Box<[AtomicU32]>>,
}

impl Seen {
    /// Whether this is the first time; from now on it isn't.
    pub(super) fn is_first(&self, file: u64, offset: u64) -> bool {
        let (place, fingerprint) = self.place(file, offset);
        place.swap(fingerprint, Ordering::Relaxed) != fingerprint
    }

    /// Whether it was read before.
    pub(super) fn contains(&self, file: u64, offset: u64) -> bool {
        let (place, fingerprint) = self.place(file, offset);
        place.load(Ordering::Relaxed) == fingerprint
    }

    fn place(&self, file: u64, offset: u64) -> (&AtomicU32, u32) {
        // Mixes all bits (the finalizer of SplitMix64).
        let mut mixed = file ^ offset.rotate_left(32);
        mixed = (mixed ^ (mixed >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        mixed = (mixed ^ (mixed >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        mixed ^= mixed >> 31;
        let [a, b, c, d, e, f, ..] = mixed.to_le_bytes();
        let place = usize::from(u16::from_le_bytes([a, b]));
        let places = self.places.get_or_init(|| (0..PLACES).map(|_| AtomicU32::new(0)).collect());
        // Zero means nothing.
        (&places[place % PLACES], u32::from_le_bytes([c, d, e, f]) | 1)
    }
}
