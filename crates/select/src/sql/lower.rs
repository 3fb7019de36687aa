//! From what `sqlparser` reads to what S3 Select has; all else is refused by name.

mod functions;
mod literals;

use super::ast::{
    Aggregate, Arm, CastType, Comparison, Expr, Item, Path, Projection, Query, RowName, Step, TrimSide, same,
};
use super::dialect::{IS_MISSING, IS_NOT_MISSING};
use super::parse::Select;
use crate::error::{Code, SelectError, fail};
use crate::eval::Like;
use crate::value::{Arithmetic, DatePart, Datum};
use sqlparser::ast::{
    self as sql, AccessExpr, BinaryOperator, CaseWhen, Ident, InTarget, SelectItem, SelectItemQualifiedWildcardKind,
    Subscript, TrimWhereField, UnaryOperator,
};

type Lowered = Result<Expr, SelectError>;

pub fn lower(select: Select) -> Result<Query, SelectError> {
    let mut lower = Lower {
        row_name: select.row_name,
        columns: Vec::new(),
        aggregates: Vec::new(),
        place: Place::Plain,
        bare: false,
    };
    let projection = lower.projection(select.items)?;
    if !lower.aggregates.is_empty() && lower.bare {
        let message = "Aggregate functions and attributes outside of them can't be selected together.";
        return fail(Code::UnsupportedSqlStructure, message);
    }
    lower.place = Place::Filter;
    let filter = select.filter.map(|filter| lower.expr(filter)).transpose()?;
    Ok(Query {
        from: select.from,
        row_name: lower.row_name,
        projection,
        filter,
        limit: select.limit,
        columns: lower.columns,
        aggregates: lower.aggregates,
    })
}

/// Where an expression stands.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Place {
    Plain,
    /// Within an aggregate.
    Aggregate,
    Filter,
}

struct Lower {
    row_name: RowName,
    columns: Vec<Path>,
    aggregates: Vec<Aggregate>,
    place: Place,
    /// Whether the projection has attributes outside of aggregates.
    bare: bool,
}

impl Lower {
    fn projection(&mut self, items: Vec<SelectItem>) -> Result<Projection, SelectError> {
        let stars = items.iter().filter(|item| is_star(item)).count();
        if stars > 0 && items.len() > 1 {
            let message = "Other expressions are not allowed in the SELECT list when '*' is used.";
            return fail(Code::ParseAsteriskIsNotAloneInSelectList, message);
        }
        if stars > 0 {
            if let Some(SelectItem::QualifiedWildcard(kind, _)) = items.first() {
                self.check_star(kind)?;
            }
            return Ok(Projection::Star);
        }
        let items = items.into_iter().enumerate().map(|(index, item)| self.item(index, item));
        Ok(Projection::Items(items.collect::<Result<_, _>>()?))
    }

    /// Before `.*` only the row may stand.
    fn check_star(&self, kind: &SelectItemQualifiedWildcardKind) -> Result<(), SelectError> {
        let text = kind.to_string();
        let name = text.trim_end_matches(".*").trim_matches('"');
        if same(name, &self.row_name.name) {
            return Ok(());
        }
        fail(Code::ParseInvalidContextForWildcardInSelectList, format!("'{text}': only rows have a wildcard."))
    }

    fn item(&mut self, index: usize, item: SelectItem) -> Result<Item, SelectError> {
        let (expr, alias) = match item {
            SelectItem::UnnamedExpr(expr) => (expr, None),
            SelectItem::ExprWithAlias { expr, alias } => (expr, Some(alias.value)),
            other => return fail(Code::ParseUnsupportedSelect, format!("'{other}' can't be selected.")),
        };
        let expr = self.expr(expr)?;
        let name = alias.or_else(|| self.own_name(&expr)).unwrap_or_else(|| format!("_{}", index + 1));
        Ok(Item { expr, name })
    }

    /// An attribute is called as in its row.
    fn own_name(&self, expr: &Expr) -> Option<String> {
        let Expr::Column(column) = expr else { return None };
        let Path(steps) = self.columns.get(*column)?;
        match steps.last() {
            Some(Step::Key { name, .. }) => Some(name.clone()),
            Some(_) => None,
            None => Some(self.row_name.name.clone()),
        }
    }

    fn boxed(&mut self, expr: sql::Expr) -> Result<Box<Expr>, SelectError> {
        self.expr(expr).map(Box::new)
    }

    fn expr(&mut self, expr: sql::Expr) -> Lowered {
        use sql::Expr as E;
        Ok(match expr {
            E::Nested(inner) => self.expr(*inner)?,
            E::Identifier(name) => self.identifier(name)?,
            E::CompoundIdentifier(names) => {
                let steps = names.into_iter().map(key).collect::<Result<_, _>>()?;
                self.column(steps)
            }
            E::CompoundFieldAccess { root, access_chain } => self.access(*root, access_chain)?,
            E::Value(value) => literals::literal(&value.value)?,
            E::TypedString(typed) => literals::typed(&typed)?,
            E::BinaryOp { .. } => self.binary(expr)?,
            E::UnaryOp { op, expr } => self.unary(op, *expr)?,
            E::IsNull(inner) => Expr::IsNull(self.boxed(*inner)?),
            E::IsNotNull(inner) => not(Expr::IsNull(self.boxed(*inner)?)),
            E::IsTrue(inner) => Expr::IsTruth(self.boxed(*inner)?, true),
            E::IsNotTrue(inner) => not(Expr::IsTruth(self.boxed(*inner)?, true)),
            E::IsFalse(inner) => Expr::IsTruth(self.boxed(*inner)?, false),
            E::IsNotFalse(inner) => not(Expr::IsTruth(self.boxed(*inner)?, false)),
            E::Named { expr, name } if name.value == IS_MISSING => Expr::IsMissing(self.boxed(*expr)?),
            E::Named { expr, name } if name.value == IS_NOT_MISSING => not(Expr::IsMissing(self.boxed(*expr)?)),
            E::Between { expr, negated, low, high } => {
                negate(negated, Expr::Between(self.boxed(*expr)?, self.boxed(*low)?, self.boxed(*high)?))
            }
            E::In { expr, target: InTarget::List(list), negated, .. } => {
                let needle = self.boxed(*expr)?;
                negate(negated, Expr::In(needle, self.exprs(list)?))
            }
            E::Like { negated, any: false, expr, pattern, escape_char } => {
                negate(negated, self.like(*expr, *pattern, escape_char)?)
            }
            E::Case { operand, conditions, else_result, .. } => self.case(operand, conditions, else_result)?,
            E::Cast { kind: sql::CastKind::Cast, expr, data_type, format: None } => {
                Expr::Cast(self.boxed(*expr)?, literals::cast_type(&data_type)?)
            }
            E::Extract { field, expr, .. } => Expr::Extract(date_part(&field.to_string())?, self.boxed(*expr)?),
            E::Substring { expr, substring_from, substring_for, .. } => {
                self.substring(*expr, substring_from, substring_for)?
            }
            E::Trim { trim_where, trim_what, expr, trim_characters: None } => {
                self.trim(trim_where, trim_what, *expr)?
            }
            E::Function(function) => self.function(function)?,
            E::Subquery(_) | E::Exists { .. } | E::In { .. } => {
                return fail(Code::UnsupportedSqlStructure, "Subqueries are not supported.");
            }
            other => return unsupported(&other),
        })
    }

    fn exprs(&mut self, exprs: Vec<sql::Expr>) -> Result<Vec<Expr>, SelectError> {
        exprs.into_iter().map(|expr| self.expr(expr)).collect()
    }

    fn identifier(&mut self, name: Ident) -> Lowered {
        if name.quote_style.is_none() && name.value.eq_ignore_ascii_case("missing") {
            return Ok(Expr::Missing);
        }
        if name.quote_style == Some('`') {
            return literals::moment(&name.value, Code::LexerInvalidIONLiteral);
        }
        let step = key(name)?;
        Ok(self.column(vec![step]))
    }

    /// Members and elements, one within the other.
    fn access(&mut self, root: sql::Expr, chain: Vec<AccessExpr>) -> Lowered {
        let mut steps = match root {
            sql::Expr::Identifier(name) => vec![key(name)?],
            sql::Expr::CompoundIdentifier(names) => names.into_iter().map(key).collect::<Result<_, _>>()?,
            other => return unsupported(&other),
        };
        for access in chain {
            steps.push(step(access)?);
        }
        Ok(self.column(steps))
    }

    /// The attribute's number. The row's own name in front is left out.
    fn column(&mut self, mut steps: Vec<Step>) -> Expr {
        let row = &self.row_name;
        let named = match steps.first() {
            Some(Step::Key { name, exact }) if *exact && row.quoted => *name == row.name,
            Some(Step::Key { name, .. }) => same(name, &row.name),
            _ => false,
        };
        // Alone it may also be a member of the row.
        if named && steps.len() > 1 {
            steps.remove(0);
        }
        self.bare |= self.place == Place::Plain;
        let path = Path(steps);
        let known = self.columns.iter().position(|column| *column == path);
        Expr::Column(known.unwrap_or_else(|| {
            self.columns.push(path);
            self.columns.len() - 1
        }))
    }

    fn unary(&mut self, operator: UnaryOperator, operand: sql::Expr) -> Lowered {
        match operator {
            UnaryOperator::Not => Ok(not(self.expr(operand)?)),
            UnaryOperator::Plus => self.expr(operand),
            UnaryOperator::Minus => Ok(match self.expr(operand)? {
                // So that the smallest integer can be written.
                Expr::Literal(Datum::Decimal(number)) if number.negate().to_i64() == Some(i64::MIN) => {
                    Expr::Literal(Datum::Int(i64::MIN))
                }
                operand => Expr::Negate(Box::new(operand)),
            }),
            other => fail(Code::UnsupportedSqlOperation, format!("The operator {other} is not supported.")),
        }
    }

    /// Chains of one operator are walked along, not down.
    fn binary(&mut self, expr: sql::Expr) -> Lowered {
        let sql::Expr::BinaryOp { left, op, right } = expr else { return unsupported(&expr) };
        if matches!(op, BinaryOperator::And | BinaryOperator::Or) {
            let mut rest = vec![*right];
            let mut first = *left;
            loop {
                match first {
                    sql::Expr::BinaryOp { left, op: next, right } if next == op => {
                        rest.push(*right);
                        first = *left;
                    }
                    other => {
                        rest.push(other);
                        break;
                    }
                }
            }
            rest.reverse();
            let terms = self.exprs(rest)?;
            return Ok(if op == BinaryOperator::And { Expr::And(terms) } else { Expr::Or(terms) });
        }
        let (left, right) = (self.boxed(*left)?, self.boxed(*right)?);
        let comparison = match op {
            BinaryOperator::Eq => Some(Comparison::Equal),
            BinaryOperator::NotEq => Some(Comparison::NotEqual),
            BinaryOperator::Lt => Some(Comparison::Less),
            BinaryOperator::LtEq => Some(Comparison::LessOrEqual),
            BinaryOperator::Gt => Some(Comparison::Greater),
            BinaryOperator::GtEq => Some(Comparison::GreaterOrEqual),
            _ => None,
        };
        if let Some(comparison) = comparison {
            return Ok(Expr::Compare(comparison, left, right));
        }
        match op {
            BinaryOperator::Plus => Ok(Expr::Arithmetic(Arithmetic::Add, left, right)),
            BinaryOperator::Minus => Ok(Expr::Arithmetic(Arithmetic::Subtract, left, right)),
            BinaryOperator::Multiply => Ok(Expr::Arithmetic(Arithmetic::Multiply, left, right)),
            BinaryOperator::Divide => Ok(Expr::Arithmetic(Arithmetic::Divide, left, right)),
            BinaryOperator::Modulo => Ok(Expr::Arithmetic(Arithmetic::Remainder, left, right)),
            BinaryOperator::StringConcat => Ok(Expr::Concat(left, right)),
            other => fail(Code::UnsupportedSqlOperation, format!("The operator {other} is not supported.")),
        }
    }

    fn like(&mut self, text: sql::Expr, pattern: sql::Expr, escape: Option<Box<sql::Expr>>) -> Lowered {
        let (text, pattern) = (self.boxed(text)?, self.boxed(pattern)?);
        let escape = escape.map(|escape| self.boxed(*escape)).transpose()?;
        let ready = match (&*pattern, escape.as_deref()) {
            (Expr::Literal(Datum::Text(pattern)), None) => Some(Like::new(pattern, None)?),
            (Expr::Literal(Datum::Text(pattern)), Some(Expr::Literal(Datum::Text(escape)))) => {
                Some(Like::new(pattern, Some(escape))?)
            }
            _ => None,
        };
        Ok(Expr::Like { text, pattern, escape, ready })
    }

    fn case(
        &mut self,
        operand: Option<Box<sql::Expr>>,
        conditions: Vec<CaseWhen>,
        otherwise: Option<Box<sql::Expr>>,
    ) -> Lowered {
        let operand = operand.map(|operand| self.boxed(*operand)).transpose()?;
        let arms = conditions.into_iter().map(|arm| {
            let when = self.expr(arm.condition)?;
            Ok(Arm { when, then: self.expr(arm.result)? })
        });
        let arms = arms.collect::<Result<_, SelectError>>()?;
        let otherwise = otherwise.map(|otherwise| self.boxed(*otherwise)).transpose()?;
        Ok(Expr::Case { operand, arms, otherwise })
    }

    fn trim(&mut self, side: Option<TrimWhereField>, characters: Option<Box<sql::Expr>>, text: sql::Expr) -> Lowered {
        let side = match side {
            None | Some(TrimWhereField::Both) => TrimSide::Both,
            Some(TrimWhereField::Leading) => TrimSide::Leading,
            Some(TrimWhereField::Trailing) => TrimSide::Trailing,
        };
        let characters = characters.map(|characters| self.boxed(*characters)).transpose()?;
        Ok(Expr::Trim { side, characters, text: self.boxed(text)? })
    }
}

fn is_star(item: &SelectItem) -> bool {
    matches!(item, SelectItem::Wildcard(_) | SelectItem::QualifiedWildcard(..))
}

fn key(name: Ident) -> Result<Step, SelectError> {
    if name.quote_style == Some('`') {
        return fail(Code::ParseInvalidPathComponent, format!("`{}` is no name of an attribute.", name.value));
    }
    Ok(Step::Key { exact: name.quote_style.is_some(), name: name.value })
}

fn step(access: AccessExpr) -> Result<Step, SelectError> {
    match access {
        AccessExpr::Dot(sql::Expr::Identifier(name)) => key(name),
        AccessExpr::Subscript(Subscript::Index { index: sql::Expr::Value(value) }) => match value.value {
            sql::Value::Number(text, _) => match text.parse() {
                Ok(index) => Ok(Step::Index(index)),
                Err(_) => fail(Code::InvalidKeyPath, format!("[{text}] is no index.")),
            },
            sql::Value::SingleQuotedString(name) => Ok(Step::Key { name, exact: true }),
            other => fail(Code::InvalidKeyPath, format!("[{other}] is no index.")),
        },
        other => fail(Code::ParseInvalidPathComponent, format!("'{other}' can't be part of a path.")),
    }
}

fn date_part(name: &str) -> Result<DatePart, SelectError> {
    let wrong = || SelectError::new(Code::ParseExpectedDatePart, format!("'{name}' is no part of a date."));
    DatePart::from_name(name).ok_or_else(wrong)
}

fn not(expr: Expr) -> Expr {
    Expr::Not(Box::new(expr))
}

fn negate(negated: bool, expr: Expr) -> Expr {
    if negated { not(expr) } else { expr }
}

fn unsupported<T>(expr: &sql::Expr) -> Result<T, SelectError> {
    let mut text = expr.to_string();
    if let Some((at, _)) = text.char_indices().nth(100) {
        text.truncate(at);
    }
    fail(Code::ParseUnsupportedSyntax, format!("The SQL expression contains unsupported syntax: {text}."))
}

/// The type of a cast that a function's name stands for.
fn cast_function(name: &str) -> Option<CastType> {
    match name {
        "INT" | "INTEGER" => Some(CastType::Int),
        "FLOAT" => Some(CastType::Float),
        "DECIMAL" => Some(CastType::Decimal(None)),
        "BOOL" => Some(CastType::Bool),
        "STRING" => Some(CastType::Text),
        "TIMESTAMP" => Some(CastType::Moment),
        _ => None,
    }
}
