//! Fetching one group of blocks: from the data shards if they are whole, else from any M shards.

use super::holder::{Data, Holder, Opened};
use super::plan::Group;
use super::source::Source;
use crate::StoreError;
use crate::gather::Gather;
use bytes::Bytes;
use drive::{DriveError, DriveResult};
use erasure::bitrot;
use std::collections::VecDeque;
use std::ops::Range;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

/// How long a drive may take before another is asked for the same: far beyond a healthy drive's worst.
const HEDGE: Duration = Duration::from_secs(2);

/// One shard of each block of a group.
pub(super) type Shards = Vec<Bytes>;

/// A group's shards as they come in.
struct Fetch<'a> {
    source: &'a Arc<Source>,
    group: &'a Group,
    /// Data shards that hold bytes of the range.
    needed: Range<usize>,
    got: Vec<Option<Shards>>,
    gather: Gather<'a, Shards>,
    /// Holders asked, by position.
    asked: Vec<usize>,
    /// Any M shards will do, as a needed one can't be had.
    degraded: bool,
    /// Drives asked beyond M because others are slow.
    extra: usize,
    last_error: Option<DriveError>,
}

impl Source {
    /// The bytes of a group, in pieces.
    pub(super) async fn fetch(self: &Arc<Self>, group: &Group) -> Result<VecDeque<Bytes>, StoreError> {
        if let Some(pieces) = self.fetch_inline(group) {
            return Ok(pieces);
        }
        let fetched = self.fetch_together(group).await;
        if fetched.is_ok() || group.blocks.end - group.blocks.start == 1 {
            return fetched;
        }
        // Together the blocks have too few whole shards; each by itself may have enough.
        let mut pieces = VecDeque::new();
        for block in group.blocks.clone() {
            let block_size = self.layout.geometry.block_size();
            let start = group.bytes.start.max(block * block_size);
            let end = group.bytes.end.min((block + 1).saturating_mul(block_size));
            let single = Group { part: group.part, blocks: block..block + 1, bytes: start..end };
            pieces.extend(self.fetch_together(&single).await?);
        }
        Ok(pieces)
    }

    async fn fetch_together(self: &Arc<Self>, group: &Group) -> Result<VecDeque<Bytes>, StoreError> {
        let mut fetch = Fetch {
            source: self,
            group,
            needed: self.needed(group),
            got: vec![None; self.layout.geometry.total()],
            gather: Gather::new([]),
            asked: Vec::new(),
            degraded: false,
            extra: 0,
            last_error: None,
        };
        fetch.run().await?;
        fetch.recover()?;
        Ok(self.pieces(group, &fetch.needed, |shard| fetch.got[shard].as_ref()))
    }

    /// The same where all that is needed came with the metadata and is whole; otherwise it is for the long way to say
    /// what is wrong.
    fn fetch_inline(&self, group: &Group) -> Option<VecDeque<Bytes>> {
        if self.has_whole_digests(self.parts[group.part].number) {
            return None;
        }
        let (holders, needed) = (self.holders(), self.needed(group));
        let span = self.layout.geometry.framed_range(self.parts[group.part].size, group.blocks.clone()).ok()?;
        let mut got = Vec::with_capacity(needed.len());
        for shard in needed.clone() {
            let holder = holders.iter().find(|holder| holder.shard == shard && !holder.is_suspect())?;
            let Data::Inline(frames) = &holder.data else { return None };
            let frames = holder.inline_piece(frames, &self.object, &span).ok()?;
            got.push(self.unframe(holder, group, frames).ok()?);
        }
        Some(self.pieces(group, &needed, |shard| got.get(shard - needed.start)))
    }

    /// The range's bytes, block by block, shard by shard, from the shards `needed`.
    fn pieces<'a>(
        &self,
        group: &Group,
        needed: &Range<usize>,
        got: impl Fn(usize) -> Option<&'a Shards>,
    ) -> VecDeque<Bytes> {
        let geometry = &self.layout.geometry;
        let part_size = self.parts[group.part].size;
        let mut pieces = VecDeque::with_capacity(needed.len());
        for (nth, block) in group.blocks.clone().enumerate() {
            let block_start = block * geometry.block_size();
            let block_len = geometry.block_len(part_size, block);
            let from = group.bytes.start.max(block_start) - block_start;
            let to = group.bytes.end.min(block_start + block_len) - block_start;
            for shard in needed.clone() {
                let held = geometry.data_range(block_len, shard);
                let (start, end) = (held.start.max(from), held.end.min(to));
                if start < end
                    && let Some(shards) = got(shard)
                {
                    let offset = |at: u64| usize::try_from(at - held.start).unwrap_or(usize::MAX);
                    pieces.push_back(shards[nth].slice(offset(start)..offset(end)));
                }
            }
        }
        pieces
    }

    /// The data shards that hold bytes of the group's range.
    fn needed(&self, group: &Group) -> Range<usize> {
        let geometry = &self.layout.geometry;
        if group.blocks.end - group.blocks.start != 1 {
            return 0..geometry.data();
        }
        let block_start = group.blocks.start * geometry.block_size();
        let shard_len = geometry.shard_len(geometry.block_len(self.parts[group.part].size, group.blocks.start)).max(1);
        let shard = |at: u64| usize::try_from((at - block_start) / shard_len).unwrap_or(usize::MAX);
        shard(group.bytes.start)..shard(group.bytes.end - 1).saturating_add(1).min(geometry.data())
    }

    /// The holder's shard of each block, verified.
    async fn read_shards(self: Arc<Self>, holder: Arc<Holder>, group: Group) -> DriveResult<Shards> {
        let part = &self.parts[group.part];
        let geometry = &self.layout.geometry;
        let whole = self.has_whole_digests(part.number);
        let too_long = |error: erasure::GeometryError| holder.corrupt(&self.object, error.to_string());
        let span = if whole {
            let start = group.blocks.start.saturating_mul(geometry.shard_size());
            let end = group.blocks.end.saturating_mul(geometry.shard_size());
            start..end.min(geometry.shard_file_size(part.size))
        } else {
            geometry.framed_range(part.size, group.blocks.clone()).map_err(too_long)?
        };
        let opened = holder.open(&self.bucket, &self.object, part.number, whole).await?;
        if let Opened::File(reader) = &opened
            && !whole
            && let Some(shards) = self.read_at_once(&holder, &*reader.0, &group, &span)
        {
            return shards;
        }
        let mut bytes = holder.read(&opened, &self.object, &span).await?;
        if !whole {
            return self.unframe(&holder, &group, bytes);
        }
        Ok(group.blocks.clone().map(|block| bytes.split_to(self.shard_len(group.part, block))).collect())
    }

    /// The shard of each block of the group from their frames, verified.
    fn unframe(&self, holder: &Holder, group: &Group, mut frames: Bytes) -> DriveResult<Shards> {
        let mut shards = Vec::with_capacity(1);
        for block in group.blocks.clone() {
            let frame = frames.split_to(self.shard_len(group.part, block) + bitrot::DIGEST_LEN);
            bitrot::verify_frame(&frame).map_err(|error| holder.corrupt(&self.object, error.to_string()))?;
            shards.push(frame.slice(bitrot::DIGEST_LEN..));
        }
        Ok(shards)
    }

    /// Bytes of each shard of a block.
    pub(super) fn shard_len(&self, part: usize, block: u64) -> usize {
        let geometry = &self.layout.geometry;
        let shard_len = geometry.shard_len(geometry.block_len(self.parts[part].size, block));
        usize::try_from(shard_len).unwrap_or(usize::MAX)
    }

    /// Tells the healer, once for a reader.
    fn report(&self, error: &DriveError) {
        let deep = matches!(error, DriveError::Corrupt { .. });
        if (deep || error.is_absence()) && !self.reported.swap(true, Ordering::Relaxed) {
            self.set.heal_later(&self.bucket, &self.object, Some(self.version_id), deep);
        }
    }
}

impl Fetch<'_> {
    /// Gets the needed data shards, or any M.
    async fn run(&mut self) -> Result<(), StoreError> {
        while !self.is_enough() {
            self.ask();
            if self.gather.pending() == 0 {
                if self.source.complete.swap(true, Ordering::SeqCst) {
                    return Err(self.error());
                }
                self.source.find_all_holders().await;
                continue;
            }
            let hedge = self.source.set.shared.world.clock.sleep(HEDGE);
            tokio::select! {
                biased;
                next = self.gather.next() => self.take(next),
                () = hedge => {
                    self.degraded = true;
                    self.extra += 1;
                }
            }
        }
        Ok(())
    }

    fn is_enough(&self) -> bool {
        let needed = self.needed.clone().all(|shard| self.got[shard].is_some());
        needed || self.got.iter().flatten().count() >= self.source.layout.geometry.data()
    }

    /// Asks those that are to be asked now.
    fn ask(&mut self) {
        let holders = self.source.holders();
        if !self.degraded {
            for shard in self.needed.clone() {
                match holders.iter().find(|holder| holder.shard == shard && !holder.is_suspect()) {
                    Some(holder) => self.ask_holder(holder),
                    None => self.degraded = true,
                }
            }
        }
        if !self.degraded {
            return;
        }
        let mut candidates: Vec<&Arc<Holder>> = holders.iter().collect();
        candidates.sort_by_key(|holder| (holder.is_suspect(), holder.shard));
        let enough = self.source.layout.geometry.data() + self.extra;
        for holder in candidates {
            if self.got.iter().flatten().count() + self.gather.pending() >= enough {
                return;
            }
            if self.got.get(holder.shard).is_some_and(Option::is_none) {
                self.ask_holder(holder);
            }
        }
    }

    fn ask_holder(&mut self, holder: &Arc<Holder>) {
        if self.asked.contains(&holder.position) {
            return;
        }
        self.asked.push(holder.position);
        let source = Arc::clone(self.source);
        let question = source.read_shards(Arc::clone(holder), self.group.clone());
        self.gather.push(holder.position, Box::pin(question));
    }

    fn take(&mut self, answer: Option<(usize, DriveResult<Shards>)>) {
        let Some((position, answer)) = answer else { return };
        let holders = self.source.holders();
        let Some(holder) = holders.iter().find(|holder| holder.position == position) else { return };
        match answer {
            Ok(shards) => self.got[holder.shard] = Some(shards),
            Err(error) => {
                tracing::debug!(%error, "a shard can't be read");
                holder.suspect();
                self.degraded = true;
                self.source.report(&error);
                self.last_error = Some(error);
            }
        }
    }

    fn error(&self) -> StoreError {
        StoreError::ReadQuorum {
            what: format!("{}/{}", self.source.bucket, self.source.object),
            got: self.got.iter().flatten().count(),
            needed: self.source.layout.geometry.data(),
            cause: self.last_error.as_ref().map_or_else(|| "drives are offline".to_owned(), ToString::to_string),
        }
    }

    /// Makes the needed data shards that didn't come.
    fn recover(&mut self) -> Result<(), StoreError> {
        let missing: Vec<usize> = self.needed.clone().filter(|&shard| self.got[shard].is_none()).collect();
        if missing.is_empty() {
            return Ok(());
        }
        let code = &self.source.layout.code;
        let present = (0..self.got.len()).filter(|&shard| self.got[shard].is_some());
        let sources: Vec<usize> = present.take(code.data()).collect();
        let damaged = |error: erasure::ShardError| StoreError::Damaged {
            what: format!("{}/{}", self.source.bucket, self.source.object),
            reason: error.to_string(),
        };
        let recovery = code.recovery(&sources, &missing).map_err(damaged)?;
        let blocks = self.got[sources[0]].as_ref().map_or(0, Vec::len);
        let mut made: Vec<Shards> = vec![Vec::with_capacity(blocks); missing.len()];
        for block in 0..blocks {
            let inputs: Vec<&[u8]> =
                sources.iter().filter_map(|&shard| self.got[shard].as_ref().map(|shards| &shards[block][..])).collect();
            let mut outputs = vec![vec![0; inputs[0].len()]; missing.len()];
            let mut slices: Vec<&mut [u8]> = outputs.iter_mut().map(Vec::as_mut_slice).collect();
            recovery.run(&inputs, &mut slices).map_err(damaged)?;
            made.iter_mut().zip(outputs).for_each(|(shards, output)| shards.push(output.into()));
        }
        for (shard, shards) in missing.into_iter().zip(made) {
            self.got[shard] = Some(shards);
        }
        Ok(())
    }
}
