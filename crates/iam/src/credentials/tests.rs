use super::*;

#[test]
fn the_shortest_allowed_pair_is_accepted() {
    let pair = Credentials::new("abc", Secret::new("12345678")).unwrap();
    assert_eq!(pair.access_key(), "abc");
    assert_eq!(pair.secret_key().expose(), "12345678");
}

#[test]
fn short_keys_are_refused_each_with_its_reason() {
    assert_eq!(Credentials::new("ab", Secret::new("12345678")).unwrap_err(), BadCredentials::AccessKeyTooShort);
    assert_eq!(Credentials::new("abc", Secret::new("1234567")).unwrap_err(), BadCredentials::SecretKeyTooShort);
    assert_eq!(Credentials::new("", Secret::new("")).unwrap_err(), BadCredentials::AccessKeyTooShort);
}

#[test]
fn any_characters_are_allowed() {
    assert!(Credentials::new("a=b/c", Secret::new("pass word=ü")).is_ok());
}

#[test]
fn debug_does_not_show_the_secret() {
    let pair = Credentials::new("abc", Secret::new("do-not-show")).unwrap();
    assert!(!format!("{pair:?}").contains("do-not-show"));
}
