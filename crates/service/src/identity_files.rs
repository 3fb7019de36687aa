//! Identities among the server's own files: what the crate `iam` sees of them.

use crate::{ConfigFileError, ConfigFiles};
use async_trait::async_trait;
use iam::{DocumentError, Documents};

/// Where identities lie.
const IDENTITIES: &str = "config/iam/";

/// The part of the files that identities are.
pub struct IdentityFiles(ConfigFiles);

impl IdentityFiles {
    pub fn new(files: ConfigFiles) -> Self {
        IdentityFiles(files)
    }
}

#[async_trait]
impl Documents for IdentityFiles {
    async fn list(&self) -> Result<Vec<String>, DocumentError> {
        let paths = self.0.list(IDENTITIES).await.map_err(document_error)?;
        Ok(paths.iter().filter_map(|path| path.strip_prefix(IDENTITIES)).map(str::to_owned).collect())
    }

    async fn read(&self, name: &str) -> Result<Option<Vec<u8>>, DocumentError> {
        self.0.read(&path(name)).await.map_err(document_error)
    }

    async fn write(&self, name: &str, document: &[u8]) -> Result<(), DocumentError> {
        self.0.write(&path(name), document).await.map_err(document_error)
    }

    async fn remove(&self, name: &str) -> Result<(), DocumentError> {
        self.0.remove(&path(name)).await.map_err(document_error)
    }
}

fn path(name: &str) -> String {
    format!("{IDENTITIES}{name}")
}

fn document_error(error: ConfigFileError) -> DocumentError {
    match error {
        ConfigFileError::Unreachable { path, reason } => DocumentError::Unreachable { name: path, reason },
        ConfigFileError::Unreadable { path, reason } => DocumentError::Unreadable { name: path, reason },
    }
}
