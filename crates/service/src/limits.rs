//! The limits of the S3 interface ("Amazon S3 limits"), each a number that clients can run into.

use base::{MIB, TIB};

/// Largest object, part and copy source, in bytes.
pub const MAX_OBJECT_SIZE: u64 = 5 * TIB;
/// Smallest part of an upload other than its last, in bytes.
pub const MIN_PART_SIZE: u64 = 5 * MIB;
/// Highest part number, and so the most parts of an upload.
pub const MAX_PART_NUMBER: u32 = 10_000;
/// Most keys, versions and prefixes in a page of a listing.
pub const MAX_LIST_ENTRIES: usize = 1000;
/// Most uploads or parts in a page.
pub const MAX_LIST_PARTS: usize = 10_000;
/// Longest key, in bytes.
pub const MAX_KEY_LENGTH: usize = 1024;
/// Most tags on an object.
pub const MAX_OBJECT_TAGS: usize = 10;
/// Most tags on a bucket.
pub const MAX_BUCKET_TAGS: usize = 50;
/// Most keys in one DeleteObjects.
pub const MAX_DELETE_TARGETS: usize = 1000;
/// Deletions of one DeleteObjects under way at a time: enough to overlap the drives' syncs, few enough that one
/// request doesn't take all of them.
pub const DELETE_CONCURRENCY: usize = 16;
