use super::*;

const SECOND: i64 = 1_000_000_000;

fn at(secs: i64, nanos: i64) -> Timestamp {
    Timestamp::from_nanos(secs * SECOND + nanos)
}

#[test]
fn times_are_written_as_s3_does() {
    let time = at(1_795_417_362, 206_999_999);
    assert_eq!(iso8601_text(time), "2026-11-23T07:02:42.206Z");
    assert_eq!(&http_date(time), b"Mon, 23 Nov 2026 07:02:42 GMT");
    assert_eq!(iso8601_text(Timestamp::ZERO), "1970-01-01T00:00:00.000Z");
    assert_eq!(&http_date(at(951_782_400, 0)), b"Tue, 29 Feb 2000 00:00:00 GMT");
}

#[test]
fn times_before_the_epoch_round_down() {
    assert_eq!(iso8601_text(at(0, -1)), "1969-12-31T23:59:59.999Z");
}

#[test]
fn all_three_forms_of_http_dates_are_read() {
    let expected = Some(Timestamp::from_secs(784_111_777));
    assert_eq!(parse_http_date("Sun, 06 Nov 1994 08:49:37 GMT"), expected);
    assert_eq!(parse_http_date("Sunday, 06-Nov-94 08:49:37 GMT"), expected);
    assert_eq!(parse_http_date("Sun Nov  6 08:49:37 1994"), expected);
    assert_eq!(parse_http_date("yesterday"), None);
}

#[test]
fn iso_dates_are_read_with_and_without_fractions() {
    assert_eq!(parse_iso8601("2026-11-23T07:02:42Z"), Some(Timestamp::from_secs(1_795_417_362)));
    assert_eq!(parse_iso8601("2026-11-23T07:02:42.206Z"), Some(at(1_795_417_362, 206_000_000)));
    assert_eq!(parse_iso8601("2026-11-23T08:02:42.206000001+01:00"), Some(at(1_795_417_362, 206_000_001)));
    assert_eq!(parse_iso8601("2026-11-23"), None);
    assert_eq!(parse_iso8601("9999-12-31T00:00:00Z"), None, "beyond 64 bits of nanoseconds");
}
