use proptest::prelude::*;

use super::*;

fn hash(algorithm: BitrotAlgorithm, bytes: &[u8]) -> String {
    let mut hasher = algorithm.hasher();
    hasher.update(bytes);
    hex::encode(hasher.finish())
}

/// The last of a chain of digests, each over all those before it.
fn chained(algorithm: BitrotAlgorithm, rounds: usize) -> String {
    let mut message = Vec::new();
    let mut last = Vec::new();
    for _ in 0..rounds {
        let mut hasher = algorithm.hasher();
        hasher.update(&message);
        last = hasher.finish();
        message.extend_from_slice(&last);
    }
    hex::encode(last)
}

#[test]
fn digests_are_those_of_the_format() {
    let cases: [(&[u8], &str); 5] = [
        (b"", "5e76d207cf4ab20866fdc03c83e8a0f4e8f458e880777956ec0bae4e9f23f6c5"),
        (b"a", "4d6dc44bec31fb10c8f7abac6ee37e0c0a289ee5415af0b814b196ed3c16f194"),
        (b"abc", "5a26e667b2ceff3c7a5ed30a9258ed2d5a996f328cff13c9f3f7a040676034f5"),
        (&[0; 32], "d13782198b82a27de2f9b4747e0490b0f5a515fda49cecaff1573b9ae6709bcf"),
        (&[0; 1024], "71bc554b857fdd04fe36dbd0e30f6e6d0602b6c0a86190c6eab5741264d67dfa"),
    ];
    for (bytes, expected) in cases {
        assert_eq!(hex::encode(digest(bytes)), expected);
        assert_eq!(hash(BitrotAlgorithm::HighwayHash256, bytes), expected);
        assert_eq!(hash(BitrotAlgorithm::HighwayHash256S, bytes), expected);
    }
}

#[test]
fn chained_digests_are_those_of_the_format() {
    let highway = "39c0407ed3f01b18d22c85db4aeff11e060ca5f43131b0126731ca197cd42313";
    assert_eq!(chained(BitrotAlgorithm::HighwayHash256, 32), highway);
    assert_eq!(chained(BitrotAlgorithm::HighwayHash256S, 32), highway);
    let sha = "a7677ff19e0182e4d52e3a3db727804abc82a5818749336369552e54b838b004";
    assert_eq!(chained(BitrotAlgorithm::Sha256, 64), sha);
}

#[test]
fn legacy_digests_are_the_standard_ones() {
    // FIPS 180-2, appendix B.1; RFC 7693, appendix A.
    let sha = "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad";
    assert_eq!(hash(BitrotAlgorithm::Sha256, b"abc"), sha);
    let blake = "ba80a53f981c4d0d6a2797b69f12f6e94c212f14685ac4b74b12bb6fdbffa2d1\
                 7d87c5392aab792dc252d5de4533cc9518d38aa8dbf1925ab92386edd4009923";
    assert_eq!(hash(BitrotAlgorithm::Blake2b512, b"abc"), blake);
}

#[test]
fn algorithms_are_known_by_number_and_name() {
    let table = [(1, "sha256", 32), (2, "highwayhash256", 32), (3, "highwayhash256S", 32), (4, "blake2b", 64)];
    for (id, name, len) in table {
        let algorithm = BitrotAlgorithm::from_id(id).expect("in the format's table");
        assert_eq!(BitrotAlgorithm::from_name(name), Some(algorithm));
        assert_eq!((algorithm.id(), algorithm.name(), algorithm.digest_len()), (id, name, len));
        assert_eq!(algorithm.hasher().finish().len(), len);
        assert_eq!(algorithm.is_framed(), id == 3);
    }
    assert_eq!(BitrotAlgorithm::from_id(0), None);
    assert_eq!(BitrotAlgorithm::from_id(5), None);
    assert_eq!(BitrotAlgorithm::from_name("highwayhash256s"), None);
}

#[test]
fn a_whole_file_digest_is_checked_to_the_last_byte() {
    let mut hasher = BitrotAlgorithm::Blake2b512.hasher();
    hasher.update(b"abc");
    let stored = hasher.clone().finish();
    assert_eq!(hasher.clone().verify(&stored), Ok(()));
    assert!(hasher.clone().verify(&stored[..63]).is_err());
    assert!(hasher.verify(&[]).is_err());
}

#[test]
fn frames_are_those_that_minio_wrote() {
    let frames = [
        "475121817e20e1b6de2089391cbf08d049fa35325b99d696c15a6d3712c9607c68656c6c6f20",
        "0dba6856d728a47bbd0ccca86d1f769fcb3858f73031fb5ccc3452e93fc7774e776f726c6421",
        "df270f18dd5023e6e7a6102303012e0c659487d7728f250f5bdb7c880401fe9a5671506c7922",
        "fc3ece227876a53e28ce571616d4d59393aca9bcc373d704db868b1ed139cd61497b4e6c7223",
    ];
    for frame in frames.map(|frame| hex::decode(frame).expect("hex")) {
        let shard = verify_frame(&frame).expect("as written");
        assert_eq!(shard, &frame[32..]);
        let mut appended = Vec::new();
        append_frame(&mut appended, shard);
        assert_eq!(appended, frame);
        let mut sealed = [vec![0; 32], shard.to_vec()].concat();
        seal_frame(&mut sealed);
        assert_eq!(sealed, frame);
    }
}

#[test]
fn a_frame_cut_short_has_no_shard() {
    assert_eq!(verify_frame(&[0; 31]), Err(BitrotMismatch::TooShort { len: 31 }));
    assert_eq!(verify_frame(&digest(b"")), Ok(&[][..]));
}

#[test]
fn a_mismatch_names_both_digests() {
    let message = verify_frame(&[0; 32]).expect_err("zeros are no digest").to_string();
    let computed = "5e76d207cf4ab20866fdc03c83e8a0f4e8f458e880777956ec0bae4e9f23f6c5";
    assert_eq!(message, format!("stored digest {}, computed {computed}", "00".repeat(32)));
}

proptest! {
    #[test]
    fn one_flipped_bit_is_found(shard in prop::collection::vec(any::<u8>(), 0..200), flip in any::<prop::sample::Index>()) {
        let mut frame = Vec::new();
        append_frame(&mut frame, &shard);
        prop_assert_eq!(verify_frame(&frame), Ok(&shard[..]));
        let bit = flip.index(frame.len() * 8);
        frame[bit / 8] ^= 1 << (bit % 8);
        let is_mismatch = matches!(verify_frame(&frame), Err(BitrotMismatch::Digest { .. }));
        prop_assert!(is_mismatch);
    }

    #[test]
    fn any_bytes_can_be_asked_for_their_shard(bytes in prop::collection::vec(any::<u8>(), 0..100)) {
        prop_assert!(verify_frame(&bytes).is_err());
    }

    #[test]
    fn pieces_and_padding_hash_like_the_whole(
        bytes in prop::collection::vec(any::<u8>(), 0..300), cut in any::<prop::sample::Index>(), zeros in 0usize..600,
    ) {
        let (head, tail) = bytes.split_at(cut.index(bytes.len() + 1));
        let mut hasher = Hasher::default();
        hasher.update(head);
        hasher.update(tail);
        hasher.update_zeros(zeros);
        let whole = [bytes.clone(), vec![0; zeros]].concat();
        prop_assert_eq!(hasher.finish(), digest(&whole));
    }
}
