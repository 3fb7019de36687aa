//! Versions and commits as the store would make them, for one drive that holds shard 1 of 1.

use crate::{Change, Commit, DataSource, Drive, DriveResult, Inline, Slot, Staging};
use base::Timestamp;
use bytes::Bytes;
use format::drive_format::{DistributionAlgorithm, FormatJson, FormatKind};
use format::xl::{DeleteMarker, ObjectVersion, Part, Version, VersionEntry};
use std::sync::Arc;
use uuid::Uuid;

/// The format of a deployment of one drive.
pub fn format_of_one(deployment: Uuid, drive: Uuid) -> FormatJson {
    FormatJson {
        format: FormatKind::XlSingle,
        deployment_id: deployment,
        this: drive,
        sets: vec![vec![drive]],
        algorithm: DistributionAlgorithm::SipModParity,
    }
}

/// Opens a drive, formatting it if it is new, and puts it into service.
pub async fn open_formatted(slot: &dyn Slot) -> DriveResult<Arc<dyn Drive>> {
    let mut opened = slot.open().await?;
    if opened.format().is_none() {
        opened.write_format(&format_of_one(Uuid::from_u128(1), Uuid::from_u128(2))).await?;
    }
    opened.claim().await
}

/// An object version to write.
#[derive(Clone, Copy, Debug)]
pub struct Sample {
    /// Nil for the null version.
    pub version: Uuid,
    /// In nanoseconds.
    pub time: i64,
    pub data_dir: Uuid,
    /// Of its only part, in bytes.
    pub size: u64,
}

impl Sample {
    /// Version `version` (0 for null) of time `time`.
    pub fn new(version: u128, time: i64) -> Self {
        let data_dir = Uuid::from_u128(0xd000_0000_0000_0000_0000_0000_0000_0000 + u128::from(time.unsigned_abs()));
        Sample { version: Uuid::from_u128(version), time, data_dir, size: 100 }
    }

    /// With `parts` as its parts, if any.
    pub fn entry_with_parts(&self, parts: &[u32]) -> VersionEntry {
        let part = |number: &u32| Part { number: *number, size: self.size, ..Part::default() };
        VersionEntry::from_version(&Version::Object(ObjectVersion {
            version_id: self.version,
            data_dir: self.data_dir,
            data: 1,
            parity: 0,
            block_size: 1 << 20,
            index: 1,
            distribution: vec![1],
            parts: parts.iter().map(part).collect(),
            size: self.size * parts.len() as u64,
            mod_time: Timestamp::from_nanos(self.time),
            ..ObjectVersion::default()
        }))
    }

    /// With one part.
    pub fn entry(&self) -> VersionEntry {
        self.entry_with_parts(&[1])
    }

    /// A write of it with inline data.
    pub fn inline(&self, data: &'static [u8]) -> Change {
        let inline = Inline::Set(Bytes::from_static(data));
        Change::Write { version: self.entry(), inline, data: DataSource::None, heal: false }
    }

    /// A write of it with staged data.
    pub fn staged(&self, staging: Staging) -> Change {
        let data = DataSource::Staged(staging);
        Change::Write { version: self.entry(), inline: Inline::Remove, data, heal: false }
    }
}

/// A delete marker.
pub fn marker(version: u128, time: i64) -> Change {
    let version = VersionEntry::from_version(&Version::DeleteMarker(DeleteMarker {
        version_id: Uuid::from_u128(version),
        mod_time: Timestamp::from_nanos(time),
        ..DeleteMarker::default()
    }));
    Change::Write { version, inline: Inline::Remove, data: DataSource::None, heal: false }
}

/// A removal of a version.
pub fn remove(version: u128) -> Change {
    Change::Remove { version_id: Uuid::from_u128(version), mod_time: None }
}

/// A removal of everything.
pub fn purge() -> Change {
    Change::Purge
}

/// A commit of a change to `bucket/object`.
pub fn write(id: u128, bucket: &str, object: &str, change: Change) -> Commit {
    Commit { id: Uuid::from_u128(id), bucket: bucket.to_owned(), object: object.to_owned(), change }
}
