//! Uploads in progress: their directories, their ids, and the record in each (section 5).

use crate::names::{BucketName, ObjectName};
use crate::object_meta_keys::user;
use crate::xl::{ObjectVersion, Version, VersionEntry, XlError, XlMeta};
use base::Timestamp;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use bytes::Bytes;
use sha2::{Digest, Sha256};
use std::fmt;
use uuid::Uuid;

/// The directory of all uploads below the drive's `.minio.sys`.
pub const MULTIPART_DIR: &str = "multipart";

/// The longest upload id that is decoded, in bytes. Ids made here have about 120.
const MAX_UPLOAD_ID: usize = 1024;

/// The directory, below [`MULTIPART_DIR`], of all uploads of one object: hex SHA-256 of `bucket/object`. The
/// object's name is stored nowhere else.
pub fn object_dir(bucket: &BucketName, object: &ObjectName) -> String {
    let mut hasher = Sha256::new();
    for piece in [bucket.as_str(), "/", object.as_str()] {
        hasher.update(piece);
    }
    hex::encode(hasher.finalize())
}

/// The directory of one upload, below its object's: one path element.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct UploadDir(String);

/// A text that is no upload's id.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[error("not an upload id")]
pub struct BadUploadId;

impl UploadDir {
    /// The directory of an upload begun at `started`: `<id>x<nanoseconds>`.
    pub fn new(id: Uuid, started: Timestamp) -> UploadDir {
        UploadDir(format!("{id}x{}", started.nanos()))
    }

    /// A directory found on a drive.
    pub fn from_dir_name(name: &str) -> Result<UploadDir, BadUploadId> {
        // One element of a path and nothing else: it comes from outside.
        let unsafe_name = matches!(name, "" | "." | "..") || name.contains(['/', '\0']) || name.len() > MAX_UPLOAD_ID;
        if unsafe_name { Err(BadUploadId) } else { Ok(UploadDir(name.to_owned())) }
    }

    /// The directory that an upload id of the API names: the id is base64 of `<deployment id>.<directory>`. An
    /// id of another form is the directory's name itself.
    pub fn from_upload_id(upload_id: &str) -> Result<UploadDir, BadUploadId> {
        if upload_id.len() > MAX_UPLOAD_ID {
            return Err(BadUploadId);
        }
        let decoded = URL_SAFE_NO_PAD.decode(upload_id).ok().and_then(|bytes| String::from_utf8(bytes).ok());
        let dir = decoded.as_deref().and_then(|text| text.split_once('.')).map(|(_, dir)| dir);
        match dir {
            Some(dir) if !dir.contains('.') => Self::from_dir_name(dir),
            _ => Self::from_dir_name(upload_id),
        }
    }

    /// The upload id that the API gives out.
    pub fn upload_id(&self, deployment_id: Uuid) -> String {
        URL_SAFE_NO_PAD.encode(format!("{deployment_id}.{}", self.0))
    }

    /// When the upload was begun, as the name tells; `None` for names of another form.
    pub fn started(&self) -> Option<Timestamp> {
        let (_, nanos) = self.0.split_once('x')?;
        nanos.parse().ok().map(Timestamp::from_nanos)
    }

    /// The directory's name.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

impl fmt::Display for UploadDir {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(&self.0)
    }
}

/// The record of an upload, an `xl.meta` in its directory. Its one version is the object that completing the
/// upload will make, still without parts: version id, data directory, shard counts and order, metadata.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct UploadRecord {
    /// The object to be. `mod_time` is when the upload was begun, `index` this drive's shard number.
    pub object: ObjectVersion,
}

impl UploadRecord {
    /// The record of an upload of `object`, whatever parts and size it has.
    pub fn new(object: ObjectVersion) -> UploadRecord {
        UploadRecord { object: ObjectVersion { parts: Vec::new(), size: 0, ..object } }
    }

    /// Reads a record.
    pub fn parse(file: &Bytes) -> Result<UploadRecord, XlError> {
        let meta = XlMeta::parse(file)?;
        let entry = meta.latest().ok_or(XlError::missing_object())?;
        match entry.decode()? {
            Version::Object(object) => Ok(UploadRecord { object }),
            Version::DeleteMarker(_) | Version::Legacy(_) => Err(XlError::missing_object()),
        }
    }

    /// The record's file. MinIO writes an empty shard with it, and so does this.
    pub fn encode(&self) -> Vec<u8> {
        let mut meta = XlMeta::default();
        meta.upsert(VersionEntry::from_version(&Version::Object(self.object.clone())));
        meta.inline.set(self.object.version_id, Bytes::new());
        meta.encode()
    }

    /// The checksum that was asked for when the upload was begun: algorithm and type, as stored.
    pub fn checksum(&self) -> Option<(&str, &str)> {
        let get = |key| self.object.meta_user.get(key).map(String::as_str);
        Some((get(user::MULTIPART_CHECKSUM)?, get(user::MULTIPART_CHECKSUM_TYPE).unwrap_or_default()))
    }

    /// Removes what only the record keeps, before its object becomes a version.
    pub fn into_object(self) -> ObjectVersion {
        let mut object = self.object;
        object.meta_user.remove(user::MULTIPART_CHECKSUM);
        object.meta_user.remove(user::MULTIPART_CHECKSUM_TYPE);
        object
    }
}

#[cfg(test)]
mod tests;
