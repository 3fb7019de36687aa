//! Timestamps with the precision that they were written with, as Ion has them (W3C's note on date and time formats).

use crate::error::{Code, SelectError, fail};
use std::fmt::Write;
use time::{Date, Month, OffsetDateTime, Time, UtcOffset};

/// How exactly a timestamp is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
enum Precision {
    Year,
    Month,
    Day,
    Minute,
    /// With so many digits of a second's fraction, at most nine.
    Second(u8),
}

/// A point in time, with its offset from UTC.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Moment {
    at: OffsetDateTime,
    precision: Precision,
}

/// The parts of a date that functions name.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum DatePart {
    Year,
    Month,
    Day,
    Hour,
    Minute,
    Second,
    TimezoneHour,
    TimezoneMinute,
}

impl DatePart {
    pub fn from_name(name: &str) -> Option<Self> {
        let all = [
            ("year", DatePart::Year),
            ("month", DatePart::Month),
            ("day", DatePart::Day),
            ("hour", DatePart::Hour),
            ("minute", DatePart::Minute),
            ("second", DatePart::Second),
            ("timezone_hour", DatePart::TimezoneHour),
            ("timezone_minute", DatePart::TimezoneMinute),
        ];
        all.into_iter().find(|(known, _)| known.eq_ignore_ascii_case(name)).map(|(_, part)| part)
    }
}

impl Moment {
    /// Now, to the millisecond.
    pub fn at(now: base::Timestamp) -> Self {
        let millis = i128::from(now.nanos().div_euclid(1_000_000)) * 1_000_000;
        let at = OffsetDateTime::from_unix_timestamp_nanos(millis).unwrap_or(OffsetDateTime::UNIX_EPOCH);
        Moment { at, precision: Precision::Second(3) }
    }

    /// Nanoseconds since the epoch; `None` outside of the years -9999 to 9999.
    pub fn from_nanos(nanos: i128, digits: u8) -> Option<Self> {
        let at = OffsetDateTime::from_unix_timestamp_nanos(nanos).ok()?;
        Some(Moment { at, precision: Precision::Second(digits) })
    }

    /// Midnight, so many days since the epoch.
    pub fn from_days(days: i32) -> Option<Self> {
        let moment = Moment::from_nanos(i128::from(days) * 86_400_000_000_000, 0)?;
        Some(Moment { precision: Precision::Day, ..moment })
    }

    /// A date and time of these parts; `None` if there is no such.
    #[expect(clippy::too_many_arguments, reason = "that is what a time is made of")]
    pub(super) fn of_parts(
        year: i32,
        month: u8,
        day: u8,
        hour: u8,
        minute: u8,
        second: u8,
        nanos: u32,
        offset: UtcOffset,
        digits: u8,
    ) -> Option<Self> {
        let date = Date::from_calendar_date(year, Month::try_from(month).ok()?, day).ok()?;
        let time = Time::from_hms_nano(hour, minute, second, nanos).ok()?;
        let at = date.with_time(time).assume_offset(offset);
        // What UTC has no date for can't be compared.
        at.checked_to_offset(UtcOffset::UTC)?;
        Some(Moment { at, precision: Precision::Second(digits) })
    }

    /// From `2007T`, `2007-02T`, `2007-02-23`, `2007-02-23T12:14Z`, `2007-02-23T12:14:33.079-08:00` and the like.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_ascii();
        let (date, clock) = match text.split_once(['T', 't', ' ']) {
            Some((date, clock)) => (date, Some(clock)),
            None => (text, None),
        };
        let mut parts = date.split('-');
        let year = digits(parts.next()?, 4)?;
        let month = parts.next().map(|text| digits(text, 2)).transpose_option()?;
        let day = parts.next().map(|text| digits(text, 2)).transpose_option()?;
        if parts.next().is_some() || (clock.is_none() && day.is_none()) {
            return None;
        }
        let mut precision = match (month, day) {
            (None, _) => Precision::Year,
            (Some(_), None) => Precision::Month,
            _ => Precision::Day,
        };
        let mut time = Time::MIDNIGHT;
        let mut offset = UtcOffset::UTC;
        if let Some(clock) = clock.filter(|clock| !clock.is_empty()) {
            day?;
            (time, offset, precision) = parse_clock(clock)?;
        }
        let month = Month::try_from(u8::try_from(month.unwrap_or(1)).ok()?).ok()?;
        let day = u8::try_from(day.unwrap_or(1)).ok()?;
        let date = Date::from_calendar_date(i32::try_from(year).ok()?, month, day).ok()?;
        let at = date.with_time(time).assume_offset(offset);
        at.checked_to_offset(UtcOffset::UTC)?;
        Some(Moment { at, precision })
    }

    /// Nanoseconds since the epoch.
    pub fn instant(self) -> i128 {
        self.at.unix_timestamp_nanos()
    }

    pub(super) fn time(self) -> OffsetDateTime {
        self.at
    }

    pub fn part(self, part: DatePart) -> i64 {
        match part {
            DatePart::Year => i64::from(self.at.year()),
            DatePart::Month => i64::from(u8::from(self.at.month())),
            DatePart::Day => i64::from(self.at.day()),
            DatePart::Hour => i64::from(self.at.hour()),
            DatePart::Minute => i64::from(self.at.minute()),
            DatePart::Second => i64::from(self.at.second()),
            DatePart::TimezoneHour => i64::from(self.at.offset().whole_hours()),
            DatePart::TimezoneMinute => i64::from(self.at.offset().minutes_past_hour()),
        }
    }

    /// So much later. A day that the new month doesn't have is its last.
    pub fn add(self, part: DatePart, quantity: i64) -> Result<Self, SelectError> {
        let outside = || SelectError::new(Code::EvaluatorInvalidArguments, "DATE_ADD leaves the years 1 to 9999.");
        let seconds = |unit: i64| {
            let seconds = quantity.checked_mul(unit)?;
            self.at.checked_add(time::Duration::seconds(seconds))
        };
        let (at, least) = match part {
            DatePart::Year => (quantity.checked_mul(12).and_then(|months| self.add_months(months)), Precision::Year),
            DatePart::Month => (self.add_months(quantity), Precision::Month),
            DatePart::Day => (seconds(86_400), Precision::Day),
            DatePart::Hour => (seconds(3600), Precision::Minute),
            DatePart::Minute => (seconds(60), Precision::Minute),
            DatePart::Second => (seconds(1), Precision::Second(0)),
            DatePart::TimezoneHour | DatePart::TimezoneMinute => return wrong_part("DATE_ADD"),
        };
        let at = at.filter(|at| (1..=9999).contains(&at.year())).ok_or_else(outside)?;
        at.checked_to_offset(UtcOffset::UTC).ok_or_else(outside)?;
        Ok(Moment { at, precision: self.precision.max(least) })
    }

    fn add_months(self, months: i64) -> Option<OffsetDateTime> {
        let count = (i64::from(self.at.year()) * 12 + i64::from(u8::from(self.at.month())) - 1).checked_add(months)?;
        let year = i32::try_from(count.div_euclid(12)).ok()?;
        let month = Month::try_from(u8::try_from(count.rem_euclid(12) + 1).ok()?).ok()?;
        let day = self.at.day().min(month.length(year));
        Some(self.at.replace_date(Date::from_calendar_date(year, month, day).ok()?))
    }

    /// Whole units from `self` to `later`; negative if that is earlier.
    pub fn until(self, later: Moment, part: DatePart) -> Result<i64, SelectError> {
        let months = || {
            let (a, b) = (self.at.to_offset(UtcOffset::UTC), later.at.to_offset(UtcOffset::UTC));
            let count = |at: OffsetDateTime| i64::from(at.year()) * 12 + i64::from(u8::from(at.month()));
            let rest = |at: OffsetDateTime| (at.day(), at.time());
            let months = count(b) - count(a);
            match months {
                1.. if rest(b) < rest(a) => months - 1,
                ..=-1 if rest(b) > rest(a) => months + 1,
                _ => months,
            }
        };
        let seconds = |unit: i128| {
            let seconds = (later.instant() - self.instant()) / (unit * 1_000_000_000);
            i64::try_from(seconds).unwrap_or(i64::MAX)
        };
        Ok(match part {
            DatePart::Year => months() / 12,
            DatePart::Month => months(),
            DatePart::Day => seconds(86_400),
            DatePart::Hour => seconds(3600),
            DatePart::Minute => seconds(60),
            DatePart::Second => seconds(1),
            DatePart::TimezoneHour | DatePart::TimezoneMinute => return wrong_part("DATE_DIFF"),
        })
    }

    /// As it would be written in the form that [`Moment::parse`] reads.
    pub fn write(self, out: &mut String) {
        // Writing to a string can't fail.
        let _ = self.format(out);
    }

    fn format(self, out: &mut String) -> std::fmt::Result {
        let at = self.at;
        write!(out, "{:04}", at.year())?;
        if self.precision >= Precision::Month {
            write!(out, "-{:02}", u8::from(at.month()))?;
        }
        if self.precision >= Precision::Day {
            write!(out, "-{:02}", at.day())?;
        }
        out.push('T');
        if self.precision < Precision::Minute {
            return Ok(());
        }
        write!(out, "{:02}:{:02}", at.hour(), at.minute())?;
        if let Precision::Second(count) = self.precision {
            write!(out, ":{:02}", at.second())?;
            if count > 0 {
                let fraction = format!("{:09}", at.nanosecond());
                write!(out, ".{}", &fraction[..usize::from(count.min(9))])?;
            }
        }
        write_offset(at.offset(), true, true, out)
    }
}

fn wrong_part<T>(function: &str) -> Result<T, SelectError> {
    fail(Code::ParseExpectedDatePart, format!("{function} knows year, month, day, hour, minute and second."))
}

/// `+07:30`; `Z` for UTC if `zulu`; without the colon unless `colon`.
pub(super) fn write_offset(offset: UtcOffset, zulu: bool, colon: bool, out: &mut String) -> std::fmt::Result {
    if zulu && offset.is_utc() {
        out.push('Z');
        return Ok(());
    }
    let sign = if offset.is_negative() { '-' } else { '+' };
    let (hours, minutes) = (offset.whole_hours().abs(), offset.minutes_past_hour().abs());
    write!(out, "{sign}{hours:02}{}{minutes:02}", if colon { ":" } else { "" })
}

/// `12:14`, `12:14:33`, `12:14:33.079`, with `Z` or an offset behind it.
fn parse_clock(text: &str) -> Option<(Time, UtcOffset, Precision)> {
    let at = text.find(['Z', 'z', '+', '-']).unwrap_or(text.len());
    let offset = parse_offset(&text[at..])?;
    let mut parts = text[..at].split(':');
    let hour = u8::try_from(digits(parts.next()?, 2)?).ok()?;
    let minute = u8::try_from(digits(parts.next()?, 2)?).ok()?;
    let Some(seconds) = parts.next() else {
        return Some((Time::from_hms(hour, minute, 0).ok()?, offset, Precision::Minute));
    };
    if parts.next().is_some() {
        return None;
    }
    let (second, fraction) = seconds.split_once('.').unwrap_or((seconds, ""));
    let second = u8::try_from(digits(second, 2)?).ok()?;
    let (nanos, count) = parse_fraction(fraction)?;
    Some((Time::from_hms_nano(hour, minute, second, nanos).ok()?, offset, Precision::Second(count)))
}

/// Nanoseconds, and how many digits there were, at most nine of which count.
pub(super) fn parse_fraction(text: &str) -> Option<(u32, u8)> {
    if !text.bytes().all(|byte| byte.is_ascii_digit()) {
        return None;
    }
    let kept = &text[..text.len().min(9)];
    let nanos = format!("{kept:0<9}").parse().ok()?;
    Some((nanos, u8::try_from(kept.len()).ok()?))
}

/// `Z`, `+07:30`, `+0730`, `+07`; nothing is UTC.
pub(super) fn parse_offset(text: &str) -> Option<UtcOffset> {
    if text.is_empty() || text.eq_ignore_ascii_case("z") {
        return Some(UtcOffset::UTC);
    }
    let sign = if text.starts_with('-') { -1 } else { 1 };
    let rest = text.strip_prefix(['+', '-'])?;
    let rest = rest.replace(':', "");
    let (hours, minutes) = match rest.len() {
        2 => (digits(&rest, 2)?, 0),
        4 => (digits(rest.get(..2)?, 2)?, digits(rest.get(2..)?, 2)?),
        _ => return None,
    };
    if minutes > 59 {
        return None;
    }
    UtcOffset::from_hms(sign * i8::try_from(hours).ok()?, sign * i8::try_from(minutes).ok()?, 0).ok()
}

/// Exactly so many digits.
fn digits(text: &str, count: usize) -> Option<u32> {
    let fits = text.len() == count && text.bytes().all(|byte| byte.is_ascii_digit());
    fits.then(|| text.parse().ok()).flatten()
}

/// An optional result turned inside out, where nothing at all is fine and something wrong isn't.
trait TransposeOption<T> {
    fn transpose_option(self) -> Option<Option<T>>;
}

impl<T> TransposeOption<T> for Option<Option<T>> {
    fn transpose_option(self) -> Option<Option<T>> {
        match self {
            None => Some(None),
            Some(None) => None,
            Some(found) => Some(found),
        }
    }
}
