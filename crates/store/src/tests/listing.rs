//! Listings against a plain model.

use super::harness::*;
use crate::*;
use bytes::Bytes;
use proptest::prelude::*;
use proptest::sample::select;
use std::collections::BTreeMap;

/// Names that sort, nest, group and encode in all the ways that matter.
const KEYS: [&str; 24] = [
    "a",
    "a/",
    "a/b",
    "a/b/",
    "a/b/c",
    "a-b",
    "a.b/c",
    "a b",
    "ab",
    "b/1",
    "b/2",
    "b/3/x",
    "dir/",
    "dir/x",
    "dir/sub/y",
    "dir!x",
    "dir0",
    "deep/1/2/3/4",
    "ä/ö",
    "ä/ö2",
    "x/xl.meta",
    "q*?",
    "\u{1}c",
    "z\u{10FFFF}y",
];
const PREFIXES: [&str; 12] = ["", "a", "a/", "a/b", "a/b/", "b/", "dir", "dir/", "d", "ä/", "x/xl", "none/"];
const DELIMITERS: [&str; 7] = ["", "/", "a", "b", "/b", "ö", "\u{10FFFF}"];

#[derive(Clone, Debug)]
enum Step {
    Put(&'static str, Versioning),
    Delete(&'static str, Versioning),
    /// Removes the newest version for good.
    Remove(&'static str),
}

#[derive(Clone, Debug)]
struct Query {
    prefix: &'static str,
    delimiter: &'static str,
    after: String,
    limit: usize,
    versions: bool,
}

/// Versions by key, newest first: id and whether it is a marker.
#[derive(Default)]
struct Model(BTreeMap<String, Vec<(VersionId, bool)>>);

/// A line of a listing, in short.
type Line = (String, Option<(VersionId, bool)>);

impl Model {
    fn put(&mut self, key: &str, version: (VersionId, bool)) {
        let versions = self.0.entry(key.to_owned()).or_default();
        versions.retain(|(id, _)| *id != version.0);
        versions.insert(0, version);
    }

    fn remove(&mut self, key: &str, id: VersionId) {
        let Some(versions) = self.0.get_mut(key) else { return };
        versions.retain(|(other, _)| *other != id);
        if versions.is_empty() {
            self.0.remove(key);
        }
    }

    /// Whether the key lies below another object's name.
    fn is_hidden(&self, key: &str) -> bool {
        let key = key.strip_suffix('/').unwrap_or(key);
        key.match_indices('/').any(|(at, _)| self.0.contains_key(&key[..at]))
    }

    fn list(&self, query: &Query) -> Vec<Line> {
        let mut lines: Vec<Line> = Vec::new();
        let names = self.0.iter().filter(|(key, _)| key.starts_with(query.prefix) && !self.is_hidden(key));
        for (key, versions) in names {
            let rest = &key[query.prefix.len()..];
            let at = if query.delimiter.is_empty() { None } else { rest.find(query.delimiter) };
            let shown = query.versions || !versions[0].1;
            if let Some(at) = at {
                let group = key[..query.prefix.len() + at + query.delimiter.len()].to_owned();
                let given = lines.last().is_some_and(|(last, _)| *last == group);
                if (shown || query.delimiter == "/") && !given && group > query.after {
                    lines.push((group, None));
                }
            } else if shown && *key > query.after {
                let count = if query.versions { versions.len() } else { 1 };
                lines.extend(versions[..count].iter().map(|version| (key.clone(), Some(*version))));
            }
        }
        lines
    }
}

fn line(listed: &Listed) -> Line {
    match listed {
        Listed::Object(info) => (info.key.clone(), Some((info.version_id, info.delete_marker))),
        Listed::Prefix(prefix) => (prefix.clone(), None),
    }
}

/// All pages of a query, one after the other, each with what it said about being cut.
async fn pages(store: &Store, query: &Query) -> Vec<Line> {
    let mut lines = Vec::new();
    let (mut after, mut after_version) = (query.after.clone(), None);
    loop {
        let request = ListRequest {
            bucket: BUCKET.to_owned(),
            prefix: query.prefix.to_owned(),
            delimiter: query.delimiter.to_owned(),
            after: after.clone(),
            after_version,
            limit: query.limit,
            versions: query.versions,
        };
        let page = store.list(request).await.expect("a page");
        assert!(page.entries.len() <= query.limit);
        assert!(!page.truncated || page.entries.len() == query.limit, "cut before it is full");
        let Some(last) = page.entries.last() else { return lines };
        (after, after_version) = match last {
            Listed::Object(info) => (info.key.clone(), query.versions.then_some(info.version_id)),
            Listed::Prefix(prefix) => (prefix.clone(), None),
        };
        lines.extend(page.entries.iter().map(line));
        if !page.truncated {
            return lines;
        }
    }
}

fn delete_request(key: &str, version_id: Option<VersionId>, versioning: Versioning) -> DeleteRequest {
    let (bucket, key) = (BUCKET.to_owned(), key.to_owned());
    DeleteRequest { bucket, key, version_id, versioning, always_mark: false, protect: None, condition: None }
}

async fn take(store: &Store, model: &mut Model, step: &Step) {
    match *step {
        Step::Put(key, versioning) => {
            let info = put_as(store, key, &Bytes::from_static(b"x"), versioning).await;
            model.put(key, (info.version_id, false));
        }
        Step::Delete(key, versioning) => {
            let deleted = store.delete_object(delete_request(key, None, versioning)).await.expect("deleted");
            match (deleted.version_id, deleted.delete_marker) {
                (Some(id), true) if versioning != Versioning::Off => {
                    // An existing marker is told again, not made again.
                    if model.0.get(key).and_then(|versions| versions.first()) != Some(&(id, true)) {
                        model.put(key, (id, true));
                    }
                }
                (Some(id), _) => model.remove(key, id),
                (None, _) => {}
            }
        }
        Step::Remove(key) => {
            let Some(&(id, _)) = model.0.get(key).and_then(|versions| versions.first()) else { return };
            store.delete_object(delete_request(key, Some(id), Versioning::Enabled)).await.expect("removed");
            model.remove(key, id);
        }
    }
}

fn steps() -> impl Strategy<Value = Vec<Step>> {
    let versioning = select(vec![Versioning::Off, Versioning::Enabled, Versioning::Enabled, Versioning::Suspended]);
    let step = (select(KEYS.to_vec()), versioning, 0..10).prop_map(|(key, versioning, kind)| match kind {
        0..=6 => Step::Put(key, versioning),
        7..=8 => Step::Delete(key, versioning),
        _ => Step::Remove(key),
    });
    prop::collection::vec(step, 1..30)
}

fn queries() -> impl Strategy<Value = Vec<Query>> {
    let markers: Vec<String> =
        KEYS.iter().chain(&PREFIXES).map(|key| (*key).to_owned()).chain(["a/zz".into(), "dir/s".into()]).collect();
    let after = prop_oneof![2 => Just(String::new()), 3 => select(markers)];
    let query = (select(PREFIXES.to_vec()), select(DELIMITERS.to_vec()), after, 1usize..8, any::<bool>());
    let query = query.prop_map(|(prefix, delimiter, after, limit, versions)| Query {
        prefix,
        delimiter,
        after,
        limit,
        versions,
    });
    prop::collection::vec(query, 20..60)
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 16, max_shrink_iters: 60, ..ProptestConfig::default() })]

    #[test]
    fn pages_hold_what_a_plain_model_holds(
        drives in select(vec![1usize, 4, 6]),
        away in any::<bool>(),
        steps in steps(),
        queries in queries(),
    ) {
        let runtime = tokio::runtime::Builder::new_multi_thread().worker_threads(2).enable_all().build().expect("runtime");
        runtime.block_on(async {
            let directories = Directories::new(drives);
            let store = directories.open().await;
            let set = store.inner.sets().next().expect("a set").clone();
            let mut model = Model::default();
            for (at, step) in steps.iter().enumerate() {
                // A drive that misses the middle of it all neither hides nor brings back names.
                if away && drives > 1 && at == steps.len() / 3 {
                    quiet(&store).await;
                    let drive = set.drives()[0].clone().expect("there");
                    set.take_offline(0);
                    for step in &steps[at..at + steps.len() / 3] {
                        take(&store, &mut model, step).await;
                    }
                    quiet(&store).await;
                    set.put_online(0, drive);
                }
                take(&store, &mut model, step).await;
            }
            quiet(&store).await;
            for query in &queries {
                let (got, expected) = (pages(&store, query).await, model.list(query));
                assert_eq!(got, expected, "{query:?}");
            }
            store.close().await;
        });
    }
}

async fn keys(store: &Store, request: ListRequest) -> Vec<String> {
    let page = store.list(ListRequest { bucket: BUCKET.to_owned(), ..request }).await.expect("a page");
    page.entries.iter().map(|listed| line(listed).0).collect()
}

#[tokio::test]
async fn a_long_group_is_passed_over_without_reading_all_of_it() {
    let directories = Directories::new(1);
    let store = directories.open().await;
    for at in 0..700 {
        put(&store, &format!("ga{at:04}"), &Bytes::from_static(b"x")).await;
    }
    put(&store, "gb", &Bytes::from_static(b"x")).await;
    let request = ListRequest { delimiter: "a".to_owned(), limit: 10, ..ListRequest::default() };
    assert_eq!(keys(&store, request).await, ["ga", "gb"]);
    let page = ListRequest { limit: 1000, ..ListRequest::default() };
    assert_eq!(keys(&store, page).await.len(), 701);
    store.close().await;
}

#[tokio::test]
async fn a_deleted_version_marker_repeats_the_rest_of_its_key_rather_than_losing_it() {
    let directories = Directories::new(1);
    let store = directories.open().await;
    let mut ids = Vec::new();
    for _ in 0..3 {
        ids.insert(0, put_as(&store, "k", &Bytes::from_static(b"x"), Versioning::Enabled).await.version_id);
    }
    let first = ids.remove(0);
    store.delete_object(delete_request("k", Some(first), Versioning::Enabled)).await.expect("removed");
    let request = ListRequest {
        bucket: BUCKET.to_owned(),
        after: "k".to_owned(),
        after_version: Some(first),
        limit: 10,
        versions: true,
        ..ListRequest::default()
    };
    let page = store.list(request).await.expect("a page");
    let left: Vec<_> = page.entries.iter().filter_map(|listed| line(listed).1).map(|(id, _)| id).collect();
    assert_eq!(left, ids);
    store.close().await;
}

#[tokio::test]
async fn with_fewer_than_half_of_the_drives_there_is_no_listing() {
    let directories = Directories::new(4);
    let store = directories.open().await;
    put(&store, "k", &Bytes::from_static(b"x")).await;
    quiet(&store).await;
    let set = store.inner.sets().next().expect("a set").clone();
    let request = ListRequest { limit: 10, ..ListRequest::default() };
    set.take_offline(0);
    set.take_offline(1);
    assert_eq!(keys(&store, request.clone()).await, ["k"]);
    set.take_offline(2);
    let refused = store.list(ListRequest { bucket: BUCKET.to_owned(), ..request }).await;
    assert!(matches!(refused, Err(StoreError::ReadQuorum { .. })), "{refused:?}");
    store.close().await;
}

#[tokio::test]
async fn prefixes_and_buckets_that_cannot_be() {
    let directories = Directories::new(1);
    let store = directories.open().await;
    put(&store, "k", &Bytes::from_static(b"x")).await;
    let with = |prefix: &str| ListRequest { prefix: prefix.to_owned(), limit: 10, ..ListRequest::default() };
    assert!(keys(&store, with("/k")).await.is_empty());
    for prefix in ["a//b", "../x", "a/./b"] {
        let refused = store.list(ListRequest { bucket: BUCKET.to_owned(), ..with(prefix) }).await;
        assert!(matches!(refused, Err(StoreError::BadKey { .. })), "{prefix}: {refused:?}");
    }
    let missing = store.list(ListRequest { bucket: "nobody".to_owned(), limit: 1, ..ListRequest::default() }).await;
    assert!(matches!(missing, Err(StoreError::BucketNotFound { .. })));
    assert!(keys(&store, ListRequest::default()).await.is_empty());
    store.close().await;
}

#[tokio::test]
async fn sets_and_pools_are_listed_as_one() {
    let (first, second) = (Directories::new(4), Directories::seeded(4, 43));
    let store = super::pools::two_pools(&first, &second).await;
    let mut expected = Vec::new();
    for nth in 0..30 {
        let key = format!("dir{}/key-{nth:02}", nth % 3);
        put_as(&store, &key, &Bytes::from_static(b"x"), Versioning::Enabled).await;
        expected.push(key);
    }
    expected.sort_unstable();
    let query = Query { prefix: "", delimiter: "", after: String::new(), limit: 7, versions: false };
    let got: Vec<String> = pages(&store, &query).await.into_iter().map(|(key, _)| key).collect();
    assert_eq!(got, expected);
    let groups = ListRequest { delimiter: "/".to_owned(), limit: 10, ..ListRequest::default() };
    assert_eq!(keys(&store, groups).await, ["dir0/", "dir1/", "dir2/"]);

    // Versions of one key in both pools: one list, in which the newest wins.
    let key = &expected[0];
    let place = |pool: usize| store.inner.set_of(pool, key).drives();
    let source = store.inner.find(BUCKET, key, crate::quorum::Wanted::Latest, crate::find::Thoroughness::Quick).await;
    let other = 1 - source.winner.expect("there");
    let version = source.agreed().expect("there").version.clone();
    for drive in place(other).iter().flatten() {
        let mut copy = version.clone().into_object().expect("an object");
        copy.version_id = uuid::Uuid::from_u128(7);
        copy.mod_time = copy.mod_time.plus(std::time::Duration::from_secs(1));
        let version = format::xl::VersionEntry::from_version(&format::xl::Version::Object(copy));
        let change =
            drive::Change::Write { version, inline: drive::Inline::Remove, data: drive::DataSource::None, heal: false };
        let commit =
            drive::Commit { id: uuid::Uuid::from_u128(9), bucket: BUCKET.to_owned(), object: key.clone(), change };
        drive.commit(commit).await.expect("committed");
    }
    let query = Query { prefix: "dir0/key-00", delimiter: "", after: String::new(), limit: 1, versions: true };
    let versions: Vec<_> = pages(&store, &query).await.into_iter().filter_map(|(_, version)| version).collect();
    assert_eq!(versions.len(), 2);
    assert_eq!(versions[0].0, VersionId::Id(uuid::Uuid::from_u128(7)));
    store.close().await;
}
