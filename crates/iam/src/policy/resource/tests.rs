use super::*;
use crate::policy::key::ConditionKey;

struct Nothing;

impl Values for Nothing {
    fn all(&self, _: &ConditionKey) -> Vec<Cow<'_, str>> {
        Vec::new()
    }
}

#[test]
fn paths_are_cleaned_as_gos_path_package_does() {
    for (path, expected) in [
        ("b/k", "b/k"),
        ("b/", "b"),
        ("b//k", "b/k"),
        ("b/./k/", "b/k"),
        ("b/x/../k", "b/k"),
        ("b/../../k", "../k"),
        ("/", "/"),
        ("/..", "/"),
        ("", "."),
        ("b/..", "."),
    ] {
        assert_eq!(clean(path), expected, "{path}");
    }
}

#[test]
fn a_bucket_is_matched_by_its_name_and_by_what_is_in_it() {
    let matches = |pattern: &str, resource: &str| Resource::parse(pattern).unwrap().matches(resource, &Nothing);
    assert!(matches("arn:aws:s3:::b", "b/"), "its name");
    assert!(matches("arn:aws:s3:::b/*", "b/"), "what is in it");
    assert!(!matches("arn:aws:s3:::b", "b/k"));
    assert!(!matches("arn:aws:s3:::b/*", "bb/k"));
    assert!(matches("arn:aws:s3:::*", "/"), "no bucket at all");
    assert!(!matches("arn:aws:s3:::b*", "/"));
    assert!(matches("*", "b/k") && matches("**", "b/k") && matches("*b?k", "b/k"));
}

#[test]
fn only_resources_are_resources() {
    for bad in ["", "b/k", "arn:aws:s3:::/k", "arn:aws:ec2:::x", "*/x"] {
        assert!(Resource::parse(bad).is_err(), "{bad}");
    }
    for (text, shown) in [
        ("*", "**"),
        ("**", "**"),
        ("*b", "*b"),
        ("arn:aws:s3:::", "*arn:aws:s3:::"),
        ("arn:aws:s3:::b", "arn:aws:s3:::b"),
    ] {
        assert_eq!(Resource::parse(text).unwrap().to_string(), shown);
    }
}

#[test]
fn a_bucket_policys_resources_must_reach_into_the_bucket() {
    let reaches = |pattern: &str| Resource::parse(&format!("arn:aws:s3:::{pattern}")).unwrap().reaches_into("bkt");
    for fine in ["bkt", "bkt/*", "bkt/a/b", "b*", "*", "b?t", "b?t/x", "bkt*", "bk?/"] {
        assert!(reaches(fine), "{fine}");
    }
    for other in ["other", "bk", "bkt2", "bkt2/*", "?kt2", "abkt/x"] {
        assert!(!reaches(other), "{other}");
    }
}
