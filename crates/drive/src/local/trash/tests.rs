//! When the trash is emptied before its time.

use super::{MOST_BYTES, MOST_ENTRIES, Trash};
use crate::Space;

fn free(bytes: u64) -> Space {
    Space { total: 1 << 42, free: bytes, ..Space::default() }
}

#[test]
fn where_room_is_scarce_anything_is_in_the_way() {
    let trash = Trash::default();
    assert!(!trash.is_in_the_way(free((1 << 40) - 1)), "nothing lies there");
    trash.has_more();
    assert!(!trash.is_in_the_way(free(1 << 40)));
    assert!(trash.is_in_the_way(free((1 << 40) - 1)));
}

#[test]
fn it_is_in_the_way_once_it_takes_much() {
    const MUCH: u64 = 1 << 41;
    let trash = Trash::default();
    assert!(!trash.is_in_the_way(free(MUCH)));
    assert!(!trash.is_in_the_way(free(1)), "nothing lies there");
    trash.has_more();
    assert!(!trash.is_in_the_way(free(MUCH - MOST_BYTES + 1)));
    assert!(trash.is_in_the_way(free(MUCH - MOST_BYTES)));
    trash.is_emptied();
    trash.has_more();
    assert!(!trash.is_in_the_way(free(MUCH - MOST_BYTES)), "what is free now counts from now on");
    assert!(!trash.is_in_the_way(free(MUCH)), "somebody else has freed something");
    assert!(trash.is_in_the_way(free(MUCH - MOST_BYTES)));
}

#[test]
fn a_small_drive_waits_for_less() {
    let trash = Trash::default();
    trash.has_more();
    let free = |bytes| Space { total: 4000, free: bytes, ..Space::default() };
    assert!(!trash.is_in_the_way(free(1600)));
    assert!(!trash.is_in_the_way(free(1501)));
    assert!(trash.is_in_the_way(free(1500)));
}

#[test]
fn many_entries_are_in_the_way_whatever_they_take() {
    let trash = Trash::default();
    (1..MOST_ENTRIES).for_each(|_| trash.has_more());
    assert!(!trash.is_in_the_way(free(1 << 40)));
    trash.has_more();
    assert!(trash.is_in_the_way(free(1 << 40)));
}
