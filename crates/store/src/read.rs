//! GET: a version becomes a body.
//!
//! [`Store::open_object`] agrees on the version; the stream then fetches groups of blocks ([`source::Source`]), the
//! first block alone so that the first byte leaves early, later ones ahead of their turn; what the system has in memory
//! is read when it is wanted, on the thread that sends it ([`at_once`]). Pieces of data shards go out
//! as they were read, without being joined. Every frame is verified; what is missing or wrong is made from parity and
//! reported to the healer. A stream that can't go on ends in an error.

mod at_once;
mod fetch;
mod holder;
mod plan;
mod source;

use crate::StoreError;
use crate::find::{not_deleted, wanted};
use crate::info::object_info;
use crate::quorum::Agreed;
use crate::readers::Reading;
use crate::set::Set;
use crate::store::{Inner, Store};
use crate::types::{ObjectBody, ObjectReader, VersionId};
use base::{ByteStream, MIB, StreamError};
use bytes::Bytes;
use futures_util::future::BoxFuture;
use futures_util::{Stream, stream};
pub(crate) use holder::is_whole;
use plan::Plan;
use source::Source;
use std::collections::VecDeque;
use std::ops::Range;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::task::{Context, Poll};
use tokio::sync::OwnedSemaphorePermit;

/// Bytes fetched together: a block, so that what was read is still in the processor's cache when it is sent. Twice as much,
/// and two groups ahead, took a tenth more time and twice the memory with 16 readers of 20 MiB.
const GROUP_BYTES: u64 = MIB;
/// Bytes that are read on the thread that sends them before others on that thread have their turn: a client that
/// takes them as fast as they come would keep it for the whole body, and for its next.
const TURN: u64 = MIB;
/// Groups on their way while the one before them is sent.
const GROUPS_AHEAD: usize = 1;

impl Store {
    /// Opens a version, or the latest, for reading. [`StoreError::DeleteMarker`] for delete markers.
    pub async fn open_object(
        &self,
        bucket: &str,
        key: &str,
        version: Option<VersionId>,
    ) -> Result<ObjectReader, StoreError> {
        let inner = &self.inner;
        let name = inner.name(key)?;
        let wanted = wanted(&name, version);
        let reading = inner.shared.readers.enter(bucket, name.as_str());
        let found = inner.find_unlocked(bucket, name.as_str(), wanted).await;
        let (pool, agreed) = found.into_agreed().map_err(|failure| failure.into_error(bucket, key, wanted))?;
        let set = Arc::clone(inner.set_of(pool, name.as_str()));
        let Agreed { version: stored, holders, is_latest, version_count, .. } = agreed;
        let source = Source::new(set, (bucket, name.as_str()), &stored, holders, &inner.memory);
        let info = object_info(bucket, key, stored, is_latest, version_count);
        not_deleted(&info, version.is_some())?;
        let source = source?;
        let body = ObjectBody(Box::new(move |range| body(source, range, reading)));
        Ok(ObjectReader { info, body })
    }
}

/// All bytes of a version that a quorum of `set` agreed on, for the healer: what can't be read on the way is not
/// reported to it again. `reading` was entered before the metadata was read.
pub(crate) fn whole_body(
    inner: &Inner,
    set: &Arc<Set>,
    name: (&str, &str),
    agreed: Agreed,
    reading: Reading,
) -> Result<ByteStream, StoreError> {
    let Agreed { version, holders, .. } = agreed;
    let source = Source::new(Arc::clone(set), name, &version, holders, &inner.memory)?;
    source.reported.store(true, Ordering::Relaxed);
    let range = 0..source.size();
    Ok(body(source, range, reading))
}

fn body(source: Source, range: Range<u64>, reading: Reading) -> ByteStream {
    let range = range.start.min(source.size())..range.end.min(source.size());
    if range.is_empty() {
        return Box::pin(stream::empty());
    }
    let plan = Plan::new(source.layout.geometry, &source.parts, range, GROUP_BYTES);
    Box::pin(Body {
        source: Arc::new(source),
        plan,
        ahead: VecDeque::new(),
        ready: VecDeque::new(),
        ready_share: None,
        started: false,
        at_once: false,
        turn: 0,
        _reading: reading,
    })
}

/// A group on its way, or waiting for its turn.
enum Ahead {
    Fetching(BoxFuture<'static, Fetched>),
    Fetched(Fetched),
}

type Fetched = Result<VecDeque<Bytes>, StoreError>;

/// The body as it goes out.
struct Body {
    source: Arc<Source>,
    plan: Plan,
    /// In the order of the body, with their shares of the memory.
    ahead: VecDeque<(Ahead, Option<OwnedSemaphorePermit>)>,
    /// What can go out now, with its share.
    ready: VecDeque<Bytes>,
    ready_share: Option<OwnedSemaphorePermit>,
    /// Whether the first block has been fetched.
    started: bool,
    /// The last group came without waiting: the next one is fetched when it is wanted, on the same thread, while its
    /// bytes are on no way.
    at_once: bool,
    /// Bytes read at once since others had their turn.
    turn: u64,
    /// Keeps what is read from being thrown away.
    _reading: Reading,
}

impl Body {
    /// Starts fetching what comes next: a block always, whole groups if there is memory for them.
    fn look_ahead(&mut self, context: &mut Context<'_>) {
        let depth = if self.started { GROUPS_AHEAD } else { 1 };
        while self.ahead.len() < depth {
            let Some(bytes) = self.plan.next_bytes() else { return };
            let share = self.source.memory.try_share(usize::try_from(bytes).unwrap_or(usize::MAX));
            let starved = share.is_none();
            if starved && !(self.ahead.is_empty() && self.ready.is_empty()) {
                return;
            }
            let Some(group) = self.plan.next(starved) else { return };
            let read = group.bytes.end - group.bytes.start;
            let source = Arc::clone(&self.source);
            let fetching = Box::pin(async move { source.fetch(&group).await });
            let mut fetching: BoxFuture<'static, Fetched> = fetching;
            let ahead = match fetching.as_mut().poll(context) {
                Poll::Ready(fetched) => Ahead::Fetched(fetched),
                Poll::Pending => Ahead::Fetching(fetching),
            };
            self.at_once = matches!(ahead, Ahead::Fetched(_));
            self.turn += if self.at_once { read } else { 0 };
            self.ahead.push_back((ahead, share));
        }
    }

    /// Moves all groups on their way on.
    fn advance(&mut self, context: &mut Context<'_>) {
        for (ahead, _) in &mut self.ahead {
            if let Ahead::Fetching(fetching) = ahead
                && let Poll::Ready(fetched) = fetching.as_mut().poll(context)
            {
                *ahead = Ahead::Fetched(fetched);
            }
        }
    }
}

impl Stream for Body {
    type Item = Result<Bytes, StreamError>;

    fn poll_next(mut self: Pin<&mut Self>, context: &mut Context<'_>) -> Poll<Option<Self::Item>> {
        loop {
            if self.ready.is_empty() && self.at_once && self.turn >= TURN && self.plan.next_bytes().is_some() {
                self.turn = 0;
                context.waker().wake_by_ref();
                return Poll::Pending;
            }
            if self.ready.is_empty() || !self.at_once {
                self.look_ahead(context);
                self.advance(context);
            }
            if let Some(piece) = self.ready.pop_front() {
                return Poll::Ready(Some(Ok(piece)));
            }
            match self.ahead.front() {
                None => return Poll::Ready(None),
                Some((Ahead::Fetching(_), _)) => return Poll::Pending,
                Some((Ahead::Fetched(_), _)) => {}
            }
            match self.ahead.pop_front() {
                Some((Ahead::Fetched(Ok(pieces)), share)) => {
                    self.ready = pieces;
                    self.ready_share = share;
                    self.started = true;
                }
                Some((Ahead::Fetched(Err(error)), _)) => {
                    self.ahead.clear();
                    self.plan.give_up();
                    return Poll::Ready(Some(Err(StreamError::Failed(Box::new(error)))));
                }
                _ => return Poll::Ready(None),
            }
        }
    }
}
