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

fn cache() -> Arc<MetaCache> {
    Arc::new(MetaCache::new(1 << 20))
}

fn fill(cache: &MetaCache, object: &str) {
    cache.put(cache.ticket(object), object, &meta(1), 100, true);
}

fn has(cache: &MetaCache, object: &str) -> bool {
    cache.get(object, true).is_some()
}

#[test]
fn a_change_of_the_file_forgets_the_name_and_no_other() {
    let cache = cache();
    for object in ["b/a", "b/a/c", "b/a-1"] {
        fill(&cache, object);
    }
    drop(cache.change("b/a/xl.meta"));
    assert!(!has(&cache, "b/a") && has(&cache, "b/a/c") && has(&cache, "b/a-1"));
}

#[test]
fn a_change_of_a_directory_forgets_all_below_it() {
    let cache = cache();
    let all = ["a", "b", "b-1/x", "b/a", "b/a-1", "b/a/c", "b/a/c/d", "b/a0", "b/b", "c"];
    all.iter().for_each(|object| fill(&cache, object));
    drop(cache.change("b/a"));
    let left: Vec<_> = all.iter().filter(|object| has(&cache, object)).collect();
    assert_eq!(left, [&"a", &"b", &"b-1/x", &"b/a-1", &"b/a0", &"b/b", &"c"]);
    drop(cache.change("b"));
    assert!(!has(&cache, "b/b") && !has(&cache, "b") && has(&cache, "b-1/x"));
}

#[test]
fn what_was_read_before_or_during_a_change_is_not_taken_in() {
    for path in ["b/a/xl.meta", "b/a", "b", "elsewhere"] {
        let cache = cache();
        let before = cache.ticket("b/a");
        let change = cache.change(path);
        let during = cache.ticket("b/a");
        cache.put(before, "b/a", &meta(1), 1, true);
        cache.put(during, "b/a", &meta(1), 1, true);
        assert!(!has(&cache, "b/a"), "{path}");
        drop(change);
        cache.put(before, "b/a", &meta(1), 1, true);
        cache.put(during, "b/a", &meta(1), 1, true);
        assert!(!has(&cache, "b/a"), "{path}");
        fill(&cache, "b/a");
        assert!(has(&cache, "b/a"), "{path}");
    }
}

#[test]
fn of_two_changes_the_last_to_end_counts() {
    let cache = cache();
    let (one, other) = (cache.change("b/a/xl.meta"), cache.change("b/a/xl.meta"));
    drop(one);
    fill(&cache, "b/a");
    assert!(!has(&cache, "b/a"));
    drop(other);
    fill(&cache, "b/a");
    assert!(has(&cache, "b/a"));
}

#[test]
fn what_lacks_inline_data_is_no_answer_for_whoever_wants_it_and_replaces_nothing() {
    let cache = cache();
    cache.put(cache.ticket("b/a"), "b/a", &meta(1), 1, false);
    assert!(!has(&cache, "b/a") && cache.get("b/a", false).is_some());
    cache.put(cache.ticket("b/a"), "b/a", &meta(1), 1, true);
    assert!(has(&cache, "b/a"));
    cache.put(cache.ticket("b/a"), "b/a", &meta(1), 1, false);
    assert!(has(&cache, "b/a"));
}

#[test]
fn names_in_places_of_the_drives_own_are_not_kept() {
    let cache = cache();
    for object in [".minio.sys/tmp/x", ".minio.sys/rustfs/x", "b/xl.meta", "b/xl.meta/c"] {
        fill(&cache, object);
        assert!(!has(&cache, object), "{object}");
    }
    fill(&cache, ".minio.sys/tmp-like/x");
    assert!(has(&cache, ".minio.sys/tmp-like/x"));
}

#[test]
fn the_budget_holds_and_what_is_asked_for_stays() {
    let cache = Arc::new(MetaCache::new(100_000));
    fill(&cache, "b/hot");
    for at in 0..2000 {
        fill(&cache, &format!("b/{at:04}"));
        assert!(has(&cache, "b/hot"), "{at}");
        assert!(cache.state.read().bytes <= 100_000);
    }
    let state = cache.state.read();
    assert!(state.entries.len() > 100);
    assert_eq!(state.bytes, state.entries.values().map(|entry| entry.cost).sum::<usize>());
    drop(state);
    cache.put(cache.ticket("b/large"), "b/large", &meta(1), 50_000, true);
    assert!(!has(&cache, "b/large"), "one name is no large part of it");
    drop(cache.change("b"));
    assert_eq!(cache.state.read().bytes, 0);
}

#[test]
fn readers_never_see_what_was_before_a_change_that_has_ended() {
    const CHANGES: i64 = 20_000;
    let cache = cache();
    let (file, done) = (AtomicI64::new(0), AtomicI64::new(0));
    std::thread::scope(|scope| {
        scope.spawn(|| {
            for number in 1..=CHANGES {
                let path = if number % 7 == 0 { "b" } else { "b/a/xl.meta" };
                let change = cache.change(path);
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
                    let seen = cache.get("b/a", true).map_or_else(
                        || {
                            let ticket = cache.ticket("b/a");
                            let read = file.load(Ordering::SeqCst);
                            cache.put(ticket, "b/a", &meta(read), 1, true);
                            read
                        },
                        |known| number(&known),
                    );
                    assert!(seen >= least, "saw {seen} after {least}");
                    last = seen;
                }
            });
        }
    });
}
