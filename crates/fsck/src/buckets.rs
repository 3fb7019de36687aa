//! Buckets: their directories on the drives of a set, and their configuration.

use crate::deployment::{Deployment, SetView};
use crate::document::{DocumentError, read_document};
use crate::examine::Context;
use crate::finding::{Finding, Kind, Severity};
use crate::scan::BucketDirs;
use drive::FileKind;
use format::bucket_metadata::BucketMetadata;
use format::names::{BucketName, SYSTEM_BUCKET};
use futures_util::future::join_all;
use std::collections::BTreeSet;

/// No deployment has more buckets; beyond it a drive isn't one of ours.
const MOST_BUCKETS: usize = 1_000_000;

/// The buckets that any drive of a set has.
pub(crate) async fn list(context: &Context, set: &SetView) -> BucketDirs {
    let lists = join_all(set.drives.iter().map(|drive| async {
        match drive {
            Some(drive) => Some(drive.run(|fs| fs.read_dir("", MOST_BUCKETS)).await),
            None => None,
        }
    }));
    let mut dirs = BucketDirs::new();
    for (position, list) in lists.await.into_iter().enumerate() {
        match list {
            None => {}
            Some(Err(error)) => {
                context.tell(set.finding(Kind::DriveUnreadable, Severity::Repairable, position, error.to_string()));
            }
            Some(Ok(entries)) => {
                for entry in entries {
                    let is_bucket = entry.name != SYSTEM_BUCKET && BucketName::relaxed(&entry.name).is_ok();
                    if entry.kind == FileKind::Dir && is_bucket {
                        dirs.entry(entry.name).or_default().insert(position);
                    } else if entry.kind != FileKind::Dir && !entry.name.starts_with(".writable-check-") {
                        let kind = if is_bucket { Kind::WrongKind } else { Kind::UnexpectedFile };
                        let finding = set.finding(kind, Severity::Harmless, position, "it is not a directory");
                        context.tell(finding.path(entry.name));
                    }
                }
            }
        }
    }
    dirs
}

/// Tells where a bucket's directory is missing, or shouldn't be. Gives, by position, where it is missing.
pub(crate) fn compare(
    context: &Context,
    set: &SetView,
    bucket: &str,
    holders: &std::collections::HashSet<usize>,
) -> Vec<bool> {
    let there: Vec<usize> = (0..set.drives.len()).filter(|position| set.drives[*position].is_some()).collect();
    let missing: Vec<bool> =
        (0..set.drives.len()).map(|position| there.contains(&position) && !holders.contains(&position)).collect();
    let remains = holders.len() * 2 < there.len() && there.len() == set.drives.len();
    for &position in &there {
        let (kind, detail) = match (remains, missing[position]) {
            (true, false) => (Kind::BucketRemains, format!("{} of {} drives have it", holders.len(), there.len())),
            (false, true) => (Kind::BucketMissing, "its directory is missing".to_owned()),
            _ => continue,
        };
        let finding = set.finding(kind, Severity::Repairable, position, detail).bucket(bucket).path(bucket);
        context.tell(if remains { finding.garbage() } else { finding });
    }
    missing
}

/// Reads the configuration of every bucket that most drives have.
pub(crate) async fn configurations(context: &Context, deployment: &Deployment, buckets: &BTreeSet<String>) {
    for bucket in buckets {
        let path = format!("buckets/{bucket}/.metadata.bin");
        let detail = match read_document(deployment, &path).await {
            Ok(None) => continue,
            Ok(Some(content)) => match BucketMetadata::parse(&content) {
                Ok(_) => continue,
                Err(error) => error.to_string(),
            },
            Err(error @ (DocumentError::Lost { .. } | DocumentError::TooLong { .. })) => error.to_string(),
        };
        let finding = Finding::new(Kind::BucketMetadata, Severity::Lost, detail).bucket(bucket);
        context.tell(finding.path(format!("{SYSTEM_BUCKET}/{path}")));
    }
}
