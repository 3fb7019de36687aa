use super::*;
use proptest::prelude::*;

fn header(id: u128, time: i64) -> Header {
    entry(object(id, time)).header
}

fn resigned(header: Header) -> Header {
    Header { signature: [!header.signature[0], 1, 2, 3], ..header }
}

/// Merges, and shows the ids and times that come out.
fn merged(lists: &[&[Header]], quorum: usize, strict: bool, limit: usize) -> Vec<(u128, i64)> {
    let places = merge_versions(lists, quorum, strict, limit);
    let headers = places.into_iter().map(|(list, at)| lists[list][at]);
    headers.map(|header| (header.version_id.as_u128(), header.mod_time.nanos())).collect()
}

#[test]
fn drives_that_agree_give_their_list() {
    let list = [header(3, 300), header(2, 200), header(1, 100)];
    assert_eq!(merged(&[&list, &list, &list, &list], 2, false, 0), [(3, 300), (2, 200), (1, 100)]);
    assert_eq!(merged(&[], 1, false, 0), []);
    assert_eq!(merged(&[&[], &[]], 1, false, 1), []);
}

#[test]
fn a_version_below_quorum_is_left_out() {
    let old = [header(1, 100)];
    let new = [header(2, 200), header(1, 100)];
    assert_eq!(merged(&[&new, &old, &old, &old], 2, false, 0), [(1, 100)]);
    assert_eq!(merged(&[&old, &new, &old, &new], 2, false, 0), [(2, 200), (1, 100)]);
    assert_eq!(merged(&[&new, &old, &old, &old], 1, false, 0), [(2, 200), (1, 100)]);
}

#[test]
fn a_version_that_some_drives_missed_is_kept() {
    let whole = [header(3, 300), header(2, 200), header(1, 100)];
    let gap = [header(3, 300), header(1, 100)];
    let short = [header(2, 200), header(1, 100)];
    assert_eq!(merged(&[&whole, &gap, &short, &whole], 3, false, 0), [(3, 300), (2, 200), (1, 100)]);
    assert_eq!(merged(&[&gap, &gap, &gap, &short], 2, false, 0), [(3, 300), (1, 100)]);
}

#[test]
fn forms_of_one_version_count_together_unless_strict() {
    let (a, b) = (header(1, 100), resigned(header(1, 100)));
    assert_eq!(merged(&[&[a], &[b]], 2, false, 0), [(1, 100)]);
    assert_eq!(merged(&[&[a], &[b]], 2, true, 0), []);
    assert_eq!(merged(&[&[a], &[b], &[a]], 2, true, 0), [(1, 100)]);
    // Quorum 1 is strict: of two forms the first in order comes out, once.
    assert_eq!(merged(&[&[a], &[b]], 1, false, 0).len(), 1);
}

#[test]
fn null_versions_of_different_times_are_different() {
    let (old, new) = (header(0, 100), header(0, 200));
    assert_eq!(merged(&[&[old], &[new]], 2, false, 0), []);
    assert_eq!(merged(&[&[old], &[new], &[old], &[new], &[old]], 3, false, 0), [(0, 100)]);
    // One that too few drives have doesn't hide the one that it was to replace, whichever drive has it.
    assert_eq!(merged(&[&[old], &[old], &[old], &[new]], 2, false, 0), [(0, 100)]);
    assert_eq!(merged(&[&[new], &[old], &[old], &[old]], 2, false, 0), [(0, 100)]);
}

#[test]
fn a_time_changed_on_some_drives_follows_the_majority() {
    let (old, new) = (header(1, 100), header(1, 200));
    assert_eq!(merged(&[&[old], &[new], &[new]], 2, false, 0).len(), 1);
    assert_eq!(merged(&[&[new], &[old], &[old]], 2, true, 0), [(1, 100)]);
}

#[test]
fn different_geometry_is_another_version() {
    let two_two = header(1, 100);
    let three_one = Header { data: 3, parity: 1, ..resigned(two_two) };
    let unknown = Header { data: 0, parity: 0, ..resigned(two_two) };
    assert_eq!(merged(&[&[two_two], &[three_one]], 2, false, 0), []);
    assert_eq!(merged(&[&[two_two], &[unknown]], 2, false, 0), [(1, 100)]);
}

#[test]
fn the_rest_of_the_first_list_follows_a_limit() {
    let whole = [header(4, 400), header(3, 300), header(2, 200), header(1, 100)];
    let other = [header(4, 400), header(3, 300)];
    assert_eq!(merge_versions(&[&whole, &other], 2, false, 1), [(0, 0), (0, 1), (0, 2), (0, 3)]);
    assert_eq!(merge_versions(&[&other, &whole], 2, false, 1), [(0, 0), (0, 1)]);
    // Free versions don't count.
    let flags = Flags { free_version: true, ..Flags::default() };
    let free = Header { flags, kind: Kind::DeleteMarker, ..whole[0] };
    let list = [free, whole[1], whole[2]];
    assert_eq!(merge_versions(&[&list, &list], 2, false, 1), [(0, 0), (0, 1), (0, 2)]);
}

#[test]
fn drives_that_did_not_answer_don_t_count() {
    let list = [header(2, 200), header(1, 100)];
    assert_eq!(merged(&[&[], &list, &[], &list], 2, false, 1), [(2, 200)]);
    assert_eq!(merged(&[&[], &list, &[], &list], 3, false, 1), []);
}

fn any_lists() -> impl Strategy<Value = Vec<Vec<Header>>> {
    let one = (0..4u128, 1..5i64, any::<bool>()).prop_map(|(id, time, changed)| match changed {
        true => resigned(header(id, time)),
        false => header(id, time),
    });
    let list = proptest::collection::vec(one, 0..6).prop_map(|mut list| {
        list.sort();
        let mut seen = std::collections::HashSet::new();
        list.retain(|header| seen.insert(header.version_id));
        list
    });
    proptest::collection::vec(list, 0..6)
}

proptest! {
    #[test]
    fn a_merge_ends_with_each_version_at_most_once(lists in any_lists(), quorum in 0..5usize, strict: bool) {
        let lists: Vec<&[Header]> = lists.iter().map(Vec::as_slice).collect();
        let out = merged(&lists, quorum, strict, 0);
        let unique: std::collections::HashSet<_> = out.iter().map(|(id, _)| id).collect();
        prop_assert_eq!(unique.len(), out.len());
        prop_assert!(out.iter().map(|(_, time)| time).is_sorted_by(|newer, older| newer >= older));
    }

    #[test]
    fn a_minority_changes_nothing(list in any_lists(), stray in any_lists()) {
        let agreed = list.into_iter().next().unwrap_or_default();
        let stray = stray.into_iter().next().unwrap_or_default();
        let lists: [&[Header]; 4] = [&agreed, &stray, &agreed, &agreed];
        let out: Vec<Header> = merge_versions(&lists, 3, true, 0).into_iter().map(|(list, at)| lists[list][at]).collect();
        prop_assert_eq!(out, agreed);
    }
}
