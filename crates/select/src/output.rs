//! Records as they are given back.

mod csv;
mod json;

use crate::error::{Code, SelectError, fail};
use crate::input::Row;
use crate::limits::MAX_RECORD;
use crate::request::Output;
use crate::value::{Datum, Value};

/// Writes records into a buffer.
pub struct Writer<'q> {
    output: &'q Output,
    /// What was written and not taken so far.
    buffer: String,
}

impl<'q> Writer<'q> {
    pub fn new(output: &'q Output) -> Self {
        Writer { output, buffer: String::new() }
    }

    /// A record of these values, which have these names.
    pub fn record<'n>(
        &mut self,
        names: impl Iterator<Item = &'n str>,
        values: impl Iterator<Item = Value<'n>>,
    ) -> Result<(), SelectError> {
        let begin = self.buffer.len();
        match self.output {
            Output::Csv(csv) => csv::record(csv, values, &mut self.buffer),
            Output::Json(json) => json::record(json, names, values, &mut self.buffer),
        }
        if self.buffer.len() - begin > MAX_RECORD {
            self.buffer.truncate(begin);
            let message = format!("A record of the result is longer than the maximum of {MAX_RECORD} bytes.");
            return fail(Code::OverMaxRecordSize, message);
        }
        Ok(())
    }

    /// The whole row; `names` are its columns', as far as they have some.
    pub fn row(&mut self, row: &Row, names: &[String], numbers: &mut Numbers) -> Result<(), SelectError> {
        match row {
            Row::Csv(row) => {
                let count = row.fields().count();
                let known = names.iter().map(String::as_str).take(count);
                let names = known.chain(numbers.upto(count).skip(names.len()));
                self.record(names, row.fields().map(Value::field))
            }
            Row::Tree(None) => self.record(std::iter::empty(), std::iter::empty()),
            Row::Tree(Some(Datum::Struct(members))) => {
                let names = members.iter().map(|(name, _)| name.as_str());
                self.record(names, members.iter().map(|(_, datum)| datum.value()))
            }
            Row::Tree(Some(datum)) => self.record(numbers.upto(1), std::iter::once(datum.value())),
        }
    }

    /// Bytes that wait to be taken.
    pub fn len(&self) -> usize {
        self.buffer.len()
    }

    pub fn take(&mut self) -> String {
        std::mem::take(&mut self.buffer)
    }
}

/// The names `_1`, `_2` and so on, made once.
#[derive(Debug, Default)]
pub struct Numbers(Vec<String>);

impl Numbers {
    fn upto(&mut self, count: usize) -> impl Iterator<Item = &str> {
        while self.0.len() < count {
            self.0.push(format!("_{}", self.0.len() + 1));
        }
        self.0.iter().take(count).map(String::as_str)
    }
}
