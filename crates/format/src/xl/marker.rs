//! Delete markers and free versions (section 4.4).

use super::{ObjectVersion, XlError, object::read_meta_sys};
use crate::msgpack::{Reader, UnknownFields, Writer};
use crate::object_meta_keys::sys;
use base::Timestamp;
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::collections::BTreeMap;
use uuid::Uuid;

/// A delete marker; or, with the key for it in its metadata, a free version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct DeleteMarker {
    /// The version's id; nil is the null version.
    pub version_id: Uuid,
    /// When the marker was written.
    pub mod_time: Timestamp,
    /// Internal metadata: replication state, or what a free version must remember.
    pub meta_sys: BTreeMap<String, Bytes>,
    /// Unix time in seconds of the release that wrote it, 0 for a development build; informational.
    pub writer_version: u64,
    /// Unknown fields beside the marker, kept.
    pub in_version: UnknownFields,
    /// Unknown fields in the marker, kept.
    pub in_marker: UnknownFields,
}

impl DeleteMarker {
    /// Whether this is no marker for S3 but a note to delete a remote object.
    pub fn is_free_version(&self) -> bool {
        self.meta_sys.contains_key(sys::FREE_VERSION)
    }

    /// The note that is left of a version whose data is on a remote tier, when the version goes (section 4.4); `None` for any other
    /// version. Its id is made of the remote object's name, so that all drives of a set leave the same note, whenever
    /// they do, and leaving it twice is leaving it once.
    pub fn freeing(removed: &ObjectVersion) -> Option<DeleteMarker> {
        if !removed.is_transitioned() {
            return None;
        }
        let mut meta_sys = BTreeMap::from([(sys::FREE_VERSION.to_owned(), Bytes::new())]);
        let mut digest = Sha256::new();
        for key in [sys::TRANSITION_TIER, sys::TRANSITIONED_OBJECT, sys::TRANSITIONED_VERSION_ID] {
            if let Some(value) = removed.meta_sys.get(key) {
                digest.update(value);
                meta_sys.insert(key.to_owned(), value.clone());
            }
            digest.update([0]);
        }
        let id = digest.finalize();
        let id = uuid::Builder::from_slice(&id[..16]).expect("16 bytes").with_version(uuid::Version::Random);
        Some(DeleteMarker {
            version_id: id.with_variant(uuid::Variant::RFC4122).into_uuid(),
            mod_time: removed.mod_time,
            meta_sys,
            writer_version: removed.writer_version,
            ..DeleteMarker::default()
        })
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, XlError> {
        let mut marker = DeleteMarker::default();
        let mut unknown = UnknownFields::default();
        reader.fields(&mut unknown, |key, reader| {
            match key {
                b"ID" => marker.version_id = reader.uuid()?,
                b"MTime" => marker.mod_time = Timestamp::from_nanos(reader.int()?),
                b"MetaSys" => marker.meta_sys = read_meta_sys(reader)?,
                _ => return Ok(false),
            }
            Ok::<_, XlError>(true)
        })?;
        marker.in_marker = unknown;
        Ok(marker)
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        writer.map(3 + self.in_marker.count());
        self.write_identity(writer);
        writer.text("MetaSys");
        writer.map(self.meta_sys.len());
        for (key, value) in &self.meta_sys {
            writer.text(key);
            writer.binary(value);
        }
        self.in_marker.write(writer);
    }

    /// Writes the form that the signature hashes.
    pub(super) fn write_signed(&self, writer: &mut Writer) {
        writer.map(2);
        self.write_identity(writer);
    }

    fn write_identity(&self, writer: &mut Writer) {
        writer.text("ID");
        writer.uuid(self.version_id);
        writer.text("MTime");
        writer.int(self.mod_time.nanos());
    }
}
