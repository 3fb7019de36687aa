//! What can be wrong, and what it means.

use serde_json::{Map, Value};
use std::fmt;
use uuid::Uuid;

/// What a finding means for the data.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum Severity {
    /// Nothing is missing and nothing in the way: remains that a server removes or ignores.
    Harmless,
    /// Everything can be read; redundancy is missing, or something is where it doesn't belong.
    Repairable,
    /// It couldn't be looked at.
    Unchecked,
    /// More is gone than the redundancy makes up for.
    Lost,
}

impl Severity {
    /// As it is called in reports.
    pub fn name(self) -> &'static str {
        match self {
            Severity::Harmless => "harmless",
            Severity::Repairable => "repairable",
            Severity::Unchecked => "unchecked",
            Severity::Lost => "lost",
        }
    }
}

macro_rules! kinds {
    ($($kind:ident $name:literal $meaning:literal)*) => {
        /// Every kind of finding.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
        pub enum Kind {
            $(#[doc = $meaning] $kind,)*
        }

        impl Kind {
            /// All of them, in the order of reports.
            pub const ALL: &'static [Kind] = &[$(Kind::$kind,)*];

            /// The name by which reports and scripts know it.
            pub fn name(self) -> &'static str {
                match self { $(Kind::$kind => $name,)* }
            }

            /// What it means, in a sentence.
            pub fn meaning(self) -> &'static str {
                match self { $(Kind::$kind => $meaning,)* }
            }
        }
    };
}

kinds! {
    DriveMissing "drive-missing" "the drive's directory isn't there, or isn't a directory"
    DriveUnformatted "drive-unformatted" "the drive has no format.json: it is new, or was emptied"
    FormatBroken "format-broken" "format.json can't be read"
    DriveForeign "drive-foreign" "the drive belongs to another deployment or pool"
    DriveSwapped "drive-swapped" "the drive belongs at another place of the command line"
    DriveDuplicate "drive-duplicate" "two drives have the same id: one is a copy of the other"
    DriveUnreadable "drive-unreadable" "the drive doesn't answer as it should"
    JournalUnclean "journal-unclean" "the last server was stopped in the middle of its work: run 'rustfs recover' first"
    JournalBroken "journal-broken" "the journal of changes can't be read"
    HealingUnfinished "healing-unfinished" "the drive was being filled and isn't yet"
    HealingBroken "healing-tracker-broken" "the drive's healing tracker can't be read or is another drive's"
    StagingRemains "staging-remains" "staged data that no commit refers to; a server removes it"
    BucketMissing "bucket-missing" "the bucket's directory is missing on the drive"
    BucketRemains "bucket-remains" "a bucket that was deleted while the drive was away"
    BucketMetadata "bucket-metadata-broken" "the bucket's configuration can't be read"
    MetaMissing "meta-missing" "the drive has no xl.meta of the object"
    MetaBroken "meta-broken" "the drive's xl.meta of the object isn't what was written"
    MetaStale "meta-stale" "the drive missed a change to the object"
    MetaMisplaced "meta-misplaced" "the xl.meta is that of another place in the set"
    FormatUnknown "format-unknown" "written by a release that this one doesn't know"
    WrongKind "wrong-kind" "a directory, link, pipe or file stands where something else belongs"
    Unreadable "unreadable" "a file or directory can't be read"
    ShardMissing "shard-missing" "a part's file is missing"
    ShardLength "shard-length" "a part's file has another length"
    ShardCorrupt "shard-corrupt" "a part's file isn't what was written (bitrot)"
    InlineMissing "inline-missing" "data that belongs into xl.meta is missing"
    InlineCorrupt "inline-corrupt" "data within xl.meta isn't what was written (bitrot)"
    VersionLost "version-lost" "too few drives have the version whole"
    DeletionRemains "deletion-remains" "so few drives have the version that it was deleted while they were away, or lost; a server removes it"
    WrongSet "wrong-set" "the object lies in a set where nobody looks for it"
    DataOrphaned "data-orphaned" "a data directory that no version refers to"
    LeftoverFile "leftover-file" "a file in a data directory that no version refers to"
    EmptyDirectory "empty-directory" "a directory with nothing in it"
    UnexpectedFile "unexpected-file" "a file that no server has made here; it is left alone"
    UploadBroken "upload-broken" "remains of an upload whose record is on too few drives: it can't be completed"
    PartIncomplete "part-incomplete" "a part of an upload whose writing was broken off"
}

impl fmt::Display for Kind {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str(self.name())
    }
}

/// A drive's place, each from 0.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Place {
    pub pool: usize,
    pub set: usize,
    /// In the set.
    pub position: usize,
}

/// One thing that isn't as it should be.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Finding {
    pub kind: Kind,
    pub severity: Severity,
    /// Which drive, as the operator names it; `None` if it concerns all drives of a set.
    pub drive: Option<String>,
    pub place: Option<Place>,
    pub bucket: Option<String>,
    /// As named on the drive (encoded).
    pub object: Option<String>,
    /// Nil is the null version.
    pub version: Option<Uuid>,
    pub part: Option<u32>,
    /// Below the drive's directory, if it is about one file or directory.
    pub path: Option<String>,
    /// What was found, in words.
    pub detail: String,
    /// Removing it destroys nothing that anybody could still read: proven, not guessed.
    pub garbage: bool,
}

impl Finding {
    pub(crate) fn new(kind: Kind, severity: Severity, detail: impl Into<String>) -> Self {
        Finding {
            kind,
            severity,
            drive: None,
            place: None,
            bucket: None,
            object: None,
            version: None,
            part: None,
            path: None,
            detail: detail.into(),
            garbage: false,
        }
    }

    pub(crate) fn on(self, drive: &str, place: Place) -> Self {
        Finding { drive: Some(drive.to_owned()), place: Some(place), ..self }
    }

    pub(crate) fn object(self, bucket: &str, object: &str) -> Self {
        Finding { bucket: Some(bucket.to_owned()), object: Some(object.to_owned()), ..self }
    }

    pub(crate) fn bucket(self, bucket: &str) -> Self {
        Finding { bucket: Some(bucket.to_owned()), ..self }
    }

    pub(crate) fn version(self, version: Uuid) -> Self {
        Finding { version: Some(version), ..self }
    }

    pub(crate) fn part(self, part: u32) -> Self {
        Finding { part: Some(part), ..self }
    }

    pub(crate) fn path(self, path: impl Into<String>) -> Self {
        Finding { path: Some(path.into()), ..self }
    }

    pub(crate) fn garbage(self) -> Self {
        Finding { garbage: true, ..self }
    }

    /// The finding as JSON: docs/fsck.md has the fields.
    pub fn to_json(&self) -> Value {
        let mut json = Map::new();
        json.insert("type".into(), "finding".into());
        json.insert("kind".into(), self.kind.name().into());
        json.insert("severity".into(), self.severity.name().into());
        let texts = [("drive", &self.drive), ("bucket", &self.bucket), ("object", &self.object), ("path", &self.path)];
        for (key, text) in texts {
            if let Some(text) = text {
                json.insert(key.into(), text.as_str().into());
            }
        }
        if let Some(place) = self.place {
            json.insert("pool".into(), (place.pool + 1).into());
            json.insert("set".into(), (place.set + 1).into());
            json.insert("position".into(), (place.position + 1).into());
        }
        if let Some(version) = self.version {
            json.insert("version".into(), format::xl::id_text(version).into());
        }
        if let Some(part) = self.part {
            json.insert("part".into(), part.into());
        }
        json.insert("detail".into(), self.detail.as_str().into());
        Value::Object(json)
    }
}

impl fmt::Display for Finding {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        write!(f, "{:<10} {:<18} ", self.severity.name(), self.kind.name())?;
        if let Some(drive) = &self.drive {
            write!(f, "{drive}: ")?;
        }
        match (&self.bucket, &self.object) {
            (Some(bucket), Some(object)) => write!(f, "{bucket}/{object}")?,
            (Some(bucket), None) => f.write_str(bucket)?,
            _ => f.write_str(self.path.as_deref().unwrap_or_default())?,
        }
        if let Some(version) = self.version.filter(|version| !version.is_nil()) {
            write!(f, " version {version}")?;
        }
        if let Some(part) = self.part {
            write!(f, " part {part}")?;
        }
        write!(f, " ({})", self.detail)
    }
}
