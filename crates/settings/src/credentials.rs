//! Where the root credentials come from.

#[cfg(test)]
mod tests;

use crate::Environment;
use base::Secret;

/// What is used when nothing is set.
const DEFAULT: &str = "minioadmin";

/// Which setting gave the credentials.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CredentialsOrigin {
    /// `MINIO_ROOT_USER` and `MINIO_ROOT_PASSWORD`.
    Root,
    /// The old names `MINIO_ACCESS_KEY` and `MINIO_SECRET_KEY`.
    Legacy,
    /// None: the well-known default.
    Default,
}

/// The root credentials; their lengths are not checked yet.
#[derive(Clone, Debug)]
pub struct RootCredentials {
    pub user: String,
    pub password: Secret,
    pub origin: CredentialsOrigin,
}

#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum CredentialsError {
    #[error("Missing credential environment variable, \"{missing}\"")]
    Missing { missing: &'static str },
}

impl RootCredentials {
    pub fn from_environment(environment: &Environment) -> Result<Self, CredentialsError> {
        if let Some(root) = pair(environment, "MINIO_ROOT_USER", "MINIO_ROOT_PASSWORD", CredentialsOrigin::Root)? {
            return Ok(root);
        }
        if let Some(legacy) = pair(environment, "MINIO_ACCESS_KEY", "MINIO_SECRET_KEY", CredentialsOrigin::Legacy)? {
            return Ok(legacy);
        }
        Ok(RootCredentials {
            user: DEFAULT.to_owned(),
            password: Secret::new(DEFAULT),
            origin: CredentialsOrigin::Default,
        })
    }
}

/// Both, or none; one without the other is a mistake.
fn pair(
    environment: &Environment,
    user: &'static str,
    password: &'static str,
    origin: CredentialsOrigin,
) -> Result<Option<RootCredentials>, CredentialsError> {
    match (environment.get(user), environment.get(password)) {
        (None, None) => Ok(None),
        (Some(_), None) => Err(CredentialsError::Missing { missing: password }),
        (None, Some(_)) => Err(CredentialsError::Missing { missing: user }),
        (Some(user), Some(password)) => {
            Ok(Some(RootCredentials { user: user.to_owned(), password: Secret::new(password), origin }))
        }
    }
}
