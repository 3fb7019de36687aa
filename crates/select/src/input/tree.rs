//! Ways through the values of JSON and Parquet.

use crate::error::{Code, SelectError, fail};
use crate::sql::{Path, Step};
use crate::value::{Datum, Value};

/// Where a path leads to. Alone, the row's own name is the row, unless the row has a member of that name.
pub fn follow<'r>(row: &'r Datum, Path(steps): &Path, is_row: bool) -> Result<Value<'r>, SelectError> {
    let mut at = row;
    for (depth, step) in steps.iter().enumerate() {
        let next = match (step, at) {
            (Step::Key { .. }, Datum::Struct(members)) => member(members, step, depth == 0)?,
            // What isn't a struct is its own first attribute.
            (Step::Key { .. }, _) if depth == 0 && step.position() == Some(1) => Some(at),
            (Step::Index(index), Datum::List(values)) => values.get(*index),
            _ => None,
        };
        match next {
            Some(next) => at = next,
            None if is_row => return Ok(row.value()),
            None => return Ok(Value::Missing),
        }
    }
    Ok(at.value())
}

/// A member by its name, or by its number `_N` if it is the row's own.
fn member<'r>(members: &'r [(String, Datum)], step: &Step, of_row: bool) -> Result<Option<&'r Datum>, SelectError> {
    let Step::Key { name, exact } = step else { return Ok(None) };
    if let Some((_, datum)) = members.iter().find(|(found, _)| found == name) {
        return Ok(Some(datum));
    }
    let mut fitting = members.iter().filter(|(found, _)| !exact && step.fits(found));
    if let Some((first, datum)) = fitting.next() {
        if let Some((second, _)) = fitting.next() {
            let message = format!("The name '{name}' fits both '{first}' and '{second}'.");
            return fail(Code::AmbiguousFieldName, message);
        }
        return Ok(Some(datum));
    }
    let position = step.position().filter(|_| of_row).and_then(|number| number.checked_sub(1));
    Ok(position.and_then(|index| members.get(index)).map(|(_, datum)| datum))
}
