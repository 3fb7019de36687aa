use super::*;
use base::{ManualClock, SeededRandom, Tasks, Timestamp};
use std::sync::Arc;

fn world() -> World {
    World {
        clock: Arc::new(ManualClock::new(Timestamp::from_secs(1))),
        random: Arc::new(SeededRandom::new(7)),
        tasks: Tasks::new(),
    }
}

/// The formats of a pool of `drives` drives in sets of `size`.
fn pool(drives: usize, size: usize) -> Vec<Option<Option<FormatJson>>> {
    let world = world();
    let format = fresh(world.random.uuid(), drives, size, &world);
    (0..drives).map(|at| Some(format.for_position((at / size, at % size)))).collect()
}

fn verdict(found: &[Option<Option<FormatJson>>], size: usize) -> Result<Verdict, OpenError> {
    let names: Vec<String> = (0..found.len()).map(|at| format!("/d{at}")).collect();
    let names: Vec<&str> = names.iter().map(String::as_str).collect();
    judge(0, size, &names, found, false, None)
}

#[tokio::test]
async fn only_a_wholly_empty_pool_is_fresh() {
    assert_eq!(verdict(&[Some(None), Some(None)], 2).expect("fine"), Verdict::Fresh);
    assert!(matches!(verdict(&[Some(None), None], 2).expect("fine"), Verdict::Wait { .. }));
    let mut mostly_empty = pool(4, 4);
    mostly_empty[1..].fill(Some(None));
    assert!(matches!(verdict(&mostly_empty, 4).expect("fine"), Verdict::Wait { .. }));
}

#[tokio::test]
async fn formatting_that_was_cut_off_goes_on_if_nothing_is_lost_by_it() {
    let names = ["/a", "/b", "/c", "/d"];
    let mut begun = pool(4, 4);
    begun[1..].fill(Some(None));
    assert!(matches!(judge(0, 4, &names, &begun, true, None).expect("fine"), Verdict::Ready(_)));
    let mut one_away = begun.clone();
    one_away[3] = None;
    assert!(matches!(judge(0, 4, &names, &one_away, true, None).expect("fine"), Verdict::Wait { .. }));
    let mut stranger = begun;
    stranger[2] = Some(fresh(Uuid::from_u128(9), 4, 4, &world()).for_position((0, 2)));
    assert!(matches!(judge(0, 4, &names, &stranger, true, None).expect("fine"), Verdict::Wait { .. }));
}

#[tokio::test]
async fn half_of_the_drives_are_enough_and_fewer_are_not() {
    let whole = pool(4, 4);
    for missing in 0..=2 {
        let mut some = whole.clone();
        some[..missing].fill(None);
        assert!(matches!(verdict(&some, 4).expect("fine"), Verdict::Ready(_)), "{missing} missing");
        some[..missing].fill(Some(None));
        assert!(matches!(verdict(&some, 4).expect("fine"), Verdict::Ready(_)), "{missing} empty");
    }
    let mut one = whole;
    one[..3].fill(None);
    assert_eq!(verdict(&one, 4).expect("fine"), Verdict::Wait { online: 1, needed: 3 });
}

#[tokio::test]
async fn a_foreign_drive_in_the_first_place_is_outvoted_and_kept_out() {
    let mut drives = pool(4, 4);
    let world = world();
    // Another seed position, so other ids.
    let foreign = fresh(Uuid::from_u128(9), 4, 4, &world);
    drives[0] = Some(foreign.for_position((0, 0)));
    let Verdict::Ready(reference) = verdict(&drives, 4).expect("fine") else { panic!("ready") };
    assert!(!reference.same_pool(&foreign));
    let expected = reference.for_position((0, 0)).expect("there");
    assert!(misfit(&foreign, &expected, (0, 0)).is_some());
    let second = reference.for_position((0, 1)).expect("there");
    assert_eq!(misfit(&second, &second, (0, 1)), None);
    assert!(misfit(&second, &expected, (0, 0)).expect("swapped").contains("found drive at (set=1st, drive=2nd)"));
}

#[tokio::test]
async fn another_geometry_is_refused_with_both_numbers() {
    let drives = pool(4, 4);
    let three = verdict(&drives[..3], 3).expect_err("refused").to_string();
    assert!(three.contains("specified: 3") && three.contains("1st drive's format.json: 4"), "{three}");
    let two = verdict(&drives, 2).expect_err("refused").to_string();
    assert!(two.contains("with 4 drives per erasure set. This cannot be changed to 2"), "{two}");
    let names = ["/a", "/b", "/c", "/d"];
    let other = judge(1, 4, &names, &drives, false, Some(Uuid::from_u128(5))).expect_err("refused").to_string();
    assert!(other.contains("for pool(2nd)"), "{other}");
}
