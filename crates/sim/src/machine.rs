//! A machine: some disks on one power supply, whose calls take their time.
//!
//! What drives ask of their disks waits in a queue for each; one job after another is drawn from all queues at random and
//! run, so that drives answer in any order and lag behind each other. The power goes off for all disks at once, in the
//! middle of a job if need be, and perhaps in the middle of others that would have run beside it.

use crate::SimDisk;
use base::{Clock, ManualClock, Random, SeededRandom, Timestamp, World};
use drive::{Engine, FileSystem, Job, LocalSlot};
use parking_lot::Mutex;
use std::fmt;
use std::pin::Pin;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use tokio::sync::Notify;

/// Puts something between a drive and its file system.
pub type Wrap = Arc<dyn Fn(Arc<dyn FileSystem>) -> Arc<dyn FileSystem> + Send + Sync>;

/// Jobs cut off half way when the power goes, beside the one that was running.
const MOST_CUT_JOBS: u64 = 4;
/// A job that is cut off may have made so many changes: more than most jobs make.
const MOST_CHANGES_OF_CUT: u64 = 24;

/// A machine. Clones are the same machine.
#[derive(Clone, Debug)]
pub struct Machine {
    shared: Arc<Shared>,
}

struct Shared {
    world: World,
    clock: Arc<LifeClock>,
    dice: Dice,
    bays: Mutex<Vec<Bay>>,
    /// Changing calls until the power goes off; `None` if it stays on.
    power_left: Mutex<Option<u64>>,
    off: AtomicBool,
    went_off: Notify,
    work: Notify,
    wrap: Option<Wrap>,
}

/// A place for a disk.
struct Bay {
    disk: SimDisk,
    queue: Vec<Waiting>,
    /// Jobs that came when the power was off: they would be the consequence of others that broke off.
    late: Vec<Waiting>,
    /// Its jobs hang.
    stalled: bool,
    /// Out of 8: how often its turn is passed over.
    slowness: u64,
    next_engine: u64,
}

struct Waiting {
    engine: u64,
    fs: Arc<dyn FileSystem>,
    job: Job,
}

impl Machine {
    /// A machine with `disks` empty disks; everything that happens to it follows from `seed`.
    pub fn new(disks: usize, seed: u64, now: Timestamp, wrap: Option<Wrap>) -> Self {
        let clock = Arc::new(LifeClock { now: Mutex::new(now), manual: Mutex::new(None) });
        let random = Arc::new(SeededRandom::new(seed));
        let world = World { clock: Arc::clone(&clock) as Arc<dyn Clock>, random, tasks: base::Tasks::new() };
        let dice = Dice::new(seed ^ 0x5151_5151);
        let bay = |_| Bay::new(SimDisk::new(world.clone(), dice.next()));
        let bays = Mutex::new((0..disks).map(bay).collect());
        let power_left = Mutex::new(None);
        let (off, went_off, work) = (AtomicBool::new(true), Notify::new(), Notify::new());
        Machine { shared: Arc::new(Shared { world, clock, dice, bays, power_left, off, went_off, work, wrap }) }
    }

    pub fn world(&self) -> &World {
        &self.shared.world
    }

    pub fn disk(&self, bay: usize) -> SimDisk {
        self.shared.bays.lock()[bay].disk.clone()
    }

    /// Puts an empty disk in the place of another.
    pub fn replace_disk(&self, bay: usize) {
        let disk = SimDisk::new(self.shared.world.clone(), self.shared.dice.next());
        self.shared.bays.lock()[bay].disk = disk;
    }

    /// Where the store finds the disks.
    pub fn slots(&self) -> Vec<LocalSlot> {
        let count = self.shared.bays.lock().len();
        (0..count).map(|bay| self.slot(bay)).collect()
    }

    fn slot(&self, bay: usize) -> LocalSlot {
        let machine = self.clone();
        let engine = move |_| machine.engine(bay);
        LocalSlot::new(&format!("disk{bay}"), self.shared.world.clone(), Arc::new(engine))
            .with_journal(crate::disk::JOURNAL)
    }

    fn engine(&self, bay: usize) -> Arc<dyn Engine> {
        let mut bays = self.shared.bays.lock();
        let number = bays[bay].next_engine;
        bays[bay].next_engine += 1;
        let fs: Arc<dyn FileSystem> = Arc::new(bays[bay].disk.mount());
        let fs = match &self.shared.wrap {
            Some(wrap) => wrap(fs),
            None => fs,
        };
        Arc::new(BayEngine { machine: self.clone(), bay, number, fs, closed: AtomicBool::new(false) })
    }

    /// From now on the disk's jobs hang, until it is called with `false`.
    pub fn stall(&self, bay: usize, stalled: bool) {
        self.shared.bays.lock()[bay].stalled = stalled;
        self.shared.work.notify_one();
    }

    /// Turns the machine on, for at most so many changing calls. Call inside of a runtime of its own, which is to be
    /// dropped before [`Machine::crash`].
    pub fn boot(&self, power: Option<u64>) {
        let shared = &self.shared;
        shared.clock.boot();
        *shared.power_left.lock() = power;
        shared.off.store(false, Ordering::SeqCst);
        for bay in shared.bays.lock().iter_mut() {
            bay.slowness = if shared.dice.one_in(4) { shared.dice.below(8) } else { 0 };
        }
        let machine = self.clone();
        shared.world.tasks.spawn(async move { machine.run().await });
    }

    /// Waits until the power has gone off.
    pub async fn went_off(&self) {
        while !self.shared.off.load(Ordering::SeqCst) {
            self.shared.went_off.notified().await;
        }
    }

    pub fn is_off(&self) -> bool {
        self.shared.off.load(Ordering::SeqCst)
    }

    /// Turns the power off now. Call inside of the runtime.
    pub fn turn_off(&self) {
        self.shared.off.store(true, Ordering::SeqCst);
        self.cut_jobs();
        self.shared.clock.shut_down();
    }

    /// Leaves each disk in a state that it may be found in. The runtime must be gone.
    pub fn crash(&self) {
        for bay in self.shared.bays.lock().iter_mut() {
            bay.stalled = false;
            bay.disk.crash();
        }
    }

    /// Changing calls of all disks so far.
    pub fn changes(&self) -> u64 {
        self.shared.bays.lock().iter().map(|bay| bay.disk.changes()).sum()
    }

    /// Sets the time of day forward or back.
    pub fn step_clock(&self, nanos: i64) {
        self.shared.clock.step(nanos);
    }

    // Running

    async fn run(&self) {
        let dice = &self.shared.dice;
        loop {
            if self.shared.off.load(Ordering::SeqCst) {
                self.shared.went_off.notify_one();
                return;
            }
            if !self.run_one() {
                self.shared.work.notified().await;
            }
            match dice.below(16) {
                0 => self.shared.world.clock.sleep(Duration::from_micros(dice.below(3_000))).await,
                turns => {
                    for _ in 0..turns % 3 {
                        tokio::task::yield_now().await;
                    }
                }
            }
        }
    }

    /// Runs one job of any disk; false if there is none.
    fn run_one(&self) -> bool {
        let Some((disk, waiting)) = self.draw() else { return false };
        let Waiting { fs, job, .. } = waiting;
        let left = *self.shared.power_left.lock();
        if let Some(left) = left {
            disk.cut_power_after(left);
        }
        let before = disk.changes();
        job(&*fs);
        if let Some(left) = left {
            let left = left.saturating_sub(disk.changes() - before);
            disk.cut_power_after(u64::MAX);
            *self.shared.power_left.lock() = Some(left);
            if left == 0 {
                self.shared.off.store(true, Ordering::SeqCst);
            }
        }
        true
    }

    fn draw(&self) -> Option<(SimDisk, Waiting)> {
        let dice = &self.shared.dice;
        let mut bays = self.shared.bays.lock();
        let ready: Vec<usize> =
            (0..bays.len()).filter(|&bay| !bays[bay].stalled && !bays[bay].queue.is_empty()).collect();
        if ready.is_empty() {
            return None;
        }
        for _ in 0..8 {
            let bay = &mut bays[ready[dice.index(ready.len())]];
            if dice.below(8) < bay.slowness {
                continue;
            }
            let at = dice.index(bay.queue.len());
            return Some((bay.disk.clone(), bay.queue.remove(at)));
        }
        let bay = &mut bays[ready[0]];
        Some((bay.disk.clone(), bay.queue.remove(0)))
    }

    /// Runs some jobs that wait as far as the failing power lets them, and drops the others.
    fn cut_jobs(&self) {
        let dice = &self.shared.dice;
        let count = dice.below(MOST_CUT_JOBS + 1);
        for _ in 0..count {
            let Some((disk, Waiting { fs, job, .. })) = self.draw() else { break };
            disk.cut_power_after(dice.below(MOST_CHANGES_OF_CUT));
            job(&*fs);
            disk.cut_power_after(u64::MAX);
        }
        let take = |bay: &mut Bay| (std::mem::take(&mut bay.queue), std::mem::take(&mut bay.late));
        let dropped: Vec<_> = self.shared.bays.lock().iter_mut().map(take).collect();
        // Not under the lock: whoever waits for one of them is woken.
        drop(dropped);
    }
}

impl Bay {
    fn new(disk: SimDisk) -> Self {
        Bay { disk, queue: Vec::new(), late: Vec::new(), stalled: false, slowness: 0, next_engine: 0 }
    }
}

impl fmt::Debug for Shared {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Machine").field("off", &self.off).finish_non_exhaustive()
    }
}

/// The engine of a drive opened on a bay's disk.
struct BayEngine {
    machine: Machine,
    bay: usize,
    number: u64,
    fs: Arc<dyn FileSystem>,
    closed: AtomicBool,
}

impl Engine for BayEngine {
    fn submit(&self, job: Job) {
        if self.closed.load(Ordering::SeqCst) {
            return;
        }
        let waiting = Waiting { engine: self.number, fs: Arc::clone(&self.fs), job };
        let bay = &mut self.machine.shared.bays.lock()[self.bay];
        if self.machine.is_off() {
            bay.late.push(waiting)
        } else {
            bay.queue.push(waiting)
        }
        self.machine.shared.work.notify_one();
    }

    fn close(&self) {
        self.closed.store(true, Ordering::SeqCst);
        let mut bays = self.machine.shared.bays.lock();
        let dropped: Vec<Waiting> =
            bays[self.bay].queue.extract_if(.., |waiting| waiting.engine == self.number).collect();
        drop(bays);
        // Whoever waits for one of them is woken: not under the lock.
        drop(dropped);
    }
}

impl fmt::Debug for BayEngine {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("BayEngine").field("bay", &self.bay).finish_non_exhaustive()
    }
}

/// A clock that goes on from one life of the machine to the next.
#[derive(Debug)]
struct LifeClock {
    /// While the machine is off.
    now: Mutex<Timestamp>,
    manual: Mutex<Option<Arc<ManualClock>>>,
}

impl LifeClock {
    /// Machines are off for a while.
    const OFF: Duration = Duration::from_secs(5);

    fn boot(&self) {
        let now = self.now.lock().plus(Self::OFF);
        *self.manual.lock() = Some(Arc::new(ManualClock::new(now)));
    }

    fn shut_down(&self) {
        let manual = self.manual.lock().take();
        if let Some(manual) = manual {
            *self.now.lock() = manual.now();
        }
    }

    fn running(&self) -> Option<Arc<ManualClock>> {
        self.manual.lock().clone()
    }

    fn step(&self, nanos: i64) {
        if let Some(manual) = self.running() {
            manual.step(nanos);
        }
    }
}

impl Clock for LifeClock {
    fn now(&self) -> Timestamp {
        match self.running() {
            Some(manual) => manual.now(),
            None => *self.now.lock(),
        }
    }

    fn steady(&self) -> Duration {
        self.running().map_or(Duration::ZERO, |manual| manual.steady())
    }

    fn sleep(&self, time: Duration) -> Pin<Box<dyn Future<Output = ()> + Send>> {
        match self.running() {
            Some(manual) => manual.sleep(time),
            None => Box::pin(std::future::pending()),
        }
    }
}

/// Chance, from a seed.
#[derive(Debug)]
pub struct Dice(SeededRandom);

impl Dice {
    pub fn new(seed: u64) -> Self {
        Dice(SeededRandom::new(seed))
    }

    /// Any number.
    pub fn next(&self) -> u64 {
        self.0.u64()
    }

    /// A number below `limit`, which is at least 1.
    pub fn below(&self, limit: u64) -> u64 {
        self.0.u64() % limit
    }

    /// An index into something with `len` places.
    pub fn index(&self, len: usize) -> usize {
        let len = u64::try_from(len).expect("fits");
        usize::try_from(self.below(len)).expect("below a usize")
    }

    pub fn one_in(&self, times: u64) -> bool {
        self.below(times) == 0
    }

    pub fn pick<'a, T>(&self, from: &'a [T]) -> &'a T {
        &from[self.index(from.len())]
    }
}
