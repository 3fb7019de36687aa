//! Literals, and the types that casts name.

use super::super::ast::{CastType, Expr};
use crate::error::{Code, SelectError, fail};
use crate::value::{Datum, Decimal, Moment, Number};
use sqlparser::ast::{DataType, ExactNumberInfo, TypedString, Value};

/// Digits of a decimal.
const MAX_DIGITS: u64 = 38;

pub fn literal(value: &Value) -> Result<Expr, SelectError> {
    let datum = match value {
        Value::Number(text, _) => number(text)?,
        Value::SingleQuotedString(text) => Datum::Text(text.clone()),
        Value::Boolean(value) => Datum::Bool(*value),
        Value::Null => Datum::Null,
        other => return fail(Code::LexerInvalidLiteral, format!("The literal {other} is not supported.")),
    };
    Ok(Expr::Literal(datum))
}

/// With a point it is a decimal, with an exponent a float.
fn number(text: &str) -> Result<Datum, SelectError> {
    let parsed = if text.contains(['e', 'E']) {
        text.parse().ok().filter(|value: &f64| value.is_finite()).map(Datum::Float)
    } else {
        // An integer of more than 64 bits is a decimal.
        match Number::parse(text) {
            Some(Number::Int(value)) => Some(Datum::Int(value)),
            _ => Decimal::parse(text).map(Datum::Decimal),
        }
    };
    parsed.ok_or_else(|| SelectError::new(Code::NumberFormatError, format!("The number {text} can't be represented.")))
}

/// `TIMESTAMP '2007-02-23T12:14Z'`.
pub fn typed(typed: &TypedString) -> Result<Expr, SelectError> {
    match (&typed.data_type, &typed.value.value) {
        (DataType::Timestamp(..) | DataType::Date, Value::SingleQuotedString(text)) => {
            moment(text, Code::LexerInvalidLiteral)
        }
        _ => fail(Code::LexerInvalidLiteral, format!("The literal {typed} is not supported.")),
    }
}

pub fn moment(text: &str, code: Code) -> Result<Expr, SelectError> {
    match Moment::parse(text) {
        Some(moment) => Ok(Expr::Literal(Datum::Moment(moment))),
        None => fail(code, format!("`{text}` is no timestamp.")),
    }
}

pub fn cast_type(data_type: &DataType) -> Result<CastType, SelectError> {
    Ok(match data_type {
        DataType::Bool | DataType::Boolean => CastType::Bool,
        DataType::Int(None) | DataType::Integer(None) | DataType::BigInt(None) => CastType::Int,
        DataType::Float(_) | DataType::Real | DataType::Double(_) | DataType::DoublePrecision => CastType::Float,
        DataType::Decimal(exact) | DataType::Numeric(exact) => CastType::Decimal(precision(exact)?),
        DataType::String(None)
        | DataType::Text
        | DataType::Char(None)
        | DataType::Character(None)
        | DataType::Varchar(None) => CastType::Text,
        DataType::Timestamp(None, _) => CastType::Moment,
        other => return fail(Code::ParseExpectedTypeName, format!("Nothing can be cast to {other}.")),
    })
}

fn precision(exact: &ExactNumberInfo) -> Result<Option<(u32, u32)>, SelectError> {
    let wrong = || {
        SelectError::new(
            Code::ParseExpectedTypeName,
            "A decimal has 1 to 38 digits, of which some are behind the point.",
        )
    };
    let (digits, scale) = match exact {
        ExactNumberInfo::None => return Ok(None),
        ExactNumberInfo::Precision(digits) => (*digits, 0),
        ExactNumberInfo::PrecisionAndScale(digits, scale) => (*digits, u64::try_from(*scale).map_err(|_| wrong())?),
    };
    if !(1..=MAX_DIGITS).contains(&digits) || scale > digits {
        return Err(wrong());
    }
    let small = |value: u64| u32::try_from(value).map_err(|_| wrong());
    Ok(Some((small(digits)?, small(scale)?)))
}
