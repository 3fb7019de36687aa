//! Members of a JSON object, taken one by one.

use super::{MAX_RECORD, RecordError};
use serde_json::Value;
use serde_json::value::RawValue;
use std::collections::BTreeMap;
use std::fmt;

/// Members that nobody knows, written again as they were read, byte for byte: a number may have more digits than any type of ours.
#[derive(Clone, Default, PartialEq, Eq)]
pub struct Unknown(BTreeMap<String, Box<str>>);

/// Names alone: what a later release keeps beside a secret may be one.
impl fmt::Debug for Unknown {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_set().entries(self.0.keys()).finish()
    }
}

/// What of an object hasn't been taken yet.
pub(super) struct Fields(BTreeMap<String, Box<RawValue>>);

impl Fields {
    pub(super) fn parse(document: &[u8]) -> Result<Fields, RecordError> {
        if document.len() > MAX_RECORD {
            return Err(RecordError::TooLong);
        }
        Fields::of(document, "the document")
    }

    /// The members of an object that is itself a member.
    pub(super) fn nested(&mut self, name: &'static str) -> Result<Fields, RecordError> {
        let object = self.remove(name).ok_or(RecordError::Shape(name))?;
        Fields::of(object.get().as_bytes(), name)
    }

    fn of(object: &[u8], name: &'static str) -> Result<Fields, RecordError> {
        serde_json::from_slice(object).map(Fields).map_err(|error| match error.is_data() {
            true => RecordError::Shape(name),
            false => json(&error),
        })
    }

    /// A member's text, whatever the case of its name.
    pub(super) fn remove(&mut self, name: &str) -> Option<Box<RawValue>> {
        self.0.remove(name).or_else(|| {
            let known = self.0.keys().find(|known| known.eq_ignore_ascii_case(name)).cloned()?;
            self.0.remove(&known)
        })
    }

    /// A member, whatever the case of its name; `null` is none.
    pub(super) fn take(&mut self, name: &str) -> Result<Option<Value>, RecordError> {
        let value = |raw: Box<RawValue>| serde_json::from_str::<Option<Value>>(raw.get());
        Ok(self.remove(name).map(value).transpose().map_err(|error| json(&error))?.flatten())
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<String, RecordError> {
        match self.take(name)? {
            None => Ok(String::new()),
            Some(Value::String(text)) => Ok(text),
            Some(_) => Err(RecordError::Shape(name)),
        }
    }

    pub(super) fn texts(&mut self, name: &'static str) -> Result<Vec<String>, RecordError> {
        let text = |value| match value {
            Value::String(text) => Ok(text),
            _ => Err(RecordError::Shape(name)),
        };
        match self.take(name)? {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) => values.into_iter().map(text).collect(),
            Some(_) => Err(RecordError::Shape(name)),
        }
    }

    /// What is left.
    pub(super) fn rest(self) -> Unknown {
        Unknown(self.0.into_iter().map(|(name, value)| (name, value.into())).collect())
    }
}

fn json(error: &serde_json::Error) -> RecordError {
    RecordError::Json(error.to_string())
}

/// A document being written: members in order, then those that were kept.
pub(super) struct Writer(String);

impl Writer {
    pub(super) fn new() -> Writer {
        Writer(String::from("{"))
    }

    pub(super) fn member(&mut self, name: &str, value: &Value) {
        self.text(name, &value.to_string());
    }

    /// A member that is itself being written.
    pub(super) fn nested(&mut self, name: &str, inner: Writer, rest: &Unknown) {
        self.text(name, &inner.finish(rest));
    }

    /// A member that is left out when it is empty.
    pub(super) fn unless_empty(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.member(name, &text.into());
        }
    }

    pub(super) fn finish(mut self, rest: &Unknown) -> String {
        for (name, value) in &rest.0 {
            self.text(name, value);
        }
        self.0.push('}');
        self.0
    }

    /// A member whose value is JSON already.
    fn text(&mut self, name: &str, json: &str) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&Value::from(name).to_string());
        self.0.push(':');
        self.0.push_str(json);
    }
}
