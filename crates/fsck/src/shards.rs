//! What lies in files: the shards of versions on one drive, verified.

use crate::finding::Kind;
use crate::view::{if_any, is};
use bytes::Bytes;
use drive::{DirEntry, FileKind, FileSystem, ReadFile};
use erasure::bitrot::{BitrotAlgorithm, DIGEST_LEN, verify_frame};
use rustix::io::Errno;
use std::collections::{BTreeMap, HashMap};
use std::io;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use uuid::Uuid;

/// Frames read at a time; of today's objects up to 4 MiB.
const FRAMES_AT_ONCE: usize = 4;
/// Bytes read at a time of files with one digest for all of them.
const PIECE: usize = 1 << 20;
/// A data directory has a file for each part, and perhaps a record: of at most 10,000 parts.
const MOST_FILES: usize = 1 << 16;

/// What a drive should hold of one version.
#[derive(Clone, Debug)]
pub(crate) struct Plan {
    pub(crate) version: Uuid,
    pub(crate) data: Data,
    /// Bytes of a full frame: digest and shard.
    pub(crate) frame: usize,
}

#[derive(Clone, Debug)]
pub(crate) enum Data {
    /// Frames within `xl.meta`, which should have so many bytes.
    Inline { frames: Bytes, expected: u64 },
    /// They should be within `xl.meta` and aren't.
    InlineMissing,
    /// Files below this directory (path below the drive's).
    Files { dir: String, parts: Vec<PartFile> },
}

#[derive(Clone, Debug)]
pub(crate) struct PartFile {
    pub(crate) number: u32,
    /// Bytes that the file should have.
    pub(crate) length: u64,
    /// The digest of the whole file, where frames have none.
    pub(crate) whole: Option<(BitrotAlgorithm, Bytes)>,
}

/// Something wrong with a drive's share of a version.
#[derive(Clone, Debug)]
pub(crate) struct Trouble {
    pub(crate) version: Uuid,
    /// `None`: all parts.
    pub(crate) part: Option<u32>,
    pub(crate) kind: Kind,
    pub(crate) path: Option<String>,
    pub(crate) detail: String,
}

/// What a drive's files came to.
#[derive(Debug, Default)]
pub(crate) struct Verified {
    pub(crate) troubles: Vec<Trouble>,
    /// Files in data directories that nobody refers to, and whether they are a server's.
    pub(crate) leftovers: Vec<(String, bool)>,
}

/// Verifies everything that the plans say. A job for the drive's threads.
pub(crate) fn verify(fs: &dyn FileSystem, plans: Vec<Plan>, read: &AtomicU64) -> Verified {
    let mut verified = Verified::default();
    let mut dirs: BTreeMap<String, Vec<String>> = BTreeMap::new();
    for plan in plans {
        let trouble = |kind, detail: String| Trouble { version: plan.version, part: None, kind, path: None, detail };
        match &plan.data {
            Data::InlineMissing => {
                verified.troubles.push(trouble(Kind::InlineMissing, "its data isn't in xl.meta".to_owned()));
            }
            Data::Inline { frames, expected } => {
                read.fetch_add(frames.len() as u64, Ordering::Relaxed);
                let length = frames.len() as u64;
                let broken = frames.chunks(plan.frame).position(|frame| verify_frame(frame).is_err());
                if length != *expected {
                    let detail = format!("{length} bytes in xl.meta, {expected} expected");
                    verified.troubles.push(trouble(Kind::InlineCorrupt, detail));
                } else if let Some(block) = broken {
                    verified
                        .troubles
                        .push(trouble(Kind::InlineCorrupt, format!("the digest of block {block} is wrong")));
                }
            }
            Data::Files { dir, parts } => {
                verify_files(fs, &plan, dir, parts, read, &mut verified.troubles);
                let names = parts.iter().map(|part| format!("part.{}", part.number));
                dirs.entry(dir.clone()).or_default().extend(names);
            }
        }
    }
    for (dir, known) in dirs {
        leftovers(fs, &dir, &known, &mut verified.leftovers);
    }
    verified
}

fn leftovers(fs: &dyn FileSystem, dir: &str, known: &[String], found: &mut Vec<(String, bool)>) {
    // The old format has its parts beside the objects below it.
    let is_data_dir = dir.rsplit('/').next().is_some_and(|name| Uuid::try_parse(name).is_ok());
    let entries = if is_data_dir { fs.read_dir(dir, MOST_FILES).unwrap_or_default() } else { Vec::new() };
    for entry in entries.into_iter().filter(|entry| !known.contains(&entry.name)) {
        let ours = entry.kind == FileKind::File && is_data_file(&entry.name);
        found.push((format!("{dir}/{}", entry.name), ours));
    }
}

/// Whether servers make files of this name in data directories.
pub(crate) fn is_data_file(name: &str) -> bool {
    let number = |text: &str| !text.is_empty() && text.bytes().all(|digit| digit.is_ascii_digit());
    name == "xl.meta.bkp"
        || name.strip_prefix("part.").is_some_and(|rest| number(rest.strip_suffix(".meta").unwrap_or(rest)))
}

fn verify_files(
    fs: &dyn FileSystem,
    plan: &Plan,
    dir: &str,
    parts: &[PartFile],
    read: &AtomicU64,
    troubles: &mut Vec<Trouble>,
) {
    let whole =
        |kind, detail: String| Trouble { version: plan.version, part: None, kind, path: Some(dir.to_owned()), detail };
    let entries: Vec<DirEntry> = match if_any(fs.read_dir(dir, MOST_FILES)) {
        Ok(Some(entries)) => entries,
        Ok(None) => return troubles.push(whole(Kind::ShardMissing, "its data directory is missing".to_owned())),
        Err(error) if is(&error, Errno::NOTDIR) || is(&error, Errno::LOOP) => {
            return troubles.push(whole(Kind::WrongKind, "its data directory is not a directory".to_owned()));
        }
        Err(error) => return troubles.push(whole(Kind::Unreadable, error.to_string())),
    };
    let kinds: HashMap<&str, FileKind> = entries.iter().map(|entry| (entry.name.as_str(), entry.kind)).collect();
    for part in parts {
        let name = format!("part.{}", part.number);
        let path = format!("{dir}/{name}");
        let found = match kinds.get(name.as_str()) {
            None => Err((Kind::ShardMissing, "its file is missing".to_owned())),
            Some(FileKind::Dir) => Err((Kind::WrongKind, "a directory stands in its place".to_owned())),
            Some(FileKind::Other) => Err((Kind::WrongKind, "a link, pipe or device stands in its place".to_owned())),
            Some(FileKind::File) => verify_file(fs, &path, plan.frame, part, read),
        };
        if let Err((kind, detail)) = found {
            let part = Some(part.number);
            troubles.push(Trouble { version: plan.version, part, kind, path: Some(path), detail });
        }
    }
}

/// Verifies one file of shards.
pub(crate) fn verify_file(
    fs: &dyn FileSystem,
    path: &str,
    frame: usize,
    part: &PartFile,
    read: &AtomicU64,
) -> Result<(), (Kind, String)> {
    let unreadable = |error: io::Error| (Kind::Unreadable, error.to_string());
    let file = fs.open(path).map_err(unreadable)?;
    if file.size() != part.length {
        return Err((Kind::ShardLength, format!("{} bytes, {} expected", file.size(), part.length)));
    }
    let verified = match &part.whole {
        Some((algorithm, digest)) => verify_whole(&file, part.length, *algorithm, digest, read),
        None => verify_frames(&file, part.length, frame, read),
    };
    file.drop_behind();
    verified
}

fn verify_frames(file: &Arc<dyn ReadFile>, length: u64, frame: usize, read: &AtomicU64) -> Result<(), (Kind, String)> {
    let mut offset = 0;
    let mut block = 0;
    while offset < length {
        let bytes = piece(file, offset, length, frame.max(DIGEST_LEN).saturating_mul(FRAMES_AT_ONCE), read)?;
        for frame in bytes.chunks(frame.max(DIGEST_LEN)) {
            if let Err(mismatch) = verify_frame(frame) {
                return Err((Kind::ShardCorrupt, format!("block {block}: {mismatch}")));
            }
            block += 1;
        }
        offset += bytes.len() as u64;
    }
    Ok(())
}

fn verify_whole(
    file: &Arc<dyn ReadFile>,
    length: u64,
    algorithm: BitrotAlgorithm,
    digest: &[u8],
    read: &AtomicU64,
) -> Result<(), (Kind, String)> {
    let mut hasher = algorithm.hasher();
    let mut offset = 0;
    while offset < length {
        let bytes = piece(file, offset, length, PIECE, read)?;
        hasher.update(&bytes);
        offset += bytes.len() as u64;
    }
    hasher
        .verify(digest)
        .map_err(|mismatch| (Kind::ShardCorrupt, format!("{} of the file: {mismatch}", algorithm.name())))
}

fn piece(
    file: &Arc<dyn ReadFile>,
    offset: u64,
    length: u64,
    most: usize,
    read: &AtomicU64,
) -> Result<Bytes, (Kind, String)> {
    let want = usize::try_from(length - offset).unwrap_or(usize::MAX).min(most);
    let bytes = file.read_at(offset, want).map_err(|error| (Kind::Unreadable, format!("at byte {offset}: {error}")))?;
    if bytes.len() < want {
        return Err((Kind::ShardLength, format!("it ends at byte {}", offset + bytes.len() as u64)));
    }
    read.fetch_add(want as u64, Ordering::Relaxed);
    Ok(bytes)
}
