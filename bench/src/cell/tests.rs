use super::{SHORT, all, matches, select};

#[test]
fn names_tell_cells_apart() {
    let mut names: Vec<String> = all().iter().map(ToString::to_string).collect();
    let count = names.len();
    assert!(
        ["put-4k-c16-d4", "get-20m-c1-d1", "list-c64-d16", "start-10000-d4", "get-20m-c1-d4-sse-kms"]
            .iter()
            .all(|n| names.contains(&n.to_string()))
    );
    names.sort();
    names.dedup();
    assert_eq!(names.len(), count);
}

#[test]
fn patterns_choose_in_their_order_and_nothing_twice() {
    let names = |patterns| select(patterns).unwrap().iter().map(ToString::to_string).collect::<Vec<_>>();
    assert_eq!(
        names("head-4k-c16-d4,get-*-c1-d4,get-4k-c1-d4")[..3],
        ["head-4k-c16-d4", "get-1k-c1-d4", "get-4k-c1-d4"]
    );
    assert_eq!(names("head-4k-c16-d4,get-*-c1-d4,get-4k-c1-d4").len(), 6);
    assert_eq!(names("*"), all().iter().map(ToString::to_string).collect::<Vec<_>>());
    assert_eq!(names(SHORT).len(), 9);
    assert_eq!(select("put-4k-c16-d4,put-5k-*"), Err("put-5k-*"));
}

#[test]
fn a_star_stands_for_anything_also_nothing() {
    assert!(matches("a*b*c", "abc") && matches("a*b*c", "axbyybzc") && matches("*", ""));
    assert!(!matches("a*b", "abc") && !matches("ab", "abc") && !matches("a*c*c", "abc"));
}
