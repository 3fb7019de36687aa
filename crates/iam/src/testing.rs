//! Documents in memory, and a world whose clock stands still.

use crate::documents::{DocumentError, Documents};
use async_trait::async_trait;
use base::{ManualClock, SeededRandom, Tasks, Timestamp, World};
use parking_lot::Mutex;
use std::collections::BTreeMap;
use std::sync::Arc;

#[derive(Default)]
pub(crate) struct Kept {
    documents: Mutex<BTreeMap<String, Vec<u8>>>,
    failing: Mutex<Option<String>>,
    /// How many more writes and removals are done before all fail.
    left: Mutex<Option<usize>>,
}

impl Kept {
    pub(crate) fn put(&self, name: &str, text: &str) {
        self.documents.lock().insert(name.to_owned(), text.as_bytes().to_vec());
    }

    pub(crate) fn all(&self) -> BTreeMap<String, Vec<u8>> {
        self.documents.lock().clone()
    }

    pub(crate) fn names(&self) -> Vec<String> {
        self.documents.lock().keys().cloned().collect()
    }

    pub(crate) fn fail_with(&self, reason: Option<&str>) {
        *self.failing.lock() = reason.map(str::to_owned);
    }

    pub(crate) fn stop_after(&self, writes: Option<usize>) {
        *self.left.lock() = writes;
    }

    fn check(&self, name: &str) -> Result<(), DocumentError> {
        match &*self.failing.lock() {
            Some(reason) => Err(DocumentError::Unreachable { name: name.to_owned(), reason: reason.clone() }),
            None => Ok(()),
        }
    }

    fn check_write(&self, name: &str) -> Result<(), DocumentError> {
        self.check(name)?;
        match &mut *self.left.lock() {
            Some(0) => {
                Err(DocumentError::Unreachable { name: name.to_owned(), reason: "the power is gone".to_owned() })
            }
            Some(left) => {
                *left -= 1;
                Ok(())
            }
            None => Ok(()),
        }
    }
}

#[async_trait]
impl Documents for Kept {
    async fn list(&self) -> Result<Vec<String>, DocumentError> {
        self.check("")?;
        Ok(self.names())
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, DocumentError> {
        self.check(name)?;
        Ok(self.documents.lock().get(name).cloned())
    }

    async fn write(&self, name: &str, document: &[u8]) -> Result<(), DocumentError> {
        self.check_write(name)?;
        self.documents.lock().insert(name.to_owned(), document.to_vec());
        Ok(())
    }

    async fn remove(&self, name: &str) -> Result<(), DocumentError> {
        self.check_write(name)?;
        self.documents.lock().remove(name);
        Ok(())
    }
}

/// A world whose clock begins at `seconds` and is stepped by the test.
pub(crate) fn manual_world(seconds: i64) -> (World, Arc<ManualClock>) {
    let clock = Arc::new(ManualClock::new(Timestamp::from_secs(seconds)));
    let world = World { clock: Arc::clone(&clock) as _, random: Arc::new(SeededRandom::new(7)), tasks: Tasks::new() };
    (world, clock)
}
