//! Objects from before `xl.meta`: a version converted from an `xl.json` (sections 4.4 and 4.6).

use super::{ObjectVersion, Part, XlError, object::text_key};
use crate::msgpack::{Reader, UnknownFields, Writer};
use crate::object_meta_keys;
use crate::part_record::PartRecord;
use base::Timestamp;
use bytes::Bytes;
use std::collections::BTreeMap;
use uuid::Uuid;

/// The directory below the object's that holds a converted object's part files.
pub const LEGACY_DATA_DIR: &str = "legacy";

/// A hash over the whole shard file of one part.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LegacyChecksum {
    /// The part's number.
    pub part_number: u32,
    /// 1 SHA-256, 2 HighwayHash-256 of the file, 3 the same of each block (framed), 4 BLAKE2b-512.
    pub algorithm: u8,
    /// The hash; empty when framed.
    pub hash: Bytes,
}

/// A version converted from `xl.json`, always the null version.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct LegacyVersion {
    /// The version of the old format: `1.0.0` or `1.0.1`.
    pub version: String,
    /// The name of the old format: `xl`.
    pub format: String,
    /// Stored bytes of all parts.
    pub size: u64,
    /// When the object was written.
    pub mod_time: Timestamp,
    /// The object's name as the old release recorded it; usually empty.
    pub stat_name: String,
    /// Whether the old release recorded a directory; never true for an object.
    pub stat_dir: bool,
    /// File mode as the old release recorded it.
    pub stat_mode: u32,
    /// The name of the erasure code.
    pub algorithm: String,
    /// Data shards, at least 1.
    pub data: u8,
    /// Parity shards, at most `data`.
    pub parity: u8,
    /// Bytes of input encoded together.
    pub block_size: u64,
    /// Which shard this drive holds, from 1.
    pub index: u8,
    /// The shard number of each drive of the set.
    pub distribution: Vec<u8>,
    /// Whole-file hashes. A part without one is framed like today's.
    pub checksums: Vec<LegacyChecksum>,
    /// The release that wrote the object.
    pub release: String,
    /// Metadata, internal and user's together.
    pub meta: BTreeMap<String, String>,
    /// The parts in order.
    pub parts: Vec<PartRecord>,
    /// The version id as text; `null`.
    pub version_id: String,
    /// Where the part files are: [`LEGACY_DATA_DIR`]; empty before conversion: beside the `xl.json`.
    pub data_dir: String,
    /// Unix time in seconds of the release that converted it; informational.
    pub writer_version: u64,
    /// Unknown fields beside the object, kept.
    pub in_version: UnknownFields,
    /// Unknown fields in the object, kept.
    pub in_object: UnknownFields,
}

impl LegacyVersion {
    /// The shape in which objects are read. Its data directory is nil: part files are under `self.data_dir`.
    pub fn as_object(&self) -> ObjectVersion {
        let (meta_sys, meta_user) = object_meta_keys::split(&self.meta);
        let part = |part: &PartRecord| Part {
            number: part.number,
            size: part.size,
            actual_size: part.actual_size,
            etag: part.etag.clone(),
            index: part.index.clone(),
        };
        ObjectVersion {
            version_id: Uuid::nil(),
            data_dir: Uuid::nil(),
            data: self.data,
            parity: self.parity,
            block_size: self.block_size,
            index: self.index,
            distribution: self.distribution.clone(),
            parts: self.parts.iter().map(part).collect(),
            size: self.size,
            mod_time: self.mod_time,
            meta_sys,
            meta_user,
            writer_version: self.writer_version,
            extra: Default::default(),
        }
    }

    /// The whole-file hash of a part's shard; `None` if the part is framed like today's.
    pub fn whole_file_checksum(&self, part_number: u32) -> Option<&LegacyChecksum> {
        const FRAMED: u8 = 3;
        self.checksums.iter().find(|sum| sum.part_number == part_number && sum.algorithm != FRAMED)
    }

    pub(super) fn check(&self) -> Result<(), XlError> {
        let checks = [
            (self.version == "1.0.0" || self.version == "1.0.1", "Version"),
            (self.format == "xl", "Format"),
            (self.data > 0, "DataBlocks"),
            (self.parity <= self.data, "ParityBlocks"),
            (self.block_size > 0, "BlockSize"),
        ];
        match checks.into_iter().find(|(valid, _)| !valid) {
            Some((_, field)) => Err(XlError::field(field)),
            None => Ok(()),
        }
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, XlError> {
        let mut legacy = LegacyVersion::default();
        let mut unknown = UnknownFields::default();
        reader.fields(&mut unknown, |key, reader| {
            match key {
                b"Version" => legacy.version = reader.string()?,
                b"Format" => legacy.format = reader.string()?,
                b"Stat" => legacy.read_stat(reader)?,
                b"Erasure" => legacy.read_erasure(reader)?,
                b"Minio" => legacy.read_writer(reader)?,
                b"Meta" => {
                    for _ in 0..reader.map_or_nil()?.unwrap_or(0) {
                        legacy.meta.insert(text_key(reader)?, reader.string()?);
                    }
                }
                b"Parts" => {
                    for _ in 0..reader.array_or_nil()?.unwrap_or(0) {
                        legacy.parts.push(PartRecord::read(reader)?);
                    }
                }
                b"VersionID" => legacy.version_id = reader.string()?,
                b"DataDir" => legacy.data_dir = reader.string()?,
                _ => return Ok(false),
            }
            Ok::<_, XlError>(true)
        })?;
        legacy.in_object = unknown;
        legacy.check()?;
        Ok(legacy)
    }

    fn read_stat(&mut self, reader: &mut Reader<'_>) -> Result<(), XlError> {
        reader.fields(&mut UnknownFields::default(), |key, reader| {
            match key {
                b"Size" => self.size = reader.size()?,
                b"ModTime" => self.mod_time = reader.time()?,
                b"Name" => self.stat_name = reader.string()?,
                b"Dir" => self.stat_dir = reader.bool()?,
                b"Mode" => self.stat_mode = reader.fit()?,
                _ => return Ok(false),
            }
            Ok(true)
        })
    }

    fn read_erasure(&mut self, reader: &mut Reader<'_>) -> Result<(), XlError> {
        reader.fields(&mut UnknownFields::default(), |key, reader| {
            match key {
                b"Algorithm" => self.algorithm = reader.string()?,
                b"DataBlocks" => self.data = reader.fit()?,
                b"ParityBlocks" => self.parity = reader.fit()?,
                b"BlockSize" => self.block_size = reader.size()?,
                b"Index" => self.index = reader.fit()?,
                b"Distribution" => {
                    for _ in 0..reader.array_or_nil()?.unwrap_or(0) {
                        self.distribution.push(reader.fit()?);
                    }
                }
                b"Checksums" => {
                    for _ in 0..reader.array_or_nil()?.unwrap_or(0) {
                        self.checksums.push(LegacyChecksum::read(reader)?);
                    }
                }
                _ => return Ok(false),
            }
            Ok(true)
        })
    }

    fn read_writer(&mut self, reader: &mut Reader<'_>) -> Result<(), XlError> {
        reader.fields(&mut UnknownFields::default(), |key, reader| {
            if key != b"Release" {
                return Ok(false);
            }
            self.release = reader.string()?;
            Ok(true)
        })
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        self.write_form(writer, self.index, &self.release, &self.meta, &self.in_object);
    }

    /// Writes the form that the signature hashes: without what differs between drives, and without the map.
    pub(super) fn write_signed(&self, writer: &mut Writer) {
        self.write_form(writer, 0, "", &BTreeMap::new(), &UnknownFields::default());
    }

    fn write_form(
        &self,
        writer: &mut Writer,
        index: u8,
        release: &str,
        meta: &BTreeMap<String, String>,
        unknown: &UnknownFields,
    ) {
        writer.map(9 + unknown.count());
        writer.text("Version");
        writer.text(&self.version);
        writer.text("Format");
        writer.text(&self.format);
        self.write_stat(writer);
        self.write_erasure(writer, index);
        writer.text("Minio");
        writer.map(1);
        writer.text("Release");
        writer.text(release);
        writer.text("Meta");
        writer.map(meta.len());
        for (key, value) in meta {
            writer.text(key);
            writer.text(value);
        }
        writer.text("Parts");
        writer.array(self.parts.len());
        self.parts.iter().for_each(|part| part.write(writer));
        writer.text("VersionID");
        writer.text(&self.version_id);
        writer.text("DataDir");
        writer.text(&self.data_dir);
        unknown.write(writer);
    }

    fn write_stat(&self, writer: &mut Writer) {
        writer.text("Stat");
        writer.map(5);
        writer.text("Size");
        writer.size(self.size);
        writer.text("ModTime");
        writer.time(self.mod_time);
        writer.text("Name");
        writer.text(&self.stat_name);
        writer.text("Dir");
        writer.bool(self.stat_dir);
        writer.text("Mode");
        writer.uint(self.stat_mode.into());
    }

    fn write_erasure(&self, writer: &mut Writer, index: u8) {
        writer.text("Erasure");
        writer.map(7);
        writer.text("Algorithm");
        writer.text(&self.algorithm);
        writer.text("DataBlocks");
        writer.int(self.data.into());
        writer.text("ParityBlocks");
        writer.int(self.parity.into());
        writer.text("BlockSize");
        writer.size(self.block_size);
        writer.text("Index");
        writer.int(index.into());
        writer.text("Distribution");
        writer.array(self.distribution.len());
        self.distribution.iter().for_each(|&shard| writer.int(shard.into()));
        writer.text("Checksums");
        writer.array(self.checksums.len());
        self.checksums.iter().for_each(|checksum| checksum.write(writer));
    }
}

impl LegacyChecksum {
    fn read(reader: &mut Reader<'_>) -> Result<Self, XlError> {
        let mut checksum = LegacyChecksum::default();
        reader.fields(&mut UnknownFields::default(), |key, reader| {
            match key {
                b"PartNumber" => checksum.part_number = reader.fit()?,
                b"Algorithm" => checksum.algorithm = reader.fit()?,
                b"Hash" => checksum.hash = reader.binary_shared()?,
                _ => return Ok(false),
            }
            Ok::<_, XlError>(true)
        })?;
        Ok(checksum)
    }

    fn write(&self, writer: &mut Writer) {
        writer.map(3);
        writer.text("PartNumber");
        writer.int(self.part_number.into());
        writer.text("Algorithm");
        writer.uint(self.algorithm.into());
        writer.text("Hash");
        writer.binary(&self.hash);
    }
}
