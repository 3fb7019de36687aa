use super::*;

#[test]
fn booleans_have_many_spellings() {
    for text in ["1", "t", "T", "true", "TRUE", "True", "on", "ON", "On", "enabled", "EnAbLeD"] {
        assert_eq!(parse_bool(text), Some(true), "{text}");
    }
    for text in ["0", "f", "F", "false", "FALSE", "False", "off", "OFF", "Off", "disabled", "DISABLED"] {
        assert_eq!(parse_bool(text), Some(false), "{text}");
    }
    for text in ["", "yes", "tRUE", "2", "oN"] {
        assert_eq!(parse_bool(text), None, "{text}");
    }
}

#[test]
fn sizes_are_decimal_or_binary() {
    let cases = [
        ("0", 0),
        ("131072", 131_072),
        ("128KiB", 131_072),
        ("128 kib", 131_072),
        ("4GiB", 4 << 30),
        ("1.5MB", 1_500_000),
        ("1.5KiB", 1536),
        ("10k", 10_000),
        ("2Ti", 2 << 40),
    ];
    for (text, bytes) in cases {
        assert_eq!(parse_size(text), Some(bytes), "{text}");
    }
    for text in ["", "KiB", "1.2.3", "12q", "-1", "99999999999TiB", "1.999999999999999999999", "."] {
        assert_eq!(parse_size(text), None, "{text}");
    }
}

#[test]
fn durations_are_those_of_go() {
    let cases = [
        ("0", 0),
        ("30s", 30_000),
        ("10m", 600_000),
        ("1h30m", 5_400_000),
        ("250ms", 250),
        ("1.5s", 1500),
        ("2m3s4ms", 123_004),
    ];
    for (text, millis) in cases {
        assert_eq!(parse_duration(text), Some(Duration::from_millis(millis)), "{text}");
    }
    for text in ["", "30", "s", "1x", "-1s", "1s2", "1e300h"] {
        assert_eq!(parse_duration(text), None, "{text}");
    }
}
