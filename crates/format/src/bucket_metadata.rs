//! `.metadata.bin`: a bucket's configuration, an object of the pseudo bucket (section 8).

use crate::msgpack::{Error, Reader, UnknownFields, Writer};
use crate::record::{RecordError, STAMP, strip_stamp};
use base::Timestamp;
use bytes::Bytes;

/// What creating a bucket with object lock stores as its lock configuration. A bucket with exactly this is
/// versioned, whatever its versioning configuration says.
pub const OBJECT_LOCK_ENABLED: &str = "<ObjectLockConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
    <ObjectLockEnabled>Enabled</ObjectLockEnabled></ObjectLockConfiguration>";

/// What creating a bucket with object lock stores as its versioning configuration.
pub const VERSIONING_ENABLED: &str = "<VersioningConfiguration xmlns=\"http://s3.amazonaws.com/doc/2006-03-01/\">\
    <Status>Enabled</Status></VersioningConfiguration>";

/// Files in which old releases kept one configuration each, beside today's. They are read, when today's has no
/// creation time, into the field beside the name.
pub const LEGACY_FILES: [(&str, LegacyField); 10] = [
    ("object-lock-enabled.json", LegacyField::LockEnabled),
    ("policy.json", LegacyField::Policy),
    ("notification.xml", LegacyField::Notification),
    ("lifecycle.xml", LegacyField::Lifecycle),
    ("quota.json", LegacyField::Quota),
    ("bucket-encryption.xml", LegacyField::Encryption),
    ("tagging.xml", LegacyField::Tagging),
    ("replication.xml", LegacyField::Replication),
    ("bucket-targets.json", LegacyField::Targets),
    ("object-lock.xml", LegacyField::ObjectLock),
];

/// What a file of [`LEGACY_FILES`] holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum LegacyField {
    /// JSON that says whether object lock is on.
    LockEnabled,
    Policy,
    Notification,
    Lifecycle,
    Quota,
    Encryption,
    Tagging,
    Replication,
    Targets,
    ObjectLock,
}

/// A bucket's configuration. Documents are kept as the bytes that were stored; empty means not set. Times are
/// when each was last changed, by removal too.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct BucketMetadata {
    /// The bucket.
    pub name: String,
    /// When the bucket was made.
    pub created: Timestamp,
    /// Of old releases; false today.
    pub lock_enabled: bool,
    /// The bucket policy, JSON.
    pub policy_json: Bytes,
    pub notification_xml: Bytes,
    pub lifecycle_xml: Bytes,
    pub object_lock_xml: Bytes,
    pub versioning_xml: Bytes,
    pub encryption_xml: Bytes,
    pub tagging_xml: Bytes,
    /// JSON.
    pub quota_json: Bytes,
    pub replication_xml: Bytes,
    /// Replication targets, JSON; encrypted when `targets_meta_json` is set.
    pub targets_json: Bytes,
    /// How `targets_json` is encrypted.
    pub targets_meta_json: Bytes,
    pub policy_updated: Timestamp,
    pub object_lock_updated: Timestamp,
    pub encryption_updated: Timestamp,
    pub tagging_updated: Timestamp,
    pub quota_updated: Timestamp,
    pub replication_updated: Timestamp,
    pub versioning_updated: Timestamp,
    pub lifecycle_updated: Timestamp,
    pub notification_updated: Timestamp,
    pub targets_updated: Timestamp,
    pub targets_meta_updated: Timestamp,
    /// Unknown fields, kept.
    pub unknown: UnknownFields,
}

impl BucketMetadata {
    /// The metadata of a bucket made now, with object lock or without.
    pub fn new(name: &str, created: Timestamp, object_lock: bool) -> Self {
        let document =
            |text: &'static str| if object_lock { Bytes::from_static(text.as_bytes()) } else { Bytes::new() };
        BucketMetadata {
            name: name.to_owned(),
            created,
            object_lock_xml: document(OBJECT_LOCK_ENABLED),
            versioning_xml: document(VERSIONING_ENABLED),
            ..BucketMetadata::default()
        }
    }

    /// Whether the bucket is versioned because it was made with object lock.
    pub fn lock_forces_versioning(&self) -> bool {
        self.object_lock_xml == OBJECT_LOCK_ENABLED
    }

    /// Reads the object's content.
    pub fn parse(content: &Bytes) -> Result<BucketMetadata, RecordError> {
        let map = strip_stamp(content)?;
        let mut metadata = BucketMetadata::default();
        let mut unknown = UnknownFields::default();
        Reader::new(&map).fields(&mut unknown, |key, reader| {
            match key {
                b"Name" => metadata.name = reader.string()?,
                b"Created" => metadata.created = reader.time()?,
                b"LockEnabled" => metadata.lock_enabled = reader.bool()?,
                _ => return metadata.read_list_field(key, reader),
            }
            Ok::<_, Error>(true)
        })?;
        metadata.unknown = unknown;
        Ok(metadata)
    }

    /// Sets the times of change that were never set to the bucket's creation time, as MinIO has it once the
    /// metadata is loaded.
    pub fn fill_unset_times(&mut self) {
        let created = self.created;
        let unset = self.times_mut().into_iter().map(|(_, time)| time).filter(|time| time.is_zero());
        unset.for_each(|time| *time = created);
    }

    /// The object's content.
    pub fn encode(&self) -> Vec<u8> {
        let mut source = self.clone();
        let documents = source.documents_mut().map(|(key, document)| (key, document.clone()));
        let times = source.times_mut().map(|(key, time)| (key, *time));

        let mut writer = Writer::after(STAMP.to_vec());
        writer.map(3 + documents.len() + times.len() + self.unknown.count());
        writer.text("Name");
        writer.text(&self.name);
        writer.text("Created");
        writer.time(self.created);
        writer.text("LockEnabled");
        writer.bool(self.lock_enabled);
        for (key, document) in documents {
            writer.text(key);
            writer.binary(&document);
        }
        for (key, time) in times {
            writer.text(key);
            writer.time(time);
        }
        self.unknown.write(&mut writer);
        writer.finish()
    }

    fn read_list_field(&mut self, key: &[u8], reader: &mut Reader<'_>) -> Result<bool, Error> {
        if let Some((_, document)) = self.documents_mut().into_iter().find(|(name, _)| name.as_bytes() == key) {
            *document = if reader.nil() { Bytes::new() } else { reader.binary_shared()? };
            return Ok(true);
        }
        if let Some((_, time)) = self.times_mut().into_iter().find(|(name, _)| name.as_bytes() == key) {
            *time = reader.time()?;
            return Ok(true);
        }
        Ok(false)
    }

    /// The documents with their keys, in the order in which they are written.
    fn documents_mut(&mut self) -> [(&'static str, &mut Bytes); 11] {
        [
            ("PolicyConfigJSON", &mut self.policy_json),
            ("NotificationConfigXML", &mut self.notification_xml),
            ("LifecycleConfigXML", &mut self.lifecycle_xml),
            ("ObjectLockConfigXML", &mut self.object_lock_xml),
            ("VersioningConfigXML", &mut self.versioning_xml),
            ("EncryptionConfigXML", &mut self.encryption_xml),
            ("TaggingConfigXML", &mut self.tagging_xml),
            ("QuotaConfigJSON", &mut self.quota_json),
            ("ReplicationConfigXML", &mut self.replication_xml),
            ("BucketTargetsConfigJSON", &mut self.targets_json),
            ("BucketTargetsConfigMetaJSON", &mut self.targets_meta_json),
        ]
    }

    /// The times of change with their keys, in the order in which they are written.
    fn times_mut(&mut self) -> [(&'static str, &mut Timestamp); 11] {
        [
            ("PolicyConfigUpdatedAt", &mut self.policy_updated),
            ("ObjectLockConfigUpdatedAt", &mut self.object_lock_updated),
            ("EncryptionConfigUpdatedAt", &mut self.encryption_updated),
            ("TaggingConfigUpdatedAt", &mut self.tagging_updated),
            ("QuotaConfigUpdatedAt", &mut self.quota_updated),
            ("ReplicationConfigUpdatedAt", &mut self.replication_updated),
            ("VersioningConfigUpdatedAt", &mut self.versioning_updated),
            ("LifecycleConfigUpdatedAt", &mut self.lifecycle_updated),
            ("NotificationConfigUpdatedAt", &mut self.notification_updated),
            ("BucketTargetsConfigUpdatedAt", &mut self.targets_updated),
            ("BucketTargetsConfigMetaUpdatedAt", &mut self.targets_meta_updated),
        ]
    }
}

#[cfg(test)]
mod tests;
