//! A pool: the sets that share a format, and which of them holds a name.

use crate::set::Set;
use format::drive_format::FormatJson;
use format::placement;
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

/// One pool of sets.
#[derive(Debug)]
pub(crate) struct Pool {
    /// As typed on the command line.
    pub(crate) argument: String,
    pub(crate) sets: Vec<Arc<Set>>,
    /// What all its drives' formats agree on; `this` means nothing here.
    pub(crate) format: FormatJson,
    /// It is being emptied, or has been: nothing new is written to it.
    pub(crate) suspended: AtomicBool,
}

impl Pool {
    /// The set of an encoded name.
    pub(crate) fn set_of(&self, object: &str) -> &Arc<Set> {
        let algorithm = self.format.algorithm;
        &self.sets[placement::set_index(algorithm, self.format.deployment_id, object, self.sets.len())]
    }
}
