//! From SQL text to a query that can be evaluated.
//!
//! `sqlparser` reads expressions; what only S3 Select has (the FROM clause with its paths, IS MISSING) is read here.
//! [`lower`] then takes what the S3 reference has, and refuses all else.

mod ast;
mod dialect;
mod from;
mod lower;
mod parse;

pub use ast::{
    Aggregate, AggregateKind, Arm, CastType, Comparison, Expr, Function, Item, Path, Projection, Query, Step, TrimSide,
};

use crate::error::SelectError;

/// The query that an expression says.
pub fn compile(expression: &str) -> Result<Query, SelectError> {
    let select = parse::parse(expression)?;
    lower::lower(select)
}

/// Refuses what can't be evaluated by its length alone.
pub fn check(expression: &str) -> Result<(), SelectError> {
    parse::check_length(expression)
}
