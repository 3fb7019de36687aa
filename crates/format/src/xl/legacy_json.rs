//! Reading `xl.json`, which releases before `xl.meta` wrote (section 4.6).

use super::{Corruption, LEGACY_DATA_DIR, LegacyChecksum, LegacyVersion, Version, VersionEntry, XlError, XlMeta};
use crate::part_record::PartRecord;
use crate::time_text;
use bytes::Bytes;
use serde::Deserialize;
use std::collections::BTreeMap;

impl LegacyVersion {
    /// Reads an `xl.json`. Its parts lie beside it: `data_dir` is empty.
    pub fn parse_json(file: &[u8]) -> Result<LegacyVersion, XlError> {
        let json: XlJson = serde_json::from_slice(file).map_err(|error| corrupt(&error))?;
        let mod_time = time_text::parse(&json.stat.mod_time).ok_or(XlError::field("modTime"))?;
        let legacy = LegacyVersion {
            version: json.version,
            format: json.format,
            size: json.stat.size,
            mod_time,
            algorithm: json.erasure.algorithm,
            data: json.erasure.data,
            parity: json.erasure.parity,
            block_size: json.erasure.block_size,
            index: json.erasure.index,
            distribution: json.erasure.distribution,
            checksums: json.erasure.checksum.into_iter().map(checksum).collect::<Result<_, _>>()?,
            release: json.minio.release,
            meta: json.meta,
            parts: json.parts.into_iter().map(part).collect(),
            version_id: "null".to_owned(),
            ..LegacyVersion::default()
        };
        legacy.check()?;
        Ok(legacy)
    }
}

impl XlMeta {
    /// An `xl.json` as the `xl.meta` that would say the same: one null version, whose part files still lie beside it.
    /// A file that has been turned into an `xl.meta` already is read as that.
    pub fn parse_old(file: &Bytes) -> Result<XlMeta, XlError> {
        match XlMeta::parse(file) {
            Err(XlError::NotXl) => Ok(Self::of_legacy(LegacyVersion::parse_json(file)?)),
            parsed => parsed,
        }
    }

    /// The same, for when the part files have been moved to [`LEGACY_DATA_DIR`].
    pub fn convert_old(file: &Bytes) -> Result<XlMeta, XlError> {
        match XlMeta::parse(file) {
            Err(XlError::NotXl) => {
                let data_dir = LEGACY_DATA_DIR.to_owned();
                Ok(Self::of_legacy(LegacyVersion { data_dir, ..LegacyVersion::parse_json(file)? }))
            }
            parsed => parsed,
        }
    }

    fn of_legacy(legacy: LegacyVersion) -> XlMeta {
        let mut meta = XlMeta::default();
        meta.upsert(VersionEntry::from_version(&Version::Legacy(Box::new(legacy))));
        meta
    }
}

#[derive(Deserialize)]
struct XlJson {
    version: String,
    format: String,
    stat: Stat,
    erasure: Erasure,
    #[serde(default)]
    minio: Writer,
    #[serde(default)]
    meta: BTreeMap<String, String>,
    #[serde(default)]
    parts: Vec<JsonPart>,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Stat {
    size: u64,
    mod_time: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct Erasure {
    #[serde(default)]
    algorithm: String,
    data: u8,
    parity: u8,
    block_size: u64,
    index: u8,
    distribution: Vec<u8>,
    #[serde(default)]
    checksum: Vec<JsonChecksum>,
}

#[derive(Deserialize)]
struct JsonChecksum {
    name: String,
    algorithm: String,
    #[serde(default)]
    hash: String,
}

#[derive(Default, Deserialize)]
struct Writer {
    #[serde(default)]
    release: String,
}

#[derive(Deserialize)]
#[serde(rename_all = "camelCase")]
struct JsonPart {
    number: u32,
    #[serde(default)]
    etag: String,
    size: u64,
    #[serde(default)]
    actual_size: i64,
}

/// A checksum's `name` is the part file's.
fn checksum(json: JsonChecksum) -> Result<LegacyChecksum, XlError> {
    let number = json.name.strip_prefix("part.").and_then(|number| number.parse().ok());
    let algorithm = match json.algorithm.as_str() {
        "sha256" => Some(1),
        "highwayhash256" => Some(2),
        "highwayhash256S" => Some(3),
        "blake2b" => Some(4),
        _ => None,
    };
    Ok(LegacyChecksum {
        part_number: number.ok_or(XlError::field("checksum.name"))?,
        algorithm: algorithm.ok_or(XlError::field("checksum.algorithm"))?,
        hash: hex::decode(json.hash).map(Bytes::from).map_err(|_| XlError::field("checksum.hash"))?,
    })
}

fn part(json: JsonPart) -> PartRecord {
    PartRecord {
        number: json.number,
        etag: json.etag,
        size: json.size,
        actual_size: json.actual_size,
        ..PartRecord::default()
    }
}

fn corrupt(error: &serde_json::Error) -> XlError {
    XlError::Corrupt(Corruption::Json(error.to_string()))
}
