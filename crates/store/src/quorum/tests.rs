use super::*;
use base::Timestamp;
use format::xl::DeleteMarker;
use std::collections::BTreeMap;

const DRIVES: u8 = 4;

/// A drive's metadata of one version with these tags, written at the same time on all.
fn holding(drive: u8, tags: &str) -> Option<MetaAnswer> {
    let object = ObjectVersion {
        version_id: Uuid::nil(),
        data_dir: Uuid::from_u128(1),
        data: 2,
        parity: 2,
        block_size: 1 << 20,
        index: drive + 1,
        distribution: (1..=DRIVES).collect(),
        parts: Vec::new(),
        size: 0,
        mod_time: Timestamp::from_secs(1_795_417_362),
        meta_sys: BTreeMap::new(),
        meta_user: BTreeMap::from([("X-Amz-Object-Tagging".to_owned(), tags.to_owned())]),
        writer_version: 0,
        extra: Default::default(),
    };
    let mut meta = XlMeta::default();
    meta.upsert(VersionEntry::from_version(&Version::Object(object)));
    Some(Ok(Arc::new(meta)))
}

fn tags_of(agreed: &Agreed) -> &str {
    let Version::Object(object) = &agreed.version else { panic!("an object was written") };
    &object.meta_user["X-Amz-Object-Tagging"]
}

#[test]
fn a_drive_that_missed_an_edit_in_place_does_not_speak_for_all() {
    for late in 0..DRIVES {
        let answers: Vec<_> =
            (0..DRIVES).map(|drive| holding(drive, if drive == late { "old" } else { "new" })).collect();
        for wanted in [Wanted::Latest, Wanted::Version(Uuid::nil())] {
            let agreed = choose(&answers, 2, wanted).expect("all hold it");
            assert_eq!(tags_of(&agreed), "new", "drive {late} is late");
            assert!(agreed.stale, "the late drive is to be healed");
        }
    }
}

/// A drive's metadata of delete markers made at these times.
fn with_markers(times: &[i64]) -> Option<MetaAnswer> {
    let mut meta = XlMeta::default();
    for &time in times {
        let version_id = Uuid::from_u128(time.unsigned_abs().into());
        let marker = DeleteMarker { version_id, mod_time: Timestamp::from_secs(time), ..DeleteMarker::default() };
        meta.upsert(VersionEntry::from_version(&Version::DeleteMarker(marker)));
    }
    Some(Ok(Arc::new(meta)))
}

#[test]
fn what_drives_that_are_away_may_have_above_the_latest_is_not_denied() {
    let latest =
        |answers: &[Option<MetaAnswer>]| choose(answers, 2, Wanted::Latest).map(|agreed| agreed.header.mod_time);
    let (newer, older) = (with_markers(&[10, 20]), with_markers(&[10]));
    let hidden = latest(&[newer.clone(), older.clone(), None, None]).expect_err("it may have been acknowledged");
    assert!(matches!(hidden, ReadFailure::Quorum { got: 1, needed: 3, .. }), "{hidden:?}");
    // Three would have to hold it for that.
    for rest in [[older.clone(), None], [older.clone(), older.clone()]] {
        let answers = [vec![newer.clone(), older.clone()], rest.to_vec()].concat();
        assert_eq!(latest(&answers).expect("nobody was told of it"), Timestamp::from_secs(10));
    }
    assert_eq!(latest(&[newer.clone(), newer, None, None]).expect("half have it"), Timestamp::from_secs(20));
}
