use super::*;
use proptest::prelude::*;

const TWO_POOLS: &[u8] = include_bytes!("../../tests/golden/two-pools.pool.bin");

#[test]
fn metadata_of_minio_comes_back_byte_for_byte() {
    let meta = PoolMeta::parse(&Bytes::from_static(TWO_POOLS)).unwrap();
    let lines: Vec<_> = meta.pools.iter().map(|pool| (pool.id, pool.command_line.as_str())).collect();
    assert_eq!(lines, [(0, "a{1...4}"), (1, "b{1...4}")]);
    assert!(meta.pools.iter().all(|pool| pool.decommission.is_none()));
    assert_eq!(meta.encode(), TWO_POOLS);
}

#[test]
fn the_observed_sample_is_written() {
    let pool = PoolStatus {
        command_line: "/data".to_owned(),
        last_update: Timestamp::from_nanos(0x6b03_e3d0 * 1_000_000_000 + 0x2308_88d4),
        ..PoolStatus::default()
    };
    let meta = PoolMeta { pools: vec![pool], ..PoolMeta::default() };
    let expected = "0100010082a17601a3706c739184a2696400a2636ca52f64617461\
                    a26c75c70c05000000006b03e3d0230888d4a3646563c0";
    assert_eq!(hex::encode(meta.encode()), expected);
}

#[test]
fn what_is_empty_or_of_another_version_is_refused() {
    assert_eq!(PoolMeta::parse(&Bytes::new()), Err(RecordError::Empty));
    assert_eq!(PoolMeta::parse(&Bytes::from_static(&[1, 0, 1, 0])), Err(RecordError::Empty));
    let second = Bytes::from_static(&[1, 0, 1, 0, 0x81, 0xa1, b'v', 2]);
    assert_eq!(PoolMeta::parse(&second), Err(RecordError::Unsupported { format: 1, version: 2 }));
}

proptest! {
    #[test]
    fn a_decommission_comes_back(
        sizes: [i64; 3], counters: [i64; 4], flags: [bool; 3], texts in proptest::array::uniform3(".{0,8}"),
        queued in proptest::collection::vec(".*", 0..3), started: i64,
    ) {
        let [bucket, prefix, object] = texts;
        let decommission = Decommission {
            started: Timestamp::from_nanos(started),
            start_size: sizes[0], total_size: sizes[1], current_size: sizes[2],
            complete: flags[0], failed: flags[1], canceled: flags[2],
            done_buckets: queued.iter().rev().cloned().collect(), queued_buckets: queued,
            bucket, prefix, object,
            items_done: counters[0], items_failed: counters[1], bytes_done: counters[2], bytes_failed: counters[3],
            unknown: UnknownFields::default(),
        };
        let pool = PoolStatus { decommission: Some(decommission), ..PoolStatus::default() };
        let meta = PoolMeta { pools: vec![pool], ..PoolMeta::default() };
        prop_assert_eq!(PoolMeta::parse(&meta.encode().into()), Ok(meta));
    }

    #[test]
    fn any_bytes_are_metadata_or_an_error(at in 0..TWO_POOLS.len(), byte: u8) {
        let mut content = TWO_POOLS.to_vec();
        content[at] = byte;
        let _ = PoolMeta::parse(&content.into());
    }
}
