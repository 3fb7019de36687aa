//! Healing a version that an early release wrote: it is written anew on all drives, in today's form, with the time, the
//! metadata and the parts that it has (on-disk-format.md 7.7). All drives change or none: the two forms don't mix.

use super::HealOutcome;
use super::inspect::{Finding, inspect_answers};
use super::rebuild::Rebuild;
use crate::StoreError;
use crate::commit::{Proposal, commit};
use crate::layout::write_quorum;
use crate::quorum::Agreed;
use crate::readers::Reading;
use crate::set::Set;
use crate::store::Inner;
use crate::write::entry_for;
use drive::{Change, DataSource, Inline};
use format::xl::{LegacyVersion, ObjectVersion, Version};
use std::sync::Arc;
use uuid::Uuid;

/// A version of an early release that a quorum holds.
pub(super) struct Old<'a> {
    pub(super) inner: &'a Arc<Inner>,
    pub(super) set: &'a Arc<Set>,
    pub(super) bucket: &'a str,
    pub(super) object: &'a str,
    pub(super) agreed: &'a Agreed,
    pub(super) legacy: &'a LegacyVersion,
}

impl Old<'_> {
    /// `reading` was entered before the metadata was read.
    pub(super) async fn write_anew(&self, reading: Reading) -> Result<HealOutcome, StoreError> {
        let Old { inner, set, bucket, object, agreed, legacy } = *self;
        let drives = set.drives();
        let wanted: Vec<usize> = (0..set.size()).filter(|&at| drives[at].is_some()).collect();
        let data_dir = inner.world().random.uuid();
        let version = ObjectVersion { data_dir, writer_version: inner.release, ..legacy.as_object() };
        let mut rebuilt = None;
        if version.size > 0 {
            let (version, drives, wanted) = (&version, &drives, &wanted[..]);
            let rebuild = Rebuild { inner, set, bucket, object, agreed, version, drives, wanted };
            rebuilt = Some(rebuild.run(reading).await?);
        }
        let guard = inner.lock(bucket, object).await?;
        let answers = set.read_all_meta_locked(bucket, object).await;
        let finding = inspect_answers(set, bucket, object, Uuid::nil(), false, answers).await;
        // Overwritten or deleted in the meantime: there is nothing to heal any more.
        let Finding::Held { agreed: now, .. } = finding else { return Ok(HealOutcome::Healthy) };
        if !matches!(now.version, Version::Legacy(_)) || now.version.mod_time() != version.mod_time {
            return Ok(HealOutcome::Healthy);
        }
        let distribution = version.distribution.clone();
        let quorum = write_quorum(version.data.into(), version.parity.into());
        let mut written = Version::Object(version);
        let mut changes = Vec::with_capacity(set.size());
        for at in 0..set.size() {
            let share = match &mut rebuilt {
                Some(rebuilt) => rebuilt.shares[at].take(),
                None => drives[at].as_ref().map(|_| (Inline::Remove, DataSource::None)),
            };
            changes.push(share.map(|(inline, data)| {
                let version = entry_for(&mut written, distribution[at]);
                Change::Write { version, inline, data, heal: false }
            }));
        }
        let healed = changes.iter().flatten().count();
        let proposal = Proposal {
            bucket: bucket.to_owned(),
            object: object.to_owned(),
            changes,
            drives,
            quorum,
            version: Some(Uuid::nil()),
            staged: rebuilt.map(|rebuilt| rebuilt.files),
            guard,
        };
        commit(set, proposal).await?;
        Ok(HealOutcome::Healed { drives: healed })
    }
}
