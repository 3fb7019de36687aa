//! Small records: parts, healing trackers, buckets, pools.

use crate::meta::time_text;
use crate::{InspectError, Look, secrets};
use bytes::Bytes;
use format::bucket_metadata::BucketMetadata;
use format::healing_tracker::HealingTracker;
use format::mrf;
use format::part_record::PartRecord;
use format::pool_meta::PoolMeta;
use serde_json::{Map, Value, json};

pub(crate) fn part(bytes: &Bytes) -> Result<Value, InspectError> {
    let part = PartRecord::parse(bytes).map_err(|error| InspectError::broken("part record", error))?;
    Ok(json!({
        "number": part.number, "etag": part.etag, "size": part.size, "actual size": part.actual_size,
        "modified": time_text(part.mod_time), "checksums": part.checksums, "compression index": part.index.len(), "error": part.error,
    }))
}

pub(crate) fn healing(bytes: &Bytes) -> Result<Value, InspectError> {
    let tracker = HealingTracker::parse(bytes).map_err(|error| InspectError::broken("healing tracker", error))?;
    Ok(json!({
        "drive": tracker.drive_id, "pool": tracker.pool_index + 1, "set": tracker.set_index + 1, "position": tracker.drive_index + 1,
        "path": tracker.path, "started": time_text(tracker.started), "last update": time_text(tracker.last_update),
        "finished": tracker.finished, "bucket": tracker.bucket, "object": tracker.object,
        "healed": tracker.items_healed, "failed": tracker.items_failed, "skipped": tracker.items_skipped,
        "bytes done": tracker.bytes_done, "bytes failed": tracker.bytes_failed,
        "buckets waiting": tracker.queued_buckets, "buckets done": tracker.healed_buckets, "retries": tracker.retry_attempts,
    }))
}

pub(crate) fn pools(bytes: &Bytes) -> Result<Value, InspectError> {
    let meta = PoolMeta::parse(bytes).map_err(|error| InspectError::broken("list of pools", error))?;
    let pool = |pool: &format::pool_meta::PoolStatus| {
        let decommission = pool.decommission.as_ref().map(|work| {
            json!({
                "started": time_text(work.started), "complete": work.complete, "failed": work.failed, "canceled": work.canceled,
                "buckets waiting": work.queued_buckets, "buckets done": work.done_buckets, "bucket": work.bucket,
            })
        });
        json!({
            "number": pool.id + 1, "command line": pool.command_line, "last update": time_text(pool.last_update),
            "decommission": decommission,
        })
    };
    Ok(json!({"pools": meta.pools.iter().map(pool).collect::<Vec<_>>()}))
}

pub(crate) fn to_heal(bytes: &Bytes) -> Result<Value, InspectError> {
    let entries = mrf::parse(bytes).map_err(|error| InspectError::broken("list of names to heal", error))?;
    let entry = |entry: &mrf::MrfEntry| json!({"bucket": entry.bucket, "object": entry.object, "version": entry.version_id, "queued": time_text(entry.queued), "deep": entry.bitrot_scan});
    Ok(entries.iter().map(entry).collect())
}

pub(crate) fn bucket(bytes: &Bytes, look: Look<'_>) -> Result<Value, InspectError> {
    let bucket = BucketMetadata::parse(bytes).map_err(|error| InspectError::broken("bucket metadata", error))?;
    let mut value = Map::new();
    value.insert("name".into(), bucket.name.as_str().into());
    value.insert("created".into(), time_text(bucket.created).into());
    let documents = [
        ("policy", &bucket.policy_json, bucket.policy_updated),
        ("versioning", &bucket.versioning_xml, bucket.versioning_updated),
        ("object lock", &bucket.object_lock_xml, bucket.object_lock_updated),
        ("encryption", &bucket.encryption_xml, bucket.encryption_updated),
        ("lifecycle", &bucket.lifecycle_xml, bucket.lifecycle_updated),
        ("notification", &bucket.notification_xml, bucket.notification_updated),
        ("replication", &bucket.replication_xml, bucket.replication_updated),
        ("tags", &bucket.tagging_xml, bucket.tagging_updated),
        ("quota", &bucket.quota_json, bucket.quota_updated),
        ("remote targets", &bucket.targets_json, bucket.targets_updated),
        ("remote targets' key", &bucket.targets_meta_json, bucket.targets_meta_updated),
    ];
    for (name, document, updated) in documents.into_iter().filter(|(_, document, _)| !document.is_empty()) {
        value.insert(name.into(), json!({"updated": time_text(updated), "content": content(document, look)}));
    }
    Ok(Value::Object(value))
}

/// JSON as a value, other text as it is.
fn content(document: &Bytes, look: Look<'_>) -> Value {
    let Ok(text) = std::str::from_utf8(document) else {
        return format!("{} bytes, encrypted", document.len()).into();
    };
    match serde_json::from_str::<Value>(text) {
        Ok(mut value) => {
            if !look.secrets {
                secrets::hide(&mut value);
            }
            value
        }
        Err(_) => text.into(),
    }
}
