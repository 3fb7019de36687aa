use super::*;
use proptest::prelude::*;

const RECORD: &[u8] = include_bytes!("../../tests/golden/part.1.meta");

#[test]
fn a_record_of_minio_comes_back_byte_for_byte() {
    let part = PartRecord::parse(&Bytes::from_static(RECORD)).unwrap();
    assert_eq!(part.etag, "5c307fd207a08a42abe3d6bb06fe4629");
    assert_eq!((part.number, part.size, part.actual_size), (1, 5_242_880, 5_242_880));
    assert_eq!(part.mod_time.secs(), 1_795_421_816);
    assert_eq!(part.checksums.get("CRC64NVME").map(String::as_str), Some("iVNBoqRd/H4="));
    assert_eq!(part.encode(), RECORD);
}

#[test]
fn the_observed_record_is_written() {
    let part = PartRecord {
        etag: "0".repeat(32),
        number: 1,
        size: 5 << 20,
        actual_size: 5 << 20,
        mod_time: Timestamp::from_nanos(0x6b03_dcd2 * 1_000_000_000 + 0x04bf_23c3),
        ..PartRecord::default()
    };
    let expected = format!(
        "85a165d920{}a16e01a173d200500000a26173d200500000a26d74c70c05000000006b03dcd204bf23c3",
        "30".repeat(32)
    );
    assert_eq!(hex::encode(part.encode()), expected);
}

#[test]
fn unknown_fields_are_written_back() {
    let file = Bytes::from(hex::decode("82a16e01a36e6577920102").unwrap());
    let part = PartRecord::parse(&file).unwrap();
    let again = PartRecord::parse(&part.encode().into()).unwrap();
    assert_eq!((again.unknown.count(), again), (1, part));
}

proptest! {
    #[test]
    fn records_come_back(etag: String, number: u32, size in 0..u64::MAX / 2, actual_size: i64, index: Vec<u8>, error: String,
                         checksums in proptest::collection::btree_map(".*", ".*", 0..3)) {
        let part = PartRecord { etag, number, size, actual_size, index: index.into(), checksums, error, ..PartRecord::default() };
        prop_assert_eq!(PartRecord::parse(&part.encode().into()), Ok(part));
    }

    #[test]
    fn any_bytes_are_a_record_or_an_error(at in 0..RECORD.len(), byte: u8, cut in 0..=RECORD.len()) {
        let mut file = RECORD.to_vec();
        file[at] = byte;
        file.truncate(cut);
        let _ = PartRecord::parse(&file.into());
    }
}
