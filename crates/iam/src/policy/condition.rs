//! Conditions: what else must hold for a statement to apply (spec iam-sts-and-config.md, section 7.6).

mod date;
mod network;
mod parse;

use super::key::{ConditionKey, KeyName};
use super::values::Values;
use super::wildcard::{Part, Pattern, split_variables};
use network::Network;
use serde_json::{Map, Value, json};
use std::borrow::Cow;
use time::OffsetDateTime;

pub(crate) use parse::parse;

macro_rules! operators {
    ($($variant:ident = $name:literal,)*) => {
        #[derive(Clone, Copy, Debug, PartialEq, Eq)]
        enum Operator {
            $($variant,)*
        }

        impl Operator {
            const ALL: &'static [Operator] = &[$(Operator::$variant,)*];

            const fn as_str(self) -> &'static str {
                match self {
                    $(Operator::$variant => $name,)*
                }
            }
        }
    };
}

operators! {
    StringEquals = "StringEquals",
    StringNotEquals = "StringNotEquals",
    StringEqualsIgnoreCase = "StringEqualsIgnoreCase",
    StringNotEqualsIgnoreCase = "StringNotEqualsIgnoreCase",
    StringLike = "StringLike",
    StringNotLike = "StringNotLike",
    BinaryEquals = "BinaryEquals",
    IpAddress = "IpAddress",
    NotIpAddress = "NotIpAddress",
    Null = "Null",
    Bool = "Bool",
    NumericEquals = "NumericEquals",
    NumericNotEquals = "NumericNotEquals",
    NumericLessThan = "NumericLessThan",
    NumericLessThanEquals = "NumericLessThanEquals",
    NumericGreaterThan = "NumericGreaterThan",
    NumericGreaterThanIfExists = "NumericGreaterThanIfExists",
    NumericGreaterThanEquals = "NumericGreaterThanEquals",
    DateEquals = "DateEquals",
    DateNotEquals = "DateNotEquals",
    DateLessThan = "DateLessThan",
    DateLessThanEquals = "DateLessThanEquals",
    DateGreaterThan = "DateGreaterThan",
    DateGreaterThanEquals = "DateGreaterThanEquals",
    ArnEquals = "ArnEquals",
    ArnLike = "ArnLike",
    ArnNotEquals = "ArnNotEquals",
    ArnNotLike = "ArnNotLike",
}

impl Operator {
    /// Whether it compares ARNs, which takes wildcards by either name (IAM reference, "ARN condition operators"). MinIO knows none
    /// of these.
    fn is_of_arns(self) -> bool {
        use Operator as O;
        matches!(self, O::ArnEquals | O::ArnLike | O::ArnNotEquals | O::ArnNotLike)
    }
}

/// What AWS allows behind the name of every operator but `Null`. MinIO has it of one only, by that operator's own name.
const IF_EXISTS: &str = "IfExists";

/// How many of a request's values must fit. Only texts have more than one.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Quantifier {
    /// One is enough; also `ForAnyValue`, which is written out.
    Any { written: bool },
    /// `ForAllValues`: also none at all.
    All,
}

/// One line of a statement's conditions.
#[derive(Clone, Debug, PartialEq)]
pub(crate) struct Condition {
    operator: Operator,
    quantifier: Quantifier,
    /// `...IfExists`: it also holds where the request doesn't say anything.
    if_exists: bool,
    key: ConditionKey,
    operand: Operand,
}

/// What the request is compared with.
#[derive(Clone, Debug, PartialEq)]
enum Operand {
    Texts(Vec<String>),
    Patterns(Vec<Pattern>),
    /// As written, and decoded.
    Binary(Vec<(String, Vec<u8>)>),
    Networks(Vec<Network>),
    Flag(bool),
    Number(i64),
    /// As written, and read.
    Date(String, OffsetDateTime),
}

impl Operand {
    /// Whether a request can have several values of this kind.
    fn is_text(&self) -> bool {
        matches!(self, Operand::Texts(_) | Operand::Patterns(_) | Operand::Binary(_))
    }
}

impl Condition {
    pub(crate) fn key(&self) -> &ConditionKey {
        &self.key
    }

    /// Whether MinIO reads it.
    pub(crate) fn is_minios(&self) -> bool {
        !self.if_exists && !self.operator.is_of_arns() && !self.key.key().is_unknown_to_minio()
    }

    /// Whether only some can fulfil it, whatever they send: those of an address range or with a name. What a condition
    /// excludes, or asks of a request alone, keeps nobody out.
    pub(crate) fn narrows(&self) -> bool {
        use Operator as O;
        match (&self.operand, self.operator) {
            (Operand::Networks(networks), O::IpAddress) => !networks.iter().any(Network::is_wide),
            (Operand::Texts(_), O::StringEquals | O::StringEqualsIgnoreCase) => self.key.key().is_of_caller(),
            (Operand::Patterns(patterns), O::StringLike) => {
                self.key.key().is_of_caller() && !patterns.iter().any(|pattern| pattern.as_str().starts_with('*'))
            }
            _ => false,
        }
    }

    pub(crate) fn holds(&self, values: &dyn Values) -> bool {
        use Operator as O;
        let asked = values.all(&self.key);
        if self.if_exists && asked.iter().all(|text| text.is_empty()) {
            return true;
        }
        match (&self.operand, self.operator) {
            (Operand::Texts(texts), O::StringEquals | O::Bool) => self.equal(texts, &asked, values),
            (Operand::Texts(texts), O::StringNotEquals) => !self.equal(texts, &asked, values),
            (Operand::Texts(texts), O::StringEqualsIgnoreCase) => self.equal_any_case(texts, &asked, values),
            (Operand::Texts(texts), _) => !self.equal_any_case(texts, &asked, values),
            (Operand::Patterns(patterns), O::StringNotLike | O::ArnNotEquals | O::ArnNotLike) => {
                !self.like(patterns, &asked, values)
            }
            (Operand::Patterns(patterns), _) => self.like(patterns, &asked, values),
            (Operand::Binary(all), _) => {
                self.quantified(&asked, |text| all.iter().any(|(_, bytes)| bytes == text.as_bytes()))
            }
            (Operand::Networks(networks), O::NotIpAddress) => !within(networks, &asked),
            (Operand::Networks(networks), _) => within(networks, &asked),
            (Operand::Flag(absent), _) => asked.is_empty() == *absent,
            (Operand::Number(number), operator) => compare_number(operator, *number, &asked),
            (Operand::Date(_, date), operator) => compare_date(operator, *date, &asked),
        }
    }

    fn quantified(&self, asked: &[Cow<'_, str>], fits: impl Fn(&str) -> bool) -> bool {
        match self.quantifier {
            Quantifier::Any { .. } => asked.iter().any(|text| fits(text)),
            Quantifier::All => asked.iter().all(|text| fits(text)),
        }
    }

    fn equal(&self, texts: &[String], asked: &[Cow<'_, str>], values: &dyn Values) -> bool {
        let mut wanted: Vec<_> = texts.iter().map(|text| substitute(text, values)).collect();
        if self.key.key() == KeyName::CopySource {
            wanted.iter_mut().for_each(|text| *text = Cow::Owned(without_slash(text).to_owned()));
        }
        self.quantified(asked, |text| wanted.iter().any(|wanted| wanted == text))
    }

    fn equal_any_case(&self, texts: &[String], asked: &[Cow<'_, str>], values: &dyn Values) -> bool {
        let wanted: Vec<_> = texts.iter().map(|text| substitute(text, values).to_lowercase()).collect();
        self.quantified(asked, |text| wanted.contains(&text.to_lowercase()))
    }

    fn like(&self, patterns: &[Pattern], asked: &[Cow<'_, str>], values: &dyn Values) -> bool {
        self.quantified(asked, |text| patterns.iter().any(|pattern| pattern.matches(text, values)))
    }

    /// Operator and key, for whoever wrote them.
    pub(crate) fn written(&self) -> String {
        format!("{} {}", self.operator_text(), self.key)
    }

    fn operator_text(&self) -> String {
        let quantifier = match self.quantifier {
            Quantifier::Any { written: false } => "",
            Quantifier::Any { written: true } => "ForAnyValue:",
            Quantifier::All => "ForAllValues:",
        };
        format!("{quantifier}{}{}", self.operator.as_str(), if self.if_exists { IF_EXISTS } else { "" })
    }

    fn operand_json(&self) -> Value {
        match &self.operand {
            Operand::Texts(texts) => json!(texts),
            Operand::Patterns(patterns) => patterns.iter().map(Pattern::as_str).collect(),
            Operand::Binary(all) => all.iter().map(|(text, _)| text.as_str()).collect(),
            Operand::Networks(networks) => networks.iter().map(Network::to_string).collect(),
            Operand::Flag(flag) => json!([flag]),
            Operand::Number(number) => json!([number]),
            Operand::Date(text, _) => json!([text]),
        }
    }
}

/// `{"Operator":{"key":[values]}}`.
pub(crate) fn to_json(conditions: &[Condition]) -> Value {
    let mut all = Map::new();
    for condition in conditions {
        let keys = all.entry(condition.operator_text()).or_insert_with(|| Value::Object(Map::new()));
        if let Value::Object(keys) = keys {
            keys.insert(condition.key.to_string(), condition.operand_json());
        }
    }
    Value::Object(all)
}

/// The sources of copies may be written with a slash before the bucket; requests are compared without.
fn without_slash(source: &str) -> &str {
    source.strip_prefix('/').unwrap_or(source)
}

/// The text with the values of its variables; one without a value stays.
fn substitute<'a>(text: &'a str, values: &dyn Values) -> Cow<'a, str> {
    if !text.contains("${") {
        return Cow::Borrowed(text);
    }
    let mut all = String::new();
    for part in split_variables(text) {
        match part {
            Part::Text(text) => all.push_str(text),
            Part::Variable(key, written) => match values.first(&key) {
                Some(value) => all.push_str(&value),
                None => all.push_str(written),
            },
        }
    }
    Cow::Owned(all)
}

fn within(networks: &[Network], asked: &[Cow<'_, str>]) -> bool {
    let addresses = asked.iter().filter_map(|text| text.parse().ok());
    addresses.into_iter().any(|address| networks.iter().any(|network| network.contains(address)))
}

fn compare_number(operator: Operator, number: i64, asked: &[Cow<'_, str>]) -> bool {
    use Operator as O;
    let Some(first) = asked.first() else { return operator == O::NumericGreaterThanIfExists };
    let Ok(value) = first.parse::<i64>() else { return false };
    match operator {
        O::NumericEquals => value == number,
        O::NumericNotEquals => value != number,
        O::NumericLessThan => value < number,
        O::NumericLessThanEquals => value <= number,
        O::NumericGreaterThan | O::NumericGreaterThanIfExists => value > number,
        _ => value >= number,
    }
}

fn compare_date(operator: Operator, date: OffsetDateTime, asked: &[Cow<'_, str>]) -> bool {
    use Operator as O;
    let Some(value) = asked.first().and_then(|text| date::parse(text)) else { return false };
    match operator {
        O::DateEquals => value == date,
        O::DateNotEquals => value != date,
        O::DateLessThan => value < date,
        O::DateLessThanEquals => value <= date,
        O::DateGreaterThan => value > date,
        _ => value >= date,
    }
}
