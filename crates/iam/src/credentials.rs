//! An access key and its secret.

#[cfg(test)]
mod tests;

use base::Secret;

/// Shortest access key, in bytes (MinIO's rule, so that its settings go on working).
pub const MIN_ACCESS_KEY_LENGTH: usize = 3;
/// Shortest secret key, in bytes (MinIO's rule).
pub const MIN_SECRET_KEY_LENGTH: usize = 8;

/// An access key with the secret that signs for it.
#[derive(Clone, Debug)]
pub struct Credentials {
    access_key: String,
    secret_key: Secret,
}

/// Why a pair can't be used as credentials. Says nothing of the secret itself.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum BadCredentials {
    #[error("the access key is shorter than {MIN_ACCESS_KEY_LENGTH} characters")]
    AccessKeyTooShort,
    #[error("the secret key is shorter than {MIN_SECRET_KEY_LENGTH} characters")]
    SecretKeyTooShort,
}

impl Credentials {
    /// Checks the lengths; any characters are allowed.
    pub fn new(access_key: impl Into<String>, secret_key: Secret) -> Result<Self, BadCredentials> {
        let access_key = access_key.into();
        if access_key.len() < MIN_ACCESS_KEY_LENGTH {
            return Err(BadCredentials::AccessKeyTooShort);
        }
        if secret_key.expose().len() < MIN_SECRET_KEY_LENGTH {
            return Err(BadCredentials::SecretKeyTooShort);
        }
        Ok(Credentials { access_key, secret_key })
    }

    pub fn access_key(&self) -> &str {
        &self.access_key
    }

    pub fn secret_key(&self) -> &Secret {
        &self.secret_key
    }
}
