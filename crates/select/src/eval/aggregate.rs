//! Aggregates over all rows.

use super::{Context, number};
use crate::error::SelectError;
use crate::sql::{Aggregate, AggregateKind};
use crate::value::{Arithmetic, Datum, Number, Value};
use std::cmp::Ordering;

/// An aggregate in progress. Unknown values don't count.
#[derive(Debug, Default)]
pub struct Accumulator {
    /// Rows, or known values.
    count: i64,
    /// The sum, or the greatest or least so far.
    state: Option<Datum>,
}

impl Accumulator {
    /// Adds what a row has.
    pub fn add<'r>(&mut self, aggregate: &'r Aggregate, cx: &Context<'r>) -> Result<(), SelectError> {
        let Some(argument) = &aggregate.argument else {
            self.count += 1;
            return Ok(());
        };
        let value = argument.eval(cx)?;
        if value.is_unknown() {
            return Ok(());
        }
        self.count += 1;
        match aggregate.kind {
            AggregateKind::Count => {}
            AggregateKind::Sum => self.sum(number(&value, "SUM")?)?,
            AggregateKind::Avg => self.sum(number(&value, "AVG")?)?,
            AggregateKind::Max => self.pick(&value, "MAX", Ordering::Greater)?,
            AggregateKind::Min => self.pick(&value, "MIN", Ordering::Less)?,
        }
        Ok(())
    }

    fn sum(&mut self, value: Number) -> Result<(), SelectError> {
        let sum = match self.state.take().and_then(|state| state.value().number()) {
            Some(sum) => sum.apply(Arithmetic::Add, value)?,
            None => value,
        };
        self.state = Some(sum.value().into_datum());
        Ok(())
    }

    /// Timestamps have an order too; everything else must be a number.
    fn pick(&mut self, value: &Value<'_>, name: &str, wanted: Ordering) -> Result<(), SelectError> {
        let value = match value {
            Value::Moment(moment) => Value::Moment(*moment),
            value => number(value, name)?.value(),
        };
        let better = match &self.state {
            None => true,
            Some(best) => value.compare(&best.value()) == Some(wanted),
        };
        if better {
            self.state = Some(value.into_datum());
        }
        Ok(())
    }

    /// The result. Without a single known value it is NULL, but for counts.
    pub fn result(&self, kind: AggregateKind) -> Result<Datum, SelectError> {
        let state = self.state.clone().unwrap_or(Datum::Null);
        match kind {
            AggregateKind::Count => Ok(Datum::Int(self.count)),
            AggregateKind::Sum | AggregateKind::Max | AggregateKind::Min => Ok(state),
            AggregateKind::Avg => {
                let Some(sum) = state.value().number() else { return Ok(Datum::Null) };
                // Of integers the average may have a fraction.
                let sum = match sum {
                    Number::Int(sum) => Number::Decimal(crate::value::Decimal::from_int(sum)),
                    sum => sum,
                };
                Ok(sum.apply(Arithmetic::Divide, Number::Int(self.count))?.value().into_datum())
            }
        }
    }
}
