//! What of the configuration may change while the store is open.

use parking_lot::RwLock;

/// How new objects are written.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Tuning {
    /// Parity of STANDARD objects.
    pub standard_parity: u8,
    /// Parity of REDUCED_REDUNDANCY objects.
    pub reduced_parity: u8,
    /// Keep the parity while drives are offline, rather than raise it.
    pub capacity_optimized: bool,
    /// Shards up to this many bytes are kept inside the metadata.
    pub inline_block: u64,
    /// Most versions of an object; `None`: no limit.
    pub max_versions: Option<usize>,
}

/// The tuning in force.
#[derive(Debug)]
pub(crate) struct Tuned(RwLock<Tuning>);

impl Tuned {
    pub(crate) fn new(tuning: Tuning) -> Self {
        Tuned(RwLock::new(tuning))
    }

    pub(crate) fn get(&self) -> Tuning {
        *self.0.read()
    }

    pub(crate) fn set(&self, tuning: Tuning) {
        *self.0.write() = tuning;
    }
}

impl crate::Store {
    /// How new objects are written now.
    pub fn tuning(&self) -> Tuning {
        self.inner.shared.tuned.get()
    }

    /// Changes how new objects are written, from the next write on. What is stored stays as it is.
    pub fn tune(&self, tuning: Tuning) {
        self.inner.shared.tuned.set(tuning);
    }

    /// Parity of STANDARD and REDUCED_REDUNDANCY objects where the configuration names none.
    pub fn default_parities(&self) -> (u8, u8) {
        let size = self.inner.pools[0].sets[0].size();
        (format::placement::default_parity(size), format::placement::default_reduced_parity(size))
    }
}
