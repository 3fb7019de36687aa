//! Drives that fail while requests go on: as long as enough are left nothing fails; once they are back everything is
//! healed and all drives hold the same.

use crate::clients::work;
use crate::disks::differences;
use crate::run::{BUCKET, CAPACITY, FOUR_TWO, Run, Shape, TWELVE_FOUR, TWO_TWO, for_seeds};
use crate::verify::verify;
use rustfs_sim::{Call, Fault};
use rustix::io::Errno;
use std::time::Duration;
use store::Store;

/// Long enough for hung drives to be given up, for all to be opened again and swept.
const RECOVERY: Duration = Duration::from_secs(600);

/// Drives have written then what they put off.
const WRITTEN: Duration = Duration::from_secs(60);

/// What may befall a drive.
#[derive(Clone, Copy, Debug)]
enum Trouble {
    /// A sync fails, once.
    Sync,
    /// Names can't be synced, once.
    SyncDir,
    /// Calls fail now and then.
    Flaky,
    /// Every call fails.
    Broken,
    Full,
    ReadOnly,
    /// It doesn't answer any more.
    Hung,
    /// It is pulled out.
    Gone,
    /// It is pulled out, and an empty one put in.
    Replaced,
}

const TROUBLES: [Trouble; 9] = [
    Trouble::Sync,
    Trouble::SyncDir,
    Trouble::Flaky,
    Trouble::Broken,
    Trouble::Full,
    Trouble::ReadOnly,
    Trouble::Hung,
    Trouble::Gone,
    Trouble::Replaced,
];

fn befall(run: &Run, bay: usize, trouble: Trouble) {
    run.ledger().note(format!("--- disk{bay}: {trouble:?}"));
    let disk = run.machine.disk(bay);
    let every = |calls: &[Call], errno| calls.iter().for_each(|call| disk.fail(Fault::every(*call, errno)));
    match trouble {
        Trouble::Sync => disk.fail(Fault::once(Call::Sync, Errno::IO)),
        Trouble::SyncDir => disk.fail(Fault::once(Call::SyncDir, Errno::IO)),
        Trouble::Flaky => {
            let calls = [Call::Rename, Call::Append, Call::Create, Call::Read, Call::Unlink, Call::Stat, Call::Mkdir];
            for _ in 0..6 {
                disk.fail(Fault::once(*run.dice.pick(&calls), Errno::IO));
            }
        }
        Trouble::Broken => disk.fail(Fault { call: None, ..Fault::every(Call::Read, Errno::IO) }),
        Trouble::Full => every(&[Call::Create, Call::Append, Call::Mkdir], Errno::NOSPC),
        Trouble::ReadOnly => {
            every(&[Call::Create, Call::Append, Call::Mkdir, Call::Rename, Call::Unlink, Call::Rmdir], Errno::ROFS);
        }
        Trouble::Hung => run.machine.stall(bay, true),
        Trouble::Gone | Trouble::Replaced => disk.set_unplugged(true),
    }
}

fn repair(run: &Run, bay: usize, trouble: Trouble) {
    run.machine.disk(bay).clear_faults();
    run.machine.stall(bay, false);
    match trouble {
        Trouble::Replaced => {
            run.machine.replace_disk(bay);
            run.machine.disk(bay).set_capacity(CAPACITY);
        }
        _ => run.machine.disk(bay).set_unplugged(false),
    }
    run.ledger().note(format!("--- disk{bay}: back"));
}

/// Different drives, each with its trouble.
fn draw(run: &Run, count: usize) -> Vec<(usize, Trouble)> {
    let mut bays: Vec<usize> = (0..run.shape.drives).collect();
    (0..count).map(|_| (bays.swap_remove(run.dice.index(bays.len())), *run.dice.pick(&TROUBLES))).collect()
}

async fn heal_all(run: &Run, store: &Store) {
    run.sleep(RECOVERY).await;
    let keys: Vec<String> = run.ledger().keys.iter().map(|key| key.name.clone()).collect();
    for key in keys {
        if let Err(error) = store.heal_object(BUCKET, &key, None, true).await {
            run.violate(format!("healing '{key}': {error}"));
        }
    }
}

/// Rounds in each of which `count` drives have trouble; `tolerant` if that may be too many for some requests.
fn trouble(run: &Run, rounds: usize, count: usize, tolerant: bool) {
    run.live(None, async || {
        let Some(store) = run.open().await else { return };
        for _ in 0..rounds {
            let troubles = draw(run, count);
            work(run, &store, 3, 4).await;
            run.ledger().tolerant = tolerant;
            troubles.iter().for_each(|&(bay, trouble)| befall(run, bay, trouble));
            work(run, &store, 3, 10).await;
            troubles.iter().for_each(|&(bay, trouble)| repair(run, bay, trouble));
            heal_all(run, &store).await;
            run.ledger().tolerant = false;
            verify(run, &store).await;
            alike(run).await;
            if run.broken() {
                return;
            }
        }
    });
}

/// All drives hold the same, once what they put off is written.
async fn alike(run: &Run) {
    run.sleep(WRITTEN).await;
    if !run.broken()
        && let Some(first) = differences(run).into_iter().next()
    {
        run.violate(format!("not healed: {first}"));
    }
}

/// Half of the drives of 2+2 are empty then: the other half says what there is.
#[test]
fn as_many_drives_as_there_is_parity_may_be_replaced_at_once() {
    for_seeds(3, |seed| {
        let run = Run::new(TWO_TWO, seed);
        run.live(None, async || {
            let Some(store) = run.open().await else { return };
            work(&run, &store, 3, 10).await;
            run.sleep(WRITTEN).await;
            [1, 2].into_iter().for_each(|bay| befall(&run, bay, Trouble::Replaced));
            run.sleep(Duration::from_secs(60)).await;
            [1, 2].into_iter().for_each(|bay| repair(&run, bay, Trouble::Replaced));
            run.sleep(RECOVERY).await;
            verify(&run, &store).await;
            alike(&run).await;
        });
        run
    });
}

fn within_parity(shape: Shape, few: u64) {
    for_seeds(few, |seed| {
        let run = Run::new(shape, seed);
        let count = 1 + run.dice.index(shape.spare());
        trouble(&run, 3, count, false);
        run
    });
}

#[test]
fn one_of_two_and_two_drives_may_fail() {
    within_parity(TWO_TWO, 12);
}

#[test]
fn two_of_four_and_two_drives_may_fail() {
    within_parity(FOUR_TWO, 12);
}

#[test]
fn four_of_twelve_and_four_drives_may_fail() {
    within_parity(TWELVE_FOUR, 4);
}

#[test]
fn with_too_many_drives_failing_nothing_acknowledged_is_lost() {
    for_seeds(12, |seed| {
        let run = Run::new(TWO_TWO, seed);
        trouble(&run, 3, 2, true);
        run
    });
}
