//! Settings of glibc's allocator, which holds on to much memory as it comes.
//!
//! Measured with 64 clients of 20 MiB on two cores: as it comes 460 MiB at the peak; with one arena a core 275 MiB, at
//! the same speed; mimalloc 350 MiB, and twice the memory idle. With another C library nothing is done.

use base::World;
#[cfg(all(target_os = "linux", target_env = "gnu"))]
use std::time::Duration;

/// How often it is looked whether requests are under way. If there were some, and none any more at this look and the one
/// before, unused memory is given back: nobody waits for the pages that are needed again.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const LOOK: Duration = Duration::from_millis(250);

/// Under load that never ends unused memory is given back every so many looks, twice a minute: after a peak it is gone
/// within a minute, and what that costs could not be noticed at this rate.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
const AT_LEAST: u32 = 120;

/// One arena for each core. glibc would make eight, and each keeps what its threads once used. Call it first of all.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn limit_arenas() {
    let cores = std::thread::available_parallelism().map_or(1, std::num::NonZero::get);
    let arenas = libc::c_int::try_from(cores.max(2)).unwrap_or(libc::c_int::MAX);
    // SAFETY: mallopt takes two integers and may be called at any time by one thread; this is called before
    // any other thread is started. A value it doesn't accept changes nothing.
    unsafe { libc::mallopt(libc::M_ARENA_MAX, arenas) };
}

/// Gives unused memory back to the system when load ends, and from time to time, for as long as the server runs.
/// `is_busy` says whether requests are under way; `let_go` drops what was kept for the next ones.
#[cfg(all(target_os = "linux", target_env = "gnu"))]
pub fn give_back_regularly(
    world: &World,
    is_busy: impl Fn() -> bool + Send + 'static,
    let_go: impl Fn() + Send + 'static,
) {
    let clock = std::sync::Arc::clone(&world.clock);
    world.tasks.spawn(async move {
        let (mut was_busy, mut quiet, mut looks) = (false, 0, 0);
        loop {
            clock.sleep(LOOK).await;
            let busy = is_busy();
            was_busy |= busy;
            quiet = if busy { 0 } else { quiet + 1 };
            looks += 1;
            let ended = was_busy && quiet == 2;
            if ended {
                let_go();
            }
            if ended || looks == AT_LEAST {
                // SAFETY: malloc_trim takes the allocator's own locks and touches only memory that is free.
                unsafe { libc::malloc_trim(0) };
                (was_busy, looks) = (busy, 0);
            }
        }
    });
}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn limit_arenas() {}

#[cfg(not(all(target_os = "linux", target_env = "gnu")))]
pub fn give_back_regularly(_: &World, _: impl Fn() -> bool + Send + 'static, _: impl Fn() + Send + 'static) {}
