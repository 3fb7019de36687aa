//! Why key management failed.

use std::fmt;

/// What was asked of the key service.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Operation {
    Create,
    List,
    Generate,
    Decrypt,
    /// Its version, state or interface.
    Describe,
}

impl fmt::Display for Operation {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(match self {
            Operation::Create => "create a key",
            Operation::List => "list keys",
            Operation::Generate => "generate a data key",
            Operation::Decrypt => "decrypt a data key",
            Operation::Describe => "describe itself",
        })
    }
}

/// Why a key service didn't do what it was asked. All but `Failed` are its answers.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KmsError {
    #[error("key '{key}': the key service does not permit this")]
    NotPermitted { key: String },
    #[error("key '{key}' exists at the key service")]
    KeyExists { key: String },
    #[error("key '{key}' does not exist at the key service")]
    KeyNotFound { key: String },
    /// Wrong context, wrong key, or changed bytes: the service can't tell which.
    #[error("key '{key}' does not open the sealed data key")]
    InvalidCiphertext { key: String },
    #[error("the key service can't {operation}")]
    NotSupported { operation: Operation },
    /// It couldn't be reached, was too slow, or answered nonsense. `key` is empty where it is about none.
    #[error("the key service did not {operation} (key '{key}'): {cause}")]
    Failed { operation: Operation, key: String, cause: String },
}

impl KmsError {
    /// What clients are told, as MinIO words it; the cause stays in the log.
    pub fn message(&self) -> &'static str {
        match self {
            KmsError::NotPermitted { .. } => "insufficient permissions to perform KMS operation",
            KmsError::KeyExists { .. } => "key with given key ID already exits",
            KmsError::KeyNotFound { .. } => "key with given key ID does not exist",
            KmsError::InvalidCiphertext { .. } => "failed to decrypt ciphertext",
            KmsError::NotSupported { .. } => "requested functionality is not supported",
            KmsError::Failed { operation, .. } => match operation {
                Operation::Create => "failed to create KMS key",
                Operation::List => "failed to list keys at the KMS",
                Operation::Generate => "failed to generate data key with KMS key",
                Operation::Decrypt => "failed to decrypt ciphertext with KMS key",
                Operation::Describe => "failed to fetch KMS status",
            },
        }
    }

    /// Whether the service couldn't be asked, so that asking again may help.
    pub fn is_outage(&self) -> bool {
        matches!(self, KmsError::Failed { .. })
    }
}
