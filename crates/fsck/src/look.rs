//! What a drive has of a directory, and of the name that it may be.

use crate::deployment::SetView;
use crate::finding::Kind;
use crate::view::{if_any, is, is_absence};
use bytes::Bytes;
use drive::{DirEntry, FileKind, FileSystem};
use format::xl::{LegacyVersion, Version, VersionEntry, XL_JSON, XL_META, XlError, XlMeta};
use futures_util::future::join_all;
use rustix::io::Errno;
use std::sync::Arc;
use uuid::Uuid;

/// Names of one directory: more than any file system lists in a reasonable time.
const MOST_NAMES: usize = 100_000_000;
/// The longest `xl.meta` that is read: hundreds of thousands of versions.
const LONGEST_META: usize = 1 << 30;

/// What a drive has of a name.
#[derive(Clone, Debug)]
pub enum DriveCopy {
    /// The drive can't be asked.
    Away,
    /// It doesn't have the name.
    Absent,
    /// It has something that can't be used.
    Broken {
        kind: Kind,
        detail: String,
    },
    Held(Arc<XlMeta>),
}

/// What a drive has of a directory.
#[derive(Debug)]
pub(crate) struct Look {
    pub(crate) copy: DriveCopy,
    /// What is in it; empty if it isn't there.
    pub(crate) entries: Vec<DirEntry>,
    /// It is there.
    pub(crate) there: bool,
}

impl Look {
    fn without(copy: DriveCopy) -> Self {
        Look { copy, entries: Vec::new(), there: false }
    }

    /// A drive that can't be asked.
    pub(crate) fn away() -> Self {
        Look::without(DriveCopy::Away)
    }

    /// Whether there is a directory of this id in it.
    pub(crate) fn has_directory(&self, id: Uuid) -> bool {
        let name = id.to_string();
        self.entries.iter().any(|entry| entry.kind == FileKind::Dir && entry.name == name)
    }

    fn broken(kind: Kind, detail: impl Into<String>) -> Self {
        Look::without(DriveCopy::Broken { kind, detail: detail.into() })
    }
}

/// Looks at a directory (path below the drive's) on all drives of a set, by position.
pub(crate) async fn look_everywhere(set: &SetView, path: &str) -> Vec<Look> {
    let looks = set.drives.iter().map(|drive| async {
        let Some(drive) = drive else { return Look::away() };
        let path = path.to_owned();
        let look = drive.run(move |fs| Ok(look(fs, &path))).await;
        look.unwrap_or_else(|error| Look::broken(Kind::Unreadable, error.to_string()))
    });
    join_all(looks).await
}

/// What each drive of a set has of a name, by position, with the drive's name.
pub async fn copies(set: &SetView, bucket: &str, object: &str) -> Vec<(String, DriveCopy)> {
    let looks = look_everywhere(set, &format!("{bucket}/{object}")).await;
    set.names.iter().cloned().zip(looks.into_iter().map(|look| look.copy)).collect()
}

fn look(fs: &dyn FileSystem, path: &str) -> Look {
    let entries = match fs.read_dir(path, MOST_NAMES) {
        Ok(entries) => entries,
        Err(error) if is_absence(&error) => return Look::without(DriveCopy::Absent),
        Err(error) if is(&error, Errno::NOTDIR) => {
            return Look::broken(Kind::WrongKind, "a file stands in the place of its directory");
        }
        Err(error) if is(&error, Errno::LOOP) => {
            return Look::broken(Kind::WrongKind, "a link stands in the place of its directory");
        }
        Err(error) => return Look::broken(Kind::Unreadable, error.to_string()),
    };
    let kind_of = |name: &str| entries.iter().find(|entry| entry.name == name).map(|entry| entry.kind);
    let copy = match (kind_of(XL_META), kind_of(XL_JSON)) {
        (Some(FileKind::File), _) => read_meta(fs, &format!("{path}/{XL_META}"), XlMeta::parse),
        (Some(FileKind::Dir), _) if has_names(fs, &format!("{path}/{XL_META}")) => DriveCopy::Absent,
        (Some(FileKind::Dir), _) => broken(Kind::WrongKind, "xl.meta is a directory"),
        (Some(FileKind::Other), _) => broken(Kind::WrongKind, "xl.meta is a link, pipe or device"),
        (None, Some(FileKind::File)) => read_meta(fs, &format!("{path}/{XL_JSON}"), parse_old),
        (None, _) => DriveCopy::Absent,
    };
    Look { copy, entries, there: true }
}

/// A key may have an element that is called `xl.meta`: then there are names below it.
fn has_names(fs: &dyn FileSystem, path: &str) -> bool {
    fs.read_dir(path, 1).is_ok_and(|entries| !entries.is_empty())
}

fn broken(kind: Kind, detail: &str) -> DriveCopy {
    DriveCopy::Broken { kind, detail: detail.to_owned() }
}

fn read_meta(fs: &dyn FileSystem, path: &str, parse: impl FnOnce(&Bytes) -> Result<XlMeta, XlError>) -> DriveCopy {
    let bytes = match if_any(fs.read(path, LONGEST_META)) {
        Ok(Some(bytes)) => bytes,
        Ok(None) => return DriveCopy::Absent,
        Err(error) => return broken(Kind::Unreadable, &format!("xl.meta: {error}")),
    };
    match parse(&bytes) {
        Ok(meta) => match meta.versions.iter().find_map(|entry| entry.decode().err().map(|error| (entry, error))) {
            None => DriveCopy::Held(Arc::new(meta)),
            Some((entry, error)) => {
                let version = format::xl::id_text(entry.header.version_id);
                broken(kind_of_error(&error), &format!("version {version}: {error}"))
            }
        },
        Err(error) => broken(kind_of_error(&error), &error.to_string()),
    }
}

fn kind_of_error(error: &XlError) -> Kind {
    if matches!(error, XlError::UnsupportedVersion { .. }) { Kind::FormatUnknown } else { Kind::MetaBroken }
}

fn parse_old(bytes: &Bytes) -> Result<XlMeta, XlError> {
    let version = Version::from(LegacyVersion::parse_json(bytes)?);
    Ok(XlMeta { versions: vec![VersionEntry::from_version(&version)], ..XlMeta::default() })
}
