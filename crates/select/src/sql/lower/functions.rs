//! Calls of functions and aggregates.

use super::super::ast::{Aggregate, AggregateKind, Expr, Function};
use super::{Lower, Lowered, Place, cast_function, date_part};
use crate::error::{Code, SelectError, fail};
use sqlparser::ast::{self as sql, FunctionArg, FunctionArgExpr, FunctionArguments};

/// An argument as it is written.
enum Argument {
    Star,
    Expr(Box<sql::Expr>),
}

impl Lower {
    pub(super) fn function(&mut self, call: sql::Function) -> Lowered {
        let name = call.name.to_string().to_uppercase();
        let plain = call.over.is_none()
            && call.filter.is_none()
            && call.null_treatment.is_none()
            && call.within_group.is_empty()
            && matches!(call.parameters, FunctionArguments::None);
        let arguments = match call.args {
            FunctionArguments::List(list) if plain && list.clauses.is_empty() => list,
            _ => return fail(Code::ParseUnsupportedSyntax, format!("This form of {name} is not supported.")),
        };
        if arguments.duplicate_treatment.is_some() {
            return fail(Code::ParseUnsupportedSyntax, format!("DISTINCT and ALL are not supported in {name}."));
        }
        let arguments = arguments.args.into_iter().map(|argument| match argument {
            FunctionArg::Unnamed(FunctionArgExpr::Expr(expr)) => Ok(Argument::Expr(Box::new(expr))),
            FunctionArg::Unnamed(FunctionArgExpr::Wildcard) => Ok(Argument::Star),
            other => fail(Code::ParseUnsupportedSyntax, format!("'{other}' is no argument of {name}.")),
        });
        let arguments: Vec<Argument> = arguments.collect::<Result<_, _>>()?;
        if let Some(kind) = aggregate_kind(&name) {
            return self.aggregate(kind, &name, arguments);
        }
        let arguments = arguments.into_iter().map(|argument| match argument {
            Argument::Expr(expr) => Ok(*expr),
            Argument::Star => fail(Code::ParseUnsupportedCallWithStar, "Only COUNT can be called with '*'."),
        });
        self.scalar(&name, arguments.collect::<Result<_, _>>()?)
    }

    fn aggregate(&mut self, kind: AggregateKind, name: &str, mut arguments: Vec<Argument>) -> Lowered {
        match self.place {
            Place::Plain => {}
            Place::Aggregate => {
                return fail(Code::UnsupportedSqlStructure, format!("{name} within an aggregate is not supported."));
            }
            Place::Filter => {
                return fail(Code::UnsupportedSqlStructure, format!("{name} is not supported in WHERE."));
            }
        }
        let (Some(argument), true) = (arguments.pop(), arguments.is_empty()) else {
            return fail(Code::ParseNonUnaryAgregateFunctionCall, format!("{name} takes one argument."));
        };
        let argument = match argument {
            Argument::Star if kind == AggregateKind::Count => None,
            Argument::Star => return fail(Code::ParseUnsupportedCallWithStar, "Only COUNT can be called with '*'."),
            Argument::Expr(expr) => {
                self.place = Place::Aggregate;
                let argument = self.expr(*expr);
                self.place = Place::Plain;
                Some(argument?)
            }
        };
        self.aggregates.push(Aggregate { kind, argument });
        Ok(Expr::Aggregate(self.aggregates.len() - 1))
    }

    fn scalar(&mut self, name: &str, arguments: Vec<sql::Expr>) -> Lowered {
        if matches!(name, "DATE_ADD" | "DATE_DIFF") {
            return self.date(name, arguments);
        }
        if let Some(to) = cast_function(name) {
            // Not AWS's: other servers' short form of CAST.
            let [argument] = self.exactly(name, arguments)?;
            return Ok(Expr::Cast(Box::new(argument), to));
        }
        let (function, counts) = match name {
            "CHAR_LENGTH" | "CHARACTER_LENGTH" => (Function::CharLength, 1..=1),
            "LOWER" => (Function::Lower, 1..=1),
            "UPPER" => (Function::Upper, 1..=1),
            "COALESCE" => (Function::Coalesce, 1..=usize::MAX),
            "NULLIF" => (Function::NullIf, 2..=2),
            "TO_STRING" => (Function::ToString, 2..=2),
            "TO_TIMESTAMP" => (Function::ToTimestamp, 1..=2),
            "UTCNOW" => (Function::UtcNow, 0..=0),
            _ => return fail(Code::UnsupportedFunction, format!("The function {name} is not supported.")),
        };
        if !counts.contains(&arguments.len()) {
            return wrong_count(name, arguments.len());
        }
        Ok(Expr::Call(function, self.exprs(arguments)?))
    }

    fn exactly<const N: usize>(&mut self, name: &str, arguments: Vec<sql::Expr>) -> Result<[Expr; N], SelectError> {
        let count = arguments.len();
        match self.exprs(arguments)?.try_into() {
            Ok(arguments) => Ok(arguments),
            Err(_) => wrong_count(name, count),
        }
    }

    fn date(&mut self, name: &str, mut arguments: Vec<sql::Expr>) -> Lowered {
        if arguments.len() != 3 {
            return wrong_count(name, arguments.len());
        }
        let part = date_part(&arguments.remove(0).to_string())?;
        let [first, second] = self.exactly(name, arguments)?;
        let (first, second) = (Box::new(first), Box::new(second));
        Ok(if name == "DATE_ADD" { Expr::DateAdd(part, first, second) } else { Expr::DateDiff(part, first, second) })
    }

    pub(super) fn substring(
        &mut self,
        text: sql::Expr,
        from: Option<Box<sql::Expr>>,
        length: Option<Box<sql::Expr>>,
    ) -> Lowered {
        let Some(from) = from else { return wrong_count("SUBSTRING", 1) };
        let mut arguments = vec![text, *from];
        arguments.extend(length.map(|length| *length));
        Ok(Expr::Call(Function::Substring, self.exprs(arguments)?))
    }
}

fn aggregate_kind(name: &str) -> Option<AggregateKind> {
    match name {
        "AVG" => Some(AggregateKind::Avg),
        "COUNT" => Some(AggregateKind::Count),
        "MAX" => Some(AggregateKind::Max),
        "MIN" => Some(AggregateKind::Min),
        "SUM" => Some(AggregateKind::Sum),
        _ => None,
    }
}

fn wrong_count<T>(name: &str, count: usize) -> Result<T, SelectError> {
    fail(Code::EvaluatorInvalidArguments, format!("{name} doesn't take {count} arguments."))
}
