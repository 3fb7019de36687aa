//! Healing one version of a name, or all.

use super::HealOutcome;
use super::inspect::{Finding, Share, inspect, inspect_answers};
use super::old::Old;
use super::rebuild::{Rebuild, Rebuilt};
use crate::StoreError;
use crate::quorum::Agreed;
use crate::set::{Drives, Set};
use crate::store::Inner;
use crate::upload::is_upload;
use crate::write::entry_for;
use drive::{Change, Commit, DataSource, Drive, DriveError, DriveResult, Inline};
use format::xl::Version;
use std::collections::BTreeSet;
use std::sync::Arc;
use uuid::Uuid;

/// Heals every version that any drive has.
pub(super) async fn heal_name(
    inner: &Arc<Inner>,
    set: &Arc<Set>,
    bucket: &str,
    object: &str,
    deep: bool,
) -> Result<HealOutcome, StoreError> {
    let answers = set.read_all_meta(bucket, object).await;
    let metas = || answers.iter().filter_map(|answer| answer.as_ref().ok());
    // Oldest first, so that the newest is never missing while an older one is shown as the latest.
    let versions: BTreeSet<_> =
        metas().flat_map(|meta| &meta.versions).map(|entry| (entry.header.mod_time, entry.header.version_id)).collect();
    let mut outcome = HealOutcome::Healthy;
    let mut done = BTreeSet::new();
    for (_, version) in versions {
        if done.insert(version) {
            outcome = outcome.max(heal_version(inner, set, bucket, object, version, deep).await?);
        }
    }
    let unreadable = answers.iter().any(|answer| matches!(answer, Err(DriveError::Corrupt { .. })));
    Ok(if done.is_empty() && unreadable { HealOutcome::Impossible } else { outcome })
}

/// Heals one version (nil for the null version).
pub(super) async fn heal_version(
    inner: &Arc<Inner>,
    set: &Arc<Set>,
    bucket: &str,
    object: &str,
    version: Uuid,
    deep: bool,
) -> Result<HealOutcome, StoreError> {
    let reading = set.shared.readers.enter(bucket, object);
    let (agreed, shares) = match inspect(set, bucket, object, version, deep).await {
        Finding::Held { agreed, shares } => (agreed, shares),
        Finding::Dangling => return remove_dangling(inner, set, bucket, object, version).await,
        Finding::Nowhere => return Ok(HealOutcome::Healthy),
        Finding::Unclear => return Ok(HealOutcome::Impossible),
    };
    let wanted = positions_to_heal(&shares);
    if wanted.is_empty() {
        return Ok(HealOutcome::Healthy);
    }
    let drives = set.drives();
    let rebuilt = match &agreed.version {
        Version::Object(object_version) if object_version.uses_data_dir() && object_version.size > 0 => {
            let count = |of: &[Share]| shares.iter().filter(|share| of.contains(share)).count();
            let needed = usize::from(object_version.data);
            if count(&[Share::Whole, Share::Damaged]) < needed {
                return Ok(HealOutcome::Impossible);
            }
            let (agreed, version, drives, wanted) = (&*agreed, object_version, &drives, &wanted[..]);
            let rebuild = Rebuild { inner, set, bucket, object, agreed, version, drives, wanted };
            match rebuild.run(reading).await {
                Ok(rebuilt) => Some(rebuilt),
                // Drives damaged in different places may make up for each other. These don't.
                Err(StoreError::Body(_) | StoreError::ShortBody { .. }) if count(&[Share::Whole]) < needed => {
                    return Ok(HealOutcome::Impossible);
                }
                Err(error) => return Err(error),
            }
        }
        Version::Legacy(legacy) => {
            return Old { inner, set, bucket, object, agreed: &agreed, legacy }.write_anew(reading).await;
        }
        _ => None,
    };
    let healed = Healed { inner, set, bucket, object, version, agreed: &agreed, drives: &drives };
    healed.commit(&wanted, rebuilt).await
}

fn positions_to_heal(shares: &[Share]) -> Vec<usize> {
    let to_heal = |share: &Share| matches!(share, Share::Missing { .. } | Share::Damaged);
    shares.iter().enumerate().filter(|(_, share)| to_heal(share)).map(|(position, _)| position).collect()
}

/// A version whose missing shards have been made.
struct Healed<'a> {
    inner: &'a Arc<Inner>,
    set: &'a Arc<Set>,
    bucket: &'a str,
    object: &'a str,
    version: Uuid,
    agreed: &'a Agreed,
    drives: &'a Drives,
}

impl Healed<'_> {
    /// Commits on each drive that still wants it. What changed in the meantime is left to another round.
    async fn commit(&self, wanted: &[usize], mut rebuilt: Option<Rebuilt>) -> Result<HealOutcome, StoreError> {
        let _guard = self.inner.lock(self.bucket, self.object).await?;
        let answers = self.set.read_all_meta_locked(self.bucket, self.object).await;
        let ended = is_upload(self.bucket, self.object) && self.inner.uploads.has_ended(self.object);
        if ended {
            return Ok(HealOutcome::Healthy);
        }
        let finding = inspect_answers(self.set, self.bucket, self.object, self.version, false, answers).await;
        let Finding::Held { agreed: now, shares } = finding else { return Ok(HealOutcome::Healthy) };
        if now.header != self.agreed.header {
            self.set.heal_later(self.bucket, self.object, Some(self.version), false);
            return Ok(HealOutcome::Healthy);
        }
        let mut drives = 0;
        let mut failed = false;
        for &position in wanted {
            let Some(drive) = &self.drives[position] else { continue };
            let share = match &mut rebuilt {
                Some(rebuilt) => rebuilt.shares[position].take(),
                None => Some(self.share_without_data()),
            };
            let bucket_there = shares[position] != Share::Missing { bucket: false };
            let healed = match share {
                Some(share) => self.heal_drive(drive, position, bucket_there, share).await,
                None => continue,
            };
            match healed {
                Ok(()) => drives += 1,
                Err(error) => {
                    tracing::warn!(%error, "a drive couldn't be healed");
                    failed = true;
                }
            }
        }
        if let Some(rebuilt) = rebuilt
            && !failed
            && drives == wanted.len()
        {
            rebuilt.files.handed_over();
        }
        Ok(if drives > 0 { HealOutcome::Healed { drives } } else { HealOutcome::Impossible })
    }

    /// Delete markers have no data; empty objects an empty inline entry, if they are inline.
    fn share_without_data(&self) -> (Inline, DataSource) {
        let inline = match &self.agreed.version {
            Version::Object(object) if object.is_inline() => Inline::Set(bytes::Bytes::new()),
            Version::Object(_) if is_upload(self.bucket, self.object) => Inline::Set(bytes::Bytes::new()),
            _ => Inline::Remove,
        };
        (inline, DataSource::None)
    }

    async fn heal_drive(
        &self,
        drive: &Arc<dyn Drive>,
        position: usize,
        bucket_there: bool,
        (inline, data): (Inline, DataSource),
    ) -> DriveResult<()> {
        if !bucket_there {
            match drive.make_bucket(self.bucket).await {
                Ok(()) | Err(DriveError::BucketExists { .. }) => {}
                Err(error) => return Err(error),
            }
        }
        let mut version = self.agreed.version.clone();
        let index = match &version {
            Version::Object(object) => object.distribution.get(position).copied().unwrap_or(0),
            _ => 0,
        };
        let version = entry_for(&mut version, index);
        apply(self.set, drive, self.bucket, self.object, Change::Write { version, inline, data, heal: true }).await
    }
}

/// A commit on one drive alone, with its outcome. Once begun it runs to its end: a healer that is stopped in between would
/// leave the drive in doubt.
async fn apply(set: &Set, drive: &Arc<dyn Drive>, bucket: &str, object: &str, change: Change) -> DriveResult<()> {
    let id = set.shared.world.random.uuid();
    let commit = Commit { id, bucket: bucket.to_owned(), object: object.to_owned(), change };
    let (drive, name) = (Arc::clone(drive), drive.name().to_owned());
    let applying = set.shared.world.tasks.spawn(async move {
        match drive.commit(commit).await {
            Ok(_) => drive.settle(id).await,
            Err(error) => {
                if let Err(undo) = drive.undo(id).await {
                    tracing::debug!(error = %undo, "a failed healing couldn't be taken back");
                }
                Err(error)
            }
        }
    });
    let broke_off = || Err(DriveError::Faulty { drive: name, reason: "a repair broke off".to_owned() });
    applying.join().await.unwrap_or_else(broke_off)
}

/// Removes what a deletion missed, if it still looks that way under the name's lock.
async fn remove_dangling(
    inner: &Arc<Inner>,
    set: &Arc<Set>,
    bucket: &str,
    object: &str,
    version: Uuid,
) -> Result<HealOutcome, StoreError> {
    let _guard = inner.lock(bucket, object).await?;
    let answers = set.read_all_meta_locked(bucket, object).await;
    let times: Vec<_> = answers
        .iter()
        .map(|answer| answer.as_ref().ok().and_then(|meta| meta.find(version)).map(|entry| entry.header.mod_time))
        .collect();
    let finding = inspect_answers(set, bucket, object, version, false, answers).await;
    if !matches!(finding, Finding::Dangling) {
        return Ok(HealOutcome::Impossible);
    }
    let drives = set.drives();
    for (drive, mod_time) in drives.iter().zip(times) {
        let (Some(drive), Some(_)) = (drive, mod_time) else { continue };
        tracing::info!(drive = drive.name(), bucket, object, %version, "removing what a deletion missed");
        let removal = Change::Remove { version_id: version, mod_time };
        match apply(set, drive, bucket, object, removal).await {
            Ok(()) => {}
            Err(error) if error.is_absence() => {}
            Err(error) => return Err(StoreError::Drive(error)),
        }
    }
    Ok(HealOutcome::Removed)
}
