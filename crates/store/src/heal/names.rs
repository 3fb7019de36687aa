//! All names of a bucket that any drive of a set has, in order.

use crate::set::Set;
use drive::{DriveError, DriveResult, Walk, WalkEntry, WalkOptions};
use format::names::decode_name;
use format::xl::XlMeta;
use std::collections::VecDeque;
use std::sync::Arc;

/// A walk over the drives of a set at once.
pub(super) struct Names {
    walks: Vec<OneWalk>,
    drives: usize,
}

struct OneWalk {
    position: usize,
    walk: Box<dyn Walk>,
    entries: VecDeque<WalkEntry>,
    /// It has come to its end: the drive has none of the names that follow.
    ended: bool,
}

/// A name and what each drive that walked has of it.
pub(super) struct Named {
    /// Encoded.
    pub(super) name: String,
    /// By position; `None` where the drive doesn't have the name.
    pub(super) metas: Vec<Option<Result<Arc<XlMeta>, DriveError>>>,
    /// By position: whether the drive takes part in the walk.
    pub(super) walked: Vec<bool>,
}

impl Names {
    /// Names after `after` (decoded) that begin with `prefix`. Drives that can't be walked are left out.
    pub(super) async fn open(set: &Set, bucket: &str, prefix: &str, after: &str) -> Names {
        let drives = set.drives();
        let mut walks = Vec::with_capacity(drives.len());
        for (position, drive) in drives.iter().enumerate() {
            let Some(drive) = drive else { continue };
            let options = WalkOptions {
                bucket: bucket.to_owned(),
                prefix: prefix.to_owned(),
                after: after.to_owned(),
                inclusive: false,
                recursive: true,
                first_batch: 0,
            };
            match drive.walk(options).await {
                Ok(walk) => walks.push(OneWalk { position, walk, entries: VecDeque::new(), ended: false }),
                Err(error) => tracing::debug!(%error, "a drive can't be walked"),
            }
        }
        Names { walks, drives: drives.len() }
    }

    /// The next name, or `None` at the end.
    pub(super) async fn next(&mut self) -> Option<Named> {
        let mut at = 0;
        while at < self.walks.len() {
            // A drive whose walk broke off can't tell what it has.
            if self.walks[at].ready().await.is_ok() { at += 1 } else { drop(self.walks.swap_remove(at)) }
        }
        let first = self.walks.iter().filter_map(OneWalk::name).min_by(|a, b| decode_name(a).cmp(&decode_name(b)))?;
        let name = first.to_owned();
        let mut metas: Vec<_> = (0..self.drives).map(|_| None).collect();
        let mut walked = vec![false; self.drives];
        for walk in &mut self.walks {
            walked[walk.position] = true;
            if walk.name() == Some(&name)
                && let Some(WalkEntry::Object { meta, .. }) = walk.entries.pop_front()
            {
                metas[walk.position] = Some(meta);
            }
        }
        Some(Named { name, metas, walked })
    }
}

impl OneWalk {
    /// Sees to it that there is an object to look at, if one is left.
    async fn ready(&mut self) -> DriveResult<()> {
        while !self.ended && !matches!(self.entries.front(), Some(WalkEntry::Object { .. })) {
            if self.entries.pop_front().is_none() {
                let batch = self.walk.next_batch().await;
                let batch = batch.inspect_err(|error| tracing::debug!(%error, "a walk broke off"))?;
                self.ended = batch.is_empty();
                self.entries = batch.into();
            }
        }
        Ok(())
    }

    fn name(&self) -> Option<&str> {
        self.entries.front().map(WalkEntry::name)
    }
}
