//! The place where identities are kept, as this crate sees it: names and texts.
//!
//! Where they lie, how they are encrypted and how many drives hold them is the business of whoever implements it.

use async_trait::async_trait;

/// Documents by name: `users/alice/identity.json`.
#[async_trait]
pub trait Documents: Send + Sync {
    /// The names of all documents.
    async fn list(&self) -> Result<Vec<String>, DocumentError>;

    /// A document in clear; `None` if there is none, or an empty one.
    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, DocumentError>;

    /// Stores a document in the place of the one there was; durable when it returns.
    async fn write(&self, name: &str, document: &[u8]) -> Result<(), DocumentError>;

    /// Removes a document; missing is fine.
    async fn remove(&self, name: &str) -> Result<(), DocumentError>;
}

/// Why a document can't be read or written.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum DocumentError {
    /// It may be possible later: too few drives, no key service.
    #[error("'{name}' can't be reached: {reason}")]
    Unreachable { name: String, reason: String },
    /// What is stored can't be understood, and will not be until somebody mends it.
    #[error("'{name}' can't be read: {reason}")]
    Unreadable { name: String, reason: String },
}

impl DocumentError {
    /// The document's name.
    pub fn name(&self) -> &str {
        match self {
            DocumentError::Unreachable { name, .. } | DocumentError::Unreadable { name, .. } => name,
        }
    }
}
