//! Members of a JSON object, taken one by one.

use super::{MAX_RECORD, RecordError};
use serde_json::{Map, Value};

/// What of an object hasn't been taken yet.
pub(super) struct Fields(Map<String, Value>);

impl Fields {
    pub(super) fn parse(document: &[u8]) -> Result<Fields, RecordError> {
        if document.len() > MAX_RECORD {
            return Err(RecordError::TooLong);
        }
        match serde_json::from_slice(document) {
            Ok(Value::Object(map)) => Ok(Fields(map)),
            Ok(_) => Err(RecordError::Shape("the document")),
            Err(error) => Err(RecordError::Json(error.to_string())),
        }
    }

    pub(super) fn of(value: Value, name: &'static str) -> Result<Fields, RecordError> {
        match value {
            Value::Object(map) => Ok(Fields(map)),
            _ => Err(RecordError::Shape(name)),
        }
    }

    /// A member, whatever the case of its name; `null` is none.
    pub(super) fn take(&mut self, name: &str) -> Option<Value> {
        let exact = self.0.remove(name);
        let found = exact.or_else(|| {
            let known = self.0.keys().find(|known| known.eq_ignore_ascii_case(name)).cloned()?;
            self.0.remove(&known)
        });
        found.filter(|value| !value.is_null())
    }

    pub(super) fn text(&mut self, name: &'static str) -> Result<String, RecordError> {
        match self.take(name) {
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
        match self.take(name) {
            None => Ok(Vec::new()),
            Some(Value::Array(values)) => values.into_iter().map(text).collect(),
            Some(_) => Err(RecordError::Shape(name)),
        }
    }

    /// What is left.
    pub(super) fn rest(self) -> Map<String, Value> {
        self.0
    }
}

/// A document being written: members in order, then those that were kept.
pub(super) struct Writer(String);

impl Writer {
    pub(super) fn new() -> Writer {
        Writer(String::from("{"))
    }

    pub(super) fn member(&mut self, name: &str, value: &Value) {
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&Value::from(name).to_string());
        self.0.push(':');
        self.0.push_str(&value.to_string());
    }

    /// A member that is itself being written.
    pub(super) fn nested(&mut self, name: &str, inner: Writer, rest: &Map<String, Value>) {
        let inner = inner.finish(rest);
        if self.0.len() > 1 {
            self.0.push(',');
        }
        self.0.push_str(&Value::from(name).to_string());
        self.0.push(':');
        self.0.push_str(&inner);
    }

    /// A member that is left out when it is empty.
    pub(super) fn unless_empty(&mut self, name: &str, text: &str) {
        if !text.is_empty() {
            self.member(name, &text.into());
        }
    }

    pub(super) fn finish(mut self, rest: &Map<String, Value>) -> String {
        for (name, value) in rest {
            self.member(name, value);
        }
        self.0.push('}');
        self.0
    }
}
