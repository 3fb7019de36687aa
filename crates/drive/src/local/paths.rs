//! Where things are on a drive (docs/drives.md).

use crate::{DriveError, DriveResult};
use uuid::Uuid;

/// The pseudo bucket of internal objects and files.
pub(crate) const SYS: &str = ".minio.sys";
pub(crate) const FORMAT: &str = ".minio.sys/format.json";
pub(crate) const TMP: &str = ".minio.sys/tmp";
pub(crate) const TMP_OLD: &str = ".minio.sys/tmp-old";
pub(crate) const TRASH: &str = ".minio.sys/tmp/.trash";
pub(crate) const MULTIPART: &str = ".minio.sys/multipart";
pub(crate) const BUCKETS: &str = ".minio.sys/buckets";
pub(crate) const CONFIG: &str = ".minio.sys/config";
/// What only this server uses; MinIO leaves it alone.
pub(crate) const OURS: &str = ".minio.sys/rustfs";
pub(crate) const LOCK: &str = ".minio.sys/rustfs/lock";
pub(crate) const DOUBTS: &str = ".minio.sys/rustfs/doubt";
/// The segments of the journal of commits (docs/durability.md).
pub(crate) const JOURNAL: &str = ".minio.sys/rustfs/journal";
/// Says that nothing in the journal is needed.
pub(crate) const CLOSED: &str = ".minio.sys/rustfs/journal/closed";
/// What a replay found changed by somebody else, and didn't touch.
pub(crate) const ASIDE: &str = ".minio.sys/rustfs/aside";
/// Space kept so that deletes work on a full drive.
pub(crate) const RESERVE: &str = ".minio.sys/rustfs/reserve";

pub(crate) const XL_META: &str = format::xl::XL_META;
/// What `xl.meta` was in the oldest format; its part files lie beside it.
pub(crate) const XL_JSON: &str = format::xl::XL_JSON;
/// Where the parts of an object are that came from the oldest format.
pub(crate) const LEGACY_DIR: &str = "legacy";

/// Longest path below a bucket, in bytes: S3 allows a key of 1024, and encoding or an upload's path adds to it.
/// The kernel takes 4096 for the whole.
const MAX_PATH: usize = 3000;

pub(crate) fn join(parent: &str, name: &str) -> String {
    if parent.is_empty() {
        return name.to_owned();
    }
    let mut path = String::with_capacity(parent.len() + 1 + name.len());
    path.push_str(parent);
    path.push('/');
    path.push_str(name);
    path
}

/// The directory that holds a path's last name.
pub(crate) fn parent(path: &str) -> &str {
    path.rsplit_once('/').map_or("", |(parent, _)| parent)
}

/// Whether a directory stays though it is empty: the drive's, a bucket's, those of `.minio.sys`.
pub(crate) fn stays(dir: &str) -> bool {
    let names = dir.split('/').count();
    names < if dir.starts_with(".minio.sys/") { 3 } else { 2 }
}

pub(crate) fn part_file(part: u32) -> String {
    format!("part.{part}")
}

pub(crate) fn part_record(part: u32) -> String {
    format!("part.{part}.meta")
}

/// The part that a file's name stands for.
pub(crate) fn part_number(file: &str) -> Option<u32> {
    let digits = file.strip_prefix("part.")?;
    let canonical = digits.bytes().all(|digit| digit.is_ascii_digit()) && !digits.starts_with('0');
    if canonical { digits.parse().ok() } else { None }
}

pub(crate) fn staging(staging: Uuid) -> String {
    format!("{TMP}/{staging}")
}

pub(crate) fn staging_dir(staging: Uuid, data_dir: Uuid) -> String {
    format!("{TMP}/{staging}/{data_dir}")
}

/// Refuses names that could mean anything but a place below the drive's directory. The engine would refuse them too.
pub(crate) fn check(drive: &str, path: &str) -> DriveResult<()> {
    let reason = if path.len() > MAX_PATH {
        "it is too long"
    } else if path.contains('\0') {
        "it has a NUL byte"
    } else if path.split('/').any(|name| matches!(name, "" | "." | "..")) {
        "it has an empty name, '.' or '..' in it"
    } else {
        return Ok(());
    };
    let path = path.chars().take(MAX_PATH).collect();
    Err(DriveError::BadName { drive: drive.to_owned(), path, reason: reason.to_owned() })
}

/// `bucket/path`, checked.
pub(crate) fn in_bucket(drive: &str, bucket: &str, path: &str) -> DriveResult<String> {
    if bucket.contains('/') {
        let reason = "a bucket's name has no '/'".to_owned();
        return Err(DriveError::BadName { drive: drive.to_owned(), path: bucket.to_owned(), reason });
    }
    let whole = join(bucket, path);
    check(drive, &whole)?;
    Ok(whole)
}
