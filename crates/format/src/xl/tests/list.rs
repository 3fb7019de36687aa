use super::*;
use crate::object_meta_keys::sys;
use proptest::prelude::*;

fn ids(meta: &XlMeta) -> Vec<u128> {
    meta.versions.iter().map(|entry| entry.header.version_id.as_u128()).collect()
}

fn list(versions: &[(u128, i64)]) -> XlMeta {
    let mut meta = XlMeta::default();
    versions.iter().for_each(|&(id, time)| meta.upsert(entry(object(id, time))));
    meta
}

#[test]
fn newer_versions_come_first_and_of_equal_times_the_later_inserted() {
    assert_eq!(ids(&list(&[(1, 100), (2, 300), (3, 200), (4, 200)])), [2, 4, 3, 1]);
}

#[test]
fn a_version_with_the_same_id_takes_the_place() {
    let mut meta = list(&[(1, 100), (2, 200), (3, 300)]);
    let changed = ObjectVersion { size: 6, ..object(2, 200) };
    meta.upsert(entry(changed.clone()));
    assert_eq!(ids(&meta), [3, 2, 1]);
    assert_eq!(meta.find(Uuid::from_u128(2)).unwrap().decode(), Ok(changed.into()));
    meta.upsert(entry(object(2, 400)));
    assert_eq!(ids(&meta), [2, 3, 1]);
    meta.upsert(entry(marker(2, 50)));
    assert_eq!(ids(&meta), [3, 1, 2]);
}

#[test]
fn the_null_version_is_found_by_nil_and_removed() {
    let mut meta = list(&[(0, 100), (1, 200)]);
    assert_eq!(meta.find(Uuid::nil()).map(|entry| entry.header.mod_time.nanos()), Some(100));
    assert!(meta.remove(Uuid::nil()).is_some());
    assert_eq!((meta.remove(Uuid::nil()), ids(&meta)), (None, vec![1]));
}

#[test]
fn free_versions_are_not_the_latest() {
    let mut free = marker(9, 900);
    free.meta_sys.insert(sys::FREE_VERSION.to_owned(), Bytes::new());
    let mut meta = list(&[(1, 100)]);
    meta.upsert(entry(free));
    assert_eq!(ids(&meta), [9, 1]);
    assert_eq!(meta.latest().unwrap().header.version_id.as_u128(), 1);
}

#[test]
fn the_order_of_ties_is_fixed() {
    let base = entry(object(5, 100)).header;
    let older = Header { mod_time: Timestamp::from_nanos(99), ..base };
    let marker = Header { kind: Kind::DeleteMarker, ..base };
    let signature = Header { signature: [0xff; 4], ..base };
    let id = Header { version_id: Uuid::from_u128(6), ..base };
    let flags = Header { flags: Flags::from_bits(7), ..base };
    let mut sorted = [older, marker, base, flags, id, signature];
    sorted.sort();
    assert_eq!(sorted, [signature, id, flags, base, marker, older]);
}

#[test]
fn shared_data_directories_are_noticed() {
    let dir = Uuid::from_u128(77);
    let with_dir = |id, time| ObjectVersion { data_dir: dir, ..object(id, time) };
    let mut meta = XlMeta::default();
    meta.upsert(entry(with_dir(1, 100)));
    meta.upsert(entry(object(2, 200)));
    meta.upsert(entry(marker(3, 300)));
    assert!(!meta.data_dir_shared(dir, Uuid::from_u128(1)));
    meta.upsert(entry(with_dir(4, 400)));
    assert!(meta.data_dir_shared(dir, Uuid::from_u128(1)));
    // What can't be read may use it.
    let damaged = VersionEntry::from_parts(entry(object(5, 500)).header, Bytes::from_static(b"\x81"));
    let meta = XlMeta { versions: vec![damaged], ..XlMeta::default() };
    assert!(meta.data_dir_shared(dir, Uuid::nil()));
}

#[test]
fn shards_keep_their_order_when_replaced() {
    let [a, b, c] = [0, 1, 2].map(Uuid::from_u128);
    let mut meta = XlMeta::default();
    for (id, shard) in [(a, "null's"), (b, "b's"), (c, "c's"), (a, "new")] {
        meta.inline.set(id, shard.into());
    }
    let reread = XlMeta::parse(&meta.encode().into()).unwrap();
    assert_eq!(reread, meta);
    let names: Vec<_> = reread.inline.iter().map(|(name, _)| name.clone()).collect();
    assert_eq!(names, ["null", &b.to_string(), &c.to_string()]);
    assert_eq!(reread.inline.get(a).unwrap(), "new");

    assert_eq!(meta.inline.remove(b).unwrap(), "b's");
    assert_eq!((meta.inline.remove(b), meta.inline.len()), (None, 2));
    assert!([a, c].into_iter().all(|id| meta.inline.remove(id).is_some()));
    assert_eq!(meta, XlMeta::parse(&meta.encode().into()).unwrap());
    assert_eq!(meta.encode(), XlMeta::default().encode(), "an empty section is left out");
}

#[test]
fn old_shards_are_found_under_their_data_directory() {
    let mut inline = InlineData::default();
    let dir = Uuid::from_u128(5);
    inline.set(dir, "old".into());
    assert_eq!(inline.get(Uuid::nil()), None);
    assert_eq!(inline.get_or_by_data_dir(Uuid::nil(), dir).unwrap(), "old");
}

#[test]
fn damage_to_the_inline_section_costs_what_is_behind_it() {
    let mut meta = list(&[(1, 100)]);
    let names = [1, 2, 3].map(Uuid::from_u128);
    names.into_iter().for_each(|id| meta.inline.set(id, "shard".into()));
    let file = meta.encode();
    let read = |file: &[u8]| XlMeta::parse(&Bytes::copy_from_slice(file)).unwrap();
    for cut in 0..3 {
        let kept = read(&file[..file.len() - 1 - cut * 45]);
        assert_eq!((kept.inline.len(), kept.versions.len()), (2 - cut, 1));
    }
    let section = file.len() - meta.inline.iter().map(|(name, _)| 2 + name.len() + 7).sum::<usize>() - 2;
    let mut unknown = file.clone();
    unknown[section] = 2;
    assert!(read(&unknown).inline.is_empty());
    // A name without characters is damage too.
    let nameless = [&file[..section], b"\x01\x82\xa1a\xc4\x01x\xa0\xc4\x01y"].concat();
    assert_eq!(read(&nameless).inline.len(), 1);
}

proptest! {
    #[test]
    fn insertion_keeps_the_order_and_one_entry_an_id(inserts in proptest::collection::vec((0..6u128, 1..6i64), 0..20)) {
        let meta = list(&inserts);
        let times: Vec<_> = meta.versions.iter().map(|entry| entry.header.mod_time).collect();
        prop_assert!(times.is_sorted_by(|newer, older| newer >= older));
        let unique: std::collections::BTreeSet<_> = ids(&meta).into_iter().collect();
        prop_assert_eq!(unique.len(), meta.versions.len());
        prop_assert_eq!(XlMeta::parse(&meta.encode().into()), Ok(meta));
    }
}
