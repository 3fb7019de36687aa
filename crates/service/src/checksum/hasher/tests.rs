use super::*;
use ChecksumAlgorithm::{
    Crc32, Crc32c, Crc64Nvme, Md5, Sha1 as S1, Sha256 as S256, Sha512 as S512, XxHash3, XxHash64, XxHash128,
};

#[test]
fn published_check_values_hold() {
    let cases = [
        (Crc32, "123456789", "cbf43926"),
        (Crc32c, "123456789", "e3069283"),
        (Crc64Nvme, "123456789", "ae8b14860a799888"),
        (Crc32, "hello world", "0d4a1185"),
        (Crc32c, "hello world", "c99465aa"),
        (Crc64Nvme, "hello world", "8d29d5c3f6ea8ebe"),
        (S1, "hello world", "2aae6c35c94fcfb415dbe95f408b9ce91ee846ed"),
        (S256, "hello world", "b94d27b9934d3e08a52e52d7da7dabfac484efe37a5380ee9088f7ace2efcde9"),
        (
            S512,
            "hello world",
            "309ecc489c12d6eb4cc40f50c902f2b4d0ed77ee511a7c7a9bcd3ca86d4cd86f\
             989dd35bc5ff499670da34255b45b0cfd830e81f605dcf7dc5542e93ae9cd76f",
        ),
        (Md5, "123456789", "25f9e794323b453885f5181f1b624d0b"),
        (XxHash64, "hello world", "45ab6734b21e6968"),
        (XxHash3, "hello world", "d447b1ea40e6988b"),
        (XxHash128, "hello world", "df8d09e93f874900a99b8775cc15b6c7"),
    ];
    for (algorithm, text, expected) in cases {
        assert_eq!(hex::encode(Hasher::once(algorithm, text.as_bytes())), expected, "{algorithm:?} {text}");
    }
}

#[test]
fn a_combined_crc_is_that_of_the_whole() {
    let body: Vec<u8> = (0..100_000u32).flat_map(|n| n.to_le_bytes()).collect();
    for algorithm in [Crc32, Crc32c, Crc64Nvme] {
        for cut in [0, 1, 7, 4096, body.len() - 1, body.len()] {
            let (first, second) = body.split_at(cut);
            let combined = combine(
                algorithm,
                &Hasher::once(algorithm, first),
                &Hasher::once(algorithm, second),
                second.len() as u64,
            );
            assert_eq!(combined.unwrap(), Hasher::once(algorithm, &body), "{algorithm:?} at {cut}");
        }
    }
    assert_eq!(combine(S1, &[0; 20], &[0; 20], 1), None);
}
