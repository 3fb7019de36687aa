//! An object's directory and those above it, below its bucket.

use super::access::Access;
use crate::DriveResult;

/// The object's directory and those above it, which the next checkpoint makes durable.
pub(super) fn make(access: &Access<'_>, bucket: &str, object: &str) -> DriveResult<()> {
    let _shared = access.shared.tree.read();
    make_in_tree(access, bucket, object)
}

pub(super) fn make_in_tree(access: &Access<'_>, bucket: &str, object: &str) -> DriveResult<()> {
    let made = access.make_dirs(bucket, object).map_err(|error| access.or_bucket_missing(bucket, error))?;
    access.shared.fresh.leave(&made);
    Ok(())
}

pub(super) fn make_durable(access: &Access<'_>, bucket: &str, object: &str) -> DriveResult<()> {
    let _shared = access.shared.tree.read();
    make_durable_in_tree(access, bucket, object)
}

/// What moves there is lost with a directory that a crash loses, so they are durable first.
pub(super) fn make_durable_in_tree(access: &Access<'_>, bucket: &str, object: &str) -> DriveResult<()> {
    let made = access.make_dirs(bucket, object).map_err(|error| access.or_bucket_missing(bucket, error))?;
    access.sync_fresh(object, &made)
}
