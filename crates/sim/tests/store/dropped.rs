//! Callers that go away in the middle of their requests, and clocks that step back: no crash, no failing drive, so
//! nothing may fail, nothing may stay behind.

use crate::clients::work;
use crate::disks::{differences, leftovers};
use crate::run::{FOUR_TWO, Run, SHAPES, Shape, TWO_TWO, for_seeds};
use crate::verify::verify;
use std::time::Duration;

/// Long enough for every change under way to end, and for healing.
const REST: Duration = Duration::from_secs(90);

fn rounds(run: &Run, rounds: usize) {
    run.live(None, async || {
        let Some(store) = run.open().await else { return };
        for _ in 0..rounds {
            work(run, &store, 4, 10).await;
            run.sleep(REST).await;
            verify(run, &store).await;
            if run.broken() {
                return;
            }
        }
        store.close().await;
        let left = leftovers(run).into_iter().chain(differences(run)).next();
        if let Some(first) = left {
            run.violate(format!("left behind: {first}"));
        }
    });
}

fn dropped(shape: Shape, few: u64) {
    for_seeds(few, |seed| {
        let mut run = Run::new(shape, seed);
        run.dropping = true;
        rounds(&run, 5);
        run
    });
}

#[test]
fn callers_that_go_away_leave_nothing_behind_on_one_drive() {
    dropped(SHAPES[0], 10);
}

#[test]
fn callers_that_go_away_leave_nothing_behind_on_two_and_two_drives() {
    dropped(TWO_TWO, 10);
}

#[test]
fn callers_that_go_away_leave_nothing_behind_on_four_and_two_drives() {
    dropped(FOUR_TWO, 10);
}

#[test]
fn callers_that_go_away_leave_nothing_behind_on_twelve_and_four_drives() {
    dropped(SHAPES[3], 3);
}

#[test]
fn a_clock_that_steps_back_makes_nothing_older() {
    for_seeds(10, |seed| {
        let mut run = Run::new(SHAPES[usize::try_from(seed % 3).expect("small")], seed);
        run.stepping = true;
        rounds(&run, 4);
        run
    });
}
