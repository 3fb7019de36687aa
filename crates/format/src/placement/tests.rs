use super::*;

const DEPLOYMENT: Uuid = uuid::uuid!("75c671c0-32c9-41ea-93e3-3bb15845bfbd");

#[test]
fn sets_are_those_that_minio_chooses() {
    // Name; by SipHash: modulo 2, 3, 4, 16; by CRC-32: modulo 4, 16. Observed from MinIO.
    let vectors: [(&str, [usize; 4], [usize; 2]); 7] = [
        ("hello.txt", [1, 1, 3, 7], [3, 11]),
        ("a/b/c", [1, 0, 1, 1], [1, 9]),
        ("photos/2024/img_0001.jpg", [0, 2, 2, 10], [3, 11]),
        ("dir__XLDIR__", [1, 0, 3, 3], [0, 4]),
        ("config/config.json", [0, 1, 0, 12], [1, 9]),
        ("\u{fc}mlaut", [1, 0, 3, 15], [0, 0]),
        ("x", [0, 1, 2, 10], [3, 3]),
    ];
    for (name, sip, crc) in vectors {
        for algorithm in [DistributionAlgorithm::SipMod, DistributionAlgorithm::SipModParity] {
            let sets = [2, 3, 4, 16].map(|sets| set_index(algorithm, DEPLOYMENT, name, sets));
            assert_eq!(sets, sip, "{name} by SipHash");
        }
        let sets = [4, 16].map(|sets| set_index(DistributionAlgorithm::CrcMod, DEPLOYMENT, name, sets));
        assert_eq!(sets, crc, "{name} by CRC");
        assert_eq!(set_index(DistributionAlgorithm::SipModParity, DEPLOYMENT, name, 1), 0);
    }
}

#[test]
fn shard_orders_are_those_that_minio_stores() {
    // Bucket, object; the first shard number in sets of 2, 4, 6 and 16. The rest goes on from there.
    let vectors: [(&str, &str, [u8; 4]); 5] = [
        ("plain", "hello.txt", [1, 1, 5, 13]),
        ("bucket", "a/b/c", [1, 1, 5, 5]),
        ("bucket", "photos/2024/img_0001.jpg", [2, 4, 4, 16]),
        ("plain", "dir__XLDIR__", [2, 4, 6, 4]),
        (".minio.sys", "config/config.json", [2, 4, 2, 8]),
    ];
    for (bucket, object, firsts) in vectors {
        for (drives, first) in [2u8, 4, 6, 16].into_iter().zip(firsts) {
            let expected: Vec<u8> = (0..drives).map(|at| (first - 1 + at) % drives + 1).collect();
            assert_eq!(shard_order(bucket, object, drives.into()), expected, "{bucket}/{object} on {drives}");
        }
        assert_eq!(shard_order(bucket, object, 1), [1]);
    }
}

#[test]
fn default_parity_grows_with_the_set() {
    let parities: Vec<u8> = (1..=16).map(default_parity).collect();
    assert_eq!(parities, [0, 1, 1, 2, 2, 3, 3, 4, 4, 4, 4, 4, 4, 4, 4, 4]);
    assert_eq!([1, 2, 16].map(default_reduced_parity), [0, 1, 1]);
    assert_eq!([1, 2, 5, 16].map(max_parity), [0, 1, 2, 8]);
}

#[test]
fn storage_classes_are_read_and_checked() {
    assert_eq!(StorageClass::parse("EC:4"), Ok(StorageClass { parity: 4 }));
    assert_eq!(StorageClass::parse("EC:0"), Ok(StorageClass { parity: 0 }));
    for bad in ["", "4", "EC", "EC:", "EC:-1", "EC:+1", "ec:2", "EC:2 ", "EC:256", "EC:2:2"] {
        assert_eq!(StorageClass::parse(bad), Err(StorageClassError::Form(bad.to_owned())), "{bad}");
    }
    assert_eq!(StorageClass::check(4, 2, 8), Ok(()));
    assert_eq!(StorageClass::check(0, 2, 8), Ok(()));
    assert_eq!(StorageClass::check(5, 2, 8), Err(StorageClassError::TooMuchParity { parity: 5, set_drives: 8 }));
    let above = StorageClassError::ReducedAboveStandard { standard: 2, reduced: 3 };
    assert_eq!(StorageClass::check(2, 3, 8), Err(above));
}
