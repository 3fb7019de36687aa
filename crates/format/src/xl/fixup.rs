//! What releases before metadata version 3 wrote wrongly, put right on reading (section 4.4).

use super::{DeleteMarker, ObjectVersion, Version, VersionEntry};
use crate::object_meta_keys::sys;
use crate::time_text;
use bytes::Bytes;

/// Before metadata version 2, delete markers kept times of replication in the local zone or as HTTP dates.
const TIMES_FIXED_IN: u64 = 2;
/// Before metadata version 3, small compressed parts could have an index, which readers then mistook.
const INDICES_FIXED_IN: u64 = 3;
/// The releases that wrote such indices, exclusive bounds in Unix seconds.
const BAD_INDEX_WRITERS: std::ops::Range<u64> = 1_701_471_619..1_730_156_418;
/// Parts up to this size in bytes need no index.
const NO_INDEX_UP_TO: i64 = 8 << 20;
const S2: &[u8] = b"klauspost/compress/s2";

/// The entry as today's releases would have written it; the same one if nothing is wrong with it, or if it
/// can't be decoded, which concerns only those who want that version.
pub(super) fn apply(entry: VersionEntry, metadata_version: u64) -> VersionEntry {
    if metadata_version >= INDICES_FIXED_IN {
        return entry;
    }
    let Ok(mut version) = entry.decode() else {
        return entry;
    };
    let changed = match &mut version {
        Version::DeleteMarker(marker) if metadata_version < TIMES_FIXED_IN => fix_times(marker),
        Version::Object(object) => drop_bad_indices(object),
        _ => false,
    };
    if changed { VersionEntry::from_version(&version) } else { entry }
}

fn fix_times(marker: &mut DeleteMarker) -> bool {
    let mut changed = false;
    for key in [sys::REPLICATION_TIMESTAMP, sys::REPLICA_TIMESTAMP] {
        if let Some(value) = marker.meta_sys.get_mut(key) {
            changed |= fix_time(value);
        }
    }
    changed
}

fn drop_bad_indices(object: &mut ObjectVersion) -> bool {
    let compressed = object.meta_sys.get(sys::COMPRESSION).is_some_and(|value| value == S2);
    if !compressed || !BAD_INDEX_WRITERS.contains(&object.writer_version) {
        return false;
    }
    let mut changed = false;
    for part in &mut object.parts {
        if part.actual_size <= NO_INDEX_UP_TO && !part.index.is_empty() {
            part.index = Bytes::new();
            changed = true;
        }
    }
    changed
}

/// Renders a time anew, in UTC; says whether that changed it. What is no time stays as it is.
fn fix_time(value: &mut Bytes) -> bool {
    let Some(time) = std::str::from_utf8(value).ok().and_then(time_text::parse) else {
        return false;
    };
    let fixed = time_text::rfc3339(time);
    let changed = fixed.as_bytes() != value;
    *value = fixed.into();
    changed
}
