use super::*;
use proptest::prelude::*;

fn simple(algorithm: ChecksumAlgorithm, value: &str) -> StoredChecksum {
    let value = hex::decode(value).unwrap();
    StoredChecksum { algorithm, trailing: false, full_object: false, value, parts: None }
}

fn parts(count: u64, values: &[&str]) -> Option<PartChecksums> {
    let values = (!values.is_empty()).then(|| values.iter().map(|value| hex::decode(value).unwrap()).collect());
    Some(PartChecksums { count, values })
}

/// Blobs that MinIO stored.
#[test]
fn observed_blobs_are_read_and_written() {
    use ChecksumAlgorithm::{Crc32, Crc64Nvme};
    let crc32 = || simple(Crc32, "0d4a1185");
    let crc64 = || simple(Crc64Nvme, "8d29d5c3f6ea8ebe");
    let two = &["faafeae2", "7c37b45d"];
    let vectors = [
        ("080d4a1185", crc32()),
        ("090d4a1185", StoredChecksum { trailing: true, ..crc32() }),
        ("80028d29d5c3f6ea8ebe", crc64()),
        ("88040d4a1185", StoredChecksum { full_object: true, ..crc32() }),
        ("81068d29d5c3f6ea8ebe", StoredChecksum { full_object: true, trailing: true, ..crc64() }),
        ("480d4a118502", StoredChecksum { parts: parts(2, &[]), ..crc32() }),
        ("c801ca1f72f302faafeae27c37b45d", StoredChecksum { parts: parts(2, two), ..simple(Crc32, "ca1f72f3") }),
        (
            "c805d0c3d3bc02faafeae27c37b45d",
            StoredChecksum { full_object: true, parts: parts(2, two), ..simple(Crc32, "d0c3d3bc") },
        ),
        (
            "c003dfb96e0b85c5c72702c57bed483c7845fdb00adad82902120c",
            StoredChecksum {
                parts: parts(2, &["c57bed483c7845fd", "b00adad82902120c"]),
                ..simple(Crc64Nvme, "dfb96e0b85c5c727")
            },
        ),
    ];
    for (blob, checksum) in vectors {
        assert_eq!(StoredChecksum::parse_all(&hex::decode(blob).unwrap()), std::slice::from_ref(&checksum), "{blob}");
        assert_eq!(hex::encode(checksum.encode()), blob);
    }
}

/// Algorithms that MinIO doesn't know, under bits of ours.
#[test]
fn newer_algorithms_have_blobs_of_their_own() {
    use ChecksumAlgorithm::{Md5, XxHash3, XxHash64, XxHash128};
    let vectors = [
        ("8080085eb63bbbe01eeed093cb22bb8f5acdc3", simple(Md5, "5eb63bbbe01eeed093cb22bb8f5acdc3")),
        ("80801045ab6734b21e6968", simple(XxHash64, "45ab6734b21e6968")),
        ("808020d447b1ea40e6988b", simple(XxHash3, "d447b1ea40e6988b")),
        ("808040df8d09e93f874900a99b8775cc15b6c7", simple(XxHash128, "df8d09e93f874900a99b8775cc15b6c7")),
    ];
    for (blob, checksum) in vectors {
        assert_eq!(StoredChecksum::parse_all(&hex::decode(blob).unwrap()), std::slice::from_ref(&checksum), "{blob}");
        assert_eq!(hex::encode(checksum.encode()), blob);
    }
}

#[test]
fn a_copy_of_a_multipart_object_has_no_part_values() {
    let read = StoredChecksum::parse_all(&hex::decode("c805d0c3d3bc00").unwrap());
    let expected = PartChecksums { count: 0, values: Some(Vec::new()) };
    assert_eq!(read[0].parts, Some(expected));
    assert_eq!(hex::encode(read[0].encode()), "c805d0c3d3bc00");
}

#[test]
fn inconsistent_blobs_end_silently() {
    for blob in ["", "00", "08", "080d4a11", "180d4a1185", "ffffffffffffffffffff01", "480d4a1185"] {
        assert_eq!(StoredChecksum::parse_all(&hex::decode(blob).unwrap()), [], "{blob}");
    }
    // Part values that are cut off are left out; the checksum itself counts.
    let cut = StoredChecksum::parse_all(&hex::decode("c801ca1f72f302faafeae2").unwrap());
    assert_eq!(cut[0].parts, Some(PartChecksums { count: 2, values: None }));
}

#[test]
fn names_are_those_of_s3() {
    for algorithm in ChecksumAlgorithm::ALL {
        assert_eq!(ChecksumAlgorithm::from_name(&algorithm.name().to_lowercase()), Some(algorithm));
    }
    assert_eq!(ChecksumAlgorithm::from_name("MD4"), None);
}

proptest! {
    #[test]
    fn any_bytes_end(blob: Vec<u8>) {
        prop_assert!(StoredChecksum::parse_all(&blob).len() <= blob.len());
    }
}
