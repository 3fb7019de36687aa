use super::*;
use proptest::prelude::*;

const LIST: &[u8] = include_bytes!("../../tests/golden/mrf-list.bin");

#[test]
fn a_list_of_minio_comes_back_byte_for_byte() {
    let entries = parse(&Bytes::from_static(LIST)).unwrap();
    assert_eq!(entries.len(), 12);
    assert_eq!((entries[8].bucket.as_str(), entries[8].object.as_str()), ("moss-store84", "doc"));
    assert_eq!(entries[8].version_id, "040f4dad-7a18-4bdc-8129-12a3b8618d00");
    assert_eq!(entries[8].queued.nanos(), 1_795_421_848_537_364_882);
    assert_eq!(encode(&entries), LIST);
}

#[test]
fn an_empty_list_is_its_stamp() {
    assert_eq!(encode([]), [1, 0, 1, 0]);
    assert_eq!(parse(&Bytes::from_static(&[1, 0, 1, 0])), Ok(Vec::new()));
    assert_eq!(parse(&Bytes::new()), Err(RecordError::Empty));
}

#[test]
fn ids_of_versions_come_back() {
    let versions = vec![Uuid::nil(), Uuid::max()];
    let entry = MrfEntry { versions, bitrot_scan: true, ..MrfEntry::default() };
    assert_eq!(parse(&encode([&entry]).into()), Ok(vec![entry]));
    assert_eq!(ids(&[0; 17]), Err(Error::Length));
}

proptest! {
    #[test]
    fn any_bytes_are_a_list_or_an_error(at in 0..LIST.len(), byte: u8, cut in 0..=LIST.len()) {
        let mut file = LIST.to_vec();
        file[at] = byte;
        file.truncate(cut);
        let _ = parse(&file.into());
    }
}
