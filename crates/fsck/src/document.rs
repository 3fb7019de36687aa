//! The server's own documents, read from the drives without a server: objects of `.minio.sys`, small and inline as a rule.

use crate::deployment::{Deployment, SetView};
use crate::look::{DriveCopy, look_everywhere};
use bytes::Bytes;
use drive::FileKind;
use erasure::bitrot::{DIGEST_LEN, verify_frame};
use erasure::{Geometry, ReedSolomon};
use format::names::SYSTEM_BUCKET;
use format::xl::{Header, ObjectVersion, Version, XL_META, XlMeta};
use std::collections::{BTreeSet, HashMap};
use uuid::Uuid;

/// As much as the server reads of one.
const LONGEST: u64 = 64 << 20;
/// Names of one directory of documents.
const MOST_NAMES: usize = 1_000_000;

/// Why a document that is there can't be read.
#[derive(Debug, thiserror::Error)]
pub enum DocumentError {
    #[error("too few drives have '{path}' whole")]
    Lost { path: String },
    #[error("'{path}' has {size} bytes, more than any document")]
    TooLong { path: String, size: u64 },
}

/// A document by its path below `.minio.sys`; `None` if there is none. Of several pools the newest copy counts.
pub async fn read_document(deployment: &Deployment, path: &str) -> Result<Option<Bytes>, DocumentError> {
    let mut newest: Option<(base::Timestamp, Result<Bytes, DocumentError>)> = None;
    let mut broken = None;
    for set in deployment.sets_of(path) {
        match read_in(set, path).await {
            Ok(None) => {}
            Ok(Some((time, content))) => {
                if newest.as_ref().is_none_or(|(other, _)| *other < time) {
                    newest = Some((time, content));
                }
            }
            Err(error) => broken = Some(error),
        }
    }
    match (newest, broken) {
        (Some((_, content)), _) => content.map(|content| (!content.is_empty()).then_some(content)),
        (None, Some(error)) => Err(error),
        (None, None) => Ok(None),
    }
}

type Content = Result<Bytes, DocumentError>;

async fn read_in(set: &SetView, path: &str) -> Result<Option<(base::Timestamp, Content)>, DocumentError> {
    let lost = || DocumentError::Lost { path: path.to_owned() };
    let looks = look_everywhere(set, &format!("{SYSTEM_BUCKET}/{path}")).await;
    let metas: Vec<Option<&XlMeta>> =
        looks.iter().map(|look| if let DriveCopy::Held(meta) = &look.copy { Some(&**meta) } else { None }).collect();
    let mut votes: HashMap<Header, usize> = HashMap::new();
    for meta in metas.iter().flatten() {
        if let Some(latest) = meta.latest() {
            *votes.entry(latest.header).or_default() += 1;
        }
    }
    let Some((header, count)) = votes.into_iter().max_by_key(|(header, count)| (*count, header.mod_time)) else {
        let broken = looks.iter().any(|look| matches!(look.copy, DriveCopy::Broken { .. }));
        return if broken { Err(lost()) } else { Ok(None) };
    };
    let holds = |meta: &&XlMeta| meta.latest().is_some_and(|latest| latest.header == header);
    let Some(version) = metas.iter().flatten().find(|meta| holds(meta)).and_then(|meta| meta.latest()?.decode().ok())
    else {
        return Err(lost());
    };
    let Some(object) = version.as_object() else { return Ok(None) };
    if count < usize::from(object.data) {
        return Err(lost());
    }
    if object.size > LONGEST {
        return Err(DocumentError::TooLong { path: path.to_owned(), size: object.size });
    }
    let mut shards: Vec<Vec<Option<Bytes>>> = vec![Vec::new(); object.parts.len()];
    for (position, meta) in metas.iter().enumerate() {
        let meta = meta.filter(|meta| holds(meta));
        let files = files_of(set, position, meta, &version, path).await;
        for (part, file) in shards.iter_mut().zip(files) {
            part.push(file);
        }
    }
    Ok(Some((header.mod_time, join(&object, &shards).ok_or_else(lost))))
}

/// A drive's shard files of all parts, in the order of the parts.
async fn files_of(
    set: &SetView,
    position: usize,
    meta: Option<&XlMeta>,
    version: &Version,
    path: &str,
) -> Vec<Option<Bytes>> {
    let Some(object) = version.as_object() else { return Vec::new() };
    let nothing = vec![None; object.parts.len()];
    let (Some(meta), Some(drive)) = (meta, &set.drives[position]) else { return nothing };
    let own = meta.latest().and_then(|latest| latest.placement().ok().flatten());
    let data_dir = own.map_or(object.data_dir, |own| own.data_dir);
    if let Some(frames) = meta.inline.get_or_by_data_dir(Uuid::nil(), data_dir) {
        return vec![Some(frames.clone()); object.parts.len()];
    }
    let limit = usize::try_from(LONGEST * 2).unwrap_or(usize::MAX);
    let paths: Vec<String> =
        object.parts.iter().map(|part| format!("{SYSTEM_BUCKET}/{path}/{data_dir}/part.{}", part.number)).collect();
    let read = drive.run(move |fs| Ok(paths.iter().map(|path| fs.read(path, limit).ok()).collect()));
    read.await.unwrap_or(nothing)
}

/// Puts the parts together; `shards` are framed files by part and position.
fn join(object: &ObjectVersion, shards: &[Vec<Option<Bytes>>]) -> Option<Bytes> {
    let geometry = Geometry::new(object.data.into(), object.parity.into(), object.block_size).ok()?;
    let code = ReedSolomon::new(geometry.data(), geometry.parity()).ok()?;
    let mut content = Vec::with_capacity(usize::try_from(object.size).ok()?);
    for (part, files) in object.parts.iter().zip(shards) {
        for block in 0..geometry.block_count(part.size) {
            let range = geometry.framed_range(part.size, block..block + 1).ok()?;
            let range = usize::try_from(range.start).ok()?..usize::try_from(range.end).ok()?;
            let length = usize::try_from(geometry.shard_len(geometry.block_len(part.size, block))).ok()?;
            let mut pieces: Vec<Option<Vec<u8>>> = vec![None; geometry.total()];
            for (file, &shard) in files.iter().zip(&object.distribution) {
                let frame = file.as_ref().and_then(|file| file.get(range.clone()));
                let whole =
                    frame.filter(|frame| frame.len() == length + DIGEST_LEN).and_then(|frame| verify_frame(frame).ok());
                if let (Some(whole), Some(piece)) = (whole, pieces.get_mut(usize::from(shard).checked_sub(1)?)) {
                    *piece = Some(whole.to_vec());
                }
            }
            code.reconstruct_data(&mut pieces).ok()?;
            let end = content.len().checked_add(usize::try_from(geometry.block_len(part.size, block)).ok()?)?;
            for piece in pieces.into_iter().take(geometry.data()).flatten() {
                let room = end - content.len();
                content.extend_from_slice(&piece[..piece.len().min(room)]);
            }
        }
    }
    (content.len() as u64 == object.size).then(|| content.into())
}

/// The paths below `.minio.sys` of all documents below a directory of it, in byte order.
pub async fn list_documents(deployment: &Deployment, dir: &str) -> Vec<String> {
    let mut found = BTreeSet::new();
    for drive in deployment.sets().flat_map(|set| set.drives.iter().flatten()) {
        let mut dirs = vec![dir.to_owned()];
        while let Some(dir) = dirs.pop() {
            let path = format!("{SYSTEM_BUCKET}/{dir}");
            let Ok(entries) = drive.run(move |fs| fs.read_dir(&path, MOST_NAMES)).await else { continue };
            if entries.iter().any(|entry| entry.name == XL_META) {
                found.insert(dir);
                continue;
            }
            dirs.extend(
                entries.iter().filter(|entry| entry.kind == FileKind::Dir).map(|entry| format!("{dir}/{}", entry.name)),
            );
        }
    }
    found.into_iter().collect()
}
