//! Numbers: integers as long as they are, decimals where there is a point, floats where one of them is one or where
//! 38 digits don't do.

use super::{Decimal, Value};
use crate::error::{Code, SelectError, fail};
use std::cmp::Ordering;
use std::fmt::Write;

/// A number of any of SQL's kinds.
#[derive(Clone, Copy, Debug, PartialEq)]
pub enum Number {
    Int(i64),
    Decimal(Decimal),
    Float(f64),
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Arithmetic {
    Add,
    Subtract,
    Multiply,
    Divide,
    Remainder,
}

impl Number {
    /// A number as text has it, around which there may be spaces.
    pub fn parse(text: &str) -> Option<Self> {
        let text = text.trim_ascii();
        if let Ok(value) = text.parse::<i64>() {
            return Some(Number::Int(value));
        }
        // Words that Rust takes for floats aren't SQL's.
        if !text.ends_with(|last: char| last.is_ascii_digit() || last == '.') {
            return None;
        }
        if let Some(value) = Decimal::parse(text) {
            return Some(Number::Decimal(value));
        }
        text.parse().ok().map(Number::Float)
    }

    pub fn value(self) -> Value<'static> {
        match self {
            Number::Int(value) => Value::Int(value),
            Number::Decimal(value) => Value::Decimal(value),
            Number::Float(value) => Value::Float(value),
        }
    }

    #[expect(clippy::cast_precision_loss, reason = "a float is what is asked for")]
    pub fn to_f64(self) -> f64 {
        match self {
            Number::Int(value) => value as f64,
            Number::Decimal(value) => value.to_f64(),
            Number::Float(value) => value,
        }
    }

    /// Without what is behind the point; `None` if it is no integer of 64 bits.
    #[expect(clippy::cast_possible_truncation, reason = "the line above says that it fits")]
    pub fn to_i64(self) -> Option<i64> {
        const LIMIT: f64 = 9_223_372_036_854_775_808.0;
        match self {
            Number::Int(value) => Some(value),
            Number::Decimal(value) => value.to_i64(),
            Number::Float(value) if (-LIMIT..LIMIT).contains(&value) => Some(value as i64),
            Number::Float(_) => None,
        }
    }

    fn to_decimal(self) -> Option<Decimal> {
        match self {
            Number::Int(value) => Some(Decimal::from_int(value)),
            Number::Decimal(value) => Some(value),
            Number::Float(_) => None,
        }
    }

    pub fn is_zero(self) -> bool {
        match self {
            Number::Int(value) => value == 0,
            Number::Decimal(value) => value.is_zero(),
            Number::Float(value) => value == 0.0,
        }
    }

    pub fn negate(self) -> Result<Self, SelectError> {
        match self {
            Number::Int(value) => value.checked_neg().map(Number::Int).ok_or_else(|| overflow("negation")),
            Number::Decimal(value) => Ok(Number::Decimal(value.negate())),
            Number::Float(value) => Ok(Number::Float(-value)),
        }
    }

    pub fn compare(self, other: Number) -> Option<Ordering> {
        match (self, other) {
            (Number::Int(a), Number::Int(b)) => Some(a.cmp(&b)),
            _ => match (self.to_decimal(), other.to_decimal()) {
                (Some(a), Some(b)) => a.compare(b),
                _ => self.to_f64().partial_cmp(&other.to_f64()),
            },
        }
    }

    /// Of two integers the result is an integer, also of a division.
    pub fn apply(self, operator: Arithmetic, other: Number) -> Result<Self, SelectError> {
        let divides = matches!(operator, Arithmetic::Divide | Arithmetic::Remainder);
        if divides && other.is_zero() {
            return fail(Code::EvaluatorInvalidArguments, "The SQL expression divides by zero.");
        }
        if let (Number::Int(a), Number::Int(b)) = (self, other) {
            let result = match operator {
                Arithmetic::Add => a.checked_add(b),
                Arithmetic::Subtract => a.checked_sub(b),
                Arithmetic::Multiply => a.checked_mul(b),
                Arithmetic::Divide => a.checked_div(b),
                Arithmetic::Remainder => a.checked_rem(b),
            };
            return result.map(Number::Int).ok_or_else(|| overflow("arithmetic"));
        }
        if let (Some(a), Some(b)) = (self.to_decimal(), other.to_decimal()) {
            let result = match operator {
                Arithmetic::Add => a.add(b),
                Arithmetic::Subtract => a.add(b.negate()),
                Arithmetic::Multiply => a.multiply(b),
                Arithmetic::Divide => a.divide(b),
                Arithmetic::Remainder => a.remainder(b),
            };
            if let Some(result) = result {
                return Ok(Number::Decimal(result));
            }
        }
        let (a, b) = (self.to_f64(), other.to_f64());
        Ok(Number::Float(match operator {
            Arithmetic::Add => a + b,
            Arithmetic::Subtract => a - b,
            Arithmetic::Multiply => a * b,
            Arithmetic::Divide => a / b,
            Arithmetic::Remainder => a % b,
        }))
    }
}

fn overflow(what: &str) -> SelectError {
    SelectError::new(Code::IntegerOverflow, format!("Integer overflow: the result of {what} has more than 64 bits."))
}

/// A finite float: digits where they are few, else with an exponent.
pub fn write_float(value: f64, out: &mut String) {
    let magnitude = value.abs();
    // Writing to a string can't fail.
    let _ = if magnitude != 0.0 && !(1e-7..1e21).contains(&magnitude) {
        write!(out, "{value:e}")
    } else {
        write!(out, "{value}")
    };
}
