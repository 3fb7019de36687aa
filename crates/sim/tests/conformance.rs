//! Every behaviour of a drive, shown by a simulated disk: answering at once, and slowly in any order.

use base::{ManualClock, SeededRandom, Tasks, Timestamp, World};
use drive::conformance::{ALL, Bed};
use rustfs_sim::SimDisk;
use std::sync::Arc;
use std::time::Duration;

fn all(seed: u64, latency: Duration) {
    for (name, behaviour) in ALL {
        println!("{name}");
        let runtime = tokio::runtime::Builder::new_current_thread().enable_time().start_paused(true).build();
        runtime.expect("a runtime for the test").block_on(async {
            let disk = SimDisk::new(world(seed), seed);
            disk.set_latency(latency);
            behaviour(&Bed::new(Arc::new(disk.slot("sim")))).await;
        });
    }
}

fn world(seed: u64) -> World {
    World {
        clock: Arc::new(ManualClock::new(Timestamp::from_secs(1_700_000_000))),
        random: Arc::new(SeededRandom::new(seed)),
        tasks: Tasks::new(),
    }
}

#[test]
fn a_simulated_disk_behaves_as_a_drive() {
    all(1, Duration::ZERO);
}

#[test]
fn a_slow_simulated_disk_behaves_as_a_drive() {
    all(2, Duration::from_millis(20));
}
