//! Rows from the bytes of an object.

mod bytes;
mod csv;
mod json;
mod parquet;
mod tree;

pub use bytes::{Ask, Feed, Input};
pub use csv::CsvRow;

use crate::error::{Code, SelectError, fail};
use crate::request::{InputFormat, JsonInput, Request};
use crate::sql::{Path, Projection, Query, Step};
use crate::value::{Datum, Value};
use std::ops::ControlFlow;

/// What takes rows: it may have had enough.
pub type Sink<'s> = dyn FnMut(&Row) -> Result<ControlFlow<()>, SelectError> + 's;

/// A row.
#[derive(Debug)]
pub enum Row {
    Csv(CsvRow),
    /// Of JSON or Parquet; `None` where the path of FROM leads nowhere.
    Tree(Option<Datum>),
}

/// Where rows have an attribute.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Slot {
    /// In this field of CSV, from zero.
    Field(usize),
    /// Wherever its path leads to.
    Path {
        /// Whether the path may be the row's own name.
        is_row: bool,
    },
}

impl Row {
    /// An attribute; missing if the row doesn't have it.
    pub fn attribute<'r>(&'r self, path: &Path, slot: &Slot) -> Result<Value<'r>, SelectError> {
        match (self, slot) {
            (Row::Csv(row), Slot::Field(index)) => Ok(row.field(*index).map_or(Value::Missing, Value::field)),
            (Row::Tree(Some(datum)), Slot::Path { is_row }) => tree::follow(datum, path, *is_row),
            _ => Ok(Value::Missing),
        }
    }
}

/// Reads the rows of an object.
pub struct Rows<'q> {
    request: &'q Request,
    query: &'q Query,
    feed: Feed,
    reader: Reader,
}

enum Reader {
    Csv(Box<csv::Csv>),
    Json(json::Json),
    Parquet(parquet::Parquet),
}

impl<'q> Rows<'q> {
    /// Opens the object, and reads the header if there is one.
    pub fn open(request: &'q Request, query: &'q Query, feed: Feed) -> Result<Self, SelectError> {
        let reader = match &request.input.format {
            InputFormat::Csv(csv) => {
                only_rows(&query.from)?;
                Reader::Csv(Box::new(csv::Csv::open(csv, request, &feed)?))
            }
            InputFormat::Json(kind) => {
                let range = match kind {
                    JsonInput::Lines => request.scan_range,
                    JsonInput::Document => None,
                };
                Reader::Json(json::Json::open(request.input.compression, range, &feed)?)
            }
            InputFormat::Parquet => {
                only_rows(&query.from)?;
                Reader::Parquet(parquet::Parquet::open(&feed)?)
            }
        };
        Ok(Rows { request, query, feed, reader })
    }

    /// The names of columns, if the object has them and they are used.
    pub fn names(&self) -> Option<&[String]> {
        match &self.reader {
            Reader::Csv(csv) => csv.names(),
            _ => None,
        }
    }

    /// Where the rows have the attributes of the query.
    pub fn bind(&self) -> Result<Vec<Slot>, SelectError> {
        self.query.columns.iter().map(|path| self.slot(path)).collect()
    }

    fn slot(&self, path: &Path) -> Result<Slot, SelectError> {
        match &self.reader {
            Reader::Csv(csv) => csv.slot(path).map(Slot::Field),
            _ => Ok(Slot::Path { is_row: self.is_row(path) }),
        }
    }

    fn is_row(&self, Path(steps): &Path) -> bool {
        let [step @ Step::Key { .. }] = &**steps else { return false };
        step.fits(&self.query.row_name.name)
    }

    /// Hands out row by row.
    pub fn run(self, sink: &mut Sink<'_>) -> Result<(), SelectError> {
        match self.reader {
            Reader::Csv(csv) => csv.run(sink),
            Reader::Json(json) => json.run(&self.query.from, sink),
            Reader::Parquet(parquet) => {
                let wanted = match self.query.projection {
                    Projection::Star => None,
                    Projection::Items(_) => Some(&*self.query.columns),
                };
                parquet.run(wanted, self.request.scan_range, self.feed.size(), sink)
            }
        }
    }
}

/// Refuses paths in FROM where rows have nothing that they could lead to.
fn only_rows(Path(steps): &Path) -> Result<(), SelectError> {
    match &**steps {
        [] | [Step::Each] => Ok(()),
        _ => fail(Code::InvalidKeyPath, "Only JSON objects can have a path behind S3Object."),
    }
}
