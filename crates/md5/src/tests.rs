use crate::*;
use md5::Digest;
use proptest::prelude::*;

fn noise(length: usize) -> Vec<u8> {
    let mut state = 0x9e37_79b9_7f4a_7c15_u64;
    let next = || {
        state = state.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
        state.to_be_bytes()[0]
    };
    std::iter::repeat_with(next).take(length).collect()
}

fn independent(bytes: &[u8]) -> [u8; DIGEST_LEN] {
    md5::Md5::digest(bytes).into()
}

/// RFC 1321, A.5.
#[test]
fn the_test_suite_of_the_rfc() {
    let vectors = [
        ("", "d41d8cd98f00b204e9800998ecf8427e"),
        ("a", "0cc175b9c0f1b6a831c399e269772661"),
        ("abc", "900150983cd24fb0d6963f7d28e17f72"),
        ("message digest", "f96b697d7cb7938d525a2f31aaf161d0"),
        ("abcdefghijklmnopqrstuvwxyz", "c3fcd3d76192e4007dfb496cca67e13b"),
        ("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789", "d174ab98d277d9f5a5611c2c9f419d9f"),
        (
            "12345678901234567890123456789012345678901234567890123456789012345678901234567890",
            "57edf4a22be3c955ac49da2e2107b67a",
        ),
    ];
    for (message, expected) in vectors {
        assert_eq!(hex::encode(digest(message.as_bytes())), expected);
    }
}

#[test]
fn every_length_around_block_boundaries() {
    let bytes = noise(4 * BLOCK + 2);
    for length in 0..bytes.len() {
        assert_eq!(digest(&bytes[..length]), independent(&bytes[..length]), "{length} bytes");
    }
}

#[test]
fn every_number_of_streams_at_once() {
    let bytes = noise(40 * BLOCK);
    for engine in Engine::available() {
        for count in 0..2 * engine.lanes() + 2 {
            let mut hashes = vec![Md5::new(); count];
            let piece = |stream: usize| &bytes[stream..stream + 3 * BLOCK + stream % 3];
            let mut streams: Vec<_> = hashes.iter_mut().enumerate().map(|(at, md5)| (md5, piece(at))).collect();
            update_together(engine, &mut streams);
            for (stream, md5) in hashes.into_iter().enumerate() {
                assert_eq!(md5.finish(), independent(piece(stream)), "{engine:?}, stream {stream} of {count}");
            }
        }
    }
}

proptest! {
    #[test]
    fn however_it_is_cut(length in 0_usize..2000, cuts in prop::collection::vec(0_usize..2000, 0..8)) {
        let bytes = noise(length);
        let mut cuts: Vec<usize> = cuts.into_iter().map(|cut| cut.min(length)).chain([0, length]).collect();
        cuts.sort_unstable();
        let mut md5 = Md5::new();
        cuts.windows(2).for_each(|cut| md5.update(&bytes[cut[0]..cut[1]]));
        prop_assert_eq!(md5.finish(), independent(&bytes));
    }

    /// Streams of uneven lengths, in uneven pieces, joining and leaving.
    #[test]
    fn streams_at_once_are_as_one_by_one(
        rounds in prop::collection::vec(prop::collection::vec(0_usize..700, 0..40), 1..5),
    ) {
        let bytes = noise(800);
        for engine in Engine::available() {
            let mut hashes = vec![Md5::new(); 40];
            let mut expected = vec![Vec::new(); 40];
            for lengths in &rounds {
                let piece = |stream: usize, length: usize| &bytes[stream..stream + length];
                let pieces: Vec<&[u8]> = lengths.iter().enumerate().map(|(at, length)| piece(at, *length)).collect();
                for (whole, piece) in expected.iter_mut().zip(&pieces) {
                    whole.extend_from_slice(piece);
                }
                let mut streams: Vec<_> = hashes.iter_mut().zip(pieces).collect();
                update_together(engine, &mut streams);
            }
            for (md5, whole) in hashes.into_iter().zip(expected) {
                prop_assert_eq!(md5.finish(), independent(&whole));
            }
        }
    }
}
