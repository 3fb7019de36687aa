//! `list.bin`: objects that were written or found incomplete and wait to be healed, kept over a restart
//! (section 9). A plain file on one local drive; losing it costs nothing that a scan doesn't find again.

use crate::msgpack::{Error, Reader, UnknownFields, Writer};
use crate::record::{RecordError, STAMP, strip_stamp};
use base::Timestamp;
use bytes::Bytes;
use uuid::Uuid;

/// The file's path below a drive's `.minio.sys`.
pub const MRF_LIST: &str = "buckets/.heal/mrf/list.bin";

/// The most entries that are read: what the queue holds.
pub const MAX_ENTRIES: usize = 100_000;

/// An object that waits to be healed.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct MrfEntry {
    pub bucket: String,
    /// The encoded name.
    pub object: String,
    /// The version as text, empty for the null version or for `versions`.
    pub version_id: String,
    /// More versions of the object to heal.
    pub versions: Vec<Uuid>,
    pub set_index: i64,
    pub pool_index: i64,
    /// When the entry was queued.
    pub queued: Timestamp,
    /// Whether the hashes of all shards must be checked.
    pub bitrot_scan: bool,
}

/// Reads a list. What follows [`MAX_ENTRIES`] is dropped.
pub fn parse(file: &Bytes) -> Result<Vec<MrfEntry>, RecordError> {
    let maps = strip_stamp(file)?;
    let mut reader = Reader::new(&maps);
    let mut entries = Vec::new();
    while reader.remaining() > 0 && entries.len() < MAX_ENTRIES {
        entries.push(MrfEntry::read(&mut reader)?);
    }
    Ok(entries)
}

/// The file of a list.
pub fn encode<'a>(entries: impl IntoIterator<Item = &'a MrfEntry>) -> Vec<u8> {
    let mut writer = Writer::after(STAMP.to_vec());
    entries.into_iter().for_each(|entry| entry.write(&mut writer));
    writer.finish()
}

impl MrfEntry {
    fn read(reader: &mut Reader<'_>) -> Result<MrfEntry, Error> {
        let mut entry = MrfEntry::default();
        reader.fields(&mut UnknownFields::default(), |key, reader| {
            match key {
                b"Bucket" => entry.bucket = reader.string()?,
                b"Object" => entry.object = reader.string()?,
                b"VersionID" => entry.version_id = reader.string()?,
                b"Versions" if reader.nil() => {}
                b"Versions" => entry.versions = ids(reader.binary()?)?,
                b"SetIndex" => entry.set_index = reader.int()?,
                b"PoolIndex" => entry.pool_index = reader.int()?,
                b"Queued" => entry.queued = reader.time()?,
                b"BitrotScan" => entry.bitrot_scan = reader.bool()?,
                _ => return Ok(false),
            }
            Ok::<_, Error>(true)
        })?;
        Ok(entry)
    }

    fn write(&self, writer: &mut Writer) {
        writer.map(8);
        writer.text("Bucket");
        writer.text(&self.bucket);
        writer.text("Object");
        writer.text(&self.object);
        writer.text("VersionID");
        writer.text(&self.version_id);
        writer.text("Versions");
        let versions: Vec<u8> = self.versions.iter().flat_map(|id| *id.as_bytes()).collect();
        writer.binary(&versions);
        writer.text("SetIndex");
        writer.int(self.set_index);
        writer.text("PoolIndex");
        writer.int(self.pool_index);
        writer.text("Queued");
        writer.time(self.queued);
        writer.text("BitrotScan");
        writer.bool(self.bitrot_scan);
    }
}

/// Ids of 16 bytes each.
fn ids(bytes: &[u8]) -> Result<Vec<Uuid>, Error> {
    let (ids, rest) = bytes.as_chunks::<16>();
    if !rest.is_empty() {
        return Err(Error::Length);
    }
    Ok(ids.iter().map(|id| Uuid::from_bytes(*id)).collect())
}

#[cfg(test)]
mod tests;
