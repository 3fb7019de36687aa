//! `format.json`: which deployment a drive belongs to, and its place in it (section 2).

use serde::{Deserialize, Serialize};
use uuid::Uuid;

/// The file's name below the drive's `.minio.sys`.
pub const FORMAT_JSON: &str = "format.json";

/// The longest file that is read, in bytes: an id takes 39, so this is room for 25,000 drives in a pool.
pub const MAX_FORMAT_JSON: usize = 1 << 20;

/// Stands in `this` for a drive that was offline when the format was made; never a drive's own id.
pub const OFFLINE_DRIVE: Uuid = Uuid::max();

/// How objects are spread over the sets of a pool.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum DistributionAlgorithm {
    /// CRC-32 of the name; pools of the oldest releases. Their drives may hold `xl.json` files.
    #[serde(rename = "CRCMOD")]
    CrcMod,
    /// SipHash of the name, keyed with the deployment id.
    #[serde(rename = "SIPMOD")]
    SipMod,
    /// The same; today's.
    #[serde(rename = "SIPMOD+PARITY")]
    SipModParity,
}

/// Whether a deployment is one drive alone.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash, Serialize, Deserialize)]
pub enum FormatKind {
    /// Erasure sets.
    #[serde(rename = "xl")]
    Xl,
    /// One drive, one set.
    #[serde(rename = "xl-single")]
    XlSingle,
}

/// A drive's format.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct FormatJson {
    /// Whether the deployment is one drive alone.
    pub format: FormatKind,
    /// The deployment's id, equal on all drives of all pools.
    pub deployment_id: Uuid,
    /// This drive's id.
    pub this: Uuid,
    /// The ids of all drives of the pool by set and position; sets have equal lengths, at least 1.
    pub sets: Vec<Vec<Uuid>>,
    /// How objects are spread over the sets.
    pub algorithm: DistributionAlgorithm,
}

/// Why a `format.json` can't be used.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
pub enum FormatError {
    /// Not the JSON it should be; the parser's words.
    #[error("format.json is not valid: {0}")]
    Json(String),
    /// Longer than any format.
    #[error("format.json has {0} bytes, more than any format")]
    TooLong(usize),
    /// Written by a release whose format this one doesn't know.
    #[error("unknown {what} {found:?} in format.json")]
    Unknown {
        /// Which field: `version`, `format`, `xl.version`.
        what: &'static str,
        /// What it holds.
        found: String,
    },
    /// The format of an old release: [`FormatJson::migrate`] reads it.
    #[error("format.json has the old version {0} and must be migrated")]
    Old(u8),
    /// No deployment id.
    #[error("deployment ID missing from format.json")]
    NoDeploymentId,
    /// An id that isn't one.
    #[error("{what} in format.json is not a UUID: {found:?}")]
    BadId {
        /// Which field.
        what: &'static str,
        /// What it holds.
        found: String,
    },
    /// No sets, an empty one, or sets of different lengths.
    #[error("the sets in format.json are empty or of different lengths")]
    BadSets,
    /// The drive's id is not in its own sets, or stands in them twice.
    #[error("drive {0} does not stand exactly once in the sets of its own format.json")]
    NotInSets(Uuid),
}

/// What must be done to a drive before its old format counts as today's.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Migration {
    /// Nothing.
    None,
    /// Only the file is written anew.
    Id,
    /// Uploads in progress, whose layout was another, are thrown away; then the file is written anew.
    Layout,
}

/// A deployment id that follows from the drives' ids.
fn id_of_sets(sets: &[Vec<Uuid>]) -> Uuid {
    let ids: Vec<u8> = sets.iter().flatten().flat_map(|id| *id.as_bytes()).collect();
    uuid::Builder::from_random_bytes(xxhash_rust::xxh3::xxh3_128(&ids).to_be_bytes()).into_uuid()
}

/// The place of a drive: set and position in it, both from 0.
pub type Position = (usize, usize);

impl FormatJson {
    /// Reads a file of today's version. [`FormatError::Old`] says that it must be migrated first.
    pub fn parse(file: &[u8]) -> Result<FormatJson, FormatError> {
        let json = RawFormat::parse(file)?;
        match json.xl.version.as_str() {
            "1" => Err(FormatError::Old(1)),
            "2" => Err(FormatError::Old(2)),
            _ => {
                let deployment_id = json.deployment_id()?.ok_or(FormatError::NoDeploymentId)?;
                json.into_format(deployment_id)
            }
        }
    }

    /// Reads a file of an old version as today's: what must be written in its place, once the old multipart
    /// tree has been moved away. A deployment id that is there is kept; old files may have none, then it
    /// becomes `new_deployment_id`, which must be the same for all drives. A file of today's version is read
    /// as by [`FormatJson::parse`].
    pub fn migrate(file: &[u8], new_deployment_id: Uuid) -> Result<FormatJson, FormatError> {
        let json = RawFormat::parse(file)?;
        let deployment_id = json.deployment_id()?;
        match json.xl.version.as_str() {
            "1" | "2" => json.into_format(deployment_id.unwrap_or(new_deployment_id)),
            _ => json.into_format(deployment_id.ok_or(FormatError::NoDeploymentId)?),
        }
    }

    /// Reads a file of any version, and says what must be done before it counts. An old file without a deployment id gets
    /// one that follows from its sets, so that all drives of the pool get the same; so does one of today's version whose
    /// id a MinIO migration has lost, unless objects are placed by it.
    pub fn read(file: &[u8]) -> Result<(FormatJson, Migration), FormatError> {
        let migration = match FormatJson::parse(file) {
            Ok(format) => return Ok((format, Migration::None)),
            Err(FormatError::Old(_)) => Migration::Layout,
            Err(FormatError::NoDeploymentId) => Migration::Id,
            Err(error) => return Err(error),
        };
        let json = RawFormat::parse(file)?;
        let mut format = json.into_format(Uuid::nil())?;
        let lost = migration == Migration::Id && format.algorithm != DistributionAlgorithm::CrcMod;
        if lost {
            return Err(FormatError::NoDeploymentId);
        }
        format.deployment_id = RawFormat::parse(file)?.deployment_id()?.unwrap_or_else(|| id_of_sets(&format.sets));
        format.position()?;
        Ok((format, migration))
    }

    /// The file: one line without a newline, keys in MinIO's order.
    pub fn encode(&self) -> Vec<u8> {
        let json = RawFormat {
            version: "1".to_owned(),
            format: self.format,
            id: self.deployment_id.to_string(),
            xl: RawXl {
                version: "3".to_owned(),
                this: self.this.to_string(),
                sets: self.sets.iter().map(|set| set.iter().map(Uuid::to_string).collect()).collect(),
                algorithm: Some(self.algorithm),
                drive: None,
                jbod: None,
            },
        };
        serde_json::to_vec(&json).expect("text and lists of text are always valid JSON")
    }

    /// Where this drive stands.
    pub fn position(&self) -> Result<Position, FormatError> {
        let mut found = self.positions().filter(|(_, id)| *id == self.this);
        match (found.next(), found.next()) {
            (Some((position, id)), None) if id != OFFLINE_DRIVE => Ok(position),
            _ => Err(FormatError::NotInSets(self.this)),
        }
    }

    /// How many drives each set has.
    pub fn set_drives(&self) -> usize {
        self.sets.first().map_or(0, Vec::len)
    }

    /// How many drives the pool has.
    pub fn drives(&self) -> usize {
        self.sets.iter().map(Vec::len).sum()
    }

    /// The format of the drive at `position` of the same pool; `None` if there is no such position. This is
    /// what a replaced drive is given.
    pub fn for_position(&self, (set, drive): Position) -> Option<FormatJson> {
        let this = *self.sets.get(set)?.get(drive)?;
        Some(FormatJson { this, ..self.clone() })
    }

    /// Whether two drives describe the same pool: all but `this` is equal.
    pub fn same_pool(&self, other: &FormatJson) -> bool {
        self.format == other.format
            && self.deployment_id == other.deployment_id
            && self.sets == other.sets
            && self.algorithm == other.algorithm
    }

    fn positions(&self) -> impl Iterator<Item = (Position, Uuid)> {
        let in_set = |(set, ids): (usize, &Vec<Uuid>)| {
            let ids: Vec<_> = ids.iter().enumerate().map(|(drive, id)| ((set, drive), *id)).collect();
            ids
        };
        self.sets.iter().enumerate().flat_map(in_set)
    }
}

/// The file as JSON, of any version. The order of fields is the order in which they are written.
#[derive(Serialize, Deserialize)]
struct RawFormat {
    version: String,
    format: FormatKind,
    #[serde(default)]
    id: String,
    xl: RawXl,
}

#[derive(Serialize, Deserialize)]
struct RawXl {
    version: String,
    #[serde(default)]
    this: String,
    #[serde(default)]
    sets: Vec<Vec<String>>,
    #[serde(default, rename = "distributionAlgo")]
    algorithm: Option<DistributionAlgorithm>,
    /// Version 1's `this` and its only set.
    #[serde(default, skip_serializing)]
    drive: Option<String>,
    #[serde(default, skip_serializing)]
    jbod: Option<Vec<String>>,
}

/// The fields that say whether the rest can be read at all.
#[derive(Deserialize)]
struct Versions {
    version: String,
    format: String,
    xl: Option<XlVersion>,
}

#[derive(Deserialize)]
struct XlVersion {
    version: String,
}

impl RawFormat {
    fn parse(file: &[u8]) -> Result<RawFormat, FormatError> {
        if file.len() > MAX_FORMAT_JSON {
            return Err(FormatError::TooLong(file.len()));
        }
        let invalid = |error: serde_json::Error| FormatError::Json(error.to_string());
        let versions: Versions = serde_json::from_slice(file).map_err(invalid)?;
        let unknown = |what, found| Err(FormatError::Unknown { what, found });
        if versions.version != "1" {
            return unknown("version", versions.version);
        }
        if !["xl", "xl-single"].contains(&versions.format.as_str()) {
            return unknown("format", versions.format);
        }
        if let Some(xl) = versions.xl
            && !["1", "2", "3"].contains(&xl.version.as_str())
        {
            return unknown("xl.version", xl.version);
        }
        serde_json::from_slice(file).map_err(invalid)
    }

    fn deployment_id(&self) -> Result<Option<Uuid>, FormatError> {
        if self.id.is_empty() {
            return Ok(None);
        }
        parse_id("id", &self.id).map(Some)
    }

    fn into_format(self, deployment_id: Uuid) -> Result<FormatJson, FormatError> {
        let first = self.xl.version == "1";
        let (this, sets, algorithm) = if first {
            let (drive, jbod) = (self.xl.drive.unwrap_or_default(), self.xl.jbod.unwrap_or_default());
            (drive, vec![jbod], Some(DistributionAlgorithm::CrcMod))
        } else {
            (self.xl.this, self.xl.sets, self.xl.algorithm)
        };
        let set_drives = sets.first().map_or(0, Vec::len);
        if set_drives == 0 || sets.iter().any(|set| set.len() != set_drives) {
            return Err(FormatError::BadSets);
        }
        let ids = |set: &Vec<String>| set.iter().map(|id| parse_id("xl.sets", id)).collect::<Result<Vec<_>, _>>();
        Ok(FormatJson {
            format: self.format,
            deployment_id,
            this: parse_id("xl.this", &this)?,
            sets: sets.iter().map(ids).collect::<Result<_, _>>()?,
            algorithm: algorithm.ok_or_else(|| FormatError::Json("missing field distributionAlgo".to_owned()))?,
        })
    }
}

fn parse_id(what: &'static str, text: &str) -> Result<Uuid, FormatError> {
    // Only the hyphenated form: what is read must be written back the same.
    let hyphenated = text.len() == uuid::fmt::Hyphenated::LENGTH;
    let id = hyphenated.then(|| Uuid::try_parse(text).ok()).flatten();
    id.ok_or_else(|| FormatError::BadId { what, found: text.to_owned() })
}

#[cfg(test)]
mod tests;
