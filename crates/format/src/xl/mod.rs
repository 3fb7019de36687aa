//! `xl.meta`: all versions of one object as one drive knows them (section 4).
//!
//! A file is a list of versions, newest first, each with a short header and a body, and behind them the
//! shards of small objects. Bodies stay encoded until somebody asks: a version that nobody changes is written
//! back byte for byte.

mod container;
mod error;
mod fixup;
mod header;
mod inline;
mod legacy;
mod legacy_json;
mod marker;
mod merge;
mod object;
mod signature;
mod version;

#[cfg(test)]
mod tests;

pub use container::metadata_size;
pub use error::{Corruption, XlError};
pub use header::{Flags, Header, Kind};
pub use inline::{InlineData, id_text};
pub use legacy::{LEGACY_DATA_DIR, LegacyChecksum, LegacyVersion};
pub use marker::DeleteMarker;
pub use merge::merge_versions;
pub use object::{ObjectExtra, ObjectVersion, Part};
pub use version::{Placement, Version, VersionEntry};

use uuid::Uuid;

/// The name of the file in an object's directory.
pub const XL_META: &str = "xl.meta";

/// The name of the file that releases before 2018 wrote instead, as JSON.
pub const XL_JSON: &str = "xl.json";

/// How much of a file to read first when only its metadata is wanted: enough for most objects (section 4.1).
pub const METADATA_READ_SIZE: usize = 4096;

/// All versions of one object on one drive. `versions` is in the order of [`Header`], newest first, with at
/// most one entry for a version id; [`XlMeta::upsert`] keeps it so.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct XlMeta {
    /// The versions, newest first.
    pub versions: Vec<VersionEntry>,
    /// The shards stored in the file itself.
    pub inline: InlineData,
}

impl XlMeta {
    /// The newest version that S3 requests can see: the first that is not a free version.
    pub fn latest(&self) -> Option<&VersionEntry> {
        self.versions.iter().find(|entry| !entry.header.flags.free_version)
    }

    /// The entry of a version; nil asks for the null version.
    pub fn find(&self, version_id: Uuid) -> Option<&VersionEntry> {
        self.position(version_id).map(|at| &self.versions[at])
    }

    /// Where in `versions` a version is.
    pub fn position(&self, version_id: Uuid) -> Option<usize> {
        self.versions.iter().position(|entry| entry.header.version_id == version_id)
    }

    /// Adds a version, or puts it in the place of the one with its id. A new one goes before the first that is
    /// not newer; one whose time changed moves to where it belongs.
    pub fn upsert(&mut self, entry: VersionEntry) {
        let mod_time = entry.header.mod_time;
        match self.position(entry.header.version_id) {
            Some(at) => {
                let moved = self.versions[at].header.mod_time != mod_time;
                self.versions[at] = entry;
                if moved {
                    self.sort();
                }
            }
            None => {
                let not_newer = |other: &VersionEntry| other.header.mod_time <= mod_time;
                let at = self.versions.iter().position(not_newer).unwrap_or(self.versions.len());
                self.versions.insert(at, entry);
            }
        }
    }

    /// Takes a version out of the list. Its inline data stays: the caller decides whether it goes too.
    pub fn remove(&mut self, version_id: Uuid) -> Option<VersionEntry> {
        self.position(version_id).map(|at| self.versions.remove(at))
    }

    /// Whether a version other than `except_version` keeps its data in `data_dir`. A version whose body can't
    /// be read counts as one that does: data must not be removed on a guess.
    pub fn data_dir_shared(&self, data_dir: Uuid, except_version: Uuid) -> bool {
        self.versions
            .iter()
            .filter(|entry| entry.header.version_id != except_version)
            .filter(|entry| entry.header.kind == Kind::Object && entry.header.flags.uses_data_dir)
            .any(|entry| entry.data_dir().map_or(true, |other| other == data_dir))
    }

    fn sort(&mut self) {
        self.versions.sort_by_key(|entry| entry.header);
    }
}
