//! Values of SQL: those that expressions give, and those that rows hold.

mod decimal;
mod moment;
mod number;
mod pattern;

pub use decimal::Decimal;
pub use moment::{DatePart, Moment};
pub use number::{Arithmetic, Number};
pub use pattern::Pattern;

use std::borrow::Cow;
use std::cmp::Ordering;
use std::fmt::Write;

/// What an expression gives. It borrows from the row and the query.
#[derive(Clone, Debug)]
pub enum Value<'r> {
    /// There is no such attribute.
    Missing,
    Null,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Float(f64),
    Text(Cow<'r, str>),
    /// A field of CSV: text that counts as a number where it meets one.
    Field(Cow<'r, str>),
    Moment(Moment),
    List(&'r [Datum]),
    Struct(&'r [(String, Datum)]),
}

/// What a row of JSON or Parquet holds.
#[derive(Clone, Debug, PartialEq)]
pub enum Datum {
    Null,
    Bool(bool),
    Int(i64),
    Decimal(Decimal),
    Float(f64),
    Text(String),
    Moment(Moment),
    List(Vec<Datum>),
    /// Members in their order; names may occur twice.
    Struct(Vec<(String, Datum)>),
}

impl Datum {
    pub fn value(&self) -> Value<'_> {
        match self {
            Datum::Null => Value::Null,
            Datum::Bool(value) => Value::Bool(*value),
            Datum::Int(value) => Value::Int(*value),
            Datum::Decimal(value) => Value::Decimal(*value),
            Datum::Float(value) => Value::Float(*value),
            Datum::Text(value) => Value::Text(Cow::Borrowed(value)),
            Datum::Moment(value) => Value::Moment(*value),
            Datum::List(values) => Value::List(values),
            Datum::Struct(members) => Value::Struct(members),
        }
    }
}

impl<'r> Value<'r> {
    /// A field of CSV.
    pub fn field(text: &'r str) -> Self {
        Value::Field(Cow::Borrowed(text))
    }

    pub fn text(text: impl Into<Cow<'r, str>>) -> Self {
        Value::Text(text.into())
    }

    /// Whether nothing is known of it.
    pub fn is_unknown(&self) -> bool {
        matches!(self, Value::Missing | Value::Null)
    }

    /// As a number, if it is one or a field that reads as one.
    pub fn number(&self) -> Option<Number> {
        match self {
            Value::Int(value) => Some(Number::Int(*value)),
            Value::Decimal(value) => Some(Number::Decimal(*value)),
            Value::Float(value) => Some(Number::Float(*value)),
            Value::Field(text) => Number::parse(text),
            _ => None,
        }
    }

    /// As a truth value; unknown if it is none.
    pub fn truth(&self) -> Option<bool> {
        match self {
            Value::Bool(value) => Some(*value),
            Value::Field(text) if text.eq_ignore_ascii_case("true") => Some(true),
            Value::Field(text) if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        }
    }

    /// The text, if it is one.
    pub fn as_text(&self) -> Option<&str> {
        match self {
            Value::Text(text) | Value::Field(text) => Some(text),
            _ => None,
        }
    }

    /// Equality: `None` if nothing is known of one of them; values of different kinds differ.
    pub fn equals(&self, other: &Value<'_>) -> Option<bool> {
        if self.is_unknown() || other.is_unknown() {
            return None;
        }
        match (self, other) {
            (Value::List(a), Value::List(b)) => Some(a == b),
            (Value::Struct(a), Value::Struct(b)) => Some(a == b),
            _ => Some(self.compare(other) == Some(Ordering::Equal)),
        }
    }

    /// Order: `None` if nothing is known of one of them, or if they are of kinds that have no order between them.
    pub fn compare(&self, other: &Value<'_>) -> Option<Ordering> {
        match (self, other) {
            (Value::Bool(a), Value::Bool(b)) => return Some(a.cmp(b)),
            (Value::Bool(a), b @ Value::Field(_)) => return Some(a.cmp(&b.truth()?)),
            (a @ Value::Field(_), Value::Bool(b)) => return Some(a.truth()?.cmp(b)),
            (Value::Moment(a), Value::Moment(b)) => return Some(a.instant().cmp(&b.instant())),
            _ => {}
        }
        if let (Some(a), Some(b)) = (self.as_text(), other.as_text()) {
            return Some(a.cmp(b));
        }
        self.number()?.compare(other.number()?)
    }

    /// A copy that borrows nothing; a list or struct is copied too.
    pub fn into_datum(self) -> Datum {
        match self {
            Value::Missing | Value::Null => Datum::Null,
            Value::Bool(value) => Datum::Bool(value),
            Value::Int(value) => Datum::Int(value),
            Value::Decimal(value) => Datum::Decimal(value),
            Value::Float(value) => Datum::Float(value),
            Value::Text(text) | Value::Field(text) => Datum::Text(text.into_owned()),
            Value::Moment(value) => Datum::Moment(value),
            Value::List(values) => Datum::List(values.to_vec()),
            Value::Struct(members) => Datum::Struct(members.to_vec()),
        }
    }

    /// What the kind is called in errors.
    pub fn kind(&self) -> &'static str {
        match self {
            Value::Missing => "MISSING",
            Value::Null => "NULL",
            Value::Bool(_) => "BOOL",
            Value::Int(_) => "INT",
            Value::Decimal(_) => "DECIMAL",
            Value::Float(_) => "FLOAT",
            Value::Text(_) | Value::Field(_) => "STRING",
            Value::Moment(_) => "TIMESTAMP",
            Value::List(_) => "LIST",
            Value::Struct(_) => "STRUCT",
        }
    }

    /// As text: of CSV output, and of casts. Nothing for what is unknown; lists and structs as JSON.
    pub fn write_text(&self, out: &mut String) {
        match self {
            Value::Missing | Value::Null => {}
            Value::Text(text) | Value::Field(text) => out.push_str(text),
            Value::Moment(moment) => moment.write(out),
            other => other.write_json(out),
        }
    }

    /// As JSON. Numbers that JSON doesn't have (not a number, infinity) are null; what is missing too.
    pub fn write_json(&self, out: &mut String) {
        match self {
            Value::Missing | Value::Null => out.push_str("null"),
            Value::Bool(value) => out.push_str(if *value { "true" } else { "false" }),
            Value::Int(value) => push(out, value),
            Value::Decimal(value) => push(out, value),
            Value::Float(value) if !value.is_finite() => out.push_str("null"),
            Value::Float(value) => number::write_float(*value, out),
            Value::Text(text) | Value::Field(text) => write_quoted(text, out),
            Value::Moment(moment) => {
                out.push('"');
                moment.write(out);
                out.push('"');
            }
            Value::List(values) => {
                out.push('[');
                for (index, value) in values.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    value.value().write_json(out);
                }
                out.push(']');
            }
            Value::Struct(members) => {
                out.push('{');
                for (index, (name, value)) in members.iter().enumerate() {
                    if index > 0 {
                        out.push(',');
                    }
                    write_quoted(name, out);
                    out.push(':');
                    value.value().write_json(out);
                }
                out.push('}');
            }
        }
    }
}

fn push(out: &mut String, value: impl std::fmt::Display) {
    // Writing to a string can't fail.
    let _ = write!(out, "{value}");
}

/// A JSON string.
pub fn write_quoted(text: &str, out: &mut String) {
    out.push('"');
    let mut plain = 0;
    for (at, byte) in text.bytes().enumerate() {
        let escape = match byte {
            b'"' => "\\\"",
            b'\\' => "\\\\",
            b'\n' => "\\n",
            b'\r' => "\\r",
            b'\t' => "\\t",
            0..0x20 => {
                out.push_str(&text[plain..at]);
                let _ = write!(out, "\\u{byte:04x}");
                plain = at + 1;
                continue;
            }
            _ => continue,
        };
        out.push_str(&text[plain..at]);
        out.push_str(escape);
        plain = at + 1;
    }
    out.push_str(&text[plain..]);
    out.push('"');
}
