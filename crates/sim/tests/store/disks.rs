//! What is on the disks themselves, below the store.

use crate::run::{BUCKET, Run};
use drive::{FileKind, FileSystem};
use format::xl::{Header, Kind, XlMeta};
use rustfs_sim::SimDisk;
use std::collections::{BTreeMap, BTreeSet};

/// What the closed drives have that nothing refers to: staging, records of doubt, data directories.
pub fn leftovers(run: &Run) -> Vec<String> {
    let mut found = Vec::new();
    for bay in 0..run.shape.drives {
        let fs = run.machine.disk(bay).mount();
        for name in names(&fs, ".minio.sys/tmp").into_iter().filter(|name| name != ".trash") {
            found.push(format!("disk{bay}: staging {name}"));
        }
        for name in names(&fs, ".minio.sys/rustfs/doubt") {
            found.push(format!("disk{bay}: doubt {name}"));
        }
        orphans(&fs, BUCKET, &mut |path| found.push(format!("disk{bay}: {path}")));
    }
    found
}

fn names(fs: &dyn FileSystem, dir: &str) -> Vec<String> {
    fs.read_dir(dir, usize::MAX).unwrap_or_default().into_iter().map(|entry| entry.name).collect()
}

fn is_data_dir(name: &str) -> bool {
    uuid::Uuid::try_parse(name).is_ok()
}

/// Data directories below `dir` that no metadata beside them refers to, and empty directories.
fn orphans(fs: &dyn FileSystem, dir: &str, found: &mut dyn FnMut(String)) {
    let entries = fs.read_dir(dir, usize::MAX).unwrap_or_default();
    if entries.is_empty() && dir != BUCKET {
        found(format!("empty {dir}"));
    }
    let used: BTreeSet<String> = match meta(fs, dir) {
        Some(meta) => meta.versions.iter().filter_map(|entry| Some(entry.data_dir().ok()?.to_string())).collect(),
        None => BTreeSet::new(),
    };
    for entry in entries.into_iter().filter(|entry| entry.kind == FileKind::Dir) {
        let path = format!("{dir}/{}", entry.name);
        match is_data_dir(&entry.name) {
            true if !used.contains(&entry.name) => found(format!("orphan {path}")),
            true => {}
            false => orphans(fs, &path, found),
        }
    }
}

fn meta(fs: &dyn FileSystem, dir: &str) -> Option<XlMeta> {
    let bytes = fs.read(&format!("{dir}/xl.meta"), usize::MAX).ok()?;
    XlMeta::parse(&bytes).ok()
}

/// How drives differ in what they hold of the bucket: after healing, not at all.
pub fn differences(run: &Run) -> Vec<String> {
    let disks: Vec<SimDisk> = (0..run.shape.drives).map(|bay| run.machine.disk(bay)).collect();
    differences_of(&disks)
}

/// The same of any disks.
pub fn differences_of(disks: &[SimDisk]) -> Vec<String> {
    let all: Vec<BTreeMap<String, Holds>> = disks
        .iter()
        .map(|disk| {
            let fs = disk.mount();
            let mut held = BTreeMap::new();
            collect(&fs, BUCKET, &mut held);
            held
        })
        .collect();
    let mut found = Vec::new();
    for (bay, held) in all.iter().enumerate() {
        for name in held.keys().chain(all[0].keys()).collect::<BTreeSet<_>>() {
            if held.get(name) != all[0].get(name) {
                found.push(format!("disk{bay} '{name}': {:?}\n    disk0: {:?}", held.get(name), all[0].get(name)));
            }
        }
    }
    found
}

/// The versions of a name, and which of their part files are there, with their sizes.
#[derive(Debug, PartialEq, Eq)]
struct Holds {
    versions: Vec<Header>,
    files: BTreeSet<(String, u64)>,
    missing: Vec<String>,
}

fn collect(fs: &dyn FileSystem, dir: &str, held: &mut BTreeMap<String, Holds>) {
    if let Some(meta) = meta(fs, dir) {
        let mut holds = Holds {
            versions: meta.versions.iter().map(|entry| entry.header).collect(),
            files: BTreeSet::new(),
            missing: Vec::new(),
        };
        for entry in meta.versions.iter().filter(|entry| entry.header.kind == Kind::Object) {
            let Ok(Some(object)) = entry.decode().map(format::xl::Version::into_object) else { continue };
            if object.is_inline() || object.size == 0 {
                continue;
            }
            for part in &object.parts {
                let path = format!("{dir}/{}/part.{}", object.data_dir, part.number);
                match fs.stat(&path) {
                    Ok(stat) => drop(holds.files.insert((path, stat.size))),
                    Err(_) => holds.missing.push(path),
                }
            }
        }
        held.insert(dir.to_owned(), holds);
    }
    for entry in fs.read_dir(dir, usize::MAX).unwrap_or_default() {
        if entry.kind == FileKind::Dir && !is_data_dir(&entry.name) {
            collect(fs, &format!("{dir}/{}", entry.name), held);
        }
    }
}
