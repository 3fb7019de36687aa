use super::{content_type, split_archive};

#[test]
fn keys_are_cut_at_the_first_archive() {
    assert_eq!(split_archive("a/b.zip/c/d.txt"), Some(("a/b.zip", "c/d.txt")));
    assert_eq!(split_archive("b.zip/x.zip/c"), Some(("b.zip", "x.zip/c")));
    assert_eq!(split_archive("b.zip/"), Some(("b.zip", "")));
    assert_eq!(split_archive(".zip/c"), Some((".zip", "c")));
    for key in ["b.zip", "b.ZIP/c", "b.zipped/c", "", "zip/c"] {
        assert_eq!(split_archive(key), None, "{key}");
    }
}

#[test]
fn extensions_tell_types_in_any_case() {
    assert_eq!(content_type("a/b.TXT"), "text/plain");
    assert_eq!(content_type("b.json"), "application/json");
    for name in ["b", "b.unheard-of", "json", ""] {
        assert_eq!(content_type(name), "application/octet-stream", "{name}");
    }
}
