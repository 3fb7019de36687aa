//! `xl.meta`.

use crate::InspectError;
use base::Timestamp;
use bytes::Bytes;
use format::checksum_blob::StoredChecksum;
use format::object_meta_keys::sys;
use format::xl::{Kind, LegacyVersion, Version, VersionEntry, XlMeta, id_text};
use serde_json::{Map, Value, json};

/// Bytes of binary metadata that are shown; the rest is only counted.
const SHOWN: usize = 64;

pub(crate) fn describe(bytes: &Bytes, secrets: bool) -> Result<Value, InspectError> {
    match XlMeta::parse(bytes) {
        Ok(meta) => Ok(meta_value(&meta, secrets)),
        // What releases before it wrote may be found under its name.
        Err(error) if bytes.starts_with(b"{") => match LegacyVersion::parse_json(bytes) {
            Ok(legacy) => {
                let versions = vec![VersionEntry::from_version(&legacy.into())];
                Ok(meta_value(&XlMeta { versions, ..XlMeta::default() }, secrets))
            }
            Err(_) => Err(InspectError::broken("xl.meta", error)),
        },
        Err(error) => Err(InspectError::broken("xl.meta", error)),
    }
}

/// All that an `xl.meta` says.
pub fn meta_value(meta: &XlMeta, secrets: bool) -> Value {
    let versions: Vec<Value> = meta.versions.iter().map(|entry| version(entry, secrets)).collect();
    let inline: Map<String, Value> = meta
        .inline
        .iter()
        .map(|(key, frames)| (String::from_utf8_lossy(key).into_owned(), format!("{} bytes", frames.len()).into()))
        .collect();
    json!({"versions": versions, "inline data": inline})
}

/// A version in a line: for tables of several drives.
pub fn version_summary(entry: &VersionEntry) -> String {
    let header = &entry.header;
    let kind = match header.kind {
        Kind::Object => "object",
        Kind::DeleteMarker if header.flags.free_version => "free version",
        Kind::DeleteMarker => "delete marker",
        Kind::Legacy => "old object",
    };
    let place = match entry.placement() {
        Ok(Some(place)) => format!(", shard {}, {}", place.index, place.data_dir),
        Ok(None) => String::new(),
        Err(error) => format!(", {error}"),
    };
    let size = entry.decode().ok().and_then(|version| version.as_object().map(|object| object.size));
    let size = size.map_or(String::new(), |size| format!(", {size} bytes"));
    let (id, time) = (id_text(header.version_id), time_text(header.mod_time));
    format!("{id} {kind} of {time}, signature {}{size}{place}", hex::encode(header.signature))
}

fn version(entry: &VersionEntry, secrets: bool) -> Value {
    let header = &entry.header;
    let mut value = json!({
        "version": id_text(header.version_id),
        "modified": time_text(header.mod_time),
        "signature": hex::encode(header.signature),
        "flags": {
            "inline": header.flags.inline, "has data directory": header.flags.uses_data_dir, "free version": header.flags.free_version,
        },
    });
    match entry.decode() {
        Err(error) => value["error"] = error.to_string().into(),
        Ok(Version::DeleteMarker(marker)) => {
            value["kind"] = "delete marker".into();
            value["internal metadata"] = internal(&marker.meta_sys, secrets);
        }
        Ok(version) => {
            value["kind"] =
                if matches!(version, Version::Legacy(_)) { "object of an early release" } else { "object" }.into();
            if let Some(object) = version.as_object() {
                value["size"] = object.size.into();
                value["data directory"] = object.data_dir.to_string().into();
                value["erasure"] = json!({
                    "data": object.data, "parity": object.parity, "block size": object.block_size, "shard": object.index,
                    "distribution": object.distribution,
                });
                let part = |part: &format::xl::Part| json!({"number": part.number, "size": part.size, "actual size": part.actual_size});
                value["parts"] = object.parts.iter().map(part).collect();
                value["metadata"] =
                    object.meta_user.iter().map(|(key, value)| (key.clone(), Value::from(value.as_str()))).collect();
                value["internal metadata"] = internal(&object.meta_sys, secrets);
            }
        }
    }
    value
}

fn internal(meta: &std::collections::BTreeMap<String, Bytes>, secrets: bool) -> Value {
    let shown = |(key, value): (&String, &Bytes)| {
        let text = if key == sys::CHECKSUM {
            checksums(value)
        } else if key.to_ascii_lowercase().contains("sealed-key") && !secrets {
            format!("({} bytes, encrypted)", value.len())
        } else {
            binary(value)
        };
        (key.clone(), Value::from(text))
    };
    Value::Object(meta.iter().map(shown).collect())
}

fn checksums(blob: &[u8]) -> String {
    let sums = StoredChecksum::parse_all(blob);
    if sums.is_empty() {
        return binary(blob);
    }
    let text = |sum: &StoredChecksum| format!("{} {}", sum.algorithm.name(), hex::encode(&sum.value));
    sums.iter().map(text).collect::<Vec<_>>().join(", ")
}

/// Text as it is, everything else in hexadecimal.
fn binary(value: &[u8]) -> String {
    match std::str::from_utf8(value) {
        Ok(text) if !text.chars().any(char::is_control) => text.to_owned(),
        _ if value.len() <= SHOWN => hex::encode(value),
        _ => format!("{}... ({} bytes)", hex::encode(&value[..SHOWN]), value.len()),
    }
}

pub(crate) fn time_text(time: Timestamp) -> String {
    format::time_text::rfc3339(time)
}
