use super::*;

fn asked(pairs: &[(HeaderName, &'static str)]) -> HeaderMap {
    pairs.iter().map(|(name, value)| (name.clone(), HeaderValue::from_static(value))).collect()
}

use http::HeaderName;

#[test]
fn a_known_origin_may_read_the_answer() {
    let mut answer = HeaderMap::new();
    allow(&mut answer, &asked(&[(ORIGIN, "https://a.example")]), &["https://*.example".to_owned()]);
    assert_eq!(answer[ACCESS_CONTROL_ALLOW_ORIGIN], "https://a.example");
    assert_eq!(answer[ACCESS_CONTROL_ALLOW_CREDENTIALS], "true");
}

#[test]
fn others_may_not() {
    let mut answer = HeaderMap::new();
    allow(&mut answer, &asked(&[(ORIGIN, "https://evil.test")]), &["https://*.example".to_owned()]);
    allow(&mut answer, &asked(&[]), &["*".to_owned()]);
    assert!(answer.is_empty());
}

#[test]
fn a_preflight_tells_what_may_be_sent() {
    let request = asked(&[
        (ORIGIN, "null"),
        (ACCESS_CONTROL_REQUEST_METHOD, "PUT"),
        (ACCESS_CONTROL_REQUEST_HEADERS, "x-amz-date,authorization"),
    ]);
    let mut answer = HeaderMap::new();
    allow_request(&mut answer, &request, &["*".to_owned()]);
    assert_eq!(answer[ACCESS_CONTROL_ALLOW_ORIGIN], "*");
    assert_eq!(answer[ACCESS_CONTROL_ALLOW_METHODS], "PUT");
    assert_eq!(answer[ACCESS_CONTROL_ALLOW_HEADERS], "x-amz-date,authorization");
    assert!(!answer.contains_key(ACCESS_CONTROL_EXPOSE_HEADERS));
}

#[test]
fn a_star_stands_for_any_text() {
    for (pattern, text, expected) in [
        ("*", "", true),
        ("*", "x", true),
        ("a*c", "abc", true),
        ("a*c", "ac", true),
        ("a*c", "ab", false),
        ("a*b*c", "a-b-b-c", true),
        ("abc", "abcd", false),
        ("a*a", "a", false),
    ] {
        assert_eq!(matches(pattern, text), expected, "{pattern} {text}");
    }
}
