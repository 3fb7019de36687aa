//! The drives of a set stop at different points of one commit, in every combination or in a selection that can be counted;
//! then the power is off, the store is opened again, and the object is what it was or what it became, whole, and stays so.
//!
//! A drive stops by not answering: it has done some jobs, and some of the calls of the next. What a real machine does while
//! some drives lag behind others is just that.

use crate::bodies::Body;
use crate::caught::{Liar, Lie};
use crate::clients::{metadata, seal};
use crate::disks::differences_of;
use crate::run::{BUCKET, FOUR_TWO, Shape, TWELVE_FOUR, TWO_TWO};
use crate::uploads::etag;
use base::{ManualClock, SeededRandom, Tasks, Timestamp, World};
use drive::{Engine, FileSystem, Job, LocalSlot, Slot};
use format::bucket_metadata::BucketMetadata;
use futures_util::StreamExt;
use parking_lot::Mutex;
use rustfs_sim::{JOURNAL, SimDisk};
use std::collections::BTreeSet;
use std::fmt;
use std::sync::Arc;
use std::time::Duration;
use store::{
    CompletedPart, DeleteRequest, PartSeal, PoolConfig, PutRequest, StorageClass, Store, StoreConfig, StoreError,
    UploadRequest, Versioning, WriteConditions,
};

/// Up to so many combinations of stopping points all are tried. Each takes some hundredths of a second.
const MOST_COMBINATIONS: usize = if cfg!(feature = "long") { 10_000 } else { 700 };
/// Of others so many are selected, times the drives.
const MOST_SELECTED: usize = if cfg!(feature = "long") { 50_000 } else { 1_600 };

/// Less than a drive waits for anything: what hangs then hangs for good.
const PATIENCE: Duration = Duration::from_millis(900);

/// Then what a drive has missed is back on it.
const HEALED: Duration = Duration::from_secs(20);

/// Waiting for that takes longer than all the rest, so one of so many combinations is enough.
const HEALED_EVERY: usize = if cfg!(feature = "long") { 1 } else { 8 };

const KEY: &str = "d/a";

/// What is done to the object, which has version 1 before, be it inside of its metadata or in files.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Commit {
    OverwriteSmall,
    OverwriteLarge,
    Delete,
    Complete,
}

impl Commit {
    fn size(self) -> usize {
        match self {
            Commit::OverwriteSmall | Commit::Delete => 300,
            // More than the metadata takes of twelve shards.
            Commit::OverwriteLarge | Commit::Complete => 12_000,
        }
    }

    /// What is found if it is made.
    fn after(self) -> Found {
        if self == Commit::Delete { None } else { Some(Body::of(2, self.size()).bytes().to_vec()) }
    }

    fn before(self) -> Found {
        Some(Body::of(1, self.size()).bytes().to_vec())
    }
}

/// The object's bytes, if it is there.
type Found = Option<Vec<u8>>;

/// Where a drive stops: after so many jobs, and so many changing calls of the next.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
struct Point {
    jobs: usize,
    calls: u64,
}

const NEVER: Point = Point { jobs: usize::MAX, calls: 0 };

/// Stands between a drive and its disk.
#[derive(Clone)]
struct Gate {
    disk: SimDisk,
    fs: Arc<dyn FileSystem>,
    state: Arc<Mutex<State>>,
}

#[derive(Default)]
struct State {
    /// Jobs that are let through; `None`: all, and nobody counts.
    left: Option<usize>,
    held: Vec<Job>,
    /// Changing calls of each job that was let through while somebody counted, in the order they began.
    calls: Vec<u64>,
    /// The power is off.
    off: bool,
}

impl Gate {
    fn new(disk: &SimDisk, lie: Option<Lie>) -> Self {
        let fs: Arc<dyn FileSystem> = Arc::new(disk.mount());
        let fs = match lie {
            Some(lie) => Arc::new(Liar { fs, lie }),
            None => fs,
        };
        Gate { disk: disk.clone(), fs, state: Arc::default() }
    }

    fn stop_at(&self, point: Point) {
        self.state.lock().left = Some(point.jobs);
    }

    /// The power goes off; the job that waits first had come so far.
    fn power_off(&self, point: Point) {
        let held = {
            let mut state = self.state.lock();
            state.off = true;
            std::mem::take(&mut state.held)
        };
        let mut held = held.into_iter();
        if let Some(job) = held.next().filter(|_| point.calls > 0) {
            self.disk.cut_power_after(point.calls);
            job(&*self.fs);
        }
    }
}

impl Engine for Gate {
    fn submit(&self, job: Job) {
        let place = {
            let mut state = self.state.lock();
            if state.off {
                return;
            }
            match &mut state.left {
                Some(0) => return state.held.push(job),
                Some(left) => {
                    *left -= 1;
                    state.calls.push(0);
                    Some(state.calls.len() - 1)
                }
                None => None,
            }
        };
        let before = self.disk.changes();
        job(&*self.fs);
        if let Some(place) = place {
            self.state.lock().calls[place] = self.disk.changes() - before;
        }
    }

    fn close(&self) {
        let held = std::mem::take(&mut self.state.lock().held);
        drop(held);
    }
}

impl fmt::Debug for Gate {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Gate")
    }
}

/// A set of drives on their disks, until the power goes off.
struct Life {
    gates: Vec<Gate>,
    store: Store,
}

impl Life {
    async fn open(shape: Shape, disks: &[SimDisk], lie: Option<Lie>) -> Result<Life, String> {
        let gates: Vec<Gate> = disks.iter().map(|disk| Gate::new(disk, lie)).collect();
        let slot = |(at, gate): (usize, &Gate)| {
            let engine = gate.clone();
            let slot = LocalSlot::new(
                &format!("disk{at}"),
                gate.disk.world().clone(),
                Arc::new(move |_| Arc::new(engine.clone())),
            );
            Arc::new(slot.with_journal(JOURNAL)) as Arc<dyn Slot>
        };
        let slots = gates.iter().enumerate().map(slot).collect();
        let pool = PoolConfig { argument: "disk{0...n}".to_owned(), set_size: shape.drives, slots };
        let config = StoreConfig {
            pools: vec![pool],
            standard_parity: Some(shape.parity),
            inline_block: 600,
            ..StoreConfig::default()
        };
        let store = Store::open(config, disks[0].world().clone(), &|_| ()).await;
        Ok(Life { gates, store: store.map_err(|error| format!("it doesn't open: {error}"))? })
    }

    async fn put(&self, op: u64, size: usize) -> Result<(), StoreError> {
        let request = PutRequest {
            bucket: BUCKET.to_owned(),
            key: KEY.to_owned(),
            size: Some(u64::try_from(size).expect("small")),
            versioning: Versioning::Off,
            storage_class: StorageClass::Standard,
            metadata: metadata(op),
            conditions: WriteConditions::default(),
            mod_time: None,
        };
        self.store.put_object(request, Body::of(op, size).stream(size), seal(op)).await.map(drop)
    }

    /// Begins an upload of one part; its id.
    async fn upload(&self, op: u64, size: usize) -> Result<String, StoreError> {
        let request = UploadRequest {
            bucket: BUCKET.to_owned(),
            key: KEY.to_owned(),
            versioning: Versioning::Off,
            storage_class: StorageClass::Standard,
            metadata: metadata(op),
            conditions: WriteConditions::default(),
        };
        let id = self.store.new_upload(request).await?.upload_id;
        let seal: store::SealPart = Box::new(move |_| Ok(PartSeal { etag: etag(op), ..PartSeal::default() }));
        let length = Some(u64::try_from(size).expect("small"));
        self.store.put_part(BUCKET, KEY, &id, 1, length, Body::of(op, size).stream(size), seal).await?;
        Ok(id)
    }

    async fn make(&self, commit: Commit, upload: Option<String>) -> Result<(), StoreError> {
        match commit {
            Commit::OverwriteSmall | Commit::OverwriteLarge => self.put(2, commit.size()).await,
            Commit::Delete => {
                let request = DeleteRequest {
                    bucket: BUCKET.to_owned(),
                    key: KEY.to_owned(),
                    version_id: None,
                    versioning: Versioning::Off,
                    always_mark: false,
                    protect: None,
                    condition: None,
                };
                self.store.delete_object(request).await.map(drop)
            }
            Commit::Complete => {
                let parts = vec![CompletedPart { number: 1, etag: etag(2) }];
                let seal: store::SealUpload = Box::new(|_, _| Ok(metadata(2)));
                let (id, none) = (upload.expect("it was begun"), WriteConditions::default());
                self.store.complete_upload(BUCKET, KEY, &id, parts, Versioning::Off, none, seal).await.map(drop)
            }
        }
    }

    async fn read(&self) -> Result<Found, String> {
        let reader = match self.store.open_object(BUCKET, KEY, None).await {
            Ok(reader) => reader,
            Err(StoreError::KeyNotFound { .. }) => return Ok(None),
            Err(error) => return Err(format!("it can't be read: {error}")),
        };
        let (mut stream, mut bytes) = (reader.read(0..u64::MAX), Vec::new());
        while let Some(piece) = stream.next().await {
            bytes.extend_from_slice(&piece.map_err(|error| format!("it breaks off: {error}"))?);
        }
        Ok(Some(bytes))
    }
}

/// Lets what can be done without time passing be done.
async fn settle_down() {
    for _ in 0..100 {
        tokio::task::yield_now().await;
    }
}

fn new_disks(shape: Shape) -> Vec<SimDisk> {
    let clock = Arc::new(ManualClock::new(Timestamp::from_secs(1_800_000_000)));
    let world = World { clock, random: Arc::new(SeededRandom::new(3)), tasks: Tasks::new() };
    (0..shape.drives).map(|at| SimDisk::new(world.clone(), u64::try_from(at).expect("small"))).collect()
}

/// Copies of the disks on which version 1 is written and the commit is made until the drives have stopped; whether it was
/// acknowledged, and the jobs of each drive.
async fn stopped(
    shape: Shape,
    base: &[SimDisk],
    commit: Commit,
    points: &[Point],
    lie: Option<Lie>,
) -> (Vec<SimDisk>, bool, Vec<Vec<u64>>) {
    let disks: Vec<SimDisk> = base.iter().map(|disk| disk.copy(1)).collect();
    let life = Life::open(shape, &disks, lie).await.expect("nothing has happened yet");
    life.put(1, commit.size()).await.expect("version 1 is written");
    let upload = match commit {
        Commit::Complete => Some(life.upload(2, commit.size()).await.expect("the part is written")),
        _ => None,
    };
    settle_down().await;
    for (gate, point) in life.gates.iter().zip(points) {
        gate.stop_at(*point);
    }
    let clock = Arc::clone(&disks[0].world().clock);
    let acknowledged = tokio::select! {
        made = life.make(commit, upload) => made.is_ok(),
        () = clock.sleep(PATIENCE) => false,
    };
    settle_down().await;
    for (gate, point) in life.gates.iter().zip(points) {
        gate.power_off(*point);
    }
    let calls = life.gates.iter().map(|gate| gate.state.lock().calls.clone()).collect();
    (disks, acknowledged, calls)
}

/// What is found when the store is opened again, and again.
async fn check(shape: Shape, disks: &[SimDisk], commit: Commit, acknowledged: bool) -> Result<(), String> {
    let life = Life::open(shape, disks, None).await?;
    let found = life.read().await?;
    if found != commit.after() && (acknowledged || found != commit.before()) {
        let length = found.map(|bytes| bytes.len());
        return Err(format!("{length:?} bytes are found, acknowledged: {acknowledged}"));
    }
    for (gate, disk) in life.gates.iter().zip(disks) {
        gate.power_off(NEVER);
        disk.crash_keeping(false);
    }
    drop(life);
    let again = Life::open(shape, disks, None).await.map_err(|what| format!("once more, {what}"))?;
    let same = again.read().await.map_err(|what| format!("once more, {what}"))? == found;
    for gate in &again.gates {
        gate.power_off(NEVER);
    }
    if !same {
        return Err("the next start shows something else".to_owned());
    }
    Ok(())
}

/// The drives are alike once what they have missed is healed.
async fn check_alike(shape: Shape, disks: &[SimDisk]) -> Result<(), String> {
    let life = Life::open(shape, disks, None).await?;
    disks[0].clock().sleep(HEALED).await;
    life.store.close().await;
    match differences_of(disks).into_iter().next() {
        Some(first) => Err(format!("the drives differ: {first}")),
        None => Ok(()),
    }
}

/// All points of the drives, as they are when nobody stops.
fn points_of(calls: &[Vec<u64>]) -> Vec<Point> {
    let of_drive = |calls: &Vec<u64>| {
        let of_job = |(jobs, calls): (usize, &u64)| (0..*calls).map(move |calls| Point { jobs, calls });
        calls.iter().enumerate().flat_map(of_job).collect::<Vec<_>>()
    };
    let mut points: BTreeSet<Point> = calls.iter().flat_map(of_drive).collect();
    points.insert(NEVER);
    points.into_iter().collect()
}

/// Each drive at each point if there are few enough. Otherwise, as drives are alike, so many drives at each point, whichever they
/// are; otherwise so many at one point and the rest at another.
fn combinations(drives: usize, points: &[Point]) -> Vec<Vec<Point>> {
    let all = u32::try_from(drives).ok().and_then(|drives| points.len().checked_pow(drives));
    if let Some(all) = all.filter(|all| *all <= MOST_COMBINATIONS) {
        let digit = |drawn: usize, at: usize| {
            points[drawn / points.len().pow(u32::try_from(at).expect("small")) % points.len()]
        };
        return (0..all).map(|drawn| (0..drives).map(|at| digit(drawn, at)).collect()).collect();
    }
    let multisets = multisets(points, drives);
    if multisets.len() <= MOST_COMBINATIONS {
        return multisets.into_iter().enumerate().map(|(at, chosen)| turned(chosen, at)).collect();
    }
    let mut selected = Vec::new();
    for first in 1..drives {
        for (p, q) in points.iter().flat_map(|p| points.iter().map(move |q| (p, q))).filter(|(p, q)| p != q) {
            let at = |drive: usize| if drive < first { *p } else { *q };
            selected.push(turned((0..drives).map(at).collect(), selected.len()));
        }
    }
    let step = selected.len().div_ceil(MOST_SELECTED / drives).max(1);
    let mut selected: Vec<Vec<Point>> = selected.into_iter().step_by(step).collect();
    selected.extend(points.iter().map(|point| vec![*point; drives]));
    selected
}

/// All ways to put so many drives at points; one more than are tried if there are too many.
fn multisets(points: &[Point], drives: usize) -> Vec<Vec<Point>> {
    let mut sets: Vec<Vec<Point>> = vec![Vec::new()];
    for _ in 0..drives {
        let longer = |set: &Vec<Point>| {
            let set = set.clone();
            let from = points.iter().filter({
                let last = set.last().copied();
                move |point| last.is_none_or(|last| last <= **point)
            });
            from.map(|point| [&set[..], &[*point]].concat()).collect::<Vec<_>>()
        };
        sets = sets.iter().flat_map(longer).take(MOST_COMBINATIONS + 1).collect();
    }
    sets
}

/// So that it isn't always the same drives.
fn turned(mut points: Vec<Point>, by: usize) -> Vec<Point> {
    let drives = points.len();
    points.rotate_left(by % drives);
    points
}

fn all_stops(shape: Shape, commit: Commit) {
    if let Err(what) = try_all_stops(shape, commit, None) {
        panic!("{what}");
    }
}

/// What is wrong, if anything, where file systems tell such a lie.
fn try_all_stops(shape: Shape, commit: Commit, lie: Option<Lie>) -> Result<(), String> {
    let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
    runtime.expect("a runtime").block_on(async {
        let base = new_disks(shape);
        let life = Life::open(shape, &base, None).await.expect("empty drives are formatted");
        let created = base[0].clock().now();
        life.store.make_bucket(BUCKET, BucketMetadata::new(BUCKET, created, false)).await.expect("it is made");
        life.store.close().await;
        let (_, acknowledged, calls) = stopped(shape, &base, commit, &vec![NEVER; shape.drives], lie).await;
        assert!(acknowledged, "nothing stops it");
        let points = points_of(&calls);
        let combinations = combinations(shape.drives, &points);
        let mut acknowledgements = 0;
        for (number, stops) in combinations.iter().enumerate() {
            let (disks, acknowledged, _) = stopped(shape, &base, commit, stops, lie).await;
            acknowledgements += usize::from(acknowledged);
            // Nothing, everything, and one drive like this and the next like that.
            for keeps in [|_| false, |_| true, |at: usize| at.is_multiple_of(2)] {
                let disks: Vec<SimDisk> = disks.iter().map(|disk| disk.copy(2)).collect();
                for (at, disk) in disks.iter().enumerate() {
                    disk.crash_keeping(keeps(at));
                }
                let kept: Vec<bool> = (0..disks.len()).map(keeps).collect();
                let copies: Vec<SimDisk> = disks.iter().map(|disk| disk.copy(3)).collect();
                let mut checked = check(shape, &disks, commit, acknowledged).await;
                if checked.is_ok() && number.is_multiple_of(HEALED_EVERY) {
                    checked = check_alike(shape, &copies).await;
                }
                checked.map_err(|what| format!("{shape:?} {commit:?} {stops:?}, kept {kept:?}: {what}"))?;
            }
        }
        println!(
            "{shape:?} {commit:?}: {} points, {} combinations, {acknowledgements} acknowledged",
            points.len(),
            combinations.len()
        );
        assert!(acknowledgements > 0 && acknowledgements < combinations.len(), "some stop it, some don't");
        Ok(())
    })
}

fn all_commits(shape: Shape) {
    for commit in [Commit::OverwriteSmall, Commit::OverwriteLarge, Commit::Delete, Commit::Complete] {
        all_stops(shape, commit);
    }
}

#[test]
fn two_and_two_drives_stop_at_different_points_of_a_commit() {
    all_commits(TWO_TWO);
}

#[test]
fn four_and_two_drives_stop_at_different_points_of_a_commit() {
    all_commits(FOUR_TWO);
}

#[test]
fn twelve_and_four_drives_stop_at_different_points_of_a_commit() {
    all_commits(TWELVE_FOUR);
}

#[test]
fn drives_that_lie_are_caught() {
    for lie in [Lie::Sync, Lie::SyncDir, Lie::Journal] {
        let commit = if lie == Lie::Journal { Commit::OverwriteSmall } else { Commit::OverwriteLarge };
        println!("{}", try_all_stops(TWO_TWO, commit, Some(lie)).expect_err("it is caught"));
    }
}
