//! Uploads in progress: their records, and the parts that are there.

use crate::deployment::SetView;
use crate::examine::Context;
use crate::finding::{Finding, Kind, Severity};
use crate::look::{DriveCopy, Look, look_everywhere};
use crate::name::Name;
use crate::shards::{PartFile, verify_file};
use bytes::Bytes;
use drive::{FileKind, FileSystem};
use erasure::Geometry;
use format::names::SYSTEM_BUCKET;
use format::part_record::PartRecord;
use format::upload::MULTIPART_DIR;
use format::xl::{ObjectVersion, Version, XL_META, XlMeta};
use futures_util::future::join_all;
use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::io;
use std::sync::Arc;
use std::sync::atomic::Ordering;

/// Parts have numbers to 10,000; a file and a record each.
const MOST_FILES: usize = 1 << 16;
const LONGEST_RECORD: usize = 1 << 20;

/// Looks at all uploads of a set.
pub(crate) async fn examine(context: &Context, set: &SetView) {
    let top = format!("{SYSTEM_BUCKET}/{MULTIPART_DIR}");
    for of_name in names(set, &top).await {
        let dir = format!("{top}/{of_name}");
        let uploads = names(set, &dir).await;
        for id in &uploads {
            Upload { context, set, path: format!("{MULTIPART_DIR}/{of_name}/{id}") }.examine().await;
        }
        // The last upload of a name takes its directory with it, as a rule: an empty one is nothing to tell.
    }
}

async fn names(set: &SetView, path: &str) -> BTreeSet<String> {
    let looks = look_everywhere(set, path).await;
    let dirs = looks.into_iter().flat_map(|look| look.entries).filter(|entry| entry.kind == FileKind::Dir);
    dirs.map(|entry| entry.name).collect()
}

struct Upload<'a> {
    context: &'a Context,
    set: &'a SetView,
    /// Below `.minio.sys`.
    path: String,
}

/// A part as one drive has it.
struct Held {
    record: Result<Bytes, String>,
    /// There is a file of shards.
    file: bool,
}

impl Upload<'_> {
    async fn examine(&self) {
        let looks = look_everywhere(self.set, &format!("{SYSTEM_BUCKET}/{}", self.path)).await;
        let no_bucket = vec![false; looks.len()];
        let (context, set) = (self.context, self.set);
        let name = Name { context, set, bucket: SYSTEM_BUCKET, object: &self.path, no_bucket: &no_bucket };
        if !name.examine(&looks).await.is_name {
            return self.without_record(&looks);
        }
        self.context.counters.uploads.fetch_add(1, Ordering::Relaxed);
        let metas =
            looks.iter().map(|look| if let DriveCopy::Held(meta) = &look.copy { Some(Arc::clone(meta)) } else { None });
        let metas: Vec<Option<Arc<XlMeta>>> = metas.collect();
        let Some(object) = agreed(&metas) else { return };
        let Ok(geometry) = Geometry::new(object.data.into(), object.parity.into(), object.block_size) else { return };
        self.parts(&object, &geometry).await;
    }

    /// Directories of an upload that no drive has the record of.
    fn without_record(&self, looks: &[Look]) {
        let certain = looks.iter().all(|look| matches!(look.copy, DriveCopy::Absent));
        for (position, _) in looks.iter().enumerate().filter(|(_, look)| look.there) {
            let finding = self.set.finding(Kind::UploadBroken, Severity::Harmless, position, "no drive has its record");
            let finding = finding.object(SYSTEM_BUCKET, &self.path).path(format!("{SYSTEM_BUCKET}/{}", self.path));
            self.context.tell(if certain { finding.garbage() } else { finding });
        }
    }

    async fn parts(&self, object: &ObjectVersion, geometry: &Geometry) {
        let dir = format!("{SYSTEM_BUCKET}/{}/{}", self.path, object.data_dir);
        let held: Vec<BTreeMap<u32, Held>> = join_all(self.set.drives.iter().map(|drive| async {
            let Some(drive) = drive else { return BTreeMap::new() };
            let dir = dir.clone();
            drive.run(move |fs| list(fs, &dir)).await.unwrap_or_default()
        }))
        .await;
        let numbers: BTreeSet<u32> = held.iter().flat_map(BTreeMap::keys).copied().collect();
        for number in numbers {
            self.part(object, geometry, &dir, number, &held).await;
        }
    }

    async fn part(
        &self,
        object: &ObjectVersion,
        geometry: &Geometry,
        dir: &str,
        number: u32,
        held: &[BTreeMap<u32, Held>],
    ) {
        let finding = |kind, severity, position, detail: &str| {
            let finding: Finding = self.set.finding(kind, severity, position, detail);
            finding.object(SYSTEM_BUCKET, &self.path).part(number).path(format!("{dir}/part.{number}"))
        };
        let mut votes: HashMap<&Bytes, usize> = HashMap::new();
        let whole = |held: &BTreeMap<u32, Held>| held.get(&number).is_some_and(|part| part.file && part.record.is_ok());
        for part in held.iter().filter(|held| whole(held)).filter_map(|held| held.get(&number)) {
            if let Ok(record) = &part.record {
                *votes.entry(record).or_default() += 1;
            }
        }
        let needed = usize::from(object.data);
        let agreed = votes.into_iter().max_by_key(|(_, count)| *count).filter(|(_, count)| *count >= needed);
        let record = agreed.and_then(|(bytes, _)| Some((bytes, PartRecord::parse(bytes).ok()?)));
        let Some((bytes, record)) = record else {
            for (position, _) in held.iter().enumerate().filter(|(_, held)| held.contains_key(&number)) {
                // The client hasn't had an answer for it; it goes with the upload.
                self.context.tell(finding(
                    Kind::PartIncomplete,
                    Severity::Harmless,
                    position,
                    "too few drives have it whole",
                ));
            }
            return;
        };
        let Ok(length) = geometry.framed_file_size(record.size) else { return };
        let frame =
            usize::try_from(geometry.shard_size()).unwrap_or(usize::MAX).saturating_add(erasure::bitrot::DIGEST_LEN);
        for (position, drive) in self.set.drives.iter().enumerate() {
            let Some(drive) = drive else { continue };
            let part = held[position].get(&number);
            let trouble = match part {
                None => Some((Kind::ShardMissing, "the drive doesn't have it".to_owned())),
                Some(part) if !part.file => Some((Kind::ShardMissing, "its file is missing".to_owned())),
                Some(Held { record: Err(reason), .. }) => Some((Kind::MetaBroken, reason.clone())),
                Some(Held { record: Ok(other), .. }) if other != bytes => {
                    Some((Kind::MetaStale, "its record is another one".to_owned()))
                }
                Some(_) => {
                    let (path, counters) = (format!("{dir}/part.{number}"), Arc::clone(&self.context.counters));
                    let file = PartFile { number, length, whole: None };
                    let verified = drive.run(move |fs| Ok(verify_file(fs, &path, frame, &file, &counters.bytes))).await;
                    verified.unwrap_or_else(|error| Err((Kind::Unreadable, error.to_string()))).err()
                }
            };
            if let Some((kind, detail)) = trouble {
                self.context.tell(finding(kind, Severity::Repairable, position, &detail));
            }
        }
    }
}

/// What most drives' records say.
fn agreed(metas: &[Option<Arc<XlMeta>>]) -> Option<ObjectVersion> {
    let mut votes = HashMap::new();
    for entry in metas.iter().flatten().filter_map(|meta| meta.versions.first()) {
        votes.entry(entry.header).or_insert((0, entry)).0 += 1;
    }
    let (_, entry) = votes.into_values().max_by_key(|(count, _)| *count)?;
    entry.decode().ok().and_then(Version::into_object)
}

fn list(fs: &dyn FileSystem, dir: &str) -> io::Result<BTreeMap<u32, Held>> {
    let mut parts: BTreeMap<u32, Held> = BTreeMap::new();
    for entry in fs.read_dir(dir, MOST_FILES)?.into_iter().filter(|entry| entry.name != XL_META) {
        let Some(name) = entry.name.strip_prefix("part.") else { continue };
        let (number, is_record) = name.strip_suffix(".meta").map_or((name, false), |number| (number, true));
        let Ok(number) = number.parse() else { continue };
        let part = parts
            .entry(number)
            .or_insert_with(|| Held { record: Err("its record is missing".to_owned()), file: false });
        if !is_record {
            part.file = entry.kind == FileKind::File;
            continue;
        }
        part.record = match fs.read(&format!("{dir}/{}", entry.name), LONGEST_RECORD) {
            Ok(bytes) => PartRecord::parse(&bytes).map(|_| bytes).map_err(|error| error.to_string()),
            Err(error) => Err(error.to_string()),
        };
    }
    Ok(parts)
}
