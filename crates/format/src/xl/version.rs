//! One version, encoded and decoded (section 4.4).

use super::{DeleteMarker, Header, Kind, LegacyVersion, ObjectVersion, XlError};
use crate::msgpack::{Reader, UnknownFields, Writer};
use base::Timestamp;
use bytes::Bytes;
use std::borrow::Cow;
use uuid::Uuid;

/// A decoded version.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Version {
    /// An object.
    Object(ObjectVersion),
    /// A delete marker or a free version.
    DeleteMarker(DeleteMarker),
    /// An object converted from `xl.json`.
    Legacy(Box<LegacyVersion>),
}

/// Where the shard of an object version is.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Placement {
    /// Which shard the drive holds, from 1.
    pub index: u8,
    /// The directory below the object's that holds its part files.
    pub data_dir: Uuid,
}

impl Version {
    /// The version's id; nil is the null version.
    pub fn version_id(&self) -> Uuid {
        match self {
            Version::Object(object) => object.version_id,
            Version::DeleteMarker(marker) => marker.version_id,
            Version::Legacy(_) => Uuid::nil(),
        }
    }

    /// When the version was written.
    pub fn mod_time(&self) -> Timestamp {
        match self {
            Version::Object(object) => object.mod_time,
            Version::DeleteMarker(marker) => marker.mod_time,
            Version::Legacy(legacy) => legacy.mod_time,
        }
    }

    /// The object to read: of an object itself, of a legacy one the same shape; `None` for a delete marker.
    pub fn into_object(self) -> Option<ObjectVersion> {
        match self {
            Version::Object(object) => Some(object),
            Version::Legacy(legacy) => Some(legacy.as_object()),
            Version::DeleteMarker(_) => None,
        }
    }

    /// The same without giving up the version.
    pub fn as_object(&self) -> Option<Cow<'_, ObjectVersion>> {
        match self {
            Version::Object(object) => Some(Cow::Borrowed(object)),
            Version::Legacy(legacy) => Some(Cow::Owned(legacy.as_object())),
            Version::DeleteMarker(_) => None,
        }
    }
}

impl From<ObjectVersion> for Version {
    fn from(object: ObjectVersion) -> Self {
        Version::Object(object)
    }
}

impl From<DeleteMarker> for Version {
    fn from(marker: DeleteMarker) -> Self {
        Version::DeleteMarker(marker)
    }
}

impl From<LegacyVersion> for Version {
    fn from(legacy: LegacyVersion) -> Self {
        Version::Legacy(Box::new(legacy))
    }
}

/// A version as a file holds it: its header, and its body still encoded.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct VersionEntry {
    /// The version's header.
    pub header: Header,
    body: Bytes,
}

impl VersionEntry {
    /// An entry from its two halves. That they belong together is checked by [`VersionEntry::decode`].
    pub(super) fn from_parts(header: Header, body: Bytes) -> Self {
        VersionEntry { header, body }
    }

    /// Encodes a version and computes its header.
    pub fn from_version(version: &Version) -> Self {
        let mut writer = Writer::with_capacity(TYPICAL_BODY);
        write(version, &mut writer);
        VersionEntry { header: Header::of(version), body: writer.finish().into() }
    }

    /// An entry from an encoded version alone, as formats before 1.3 and other nodes give it.
    pub fn from_body(body: Bytes) -> Result<Self, XlError> {
        let header = Header::of(&read(&body)?);
        Ok(VersionEntry { header, body })
    }

    /// The encoded version.
    pub fn body(&self) -> &Bytes {
        &self.body
    }

    /// Decodes the version. An error concerns this version alone. The id and kind of the body must be those of
    /// the header.
    pub fn decode(&self) -> Result<Version, XlError> {
        let version = read(&self.body)?;
        let kind = match version {
            Version::Object(_) => Kind::Object,
            Version::DeleteMarker(_) => Kind::DeleteMarker,
            Version::Legacy(_) => Kind::Legacy,
        };
        if kind != self.header.kind || version.version_id() != self.header.version_id {
            return Err(XlError::field("version header"));
        }
        Ok(version)
    }

    /// The data directory of an object version, read without decoding the rest; nil for the other kinds.
    pub fn data_dir(&self) -> Result<Uuid, XlError> {
        match self.object_field(b"DDir")? {
            Some(mut reader) => Ok(reader.uuid()?),
            None => Ok(Uuid::nil()),
        }
    }

    /// Where the shard of an object version is, read without decoding the rest; `None` for the other kinds.
    pub fn placement(&self) -> Result<Option<Placement>, XlError> {
        let Some(mut reader) = self.object_field(b"DDir")? else { return Ok(None) };
        let data_dir = reader.uuid()?;
        let Some(mut reader) = self.object_field(b"EcIndex")? else { return Err(XlError::field("EcIndex")) };
        Ok(Some(Placement { index: reader.fit()?, data_dir }))
    }

    /// The same version for the drive that holds shard `index`. The header is that of all drives: making the
    /// entries of a set this way hashes the version once.
    pub fn for_shard(&self, index: u8) -> Result<VersionEntry, XlError> {
        // Numbers that take one byte each; shard numbers always do.
        const ONE_BYTE: std::ops::RangeInclusive<u8> = 0..=0x7f;
        let Some(reader) = self.object_field(b"EcIndex")? else {
            return Err(XlError::field("EcIndex"));
        };
        let mut body = self.body.to_vec();
        match body.get_mut(reader.position()) {
            Some(stored) if ONE_BYTE.contains(stored) && ONE_BYTE.contains(&index) => *stored = index,
            _ => return Err(XlError::field("EcIndex")),
        }
        Ok(VersionEntry { header: self.header, body: body.into() })
    }

    /// A reader at the value of one field of an object version; `None` for other kinds and missing fields.
    fn object_field(&self, field: &[u8]) -> Result<Option<Reader<'_>>, XlError> {
        let mut reader = Reader::new(&self.body);
        for name in [b"V2Obj", field] {
            let mut fields = reader.map()?;
            loop {
                if fields == 0 {
                    return Ok(None);
                }
                if reader.key()? == name {
                    break;
                }
                reader.skip()?;
                fields -= 1;
            }
        }
        Ok(Some(reader))
    }
}

/// Room for the body of an object with little metadata, so that most are encoded without growing.
const TYPICAL_BODY: usize = 512;

fn write(version: &Version, writer: &mut Writer) {
    let (unknown, writer_version) = match version {
        Version::Object(object) => (&object.extra.in_version, object.writer_version),
        Version::DeleteMarker(marker) => (&marker.in_version, marker.writer_version),
        Version::Legacy(legacy) => (&legacy.in_version, legacy.writer_version),
    };
    writer.map(3 + unknown.count());
    writer.text("Type");
    match version {
        Version::Object(object) => {
            writer.uint(Kind::Object.number().into());
            writer.text("V2Obj");
            object.write(writer);
        }
        Version::DeleteMarker(marker) => {
            writer.uint(Kind::DeleteMarker.number().into());
            writer.text("DelObj");
            marker.write(writer);
        }
        Version::Legacy(legacy) => {
            writer.uint(Kind::Legacy.number().into());
            writer.text("V1Obj");
            legacy.write(writer);
        }
    }
    writer.text("v");
    writer.uint(writer_version);
    unknown.write(writer);
}

fn read(body: &Bytes) -> Result<Version, XlError> {
    let mut kind = None;
    let (mut object, mut marker, mut legacy) = (None, None, None);
    let mut writer_version = 0;
    let mut unknown = UnknownFields::default();
    Reader::new(body).fields(&mut unknown, |key, reader| {
        match key {
            b"Type" => kind = Some(Kind::from_number(reader.fit()?)?),
            b"V1Obj" if !reader.nil() => legacy = Some(LegacyVersion::read(reader)?),
            b"V2Obj" if !reader.nil() => object = Some(ObjectVersion::read(reader)?),
            b"DelObj" if !reader.nil() => marker = Some(DeleteMarker::read(reader)?),
            b"V1Obj" | b"V2Obj" | b"DelObj" => {}
            b"v" => writer_version = reader.uint()?,
            _ => return Ok(false),
        }
        Ok::<_, XlError>(true)
    })?;
    match (kind.ok_or(XlError::field("Type"))?, object, marker, legacy) {
        (Kind::Object, Some(mut object), _, _) => {
            object.writer_version = writer_version;
            object.extra.in_version = unknown;
            Ok(Version::Object(object))
        }
        (Kind::DeleteMarker, _, Some(mut marker), _) => {
            marker.writer_version = writer_version;
            marker.in_version = unknown;
            Ok(Version::DeleteMarker(marker))
        }
        (Kind::Legacy, _, _, Some(mut legacy)) => {
            legacy.writer_version = writer_version;
            legacy.in_version = unknown;
            Ok(Version::Legacy(Box::new(legacy)))
        }
        (Kind::Object, ..) => Err(XlError::field("V2Obj")),
        (Kind::DeleteMarker, ..) => Err(XlError::field("DelObj")),
        (Kind::Legacy, ..) => Err(XlError::field("V1Obj")),
    }
}
