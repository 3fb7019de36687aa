//! The disk itself: what outlives the server that uses it.

use crate::ends::End;
use crate::engine::{Pace, SimEngine};
use crate::fault::{Call, Fault};
use crate::fs::SimFs;
use crate::state::Tree;
use base::{Clock, Random, SeededRandom, World};
use drive::{JournalSize, LocalSlot};
use parking_lot::Mutex;
use rustix::io::Errno;
use std::sync::Arc;
use std::time::Duration;

/// A simulated disk. Clones are the same disk.
#[derive(Clone, Debug)]
pub struct SimDisk {
    pub(crate) shared: Arc<Mutex<Disk>>,
    pub(crate) world: World,
    pub(crate) pace: Arc<Pace>,
    random: Arc<dyn Random>,
}

#[derive(Debug)]
pub(crate) struct Disk {
    pub(crate) tree: Tree,
    pub(crate) faults: Vec<Fault>,
    /// File systems mounted before are dead: each cut begins a new age.
    pub(crate) age: u64,
    /// Who holds the lock, by number; and the number of the next.
    pub(crate) lock: Option<u64>,
    pub(crate) next_lock: u64,
    pub(crate) capacity: u64,
    /// Changing calls until the power goes off.
    pub(crate) power_left: Option<u64>,
    /// Changing calls so far.
    pub(crate) changes: u64,
    pub(crate) unplugged: bool,
}

/// Small, so that tests go through its segments again and again.
pub const JOURNAL: JournalSize = JournalSize { segment: 64 << 10, segments: 3 };

/// Large enough for any test that doesn't set it.
const CAPACITY: u64 = 1 << 30;

impl SimDisk {
    /// An empty disk, whose crashes follow from `seed`.
    pub fn new(world: World, seed: u64) -> Self {
        let disk = Disk {
            tree: Tree::new(),
            faults: Vec::new(),
            age: 0,
            lock: None,
            next_lock: 0,
            capacity: CAPACITY,
            power_left: None,
            changes: 0,
            unplugged: false,
        };
        SimDisk::with(disk, world, seed)
    }

    /// The world it is in.
    pub fn world(&self) -> &World {
        &self.world
    }

    /// The clock of the world it is in.
    pub fn clock(&self) -> &dyn Clock {
        &*self.world.clock
    }

    /// Its file system, until the next crash.
    pub fn mount(&self) -> SimFs {
        SimFs::new(self.clone(), self.shared.lock().age)
    }

    /// A place for a drive on it; each opening mounts it anew.
    pub fn slot(&self, name: &str) -> LocalSlot {
        let disk = self.clone();
        LocalSlot::new(name, self.world.clone(), Arc::new(move |_| Arc::new(SimEngine::new(&disk))))
            .with_journal(JOURNAL)
    }

    /// A disk in the same state, apart from then on, whose crashes follow from another seed.
    pub fn copy(&self, seed: u64) -> Self {
        let disk = self.shared.lock();
        let copy = Disk {
            tree: disk.tree.clone(),
            faults: Vec::new(),
            age: disk.age,
            lock: None,
            next_lock: 0,
            capacity: disk.capacity,
            power_left: None,
            changes: disk.changes,
            unplugged: false,
        };
        SimDisk::with(copy, self.world.clone(), seed)
    }

    fn with(disk: Disk, world: World, seed: u64) -> Self {
        let random = Arc::new(SeededRandom::new(seed));
        let pace = Arc::new(Pace::new(Arc::new(SeededRandom::new(random.u64()))));
        SimDisk { shared: Arc::new(Mutex::new(disk)), world, pace, random }
    }

    /// Kills the server: what was mounted is dead, nothing that was done is lost, and nothing is durable that wasn't.
    pub fn kill(&self) {
        let mut disk = self.shared.lock();
        disk.age += 1;
        disk.lock = None;
        disk.power_left = None;
        disk.faults.clear();
    }

    /// Cuts the power and turns it on again: what was mounted is dead, the disk is in a state that it may be found in.
    pub fn crash(&self) {
        self.kill();
        let mut disk = self.shared.lock();
        crate::crash::cut_power(&mut disk.tree, &*self.random);
    }

    /// The ends that a power cut now may take; all of them if at most `most` changes to names aren't durable.
    pub fn ends(&self, most: usize) -> Vec<End> {
        crate::ends::ends(&self.shared.lock().tree, most)
    }

    /// As [`SimDisk::crash`], with one of the ends it may have now.
    pub fn crash_to(&self, end: &End) {
        self.kill();
        crate::ends::cut_power_to(&mut self.shared.lock().tree, end);
    }

    /// The same with one of the two extremes: everything that was done is kept, or nothing that wasn't durable.
    pub fn crash_keeping(&self, everything: bool) {
        self.kill();
        crate::ends::cut_power_keeping(&mut self.shared.lock().tree, everything);
    }

    /// Lets so many more changing calls be done; then the power is off until [`SimDisk::crash`].
    pub fn cut_power_after(&self, changes: u64) {
        self.shared.lock().power_left = Some(changes);
    }

    /// Changing calls so far.
    pub fn changes(&self) -> u64 {
        self.shared.lock().changes
    }

    /// From now on.
    pub fn fail(&self, fault: Fault) {
        self.shared.lock().faults.push(fault);
    }

    pub fn clear_faults(&self) {
        self.shared.lock().faults.clear();
    }

    /// In bytes; what is on the disk counts.
    pub fn set_capacity(&self, bytes: u64) {
        self.shared.lock().capacity = bytes;
    }

    /// The space taken, in bytes.
    pub fn used(&self) -> u64 {
        self.shared.lock().tree.used()
    }

    /// From now on jobs hang, as on a drive that doesn't answer.
    pub fn stall(&self) {
        self.pace.stall();
    }

    /// Does what hung, in the order it came.
    pub fn release(&self) {
        self.pace.release();
    }

    /// From now on each job takes up to so long, drawn by chance; zero: it is done at once.
    pub fn set_latency(&self, most: Duration) {
        self.pace.set_latency(most);
    }

    /// Pulls the disk out, or plugs it in again. Mounted file systems find nothing there; a new one does.
    pub fn set_unplugged(&self, unplugged: bool) {
        self.shared.lock().unplugged = unplugged;
    }
}

impl Disk {
    /// Every call comes through here first.
    pub(crate) fn admit(&mut self, age: u64, call: Call, path: &str) -> Result<(), Errno> {
        if age != self.age {
            return Err(Errno::IO);
        }
        if self.unplugged {
            return Err(Errno::NODEV);
        }
        if call.changes() {
            match &mut self.power_left {
                Some(0) => return Err(Errno::IO),
                Some(left) => *left -= 1,
                None => {}
            }
            self.changes += 1;
        } else if self.power_left == Some(0) {
            return Err(Errno::IO);
        }
        let fault = self.faults.iter_mut().find_map(|fault| fault.takes(call, path).then_some(fault.errno));
        fault.map_or(Ok(()), Err)
    }

    /// Whether `bytes` more fit.
    pub(crate) fn room(&self, bytes: u64) -> Result<(), Errno> {
        if self.tree.used().saturating_add(bytes) > self.capacity { Err(Errno::NOSPC) } else { Ok(()) }
    }
}
