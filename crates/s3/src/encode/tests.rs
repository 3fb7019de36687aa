use super::*;

#[test]
fn listed_names_are_form_encoded_but_for_slashes() {
    assert_eq!(listed("a b/c+d~e*f"), "a%20b/c%2Bd%7Ee*f");
    assert_eq!(listed("ключ"), "%D0%BA%D0%BB%D1%8E%D1%87");
    assert_eq!(listed("-_./azAZ09"), "-_./azAZ09");
}

#[test]
fn printable_values_stay_as_they_are() {
    assert_eq!(header_value("a, b; c=d"), "a, b; c=d");
}

#[test]
fn other_values_become_encoded_words() {
    assert_eq!(header_value("öä"), "=?UTF-8?q?=C3=B6=C3=A4?=");
    assert_eq!(header_value("ö a_b"), "=?UTF-8?q?=C3=B6_a=5Fb?=");
    assert_eq!(header_value("ö (1)"), "=?UTF-8?b?w7YgKDEp?=");
    assert_eq!(header_value("a\nb"), "=?UTF-8?q?a=0Ab?=");
}

#[test]
fn no_encoded_word_is_longer_than_the_rfc_allows() {
    for text in ["ö".repeat(300), format!("({})", "ö".repeat(300))] {
        let encoded = header_value(&text);
        assert!(encoded.split(' ').count() > 1);
        assert!(encoded.split(' ').all(|word| word.len() <= 75 && word.starts_with("=?") && word.ends_with("?=")));
    }
}
