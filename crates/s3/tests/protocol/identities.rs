//! Identities kept in memory, for servers under test.

use async_trait::async_trait;
use iam::{DocumentError, Documents};
use parking_lot::Mutex;
use std::collections::BTreeMap;

#[derive(Default)]
pub struct Kept(pub Mutex<BTreeMap<String, Vec<u8>>>);

#[async_trait]
impl Documents for Kept {
    async fn list(&self) -> Result<Vec<String>, DocumentError> {
        Ok(self.0.lock().keys().cloned().collect())
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, DocumentError> {
        Ok(self.0.lock().get(name).cloned())
    }

    async fn write(&self, name: &str, document: &[u8]) -> Result<(), DocumentError> {
        self.0.lock().insert(name.to_owned(), document.to_vec());
        Ok(())
    }

    async fn remove(&self, name: &str) -> Result<(), DocumentError> {
        self.0.lock().remove(name);
        Ok(())
    }
}
