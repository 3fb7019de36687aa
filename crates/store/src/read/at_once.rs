//! Frames that the system has in memory, read on the thread that asks: no hop to a drive's thread and back, and what was
//! read is verified and sent while it is in that processor's cache.

use super::fetch::Shards;
use super::holder::Holder;
use super::plan::Group;
use super::source::Source;
use drive::{DriveResult, ShardReader};
use erasure::bitrot::{DIGEST_LEN, Hasher};
use std::ops::Range;

/// Bytes read, then hashed: several such fit into a processor's own cache.
const STEP: usize = 128 << 10;

/// The most that is read on the asking thread, which others wait for: some hundred microseconds.
const MOST: usize = 2 << 20;

impl Source {
    /// The holder's shard of each block of the group, verified; `span` is where their frames are in the file. `None` if
    /// any of it has to be waited for.
    pub(super) fn read_at_once(
        &self,
        holder: &Holder,
        reader: &dyn ShardReader,
        group: &Group,
        span: &Range<u64>,
    ) -> Option<DriveResult<Shards>> {
        let length = usize::try_from(span.end - span.start).ok().filter(|length| *length <= MOST)?;
        if span.end > reader.len() {
            return None;
        }
        let mut buffer = self.memory.unshared(length);
        let mut frames = Vec::with_capacity(1);
        let mut start = 0;
        for block in group.blocks.clone() {
            let end = start + self.shard_len(group.part, block) + DIGEST_LEN;
            let frame = &mut buffer.bytes_mut()[start..end];
            let offset = span.start + u64::try_from(start).unwrap_or(u64::MAX);
            if !read_and_verify(reader, offset, frame)? {
                let reason = format!("the frame of block {block} is not what its digest says");
                return Some(Err(holder.corrupt(&self.object, reason)));
            }
            frames.push(start + DIGEST_LEN..end);
            start = end;
        }
        let bytes = buffer.freeze();
        Some(Ok(frames.into_iter().map(|frame| bytes.slice(frame)).collect()))
    }
}

/// Fills the frame from the file; whether its digest is right.
fn read_and_verify(reader: &dyn ShardReader, offset: u64, frame: &mut [u8]) -> Option<bool> {
    let mut hasher = Hasher::new();
    let mut at = offset;
    for (nth, step) in frame.chunks_mut(STEP).enumerate() {
        if !reader.read_at_once(at, step) {
            return None;
        }
        at += u64::try_from(step.len()).unwrap_or(u64::MAX);
        hasher.update(if nth == 0 { &step[DIGEST_LEN..] } else { step });
    }
    Some(frame[..DIGEST_LEN] == hasher.finish())
}

#[cfg(test)]
mod tests {
    use super::*;
    use async_trait::async_trait;
    use bytes::Bytes;
    use erasure::bitrot::append_frame;

    /// A file of which the system has the first `cached` bytes in memory.
    struct File {
        bytes: Vec<u8>,
        cached: usize,
    }

    #[async_trait]
    impl ShardReader for File {
        async fn read_at(&self, _: u64, _: usize) -> DriveResult<Bytes> {
            unreachable!("only what is in memory is asked for")
        }

        fn read_at_once(&self, offset: u64, buffer: &mut [u8]) -> bool {
            let start = usize::try_from(offset).expect("small");
            let cached = start + buffer.len() <= self.cached;
            if cached {
                buffer.copy_from_slice(&self.bytes[start..start + buffer.len()]);
            }
            cached
        }

        fn len(&self) -> u64 {
            u64::try_from(self.bytes.len()).expect("small")
        }
    }

    #[test]
    fn a_frame_is_believed_only_whole_and_right() {
        for len in [1, STEP - DIGEST_LEN, STEP - DIGEST_LEN + 1, STEP, 3 * STEP + 7] {
            let shard: Vec<u8> = (0..len).map(|at| u8::try_from(at % 251).expect("small")).collect();
            let mut bytes = vec![9; 5];
            append_frame(&mut bytes, &shard);
            let whole = bytes.len();
            let mut frame = vec![0; whole - 5];
            let mut file = File { bytes, cached: whole };
            assert_eq!(read_and_verify(&file, 5, &mut frame), Some(true), "{len}");
            assert_eq!(frame[DIGEST_LEN..], shard);
            for at in [5, 5 + DIGEST_LEN, whole - 1] {
                file.bytes[at] ^= 1;
                assert_eq!(read_and_verify(&file, 5, &mut frame), Some(false), "{at} of {len}");
                file.bytes[at] ^= 1;
            }
            file.cached = whole - 1;
            assert_eq!(read_and_verify(&file, 5, &mut frame), None, "{len}");
        }
    }
}
