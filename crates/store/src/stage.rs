//! Bringing a body to the drives: blocks are filled, encoded and written at the same time.
//!
//! While one block is being filled from the body, the one before it is encoded on another thread and those before
//! that are on their way to the drives. A drive that fails is dropped; below the write quorum the whole is given up.
//! What lies in the drives' staging is owned by [`StagedFiles`], which discards it when dropped.

mod writers;

use crate::StoreError;
use crate::frames::{FrameBuffer, framed_len};
use crate::layout::Layout;
use crate::memory::{Buffer, Memory};
use crate::set::{Drives, Set};
use base::{ByteStream, TaskHandle, Tasks};
use bytes::Bytes;
use drive::{DriveError, Staging};
use futures_util::StreamExt;
use futures_util::future::BoxFuture;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use uuid::Uuid;
use writers::Writers;

/// Blocks that may be on their way to the drives while another is filled: enough to keep drives busy, and each
/// costs its frames in memory.
const BLOCKS_AHEAD: usize = 2;

/// What is to be staged, and where.
pub(crate) struct StageRequest<'a> {
    pub(crate) set: &'a Arc<Set>,
    /// For errors: as clients name it.
    pub(crate) bucket: &'a str,
    pub(crate) key: &'a str,
    pub(crate) layout: &'a Layout,
    pub(crate) data_dir: Uuid,
    pub(crate) part: u32,
    /// Bytes announced.
    pub(crate) size: Option<u64>,
}

/// Shards that wait for a commit.
#[derive(Debug)]
pub(crate) struct Staged {
    pub(crate) files: StagedFiles,
    /// The snapshot of the set's drives that was written to.
    pub(crate) drives: Drives,
    /// By position: whether the drive has its shard, whole and synced.
    pub(crate) has_shard: Vec<bool>,
    /// Bytes of body.
    pub(crate) size: u64,
}

/// Files in the drives' staging. Discarded on drop, unless a commit took them over.
#[derive(Debug)]
pub(crate) struct StagedFiles {
    staging: Staging,
    drives: Option<Drives>,
    tasks: Tasks,
}

impl StagedFiles {
    /// Nothing yet, for the drives that will have something.
    pub(crate) fn new(set: &Set, drives: &Drives) -> Self {
        let world = &set.shared.world;
        let staging = Staging(world.random.uuid());
        StagedFiles { staging, drives: Some(Arc::clone(drives)), tasks: world.tasks.clone() }
    }

    /// The token under which drives know the files.
    pub(crate) fn token(&self) -> Staging {
        self.staging
    }

    /// A commit has them now: nothing is discarded.
    pub(crate) fn handed_over(mut self) {
        self.drives = None;
    }
}

impl Drop for StagedFiles {
    fn drop(&mut self) {
        let Some(drives) = self.drives.take() else { return };
        let staging = self.staging;
        self.tasks.spawn(async move {
            let discards = drives.iter().flatten().map(|drive| drive.discard(staging));
            for discarded in futures_util::future::join_all(discards).await {
                if let Err(error) = discarded {
                    tracing::debug!(%error, "staged files are left for the drive's housekeeping");
                }
            }
        });
    }
}

/// Writes the whole body as shards into the staging of the set's drives.
pub(crate) async fn stage(
    memory: &Memory,
    request: StageRequest<'_>,
    body: &mut ByteStream,
) -> Result<Staged, StoreError> {
    let set = request.set;
    let drives = set.drives();
    let files = StagedFiles::new(set, &drives);
    let writers = Writers::open(&request, &drives, files.token()).await?;
    let mut pipeline =
        Pipeline { memory: memory.clone(), tasks: set.shared.world.tasks.clone(), encoding: None, writers };
    let size = pipeline.run(&request, body).await?;
    let has_shard = pipeline.writers.finish().await?;
    Ok(Staged { files, drives, has_shard, size })
}

/// Blocks in progress, one being encoded, others being written.
struct Pipeline {
    memory: Memory,
    tasks: Tasks,
    encoding: Option<BoxFuture<'static, Option<Vec<Bytes>>>>,
    writers: Writers,
}

impl Pipeline {
    /// Takes the body to its end; returns its length.
    async fn run(&mut self, request: &StageRequest<'_>, body: &mut ByteStream) -> Result<u64, StoreError> {
        let layout = request.layout;
        let mut size = 0;
        // Bytes in every shard's file.
        let mut before = 0;
        let mut rest = Bytes::new();
        loop {
            let room = request.size.map(|announced| announced - size);
            if rest.is_empty() {
                match self.next_chunk(body).await? {
                    Some(chunk) => rest = chunk,
                    None => break,
                }
            }
            // `room` is checked below: what comes never exceeds what was announced.
            let block = layout.geometry.block_size();
            let len = usize::try_from(room.map_or(block, |room| room.min(block))).unwrap_or(usize::MAX);
            if len == 0 {
                return Err(StoreError::LongBody { expected: request.size.unwrap_or(size) });
            }
            let buffer = self.buffer(framed_len(layout, len)).await?;
            let mut frames = FrameBuffer::new(layout, buffer, len, before);
            before += frames.shard_len();
            frames.fill(&mut rest);
            let mut ended = false;
            while frames.remaining() > 0 && !ended {
                match self.next_chunk(body).await? {
                    Some(chunk) => {
                        rest = chunk;
                        frames.fill(&mut rest);
                    }
                    None => ended = true,
                }
            }
            size += u64::try_from(frames.filled()).unwrap_or(u64::MAX);
            self.encode(frames).await?;
            if ended {
                break;
            }
        }
        self.encoded().await?;
        match request.size {
            Some(expected) if size < expected => Err(StoreError::ShortBody { expected, got: size }),
            _ => Ok(size),
        }
    }

    /// The body's next piece, while the blocks before it go on.
    async fn next_chunk(&mut self, body: &mut ByteStream) -> Result<Option<Bytes>, StoreError> {
        poll_fn(|context| {
            self.advance(context)?;
            match body.poll_next_unpin(context) {
                Poll::Ready(Some(Ok(chunk))) if chunk.is_empty() => {
                    context.waker().wake_by_ref();
                    Poll::Pending
                }
                Poll::Ready(Some(Ok(chunk))) => Poll::Ready(Ok(Some(chunk))),
                Poll::Ready(Some(Err(error))) => Poll::Ready(Err(StoreError::Body(error))),
                Poll::Ready(None) => Poll::Ready(Ok(None)),
                Poll::Pending => Poll::Pending,
            }
        })
        .await
    }

    /// Room for another block: at once if the budget has it, else when those before are written.
    async fn buffer(&mut self, len: usize) -> Result<Buffer, StoreError> {
        self.written_down_to(BLOCKS_AHEAD).await?;
        if let Some(buffer) = self.memory.try_buffer(len) {
            return Ok(buffer);
        }
        self.encoded().await?;
        self.written_down_to(0).await?;
        self.memory.buffer(len).await
    }

    /// Hands a full block to the encoder.
    async fn encode(&mut self, frames: FrameBuffer) -> Result<(), StoreError> {
        self.encoded().await?;
        let memory = self.memory.clone();
        let encoding: TaskHandle<Vec<Bytes>> = self.tasks.spawn(async move { frames.finish(&memory) });
        self.encoding = Some(Box::pin(encoding.join()));
        Ok(())
    }

    /// Waits for the block at the encoder to be on its way to the drives.
    async fn encoded(&mut self) -> Result<(), StoreError> {
        poll_fn(|context| {
            self.advance(context)?;
            if self.encoding.is_none() { Poll::Ready(Ok(())) } else { Poll::Pending }
        })
        .await
    }

    /// Waits until no drive has more than `blocks` to write.
    async fn written_down_to(&mut self, blocks: usize) -> Result<(), StoreError> {
        poll_fn(|context| {
            self.advance(context)?;
            self.writers.poll_written_down_to(context, blocks)
        })
        .await
    }

    /// Moves everything on that can move.
    fn advance(&mut self, context: &mut Context<'_>) -> Result<(), StoreError> {
        if let Some(encoding) = &mut self.encoding
            && let Poll::Ready(frames) = encoding.as_mut().poll(context)
        {
            self.encoding = None;
            // A task ends without a result only when the runtime is going down.
            self.writers.submit(frames.ok_or(StoreError::Closing)?);
        }
        self.writers.advance(context)
    }
}

/// Why a drive that had to be given up counts as failed.
fn too_slow(name: &str) -> DriveError {
    DriveError::TimedOut { drive: name.to_owned() }
}
