use proptest::prelude::*;

use super::*;

const MIB: u64 = 1 << 20;

fn geometry(data: usize, parity: usize) -> Geometry {
    Geometry::new(data, parity, MIB).expect("a geometry in use")
}

#[test]
fn sizes_are_those_of_the_format() {
    // part size, M, shard size, shard file, framed file
    let cases = [
        (0, 2, 524_288, 0, 0),
        (1, 2, 524_288, 1, 33),
        (12, 2, 524_288, 6, 38),
        (1_048_576, 2, 524_288, 524_288, 524_320),
        (1_048_577, 2, 524_288, 524_289, 524_353),
        (2_097_157, 2, 524_288, 1_048_579, 1_048_675),
        (1_048_576, 3, 349_526, 349_526, 349_558),
        (5_242_880, 4, 262_144, 1_310_720, 1_310_880),
        (10_000_000, 12, 87_382, 833_340, 833_660),
    ];
    for (part, data, shard, plain, framed) in cases {
        let geometry = geometry(data, 1);
        assert_eq!(geometry.shard_size(), shard);
        assert_eq!(geometry.shard_file_size(part), plain, "{part} over {data}");
        assert_eq!(geometry.framed_file_size(part), Ok(framed), "{part} over {data}");
    }
}

#[test]
fn impossible_shapes_are_refused() {
    assert_eq!(Geometry::new(0, 0, MIB), Err(GeometryError::NoDataShards));
    assert_eq!(Geometry::new(2, 3, MIB), Err(GeometryError::MoreParityThanData { data: 2, parity: 3 }));
    assert_eq!(Geometry::new(2, 2, 0), Err(GeometryError::ZeroBlockSize));
    assert_eq!(Geometry::new(129, 128, MIB), Err(GeometryError::TooManyShards { data: 129, parity: 128 }));
    let huge = GeometryError::TooManyShards { data: usize::MAX, parity: 1 };
    assert_eq!(Geometry::new(usize::MAX, 1, MIB), Err(huge));
    assert!(Geometry::new(128, 128, MIB).is_ok());
    assert!(Geometry::new(1, 0, MIB).is_ok());
}

#[test]
fn lengths_beyond_64_bits_are_errors() {
    let tiny = Geometry::new(1, 0, 1).expect("valid");
    assert_eq!(tiny.framed_file_size(u64::MAX), Err(GeometryError::TooLong { blocks: u64::MAX }));
    assert_eq!(tiny.frame_offset(u64::MAX), Err(GeometryError::TooLong { blocks: u64::MAX }));
    assert!(tiny.framed_range(u64::MAX, 0..1).is_err());
    let vast = Geometry::new(1, 0, u64::MAX).expect("valid");
    assert_eq!(vast.frame_len(u64::MAX), Err(GeometryError::TooLong { blocks: 1 }));
    assert_eq!(vast.shard_file_size(u64::MAX), u64::MAX);
}

#[test]
fn padding_may_fill_whole_shards() {
    let geometry = geometry(8, 4);
    let ranges: Vec<_> = (0..8).map(|shard| geometry.data_range(12, shard)).collect();
    assert_eq!(ranges, [0..2, 2..4, 4..6, 6..8, 8..10, 10..12, 12..12, 12..12]);
    assert_eq!(geometry.data_range(u64::MAX, usize::MAX), u64::MAX..u64::MAX);
}

#[test]
fn an_empty_range_touches_no_block() {
    let geometry = geometry(2, 2);
    assert_eq!(geometry.blocks_of(0..0), 0..0);
    assert_eq!(geometry.blocks_of(MIB..MIB), 1..1);
    assert_eq!(geometry.blocks_of(MIB - 1..MIB), 0..1);
    assert_eq!(geometry.blocks_of(MIB - 1..MIB + 1), 0..2);
    assert_eq!(geometry.framed_range(0, 0..1), Ok(0..0));
}

proptest! {
    #[test]
    fn frames_fill_the_file_without_gaps(
        data in 1usize..=16, parity in 0usize..=16, block_size in 1u64..5000, part in 0u64..100_000,
    ) {
        let geometry = Geometry::new(data, parity.min(data), block_size).expect("valid");
        let (mut at, mut plain, mut input) = (0, 0, 0);
        for block in 0..geometry.block_count(part) {
            let len = geometry.block_len(part, block);
            prop_assert!(len > 0);
            let frame = geometry.frame_len(len).expect("small");
            prop_assert_eq!(geometry.framed_range(part, block..block + 1), Ok(at..at + frame));
            let held: u64 = (0..data).map(|shard| geometry.data_range(len, shard)).map(|r| r.end - r.start).sum();
            prop_assert_eq!(held, len);
            at += frame;
            plain += geometry.shard_len(len);
            input += len;
        }
        prop_assert_eq!(geometry.block_len(part, geometry.block_count(part)), 0);
        prop_assert_eq!(geometry.framed_file_size(part), Ok(at));
        prop_assert_eq!(geometry.shard_file_size(part), plain);
        prop_assert_eq!(input, part);
    }

    #[test]
    fn nothing_from_the_disk_makes_it_panic(
        data in any::<usize>(), parity in any::<usize>(), small in any::<(u8, u8)>(), block_size in any::<u64>(),
        part in any::<u64>(), blocks in any::<Range<u64>>(),
    ) {
        let _ = Geometry::new(data, parity, block_size);
        if let Ok(geometry) = Geometry::new(small.0.into(), small.1.into(), block_size) {
            let _ = geometry.framed_file_size(part);
            let _ = geometry.framed_range(part, blocks.clone());
            let _ = geometry.blocks_of(blocks.clone());
            let _ = geometry.block_len(part, blocks.start);
            prop_assert!(geometry.shard_file_size(part) <= part);
            let _ = geometry.data_range(part, data);
        }
    }
}
