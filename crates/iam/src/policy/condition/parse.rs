//! Reading conditions.

use super::network::Network;
use super::{Condition, IF_EXISTS, Operand, Operator, Quantifier, date, without_slash};
use crate::policy::PolicyError;
use crate::policy::key::{ConditionKey, KeyName};
use crate::policy::wildcard::Pattern;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::{Map, Value};

/// A value as JSON has it.
#[derive(Clone, Debug, PartialEq)]
enum Literal {
    Text(String),
    Number(i64),
    Flag(bool),
}

/// Reads what stands behind `Condition`.
pub(crate) fn parse(value: &Value) -> Result<Vec<Condition>, PolicyError> {
    let operators = object(value)?;
    let mut conditions = Vec::new();
    for (operator, keys) in operators {
        let (quantifier, name) = quantifier(operator);
        let known = Operator::ALL.iter().find(|known| known.as_str() == name);
        let lenient = || {
            let name = name.strip_suffix(IF_EXISTS)?;
            Operator::ALL.iter().find(|known| known.as_str() == name && **known != Operator::Null)
        };
        let if_exists = known.is_none();
        let known = *known.or_else(lenient).ok_or_else(|| PolicyError::UnknownOperator(operator.clone()))?;
        let Value::Object(keys) = keys else { return Err(PolicyError::Shape("Condition")) };
        for (key, values) in keys {
            let parsed = ConditionKey::parse(key).ok_or_else(|| PolicyError::UnknownKey(key.clone()))?;
            let literals = literals(values, key)?;
            let operand = operand(known, &parsed, literals).map_err(|reason| PolicyError::BadCondition {
                operator: operator.clone(),
                key: key.clone(),
                reason,
            })?;
            // Others have one value, and are written without.
            let quantifier = if operand.is_text() && known != Operator::Bool {
                quantifier
            } else {
                Quantifier::Any { written: false }
            };
            conditions.push(Condition { operator: known, quantifier, if_exists, key: parsed, operand });
        }
    }
    Ok(conditions)
}

fn object(value: &Value) -> Result<&Map<String, Value>, PolicyError> {
    match value {
        Value::Object(map) if !map.is_empty() => Ok(map),
        Value::Object(_) => Err(PolicyError::EmptyCondition),
        _ => Err(PolicyError::Shape("Condition")),
    }
}

fn quantifier(operator: &str) -> (Quantifier, &str) {
    if let Some(name) = operator.strip_prefix("ForAllValues:") {
        return (Quantifier::All, name);
    }
    match operator.strip_prefix("ForAnyValue:") {
        Some(name) => (Quantifier::Any { written: true }, name),
        None => (Quantifier::Any { written: false }, operator),
    }
}

fn literals(value: &Value, key: &str) -> Result<Vec<Literal>, PolicyError> {
    let literal = |value: &Value| match value {
        Value::String(text) => Ok(Literal::Text(text.clone())),
        Value::Number(number) => number.as_i64().map(Literal::Number).ok_or(PolicyError::BadValue(key.to_owned())),
        Value::Bool(flag) => Ok(Literal::Flag(*flag)),
        _ => Err(PolicyError::BadValue(key.to_owned())),
    };
    let Value::Array(values) = value else { return Ok(vec![literal(value)?]) };
    let mut all = Vec::with_capacity(values.len());
    for value in values {
        let literal = literal(value)?;
        if all.contains(&literal) {
            return Err(PolicyError::DuplicateValue(key.to_owned()));
        }
        all.push(literal);
    }
    if all.is_empty() { Err(PolicyError::BadValue(key.to_owned())) } else { Ok(all) }
}

fn operand(operator: Operator, key: &ConditionKey, literals: Vec<Literal>) -> Result<Operand, &'static str> {
    use Operator as O;
    match operator {
        O::StringEquals | O::StringNotEquals | O::StringEqualsIgnoreCase | O::StringNotEqualsIgnoreCase => {
            let texts = texts(literals)?;
            texts.iter().try_for_each(|text| check_text(key.key(), text, false))?;
            Ok(Operand::Texts(texts))
        }
        O::StringLike | O::StringNotLike | O::ArnEquals | O::ArnLike | O::ArnNotEquals | O::ArnNotLike => {
            let texts = texts(literals)?;
            texts.iter().try_for_each(|text| check_text(key.key(), text, true))?;
            let pattern = |text: &String| match key.key() {
                KeyName::CopySource => Pattern::with_variables(without_slash(text)).shown_as(text),
                _ => Pattern::with_variables(text),
            };
            Ok(Operand::Patterns(texts.iter().map(pattern).collect()))
        }
        O::BinaryEquals => {
            let decode = |text: String| match STANDARD.decode(&text) {
                Ok(bytes) => Ok((text, bytes)),
                Err(_) => Err("the value is not base64"),
            };
            let all: Vec<_> = texts(literals)?.into_iter().map(decode).collect::<Result<_, _>>()?;
            for (_, bytes) in &all {
                let text = std::str::from_utf8(bytes).map_err(|_| "the value is not text")?;
                check_text(key.key(), text, false)?;
            }
            Ok(Operand::Binary(all))
        }
        O::IpAddress | O::NotIpAddress => {
            only(key, KeyName::SourceIp)?;
            let network = |text: &String| Network::parse(text).ok_or("the value is not a CIDR range");
            Ok(Operand::Networks(texts(literals)?.iter().map(network).collect::<Result<_, _>>()?))
        }
        O::Bool => {
            only(key, KeyName::SecureTransport)?;
            match one(literals)? {
                Literal::Flag(flag) => Ok(Operand::Texts(vec![flag.to_string()])),
                // As it is written: `T` is a truth value, but none that a request has.
                Literal::Text(text) if crate::policy::go_bool(&text).is_some() => Ok(Operand::Texts(vec![text])),
                _ => Err("the value is neither true nor false"),
            }
        }
        O::Null => Ok(Operand::Flag(flag(literals)?)),
        O::NumericEquals
        | O::NumericNotEquals
        | O::NumericLessThan
        | O::NumericLessThanEquals
        | O::NumericGreaterThan
        | O::NumericGreaterThanIfExists
        | O::NumericGreaterThanEquals => match one(literals)? {
            Literal::Number(number) => Ok(Operand::Number(number)),
            Literal::Text(text) => Ok(Operand::Number(text.parse().map_err(|_| "the value is not an integer")?)),
            Literal::Flag(_) => Err("the value is not an integer"),
        },
        _ => match one(literals)? {
            Literal::Text(text) => {
                let date = date::parse(&text).ok_or("the value is not an RFC 3339 time")?;
                Ok(Operand::Date(text, date))
            }
            _ => Err("the value is not an RFC 3339 time"),
        },
    }
}

fn texts(literals: Vec<Literal>) -> Result<Vec<String>, &'static str> {
    let text = |literal| match literal {
        Literal::Text(text) => Ok(text),
        _ => Err("the value must be a string"),
    };
    literals.into_iter().map(text).collect()
}

fn one(literals: Vec<Literal>) -> Result<Literal, &'static str> {
    match <[Literal; 1]>::try_from(literals) {
        Ok([literal]) => Ok(literal),
        Err(_) => Err("only one value is allowed"),
    }
}

fn flag(literals: Vec<Literal>) -> Result<bool, &'static str> {
    match one(literals)? {
        Literal::Flag(flag) => Ok(flag),
        Literal::Text(text) => crate::policy::go_bool(&text).ok_or("the value is neither true nor false"),
        Literal::Number(_) => Err("the value is neither true nor false"),
    }
}

fn only(key: &ConditionKey, allowed: KeyName) -> Result<(), &'static str> {
    if key.key() == allowed { Ok(()) } else { Err("the key is not allowed with this condition") }
}

/// Some keys can't have just any value, so that another is a mistake.
fn check_text(key: KeyName, text: &str, pattern: bool) -> Result<(), &'static str> {
    match key {
        KeyName::CopySource => {
            let (bucket, object) =
                without_slash(text).split_once('/').ok_or("the value is not of the form bucket/object")?;
            let fine = format::names::BucketName::new(bucket).is_ok() && !object.is_empty();
            if fine { Ok(()) } else { Err("the value is not of the form bucket/object") }
        }
        _ if pattern => Ok(()),
        KeyName::ContentSha256 if text.is_empty() => Err("the value must not be empty"),
        KeyName::CustomerAlgorithm if text != "AES256" => Err("the value must be AES256"),
        KeyName::ServerSideEncryption if text != "AES256" && text != "aws:kms" => {
            Err("the value must be AES256 or aws:kms")
        }
        KeyName::MetadataDirective if text != "COPY" && text != "REPLACE" => Err("the value must be COPY or REPLACE"),
        _ => Ok(()),
    }
}
