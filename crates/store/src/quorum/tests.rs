use super::*;
use base::Timestamp;
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
