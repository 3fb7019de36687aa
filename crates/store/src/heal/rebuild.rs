//! Making the shards of drives that lack them: the version is read as any reader would, verified and if need be
//! decoded, laid out again as it was, and of the frames those are kept that are wanted. Encoding has one outcome, so
//! they are the ones that were lost.

use crate::StoreError;
use crate::frames::{FrameBuffer, framed_len};
use crate::layout::Layout;
use crate::quorum::Agreed;
use crate::read;
use crate::readers::Reading;
use crate::set::{Drives, Set};
use crate::stage::StagedFiles;
use crate::store::Inner;
use base::ByteStream;
use bytes::{Bytes, BytesMut};
use drive::{DataSource, DriveResult, Inline, ShardWriter};
use format::xl::{ObjectVersion, XlMeta};
use futures_util::StreamExt;
use std::sync::Arc;

/// Shards made for some drives.
pub(super) struct Rebuilt {
    /// By position: what the drive's commit is to take over; `None` where nothing was wanted or the drive failed.
    pub(super) shares: Vec<Option<(Inline, DataSource)>>,
    /// Keeps staged files until the commits have taken them over.
    pub(super) files: StagedFiles,
}

/// What is rebuilt, and for whom.
pub(super) struct Rebuild<'a> {
    pub(super) inner: &'a Inner,
    pub(super) set: &'a Arc<Set>,
    pub(super) bucket: &'a str,
    pub(super) object: &'a str,
    pub(super) agreed: &'a Agreed,
    pub(super) version: &'a ObjectVersion,
    pub(super) drives: &'a Drives,
    /// Positions that want a shard.
    pub(super) wanted: &'a [usize],
}

impl Rebuild<'_> {
    /// Reads the version and makes the shards. `reading` was entered before the metadata was read.
    pub(super) async fn run(&self, reading: Reading) -> Result<Rebuilt, StoreError> {
        let layout = Layout::of(self.version).map_err(|error| StoreError::Damaged {
            what: format!("{}/{}", self.bucket, self.object),
            reason: error.to_string(),
        })?;
        let files = StagedFiles::new(self.set, self.drives);
        let name = (self.bucket, self.object);
        let mut body = read::whole_body(self.inner, self.set, name, self.agreed.clone(), reading)?;
        let shares = if self.version.is_inline() && self.is_held_inline() {
            self.inline(&layout, body).await?
        } else {
            self.parts(&layout, &mut body, &files).await?
        };
        Ok(Rebuilt { shares, files })
    }

    /// Whether the data lies inline as it is said to: copies that MinIO wrote to files may be called inline still.
    fn is_held_inline(&self) -> bool {
        let ObjectVersion { version_id, data_dir, .. } = self.version;
        let held = |meta: &XlMeta| meta.inline.get_or_by_data_dir(*version_id, *data_dir).is_some();
        self.agreed.holders.iter().flatten().any(|meta| held(meta))
    }

    async fn inline(
        &self,
        layout: &Layout,
        mut body: ByteStream,
    ) -> Result<Vec<Option<(Inline, DataSource)>>, StoreError> {
        let mut content = BytesMut::new();
        while let Some(piece) = body.next().await {
            content.extend_from_slice(&piece.map_err(StoreError::Body)?);
        }
        let buffer = self.inner.memory.unshared(framed_len(layout, content.len()));
        let mut frames = FrameBuffer::new(layout, buffer, content.len(), 0);
        frames.fill(&mut content.freeze());
        let frames = frames.finish(&self.inner.memory);
        let share = |position: usize| {
            let frames = Bytes::copy_from_slice(&frames[layout.shard_of(position)]);
            (Inline::Set(frames), DataSource::None)
        };
        Ok(self.by_position(share))
    }

    async fn parts(
        &self,
        layout: &Layout,
        body: &mut ByteStream,
        files: &StagedFiles,
    ) -> Result<Vec<Option<(Inline, DataSource)>>, StoreError> {
        let mut failed = vec![false; self.set.size()];
        let mut rest = Bytes::new();
        for part in &self.version.parts {
            let mut writers = self.writers(part.number, part.size, files, &mut failed).await;
            let mut left = part.size;
            // Bytes in every shard's file.
            let mut before = 0;
            while left > 0 {
                let len = usize::try_from(left.min(layout.geometry.block_size())).unwrap_or(usize::MAX);
                let buffer = self.inner.memory.buffer(framed_len(layout, len)).await?;
                let mut block = FrameBuffer::new(layout, buffer, len, before);
                before += block.shard_len();
                while block.remaining() > 0 {
                    if rest.is_empty() {
                        let Some(piece) = body.next().await else {
                            return Err(StoreError::ShortBody { expected: part.size, got: part.size - left });
                        };
                        rest = piece.map_err(StoreError::Body)?;
                    }
                    block.fill(&mut rest);
                }
                let frames = block.finish(&self.inner.memory);
                for (position, writer) in &mut writers {
                    let frame = frames[layout.shard_of(*position)].clone();
                    note(&mut failed, *position, writer.write(vec![frame]).await);
                }
                writers.retain(|(position, _)| !failed[*position]);
                left -= u64::try_from(len).unwrap_or(left);
            }
            for (position, writer) in writers {
                note(&mut failed, position, writer.finish().await);
            }
        }
        let staged = |_| (Inline::Remove, DataSource::Staged(files.token()));
        let mut shares = self.by_position(staged);
        for (share, _) in shares.iter_mut().zip(failed).filter(|(_, failed)| *failed) {
            *share = None;
        }
        Ok(shares)
    }

    async fn writers(
        &self,
        part: u32,
        size: u64,
        files: &StagedFiles,
        failed: &mut [bool],
    ) -> Vec<(usize, Box<dyn ShardWriter>)> {
        let mut writers = Vec::with_capacity(self.wanted.len());
        let shard_size = Layout::of(self.version).ok().and_then(|layout| layout.geometry.framed_file_size(size).ok());
        for &position in self.wanted.iter().filter(|&&position| !failed[position]).collect::<Vec<_>>() {
            let Some(drive) = &self.drives[position] else { continue };
            match drive.stage_shard(files.token(), self.version.data_dir, part, shard_size).await {
                Ok(writer) => writers.push((position, writer)),
                Err(error) => note(failed, position, Err(error)),
            }
        }
        writers
    }

    fn by_position<T>(&self, share: impl Fn(usize) -> T) -> Vec<Option<T>> {
        (0..self.set.size()).map(|position| self.wanted.contains(&position).then(|| share(position))).collect()
    }
}

/// Remembers that a drive can't be healed now.
fn note(failed: &mut [bool], position: usize, result: DriveResult<()>) {
    if let Err(error) = result {
        tracing::warn!(%error, "a drive can't take what healing made for it");
        failed[position] = true;
    }
}
