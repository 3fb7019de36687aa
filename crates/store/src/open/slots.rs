//! The drives of one pool while they are being opened.

use super::formats::{self, Verdict};
use super::{OpenPool, Progress};
use crate::config::{OpenError, OpenEvent, PoolConfig};
use base::World;
use drive::{Drive, DriveError, Slot, Unclaimed};
use format::drive_format::FormatJson;
use futures_util::future::join_all;
use std::sync::Arc;
use uuid::Uuid;

/// A pool's slots and what has been opened of them.
pub(crate) struct PoolSlots {
    pub(super) index: usize,
    set_size: usize,
    slots: Vec<Arc<dyn Slot>>,
    open: Vec<Option<Box<dyn Unclaimed>>>,
    /// What was last said of a slot, so that the same isn't said every second.
    told: Vec<String>,
}

/// Whether a drive is refused for being on the root file system's device. A drive alone is not.
pub(crate) fn is_root_refused(unclaimed: &dyn Unclaimed, allowed: bool, drives: usize) -> bool {
    !allowed && drives > 1 && unclaimed.on_root_device()
}

impl PoolSlots {
    pub(super) fn new(index: usize, config: &PoolConfig) -> Self {
        let count = config.slots.len();
        PoolSlots {
            index,
            set_size: config.set_size,
            slots: config.slots.clone(),
            open: (0..count).map(|_| None).collect(),
            told: vec![String::new(); count],
        }
    }

    /// Opens the slots that aren't yet. What no waiting will mend is an error.
    pub(super) async fn open_missing(&mut self, allow_root: bool, progress: Progress<'_>) -> Result<(), OpenError> {
        let missing: Vec<usize> = (0..self.slots.len()).filter(|&at| self.open[at].is_none()).collect();
        let opened = join_all(missing.iter().map(|&at| self.slots[at].open())).await;
        for (at, result) in missing.into_iter().zip(opened) {
            let drive = self.slots[at].name().to_owned();
            match result {
                Ok(unclaimed) if is_root_refused(&*unclaimed, allow_root, self.slots.len()) => {
                    let reason = "drive is part of root drive, will not be used (MINIO_CI_CD=1 allows it for a trial)";
                    self.tell(at, reason, progress);
                }
                Ok(unclaimed) => self.open[at] = Some(unclaimed),
                // Among several, a file in a drive's place is a drive that is away.
                Err(DriveError::BadName { .. }) if self.slots.len() == 1 => {
                    return Err(OpenError::NotADirectory { drive });
                }
                Err(DriveError::PermissionDenied { .. }) => return Err(OpenError::PermissionDenied { drive }),
                Err(DriveError::InUse { .. }) => return Err(OpenError::InUse { drive }),
                Err(error @ (DriveError::Corrupt { .. } | DriveError::ReadOnly { .. })) if self.slots.len() == 1 => {
                    return Err(OpenError::Unusable { drive, reason: error.to_string() });
                }
                Err(error) => self.tell(at, &error.to_string(), progress),
            }
        }
        Ok(())
    }

    /// What is to become of the pool with the drives that are open. `deployment` is the one that other pools have.
    pub(super) fn judge(&self, deployment: Option<Uuid>) -> Result<Verdict, OpenError> {
        let names: Vec<&str> = self.slots.iter().map(|slot| slot.name()).collect();
        let formats =
            |unclaimed: &Option<Box<dyn Unclaimed>>| unclaimed.as_ref().map(|unclaimed| unclaimed.format().cloned());
        let found: Vec<Option<Option<FormatJson>>> = self.open.iter().map(formats).collect();
        let bare = self.open.iter().flatten().all(|unclaimed| unclaimed.is_bare());
        formats::judge(self.index, self.set_size, &names, &found, bare, deployment)
    }

    /// Formats what is to be formatted and puts all drives that belong to the pool into service.
    pub(super) async fn bring_together(
        mut self,
        deployment: Uuid,
        world: &World,
        progress: Progress<'_>,
    ) -> Result<OpenPool, OpenError> {
        let verdict = self.judge(Some(deployment))?;
        let (format, fresh) = match verdict {
            Verdict::Ready(format) => (*format, false),
            _ => (formats::fresh(deployment, self.slots.len(), self.set_size, world), true),
        };
        if fresh {
            let (sets, drives_per_set) = (self.slots.len() / self.set_size, self.set_size);
            progress(OpenEvent::Formatting { pool: self.index, sets, drives_per_set });
        }
        let mut drives = Vec::with_capacity(self.slots.len());
        for (at, unclaimed) in std::mem::take(&mut self.open).into_iter().enumerate() {
            let drive = match unclaimed {
                Some(unclaimed) => self.claim(at, unclaimed, &format, fresh, progress).await?,
                None => None,
            };
            drives.push(drive);
        }
        Ok(OpenPool { format, drives })
    }

    async fn claim(
        &mut self,
        at: usize,
        mut unclaimed: Box<dyn Unclaimed>,
        format: &FormatJson,
        fresh: bool,
        progress: Progress<'_>,
    ) -> Result<Option<(Arc<dyn Drive>, bool)>, OpenError> {
        let position = (at / self.set_size, at % self.set_size);
        let expected = format.for_position(position).expect("the format has all places");
        let empty = unclaimed.format().is_none();
        let name = self.slots[at].name().to_owned();
        if empty {
            let written = unclaimed.write_format(&expected).await;
            match written {
                Err(error) if fresh => return Err(OpenError::Format { drive: name, reason: error.to_string() }),
                Err(error) => {
                    self.tell(at, &error.to_string(), progress);
                    return Ok(None);
                }
                Ok(()) if !fresh => progress(OpenEvent::Replaced { drive: name.clone() }),
                Ok(()) => {}
            }
        } else if let Some(reason) = unclaimed.format().and_then(|found| formats::misfit(found, &expected, position)) {
            self.tell(at, &reason, progress);
            return Ok(None);
        }
        match unclaimed.claim().await {
            Ok(drive) => Ok(Some((drive, empty && !fresh))),
            Err(error) => {
                self.tell(at, &error.to_string(), progress);
                Ok(None)
            }
        }
    }

    fn tell(&mut self, at: usize, reason: &str, progress: Progress<'_>) {
        if self.told[at] != reason {
            reason.clone_into(&mut self.told[at]);
            let drive = self.slots[at].name().to_owned();
            progress(OpenEvent::Unusable { drive, reason: reason.to_owned() });
        }
    }
}
