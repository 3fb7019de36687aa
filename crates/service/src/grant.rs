//! Reading a grant: the operations take bucket and key from it, after checking what it is for.

#[cfg(test)]
mod tests;

use crate::ServiceError;
use iam::{Action, Grant};

/// The bucket and key of a grant for one of `actions`.
pub(crate) fn object<'a>(grant: &'a Grant, actions: &[Action]) -> Result<(&'a str, &'a str), ServiceError> {
    check(grant, actions)?;
    match (grant.bucket(), grant.key()) {
        (Some(bucket), Some(key)) => Ok((bucket, key)),
        _ => Err(incomplete(grant, "an object")),
    }
}

/// The bucket of a grant for one of `actions`.
pub(crate) fn bucket<'a>(grant: &'a Grant, actions: &[Action]) -> Result<&'a str, ServiceError> {
    check(grant, actions)?;
    grant.bucket().ok_or_else(|| incomplete(grant, "a bucket"))
}

/// That the grant is for one of `actions`.
pub(crate) fn check(grant: &Grant, actions: &[Action]) -> Result<(), ServiceError> {
    match actions.first() {
        Some(wanted) if !actions.contains(&grant.action()) => {
            Err(ServiceError::WrongGrant { granted: grant.action(), wanted: *wanted })
        }
        _ => Ok(()),
    }
}

/// A second grant must be about the same bucket and key as the first: a permission for one object says nothing of
/// another.
pub(crate) fn same_object(first: &Grant, second: &Grant) -> Result<(), ServiceError> {
    if first.bucket() == second.bucket() && first.key() == second.key() && first.caller() == second.caller() {
        Ok(())
    } else {
        Err(ServiceError::Internal {
            what: format!("the grants for {} and {} differ", first.action(), second.action()),
        })
    }
}

fn incomplete(grant: &Grant, what: &str) -> ServiceError {
    ServiceError::Internal { what: format!("the grant for {} isn't about {what}", grant.action()) }
}
