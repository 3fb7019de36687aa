//! An object version (section 4.4).

use super::XlError;
use crate::msgpack::{self, Reader, UnknownFields, Writer};
use crate::object_meta_keys::{sys, user};
use base::Timestamp;
use bytes::Bytes;
use std::collections::BTreeMap;
use uuid::Uuid;

/// One part of an object. An object that was put whole has one part with number 1.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Part {
    /// The part's number; ascending in an object, with gaps.
    pub number: u32,
    /// Stored bytes: after compression and encryption.
    pub size: u64,
    /// Bytes as the client sent them; -1 if unknown.
    pub actual_size: i64,
    /// Only in files of old releases; empty in everything written today.
    pub etag: String,
    /// The index of a compressed part; empty if there is none.
    pub index: Bytes,
}

/// What an object version carries that has no name here but must survive a rewrite.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectExtra {
    /// Unknown fields beside the object.
    pub in_version: UnknownFields,
    /// Unknown fields in the object.
    pub in_object: UnknownFields,
    /// An old file with no list of actual sizes. It stays so: its absence is part of the signature.
    no_actual_sizes: bool,
    /// Values of user metadata that are not UTF-8, as stored. Written back while the readable form in
    /// `meta_user` is unchanged.
    raw_user: BTreeMap<String, Bytes>,
}

/// An object version as one drive holds it. Equal on all drives of the set but for `index`.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct ObjectVersion {
    /// The version's id; nil is the null version.
    pub version_id: Uuid,
    /// The directory below the object's that holds its part files.
    pub data_dir: Uuid,
    /// Data shards, at least 1.
    pub data: u8,
    /// Parity shards, at most `data`.
    pub parity: u8,
    /// Bytes of input encoded together; 1 MiB today, 10 MiB in old files.
    pub block_size: u64,
    /// Which shard this drive holds, from 1.
    pub index: u8,
    /// The shard number of each drive of the set, in the set's order.
    pub distribution: Vec<u8>,
    /// The parts in order; empty in the record of an upload in progress.
    pub parts: Vec<Part>,
    /// Stored bytes of all parts.
    pub size: u64,
    /// When the version was written.
    pub mod_time: Timestamp,
    /// Internal metadata; keys as in [`crate::object_meta_keys::sys`].
    pub meta_sys: BTreeMap<String, Bytes>,
    /// Metadata of the user and of HTTP, tags, etag.
    pub meta_user: BTreeMap<String, String>,
    /// Unix time in seconds of the release that wrote it, 0 for a development build; informational.
    pub writer_version: u64,
    /// What has no name here but must survive a rewrite.
    pub extra: ObjectExtra,
}

impl ObjectVersion {
    /// Whether the object's shards are in the inline section (the flag, not the fact).
    pub fn is_inline(&self) -> bool {
        self.meta_sys.contains_key(sys::INLINE_DATA)
    }

    /// Whether the object's data has moved to a remote tier.
    pub fn is_transitioned(&self) -> bool {
        self.meta_sys.get(sys::TRANSITION_STATUS).is_some_and(|status| status == "complete")
    }

    /// Whether the data is on this drive: not moved to a tier, or restored from there. A restored copy counts
    /// until its `x-amz-restore` is removed, expired or not: until then its data may still be here.
    pub fn uses_data_dir(&self) -> bool {
        let restored = |value: &String| value.contains("ongoing-request=\"false\"");
        !self.is_transitioned() || self.meta_user.get(user::RESTORE).is_some_and(restored)
    }

    /// Whether the object belongs to a set of `drives` drives: one shard number for each, this drive's among
    /// them. Without that its shards can't be placed and the copy is not valid.
    pub fn fits_set(&self, drives: usize) -> bool {
        self.distribution.len() == drives && (1..=drives).contains(&usize::from(self.index))
    }

    /// The user metadata as stored, with values that need not be UTF-8.
    pub(super) fn meta_user_bytes(&self) -> impl Iterator<Item = (&str, &[u8])> {
        self.meta_user.iter().map(|(key, value)| {
            let raw = self.extra.raw_user.get(key).filter(|raw| String::from_utf8_lossy(raw) == *value);
            (key.as_str(), raw.map_or(value.as_bytes(), |raw| &raw[..]))
        })
    }

    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Self, XlError> {
        let mut object = ObjectVersion::default();
        let mut unknown = UnknownFields::default();
        let mut parts = PartLists::default();
        let (mut ec_algorithm, mut checksum_algorithm) = (0u8, 0u8);
        reader.fields(&mut unknown, |key, reader| {
            match key {
                b"ID" => object.version_id = reader.uuid()?,
                b"DDir" => object.data_dir = reader.uuid()?,
                b"EcAlgo" => ec_algorithm = reader.fit()?,
                b"EcM" => object.data = reader.fit()?,
                b"EcN" => object.parity = reader.fit()?,
                b"EcBSize" => object.block_size = reader.size()?,
                b"EcIndex" => object.index = reader.fit()?,
                b"EcDist" => object.distribution = list(reader, Reader::fit)?.unwrap_or_default(),
                b"CSumAlgo" => checksum_algorithm = reader.fit()?,
                b"PartNums" => parts.numbers = list(reader, Reader::fit)?.unwrap_or_default(),
                b"PartETags" => parts.etags = list(reader, Reader::string)?.unwrap_or_default(),
                b"PartSizes" => parts.sizes = list(reader, Reader::size)?.unwrap_or_default(),
                b"PartASizes" => parts.actual_sizes = list(reader, Reader::int)?,
                b"PartIdx" => parts.indices = list(reader, Reader::binary_shared)?.unwrap_or_default(),
                b"Size" => object.size = reader.size()?,
                b"MTime" => object.mod_time = Timestamp::from_nanos(reader.int()?),
                b"MetaSys" => object.meta_sys = read_meta_sys(reader)?,
                b"MetaUsr" => object.read_meta_user(reader)?,
                _ => return Ok(false),
            }
            Ok::<_, XlError>(true)
        })?;
        object.extra.in_object = unknown;
        object.extra.no_actual_sizes = parts.lacks_actual_sizes();
        object.parts = parts.join()?;
        object.check(ec_algorithm, checksum_algorithm)?;
        Ok(object)
    }

    fn check(&self, ec_algorithm: u8, checksum_algorithm: u8) -> Result<(), XlError> {
        let checks = [
            (ec_algorithm == REED_SOLOMON, "EcAlgo"),
            (checksum_algorithm == HIGHWAY_HASH, "CSumAlgo"),
            (self.data > 0, "EcM"),
            (self.parity <= self.data, "EcN"),
            (self.block_size > 0, "EcBSize"),
            (self.mod_time > Timestamp::ZERO, "MTime"),
        ];
        match checks.into_iter().find(|(valid, _)| !valid) {
            Some((_, field)) => Err(XlError::field(field)),
            None => Ok(()),
        }
    }

    fn read_meta_user(&mut self, reader: &mut Reader<'_>) -> Result<(), msgpack::Error> {
        for _ in 0..reader.map_or_nil()?.unwrap_or(0) {
            let key = text_key(reader)?;
            let value = reader.text_bytes()?;
            let readable = String::from_utf8_lossy(value);
            // A key may come twice; the last counts.
            if readable.as_bytes() == value {
                self.extra.raw_user.remove(&key);
            } else {
                self.extra.raw_user.insert(key.clone(), Bytes::copy_from_slice(value));
            }
            self.meta_user.insert(key, readable.into_owned());
        }
        Ok(())
    }

    pub(super) fn write(&self, writer: &mut Writer) {
        let has_indices = self.parts.iter().any(|part| !part.index.is_empty());
        writer.map(FIELDS + usize::from(has_indices) + self.extra.in_object.count());
        let no_actual_sizes = self.extra.no_actual_sizes && self.parts.iter().all(|part| part.actual_size == -1);
        self.write_layout(writer, self.index, no_actual_sizes);
        writer.text("MetaSys");
        writer.map(self.meta_sys.len());
        for (key, value) in &self.meta_sys {
            writer.text(key);
            writer.binary(value);
        }
        writer.text("MetaUsr");
        writer.map(self.meta_user.len());
        for (key, value) in self.meta_user_bytes() {
            writer.text(key);
            writer.text_bytes(value);
        }
        self.extra.in_object.write(writer);
    }

    /// Writes the form that the signature hashes: without the drive's shard number and without the maps.
    pub(super) fn write_signed(&self, writer: &mut Writer) {
        let has_indices = self.parts.iter().any(|part| !part.index.is_empty());
        writer.map(FIELDS + usize::from(has_indices));
        let no_actual_sizes =
            self.parts.is_empty() || self.extra.no_actual_sizes && self.parts.iter().all(|part| part.actual_size == -1);
        self.write_layout(writer, 0, no_actual_sizes);
        for key in ["MetaSys", "MetaUsr"] {
            writer.text(key);
            writer.nil();
        }
    }

    /// Writes all fields before the metadata maps.
    fn write_layout(&self, writer: &mut Writer, index: u8, no_actual_sizes: bool) {
        writer.text("ID");
        writer.uuid(self.version_id);
        writer.text("DDir");
        writer.uuid(self.data_dir);
        writer.text("EcAlgo");
        writer.uint(REED_SOLOMON.into());
        writer.text("EcM");
        writer.int(self.data.into());
        writer.text("EcN");
        writer.int(self.parity.into());
        writer.text("EcBSize");
        writer.size(self.block_size);
        writer.text("EcIndex");
        writer.int(index.into());
        writer.text("EcDist");
        writer.array(self.distribution.len());
        self.distribution.iter().for_each(|&shard| writer.uint(shard.into()));
        writer.text("CSumAlgo");
        writer.uint(HIGHWAY_HASH.into());
        self.write_parts(writer, no_actual_sizes);
        writer.text("Size");
        writer.size(self.size);
        writer.text("MTime");
        writer.int(self.mod_time.nanos());
    }

    fn write_parts(&self, writer: &mut Writer, no_actual_sizes: bool) {
        let parts = &self.parts;
        writer.text("PartNums");
        writer.array(parts.len());
        parts.iter().for_each(|part| writer.int(part.number.into()));
        writer.text("PartETags");
        if parts.iter().all(|part| part.etag.is_empty()) {
            writer.nil();
        } else {
            writer.array(parts.len());
            parts.iter().for_each(|part| writer.text(&part.etag));
        }
        writer.text("PartSizes");
        writer.array(parts.len());
        parts.iter().for_each(|part| writer.size(part.size));
        writer.text("PartASizes");
        if no_actual_sizes {
            writer.nil();
        } else {
            writer.array(parts.len());
            parts.iter().for_each(|part| writer.int(part.actual_size));
        }
        if parts.iter().any(|part| !part.index.is_empty()) {
            writer.text("PartIdx");
            writer.array(parts.len());
            parts.iter().for_each(|part| writer.binary(&part.index));
        }
    }
}

/// The only erasure code of the format: Reed-Solomon.
const REED_SOLOMON: u8 = 1;
/// The only bitrot hash of the format: HighwayHash-256 of each block's shard.
const HIGHWAY_HASH: u8 = 1;
/// Fields always written; the list of compression indices only if there is one.
const FIELDS: usize = 17;

/// The parts as stored: a list for each property.
#[derive(Default)]
struct PartLists {
    numbers: Vec<u32>,
    etags: Vec<String>,
    sizes: Vec<u64>,
    actual_sizes: Option<Vec<i64>>,
    indices: Vec<Bytes>,
}

impl PartLists {
    /// An empty list beside parts means the same as none at all.
    fn lacks_actual_sizes(&self) -> bool {
        self.actual_sizes.as_ref().is_none_or(|sizes| sizes.is_empty() && !self.numbers.is_empty())
    }

    fn join(self) -> Result<Vec<Part>, XlError> {
        let count = self.numbers.len();
        let whole_or_absent = |length: usize| length == count || length == 0;
        let actual_sizes = self.actual_sizes.unwrap_or_default();
        let checks = [
            (self.sizes.len() == count, "PartSizes"),
            (whole_or_absent(self.etags.len()), "PartETags"),
            (whole_or_absent(actual_sizes.len()), "PartASizes"),
            (whole_or_absent(self.indices.len()), "PartIdx"),
        ];
        if let Some((_, field)) = checks.into_iter().find(|(valid, _)| !valid) {
            return Err(XlError::field(field));
        }
        let mut etags = self.etags.into_iter();
        let mut actual_sizes = actual_sizes.into_iter();
        let mut indices = self.indices.into_iter();
        let part = |(number, size)| Part {
            number,
            size,
            actual_size: actual_sizes.next().unwrap_or(-1),
            etag: etags.next().unwrap_or_default(),
            index: indices.next().unwrap_or_default(),
        };
        Ok(self.numbers.into_iter().zip(self.sizes).map(part).collect())
    }
}

/// A list, or `None` for nil.
fn list<'a, T>(
    reader: &mut Reader<'a>,
    mut item: impl FnMut(&mut Reader<'a>) -> Result<T, msgpack::Error>,
) -> Result<Option<Vec<T>>, msgpack::Error> {
    match reader.array_or_nil()? {
        Some(count) => (0..count).map(|_| item(reader)).collect::<Result<_, _>>().map(Some),
        None => Ok(None),
    }
}

/// Internal metadata: a map of text to binary, or nil.
pub(super) fn read_meta_sys(reader: &mut Reader<'_>) -> Result<BTreeMap<String, Bytes>, msgpack::Error> {
    let count = reader.map_or_nil()?.unwrap_or(0);
    (0..count).map(|_| Ok((text_key(reader)?, reader.binary_shared()?))).collect()
}

/// The key of a metadata map.
pub(super) fn text_key(reader: &mut Reader<'_>) -> Result<String, msgpack::Error> {
    std::str::from_utf8(reader.key()?).map(str::to_owned).map_err(|_| msgpack::Error::Utf8)
}
