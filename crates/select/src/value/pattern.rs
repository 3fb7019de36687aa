//! Patterns of TO_STRING and TO_TIMESTAMP: `MMMM d, y h:m a`. The S3 reference's "date functions".

use super::moment::{Moment, parse_fraction, parse_offset, write_offset};
use crate::error::{Code, SelectError, fail};
use std::fmt::Write;
use time::{OffsetDateTime, UtcOffset};

/// A pattern, taken apart.
#[derive(Clone, Debug, PartialEq)]
pub struct Pattern(Vec<Token>);

#[derive(Clone, Debug, PartialEq)]
enum Token {
    /// A letter that stands for a part, so many times.
    Symbol(u8, usize),
    Literal(String),
}

const MONTHS: [&str; 12] = [
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];

impl Pattern {
    /// Letters must be symbols of the S3 reference; what is between quotes stands for itself.
    pub fn parse(text: &str) -> Result<Self, SelectError> {
        let mut tokens = Vec::new();
        let mut characters = text.chars().peekable();
        while let Some(character) = characters.next() {
            match character {
                '\'' => tokens.push(Token::Literal(quoted(&mut characters, text)?)),
                letter if letter.is_ascii_alphabetic() => {
                    let mut count = 1;
                    while characters.next_if_eq(&letter).is_some() {
                        count += 1;
                    }
                    let symbol = u8::try_from(letter).unwrap_or(0);
                    check_symbol(symbol, count, text)?;
                    tokens.push(Token::Symbol(symbol, count));
                }
                other => tokens.push(Token::Literal(other.to_string())),
            }
        }
        Ok(Pattern(tokens))
    }

    /// A timestamp in this form.
    pub fn format(&self, moment: Moment) -> String {
        let mut out = String::new();
        for token in &self.0 {
            // Writing to a string can't fail.
            let _ = match token {
                Token::Literal(text) => out.write_str(text),
                Token::Symbol(symbol, count) => write_part(moment.time(), *symbol, *count, &mut out),
            };
        }
        out
    }

    /// The timestamp that `text` says in this form.
    pub fn read(&self, text: &str) -> Option<Moment> {
        let mut parts = Parts::default();
        let mut rest = text;
        for (index, token) in self.0.iter().enumerate() {
            rest = match token {
                Token::Literal(literal) => rest.strip_prefix(literal.as_str())?,
                Token::Symbol(symbol, count) => {
                    // Where a symbol of digits follows directly, only the pattern says where one ends.
                    let tight = matches!(
                        self.0.get(index + 1),
                        Some(Token::Symbol(b'y' | b'M' | b'd' | b'H' | b'h' | b'm' | b's' | b'S', _))
                    );
                    parts.take(*symbol, *count, tight, rest)?
                }
            };
        }
        if rest.is_empty() { parts.moment() } else { None }
    }
}

fn quoted(characters: &mut std::iter::Peekable<std::str::Chars<'_>>, pattern: &str) -> Result<String, SelectError> {
    let mut literal = String::new();
    loop {
        match characters.next() {
            None => {
                let message = format!("The timestamp format pattern '{pattern}' has an unterminated token.");
                return fail(Code::EvaluatorUnterminatedTimestampFormatPatternToken, message);
            }
            Some('\'') if characters.next_if_eq(&'\'').is_some() => literal.push('\''),
            Some('\'') if literal.is_empty() => return Ok("'".to_owned()),
            Some('\'') => return Ok(literal),
            Some(other) => literal.push(other),
        }
    }
}

fn check_symbol(symbol: u8, count: usize, pattern: &str) -> Result<(), SelectError> {
    let fits = match symbol {
        b'y' => matches!(count, 1 | 2 | 4),
        b'M' | b'X' | b'x' => count <= 5,
        b'd' | b'H' | b'h' | b'm' | b's' => count <= 2,
        b'a' | b'n' => count == 1,
        b'S' => count <= 9,
        _ => {
            let message =
                format!("The timestamp format pattern '{pattern}' has the invalid symbol '{}'.", char::from(symbol));
            return fail(Code::EvaluatorInvalidTimestampFormatPatternToken, message);
        }
    };
    if fits {
        return Ok(());
    }
    let message = format!("The timestamp format pattern '{pattern}' has '{}' {count} times.", char::from(symbol));
    fail(Code::EvaluatorInvalidTimestampFormatPattern, message)
}

fn write_part(at: OffsetDateTime, symbol: u8, count: usize, out: &mut String) -> std::fmt::Result {
    let month = usize::from(u8::from(at.month())) - 1;
    let name = MONTHS.get(month).copied().unwrap_or("");
    let hour = match at.hour() % 12 {
        0 => 12,
        hour => hour,
    };
    match (symbol, count) {
        (b'y', 2) => write!(out, "{:02}", at.year().rem_euclid(100)),
        (b'y', 4) => write!(out, "{:04}", at.year()),
        (b'y', _) => write!(out, "{}", at.year()),
        (b'M', 1 | 2) => write!(out, "{:0count$}", month + 1),
        (b'M', 3) => out.write_str(&name[..3]),
        (b'M', 4) => out.write_str(name),
        (b'M', _) => out.write_str(&name[..1]),
        (b'd', _) => write!(out, "{:0count$}", at.day()),
        (b'a', _) => out.write_str(if at.hour() < 12 { "AM" } else { "PM" }),
        (b'h', _) => write!(out, "{hour:0count$}"),
        (b'H', _) => write!(out, "{:0count$}", at.hour()),
        (b'm', _) => write!(out, "{:0count$}", at.minute()),
        (b's', _) => write!(out, "{:0count$}", at.second()),
        (b'S', _) => out.write_str(&format!("{:09}", at.nanosecond())[..count.min(9)]),
        (b'n', _) => write!(out, "{}", at.nanosecond()),
        (b'X' | b'x', 1) => {
            let offset = at.offset();
            if offset.minutes_past_hour() == 0 && !(symbol == b'X' && offset.is_utc()) {
                return write!(out, "{:+03}", offset.whole_hours());
            }
            write_offset(offset, symbol == b'X', false, out)
        }
        (b'X' | b'x', _) => write_offset(at.offset(), symbol == b'X', matches!(count, 3 | 5), out),
        _ => Ok(()),
    }
}

/// What has been read of a timestamp.
#[derive(Default)]
struct Parts {
    year: Option<i32>,
    month: Option<u8>,
    day: Option<u8>,
    hour: Option<u8>,
    /// Of a clock of twelve hours.
    half_hour: Option<u8>,
    afternoon: Option<bool>,
    minute: u8,
    second: u8,
    nanos: u32,
    digits: u8,
    offset: Option<UtcOffset>,
}

impl Parts {
    /// Reads what a symbol stands for; gives what follows.
    fn take<'t>(&mut self, symbol: u8, count: usize, tight: bool, text: &'t str) -> Option<&'t str> {
        let most = |widest: usize| if tight { count.min(widest) } else { widest };
        match (symbol, count) {
            (b'y', 2) => {
                let (year, rest) = number(text, 2)?;
                // As Java does: of the hundred years around 2000.
                self.year = Some(i32::try_from(year).ok()? + if year < 70 { 2000 } else { 1900 });
                Some(rest)
            }
            (b'y', _) => {
                let (year, rest) = number(text, 4)?;
                self.year = i32::try_from(year).ok();
                Some(rest)
            }
            (b'M', 3 | 4) => {
                let name = |month: &&str| if count == 3 { &month[..3] } else { *month }.len();
                let index = MONTHS.iter().position(|month| {
                    text.get(..name(month)).is_some_and(|begin| month[..name(month)].eq_ignore_ascii_case(begin))
                })?;
                self.month = u8::try_from(index + 1).ok();
                text.get(name(MONTHS.get(index)?)..)
            }
            (b'M', 1 | 2) => small(text, most(2), &mut self.month),
            (b'd', _) => small(text, most(2), &mut self.day),
            (b'H', _) => small(text, most(2), &mut self.hour),
            (b'h', _) => small(text, most(2), &mut self.half_hour),
            (b'a', _) => {
                let begin = text.get(..2)?;
                self.afternoon = Some(begin.eq_ignore_ascii_case("pm"));
                (begin.eq_ignore_ascii_case("am") || begin.eq_ignore_ascii_case("pm")).then(|| &text[2..])
            }
            (b'm', _) => into(text, most(2), &mut self.minute),
            (b's', _) => into(text, most(2), &mut self.second),
            (b'S', _) => {
                let end = text.bytes().take(count).take_while(u8::is_ascii_digit).count();
                (self.nanos, self.digits) = parse_fraction(text.get(..end)?).filter(|_| end > 0)?;
                text.get(end..)
            }
            (b'n', _) => {
                let (nanos, rest) = number(text, 9)?;
                (self.nanos, self.digits) = (nanos, 9);
                Some(rest)
            }
            (b'X' | b'x', _) => {
                let signs = |byte: &u8| byte.is_ascii_digit() || matches!(byte, b'Z' | b'+' | b'-' | b':');
                let end = text.bytes().take_while(signs).count();
                self.offset = Some(parse_offset(text.get(..end)?).filter(|_| end > 0)?);
                text.get(end..)
            }
            _ => None,
        }
    }

    fn moment(self) -> Option<Moment> {
        let hour = match (self.hour, self.half_hour) {
            (Some(hour), _) => hour,
            (None, Some(hour @ 1..=12)) => hour % 12 + if self.afternoon == Some(true) { 12 } else { 0 },
            (None, None) => 0,
            _ => return None,
        };
        Moment::of_parts(
            self.year?,
            self.month.unwrap_or(1),
            self.day.unwrap_or(1),
            hour,
            self.minute,
            self.second,
            self.nanos,
            self.offset.unwrap_or(UtcOffset::UTC),
            self.digits,
        )
    }
}

fn small<'t>(text: &'t str, most: usize, into: &mut Option<u8>) -> Option<&'t str> {
    let (value, rest) = number(text, most)?;
    *into = Some(u8::try_from(value).ok()?);
    Some(rest)
}

fn into<'t>(text: &'t str, most: usize, place: &mut u8) -> Option<&'t str> {
    let (value, rest) = number(text, most)?;
    *place = u8::try_from(value).ok()?;
    Some(rest)
}

/// A number of at most so many digits, and what follows.
fn number(text: &str, most: usize) -> Option<(u32, &str)> {
    let end = text.bytes().take(most).take_while(u8::is_ascii_digit).count();
    Some((text.get(..end)?.parse().ok()?, text.get(end..)?))
}
