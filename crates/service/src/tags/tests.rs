use super::*;

fn pairs(count: usize) -> Vec<(String, String)> {
    (0..count).map(|n| (format!("k{n:02}"), n.to_string())).collect()
}

#[test]
fn the_query_form_is_read_and_written_sorted() {
    let tags = Tags::from_query("b=2%2F3&a=one+two&c").unwrap();
    assert_eq!(tags.iter().collect::<Vec<_>>(), [("a", "one two"), ("b", "2/3"), ("c", "")]);
    assert_eq!(tags.to_query(), "a=one+two&b=2%2F3&c=");
    assert!(Tags::from_query("").unwrap().is_empty());
}

#[test]
fn more_tags_than_allowed_are_refused() {
    assert_eq!(Tags::for_object(pairs(10)).unwrap().len(), 10);
    assert!(matches!(Tags::for_object(pairs(11)), Err(ServiceError::TooManyTags { limit: 10, bucket: false })));
    assert_eq!(Tags::for_bucket(pairs(50)).unwrap().len(), 50);
    assert!(matches!(Tags::for_bucket(pairs(51)), Err(ServiceError::TooManyTags { limit: 50, bucket: true })));
}

#[test]
fn keys_and_values_have_lengths_and_characters() {
    let one = |key: &str, value: &str| Tags::for_object([(key.to_owned(), value.to_owned())]);
    assert!(one(&"k".repeat(128), &"v".repeat(256)).is_ok());
    assert!(one("aws:x +-=._:/@", "").is_ok());
    assert!(one("größe", "ü").is_ok());
    for (key, value) in [("", "v"), (&"k".repeat(129), "v"), ("k", &"v".repeat(257)), ("k!", "v"), ("k", "a&b")] {
        assert!(matches!(one(key, value), Err(ServiceError::InvalidTag { .. })), "{key:?} {value:?}");
    }
}

#[test]
fn duplicate_keys_and_bad_escapes_are_refused() {
    assert!(matches!(Tags::from_query("a=1&a=2"), Err(ServiceError::InvalidTag { .. })));
    for text in ["a=%", "a=%2", "a=%zz", "%ff=1"] {
        assert!(matches!(Tags::from_query(text), Err(ServiceError::InvalidTag { .. })), "{text}");
    }
}

#[test]
fn stored_tags_stay_readable_whatever_they_hold() {
    assert_eq!(Tags::from_stored("k!=1&&x=%zz").iter().collect::<Vec<_>>(), [("k!", "1")]);
}
