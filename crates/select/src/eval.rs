//! Evaluation of expressions on a row.
//!
//! Three-valued: what compares with something unknown is unknown, and only what is true passes WHERE. What is missing
//! stays missing through operators and functions, NULL stays NULL.

mod aggregate;
mod cast;
mod functions;
mod like;

pub use aggregate::Accumulator;
pub use like::Like;

use crate::error::{Code, SelectError, fail};
use crate::input::{Row, Slot};
use crate::sql::{Arm, Comparison, Expr, Path};
use crate::value::{Datum, Moment, Number, Value};
use std::cmp::Ordering;

/// What an expression is evaluated on.
#[derive(Clone, Copy)]
pub struct Context<'r> {
    pub row: &'r Row,
    /// The paths of attributes, by number.
    pub columns: &'r [Path],
    /// Where the row has them.
    pub slots: &'r [Slot],
    /// The results of aggregates, by number.
    pub aggregates: &'r [Datum],
    /// When the query began.
    pub now: Moment,
}

type Evaluated<'r> = Result<Value<'r>, SelectError>;

impl Expr {
    pub fn eval<'r>(&'r self, cx: &Context<'r>) -> Evaluated<'r> {
        match self {
            Expr::Missing => Ok(Value::Missing),
            Expr::Literal(datum) => Ok(datum.value()),
            Expr::Column(number) => match (cx.columns.get(*number), cx.slots.get(*number)) {
                (Some(path), Some(slot)) => cx.row.attribute(path, slot),
                _ => Ok(Value::Missing),
            },
            Expr::Aggregate(number) => Ok(cx.aggregates.get(*number).map_or(Value::Null, Datum::value)),
            Expr::And(terms) => junction(terms, false, cx),
            Expr::Or(terms) => junction(terms, true, cx),
            Expr::Not(inner) => Ok(match truth(&inner.eval(cx)?)? {
                Truth::Known(known) => Value::Bool(!known),
                Truth::Unknown(unknown) => unknown,
            }),
            Expr::Negate(inner) => match inner.eval(cx)? {
                unknown if unknown.is_unknown() => Ok(unknown),
                value => Ok(number(&value, "-")?.negate()?.value()),
            },
            Expr::Compare(comparison, left, right) => Ok(compare(*comparison, &left.eval(cx)?, &right.eval(cx)?)),
            Expr::Arithmetic(operator, left, right) => {
                let (left, right) = (left.eval(cx)?, right.eval(cx)?);
                if let Some(unknown) = unknown(&[&left, &right]) {
                    return Ok(unknown);
                }
                Ok(number(&left, "arithmetic")?.apply(*operator, number(&right, "arithmetic")?)?.value())
            }
            Expr::Concat(left, right) => functions::concat(&left.eval(cx)?, &right.eval(cx)?),
            Expr::IsNull(inner) => Ok(Value::Bool(inner.eval(cx)?.is_unknown())),
            Expr::IsMissing(inner) => Ok(Value::Bool(matches!(inner.eval(cx)?, Value::Missing))),
            Expr::IsTruth(inner, wanted) => Ok(Value::Bool(inner.eval(cx)?.truth() == Some(*wanted))),
            Expr::Between(value, low, high) => {
                let value = value.eval(cx)?;
                let above = compare(Comparison::GreaterOrEqual, &value, &low.eval(cx)?);
                let below = compare(Comparison::LessOrEqual, &value, &high.eval(cx)?);
                Ok(both(above.truth(), below.truth()))
            }
            Expr::In(needle, list) => is_in(needle, list, cx),
            Expr::Like { text, pattern, escape, ready } => like(text, pattern, escape.as_deref(), ready.as_ref(), cx),
            Expr::Case { operand, arms, otherwise } => case(operand.as_deref(), arms, otherwise.as_deref(), cx),
            Expr::Cast(inner, to) => cast::cast(inner.eval(cx)?, *to),
            Expr::Call(function, arguments) => functions::call(*function, arguments, cx),
            Expr::DateAdd(part, quantity, moment) => functions::date_add(*part, quantity, moment, cx),
            Expr::DateDiff(part, from, to) => functions::date_diff(*part, from, to, cx),
            Expr::Extract(part, moment) => functions::extract(*part, moment, cx),
            Expr::Trim { side, characters, text } => functions::trim(*side, characters.as_deref(), text, cx),
        }
    }

    /// Whether a row passes: unknown doesn't.
    pub fn holds(&self, cx: &Context<'_>) -> Result<bool, SelectError> {
        Ok(matches!(truth(&self.eval(cx)?)?, Truth::Known(true)))
    }
}

/// A truth value, or why there is none.
enum Truth<'r> {
    Known(bool),
    Unknown(Value<'r>),
}

fn truth<'r>(value: &Value<'r>) -> Result<Truth<'r>, SelectError> {
    match value {
        Value::Missing | Value::Null => Ok(Truth::Unknown(value.clone())),
        value => match value.truth() {
            Some(known) => Ok(Truth::Known(known)),
            None => fail(Code::InvalidDataSource, format!("A {} is no condition.", value.kind())),
        },
    }
}

/// AND, or OR, which is decided by the first term that is `decides`.
fn junction<'r>(terms: &'r [Expr], decides: bool, cx: &Context<'r>) -> Evaluated<'r> {
    let mut unknown = false;
    for term in terms {
        match truth(&term.eval(cx)?)? {
            Truth::Known(known) if known == decides => return Ok(Value::Bool(decides)),
            Truth::Known(_) => {}
            Truth::Unknown(_) => unknown = true,
        }
    }
    Ok(if unknown { Value::Null } else { Value::Bool(!decides) })
}

fn both(a: Option<bool>, b: Option<bool>) -> Value<'static> {
    match (a, b) {
        (Some(false), _) | (_, Some(false)) => Value::Bool(false),
        (Some(true), Some(true)) => Value::Bool(true),
        _ => Value::Null,
    }
}

/// Missing before NULL.
fn unknown(values: &[&Value<'_>]) -> Option<Value<'static>> {
    let missing = values.iter().any(|value| matches!(value, Value::Missing));
    let null = values.iter().any(|value| matches!(value, Value::Null));
    if missing { Some(Value::Missing) } else { null.then_some(Value::Null) }
}

fn compare(comparison: Comparison, left: &Value<'_>, right: &Value<'_>) -> Value<'static> {
    if let Some(unknown) = unknown(&[left, right]) {
        return unknown;
    }
    let ordered =
        |fits: fn(Ordering) -> bool| left.compare(right).map_or(Value::Null, |order| Value::Bool(fits(order)));
    match comparison {
        Comparison::Equal => Value::Bool(left.equals(right) == Some(true)),
        Comparison::NotEqual => Value::Bool(left.equals(right) != Some(true)),
        Comparison::Less => ordered(Ordering::is_lt),
        Comparison::LessOrEqual => ordered(Ordering::is_le),
        Comparison::Greater => ordered(Ordering::is_gt),
        Comparison::GreaterOrEqual => ordered(Ordering::is_ge),
    }
}

fn is_in<'r>(needle: &'r Expr, list: &'r [Expr], cx: &Context<'r>) -> Evaluated<'r> {
    let needle = needle.eval(cx)?;
    let mut unknown = false;
    for candidate in list {
        match needle.equals(&candidate.eval(cx)?) {
            Some(true) => return Ok(Value::Bool(true)),
            Some(false) => {}
            None => unknown = true,
        }
    }
    Ok(if unknown { Value::Null } else { Value::Bool(false) })
}

fn like<'r>(
    text: &'r Expr,
    pattern: &'r Expr,
    escape: Option<&'r Expr>,
    ready: Option<&Like>,
    cx: &Context<'r>,
) -> Evaluated<'r> {
    let text = text.eval(cx)?;
    if let Some(unknown) = unknown(&[&text]) {
        return Ok(unknown);
    }
    let wrong = |value: &Value<'_>| {
        SelectError::new(Code::LikeInvalidInputs, format!("LIKE compares strings, not a {}.", value.kind()))
    };
    let subject = text.as_text().ok_or_else(|| wrong(&text))?;
    if let Some(ready) = ready {
        return Ok(Value::Bool(ready.fits(subject)));
    }
    let pattern = pattern.eval(cx)?;
    let escape = escape.map(|escape| escape.eval(cx)).transpose()?;
    if pattern.is_unknown() || escape.as_ref().is_some_and(Value::is_unknown) {
        return Ok(Value::Null);
    }
    let escape = escape.as_ref().map(|escape| escape.as_text().ok_or_else(|| wrong(escape))).transpose()?;
    let like = Like::new(pattern.as_text().ok_or_else(|| wrong(&pattern))?, escape)?;
    Ok(Value::Bool(like.fits(subject)))
}

fn case<'r>(
    operand: Option<&'r Expr>,
    arms: &'r [Arm],
    otherwise: Option<&'r Expr>,
    cx: &Context<'r>,
) -> Evaluated<'r> {
    let operand = operand.map(|operand| operand.eval(cx)).transpose()?;
    for arm in arms {
        let fits = match &operand {
            Some(operand) => operand.equals(&arm.when.eval(cx)?) == Some(true),
            None => arm.when.holds(cx)?,
        };
        if fits {
            return arm.then.eval(cx);
        }
    }
    otherwise.map_or(Ok(Value::Null), |otherwise| otherwise.eval(cx))
}

/// The number that an operator needs.
fn number(value: &Value<'_>, operator: &str) -> Result<Number, SelectError> {
    let wrong = || {
        let shown = value.as_text().map(|text| format!(" '{}'", shorten(text))).unwrap_or_default();
        let message = format!("Expected a number for {operator}, found a {}{shown}.", value.kind());
        SelectError::new(Code::IncorrectSqlFunctionArgumentType, message)
    };
    value.number().ok_or_else(wrong)
}

/// The beginning of a text, for an error.
fn shorten(text: &str) -> &str {
    text.char_indices().nth(40).map_or(text, |(at, _)| &text[..at])
}
