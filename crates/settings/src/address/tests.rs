use super::*;

#[test]
fn either_side_may_be_left_out() {
    let cases = [
        (":9000", "", 9000),
        ("127.0.0.1:9000", "127.0.0.1", 9000),
        ("127.0.0.1", "127.0.0.1", 0),
        ("localhost:", "localhost", 0),
        ("[::1]:80", "::1", 80),
        ("[::]", "::", 0),
        ("", "", 0),
        (":0", "", 0),
    ];
    for (text, host, port) in cases {
        assert_eq!(text.parse(), Ok(Address { host: host.to_owned(), port }), "{text}");
    }
}

#[test]
fn mistakes_are_named() {
    let error = |text: &str| text.parse::<Address>().unwrap_err().to_string();
    assert_eq!(error("foo:bar"), "Unable to split host port foo:bar: invalid port number");
    assert_eq!(error(":65536"), "port must be between 0 to 65535");
    assert!(error("::1:9000").contains("too many colons"));
    assert!(error("[::1:9000").contains("missing ']'"));
}

#[test]
fn addresses_are_shown_with_brackets_where_needed() {
    for text in [":9000", "[::1]:80", "host:1"] {
        assert_eq!(text.parse::<Address>().unwrap().to_string(), text);
    }
}
