use super::entry::testing::clean;

#[test]
fn names_are_cleaned_and_stay_inside() {
    let cases = [
        ("a/b.txt", Some("a/b.txt")),
        ("./a", Some("a")),
        ("/abs/../y.txt", Some("y.txt")),
        ("a//b/./c/", Some("a/b/c")),
        ("a/../b", Some("b")),
        ("/../y", Some("y")),
        ("", Some("")),
        (".", Some("")),
        ("/", Some("")),
        ("../up", None),
        ("a/../../up", None),
        ("..", None),
        ("a\\..\\b", Some("a\\..\\b")),
    ];
    for (path, expected) in cases {
        assert_eq!(clean(path).as_deref(), expected, "{path}");
    }
}
