//! Drives that hang or fail in the middle: nobody waits for them who has a quorum without.

use super::harness::*;
use crate::*;
use base::{ManualClock, SeededRandom, Tasks, Timestamp, World};
use drive::Slot;
use sim::SimDisk;
use std::sync::Arc;
use std::time::Duration;

/// Drives take themselves out of service after this; what has a quorum without them must be done long before.
const DRIVES_GIVE_UP: Duration = Duration::from_secs(30);

struct Disks {
    disks: Vec<SimDisk>,
    world: World,
}

impl Disks {
    fn new(count: usize) -> Self {
        let world = World {
            clock: Arc::new(ManualClock::new(Timestamp::from_secs(1_700_000_000))),
            random: Arc::new(SeededRandom::new(5)),
            tasks: Tasks::new(),
        };
        let disks = (0..count).map(|at| SimDisk::new(world.clone(), u64::try_from(at).expect("small"))).collect();
        Disks { disks, world }
    }

    async fn open(&self) -> Store {
        let slot = |(at, disk): (usize, &SimDisk)| {
            let slot: Arc<dyn Slot> = Arc::new(disk.slot(&format!("disk{at}")));
            slot
        };
        let slots = self.disks.iter().enumerate().map(slot).collect();
        let pool = PoolConfig { argument: "disks".to_owned(), set_size: self.disks.len(), slots };
        let config = StoreConfig { pools: vec![pool], allow_root_device: true, ..StoreConfig::default() };
        open_store(config, self.world.clone()).await
    }

    fn now(&self) -> Duration {
        self.world.clock.steady()
    }
}

#[tokio::test(start_paused = true)]
async fn a_drive_that_hangs_holds_up_neither_reads_nor_writes() {
    for (count, parity) in [(4usize, 2usize), (6, 3), (16, 4)] {
        let disks = Disks::new(count);
        let store = disks.open().await;
        let (small, large) = (content(1000), content(3 << 20));
        put(&store, "small", &small).await;
        put(&store, "large", &large).await;
        // As many as leave a write quorum.
        let hung = parity - usize::from(parity * 2 == count);
        disks.disks[..hung].iter().for_each(SimDisk::stall);
        let before = disks.now();
        assert_eq!(get(&store, "small").await, small, "{count} drives");
        assert!(get(&store, "large").await == large, "{count} drives");
        put(&store, "small", &large).await;
        put(&store, "other", &small).await;
        assert!(get(&store, "small").await == large);
        store.delete_object(delete("large", None, Versioning::Off)).await.expect("deleted");
        assert!(store.object_info(BUCKET, "large", None).await.is_err());
        let took = disks.now() - before;
        assert!(took < DRIVES_GIVE_UP, "{count} drives: {took:?}");
        disks.disks.iter().for_each(SimDisk::release);
        quiet(&store).await;
        assert_eq!(store.inner.locks.len(), 0);
        assert!(get(&store, "small").await == large);
    }
}

#[tokio::test(start_paused = true)]
async fn without_a_quorum_the_outcome_waits_for_the_drives_and_leaves_nothing() {
    let disks = Disks::new(4);
    let store = disks.open().await;
    put(&store, "k", &content(10)).await;
    disks.disks[2].stall();
    disks.disks[3].stall();
    let size = Some(20);
    let error = store.put_object(request("k", size, Versioning::Off), body(content(20), 20), seal("e")).await;
    assert!(matches!(error, Err(StoreError::WriteQuorum { .. })), "{error:?}");
    disks.disks.iter().for_each(SimDisk::release);
    quiet(&store).await;
    assert_eq!(store.inner.locks.len(), 0);
    // First they are closed, then opened again.
    for _ in 0..2 {
        store.inner.look_after_drives().await;
        quiet(&store).await;
    }
    assert_eq!(store.health().await[0].online, 4);
    assert_eq!(get(&store, "k").await, content(10));
}
