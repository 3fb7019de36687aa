use super::*;
use std::path::Path;

fn classes(pairs: &[(&str, &str)]) -> Result<StorageClasses, StorageClassError> {
    let pairs = pairs.iter().map(|(name, value)| (format!("MINIO_STORAGE_CLASS_{name}"), (*value).to_owned()));
    StorageClasses::from_environment(&Environment::from_pairs(pairs))
}

fn layout(arguments: &[&str]) -> Layout {
    let arguments: Vec<String> = arguments.iter().map(|argument| (*argument).to_owned()).collect();
    Layout::from_arguments(&arguments, None, Path::new("/")).unwrap()
}

/// The defaults by set size.
fn default_parity(drives: usize) -> u8 {
    match drives {
        1 => 0,
        2 | 3 => 1,
        4 | 5 => 2,
        6 | 7 => 3,
        _ => 4,
    }
}

fn check(pairs: &[(&str, &str)], arguments: &[&str]) -> Result<(), String> {
    classes(pairs).unwrap().check(&layout(arguments), default_parity).map_err(|error| error.to_string())
}

#[test]
fn settings_are_read() {
    assert_eq!(classes(&[]).unwrap(), StorageClasses::default());
    let all = classes(&[("STANDARD", "EC:3"), ("RRS", "EC:1"), ("OPTIMIZE", "capacity"), ("INLINE_BLOCK", "64KiB")]);
    let expected =
        StorageClasses { standard: Some(3), reduced: Some(1), optimize_capacity: true, inline_block: Some(65_536) };
    assert_eq!(all.unwrap(), expected);
}

#[test]
fn mistakes_are_named() {
    let error = |name, value| classes(&[(name, value)]).unwrap_err().to_string();
    assert_eq!(error("STANDARD", "EC:2:3"), "Too many sections in EC:2:3");
    assert_eq!(error("STANDARD", "EC"), "Too few sections in EC");
    assert_eq!(error("RRS", "XX:2"), "Unsupported scheme XX. Supported scheme is EC");
    assert!(error("RRS", "EC:x").contains("'x'"));
    assert!(error("OPTIMIZE", "speed").contains("speed"));
    assert!(error("INLINE_BLOCK", "big").contains("big"));
}

#[test]
fn parity_is_at_most_half_of_the_drives_of_every_set() {
    assert_eq!(check(&[("STANDARD", "EC:2")], &["/d{1...4}"]), Ok(()));
    assert_eq!(
        check(&[("STANDARD", "EC:9")], &["/d{1...4}"]).unwrap_err(),
        "Standard storage class parity 9 should be less than or equal to 2"
    );
    assert_eq!(
        check(&[("RRS", "EC:3")], &["/d{1...4}"]).unwrap_err(),
        "Reduced redundancy storage class parity 3 should be less than or equal to 2"
    );
    assert_eq!(
        check(&[], &["/a{1...8}", "/b{1...4}"]).unwrap_err(),
        "parity validation returned an error: parity 4 should be less than or equal to 2 <- (4, 4), for pool(2nd)"
    );
    assert_eq!(check(&[], &["/a{1...4}", "/b{1...8}"]), Ok(()));
    assert_eq!(check(&[], &["/single"]), Ok(()));
    assert!(check(&[("STANDARD", "EC:1")], &["/single"]).is_err());
    assert_eq!(check(&[("STANDARD", "EC:0"), ("RRS", "EC:0")], &["/d{1...4}"]), Ok(()));
}

#[test]
fn reduced_redundancy_is_not_more_than_standard() {
    assert_eq!(check(&[("STANDARD", "EC:2"), ("RRS", "EC:2")], &["/d{1...8}"]), Ok(()));
    assert!(check(&[("STANDARD", "EC:1"), ("RRS", "EC:2")], &["/d{1...8}"]).unwrap_err().contains("greater than"));
}

#[test]
fn ordinals_are_english() {
    let ordinals: Vec<String> = [1, 2, 3, 4, 11, 12, 13, 21, 111].into_iter().map(ordinal).collect();
    assert_eq!(ordinals, ["1st", "2nd", "3rd", "4th", "11th", "12th", "13th", "21st", "111th"]);
}
