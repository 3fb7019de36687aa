//! What the cache forgets, refuses and gives up.

use super::*;
use base::Timestamp;
use format::xl::{DeleteMarker, Version, VersionEntry};
use std::sync::atomic::AtomicI64;

/// Metadata that says `number`.
fn meta(number: i64) -> Arc<XlMeta> {
    let marker = DeleteMarker { mod_time: Timestamp::from_nanos(number), ..DeleteMarker::default() };
    let entry = VersionEntry::from_version(&Version::DeleteMarker(marker));
    Arc::new(XlMeta { versions: vec![entry], ..XlMeta::default() })
}

fn number(meta: &XlMeta) -> i64 {
    meta.versions[0].header.mod_time.nanos()
}

fn known() -> Known {
    Known::new(1 << 20)
}

fn fill(known: &Known, object: &str) {
    known.put_meta(known.meta_ticket(object), object, &meta(1), 100, true);
}

fn has(known: &Known, object: &str) -> bool {
    known.meta(object, true).is_some()
}

fn fill_names(known: &Known, dir: &str) {
    known.put_names(known.names_ticket(dir), dir, &Arc::default());
}

#[test]
fn a_change_of_the_file_forgets_the_name_and_no_other() {
    let known = known();
    for object in ["b/a", "b/a/c", "b/a-1"] {
        fill(&known, object);
    }
    drop(known.change("b/a/xl.meta"));
    assert!(!has(&known, "b/a") && has(&known, "b/a/c") && has(&known, "b/a-1"));
}

#[test]
fn a_change_of_a_directory_forgets_all_below_it() {
    let known = known();
    let all = ["a", "b", "b-1/x", "b/a", "b/a-1", "b/a/c", "b/a/c/d", "b/a0", "b/b", "c"];
    all.iter().for_each(|object| fill(&known, object));
    drop(known.change("b/a"));
    let left: Vec<_> = all.iter().filter(|object| has(&known, object)).collect();
    assert_eq!(left, [&"a", &"b", &"b-1/x", &"b/a-1", &"b/a0", &"b/b", &"c"]);
    drop(known.change("b"));
    assert!(!has(&known, "b/b") && !has(&known, "b") && has(&known, "b-1/x"));
}

#[test]
fn what_was_read_before_or_during_a_change_is_not_taken_in() {
    for path in ["b/a/xl.meta", "b/a", "b", "elsewhere"] {
        let known = known();
        let before = known.meta_ticket("b/a");
        let change = known.change(path);
        let during = known.meta_ticket("b/a");
        known.put_meta(before, "b/a", &meta(1), 1, true);
        known.put_meta(during, "b/a", &meta(1), 1, true);
        assert!(!has(&known, "b/a"), "{path}");
        drop(change);
        known.put_meta(before, "b/a", &meta(1), 1, true);
        known.put_meta(during, "b/a", &meta(1), 1, true);
        assert!(!has(&known, "b/a"), "{path}");
        fill(&known, "b/a");
        assert!(has(&known, "b/a"), "{path}");
    }
}

#[test]
fn of_two_changes_the_last_to_end_counts() {
    let known = known();
    let (one, other) = (known.change("b/a/xl.meta"), known.change("b/a/xl.meta"));
    drop(one);
    fill(&known, "b/a");
    assert!(!has(&known, "b/a"));
    drop(other);
    fill(&known, "b/a");
    assert!(has(&known, "b/a"));
}

#[test]
fn what_lacks_inline_data_is_no_answer_for_whoever_wants_it() {
    let known = known();
    known.put_meta(known.meta_ticket("b/a"), "b/a", &meta(1), 1, false);
    assert!(!has(&known, "b/a") && known.meta("b/a", false).is_some());
    known.put_meta(known.meta_ticket("b/a"), "b/a", &meta(1), 1, true);
    assert!(has(&known, "b/a"));
}

#[test]
fn names_in_places_of_the_drives_own_are_not_kept() {
    let known = known();
    for object in
        [".minio.sys/tmp/x", ".minio.sys/rustfs/x", ".minio.sys/buckets/b/.metadata.bin", "b/xl.meta", "b/xl.meta/c"]
    {
        fill(&known, object);
        assert!(!has(&known, object), "{object}");
    }
    fill(&known, ".minio.sys/tmp-like/x");
    assert!(has(&known, ".minio.sys/tmp-like/x"));
}

#[test]
fn the_budget_holds_and_what_is_asked_for_stays() {
    let known = Known::new(100_000);
    fill(&known, "b/hot");
    for at in 0..2000 {
        fill(&known, &format!("b/{at:04}"));
        assert!(has(&known, "b/hot"), "{at}");
        assert!(known.metas.state.read().bytes <= 66_667);
    }
    let state = known.metas.state.read();
    assert!(state.entries.len() > 100);
    assert_eq!(state.bytes, state.entries.values().map(|entry| entry.cost).sum::<usize>());
    drop(state);
    known.put_meta(known.meta_ticket("b/large"), "b/large", &meta(1), 60_000, true);
    assert!(!has(&known, "b/large"), "one name is no large part of it");
    drop(known.change("b"));
    assert_eq!(known.metas.state.read().bytes, 0);
}

#[test]
fn readers_never_see_what_was_before_a_change_that_has_ended() {
    const CHANGES: i64 = 20_000;
    let known = known();
    let (file, done) = (AtomicI64::new(0), AtomicI64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 1..=CHANGES {
                let path = if number % 7 == 0 { "b" } else { "b/a/xl.meta" };
                let change = known.change(path);
                file.store(number, Ordering::SeqCst);
                drop(change);
                done.store(number, Ordering::SeqCst);
            }
        });
        for _ in 0..2 {
            scope.spawn(|| {
                let mut last = 0;
                while done.load(Ordering::SeqCst) < CHANGES {
                    let least = done.load(Ordering::SeqCst).max(last);
                    let seen = known.meta("b/a", true).map_or_else(
                        || {
                            let ticket = known.meta_ticket("b/a");
                            let read = file.load(Ordering::SeqCst);
                            known.put_meta(ticket, "b/a", &meta(read), 1, true);
                            read
                        },
                        |found| number(&found),
                    );
                    assert!(seen >= least, "saw {seen} after {least}");
                    last = seen;
                }
            });
        }
    });
}

#[test]
fn what_is_in_a_directory_is_forgotten_when_any_directory_in_it_comes_or_goes() {
    let dirs = ["b", "b/a", "b/a/c", "b/a-1", "d"];
    let left_by = |change: &dyn Fn(&Known)| -> Vec<&str> {
        let known = known();
        dirs.iter().for_each(|dir| fill_names(&known, dir));
        change(&known);
        dirs.into_iter().filter(|dir| known.names(dir).is_some()).collect()
    };
    assert_eq!(left_by(&|known| drop(known.change_of_empty("b/a"))), ["b/a/c", "b/a-1", "d"]);
    assert_eq!(left_by(&|known| drop(known.change_of_empty("b/new"))), ["b/a", "b/a/c", "b/a-1", "d"]);
    assert_eq!(left_by(&|known| drop(known.change("b/a"))), ["b/a-1", "d"]);
    assert_eq!(left_by(&|known| drop(known.change("b/a/xl.meta"))), dirs);
    let known = known();
    let before = known.names_ticket("b");
    let change = known.change_of_empty("b/new");
    let during = known.names_ticket("b");
    for ticket in [before, during] {
        known.put_names(ticket, "b", &Arc::default());
    }
    drop(change);
    for ticket in [before, during] {
        known.put_names(ticket, "b", &Arc::default());
        assert!(known.names("b").is_none());
    }
}
