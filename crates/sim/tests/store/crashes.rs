//! The power goes off in the middle of everything, again and again.

use crate::clients::work;
use crate::disks::leftovers;
use crate::run::{Run, SHAPES, Shape, for_seeds};
use crate::verify::verify;

/// Changing calls before the power goes: from the first few to more than there will be.
fn power(run: &Run, most: u64) -> Option<u64> {
    Some(1 + run.dice.below(most))
}

/// Lives that end in crashes, then one in which everything is compared.
pub fn crash_and_compare(run: &Run, rounds: u64) {
    // A crash may come while the drives are being formatted.
    run.live(power(run, 12 * u64::try_from(run.shape.drives).expect("few")), async || drop(run.open().await));
    for _ in 0..rounds {
        let most = 150 * u64::try_from(run.shape.drives).expect("few");
        run.live(power(run, most), async || {
            let Some(store) = run.open().await else { return };
            work(run, &store, 4, 12).await;
            run.ledger().note("--- all clients done".to_owned());
        });
        run.ledger().note("--- crash".to_owned());
        for _ in 0..run.dice.below(3) {
            run.live(power(run, most / 8), async || {
                run.open().await;
            });
            run.ledger().note("--- crash in recovery".to_owned());
        }
        run.live(None, async || {
            let Some(store) = run.open().await else { return };
            verify(run, &store).await;
            if run.dice.one_in(2) {
                store.close().await;
                // A crash may leave data and directories that were being thrown away; nothing refers to them.
                let harmless = |left: &String| left.contains("orphan") || left.contains("empty");
                if let Some(first) = leftovers(run).into_iter().find(|left| !harmless(left)) {
                    run.violate(format!("left behind: {first}"));
                }
            }
        });
        if run.broken() {
            return;
        }
    }
}

fn crashes(shape: Shape, few: u64) {
    for_seeds(few, |seed| {
        let mut run = Run::new(shape, seed);
        run.stepping = seed % 4 == 0;
        crash_and_compare(&run, 4);
        run
    });
}

#[test]
fn what_was_acknowledged_survives_crashes_of_one_drive() {
    crashes(SHAPES[0], 20);
}

#[test]
fn what_was_acknowledged_survives_crashes_of_two_and_two_drives() {
    crashes(SHAPES[1], 20);
}

#[test]
fn what_was_acknowledged_survives_crashes_of_four_and_two_drives() {
    crashes(SHAPES[2], 20);
}

#[test]
fn what_was_acknowledged_survives_crashes_of_twelve_and_four_drives() {
    crashes(SHAPES[3], 8);
}

#[test]
fn a_seed_repeats_itself() {
    let course = || {
        let run = Run::new(SHAPES[1], 7);
        crash_and_compare(&run, 2);
        run.ledger().digest
    };
    assert_eq!(course(), course());
}
