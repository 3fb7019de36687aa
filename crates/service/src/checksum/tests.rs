use super::*;

#[test]
fn composite_values_show_their_number_of_parts() {
    let value = hex::decode("ca1f72f3").unwrap();
    let parts = vec![hex::decode("faafeae2").unwrap(), hex::decode("7c37b45d").unwrap()];
    let composite = Checksum::of_body(ChecksumAlgorithm::Crc32, value.clone()).with_parts(2, Some(parts.clone()));
    assert_eq!(composite.kind(), ChecksumType::Composite);
    assert_eq!(composite.text(), format!("{}-2", composite.base64()));
    assert_eq!(hex::encode(composite.to_blob()), "c801ca1f72f302faafeae27c37b45d");
    assert_eq!(composite.part(1).unwrap().value(), parts[1]);
    assert_eq!(composite.part(2), None);

    let full = composite.clone().with_full_object(true);
    assert_eq!(full.kind(), ChecksumType::FullObject);
    assert_eq!(full.text(), full.base64());
    assert_eq!(hex::encode(full.to_blob()), "c805ca1f72f302faafeae27c37b45d");
    assert_eq!(hex::encode(full.without_part_values().to_blob()), "c805ca1f72f300");
}

#[test]
fn crc64nvme_is_always_of_the_whole_object() {
    let checksum = Checksum::of_body(ChecksumAlgorithm::Crc64Nvme, vec![0; 8]).with_parts(2, None);
    assert_eq!(checksum.kind(), ChecksumType::FullObject);
    assert_eq!(checksum.text(), checksum.base64());
}

#[test]
fn blobs_come_back_as_they_were() {
    let blob = hex::decode("c805d0c3d3bc02faafeae27c37b45d").unwrap();
    assert_eq!(Checksum::from_blob(&blob).unwrap().to_blob(), blob);
    assert_eq!(Checksum::from_blob(&[]), None);
    assert_eq!(Checksum::from_blob(&[0x08, 1, 2]), None);
}
