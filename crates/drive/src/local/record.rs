//! A doubt record: what a commit is about to do to a name, and what it takes to undo it.
//!
//! Written before the commit touches the name, removed once the set's outcome is known. The bytes are described
//! in docs/drives.md.

use super::fields::{Malformed, Rest, put_length, put_text};
use base::Timestamp;
use bytes::{BufMut, Bytes, BytesMut};
use uuid::Uuid;
use xxhash_rust::xxh3::{xxh3_64, xxh3_128};

const MAGIC: &[u8; 8] = b"RFSDOUBT";
const VERSION: u16 = 1;

/// More data directories than one version can have; a purged name lists those of all its versions.
const MAX_REPLACED: usize = 100_000;

const FLAG_REMOVAL: u8 = 1;
const FLAG_PREVIOUS: u8 = 2;
const FLAG_NEW: u8 = 4;
const FLAG_UPLOAD: u8 = 8;

/// One commit in doubt.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Record {
    pub id: Uuid,
    pub bucket: String,
    pub object: String,
    /// The version that the commit is about, and its modification time.
    pub version_id: Uuid,
    pub mod_time: Timestamp,
    /// The commit removes the version rather than writing it.
    pub removal: bool,
    /// The data directory that the commit moves into place; nil if there is none.
    pub new_data_dir: Uuid,
    /// The upload that the data directory comes from, as a path below `.minio.sys`.
    pub upload: Option<String>,
    /// Names of data directories that were there and that nothing will refer to after the commit.
    pub replaced: Vec<String>,
    /// What `xl.meta` will be; `None` if the commit removes it.
    pub new: Option<Digest>,
    /// What `xl.meta` was, whole; `None` if there was none.
    pub previous: Option<Bytes>,
}

/// Tells one `xl.meta` from another.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Digest(u128);

impl Digest {
    pub fn of(bytes: &[u8]) -> Self {
        Digest(xxh3_128(bytes))
    }
}

/// Why bytes aren't a doubt record. A record that was being written at a crash is cut short: its commit had not
/// touched anything yet.
#[derive(Debug, thiserror::Error, PartialEq, Eq)]
pub enum RecordError {
    #[error("cut short or damaged")]
    Damaged,
    #[error("of version {0}, which this release doesn't know")]
    UnknownVersion(u16),
}

/// How a name's `xl.meta` stands to a commit.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Standing {
    /// It is what the commit made.
    Applied,
    /// It is what it was before.
    Untouched,
    /// It is something else: a later change has been there.
    Superseded,
}

impl From<Malformed> for RecordError {
    fn from(_: Malformed) -> Self {
        RecordError::Damaged
    }
}

impl Record {
    pub fn encode(&self) -> Bytes {
        let previous = self.previous.as_deref().unwrap_or_default();
        let mut out = BytesMut::with_capacity(256 + self.object.len() + previous.len());
        out.put_slice(MAGIC);
        out.put_u16_le(VERSION);
        out.put_u8(self.flags());
        out.put_slice(self.id.as_bytes());
        out.put_slice(self.version_id.as_bytes());
        out.put_i64_le(self.mod_time.nanos());
        out.put_slice(self.new_data_dir.as_bytes());
        out.put_u128_le(self.new.map_or(0, |digest| digest.0));
        put_text(&mut out, &self.bucket);
        put_text(&mut out, &self.object);
        put_text(&mut out, self.upload.as_deref().unwrap_or_default());
        put_length(&mut out, self.replaced.len());
        for dir in &self.replaced {
            put_text(&mut out, dir);
        }
        put_length(&mut out, previous.len());
        out.put_slice(previous);
        let checksum = xxh3_64(&out);
        out.put_u64_le(checksum);
        out.freeze()
    }

    fn flags(&self) -> u8 {
        let flags = [
            (self.removal, FLAG_REMOVAL),
            (self.previous.is_some(), FLAG_PREVIOUS),
            (self.new.is_some(), FLAG_NEW),
            (self.upload.is_some(), FLAG_UPLOAD),
        ];
        flags.iter().filter(|(set, _)| *set).fold(0, |bits, (_, bit)| bits | bit)
    }

    pub fn decode(bytes: &Bytes) -> Result<Record, RecordError> {
        let (body, checksum) = bytes.split_last_chunk::<8>().ok_or(RecordError::Damaged)?;
        if !body.starts_with(MAGIC) || xxh3_64(body) != u64::from_le_bytes(*checksum) {
            return Err(RecordError::Damaged);
        }
        let mut rest = Rest { bytes: bytes.slice(MAGIC.len()..body.len()) };
        let version = u16::from_le_bytes(rest.array()?);
        if version != VERSION {
            return Err(RecordError::UnknownVersion(version));
        }
        let [flags] = rest.array()?;
        let id = Uuid::from_bytes(rest.array()?);
        let version_id = Uuid::from_bytes(rest.array()?);
        let mod_time = Timestamp::from_nanos(i64::from_le_bytes(rest.array()?));
        let new_data_dir = Uuid::from_bytes(rest.array()?);
        let new = Digest(u128::from_le_bytes(rest.array()?));
        let bucket = rest.text()?;
        let object = rest.text()?;
        let upload = rest.text()?;
        let count = rest.length()?;
        if count > MAX_REPLACED {
            return Err(RecordError::Damaged);
        }
        let replaced = (0..count).map(|_| rest.text()).collect::<Result<_, _>>()?;
        let previous = rest.bytes()?;
        rest.end()?;
        Ok(Record {
            id,
            bucket,
            object,
            version_id,
            mod_time,
            removal: flags & FLAG_REMOVAL != 0,
            new_data_dir,
            upload: (flags & FLAG_UPLOAD != 0).then_some(upload),
            replaced,
            new: (flags & FLAG_NEW != 0).then_some(new),
            previous: (flags & FLAG_PREVIOUS != 0).then_some(previous),
        })
    }

    /// How the name stands, given the bytes of its `xl.meta`.
    pub fn standing(&self, current: Option<&[u8]>) -> Standing {
        if current.map(Digest::of) == self.new {
            Standing::Applied
        } else if current == self.previous.as_deref() {
            Standing::Untouched
        } else {
            Standing::Superseded
        }
    }
}

#[cfg(test)]
mod tests;
