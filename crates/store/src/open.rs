//! Opening the store: drives, formats, doubts (on-disk-format.md 2, server-cli-and-topology.md 9).

mod formats;
pub(crate) mod slots;

use crate::config::{OpenError, OpenEvent, PoolConfig, StoreConfig};
use crate::doubt;
use crate::heal;
use crate::heal_queue::{HealQueue, ReturnedDrive};
use crate::housekeeping;
use crate::lock::NameLocks;
use crate::memory::Memory;
use crate::monitor;
use crate::pool::Pool;
use crate::readers::Readers;
use crate::set::{Set, Shared};
use crate::store::{Inner, Store};
use crate::tuning::{Tuned, Tuning};
use base::{Tasks, World};
use drive::Drive;
use format::drive_format::FormatJson;
use format::placement::{self, MAX_SET_DRIVES};
use formats::Verdict;
use slots::PoolSlots;
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;
use uuid::Uuid;

/// How often drives that aren't there yet are asked again while the store opens.
const RETRY: Duration = Duration::from_secs(1);

/// What is told what happens while the store opens.
pub type Progress<'a> = &'a (dyn Fn(OpenEvent) + Send + Sync);

/// A pool whose drives have been agreed on.
struct OpenPool {
    format: FormatJson,
    /// By index in the pool: the drive, and whether it has just replaced another.
    drives: Vec<Option<(Arc<dyn Drive>, bool)>>,
}

impl Store {
    /// Opens the drives: formats fresh ones, checks the others, decides commits that a crash left in doubt, and starts
    /// what runs beside the requests. Waits, for ever if need be, until enough drives are there.
    pub async fn open(config: StoreConfig, world: World, progress: Progress<'_>) -> Result<Store, OpenError> {
        check_config(&config)?;
        // Tasks of its own, so that closing can wait for them alone.
        let world = World { tasks: Tasks::new(), ..world };
        let pools = open_pools(&config, &world, progress).await?;
        let shared = shared(&config, world)?;
        let inner = assemble(config, shared, pools);
        let mut resolved = doubt::Resolved::default();
        for set in inner.sets() {
            let of_set = doubt::resolve(set, &inner.locks).await;
            set.doubtful.store(of_set.waiting > 0, Ordering::SeqCst);
            resolved.forward += of_set.forward;
            resolved.back += of_set.back;
        }
        if resolved.forward + resolved.back > 0 {
            progress(OpenEvent::Recovered { forward: resolved.forward, back: resolved.back });
        }
        let inner = Arc::new(inner);
        let monitor = inner.world().tasks.spawn(monitor::run(Arc::downgrade(&inner)));
        let housekeeping = inner.world().tasks.spawn(housekeeping::run(Arc::downgrade(&inner)));
        inner.background.lock().extend([monitor, housekeeping]);
        heal::start(&inner).await;
        let store = Store { inner };
        if let Err(error) = store.look_at_pools().await {
            tracing::warn!(%error, "the list of pools is left as it is");
        }
        Ok(store)
    }
}

fn check_config(config: &StoreConfig) -> Result<(), OpenError> {
    let bad = |reason: String| Err(OpenError::BadConfig(reason));
    if config.pools.is_empty() {
        return bad("no drives are given".to_owned());
    }
    for pool in &config.pools {
        let (size, drives) = (pool.set_size, pool.slots.len());
        if size == 0 || drives == 0 || drives % size != 0 || size > MAX_SET_DRIVES {
            return bad(format!("{drives} drives can't be cut into sets of {size}"));
        }
    }
    let (standard, reduced) = parities(config);
    placement::StorageClass::check(standard, reduced, config.pools[0].set_size)
        .map_err(|error| OpenError::BadConfig(error.to_string()))
}

/// Parity of STANDARD and REDUCED_REDUNDANCY objects, from the first pool's set size.
fn parities(config: &StoreConfig) -> (u8, u8) {
    let size = config.pools[0].set_size;
    let standard = config.standard_parity.unwrap_or_else(|| placement::default_parity(size));
    let reduced = config.rrs_parity.unwrap_or_else(|| placement::default_reduced_parity(size));
    (standard, reduced)
}

fn shared(config: &StoreConfig, world: World) -> Result<Shared, OpenError> {
    let (standard_parity, reduced_parity) = parities(config);
    Ok(Shared {
        world,
        readers: Readers::new(),
        heal: Arc::new(HealQueue::default()),
        commits: Arc::default(),
        tuned: Arc::new(Tuned::new(Tuning {
            standard_parity,
            reduced_parity,
            capacity_optimized: config.capacity_optimized,
            inline_block: config.inline_block,
            max_versions: config.max_versions,
        })),
    })
}

/// Opens all pools' drives and brings their formats together.
async fn open_pools(config: &StoreConfig, world: &World, progress: Progress<'_>) -> Result<Vec<OpenPool>, OpenError> {
    let mut pools: Vec<PoolSlots> =
        config.pools.iter().enumerate().map(|(at, pool)| PoolSlots::new(at, pool)).collect();
    let started = world.clock.steady();
    loop {
        for pool in &mut pools {
            pool.open_missing(config.allow_root_device, progress).await?;
        }
        let mut ready = true;
        // An existing deployment's id is for fresh pools too.
        let mut deployment: Option<Uuid> = None;
        for pool in &pools {
            match pool.judge(deployment)? {
                Verdict::Ready(format) => deployment = Some(format.deployment_id),
                Verdict::Fresh => {}
                Verdict::Wait { online, needed } => {
                    ready = false;
                    let elapsed = world.clock.steady().saturating_sub(started);
                    progress(OpenEvent::Waiting { pool: pool.index, online, needed, elapsed });
                }
            }
        }
        if ready {
            let deployment = deployment.unwrap_or_else(|| world.random.uuid());
            let mut open = Vec::with_capacity(pools.len());
            for pool in pools {
                open.push(pool.bring_together(deployment, world, progress).await?);
            }
            return Ok(open);
        }
        world.clock.sleep(RETRY).await;
    }
}

fn assemble(config: StoreConfig, shared: Shared, open: Vec<OpenPool>) -> Inner {
    let deployment_id = open[0].format.deployment_id;
    let pools = open.into_iter().zip(config.pools).enumerate();
    let pools = pools.map(|(index, (open, config))| assemble_pool(index, open, config, &shared)).collect();
    Inner {
        locks: NameLocks::new(shared.world.clone()),
        memory: Memory::new(config.memory, shared.world.clone()),
        pools,
        deployment_id,
        release: config.release,
        allow_root_device: config.allow_root_device,
        buckets: Default::default(),
        extras: Default::default(),
        uploads: Default::default(),
        last_change: Default::default(),
        closing: AtomicBool::new(false),
        background: parking_lot::Mutex::new(Vec::new()),
        shared,
    }
}

fn assemble_pool(index: usize, open: OpenPool, config: PoolConfig, shared: &Shared) -> Pool {
    let size = config.set_size;
    let make = |set: usize| {
        let slots = config.slots[set * size..(set + 1) * size].to_vec();
        let set_ids = open.format.sets[set].clone();
        Arc::new(Set::new(index, set, set_ids, slots, shared.clone()))
    };
    let sets: Vec<Arc<Set>> = (0..config.slots.len() / size).map(make).collect();
    for (at, drive) in open.drives.into_iter().enumerate() {
        let Some((drive, replaced)) = drive else { continue };
        let (set, position) = (at / size, at % size);
        sets[set].put_online(position, drive);
        if replaced {
            shared.heal.drive_returned(ReturnedDrive { pool: index, set, position, replaced });
        }
    }
    Pool { argument: config.argument, sets, format: open.format, suspended: AtomicBool::new(false) }
}
