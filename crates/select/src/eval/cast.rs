//! CAST.

use super::shorten;
use crate::error::{Code, SelectError, fail};
use crate::sql::CastType;
use crate::value::{Decimal, Moment, Number, Value};

/// A value of another type; unknown values stay unknown.
pub fn cast(value: Value<'_>, to: CastType) -> Result<Value<'_>, SelectError> {
    if value.is_unknown() {
        return Ok(value);
    }
    let cast = match to {
        CastType::Bool => boolean(&value).map(Value::Bool),
        CastType::Int => number(&value).and_then(Number::to_i64).map(Value::Int),
        CastType::Float => number(&value).map(|number| Value::Float(number.to_f64())),
        CastType::Decimal(precision) => decimal(&value).and_then(|number| fit(number, precision)).map(Value::Decimal),
        CastType::Text => Some(text(&value)),
        CastType::Moment => moment(&value).map(Value::Moment),
    };
    match cast {
        Some(value) => Ok(value),
        None => {
            let shown = value.as_text().map(|text| format!(" '{}'", shorten(text))).unwrap_or_default();
            let message = format!(
                "Attempt to convert from one data type to another using CAST failed: {}{shown} to {}.",
                value.kind(),
                name(to)
            );
            fail(Code::CastFailed, message)
        }
    }
}

fn name(to: CastType) -> &'static str {
    match to {
        CastType::Bool => "BOOL",
        CastType::Int => "INT",
        CastType::Float => "FLOAT",
        CastType::Decimal(_) => "DECIMAL",
        CastType::Text => "STRING",
        CastType::Moment => "TIMESTAMP",
    }
}

fn boolean(value: &Value<'_>) -> Option<bool> {
    match value {
        Value::Bool(value) => Some(*value),
        Value::Text(text) | Value::Field(text) => match text.trim() {
            text if text.eq_ignore_ascii_case("true") => Some(true),
            text if text.eq_ignore_ascii_case("false") => Some(false),
            _ => None,
        },
        value => value.number().map(|number| !number.is_zero()),
    }
}

fn number(value: &Value<'_>) -> Option<Number> {
    match value {
        Value::Bool(value) => Some(Number::Int(i64::from(*value))),
        Value::Text(text) | Value::Field(text) => Number::parse(text),
        value => value.number(),
    }
}

fn decimal(value: &Value<'_>) -> Option<Decimal> {
    match number(value)? {
        Number::Int(value) => Some(Decimal::from_int(value)),
        Number::Decimal(value) => Some(value),
        Number::Float(value) => Decimal::parse(&value.to_string()),
    }
}

/// With the digits that the type has: more behind the point are rounded, more before it don't fit.
fn fit(number: Decimal, precision: Option<(u32, u32)>) -> Option<Decimal> {
    match precision {
        None => Some(number),
        Some((digits, scale)) => number.rounded(scale).filter(|number| number.digits() <= digits),
    }
}

fn text<'r>(value: &Value<'r>) -> Value<'r> {
    match value {
        Value::Text(text) | Value::Field(text) => Value::Text(text.clone()),
        value => {
            let mut out = String::new();
            value.write_text(&mut out);
            Value::text(out)
        }
    }
}

fn moment(value: &Value<'_>) -> Option<Moment> {
    match value {
        Value::Moment(moment) => Some(*moment),
        value => Moment::parse(value.as_text()?),
    }
}
