//! The code as its users see it: the format's vectors, and that any K shards may be lost.

use proptest::prelude::*;
use rustfs_erasure::{Geometry, Kernel, ReedSolomon, ShardError, bitrot};
use xxhash_rust::xxh64::xxh64;

/// All shards of `block`, padded, parity made by `encode_block`.
fn shards(code: &ReedSolomon, block: &[u8]) -> Vec<Vec<u8>> {
    let len = code.shard_len(block.len());
    let mut shards: Vec<Vec<u8>> = code.split(block).map(<[u8]>::to_vec).collect();
    shards.iter_mut().for_each(|shard| shard.resize(len, 0));
    shards.resize(code.total(), vec![0xaa; len]);
    let mut parity: Vec<&mut [u8]> = shards[code.data()..].iter_mut().map(Vec::as_mut_slice).collect();
    code.encode_block(block, &mut parity).expect("shapes fit");
    shards
}

fn on_every_kernel(data: usize, parity: usize) -> impl Iterator<Item = ReedSolomon> {
    let code = move |kernel| ReedSolomon::with_kernel(data, parity, kernel).expect("valid");
    Kernel::available().into_iter().map(code)
}

#[test]
fn shards_are_those_of_the_format() {
    let hello: &[u8] = b"hello world!";
    let digits: &[u8] = b"0123456789abcdefg";
    let cases: [(usize, usize, &[u8], &str); 11] = [
        (1, 1, hello, "68656c6c6f20776f726c6421 68656c6c6f20776f726c6421"),
        (2, 1, hello, "68656c6c6f20 776f726c6421 5671506c7922"),
        (2, 2, hello, "68656c6c6f20 776f726c6421 5671506c7922 497b4e6c7223"),
        (3, 1, hello, "68656c6c 6f20776f 726c6421 75297f22"),
        (3, 2, hello, "68656c6c 6f20776f 726c6421 75297f22 0c4184c7"),
        (4, 2, hello, "68656c 6c6f20 776f72 6c6421 9b1de3 dd11ed"),
        (4, 4, hello, "68656c 6c6f20 776f72 6c6421 9b1de3 dd11ed 7c1f05 251214"),
        (8, 4, hello, "6865 6c6c 6f20 776f 726c 6421 0000 0000 2ef6 eb59 64b3 21d0"),
        (12, 4, hello, "68 65 6c 6c 6f 20 77 6f 72 6c 64 21 3d de fb 19"),
        (3, 2, digits, "303132333435 363738396162 636465666700 65626f6c3257 f7e28d805109"),
        (4, 2, digits, "3031323334 3536373839 6162636465 6667000000 cbd64a9bd4 c2dd06efb4"),
    ];
    for (data, parity, block, expected) in cases {
        for code in on_every_kernel(data, parity) {
            let found: Vec<String> = shards(&code, block).iter().map(hex::encode).collect();
            assert_eq!(found.join(" "), expected, "{data}+{parity} on {:?}", code.kernel());
        }
    }
}

#[test]
fn the_self_check_of_the_format_holds() {
    let block: Vec<u8> = (0..=u8::MAX).collect();
    let cases = [
        (2, 2, 0x23fb_21be_2496_f5d3),
        (3, 2, 0xe649_27da_ef76_435a),
        (4, 2, 0x62b9_5529_4550_4fef),
        (8, 4, 0x03ba_5e9b_41bf_07f0),
        (12, 4, 0x8c76_23c5_dc63_7f21),
    ];
    for (data, parity, expected) in cases {
        for code in on_every_kernel(data, parity) {
            let mut message = Vec::new();
            for (number, shard) in (0u8..).zip(shards(&code, &block)) {
                message.push(number);
                message.extend_from_slice(&shard);
            }
            assert_eq!(xxh64(&message, 0), expected, "{data}+{parity} on {:?}", code.kernel());
        }
    }
}

#[test]
fn a_single_drive_holds_the_data_itself() {
    let code = ReedSolomon::new(1, 0).expect("valid");
    assert_eq!(shards(&code, b"hello world!"), [b"hello world!"]);
    assert_eq!(code.encode_block(b"", &mut []), Ok(()));
}

#[test]
fn the_largest_codes_recover_from_the_worst_loss() {
    for (data, parity) in [(128, 128), (1, 255), (255, 1), (200, 56)] {
        let code = ReedSolomon::new(data, parity).expect("valid");
        let block: Vec<u8> = (0..=u8::MAX).cycle().take(data * 70 - 33).collect();
        let whole = shards(&code, &block);
        let mut left: Vec<Option<Vec<u8>>> = whole.iter().cloned().map(Some).collect();
        left[..parity.min(data)].fill(None);
        left[data + data.min(parity)..].fill(None);
        code.reconstruct(&mut left).expect("M are left");
        assert_eq!(left, whole.into_iter().map(Some).collect::<Vec<_>>(), "{data}+{parity}");
    }
    assert!(ReedSolomon::new(0, 1).is_err());
    assert!(ReedSolomon::new(200, 57).is_err());
}

#[test]
fn shards_that_do_not_fit_are_refused() {
    let code = ReedSolomon::new(2, 2).expect("valid");
    let (mut a, mut b) = ([0; 6], [0; 5]);
    let length = ShardError::Length { shard: 1, expected: 6, found: 5 };
    assert_eq!(code.encode_block(b"hello world!", &mut [&mut a, &mut b]), Err(length));
    let count = ShardError::Count { expected: 2, found: 1 };
    assert_eq!(code.encode_block(b"hello world!", &mut [&mut a]), Err(count));
    assert_eq!(code.encode(&[&[0; 6], &[0; 5]], &mut [&mut a, &mut [0; 6]]), Err(length));
    let short_frame = ShardError::Length { shard: 0, expected: 32, found: 31 };
    assert_eq!(code.encode_frames(&mut [&mut [0; 31], &mut [0; 31], &mut [0; 31], &mut [0; 31]]), Err(short_frame));

    let mut lost = [None, Some(vec![1]), None, None];
    assert_eq!(code.reconstruct(&mut lost), Err(ShardError::TooFew { needed: 2, found: 1 }));
    let mut uneven = [None, Some(vec![1]), None, Some(vec![1, 2])];
    assert_eq!(code.reconstruct(&mut uneven), Err(ShardError::Length { shard: 1, expected: 1, found: 2 }));
    assert_eq!(code.reconstruct(&mut [None]), Err(ShardError::Count { expected: 4, found: 1 }));

    assert_eq!(code.recovery(&[0, 4], &[1]).err(), Some(ShardError::Name { shard: 4, total: 4 }));
    assert_eq!(code.recovery(&[0, 0], &[1]).err(), Some(ShardError::Name { shard: 0, total: 4 }));
    assert_eq!(code.recovery(&[0, 2], &[2]).err(), Some(ShardError::Name { shard: 2, total: 4 }));
    assert_eq!(code.recovery(&[0, 2, 3], &[1]).err(), Some(ShardError::Count { expected: 2, found: 3 }));
}

#[test]
fn frames_of_a_block_are_those_that_minio_wrote() {
    let code = ReedSolomon::from(&Geometry::new(2, 2, 1 << 20).expect("valid"));
    let mut frames = vec![vec![0; 38]; 4];
    for (frame, shard) in frames.iter_mut().zip(code.split(b"hello world!")) {
        frame[32..].copy_from_slice(shard);
    }
    let mut slices: Vec<&mut [u8]> = frames.iter_mut().map(Vec::as_mut_slice).collect();
    code.encode_frames(&mut slices).expect("shapes fit");
    let expected = [
        "475121817e20e1b6de2089391cbf08d049fa35325b99d696c15a6d3712c9607c68656c6c6f20",
        "0dba6856d728a47bbd0ccca86d1f769fcb3858f73031fb5ccc3452e93fc7774e776f726c6421",
        "df270f18dd5023e6e7a6102303012e0c659487d7728f250f5bdb7c880401fe9a5671506c7922",
        "fc3ece227876a53e28ce571616d4d59393aca9bcc373d704db868b1ed139cd61497b4e6c7223",
    ];
    assert_eq!(frames.iter().map(hex::encode).collect::<Vec<_>>(), expected);
    assert!(frames.iter().all(|frame| bitrot::verify_frame(frame).is_ok()));
}

#[test]
fn geometry_and_code_cut_a_block_alike() {
    for data in 1..=16 {
        let geometry = Geometry::new(data, data, 4096).expect("valid");
        let code = ReedSolomon::from(&geometry);
        for len in [0, 1, 2, 15, 16, 17, 33, 100, 4095, 4096] {
            let block = vec![1; len];
            let cut: Vec<u64> = code.split(&block).map(|shard| shard.len() as u64).collect();
            let said: Vec<u64> = (0..data)
                .map(|shard| geometry.data_range(len as u64, shard))
                .map(|range| range.end - range.start)
                .collect();
            assert_eq!(cut, said, "{len} bytes over {data}");
            assert_eq!(code.shard_len(len) as u64, geometry.shard_len(len as u64));
        }
    }
}

#[test]
fn every_pattern_of_loss_is_recovered_from_on_every_kernel() {
    for code in on_every_kernel(4, 3) {
        let block: Vec<u8> = (0..=u8::MAX).cycle().take(1021).collect();
        let whole: Vec<Option<Vec<u8>>> = shards(&code, &block).into_iter().map(Some).collect();
        for pattern in 0u32..1 << 7 {
            let mut left = whole.clone();
            (0..7).filter(|shard| pattern >> shard & 1 == 1).for_each(|shard| left[shard] = None);
            let outcome = code.reconstruct(&mut left);
            if pattern.count_ones() <= 3 {
                assert_eq!((outcome, &left), (Ok(()), &whole), "{pattern:07b}");
            } else {
                let found = 7 - usize::try_from(pattern.count_ones()).expect("at most 7");
                assert_eq!(outcome, Err(ShardError::TooFew { needed: 4, found }));
            }
        }
    }
}

/// M and K with M + K <= 16, which of the shards are lost (at most K), and a block.
fn loss() -> impl Strategy<Value = (usize, usize, Vec<usize>, Vec<u8>)> {
    let shape = (1usize..=16).prop_flat_map(|data| (Just(data), 0..=16 - data));
    shape.prop_flat_map(|(data, parity)| {
        let lost = prop::sample::subsequence((0..data + parity).collect::<Vec<_>>(), 0..=parity);
        (Just(data), Just(parity), lost, prop::collection::vec(any::<u8>(), 0..3000))
    })
}

proptest! {
    #[test]
    fn any_loss_of_up_to_k_shards_is_recovered_from((data, parity, lost, block) in loss()) {
        let code = ReedSolomon::new(data, parity).expect("valid");
        let whole: Vec<Option<Vec<u8>>> = shards(&code, &block).into_iter().map(Some).collect();
        let mut left = whole.clone();
        lost.iter().for_each(|&shard| left[shard] = None);

        let mut for_reading = left.clone();
        code.reconstruct_data(&mut for_reading).expect("M are left");
        prop_assert_eq!(&for_reading[..data], &whole[..data]);
        prop_assert_eq!(&for_reading[data..], &left[data..]);

        code.reconstruct(&mut left).expect("M are left");
        prop_assert_eq!(left, whole);
    }

    #[test]
    fn any_order_of_sources_will_do((data, parity, lost, block) in loss(), seed in any::<u64>()) {
        let code = ReedSolomon::new(data, parity).expect("valid");
        let whole = shards(&code, &block);
        let mut sources: Vec<usize> = (0..code.total()).filter(|shard| !lost.contains(shard)).collect();
        let turn = usize::try_from(seed % sources.len() as u64).expect("small");
        sources.rotate_left(turn);
        sources.truncate(data);
        let recovery = code.recovery(&sources, &lost).expect("distinct shards");
        let inputs: Vec<&[u8]> = recovery.sources().iter().map(|&shard| &whole[shard][..]).collect();
        let mut room = vec![vec![0x55; code.shard_len(block.len())]; lost.len()];
        let mut outputs: Vec<&mut [u8]> = room.iter_mut().map(Vec::as_mut_slice).collect();
        recovery.run(&inputs, &mut outputs).expect("shapes fit");
        for (&shard, found) in recovery.wanted().iter().zip(&room) {
            prop_assert_eq!(found, &whole[shard]);
        }
    }

    #[test]
    fn padded_shards_encode_like_the_block((data, parity, _, block) in loss()) {
        let code = ReedSolomon::new(data, parity).expect("valid");
        let whole = shards(&code, &block);
        let inputs: Vec<&[u8]> = whole[..data].iter().map(Vec::as_slice).collect();
        let mut room = vec![vec![0x55; code.shard_len(block.len())]; parity];
        let mut outputs: Vec<&mut [u8]> = room.iter_mut().map(Vec::as_mut_slice).collect();
        code.encode(&inputs, &mut outputs).expect("shapes fit");
        prop_assert_eq!(&room[..], &whole[data..]);
    }
}
