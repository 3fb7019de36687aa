//! A query as it is evaluated.

use crate::eval::Like;
use crate::value::{Arithmetic, DatePart, Datum};

/// A whole query.
#[derive(Clone, Debug)]
pub struct Query {
    /// Behind the table's name: which values of a JSON document are rows.
    pub from: Path,
    /// What a row is called.
    pub row_name: RowName,
    pub projection: Projection,
    pub filter: Option<Expr>,
    /// Rows to give at most.
    pub limit: Option<u64>,
    /// The attributes of rows that expressions use, by number.
    pub columns: Vec<Path>,
    /// The aggregates that expressions use, by number. There are none, or no attributes outside of them.
    pub aggregates: Vec<Aggregate>,
}

/// The name before attributes.
#[derive(Clone, Debug)]
pub struct RowName {
    pub name: String,
    pub quoted: bool,
}

#[derive(Clone, Debug)]
pub enum Projection {
    /// The whole row.
    Star,
    Items(Vec<Item>),
}

#[derive(Clone, Debug)]
pub struct Item {
    pub expr: Expr,
    /// Its name in the output.
    pub name: String,
}

/// How to get from a value to another within it.
#[derive(Clone, Debug, Default, PartialEq)]
pub struct Path(pub Vec<Step>);

#[derive(Clone, Debug, PartialEq)]
pub enum Step {
    /// A member of a struct. In any case unless `exact`.
    Key { name: String, exact: bool },
    /// An element of a list.
    Index(usize),
    /// Each element: only in FROM.
    Each,
}

impl Step {
    /// Whether a member of this name is meant.
    pub fn fits(&self, found: &str) -> bool {
        match self {
            Step::Key { name, exact: true } => name == found,
            Step::Key { name, exact: false } => same(name, found),
            _ => false,
        }
    }

    /// The number of `_N`, from one.
    pub fn position(&self) -> Option<usize> {
        let Step::Key { name, .. } = self else { return None };
        let digits = name.strip_prefix('_')?;
        let plain = !digits.is_empty() && digits.bytes().all(|byte| byte.is_ascii_digit());
        plain.then(|| digits.parse().ok()).flatten()
    }
}

/// Whether two names are the same but for their case.
pub fn same(a: &str, b: &str) -> bool {
    a.eq_ignore_ascii_case(b) || (!a.is_ascii() && a.to_lowercase() == b.to_lowercase())
}

#[derive(Clone, Debug)]
pub enum Expr {
    Missing,
    Literal(Datum),
    /// A number in [`Query::columns`].
    Column(usize),
    /// A number in [`Query::aggregates`].
    Aggregate(usize),
    And(Vec<Expr>),
    Or(Vec<Expr>),
    Not(Box<Expr>),
    Negate(Box<Expr>),
    Compare(Comparison, Box<Expr>, Box<Expr>),
    Arithmetic(Arithmetic, Box<Expr>, Box<Expr>),
    Concat(Box<Expr>, Box<Expr>),
    IsNull(Box<Expr>),
    IsMissing(Box<Expr>),
    IsTruth(Box<Expr>, bool),
    Between(Box<Expr>, Box<Expr>, Box<Expr>),
    In(Box<Expr>, Vec<Expr>),
    Like {
        text: Box<Expr>,
        pattern: Box<Expr>,
        escape: Option<Box<Expr>>,
        /// Made once, if pattern and escape are literals.
        ready: Option<Like>,
    },
    Case {
        operand: Option<Box<Expr>>,
        arms: Vec<Arm>,
        otherwise: Option<Box<Expr>>,
    },
    Cast(Box<Expr>, CastType),
    Call(Function, Vec<Expr>),
    DateAdd(DatePart, Box<Expr>, Box<Expr>),
    DateDiff(DatePart, Box<Expr>, Box<Expr>),
    Extract(DatePart, Box<Expr>),
    Trim {
        side: TrimSide,
        characters: Option<Box<Expr>>,
        text: Box<Expr>,
    },
}

#[derive(Clone, Debug)]
pub struct Arm {
    pub when: Expr,
    pub then: Expr,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Comparison {
    Equal,
    NotEqual,
    Less,
    LessOrEqual,
    Greater,
    GreaterOrEqual,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum CastType {
    Bool,
    Int,
    Float,
    /// With so many digits, so many of them behind the point, where the request says so.
    Decimal(Option<(u32, u32)>),
    Text,
    Moment,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum TrimSide {
    Both,
    Leading,
    Trailing,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Function {
    CharLength,
    Lower,
    Upper,
    Substring,
    Coalesce,
    NullIf,
    ToString,
    ToTimestamp,
    UtcNow,
}

#[derive(Clone, Debug)]
pub struct Aggregate {
    pub kind: AggregateKind,
    /// Without one: rows are counted.
    pub argument: Option<Expr>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum AggregateKind {
    Avg,
    Count,
    Max,
    Min,
    Sum,
}
