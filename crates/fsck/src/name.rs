//! One name on all drives of a set: do they agree, and is what they hold whole?

use crate::deployment::SetView;
use crate::examine::Context;
use crate::finding::{Finding, Kind, Severity};
use crate::look::{DriveCopy, Look};
use crate::shards::{Data, PartFile, Plan, Trouble, Verified, verify};
use base::Timestamp;
use erasure::Geometry;
use erasure::bitrot::BitrotAlgorithm;
use format::names::SYSTEM_BUCKET;
use format::xl::{Header, Kind as VersionKind, LEGACY_DATA_DIR, ObjectVersion, Version, VersionEntry, XL_META, XlMeta};
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet, HashSet};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use uuid::Uuid;

/// What is known of a name once it was looked at.
#[derive(Debug, Default)]
pub(crate) struct Known {
    /// It is a name: some drive has an `xl.meta` of it.
    pub(crate) is_name: bool,
    /// Directories below it that hold data of some drive's versions.
    pub(crate) data_dirs: HashSet<String>,
    /// Every drive was there and could say what it has.
    pub(crate) certain: bool,
}

/// How a name is looked at.
pub(crate) struct Name<'a> {
    pub(crate) context: &'a Context,
    pub(crate) set: &'a SetView,
    pub(crate) bucket: &'a str,
    pub(crate) object: &'a str,
    /// By position: the bucket's directory is missing there, which was told already.
    pub(crate) no_bucket: &'a [bool],
}

/// What tells one state of a version from another: drives that agree have the same.
type State = (Timestamp, [u8; 4], VersionKind);

/// A version that enough drives agree on.
struct Agreed {
    header: Header,
    version: Version,
    /// By position.
    holds: Vec<bool>,
}

impl Name<'_> {
    /// Looks at everything about the name, and tells what isn't as it should be.
    pub(crate) async fn examine(&self, looks: &[Look]) -> Known {
        let mut known = Known { certain: true, ..Known::default() };
        let mut ids = BTreeSet::new();
        for look in looks {
            match &look.copy {
                DriveCopy::Away => known.certain = false,
                DriveCopy::Absent => {}
                DriveCopy::Broken { .. } => (known.certain, known.is_name) = (false, known.is_name || look.there),
                DriveCopy::Held(meta) => {
                    known.is_name = true;
                    for entry in &meta.versions {
                        ids.insert(entry.header.version_id);
                        match (entry.header.kind, entry.data_dir()) {
                            (VersionKind::Legacy, _) => known.data_dirs.insert(LEGACY_DATA_DIR.to_owned()),
                            (_, Ok(dir)) => known.data_dirs.insert(dir.to_string()),
                            (_, Err(_)) => false,
                        };
                    }
                }
            }
        }
        if !known.is_name {
            return known;
        }
        self.context.counters.names.fetch_add(1, Ordering::Relaxed);
        self.context.counters.versions.fetch_add(ids.len() as u64, Ordering::Relaxed);
        let (mut agreed, mut remains, mut lost) = (Vec::new(), 0, 0);
        for id in ids {
            match self.agree(looks, id) {
                Ok(version) => agreed.push(version),
                Err(finding) => {
                    if finding.severity == Severity::Lost {
                        lost += 1
                    } else {
                        remains += 1
                    }
                    self.context.tell(*finding);
                }
            }
        }
        self.copies_that_differ(looks, &agreed, remains, lost);
        self.data(looks, &agreed).await;
        known
    }

    fn is_document(&self) -> bool {
        self.bucket == SYSTEM_BUCKET && !self.is_upload()
    }

    pub(crate) fn is_upload(&self) -> bool {
        self.bucket == SYSTEM_BUCKET && self.object.starts_with("multipart/")
    }

    fn finding(&self, kind: Kind, severity: Severity, detail: impl Into<String>) -> Finding {
        Finding::new(kind, severity, detail).object(self.bucket, self.object)
    }

    fn finding_on(&self, position: usize, kind: Kind, severity: Severity, detail: impl Into<String>) -> Finding {
        self.set.finding(kind, severity, position, detail).object(self.bucket, self.object)
    }

    /// What the drives agree on about a version; else what has become of it.
    fn agree(&self, looks: &[Look], id: Uuid) -> Result<Agreed, Box<Finding>> {
        let mut groups: BTreeMap<State, Vec<(usize, &VersionEntry)>> = BTreeMap::new();
        for (position, look) in looks.iter().enumerate() {
            if let DriveCopy::Held(meta) = &look.copy
                && let Some(entry) = meta.find(id)
            {
                groups.entry(state(entry)).or_default().push((position, entry));
            }
        }
        // The most frequent; of equally many the newest.
        let Some(holders) = groups.into_values().max_by_key(Vec::len) else {
            return Err(Box::new(self.finding(Kind::VersionLost, Severity::Lost, "no drive has it").version(id)));
        };
        let entry = holders[0].1;
        // Every entry was decoded when it was read.
        let version = entry.decode().map_err(|error| {
            Box::new(self.finding(Kind::VersionLost, Severity::Lost, error.to_string()).version(id))
        })?;
        let needed = match version.as_object() {
            Some(object) => usize::from(object.data),
            None => looks.len() - looks.len() / 2,
        };
        let mut holds = vec![false; looks.len()];
        holders.iter().for_each(|(position, _)| holds[*position] = true);
        if holders.len() >= needed {
            return Ok(Agreed { header: entry.header, version, holds });
        }
        Err(Box::new(self.without_quorum(looks, id, &version, &holds, needed)))
    }

    /// Tells remains of a deletion from a loss: an acknowledged version is on a write quorum of drives and a deletion on more
    /// than half. A version that more than half of the drives are sure not to have, and without its data either, was
    /// deleted while the others were away.
    fn without_quorum(&self, looks: &[Look], id: Uuid, version: &Version, holds: &[bool], needed: usize) -> Finding {
        let has_data = |look: &Look| version.as_object().is_some_and(|object| look.has_directory(object.data_dir));
        let (mut absent, mut unsure) = (0, 0);
        for (look, holds) in looks.iter().zip(holds) {
            match &look.copy {
                _ if *holds => {}
                DriveCopy::Absent if !has_data(look) => absent += 1,
                DriveCopy::Held(meta) if meta.find(id).is_none() => absent += 1,
                _ => unsure += 1,
            }
        }
        let there = holds.iter().filter(|holds| **holds).count();
        let counted = format!("{there} of {} drives have it, {needed} are needed", looks.len());
        if unsure > 0 || absent <= looks.len() / 2 {
            let lost = format!("{counted}; {unsure} can't tell");
            let kind = if self.is_upload() { Kind::UploadBroken } else { Kind::VersionLost };
            return self.finding(kind, self.loss(), lost).version(id);
        }
        if self.is_upload() {
            return self.finding(Kind::UploadBroken, Severity::Harmless, counted).version(id).garbage();
        }
        // The server's own documents are never guessed about.
        let severity = if self.is_document() { Severity::Harmless } else { Severity::Repairable };
        let finding = self.finding(Kind::DeletionRemains, severity, counted).version(id);
        if self.is_document() { finding } else { finding.garbage() }
    }

    /// What it means that something of this name can't be read.
    fn loss(&self) -> Severity {
        // Counted anew by the next scan.
        let rebuilt =
            |name: &str| name.contains(".usage") || name.contains(".bloomcycle") || name.contains(".metacache");
        if self.is_document() && rebuilt(self.object) { Severity::Harmless } else { Severity::Lost }
    }

    /// Drives whose `xl.meta` isn't what the others agree on.
    fn copies_that_differ(&self, looks: &[Look], agreed: &[Agreed], remains: usize, lost: usize) {
        let severity = if agreed.is_empty() { self.loss() } else { Severity::Repairable };
        let none_readable = agreed.is_empty() && remains + lost == 0;
        let (mut troubles, mut usable) = (0, 0);
        for (position, look) in looks.iter().enumerate() {
            match &look.copy {
                DriveCopy::Away => {}
                DriveCopy::Absent => {
                    troubles += 1;
                    if !agreed.is_empty() && !self.no_bucket[position] {
                        let detail =
                            if look.there { "its directory has no xl.meta" } else { "its directory is missing" };
                        self.context.tell(self.finding_on(position, Kind::MetaMissing, severity, detail));
                    }
                }
                DriveCopy::Broken { kind, detail } => {
                    troubles += 1;
                    let severity = if *kind == Kind::FormatUnknown { Severity::Unchecked } else { severity };
                    let path = format!("{}/{}", self.bucket, self.object);
                    let path = if look.there { format!("{path}/{XL_META}") } else { path };
                    self.context.tell(self.finding_on(position, *kind, severity, detail).path(path));
                }
                DriveCopy::Held(meta) => {
                    usable += 1;
                    self.versions_that_differ(position, looks, meta, agreed);
                }
            }
        }
        if none_readable && usable == 0 {
            let detail =
                format!("none of {} drives has an xl.meta that can be read ({troubles} were looked at)", looks.len());
            self.context.tell(self.finding(Kind::VersionLost, self.loss(), detail));
        }
    }

    fn versions_that_differ(&self, position: usize, looks: &[Look], meta: &XlMeta, agreed: &[Agreed]) {
        for version in agreed {
            let id = version.header.version_id;
            let detail = match meta.find(id) {
                None => "it lacks this version".to_owned(),
                Some(_) if !version.holds[position] => "it has another state of this version".to_owned(),
                Some(_) => match self.misplaced(position, looks, id) {
                    Some(detail) => {
                        let finding = self.finding_on(position, Kind::MetaMisplaced, Severity::Repairable, detail);
                        let path = format!("{}/{}/{XL_META}", self.bucket, self.object);
                        self.context.tell(finding.version(id).path(path));
                        continue;
                    }
                    None => continue,
                },
            };
            self.context.tell(self.finding_on(position, Kind::MetaStale, Severity::Repairable, detail).version(id));
        }
    }

    /// Another drive has the same shard, and the place is that drive's: the copy was brought here from there. (That all numbers
    /// differ from the places is nothing: an object copied onto itself keeps the order of the one it was.)
    fn misplaced(&self, position: usize, looks: &[Look], id: Uuid) -> Option<String> {
        let index = |position: usize| {
            let DriveCopy::Held(meta) = &looks[position].copy else { return None };
            meta.find(id)?.placement().ok().flatten().map(|placement| placement.index)
        };
        let DriveCopy::Held(meta) = &looks[position].copy else { return None };
        let version = meta.find(id)?.decode().ok()?;
        let object = version.as_object()?;
        let place = object.distribution.get(position).copied();
        let twin = (0..looks.len()).find(|other| *other != position && index(*other) == Some(object.index))?;
        (object.size > 0 && place != Some(object.index)).then(|| {
            format!(
                "it is that of shard {}, as {} has it, and the place is that of {}",
                object.index,
                self.set.names[twin],
                place.unwrap_or_default()
            )
        })
    }

    /// Verifies the data of all versions on all drives.
    async fn data(&self, looks: &[Look], agreed: &[Agreed]) {
        let mut plans: Vec<Vec<Plan>> = vec![Vec::new(); looks.len()];
        for version in agreed {
            let Some(geometry) = geometry(&version.version) else { continue };
            for (position, look) in looks.iter().enumerate().filter(|(position, _)| version.holds[*position]) {
                let DriveCopy::Held(meta) = &look.copy else { continue };
                if let Some(plan) = self.plan(look, meta, version.header.version_id, &geometry) {
                    plans[position].push(plan);
                }
            }
        }
        let jobs = plans.into_iter().zip(&self.set.drives).map(|(plans, drive)| async move {
            let Some(drive) = drive.as_ref().filter(|_| !plans.is_empty()) else { return Ok(Verified::default()) };
            let counters = Arc::clone(&self.context.counters);
            drive.run(move |fs| Ok(verify(fs, plans, &counters.bytes))).await
        });
        let verified: Vec<io::Result<Verified>> = join_all(jobs).await;
        for (position, verified) in verified.iter().enumerate() {
            match verified {
                Err(error) => self.context.tell(self.finding_on(
                    position,
                    Kind::Unreadable,
                    Severity::Repairable,
                    error.to_string(),
                )),
                Ok(verified) => self.leftovers(position, verified),
            }
        }
        for version in agreed {
            self.weigh(version, &verified);
        }
    }

    fn leftovers(&self, position: usize, verified: &Verified) {
        for (path, ours) in &verified.leftovers {
            let kind = if *ours { Kind::LeftoverFile } else { Kind::UnexpectedFile };
            let finding = self.finding_on(position, kind, Severity::Harmless, path.clone()).path(path.clone());
            self.context.tell(if *ours { finding.garbage() } else { finding });
        }
    }

    fn plan(&self, look: &Look, meta: &XlMeta, id: Uuid, geometry: &Geometry) -> Option<Plan> {
        let version = meta.find(id)?.decode().ok()?;
        let object = version.as_object()?;
        if !object.uses_data_dir() || object.size == 0 {
            return None;
        }
        let frame = usize::try_from(geometry.shard_size()).ok()?.checked_add(erasure::bitrot::DIGEST_LEN)?;
        let inline = meta.inline.get_or_by_data_dir(id, object.data_dir).filter(|_| object.is_inline() || id.is_nil());
        let data = match inline {
            Some(frames) => {
                Data::Inline { frames: frames.clone(), expected: geometry.framed_file_size(object.size).ok()? }
            }
            // Copies that MinIO wrote to files may be called inline still.
            None if object.is_inline() && !look.has_directory(object.data_dir) => Data::InlineMissing,
            None => {
                Data::Files { dir: self.data_path(&version, &object), parts: part_files(&version, &object, geometry) }
            }
        };
        Some(Plan { version: id, data, frame })
    }

    fn data_path(&self, version: &Version, object: &ObjectVersion) -> String {
        let (bucket, name) = (self.bucket, self.object);
        match version {
            Version::Legacy(legacy) if legacy.data_dir.is_empty() => format!("{bucket}/{name}"),
            Version::Legacy(legacy) => format!("{bucket}/{name}/{}", legacy.data_dir),
            _ => format!("{bucket}/{name}/{}", object.data_dir),
        }
    }

    /// Is what was found wrong with a version's data made up for by the rest?
    fn weigh(&self, version: &Agreed, verified: &[io::Result<Verified>]) {
        let Some(object) = version.version.as_object() else { return };
        let id = version.header.version_id;
        let of = |position: usize| -> Vec<&Trouble> {
            let verified = verified[position].as_ref();
            verified.map_or(Vec::new(), |verified| {
                verified.troubles.iter().filter(|trouble| trouble.version == id).collect()
            })
        };
        let troubles: Vec<Vec<&Trouble>> = (0..verified.len()).map(of).collect();
        if troubles.iter().all(Vec::is_empty) && verified.iter().all(Result::is_ok) {
            return;
        }
        let whole = |number: u32| {
            let bad = |trouble: &&Trouble| trouble.part.is_none_or(|part| part == number);
            let good = |position: &usize| verified[*position].is_ok() && !troubles[*position].iter().any(bad);
            (0..verified.len()).filter(|position| version.holds[*position]).filter(good).count()
        };
        let needed = usize::from(object.data);
        let lost = object.parts.iter().map(|part| (part.number, whole(part.number))).find(|(_, whole)| *whole < needed);
        let severity = if lost.is_some() { self.loss() } else { Severity::Repairable };
        for (position, troubles) in troubles.iter().enumerate() {
            for trouble in troubles {
                let finding = self.finding_on(position, trouble.kind, severity, trouble.detail.clone()).version(id);
                let finding = Finding { part: trouble.part, path: trouble.path.clone(), ..finding };
                self.context.tell(finding);
            }
        }
        if let Some((part, whole)) = lost {
            let detail = format!("{whole} of {} shards of part {part} are whole, {needed} are needed", verified.len());
            self.context.tell(self.finding(Kind::VersionLost, self.loss(), detail).version(id));
        }
    }
}

fn state(entry: &VersionEntry) -> State {
    let mut header = entry.header;
    // Each drive has the digests of its own files, and may have been converted or not: neither tells states apart.
    if let Ok(Version::Legacy(mut legacy)) = entry.decode() {
        (legacy.checksums, legacy.data_dir) = (Vec::new(), String::new());
        header = VersionEntry::from_version(&Version::Legacy(legacy)).header;
    }
    (header.mod_time, header.signature, header.kind)
}

fn geometry(version: &Version) -> Option<Geometry> {
    let object = version.as_object()?;
    Geometry::new(object.data.into(), object.parity.into(), object.block_size).ok()
}

fn part_files(version: &Version, object: &ObjectVersion, geometry: &Geometry) -> Vec<PartFile> {
    let file = |number: u32, size: u64| {
        let sum = match version {
            Version::Legacy(legacy) => legacy.whole_file_checksum(number),
            _ => None,
        };
        let whole = sum.and_then(|sum| Some((BitrotAlgorithm::from_id(sum.algorithm)?, sum.hash.clone())));
        let length = if whole.is_some() {
            geometry.shard_file_size(size)
        } else {
            geometry.framed_file_size(size).unwrap_or(u64::MAX)
        };
        PartFile { number, length, whole }
    };
    object.parts.iter().filter(|part| part.size > 0).map(|part| file(part.number, part.size)).collect()
}
