use super::*;

#[test]
fn renders_only_the_fraction_that_is_needed() {
    let base = 1_795_415_249_000_000_000;
    assert_eq!(rfc3339(Timestamp::from_nanos(base)), "2026-11-23T06:27:29Z");
    assert_eq!(rfc3339(Timestamp::from_nanos(base + 673_857_050)), "2026-11-23T06:27:29.67385705Z");
    assert_eq!(rfc3339(Timestamp::from_nanos(base + 1)), "2026-11-23T06:27:29.000000001Z");
    assert_eq!(rfc3339(Timestamp::from_nanos(-1)), "1969-12-31T23:59:59.999999999Z");
}

#[test]
fn reads_offsets_and_http_dates() {
    let expected = Timestamp::from_secs(784_111_777);
    for text in ["1994-11-06T08:49:37Z", "1994-11-06T10:49:37+02:00", "Sun, 06 Nov 1994 08:49:37 GMT"] {
        assert_eq!(parse(text), Some(expected), "{text}");
    }
    for text in ["", "yesterday", "9999-01-01T00:00:00Z", "1994-13-06T08:49:37Z"] {
        assert_eq!(parse(text), None, "{text}");
    }
}
