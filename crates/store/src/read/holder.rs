//! One drive's shard of a version, wherever it lies.

use bytes::Bytes;
use drive::{Drive, DriveError, DriveResult, ShardReader};
use erasure::bitrot::BitrotAlgorithm;
use format::xl::LegacyChecksum;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use tokio::sync::Mutex;

/// Bytes read at a time where a whole file must be hashed.
const HASH_STEP: u64 = base::MIB;

/// A drive that holds a shard of the version.
#[derive(Debug)]
pub(super) struct Holder {
    pub(super) position: usize,
    /// The shard's number, from 0.
    pub(super) shard: usize,
    pub(super) drive: Arc<dyn Drive>,
    pub(super) data: Data,
    /// Digests over whole shard files, where an old release kept them: each drive has those of its own.
    checksums: Vec<LegacyChecksum>,
    /// It failed before: asked only when others don't suffice.
    suspect: AtomicBool,
}

/// Where a shard's frames are.
#[derive(Debug)]
pub(super) enum Data {
    Inline(Bytes),
    Files {
        data_dir: String,
        /// The part file read last.
        open: Mutex<Option<(u32, Reader)>>,
    },
}

/// A shard that can be read.
pub(super) enum Opened {
    Inline(Bytes),
    File(Reader),
}

/// An open shard file.
#[derive(Clone)]
pub(super) struct Reader(pub(super) Arc<dyn ShardReader>);

impl std::fmt::Debug for Reader {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("Reader")
    }
}

/// Whether a file has the digest that an old release recorded. One of an unknown kind is none.
pub(crate) async fn is_whole(reader: &dyn ShardReader, checksum: &LegacyChecksum) -> DriveResult<bool> {
    let Some(algorithm) = BitrotAlgorithm::from_id(checksum.algorithm) else { return Ok(false) };
    let mut hasher = algorithm.hasher();
    let mut offset = 0;
    while offset < reader.len() {
        let step = HASH_STEP.min(reader.len() - offset);
        let bytes = reader.read_at(offset, usize::try_from(step).unwrap_or(usize::MAX)).await?;
        hasher.update(&bytes);
        offset += step;
    }
    Ok(hasher.finish() == checksum.hash[..])
}

impl Holder {
    pub(super) fn new(position: usize, shard: usize, drive: Arc<dyn Drive>, data: Data) -> Self {
        Holder { position, shard, drive, data, checksums: Vec::new(), suspect: AtomicBool::new(false) }
    }

    pub(super) fn with_checksums(self, checksums: Vec<LegacyChecksum>) -> Self {
        Holder { checksums, ..self }
    }

    pub(super) fn is_suspect(&self) -> bool {
        self.suspect.load(Ordering::Relaxed)
    }

    pub(super) fn suspect(&self) {
        self.suspect.store(true, Ordering::Relaxed);
    }

    /// The shard of part `part`, ready to be read. If it has a digest over the `whole` file, that is checked before anything
    /// of it is believed.
    pub(super) async fn open(&self, bucket: &str, object: &str, part: u32, whole: bool) -> DriveResult<Opened> {
        let (data_dir, open) = match &self.data {
            Data::Inline(frames) => return Ok(Opened::Inline(frames.clone())),
            Data::Files { data_dir, open } => (data_dir, open),
        };
        let mut open = open.lock().await;
        if let Some((number, reader)) = &*open
            && *number == part
        {
            return Ok(Opened::File(reader.clone()));
        }
        let reader = Reader(self.drive.open_shard(bucket, object, data_dir, part).await?.into());
        if whole {
            let own = self.checksums.iter().find(|sum| sum.part_number == part);
            let own = own.ok_or_else(|| self.corrupt(object, format!("part {part} has no digest")))?;
            self.check_whole(&reader, object, own).await?;
        }
        *open = Some((part, reader.clone()));
        Ok(Opened::File(reader))
    }

    /// What lies at `span` of what was opened.
    pub(super) async fn read(&self, opened: &Opened, object: &str, span: &Range<u64>) -> DriveResult<Bytes> {
        match opened {
            Opened::Inline(frames) => self.inline_piece(frames, object, span),
            Opened::File(reader) => {
                let length = usize::try_from(span.end - span.start).unwrap_or(usize::MAX);
                reader.0.read_at(span.start, length).await
            }
        }
    }

    /// What lies at `span` of data that came with the metadata.
    pub(super) fn inline_piece(&self, frames: &Bytes, object: &str, span: &Range<u64>) -> DriveResult<Bytes> {
        let at = |place: u64| usize::try_from(place).ok().filter(|place| *place <= frames.len());
        match (at(span.start), at(span.end)) {
            (Some(start), Some(end)) => Ok(frames.slice(start..end)),
            _ => Err(self.corrupt(object, "the data in its metadata is too short".to_owned())),
        }
    }

    async fn check_whole(&self, reader: &Reader, object: &str, checksum: &LegacyChecksum) -> DriveResult<()> {
        if is_whole(&*reader.0, checksum).await? {
            return Ok(());
        }
        Err(self.corrupt(object, "its digest is not that of its bytes".to_owned()))
    }

    /// The error for bytes that aren't what was written.
    pub(super) fn corrupt(&self, object: &str, reason: String) -> DriveError {
        DriveError::Corrupt { drive: self.drive.name().to_owned(), path: object.to_owned(), reason }
    }
}
