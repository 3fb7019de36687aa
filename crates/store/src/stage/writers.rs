//! The shard files of one body on all drives of its set.

use super::{StageRequest, too_slow};
use crate::StoreError;
use crate::gather::Gather;
use crate::quorum::write_error;
use crate::set::Drives;
use base::World;
use bytes::Bytes;
use drive::{DriveError, DriveResult, ShardWriter, Staging};
use futures_util::future::BoxFuture;
use std::collections::VecDeque;
use std::task::{Context, Poll};
use std::time::Duration;

/// How long a drive may lag when a quorum of the others is done, before the write goes on without it.
const LAG: Duration = Duration::from_secs(5);

type Written = (Box<dyn ShardWriter>, DriveResult<()>);

/// Writers by position; those that failed are dropped one by one.
pub(super) struct Writers {
    states: Vec<State>,
    /// The shard, from 0, of each position.
    shards: Vec<usize>,
    quorum: usize,
    bucket: String,
    key: String,
    names: Vec<String>,
    world: World,
    lag: Option<BoxFuture<'static, ()>>,
}

struct State {
    writing: Writing,
    /// Frames that wait for the write in progress.
    queue: VecDeque<Bytes>,
    /// Frames in the write in progress.
    busy: usize,
}

enum Writing {
    Idle(Box<dyn ShardWriter>),
    Busy(BoxFuture<'static, Written>),
    Failed(DriveError),
}

impl State {
    fn failed(error: DriveError) -> Self {
        State { writing: Writing::Failed(error), queue: VecDeque::new(), busy: 0 }
    }

    fn backlog(&self) -> usize {
        self.busy + self.queue.len()
    }

    fn is_alive(&self) -> bool {
        !matches!(self.writing, Writing::Failed(_))
    }

    /// Starts, continues or ends writes as far as they go now.
    fn advance(&mut self, context: &mut Context<'_>) {
        loop {
            match std::mem::replace(&mut self.writing, Writing::Failed(DriveError::TimedOut { drive: String::new() })) {
                Writing::Idle(mut writer) if !self.queue.is_empty() => {
                    let frames: Vec<Bytes> = self.queue.drain(..).collect();
                    self.busy = frames.len();
                    self.writing = Writing::Busy(Box::pin(async move {
                        let result = writer.write(frames).await;
                        (writer, result)
                    }));
                }
                Writing::Busy(mut write) => match write.as_mut().poll(context) {
                    Poll::Ready((writer, Ok(()))) => {
                        self.busy = 0;
                        self.writing = Writing::Idle(writer);
                    }
                    Poll::Ready((_, Err(error))) => {
                        *self = State::failed(error);
                        return;
                    }
                    Poll::Pending => {
                        self.writing = Writing::Busy(write);
                        return;
                    }
                },
                other => {
                    self.writing = other;
                    return;
                }
            }
        }
    }
}

impl Writers {
    /// Opens the shard file on every drive.
    pub(super) async fn open(
        request: &StageRequest<'_>,
        drives: &Drives,
        staging: Staging,
    ) -> Result<Self, StoreError> {
        let (set, layout) = (request.set, request.layout);
        let framed = request.size.and_then(|size| layout.geometry.framed_file_size(size).ok());
        let open = |at: usize| {
            let drive = drives[at].as_ref()?;
            Some((at, drive.stage_shard(staging, request.data_dir, request.part, framed)))
        };
        let world = set.shared.world.clone();
        let quorum = layout.write_quorum();
        let opening = Gather::new((0..drives.len()).filter_map(open));
        let opened = opening.most(drives.len(), quorum, &*world.clock, LAG).await;
        let state = |(at, opened): (usize, Option<DriveResult<Box<dyn ShardWriter>>>)| match opened {
            Some(Ok(writer)) => State { writing: Writing::Idle(writer), queue: VecDeque::new(), busy: 0 },
            Some(Err(error)) => State::failed(error),
            None if drives[at].is_some() => State::failed(too_slow(set.slots[at].name())),
            None => State::failed(set.offline_error(at)),
        };
        let writers = Writers {
            states: opened.into_iter().enumerate().map(state).collect(),
            shards: (0..drives.len()).map(|at| layout.shard_of(at)).collect(),
            quorum,
            bucket: request.bucket.to_owned(),
            key: request.key.to_owned(),
            names: set.slots.iter().map(|slot| slot.name().to_owned()).collect(),
            world,
            lag: None,
        };
        writers.check()?;
        Ok(writers)
    }

    /// Puts a block's frames, by shard, in line on every drive.
    pub(super) fn submit(&mut self, frames: Vec<Bytes>) {
        for (state, &shard) in self.states.iter_mut().zip(&self.shards) {
            if state.is_alive() {
                state.queue.push_back(frames[shard].clone());
            }
        }
    }

    /// Moves all drives on. An error once too few are left.
    pub(super) fn advance(&mut self, context: &mut Context<'_>) -> Result<(), StoreError> {
        self.states.iter_mut().for_each(|state| state.advance(context));
        self.check()
    }

    /// Ready when every drive that is still in has at most `blocks` to write. Drives that lag far behind a quorum of
    /// the others are given up.
    pub(super) fn poll_written_down_to(
        &mut self,
        context: &mut Context<'_>,
        blocks: usize,
    ) -> Poll<Result<(), StoreError>> {
        let behind = |state: &State| state.is_alive() && state.backlog() > blocks;
        if !self.states.iter().any(behind) {
            self.lag = None;
            return Poll::Ready(Ok(()));
        }
        if self.states.iter().filter(|state| state.is_alive() && !behind(state)).count() < self.quorum {
            return Poll::Pending;
        }
        let lag = self.lag.get_or_insert_with(|| self.world.clock.sleep(LAG));
        if lag.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        self.lag = None;
        for (state, name) in self.states.iter_mut().zip(&self.names) {
            if behind(state) {
                *state = State::failed(too_slow(name));
            }
        }
        Poll::Ready(Ok(()))
    }

    /// Writes what is in line, syncs all files; says which drives have theirs.
    pub(super) async fn finish(&mut self) -> Result<Vec<bool>, StoreError> {
        std::future::poll_fn(|context| {
            self.advance(context)?;
            self.poll_written_down_to(context, 0)
        })
        .await?;
        let take = |(at, state): (usize, &mut State)| {
            let gone = Writing::Failed(too_slow(""));
            match std::mem::replace(&mut state.writing, gone) {
                Writing::Idle(writer) => Some((at, writer.finish())),
                other => {
                    state.writing = other;
                    None
                }
            }
        };
        let syncing = Gather::new(self.states.iter_mut().enumerate().filter_map(take));
        let answers = syncing.most(self.states.len(), self.quorum, &*self.world.clock, LAG).await;
        let synced: Vec<bool> = answers.iter().map(|answer| matches!(answer, Some(Ok(())))).collect();
        for (state, answer) in self.states.iter_mut().zip(answers) {
            if let Some(Err(error)) = answer {
                *state = State::failed(error);
            }
        }
        let done = synced.iter().filter(|synced| **synced).count();
        if done < self.quorum { Err(self.error(done)) } else { Ok(synced) }
    }

    fn check(&self) -> Result<(), StoreError> {
        let alive = self.states.iter().filter(|state| state.is_alive()).count();
        if alive < self.quorum { Err(self.error(alive)) } else { Ok(()) }
    }

    fn error(&self, got: usize) -> StoreError {
        let failed = |state| match state {
            &State { writing: Writing::Failed(ref error), .. } => Some(error),
            _ => None,
        };
        let errors: Vec<&DriveError> = self.states.iter().filter_map(failed).collect();
        write_error(&errors, got, self.quorum, &self.bucket, &self.key)
    }
}
