//! The header of a version: what listings, merges and lookups need without decoding the version (section 4.3).

use super::{Version, XlError};
use crate::msgpack::{Reader, Writer};
use crate::object_meta_keys::sys;
use base::Timestamp;
use std::cmp::{Ordering, Reverse};
use uuid::Uuid;

/// What a version is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Kind {
    /// An object's data and metadata.
    Object,
    /// A delete marker, or a free version (see [`Flags::free_version`]).
    DeleteMarker,
    /// An object converted from `xl.json`.
    Legacy,
}

/// What a reader must know about a version before it decodes it.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Hash)]
pub struct Flags {
    /// Not a version for S3 at all: a note that a remote object must still be deleted.
    pub free_version: bool,
    /// The object's data is (or, when inlined, would be) under its data directory on this drive.
    pub uses_data_dir: bool,
    /// The object's shards are in the inline section.
    pub inline: bool,
    /// Bits that this release doesn't know, kept.
    pub other: u8,
}

impl Flags {
    const FREE_VERSION: u8 = 1;
    const USES_DATA_DIR: u8 = 2;
    const INLINE: u8 = 4;

    /// The flags as stored.
    pub fn bits(self) -> u8 {
        let mut bits = self.other;
        for (set, bit) in [
            (self.free_version, Self::FREE_VERSION),
            (self.uses_data_dir, Self::USES_DATA_DIR),
            (self.inline, Self::INLINE),
        ] {
            bits |= if set { bit } else { 0 };
        }
        bits
    }

    /// The flags in a stored byte.
    pub fn from_bits(bits: u8) -> Self {
        Flags {
            free_version: bits & Self::FREE_VERSION != 0,
            uses_data_dir: bits & Self::USES_DATA_DIR != 0,
            inline: bits & Self::INLINE != 0,
            other: bits & !(Self::FREE_VERSION | Self::USES_DATA_DIR | Self::INLINE),
        }
    }
}

/// The header of a version. Its order is the order of versions in a file: the newer is the lesser.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub struct Header {
    /// The version's id; nil is the null version.
    pub version_id: Uuid,
    /// When the version was written.
    pub mod_time: Timestamp,
    /// A hash of the version, equal on all drives that hold the same one.
    pub signature: [u8; 4],
    /// What the version is.
    pub kind: Kind,
    /// What a reader must know before decoding.
    pub flags: Flags,
    /// Parity shards; 0 for anything but objects.
    pub parity: u8,
    /// Data shards; 0 for anything but objects.
    pub data: u8,
}

impl Header {
    /// The header that belongs to a version.
    pub fn of(version: &Version) -> Header {
        let (kind, flags, parity, data) = match version {
            Version::Object(object) => {
                let flags = Flags {
                    uses_data_dir: object.uses_data_dir(),
                    inline: object.meta_sys.contains_key(sys::INLINE_DATA),
                    ..Flags::default()
                };
                (Kind::Object, flags, object.parity, object.data)
            }
            Version::DeleteMarker(marker) => {
                let flags = Flags { free_version: marker.is_free_version(), ..Flags::default() };
                (Kind::DeleteMarker, flags, 0, 0)
            }
            Version::Legacy(_) => (Kind::Legacy, Flags::default(), 0, 0),
        };
        Header {
            version_id: version.version_id(),
            mod_time: version.mod_time(),
            signature: super::signature::of(version),
            kind,
            flags,
            parity,
            data,
        }
    }

    /// Reads a header of today's form, seven fields.
    pub(super) fn read(reader: &mut Reader<'_>) -> Result<Header, XlError> {
        if reader.array()? != FIELDS {
            return Err(XlError::field("version header"));
        }
        Ok(Header {
            version_id: reader.uuid()?,
            mod_time: Timestamp::from_nanos(reader.int()?),
            signature: reader.fixed()?,
            kind: Kind::from_number(reader.fit()?)?,
            flags: Flags::from_bits(reader.fit()?),
            parity: reader.fit()?,
            data: reader.fit()?,
        })
    }

    /// Writes the header of today's form.
    pub(super) fn write(&self, writer: &mut Writer) {
        writer.array(FIELDS);
        writer.uuid(self.version_id);
        writer.int(self.mod_time.nanos());
        writer.binary(&self.signature);
        writer.uint(self.kind.number().into());
        writer.uint(self.flags.bits().into());
        writer.uint(self.parity.into());
        writer.uint(self.data.into());
    }

    /// The longest a header can be when encoded.
    pub(super) const MAX_ENCODED: usize = 1 + 18 + 9 + 6 + 2 + 2 + 2 + 2;
}

/// Fields of a header: versions of the format before today's had fewer.
const FIELDS: usize = 7;

impl Kind {
    /// The number that stands for the kind on drives.
    pub fn number(self) -> u8 {
        match self {
            Kind::Object => 1,
            Kind::DeleteMarker => 2,
            Kind::Legacy => 3,
        }
    }

    pub(super) fn from_number(number: u8) -> Result<Kind, XlError> {
        match number {
            1 => Ok(Kind::Object),
            2 => Ok(Kind::DeleteMarker),
            3 => Ok(Kind::Legacy),
            _ => Err(XlError::field("Type")),
        }
    }
}

impl Ord for Header {
    fn cmp(&self, other: &Self) -> Ordering {
        let rank = |header: &Header| {
            let newer = (header.signature, header.version_id, header.flags.bits());
            (Reverse(header.mod_time), header.kind, Reverse(newer), header.parity, header.data)
        };
        rank(self).cmp(&rank(other))
    }
}

impl PartialOrd for Header {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}
