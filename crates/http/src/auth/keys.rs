//! The secrets that signatures are checked with.

use super::AuthError;
use base::Secret;

/// Gives secrets for access keys; implemented over the server's accounts.
pub trait SigningKeys: Send + Sync {
    /// The secret of an access key.
    fn lookup(&self, access_key: &str) -> Result<Credentials, KeyError>;
}

/// What belongs to an access key.
#[derive(Clone, Debug)]
pub struct Credentials {
    /// The secret key.
    pub secret: Secret,
    /// The session token that a request must show.
    pub token: SessionToken,
}

/// What of a session token belongs to an access key.
#[derive(Clone, Debug)]
pub enum SessionToken {
    /// None: a request must not show one.
    Absent,
    /// Temporary credentials: every request must show this one.
    Exactly(Secret),
    /// Whatever a request shows isn't looked at.
    Ignored,
}

/// Why there is no secret for an access key.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum KeyError {
    /// The key doesn't exist, or is a temporary one that has expired.
    Unknown,
    /// The account is disabled.
    Disabled,
    /// The accounts are not loaded yet.
    NotReady,
}

impl From<KeyError> for AuthError {
    fn from(error: KeyError) -> Self {
        match error {
            KeyError::Unknown => AuthError::UnknownKey,
            KeyError::Disabled => AuthError::DisabledKey,
            KeyError::NotReady => AuthError::KeysNotReady,
        }
    }
}
