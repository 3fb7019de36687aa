//! One run: a machine, its lives, and what is known of the requests.

use crate::ledger::Ledger;
use base::Timestamp;
use format::bucket_metadata::BucketMetadata;
use parking_lot::{Mutex, MutexGuard};
use rustfs_sim::machine::{Dice, Machine, Wrap};
use rustfs_sim::model::Mode;
use std::sync::Arc;
use std::time::Duration;
use store::{PoolConfig, Store, StoreConfig, StoreError};

pub const BUCKET: &str = "bucket";

/// Bytes of a disk: bodies whose size isn't told want room for a GiB.
pub const CAPACITY: u64 = 16 << 30;

/// Simulated time after which a life is taken to hang.
const STUCK: Duration = Duration::from_secs(3_600);

/// Names that requests fight for: at the top, deep down, two in one directory, a directory. None lies below another: those
/// aren't listed, as with MinIO.
const KEYS: [(&str, &[Mode]); 5] = [
    ("a", &[Mode::Off]),
    ("b/c/d", &[Mode::Enabled, Mode::Enabled, Mode::Suspended]),
    ("dir/x", &[Mode::Off]),
    ("dir/y", &[Mode::Enabled]),
    ("dir/", &[Mode::Off]),
];

/// Few drives and many, with their default parity: 1, 2+2, 4+2 (3 of 6 by default; set below), 12+4.
#[derive(Clone, Copy, Debug)]
pub struct Shape {
    pub drives: usize,
    pub parity: u8,
}

pub const ALONE: Shape = Shape { drives: 1, parity: 0 };
pub const TWO_TWO: Shape = Shape { drives: 4, parity: 2 };
pub const FOUR_TWO: Shape = Shape { drives: 6, parity: 2 };
pub const TWELVE_FOUR: Shape = Shape { drives: 16, parity: 4 };
pub const SHAPES: [Shape; 4] = [ALONE, TWO_TWO, FOUR_TWO, TWELVE_FOUR];

impl Shape {
    /// Drives that may be away without a write failing.
    pub fn spare(self) -> usize {
        let parity = usize::from(self.parity);
        let data = self.drives - parity;
        let write = if data == parity { data + 1 } else { data };
        self.drives - write.max(self.drives / 2 + 1)
    }
}

/// What all parts of a run share. Clones are the same run.
#[derive(Clone)]
pub struct Run {
    pub shape: Shape,
    pub machine: Machine,
    pub dice: Arc<Dice>,
    pub ledger: Arc<Mutex<Ledger>>,
    /// Callers go away in the middle of their requests.
    pub dropping: bool,
    /// The time of day is set forward and back.
    pub stepping: bool,
    pub uploads: bool,
}

impl Run {
    pub fn new(shape: Shape, seed: u64) -> Self {
        Run::wrapped(shape, seed, None)
    }

    pub fn wrapped(shape: Shape, seed: u64, wrap: Option<Wrap>) -> Self {
        let machine = Machine::new(shape.drives, seed, Timestamp::from_secs(1_800_000_000), wrap);
        let dice = Arc::new(Dice::new(seed.rotate_left(32) ^ 0xd1ce));
        let ledger = Arc::new(Mutex::new(Ledger::new(machine.clone(), &KEYS)));
        Run { shape, machine, dice, ledger, dropping: false, stepping: false, uploads: true }.with_large_disks()
    }

    fn with_large_disks(self) -> Self {
        (0..self.shape.drives).for_each(|bay| self.machine.disk(bay).set_capacity(CAPACITY));
        self
    }

    pub fn ledger(&self) -> MutexGuard<'_, Ledger> {
        self.ledger.lock()
    }

    pub fn violate(&self, what: impl Into<String>) {
        self.ledger().violate(what.into());
    }

    pub fn broken(&self) -> bool {
        self.ledger().broken()
    }

    /// Runs `work` on the machine until it ends (its result) or the power goes (`None`); then the disks are left as a
    /// crash leaves them.
    pub fn live<T>(&self, power: Option<u64>, work: impl AsyncFnOnce() -> T) -> Option<T> {
        let runtime =
            tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build().expect("a runtime");
        let result = runtime.block_on(async {
            self.machine.boot(power);
            let mut work = Box::pin(work());
            let result = tokio::select! {
                biased;
                () = self.machine.went_off() => None,
                result = &mut work => Some(result),
                () = self.machine.world().clock.sleep(STUCK) => {
                    self.violate("the store hangs");
                    None
                }
            };
            self.machine.turn_off();
            result
        });
        drop(runtime);
        self.machine.crash();
        result
    }

    pub fn config(&self) -> StoreConfig {
        let slots = self.machine.slots().into_iter().map(|slot| Arc::new(slot) as Arc<dyn drive::Slot>).collect();
        let pool = PoolConfig { argument: "disk{0...n}".to_owned(), set_size: self.shape.drives, slots };
        StoreConfig {
            pools: vec![pool],
            standard_parity: Some(self.shape.parity),
            // Small, so that small bodies become files.
            inline_block: 600,
            ..StoreConfig::default()
        }
    }

    /// Opens the store, and makes the bucket if it isn't there.
    pub async fn open(&self) -> Option<Store> {
        let opened = Store::open(self.config(), self.machine.world().clone(), &|_| ()).await;
        let store = match opened {
            Ok(store) => store,
            Err(error) => {
                self.ledger().unexpected(format!("the store doesn't open: {error}"));
                return None;
            }
        };
        let created = self.machine.world().clock.now();
        match store.make_bucket(BUCKET, BucketMetadata::new(BUCKET, created, false)).await {
            Ok(_) | Err(StoreError::BucketExists { .. }) => Some(store),
            Err(error) => {
                self.ledger().unexpected(format!("the bucket can't be made: {error}"));
                None
            }
        }
    }

    pub async fn sleep(&self, time: Duration) {
        self.machine.world().clock.sleep(time).await;
    }

    /// What was illegal first.
    fn violation(&self) -> Option<String> {
        self.ledger().violations.first().cloned()
    }
}

/// Runs a test with many seeds; all that fail are told, the first with what happened.
pub fn for_seeds(few: u64, test: impl Fn(u64) -> Run) {
    let mut failed: Vec<(u64, String)> = Vec::new();
    let (mut answered, mut errors) = (0, 0);
    for seed in seeds(few) {
        let run = test(seed);
        failed.extend(run.violation().map(|what| (seed, format!("{:?}: {what}", run.shape))));
        answered += run.ledger().answered;
        errors += run.ledger().failed;
    }
    println!("{answered} answers, {errors} errors");
    let list: Vec<String> =
        failed.iter().map(|(seed, what)| format!("seed {seed}: {}", what.lines().next().unwrap_or_default())).collect();
    if let Some((seed, what)) = failed.first() {
        let some = list[..list.len().min(20)].join("\n");
        panic!("{} seeds failed\n{some}\nthe first, {seed}, with {what}", list.len());
    }
}

/// The one seed to run instead of all, to see what went wrong with it: with RUST_LOG=debug, what the store did as well.
const ONE_SEED: &str = "SIM_SEED";

/// The seeds that a test goes through.
#[expect(clippy::disallowed_methods, reason = "whoever looks into one seed says which")]
fn seeds(few: u64) -> std::ops::Range<u64> {
    if let Some(seed) = std::env::var(ONE_SEED).ok().and_then(|text| text.parse().ok()) {
        let filter = tracing_subscriber::EnvFilter::from_default_env();
        let logging = tracing_subscriber::fmt().with_env_filter(filter).without_time().with_test_writer();
        // Another test has set it up already.
        let _already = logging.try_init();
        return seed..seed + 1;
    }
    if cfg!(feature = "long") { 1..few * 50 + 1 } else { 1..few + 1 }
}
