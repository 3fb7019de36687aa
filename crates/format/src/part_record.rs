//! `part.N.meta`: what is known about one uploaded part of an upload in progress (section 5.3).

use crate::msgpack::{Error, Reader, UnknownFields, Writer};
use crate::record::RecordError;
use base::Timestamp;
use bytes::Bytes;
use std::collections::BTreeMap;

/// One part. Its record has the same bytes on all drives.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct PartRecord {
    /// Hex MD5 of the part as the client sent it; sealed (longer) for encrypted uploads.
    pub etag: String,
    /// The part's number, from 1.
    pub number: u32,
    /// Stored bytes: after compression and encryption.
    pub size: u64,
    /// Bytes as the client sent them; -1 if unknown.
    pub actual_size: i64,
    /// When the part was written.
    pub mod_time: Timestamp,
    /// The index of a compressed part; empty if there is none.
    pub index: Bytes,
    /// Checksums of the part: algorithm name (`CRC32`, ...) to base64.
    pub checksums: BTreeMap<String, String>,
    /// Why the part can't be used; empty on drives.
    pub error: String,
    /// Unknown fields, kept.
    pub unknown: UnknownFields,
}

impl PartRecord {
    /// Reads a file.
    pub fn parse(file: &Bytes) -> Result<PartRecord, RecordError> {
        Ok(PartRecord::read(&mut Reader::new(file))?)
    }

    /// The file.
    pub fn encode(&self) -> Vec<u8> {
        let mut writer = Writer::with_capacity(96);
        self.write(&mut writer);
        writer.finish()
    }

    pub(crate) fn read(reader: &mut Reader<'_>) -> Result<PartRecord, Error> {
        let mut part = PartRecord::default();
        let mut unknown = UnknownFields::default();
        reader.fields(&mut unknown, |key, reader| {
            match key {
                b"e" => part.etag = reader.string()?,
                b"n" => part.number = reader.fit()?,
                b"s" => part.size = reader.size()?,
                b"as" => part.actual_size = reader.int()?,
                b"mt" => part.mod_time = reader.time()?,
                b"i" => part.index = reader.binary_shared()?,
                b"crc" => {
                    for _ in 0..reader.map_or_nil()?.unwrap_or(0) {
                        part.checksums.insert(reader.string()?, reader.string()?);
                    }
                }
                b"err" => part.error = reader.string()?,
                _ => return Ok(false),
            }
            Ok::<_, Error>(true)
        })?;
        part.unknown = unknown;
        Ok(part)
    }

    pub(crate) fn write(&self, writer: &mut Writer) {
        let optional = [!self.index.is_empty(), !self.checksums.is_empty(), !self.error.is_empty()];
        let present = optional.iter().filter(|present| **present).count();
        writer.map(5 + present + self.unknown.count());
        writer.text("e");
        writer.text(&self.etag);
        writer.text("n");
        writer.int(self.number.into());
        writer.text("s");
        writer.size(self.size);
        writer.text("as");
        writer.int(self.actual_size);
        writer.text("mt");
        writer.time(self.mod_time);
        if !self.index.is_empty() {
            writer.text("i");
            writer.binary(&self.index);
        }
        if !self.checksums.is_empty() {
            writer.text("crc");
            writer.map(self.checksums.len());
            for (algorithm, value) in &self.checksums {
                writer.text(algorithm);
                writer.text(value);
            }
        }
        if !self.error.is_empty() {
            writer.text("err");
            writer.text(&self.error);
        }
        self.unknown.write(writer);
    }
}

#[cfg(test)]
mod tests;
