//! Times as S3 writes and reads them: ISO 8601 in XML, HTTP dates in headers. All UTC.

#[cfg(test)]
mod tests;

use base::Timestamp;
use time::OffsetDateTime;
use time::format_description::well_known::Rfc3339;

/// `2026-11-23T07:02:42.206Z`: milliseconds, rounded down.
pub fn iso8601(time: Timestamp) -> [u8; 24] {
    let date = calendar(time);
    let mut out = *b"0000-00-00T00:00:00.000Z";
    digits(&mut out[0..4], date.year().unsigned_abs());
    digits(&mut out[5..7], u32::from(u8::from(date.month())));
    digits(&mut out[8..10], u32::from(date.day()));
    digits(&mut out[11..13], u32::from(date.hour()));
    digits(&mut out[14..16], u32::from(date.minute()));
    digits(&mut out[17..19], u32::from(date.second()));
    digits(&mut out[20..23], u32::from(date.millisecond()));
    out
}

/// [`iso8601`] as text.
pub fn iso8601_text(time: Timestamp) -> String {
    String::from_utf8_lossy(&iso8601(time)).into_owned()
}

/// `Mon, 23 Nov 2026 07:02:42 GMT`: seconds, rounded down (RFC 9110, IMF-fixdate).
pub fn http_date(time: Timestamp) -> [u8; 29] {
    const DAYS: &[u8; 21] = b"MonTueWedThuFriSatSun";
    const MONTHS: &[u8; 36] = b"JanFebMarAprMayJunJulAugSepOctNovDec";
    let date = calendar(time);
    let day = usize::from(date.weekday().number_days_from_monday()) * 3;
    let month = usize::from(u8::from(date.month()) - 1) * 3;
    let mut out = *b"Mon, 00 Jan 0000 00:00:00 GMT";
    out[0..3].copy_from_slice(&DAYS[day..day + 3]);
    digits(&mut out[5..7], u32::from(date.day()));
    out[8..11].copy_from_slice(&MONTHS[month..month + 3]);
    digits(&mut out[12..16], date.year().unsigned_abs());
    digits(&mut out[17..19], u32::from(date.hour()));
    digits(&mut out[20..22], u32::from(date.minute()));
    digits(&mut out[23..25], u32::from(date.second()));
    out
}

/// An HTTP date of any of the three forms of RFC 9110.
pub fn parse_http_date(text: &str) -> Option<Timestamp> {
    let time = httpdate::parse_http_date(text.trim()).ok()?;
    let since = time.duration_since(std::time::UNIX_EPOCH).ok()?;
    Some(Timestamp::ZERO.plus(since))
}

/// An ISO 8601 (RFC 3339) time with or without a fraction.
pub fn parse_iso8601(text: &str) -> Option<Timestamp> {
    let date = OffsetDateTime::parse(text.trim(), &Rfc3339).ok()?;
    i64::try_from(date.unix_timestamp_nanos()).ok().map(Timestamp::from_nanos)
}

fn calendar(time: Timestamp) -> OffsetDateTime {
    // The range of nanoseconds in 64 bits, 1677 to 2262, lies within what the calendar knows.
    OffsetDateTime::from_unix_timestamp_nanos(i128::from(time.nanos())).unwrap_or(OffsetDateTime::UNIX_EPOCH)
}

fn digits(out: &mut [u8], mut number: u32) {
    for place in out.iter_mut().rev() {
        // A digit is below ten, so nothing is cut.
        *place = b'0' + u8::try_from(number % 10).unwrap_or(0);
        number /= 10;
    }
}
