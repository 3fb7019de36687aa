//! The walks of all drives as one stream of names.

use super::resolve::{self, Answer, resolve};
use super::{Name, What};
use crate::StoreError;
use crate::set::Set;
use base::World;
use drive::{Drive, DriveError, DriveResult, Walk, WalkEntry, WalkOptions};
use format::names::decode_name;
use futures_util::future::BoxFuture;
use std::borrow::Cow;
use std::cmp::Ordering;
use std::collections::VecDeque;
use std::future::poll_fn;
use std::sync::Arc;
use std::task::{Context, Poll};
use std::time::Duration;

/// How long the walks of the other drives wait for one that lags: long beside the reading of a batch by a busy drive,
/// short beside a client's patience.
const LAG: Duration = Duration::from_secs(5);

/// A version this young may still be on its way to some of the drives; its commit tells the healer what it finds.
const SETTLING: Duration = Duration::from_secs(10);

/// Names that one listing gives to the healer. The scanner finds the rest.
const MOST_HEALS: usize = 64;

/// All walks, merged.
pub(super) struct Merge {
    sets: Vec<Arc<Set>>,
    walks: Vec<DriveWalk>,
    options: WalkOptions,
    /// Only the newest version of each name is wanted.
    latest_only: bool,
    world: Option<World>,
    /// Whether enough drives walk has been looked at.
    begun: bool,
    lag: Option<BoxFuture<'static, ()>>,
    heals: usize,
    /// What the drives of a set say about a name: filled anew for each.
    answers: Vec<Answer>,
}

/// What to walk, and what of it is wanted.
pub(super) struct WalkRequest {
    pub(super) options: WalkOptions,
    pub(super) latest_only: bool,
}

/// One drive's walk, and what it has told that hasn't been taken.
struct DriveWalk {
    /// Index in [`Merge::sets`].
    set: usize,
    position: usize,
    ready: VecDeque<WalkEntry>,
    state: State,
}

type Batch = (Box<dyn Walk>, DriveResult<Vec<WalkEntry>>);

enum State {
    Reading(BoxFuture<'static, DriveResult<Batch>>),
    Idle(Box<dyn Walk>),
    /// To the end; a drive that lacks the bucket is at its end at once.
    Ended,
    Failed(DriveError),
}

impl Merge {
    /// Begins the walks on all drives that are there.
    pub(super) fn open(sets: &[Arc<Set>], request: WalkRequest) -> Self {
        let WalkRequest { options, latest_only } = request;
        let mut walks = Vec::new();
        for (index, set) in sets.iter().enumerate() {
            for (position, drive) in set.drives().iter().enumerate() {
                if let Some(drive) = drive {
                    walks.push(DriveWalk::open(index, position, drive, &options));
                }
            }
        }
        let world = sets.first().map(|set| set.shared.world.clone());
        let answers = Vec::new();
        Merge { sets: sets.to_vec(), walks, options, latest_only, world, begun: false, lag: None, heals: 0, answers }
    }

    /// The next name; `None` at the end. `wanted` is how many more are likely to be asked for: batches are read ahead
    /// as far as that.
    pub(super) async fn next(&mut self, wanted: usize) -> Result<Option<Name>, StoreError> {
        loop {
            self.heads(wanted).await?;
            let least = self.walks.iter().filter_map(|walk| walk.ready.front()).min_by(|a, b| order(a, b));
            let Some(least) = least else { return Ok(None) };
            let (key, is_prefix) = (decoded(least).into_owned(), matches!(least, WalkEntry::Prefix { .. }));
            if let Some(what) = self.take(&key, is_prefix) {
                return Ok(Some(Name { key, what }));
            }
        }
    }

    /// Takes the name from all walks that have it next: what the sets hold under it, if they do.
    fn take(&mut self, key: &str, is_prefix: bool) -> Option<What> {
        let has = |entry: &WalkEntry| matches!(entry, WalkEntry::Prefix { .. }) == is_prefix && decoded(entry) == key;
        let mut is_shown = false;
        let mut pools = Vec::new();
        // The walks of a set stand together.
        for walks in self.walks.chunk_by_mut(|one, other| one.set == other.set) {
            let set = &self.sets[walks[0].set];
            let mut object = None;
            let mut prefixes = 0;
            self.answers.clear();
            for walk in walks.iter_mut().filter(|walk| walk.ready.front().is_some_and(has)) {
                match walk.ready.pop_front() {
                    Some(WalkEntry::Object { name, meta }) => {
                        object = Some(name);
                        self.answers.push(Answer { position: walk.position, meta });
                    }
                    Some(WalkEntry::Prefix { .. }) => prefixes += 1,
                    None => {}
                }
            }
            is_shown |= prefixes >= resolve::quorum(set);
            if self.answers.is_empty() {
                continue;
            }
            let walking = walks.iter().filter(|walk| !walk.has_failed()).count();
            let resolved = resolve(set, &self.answers, walking, self.latest_only);
            let settled = || set.shared.world.clock.now().since(resolved.newest) > SETTLING;
            if let Some(object) = object.filter(|_| resolved.uneven && self.heals < MOST_HEALS && settled()) {
                self.heals += 1;
                set.heal_later(&self.options.bucket, &object, None, false);
            }
            pools.push(resolved.versions);
        }
        if is_prefix {
            return is_shown.then_some(What::Prefix);
        }
        let versions = resolve::across_pools(pools);
        (!versions.is_empty()).then_some(What::Object(versions))
    }

    /// Waits until every walk has a name, is at its end, or has been given up.
    async fn heads(&mut self, wanted: usize) -> Result<(), StoreError> {
        if self.begun && self.walks.iter().all(|walk| !walk.is_waiting()) {
            return Ok(());
        }
        self.begun = true;
        poll_fn(|context| self.poll_heads(wanted, context)).await;
        self.lag = None;
        self.check()
    }

    fn poll_heads(&mut self, wanted: usize, context: &mut Context<'_>) -> Poll<()> {
        let mut waiting = false;
        for walk in &mut self.walks {
            walk.advance(wanted, context);
            waiting |= walk.is_waiting();
        }
        if !waiting {
            return Poll::Ready(());
        }
        if !self.can_do_without_those_waiting() {
            return Poll::Pending;
        }
        let Some(world) = &self.world else { return Poll::Pending };
        let lag = self.lag.get_or_insert_with(|| world.clock.sleep(LAG));
        if lag.as_mut().poll(context).is_pending() {
            return Poll::Pending;
        }
        for walk in self.walks.iter_mut().filter(|walk| walk.is_waiting()) {
            let drive = self.sets[walk.set].slots[walk.position].name().to_owned();
            walk.fail(DriveError::TimedOut { drive });
        }
        Poll::Ready(())
    }

    fn can_do_without_those_waiting(&self) -> bool {
        self.sets.iter().enumerate().all(|(index, set)| {
            let told = |walk: &&DriveWalk| walk.set == index && !walk.has_failed() && !walk.is_waiting();
            self.walks.iter().filter(told).count() >= resolve::quorum(set)
        })
    }

    /// Whether enough drives of every set are walking.
    fn check(&self) -> Result<(), StoreError> {
        for (index, set) in self.sets.iter().enumerate() {
            let of_set = || self.walks.iter().filter(|walk| walk.set == index);
            let got = of_set().filter(|walk| !walk.has_failed()).count();
            let needed = resolve::quorum(set);
            if got < needed {
                let error = of_set().find_map(|walk| match &walk.state {
                    State::Failed(error) => Some(error.to_string()),
                    _ => None,
                });
                let cause = error.unwrap_or_else(|| "drives are offline".to_owned());
                return Err(StoreError::ReadQuorum { what: self.options.bucket.clone(), got, needed, cause });
            }
        }
        Ok(())
    }
}

impl DriveWalk {
    fn open(set: usize, position: usize, drive: &Arc<dyn Drive>, options: &WalkOptions) -> Self {
        let (drive, options) = (Arc::clone(drive), options.clone());
        let reading = async move {
            let mut walk = drive.walk(options).await?;
            let batch = walk.next_batch().await;
            Ok((walk, batch))
        };
        DriveWalk { set, position, ready: VecDeque::new(), state: State::Reading(Box::pin(reading)) }
    }

    /// Whether its next name isn't known yet.
    fn is_waiting(&self) -> bool {
        self.ready.is_empty() && matches!(self.state, State::Reading(_) | State::Idle(_))
    }

    fn has_failed(&self) -> bool {
        matches!(self.state, State::Failed(_))
    }

    fn fail(&mut self, error: DriveError) {
        tracing::debug!(%error, "a listing goes on without a drive");
        self.ready.clear();
        self.state = State::Failed(error);
    }

    /// Reads on if it has nothing ready, or less than is wanted.
    fn advance(&mut self, wanted: usize, context: &mut Context<'_>) {
        loop {
            match std::mem::replace(&mut self.state, State::Ended) {
                State::Reading(mut reading) => match reading.as_mut().poll(context) {
                    Poll::Pending => {
                        self.state = State::Reading(reading);
                        return;
                    }
                    Poll::Ready(Ok((walk, Ok(batch)))) if !batch.is_empty() => {
                        self.ready.extend(batch);
                        self.state = State::Idle(walk);
                    }
                    Poll::Ready(Ok((_, Ok(_))) | Err(DriveError::BucketNotFound { .. })) => return,
                    Poll::Ready(Ok((_, Err(error))) | Err(error)) => {
                        // What it has told already stands beside what the others tell.
                        if self.ready.is_empty() {
                            self.fail(error)
                        } else {
                            self.state = failing(error)
                        }
                        return;
                    }
                },
                State::Idle(mut walk) if self.ready.len() < wanted.min(READ_AHEAD) || self.ready.is_empty() => {
                    self.state = State::Reading(Box::pin(async move {
                        let batch = walk.next_batch().await;
                        Ok((walk, batch))
                    }));
                }
                other => {
                    self.state = other;
                    return;
                }
            }
        }
    }
}

/// Names of one drive that wait at most, so that memory stays bounded however long the page.
const READ_AHEAD: usize = 512;

/// A walk that has failed once what it has told is taken.
fn failing(error: DriveError) -> State {
    State::Reading(Box::pin(std::future::ready(Err(error))))
}

fn decoded(entry: &WalkEntry) -> Cow<'_, str> {
    decode_name(entry.name())
}

/// The order of a listing; of an object `a/` and a prefix `a/` the object comes first.
fn order(one: &WalkEntry, other: &WalkEntry) -> Ordering {
    let is_prefix = |entry: &WalkEntry| matches!(entry, WalkEntry::Prefix { .. });
    decoded(one).cmp(&decoded(other)).then_with(|| is_prefix(one).cmp(&is_prefix(other)))
}
