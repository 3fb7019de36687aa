//! An erasure set: its drives as they are now, what they say about a name, the layout of what is written to it.
//!
//! Invariants:
//! - A position belongs to one drive id for good; the drive at it comes and goes ([`Set::put_online`],
//!   [`Set::take_offline`]). An operation works on the snapshot it took with [`Set::drives`].
//! - Questions go to all drives at once, in an order that prefers those likely to hold data shards; an answer is
//!   given as soon as a quorum of equal ones is in, so that a drive that hangs holds up nobody.
//! - Changes to a name go through [`crate::commit`], under the name's lock.
//!
//! For other parts of the store: [`Set::read_all_meta`] (every drive's word, for healing and doubts),
//! [`Set::lookup`] (what a quorum says, for everything else), [`Set::new_layout`] (for what is written now).

use crate::StoreError;
use crate::commits::Commits;
use crate::find::Thoroughness;
use crate::gather::Gather;
use crate::heal_queue::{HealQueue, HealTask};
use crate::layout::{BLOCK_SIZE, Layout};
use crate::quorum::{self, Agreed, MetaAnswer, ReadFailure, Unanimous, Wanted};
use crate::readers::Readers;
use crate::tuning::Tuned;
use base::{Timestamp, World};
use drive::{Drive, DriveError, DriveState, Slot, Space};
use erasure::{Geometry, ReedSolomon};
use format::names::SYSTEM_BUCKET;
use format::placement;
use futures_util::future::BoxFuture;
use parking_lot::{Mutex, RwLock};
use std::sync::atomic::AtomicBool;
use std::sync::{Arc, OnceLock};
use std::time::Duration;
use uuid::Uuid;

/// The drives of a set at one moment, by position; `None` for those that are offline.
pub(crate) type Drives = Arc<[Option<Arc<dyn Drive>>]>;

/// Once a quorum has answered, how long the others are waited for: long beside a busy drive's answer, short beside
/// a client's patience.
const STRAGGLERS: Duration = Duration::from_millis(500);

/// How long a drive may take to answer those who hold a name's lock: others wait for them, and not for ever.
const HANGING: Duration = Duration::from_secs(5);

/// How old the knowledge of free space may be: a drive doesn't fill up in less.
const SPACE_AGE: Duration = Duration::from_secs(2);

/// How much redundancy a write asks for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Redundancy {
    Class(crate::StorageClass),
    /// The server's own objects: as much as the set allows.
    Highest,
}

/// What all sets of a store share.
#[derive(Clone, Debug)]
pub(crate) struct Shared {
    pub(crate) world: World,
    pub(crate) readers: Readers,
    pub(crate) heal: Arc<HealQueue>,
    pub(crate) commits: Arc<Commits>,
    pub(crate) tuned: Arc<Tuned>,
}

/// One erasure set.
#[derive(Debug)]
pub(crate) struct Set {
    /// The pool's index and the set's in it.
    pub(crate) pool: usize,
    pub(crate) index: usize,
    /// By position: the drive's id and where it is opened.
    pub(crate) ids: Vec<Uuid>,
    pub(crate) slots: Vec<Arc<dyn Slot>>,
    pub(crate) shared: Shared,
    current: RwLock<Drives>,
    /// The codes by parity, made when first needed.
    codes: Vec<OnceLock<ReedSolomon>>,
    /// Commits are in doubt that nobody is busy with: to be decided when the monitor comes by.
    pub(crate) doubtful: AtomicBool,
    /// Positions whose drive is being filled after a replacement.
    healing: Mutex<Vec<bool>>,
    space: Mutex<Option<KnownSpace>>,
}

/// When the drives' space was asked for, and what it was.
type KnownSpace = (Duration, Arc<[Option<Space>]>);

/// What the drives say about a name.
#[derive(Debug)]
pub(crate) struct Lookup {
    pub(crate) found: Result<Agreed, ReadFailure>,
    /// The newest modification time that any drive asked has for the name, whatever the others say.
    pub(crate) newest: Timestamp,
    /// So many drives say the same that it isn't a change under way, which may yet fail.
    pub(crate) decided: bool,
}

impl Set {
    /// A set with all drives offline. `ids` and `slots` by position.
    pub(crate) fn new(pool: usize, index: usize, ids: Vec<Uuid>, slots: Vec<Arc<dyn Slot>>, shared: Shared) -> Self {
        let drives: Drives = slots.iter().map(|_| None).collect();
        let healing = Mutex::new(vec![false; slots.len()]);
        let codes = (0..=slots.len() / 2).map(|_| OnceLock::new()).collect();
        Set {
            pool,
            index,
            ids,
            slots,
            shared,
            current: RwLock::new(drives),
            codes,
            healing,
            doubtful: AtomicBool::new(false),
            space: Mutex::new(None),
        }
    }

    /// N, the number of positions.
    pub(crate) fn size(&self) -> usize {
        self.slots.len()
    }

    /// The drives that are there now.
    pub(crate) fn drives(&self) -> Drives {
        Arc::clone(&self.current.read())
    }

    pub(crate) fn put_online(&self, position: usize, drive: Arc<dyn Drive>) {
        self.change(position, Some(drive));
    }

    pub(crate) fn take_offline(&self, position: usize) {
        self.change(position, None);
    }

    fn change(&self, position: usize, drive: Option<Arc<dyn Drive>>) {
        let mut current = self.current.write();
        let mut drives = current.to_vec();
        drives[position] = drive;
        *current = drives.into();
    }

    /// Drives that are there and in service.
    pub(crate) fn online(&self) -> usize {
        self.drives().iter().flatten().filter(|drive| drive.state() == DriveState::Online).count()
    }

    /// Whether the position's drive is being filled; the healer says so.
    pub(crate) fn is_healing(&self, position: usize) -> bool {
        self.healing.lock()[position]
    }

    pub(crate) fn set_healing(&self, position: usize, healing: bool) {
        self.healing.lock()[position] = healing;
    }

    /// The error of a position without a drive.
    pub(crate) fn offline_error(&self, position: usize) -> DriveError {
        DriveError::Faulty { drive: self.slots[position].name().to_owned(), reason: "offline".to_owned() }
    }

    pub(crate) fn standard_parity(&self) -> usize {
        usize::from(self.shared.tuned.get().standard_parity).min(self.size() / 2)
    }

    /// Every drive's metadata of a name, by position. Waits for all of them.
    pub(crate) async fn read_all_meta(&self, bucket: &str, object: &str) -> Vec<MetaAnswer> {
        self.read_meta_until(bucket, object, None).await
    }

    /// The same for those who hold the name's lock: drives that hang are left out, as if they were offline.
    pub(crate) async fn read_all_meta_locked(&self, bucket: &str, object: &str) -> Vec<MetaAnswer> {
        let late = self.shared.world.clock.sleep(HANGING);
        self.read_meta_until(bucket, object, Some(late)).await
    }

    async fn read_meta_until(
        &self,
        bucket: &str,
        object: &str,
        late: Option<BoxFuture<'static, ()>>,
    ) -> Vec<MetaAnswer> {
        let drives = self.drives();
        let questions = drives.iter().enumerate();
        let questions = questions.filter_map(|(at, drive)| Some((at, drive.as_ref()?.read_meta_anew(bucket, object))));
        let mut gather = Gather::new(questions);
        let mut late = late.unwrap_or_else(|| Box::pin(std::future::pending()));
        let mut answers: Vec<MetaAnswer> = (0..self.size()).map(|at| Err(self.offline_error(at))).collect();
        loop {
            tokio::select! {
                biased;
                next = gather.next() => match next {
                    Some((position, answer)) => answers[position] = answer,
                    None => return answers,
                },
                () = &mut late => return answers,
            }
        }
    }

    /// What a quorum says about a version of a name. Enqueues a healing if a drive that answered lacks it.
    pub(crate) async fn lookup(
        &self,
        bucket: &str,
        object: &str,
        wanted: Wanted,
        thoroughness: Thoroughness,
    ) -> Lookup {
        let drives = self.drives();
        let order = placement::shard_order(bucket, object, self.size());
        let mut positions: Vec<usize> = (0..self.size()).collect();
        positions.sort_unstable_by_key(|&position| order[position]);
        let questions =
            positions.into_iter().filter_map(|at| Some((at, drives[at].as_ref()?.read_meta(bucket, object))));
        let mut gather = Gather::new(questions);
        let mut answers: Vec<Option<MetaAnswer>> = (0..self.size()).map(|_| None).collect();
        let mut unanimous = Unanimous::new(self.size(), self.standard_parity(), wanted);
        let mut late: Option<BoxFuture<'static, ()>> = None;
        let mut decided = false;
        loop {
            let next = match &mut late {
                None => gather.next().await,
                Some(late) => tokio::select! {
                    biased;
                    next = gather.next() => next,
                    () = late => break,
                },
            };
            let Some((position, answer)) = next else { break };
            let enough = unanimous.enough(&answer);
            answers[position] = Some(answer);
            decided |= enough;
            if enough
                && thoroughness == Thoroughness::Quick
                && let Some(found) = unanimous.agreed(&answers)
            {
                return self.looked_up(found, decided, &answers, bucket, object, wanted);
            }
            let answered = answers.iter().flatten().count();
            if late.is_none() && gather.pending() > 0 && answered * 2 >= self.size() {
                late = Some(self.shared.world.clock.sleep(STRAGGLERS));
            }
        }
        let mut found = quorum::choose(&answers, self.standard_parity(), wanted);
        if gather.pending() > 0 && found.is_err() {
            // Not enough without the stragglers: they give up in their own time.
            while let Some((position, answer)) = gather.next().await {
                answers[position] = Some(answer);
            }
            found = quorum::choose(&answers, self.standard_parity(), wanted);
        }
        if matches!(found, Err(ReadFailure::Quorum { .. }))
            && bucket != SYSTEM_BUCKET
            && quorum::is_dangling(&answers, wanted)
        {
            found = Err(ReadFailure::NotFound);
        }
        self.looked_up(found, decided, &answers, bucket, object, wanted)
    }

    fn looked_up(
        &self,
        found: Result<Agreed, ReadFailure>,
        decided: bool,
        answers: &[Option<MetaAnswer>],
        bucket: &str,
        object: &str,
        wanted: Wanted,
    ) -> Lookup {
        if let Ok(agreed) = &found
            && agreed.stale
        {
            let version = match wanted {
                Wanted::Latest => None,
                Wanted::Version(id) => Some(id),
            };
            self.heal_later(bucket, object, version, false);
        }
        let metas = answers.iter().flatten().filter_map(|answer| answer.as_ref().ok());
        if found.as_ref().is_err_and(ReadFailure::is_absence) && metas.clone().any(|meta| wanted.find(meta).is_some()) {
            // Remains of something deleted.
            self.heal_later(bucket, object, None, false);
        }
        let newest = metas.filter_map(|meta| meta.versions.iter().map(|entry| entry.header.mod_time).max()).max();
        Lookup { found, newest: newest.unwrap_or(Timestamp::ZERO), decided }
    }

    /// Tells the healer about a name.
    pub(crate) fn heal_later(&self, bucket: &str, object: &str, version: Option<Uuid>, deep: bool) {
        self.shared.heal.enqueue(HealTask {
            pool: self.pool,
            set: self.index,
            bucket: bucket.to_owned(),
            object: object.to_owned(),
            version,
            deep,
        });
    }

    /// The code with `parity` parity shards.
    pub(crate) fn code(&self, parity: usize) -> ReedSolomon {
        let make = || ReedSolomon::new(self.size() - parity, parity).expect("sets have at most 16 drives");
        self.codes[parity].get_or_init(make).clone()
    }

    /// The layout of an object that is written now. Fails when so many drives are offline that no write can succeed.
    pub(crate) fn new_layout(&self, bucket: &str, object: &str, redundancy: Redundancy) -> Result<Layout, StoreError> {
        let size = self.size();
        let highest = size / 2;
        let offline = size - self.online();
        let tuning = self.shared.tuned.get();
        let asked = match redundancy {
            Redundancy::Class(crate::StorageClass::Standard) => tuning.standard_parity.into(),
            Redundancy::Class(crate::StorageClass::ReducedRedundancy) => tuning.reduced_parity.into(),
            Redundancy::Highest => highest,
        };
        let asked: usize = asked.min(highest);
        let upgrade = !tuning.capacity_optimized && redundancy != Redundancy::Highest;
        let parity = if upgrade { (asked + offline).min(highest) } else { asked };
        if offline > 0 && offline >= size.div_ceil(2) {
            return Err(StoreError::WriteQuorum {
                what: format!("{bucket}/{object}"),
                got: size - offline,
                needed: crate::layout::write_quorum(size - parity, parity),
                cause: format!("{offline} of {size} drives are offline"),
            });
        }
        let geometry = Geometry::new(size - parity, parity, BLOCK_SIZE).expect("parity is at most half of the set");
        let upgraded_from = (parity != asked).then(|| u8::try_from(asked).unwrap_or(u8::MAX));
        let distribution = placement::shard_order(bucket, object, size);
        Ok(Layout { geometry, code: self.code(parity), distribution, upgraded_from })
    }

    /// The space of each drive, by position, at most [`SPACE_AGE`] old.
    pub(crate) async fn space(&self) -> Arc<[Option<Space>]> {
        let now = self.shared.world.clock.steady();
        if let Some((then, space)) = &mut *self.space.lock() {
            if now.saturating_sub(*then) < SPACE_AGE {
                return Arc::clone(space);
            }
            // One asks anew, the others go on with what is known.
            *then = now;
        }
        let drives = self.drives();
        let questions = drives.iter().enumerate().filter_map(|(at, drive)| Some((at, drive.as_ref()?.space())));
        let clock = &*self.shared.world.clock;
        let answers = Gather::new(questions).most(self.size(), self.size() / 2, clock, STRAGGLERS).await;
        let space: Arc<[Option<Space>]> = answers.into_iter().map(|answer| answer?.ok()).collect();
        *self.space.lock() = Some((now, Arc::clone(&space)));
        space
    }
}
