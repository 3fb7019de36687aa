//! Times as text, in the forms that drive formats hold: RFC 3339 with the fraction that is needed, and HTTP dates.

use base::Timestamp;
use time::format_description::well_known::{Rfc2822, Rfc3339};
use time::{OffsetDateTime, UtcOffset};

/// A time in UTC as `2006-01-02T15:04:05.999999999Z`: no trailing zeros in the fraction, no point without one.
pub fn rfc3339(time: Timestamp) -> String {
    let date = date_of(time);
    let (year, month, day) = date.to_calendar_date();
    let (hour, minute, second) = date.time().as_hms();
    let month = u8::from(month);
    let mut text = format!("{year:04}-{month:02}-{day:02}T{hour:02}:{minute:02}:{second:02}");
    if date.nanosecond() != 0 {
        let fraction = format!(".{:09}", date.nanosecond());
        text.push_str(fraction.trim_end_matches('0'));
    }
    text.push('Z');
    text
}

/// Reads an RFC 3339 time of any offset, or an HTTP date. `None` for anything else and for times that a
/// timestamp can't hold.
pub fn parse(text: &str) -> Option<Timestamp> {
    let date = OffsetDateTime::parse(text, &Rfc3339).or_else(|_| OffsetDateTime::parse(text, &Rfc2822)).ok()?;
    i64::try_from(date.unix_timestamp_nanos()).ok().map(Timestamp::from_nanos)
}

fn date_of(time: Timestamp) -> OffsetDateTime {
    OffsetDateTime::from_unix_timestamp_nanos(time.nanos().into())
        .map_or(OffsetDateTime::UNIX_EPOCH, |date| date.to_offset(UtcOffset::UTC))
}

#[cfg(test)]
mod tests;
