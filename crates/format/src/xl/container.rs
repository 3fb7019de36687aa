//! The file around the versions: magic, checksum, sections (sections 4.1 and 4.2).

use super::{Corruption, Header, InlineData, VersionEntry, XlError, XlMeta, fixup};
use crate::msgpack::{self, Reader, UnknownFields, Writer};
use bytes::Bytes;
use xxhash_rust::xxh64::xxh64;

const MAGIC: &[u8; 4] = b"XL2 ";
/// Magic and version number.
const PREFIX: usize = 8;
/// The version number of the oldest format, as text.
const VERSION_1_0: &[u8; 4] = b"1   ";
const MAJOR: u16 = 1;
/// The minor version that is written.
const MINOR: u16 = 3;
/// The newest forms of version headers and of version bodies that are understood.
const HEADER_VERSION: u64 = 3;
const METADATA_VERSION: u64 = 3;
/// Files before 1.3 don't say which form their version bodies have.
const FIRST_METADATA_VERSION: u64 = 1;
/// What follows the payload: a 32-bit number in its five-byte form.
const CHECKSUM_SIZE: usize = 5;
/// Magic, version number and the length of the payload in its five-byte form.
const PAYLOAD_AT: usize = PREFIX + 5;

impl XlMeta {
    /// Reads a whole file of any format version. Minor versions newer than today's are read as today's.
    pub fn parse(file: &Bytes) -> Result<XlMeta, XlError> {
        let (versions, inline_at) = parse_metadata(file)?;
        Ok(XlMeta { versions, inline: InlineData::read(&file.slice(inline_at..)) })
    }

    /// Reads the metadata of a file of which only the first [`metadata_size`] bytes need be given. What is
    /// returned can be looked at but not encoded.
    pub fn parse_without_inline(prefix: &Bytes) -> Result<XlMeta, XlError> {
        if let Layout::Numbered { minor } = layout(prefix)?
            && minor > MINOR
        {
            return Err(XlError::UnsupportedVersion { what: "minor", version: minor.into() });
        }
        let (versions, _) = parse_metadata(prefix)?;
        Ok(XlMeta { versions, inline: InlineData::unread() })
    }

    /// The file, in today's format.
    ///
    /// Panics if it came from [`XlMeta::parse_without_inline`]: the shards would be lost.
    pub fn encode(&self) -> Vec<u8> {
        const ENTRY_HEADS: usize = 2 + 5;
        let entries: usize =
            self.versions.iter().map(|entry| ENTRY_HEADS + Header::MAX_ENCODED + entry.body().len()).sum();
        let payload = Writer::with_capacity(1 + 1 + 5 + entries);
        let payload = self.encode_payload(payload);

        let size = PAYLOAD_AT + payload.len() + CHECKSUM_SIZE + self.inline.size_hint();
        let mut out = Vec::with_capacity(size);
        out.extend_from_slice(MAGIC);
        out.extend(MAJOR.to_le_bytes());
        out.extend(MINOR.to_le_bytes());
        let mut writer = Writer::after(out);
        writer.binary32(&payload);
        writer.uint32(checksum(&payload));
        self.inline.write(writer.finish())
    }

    fn encode_payload(&self, mut writer: Writer) -> Vec<u8> {
        writer.uint(HEADER_VERSION);
        writer.uint(METADATA_VERSION);
        writer.int(i64::try_from(self.versions.len()).unwrap_or(i64::MAX));
        let mut header = Vec::with_capacity(Header::MAX_ENCODED);
        for entry in &self.versions {
            header.clear();
            let mut header_writer = Writer::after(header);
            entry.header.write(&mut header_writer);
            header = header_writer.finish();
            writer.binary(&header);
            writer.binary(entry.body());
        }
        writer.finish()
    }
}

/// How many bytes of a file its metadata takes, its checksum included, as the first bytes tell; `None` if the
/// whole file must be read. `prefix` needs [`METADATA_READ_SIZE`](super::METADATA_READ_SIZE) bytes at most.
pub fn metadata_size(prefix: &[u8]) -> Result<Option<usize>, XlError> {
    match layout(prefix)? {
        Layout::Text | Layout::Numbered { minor: 0..MINOR } => Ok(None),
        Layout::Numbered { .. } => {
            let head = Bytes::copy_from_slice(prefix.get(PREFIX..PAYLOAD_AT).ok_or(msgpack::Error::Truncated)?);
            let (length_at, length) = payload_length(&head)?;
            Ok(Some(PREFIX + length_at + length + CHECKSUM_SIZE))
        }
    }
}

/// How the bytes behind the version number are laid out.
enum Layout {
    /// 1.0, whose version number is text.
    Text,
    /// Major version 1.
    Numbered { minor: u16 },
}

fn layout(file: &[u8]) -> Result<Layout, XlError> {
    if file.len() <= PREFIX || !file.starts_with(MAGIC) {
        return Err(XlError::NotXl);
    }
    let [a, b, c, d] = [file[4], file[5], file[6], file[7]];
    if &[a, b, c, d] == VERSION_1_0 {
        return Ok(Layout::Text);
    }
    match u16::from_le_bytes([a, b]) {
        0 => Err(XlError::field("major version")),
        MAJOR => Ok(Layout::Numbered { minor: u16::from_le_bytes([c, d]) }),
        version => Err(XlError::UnsupportedVersion { what: "major", version: version.into() }),
    }
}

/// Reads the versions and where the inline section begins.
fn parse_metadata(file: &Bytes) -> Result<(Vec<VersionEntry>, usize), XlError> {
    let layout = layout(file)?;
    let rest = file.slice(PREFIX..);
    let mut reader = Reader::new(&rest);
    match layout {
        Layout::Text => Ok((read_plain_versions(&rest)?, file.len())),
        Layout::Numbered { minor } => {
            let payload = reader.binary_shared()?;
            if minor >= 2 {
                let sum = reader.uint()?;
                if sum != u64::from(checksum(&payload)) {
                    return Err(XlError::Corrupt(Corruption::Checksum));
                }
            }
            let versions = if minor >= MINOR { read_versions(&payload)? } else { read_plain_versions(&payload)? };
            Ok((versions, PREFIX + reader.position()))
        }
    }
}

/// The payload of 1.3: versions with headers, in order.
fn read_versions(payload: &Bytes) -> Result<Vec<VersionEntry>, XlError> {
    let mut reader = Reader::new(payload);
    let header_version = known(&mut reader, "header", HEADER_VERSION)?;
    let metadata_version = known(&mut reader, "metadata", METADATA_VERSION)?;
    let count = reader.uint()?;
    let mut versions = Vec::new();
    for _ in 0..count {
        let header = reader.binary_shared()?;
        let body = reader.binary_shared()?;
        let entry = if header_version == HEADER_VERSION {
            VersionEntry::from_parts(Header::read(&mut Reader::new(&header))?, body)
        } else {
            // Older headers lack fields; the body has them all.
            VersionEntry::from_body(body)?
        };
        versions.push(fixup::apply(entry, metadata_version));
    }
    Ok(versions)
}

/// The versions of 1.0 to 1.2: a map with bodies alone, in any order.
fn read_plain_versions(map: &Bytes) -> Result<Vec<VersionEntry>, XlError> {
    let mut versions = Vec::new();
    let mut unknown = UnknownFields::default();
    Reader::new(map).fields(&mut unknown, |key, reader| {
        if key != b"Versions" {
            return Ok(false);
        }
        for _ in 0..reader.array_or_nil()?.unwrap_or(0) {
            let entry = VersionEntry::from_body(reader.raw()?)?;
            versions.push(fixup::apply(entry, FIRST_METADATA_VERSION));
        }
        Ok::<_, XlError>(true)
    })?;
    versions.sort_by_key(|entry| entry.header);
    Ok(versions)
}

/// A version number of the payload, which must not be newer than `newest`.
fn known(reader: &mut Reader<'_>, what: &'static str, newest: u64) -> Result<u64, XlError> {
    match reader.uint()? {
        version if version > newest => Err(XlError::UnsupportedVersion { what, version }),
        version => Ok(version),
    }
}

/// The length of the payload, and where behind the version number the payload begins.
fn payload_length(head: &Bytes) -> Result<(usize, usize), XlError> {
    let mut reader = Reader::new(head);
    let length = reader.binary_head()?;
    Ok((reader.position(), length))
}

fn checksum(payload: &[u8]) -> u32 {
    let [a, b, c, d, ..] = xxh64(payload, 0).to_le_bytes();
    u32::from_le_bytes([a, b, c, d])
}
