//! Functions of one row: strings, dates, conditionals.

use super::{Context, Evaluated, number, shorten, unknown};
use crate::error::{Code, SelectError, fail};
use crate::limits::MAX_RECORD;
use crate::sql::{Expr, Function, TrimSide};
use crate::value::{DatePart, Moment, Pattern, Value};

pub fn call<'r>(function: Function, arguments: &'r [Expr], cx: &Context<'r>) -> Evaluated<'r> {
    match function {
        Function::UtcNow => return Ok(Value::Moment(cx.now)),
        Function::Coalesce => return coalesce(arguments, cx),
        _ => {}
    }
    let values = arguments.iter().map(|argument| argument.eval(cx)).collect::<Result<Vec<_>, _>>()?;
    if let (Function::NullIf, [first, second]) = (function, &*values) {
        return Ok(if first.equals(second) == Some(true) { Value::Null } else { first.clone() });
    }
    if let Some(unknown) = unknown(&values.iter().collect::<Vec<_>>()) {
        return Ok(unknown);
    }
    let Some(first) = values.first() else { return Ok(Value::Null) };
    match function {
        Function::CharLength => {
            let count = text(first, "CHAR_LENGTH")?.chars().count();
            Ok(Value::Int(i64::try_from(count).unwrap_or(i64::MAX)))
        }
        Function::Lower => Ok(Value::text(text(first, "LOWER")?.to_lowercase())),
        Function::Upper => Ok(Value::text(text(first, "UPPER")?.to_uppercase())),
        Function::Substring => substring(first, values.get(1), values.get(2)),
        Function::ToString => {
            let pattern = Pattern::parse(text(values.get(1).unwrap_or(&Value::Null), "TO_STRING")?)?;
            Ok(Value::text(pattern.format(moment(first, "TO_STRING")?)))
        }
        Function::ToTimestamp => to_timestamp(first, values.get(1)),
        Function::UtcNow | Function::Coalesce | Function::NullIf => Ok(Value::Null),
    }
}

/// The first that is known.
fn coalesce<'r>(arguments: &'r [Expr], cx: &Context<'r>) -> Evaluated<'r> {
    for argument in arguments {
        let value = argument.eval(cx)?;
        if !value.is_unknown() {
            return Ok(value);
        }
    }
    Ok(Value::Null)
}

pub fn concat(left: &Value<'_>, right: &Value<'_>) -> Evaluated<'static> {
    if let Some(unknown) = unknown(&[left, right]) {
        return Ok(unknown);
    }
    let (left, right) = (text(left, "||")?, text(right, "||")?);
    if left.len() + right.len() > MAX_RECORD {
        return fail(Code::OverMaxRecordSize, format!("A string has more than the maximum of {MAX_RECORD} bytes."));
    }
    Ok(Value::text([left, right].concat()))
}

/// From one on; what lies before the first character counts towards the length.
fn substring(value: &Value<'_>, from: Option<&Value<'_>>, length: Option<&Value<'_>>) -> Evaluated<'static> {
    let text = text(value, "SUBSTRING")?;
    let integer = |value: &Value<'_>| {
        let integer = number(value, "SUBSTRING")?.to_i64();
        integer.ok_or_else(|| SelectError::new(Code::IntegerOverflow, "A position of SUBSTRING has more than 64 bits."))
    };
    let from = from.map_or(Ok(1), integer)?;
    let end = match length.map(integer).transpose()? {
        None => i64::MAX,
        Some(length @ 0..) => from.saturating_add(length),
        Some(length) => {
            return fail(Code::EvaluatorInvalidArguments, format!("The length {length} of SUBSTRING is negative."));
        }
    };
    let place = |position: i64| usize::try_from(position.max(1) - 1).unwrap_or(usize::MAX);
    let (from, end) = (place(from), place(end));
    Ok(Value::text(text.chars().skip(from).take(end.saturating_sub(from)).collect::<String>()))
}

pub fn trim<'r>(side: TrimSide, characters: Option<&'r Expr>, value: &'r Expr, cx: &Context<'r>) -> Evaluated<'r> {
    let value = value.eval(cx)?;
    let characters = characters.map_or(Ok(Value::text(" ")), |characters| characters.eval(cx))?;
    if let Some(unknown) = unknown(&[&value, &characters]) {
        return Ok(unknown);
    }
    let characters: Vec<char> = text(&characters, "TRIM")?.chars().collect();
    let mut trimmed = text(&value, "TRIM")?;
    if side != TrimSide::Trailing {
        trimmed = trimmed.trim_start_matches(&*characters);
    }
    if side != TrimSide::Leading {
        trimmed = trimmed.trim_end_matches(&*characters);
    }
    Ok(Value::text(trimmed.to_owned()))
}

fn to_timestamp(value: &Value<'_>, pattern: Option<&Value<'_>>) -> Evaluated<'static> {
    if let Value::Moment(moment) = value {
        return Ok(Value::Moment(*moment));
    }
    let text = text(value, "TO_TIMESTAMP")?;
    let read = match pattern {
        None => Moment::parse(text),
        Some(pattern) => Pattern::parse(self::text(pattern, "TO_TIMESTAMP")?)?.read(text),
    };
    match read {
        Some(moment) => Ok(Value::Moment(moment)),
        None => fail(Code::CastFailed, format!("TO_TIMESTAMP: '{}' is no such timestamp.", shorten(text))),
    }
}

pub fn date_add<'r>(part: DatePart, quantity: &'r Expr, value: &'r Expr, cx: &Context<'r>) -> Evaluated<'r> {
    let (quantity, value) = (quantity.eval(cx)?, value.eval(cx)?);
    if let Some(unknown) = unknown(&[&quantity, &value]) {
        return Ok(unknown);
    }
    let overflow = || SelectError::new(Code::IntegerOverflow, "The quantity of DATE_ADD has more than 64 bits.");
    let quantity = number(&quantity, "DATE_ADD")?.to_i64().ok_or_else(overflow)?;
    Ok(Value::Moment(moment(&value, "DATE_ADD")?.add(part, quantity)?))
}

pub fn date_diff<'r>(part: DatePart, from: &'r Expr, to: &'r Expr, cx: &Context<'r>) -> Evaluated<'r> {
    let (from, to) = (from.eval(cx)?, to.eval(cx)?);
    if let Some(unknown) = unknown(&[&from, &to]) {
        return Ok(unknown);
    }
    Ok(Value::Int(moment(&from, "DATE_DIFF")?.until(moment(&to, "DATE_DIFF")?, part)?))
}

pub fn extract<'r>(part: DatePart, value: &'r Expr, cx: &Context<'r>) -> Evaluated<'r> {
    let value = value.eval(cx)?;
    if let Some(unknown) = unknown(&[&value]) {
        return Ok(unknown);
    }
    Ok(Value::Int(moment(&value, "EXTRACT")?.part(part)))
}

fn text<'v>(value: &'v Value<'_>, function: &str) -> Result<&'v str, SelectError> {
    value.as_text().ok_or_else(|| wrong("a string", value, function))
}

/// A timestamp, or a field of CSV that reads as one.
fn moment(value: &Value<'_>, function: &str) -> Result<Moment, SelectError> {
    let moment = match value {
        Value::Moment(moment) => Some(*moment),
        Value::Field(text) => Moment::parse(text),
        _ => None,
    };
    moment.ok_or_else(|| wrong("a timestamp", value, function))
}

fn wrong(expected: &str, found: &Value<'_>, function: &str) -> SelectError {
    let message =
        format!("Incorrect type of arguments in function call: {function} takes {expected}, not a {}.", found.kind());
    SelectError::new(Code::IncorrectSqlFunctionArgumentType, message)
}
