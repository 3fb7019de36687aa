//! The policy of a form (S3 reference, "POST policy"): until when it may be sent, and what its fields may say.

use crate::dates::parse_iso8601;
use crate::error::{ErrorCode, S3Error, S3Result};
use base::Timestamp;
use base64::Engine;
use base64::engine::general_purpose::STANDARD;
use serde_json::Value;

/// Most conditions: a form has no more fields.
const MAX_CONDITIONS: usize = 1000;
/// Fields that no condition needs to name.
const FREE: [&str; 6] = ["awsaccesskeyid", "signature", "policy", "file", "x-amz-signature", "content-md5"];
/// Beginnings of names of fields that no condition needs to name: what they say is checked otherwise.
const FREE_PREFIXES: [&str; 5] = [
    "x-ignore-",
    "x-amz-checksum-",
    "x-amz-server-side-encryption-customer-",
    "x-amz-server-side-encryption-aws-kms-key-id",
    "x-amz-server-side-encryption-context",
];

/// A policy as read.
#[derive(Debug, PartialEq, Eq)]
pub struct Policy {
    expires: Timestamp,
    conditions: Vec<Condition>,
    /// Least and most bytes of the file.
    pub length: Option<(u64, u64)>,
}

#[derive(Debug, PartialEq, Eq)]
struct Condition {
    /// In lower case.
    field: String,
    value: String,
    exactly: bool,
}

impl Policy {
    /// From the field's text: base64 of a JSON document.
    pub fn parse(text: &str) -> S3Result<Policy> {
        // Clients may break the text into lines.
        let text: String = text.chars().filter(|character| !character.is_whitespace()).collect();
        let document = STANDARD.decode(text).map_err(|_| invalid("it is not base64"))?;
        let document: Value = serde_json::from_slice(&document).map_err(|_| invalid("it is not JSON"))?;
        let object = document.as_object().ok_or_else(|| invalid("it is not an object"))?;
        let expiration = object.get("expiration").and_then(Value::as_str);
        let expiration = expiration.ok_or_else(|| invalid("Policy missing expiration."))?;
        // With a blank for the `T` it is a time of RFC 3339, but none of ISO 8601.
        let expires = parse_iso8601(expiration).filter(|_| expiration.contains('T'));
        let expires = expires.ok_or_else(|| invalid("Invalid 'expiration' value"))?;
        let list = object.get("conditions").and_then(Value::as_array);
        let list = list.ok_or_else(|| invalid("Policy missing conditions."))?;
        if object.keys().any(|key| key != "expiration" && key != "conditions") || list.len() > MAX_CONDITIONS {
            return Err(invalid("Unexpected or too many elements."));
        }
        let mut policy = Policy { expires, conditions: Vec::new(), length: None };
        for condition in list {
            policy.add(condition)?;
        }
        Ok(policy)
    }

    fn add(&mut self, condition: &Value) -> S3Result<()> {
        let wrong = || invalid("Invalid condition");
        if let Some(pair) = condition.as_object() {
            let mut pairs = pair.iter();
            let (Some((field, value)), None) = (pairs.next(), pairs.next()) else { return Err(wrong()) };
            let value = value.as_str().ok_or_else(wrong)?.to_owned();
            self.conditions.push(Condition { field: field.to_ascii_lowercase(), value, exactly: true });
            return Ok(());
        }
        let [operator, first, second] = condition.as_array().ok_or_else(wrong)?.as_slice() else { return Err(wrong()) };
        let operator = operator.as_str().ok_or_else(wrong)?.to_ascii_lowercase();
        if operator == "content-length-range" {
            let number = |value: &Value| value.as_u64().or_else(|| value.as_str()?.parse().ok());
            self.length = Some((number(first).ok_or_else(wrong)?, number(second).ok_or_else(wrong)?));
            return Ok(());
        }
        let exactly = match operator.as_str() {
            "eq" => true,
            "starts-with" => false,
            _ => return Err(wrong()),
        };
        let field = first.as_str().and_then(|name| name.strip_prefix('$')).ok_or_else(wrong)?.to_ascii_lowercase();
        let value = second.as_str().ok_or_else(wrong)?.to_owned();
        self.conditions.push(Condition { field, value, exactly });
        Ok(())
    }

    /// Whether a form keeps to it at `now`. `fields`: all of the form, names in lower case, with the bucket and the key as
    /// they are meant.
    pub fn check(&self, fields: &[(String, String)], now: Timestamp) -> S3Result<()> {
        let denied = |what: &str| Err(S3Error::detailed(ErrorCode::AccessDenied, what));
        if now > self.expires {
            return denied("Invalid according to Policy: Policy expired");
        }
        for condition in &self.conditions {
            let value =
                fields.iter().find(|(name, _)| *name == condition.field).map_or("", |(_, value)| value.as_str());
            if !condition.holds(value) {
                return denied("Invalid according to Policy: Policy Condition failed");
            }
        }
        let covered = |name: &str| self.conditions.iter().any(|condition| condition.field == name);
        let free = |name: &str| FREE.contains(&name) || FREE_PREFIXES.iter().any(|prefix| name.starts_with(prefix));
        match fields.iter().find(|(name, _)| !free(name) && !covered(name)) {
            Some((name, _)) => denied(&format!(
                "Each form field that you specify in a form must appear in the list of policy conditions. \"{name}\" not \
                 specified in the policy."
            )),
            None => Ok(()),
        }
    }
}

impl Condition {
    fn holds(&self, value: &str) -> bool {
        match (self.exactly, self.field.as_str()) {
            (true, _) => value == self.value,
            // Several types: each of them.
            (false, "content-type") => value.split(',').all(|one| one.trim().starts_with(&self.value)),
            (false, _) => value.starts_with(&self.value),
        }
    }
}

fn invalid(why: &str) -> S3Error {
    S3Error::with(ErrorCode::InvalidPolicyDocument, format!("Invalid Policy: {why}"))
}
