use super::*;
use proptest::prelude::*;

#[test]
fn directory_objects_are_stored_under_another_name() {
    let name = ObjectName::from_key("a/dir/").unwrap();
    assert_eq!((name.as_str(), &*name.key(), name.is_dir()), ("a/dir__XLDIR__", "a/dir/", true));
    assert_eq!(ObjectName::from_encoded("a/dir__XLDIR__").unwrap(), name);
    let plain = ObjectName::from_key("odd__XLDIR__x").unwrap();
    assert_eq!((plain.as_str(), &*plain.key(), plain.is_dir()), ("odd__XLDIR__x", "odd__XLDIR__x", false));
}

#[test]
fn names_that_could_leave_the_drive_are_refused() {
    let refused = [
        ("", NameError::Empty),
        ("/", NameError::EmptyElement),
        ("/lead", NameError::EmptyElement),
        ("a//b", NameError::EmptyElement),
        ("a//", NameError::EmptyElement),
        (".", NameError::DotElement),
        ("../x", NameError::DotElement),
        ("a/./b", NameError::DotElement),
        ("a/..", NameError::DotElement),
        ("a/../", NameError::DotElement),
        ("a\0b", NameError::Nul),
    ];
    for (key, error) in refused {
        assert_eq!(ObjectName::from_key(key), Err(error), "{key:?}");
    }
    for key in ["..a", "a..", "...", "a/.b", "\\..\\a", "a b ", "line\nbreak", "*:?\u{7f}", "xl.meta", "x/xl.meta"] {
        assert_eq!(ObjectName::from_key(key).map(|name| name.as_str().to_owned()), Ok(key.to_owned()));
    }
}

#[test]
fn long_names_and_elements_are_refused() {
    let element = format!("{}x", "\u{e9}".repeat(127));
    assert!(ObjectName::from_key(&format!("a/{element}/b")).is_ok());
    assert_eq!(ObjectName::from_key(&format!("{element}x")), Err(NameError::ElementTooLong), "bytes count");
    assert_eq!(ObjectName::from_key(&format!("{element}/")), Err(NameError::ElementTooLong), "with what stands for /");
    assert!(ObjectName::from_key(&format!("{}/", "x".repeat(MAX_ELEMENT - DIR_SUFFIX.len()))).is_ok());
    let key = "abcdefg/".repeat(MAX_OBJECT_KEY / 8);
    assert!(ObjectName::from_key(&key).is_ok());
    assert_eq!(ObjectName::from_key(&format!("{key}x")), Err(NameError::TooLong));
}

#[test]
fn prefixes_may_end_anywhere_but_not_lead_out() {
    for prefix in ["", "a", "a/", "a/.", "..", "a/b/par"] {
        assert_eq!(check_prefix(prefix), Ok(()), "{prefix:?}");
    }
    for prefix in ["../", "a/../b", "a//b", "/", "a\0"] {
        assert!(check_prefix(prefix).is_err(), "{prefix:?}");
    }
}

#[test]
fn bucket_names_follow_s3() {
    for name in ["abc", "a.b-c", "1bucket9", "minio", "a".repeat(63).as_str(), "1.2.3", "1.2.3.4.5", "1.2.3.x"] {
        assert!(BucketName::new(name).is_ok(), "{name}");
    }
    let bad = ["", "ab", "Abc", "a_b", "-ab", "ab-", ".ab", "ab.", "a..b", "a.-b", "a-.b", "192.168.1.1", "a/b", "a b"];
    for name in bad.into_iter().chain([".minio.sys", "a".repeat(64).as_str(), "buc\u{e9}t", "a\0b"]) {
        assert_eq!(BucketName::new(name), Err(NameError::Bucket), "{name}");
    }
}

#[test]
fn buckets_of_old_releases_are_accepted_from_drives() {
    for name in ["Old_Bucket:1", "ABC", "abc"] {
        assert!(BucketName::relaxed(name).is_ok(), "{name}");
    }
    for name in ["lost+found", ".minio.sys", "a/b", "..", "1.1.1.1"] {
        assert!(BucketName::relaxed(name).is_err(), "{name}");
    }
    assert!(BucketName::system().is_system() && BucketName::system().is_reserved());
    assert!(BucketName::new("minio").unwrap().is_reserved());
}

proptest! {
    #[test]
    fn accepted_names_stay_below_their_directory(key in "[a./\\\\\u{0}_]{0,12}") {
        if let Ok(name) = ObjectName::from_key(&key) {
            prop_assert_eq!(&*name.key(), &key);
            for element in name.as_str().split('/') {
                prop_assert!(!matches!(element, "" | "." | "..") && !element.contains('\0'));
            }
        }
    }
}
