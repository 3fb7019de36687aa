use super::*;
use ChecksumAlgorithm::{Crc32, Crc32c, Crc64Nvme, Sha1 as S1, Sha256 as S256};

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
