//! What becomes of an entry: its key and what is stored with it.

use crate::request::NewObject;
use crate::zip::content_type;
use crate::{ServiceError, Tags};
use archive::tar::{EntryKind, TarEntry};
use base::Timestamp;
use format::object_meta_keys::user;
use std::collections::BTreeMap;

/// Records that carry metadata begin so, with the header's name behind.
const METADATA: &str = "minio.metadata.";
const VERSION: &str = "minio.versionId";
/// Headers that are stored under their own names.
const STORED: [&str; 6] =
    ["content-type", "cache-control", "content-language", "content-encoding", "content-disposition", "expires"];

/// What becomes of an entry.
pub(super) enum Fate {
    Stored { key: String, object: Box<NewObject>, mod_time: Option<Timestamp> },
    PassedOver,
}

/// How keys are made of names.
pub(super) struct Names {
    /// Empty, or ending in `/`.
    prefix: String,
    ignore_dirs: bool,
}

impl Names {
    pub fn new(prefix: &str, ignore_dirs: bool) -> Result<Self, ServiceError> {
        let prefix = match clean(prefix)? {
            prefix if prefix.is_empty() => prefix,
            prefix => prefix + "/",
        };
        Ok(Names { prefix, ignore_dirs })
    }
}

/// What becomes of `entry`, where `request` describes all.
pub(super) fn fate(entry: TarEntry, names: &Names, request: &NewObject) -> Result<Fate, ServiceError> {
    let directory = match entry.kind {
        EntryKind::Directory if names.ignore_dirs => return Ok(Fate::PassedOver),
        EntryKind::Directory => true,
        EntryKind::File | EntryKind::Special => false,
        EntryKind::Other => return Ok(Fate::PassedOver),
    };
    let name = clean(&entry.name)?;
    if name.is_empty() {
        return Ok(Fate::PassedOver);
    }
    let key = format!("{}{name}{}", names.prefix, if directory { "/" } else { "" });
    let object = Box::new(describe(&entry, &key, request)?);
    let mod_time = (entry.mod_time > Timestamp::ZERO).then_some(entry.mod_time);
    Ok(Fate::Stored { key, object, mod_time })
}

/// A path without empty elements and `.`, with `..` taken back; one that leaves its root (but for a leading `/`, which is
/// nothing) is refused.
fn clean(path: &str) -> Result<String, ServiceError> {
    let rooted = path.starts_with('/');
    let mut elements = Vec::new();
    for element in path.split('/').filter(|element| !element.is_empty() && *element != ".") {
        if element != ".." {
            elements.push(element);
        } else if elements.pop().is_none() && !rooted {
            return Err(ServiceError::InvalidKey { key: path.to_owned(), reason: "it leads out of the archive" });
        }
    }
    Ok(elements.join("/"))
}

/// An entry with records is described by them alone; any other by the request and its own name.
fn describe(entry: &TarEntry, key: &str, request: &NewObject) -> Result<NewObject, ServiceError> {
    let mut object = NewObject { metadata: BTreeMap::new(), tags: None, ..request.clone() };
    if entry.records.is_empty() {
        object.metadata.insert(user::CONTENT_TYPE.to_owned(), content_type(key));
        return Ok(object);
    }
    object.storage_class = None;
    for (record, value) in &entry.records {
        if record == VERSION {
            return Err(ServiceError::NotImplemented { detail: "choosing the version of an entry of an archive" });
        }
        let Some(name) = record.strip_prefix(METADATA).map(str::to_ascii_lowercase) else { continue };
        match name.as_str() {
            "x-amz-storage-class" => object.storage_class = Some(value.clone()),
            "x-amz-tagging" => object.tags = Some(Tags::from_query(value)?),
            name if STORED.contains(&name) => {
                object.metadata.insert(name.to_owned(), value.clone());
            }
            name if name.len() > "x-amz-meta-".len() && name.starts_with("x-amz-meta-") => {
                object.metadata.insert(canonical(name), value.clone());
            }
            _ => {}
        }
    }
    Ok(object)
}

/// A header's name with each word's first letter in upper case.
fn canonical(name: &str) -> String {
    let mut upper = true;
    name.chars()
        .map(|letter| {
            let out = if upper { letter.to_ascii_uppercase() } else { letter };
            upper = letter == '-';
            out
        })
        .collect()
}

#[cfg(test)]
pub(super) mod testing {
    pub fn clean(path: &str) -> Option<String> {
        super::clean(path).ok()
    }
}
