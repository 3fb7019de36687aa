//! `.healing.bin`: how far the filling of a replaced drive has come (section 9). A plain file on that drive.

use crate::msgpack::{Error, Reader, UnknownFields, Writer};
use crate::record::RecordError;
use base::Timestamp;
use bytes::Bytes;

/// The file's path below the drive's `.minio.sys`.
pub const HEALING_TRACKER: &str = "buckets/.healing.bin";

/// The state of healing one drive. A file with `finished` false marks the drive as healing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct HealingTracker {
    /// The drive's id; a tracker with another id belongs to another drive and is ignored.
    pub drive_id: String,
    pub pool_index: i64,
    pub set_index: i64,
    pub drive_index: i64,
    /// The drive's path and endpoint as configured.
    pub path: String,
    pub endpoint: String,
    pub started: Timestamp,
    pub last_update: Timestamp,
    /// What there is to heal.
    pub objects_total_count: u64,
    pub objects_total_size: u64,
    /// What has been done; sizes in bytes.
    pub items_healed: u64,
    pub items_failed: u64,
    pub bytes_done: u64,
    pub bytes_failed: u64,
    /// The object that was healed last.
    pub bucket: String,
    pub object: String,
    /// The counters at the beginning of the bucket, to resume from.
    pub resume_items_healed: u64,
    pub resume_items_failed: u64,
    pub resume_items_skipped: u64,
    pub resume_bytes_done: u64,
    pub resume_bytes_failed: u64,
    pub resume_bytes_skipped: u64,
    /// Buckets still to heal, and those done.
    pub queued_buckets: Vec<String>,
    pub healed_buckets: Vec<String>,
    /// Equal for all drives of a set that are healed together.
    pub heal_id: String,
    pub items_skipped: u64,
    pub bytes_skipped: u64,
    pub retry_attempts: u64,
    pub finished: bool,
    /// Unknown fields, kept.
    pub unknown: UnknownFields,
}

impl HealingTracker {
    /// Reads a file. An empty or unreadable one means that the drive's healing starts from scratch.
    pub fn parse(file: &Bytes) -> Result<HealingTracker, RecordError> {
        if file.is_empty() {
            return Err(RecordError::Empty);
        }
        let mut tracker = HealingTracker::default();
        let mut unknown = UnknownFields::default();
        Reader::new(file).fields(&mut unknown, |key, reader| tracker.read_field(key, reader))?;
        tracker.unknown = unknown;
        Ok(tracker)
    }

    /// The file.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(512);
        writer.map(FIELDS + self.unknown.count());
        let mut to = Fields(&mut writer);
        to.text("ID", &self.drive_id);
        to.int("PoolIndex", self.pool_index);
        to.int("SetIndex", self.set_index);
        to.int("DiskIndex", self.drive_index);
        to.text("Path", &self.path);
        to.text("Endpoint", &self.endpoint);
        to.time("Started", self.started);
        to.time("LastUpdate", self.last_update);
        to.uint("ObjectsTotalCount", self.objects_total_count);
        to.uint("ObjectsTotalSize", self.objects_total_size);
        to.uint("ItemsHealed", self.items_healed);
        to.uint("ItemsFailed", self.items_failed);
        to.uint("BytesDone", self.bytes_done);
        to.uint("BytesFailed", self.bytes_failed);
        to.text("Bucket", &self.bucket);
        to.text("Object", &self.object);
        to.uint("ResumeItemsHealed", self.resume_items_healed);
        to.uint("ResumeItemsFailed", self.resume_items_failed);
        to.uint("ResumeItemsSkipped", self.resume_items_skipped);
        to.uint("ResumeBytesDone", self.resume_bytes_done);
        to.uint("ResumeBytesFailed", self.resume_bytes_failed);
        to.uint("ResumeBytesSkipped", self.resume_bytes_skipped);
        to.strings("QueuedBuckets", &self.queued_buckets);
        to.strings("HealedBuckets", &self.healed_buckets);
        to.text("HealID", &self.heal_id);
        to.uint("ItemsSkipped", self.items_skipped);
        to.uint("BytesSkipped", self.bytes_skipped);
        to.uint("RetryAttempts", self.retry_attempts);
        writer.text("Finished");
        writer.bool(self.finished);
        self.unknown.write(&mut writer);
        writer.finish()
    }

    fn read_field(&mut self, key: &[u8], reader: &mut Reader<'_>) -> Result<bool, Error> {
        match key {
            b"ID" => self.drive_id = reader.string()?,
            b"PoolIndex" => self.pool_index = reader.int()?,
            b"SetIndex" => self.set_index = reader.int()?,
            b"DiskIndex" => self.drive_index = reader.int()?,
            b"Path" => self.path = reader.string()?,
            b"Endpoint" => self.endpoint = reader.string()?,
            b"Started" => self.started = reader.time()?,
            b"LastUpdate" => self.last_update = reader.time()?,
            b"ObjectsTotalCount" => self.objects_total_count = reader.uint()?,
            b"ObjectsTotalSize" => self.objects_total_size = reader.uint()?,
            b"ItemsHealed" => self.items_healed = reader.uint()?,
            b"ItemsFailed" => self.items_failed = reader.uint()?,
            b"BytesDone" => self.bytes_done = reader.uint()?,
            b"BytesFailed" => self.bytes_failed = reader.uint()?,
            b"Bucket" => self.bucket = reader.string()?,
            b"Object" => self.object = reader.string()?,
            b"ResumeItemsHealed" => self.resume_items_healed = reader.uint()?,
            b"ResumeItemsFailed" => self.resume_items_failed = reader.uint()?,
            b"ResumeItemsSkipped" => self.resume_items_skipped = reader.uint()?,
            b"ResumeBytesDone" => self.resume_bytes_done = reader.uint()?,
            b"ResumeBytesFailed" => self.resume_bytes_failed = reader.uint()?,
            b"ResumeBytesSkipped" => self.resume_bytes_skipped = reader.uint()?,
            b"QueuedBuckets" => self.queued_buckets = reader.strings()?,
            b"HealedBuckets" => self.healed_buckets = reader.strings()?,
            b"HealID" => self.heal_id = reader.string()?,
            b"ItemsSkipped" => self.items_skipped = reader.uint()?,
            b"BytesSkipped" => self.bytes_skipped = reader.uint()?,
            b"RetryAttempts" => self.retry_attempts = reader.uint()?,
            b"Finished" => self.finished = reader.bool()?,
            _ => return Ok(false),
        }
        Ok(true)
    }
}

/// How many fields are written.
const FIELDS: usize = 29;

/// Writes a key and its value together.
struct Fields<'a>(&'a mut Writer);

impl Fields<'_> {
    fn text(&mut self, key: &str, value: &str) {
        self.0.text(key);
        self.0.text(value);
    }

    fn int(&mut self, key: &str, value: i64) {
        self.0.text(key);
        self.0.int(value);
    }

    fn uint(&mut self, key: &str, value: u64) {
        self.0.text(key);
        self.0.uint(value);
    }

    fn time(&mut self, key: &str, value: Timestamp) {
        self.0.text(key);
        self.0.time(value);
    }

    fn strings(&mut self, key: &str, values: &[String]) {
        self.0.text(key);
        self.0.strings(values);
    }
}

#[cfg(test)]
mod tests;
