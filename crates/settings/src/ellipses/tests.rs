use super::*;

fn expand(argument: &str) -> Vec<String> {
    Pattern::parse(argument).unwrap().expand()
}

#[test]
fn ranges_stand_for_what_minio_makes_of_them() {
    let cases = [
        ("{1...4}", "1 2 3 4"),
        ("{01...04}", "01 02 03 04"),
        ("{1...04}", "01 02 03 04"),
        ("{001...4}", "1 2 3 4"),
        ("{8...b}", "8 9 a b"),
        ("{08...0b}", "08 09 0a 0b"),
        ("{a...f}", "a b c d e f"),
        ("{0...3}", "0 1 2 3"),
        ("{09...12}", "09 10 11 12"),
        ("{8...10}", "8 9 10"),
        ("{10...1a}", "a b c d e f 10 11 12 13 14 15 16 17 18 19 1a"),
        ("{1...1}", "1"),
    ];
    for (argument, expected) in cases {
        assert_eq!(expand(argument).join(" "), expected, "{argument}");
    }
}

#[test]
fn the_leftmost_range_changes_fastest() {
    let expanded = expand("s{1...2}t{1...2}u{1...4}");
    assert_eq!(expanded[..5], ["s1t1u1", "s2t1u1", "s1t2u1", "s2t2u1", "s1t1u2"]);
    assert_eq!(expanded.len(), 16);
    assert_eq!(
        expand("http://node{1...4}/disk{1...4}")[..5],
        ["http://node1/disk1", "http://node2/disk1", "http://node3/disk1", "http://node4/disk1", "http://node1/disk2"]
    );
    assert_eq!(Pattern::parse("/d{1...4}/x{1...8}").unwrap().leftmost(), 4);
}

#[test]
fn what_is_meant_as_a_pattern() {
    for argument in ["{1...4}", "a...b", "/x{1,2}", "}{"] {
        assert!(has_ellipses(argument), "{argument}");
    }
    for argument in ["/data", "/d{1", "/d1}", "a..b", ""] {
        assert!(!has_ellipses(argument), "{argument}");
    }
}

#[test]
fn mistakes_are_named() {
    for argument in ["{A...D}", "d{1..4}", "a...b", "{1...2", "1...2}", "}{1...2}", "{{1...2}}", "{1...2}}", "{1....2}"]
    {
        let error = Pattern::parse(argument).unwrap_err();
        assert_eq!(error, EllipsesError::Format { argument: argument.to_owned() });
        assert!(error.to_string().starts_with(&format!("Invalid ellipsis format in ({argument}), Ellipsis range")));
    }
    assert_eq!(
        Pattern::parse("{4...1}").unwrap_err().to_string(),
        "Incorrect range start 4 cannot be bigger than end 1"
    );
    assert_eq!(Pattern::parse("{1...z}").unwrap_err().to_string(), "strconv.ParseUint: parsing \"z\": invalid syntax");
    assert!(matches!(Pattern::parse("{...4}"), Err(EllipsesError::Number { .. })));
}

#[test]
fn patterns_that_stand_for_too_much_are_refused_without_being_expanded() {
    for argument in ["{1...18446744073709551615}", "{1...9999}{1...9999}", "{0...99999}"] {
        assert!(matches!(Pattern::parse(argument), Err(EllipsesError::TooMany { .. })), "{argument}");
    }
}
