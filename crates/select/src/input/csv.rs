//! Records of CSV.
//!
//! Written here because delimiters may have several bytes, quotes and escapes may be any characters, and the place of
//! each record must be known; libraries have delimiters of one byte.

use super::{Feed, Input, Row, Sink};
use crate::error::{Code, SelectError, fail};
use crate::limits::{MAX_COLUMNS, MAX_RECORD};
use crate::request::{CsvInput, Header, Request};
use crate::sql::{Path, Step};
use std::ops::ControlFlow;

const BYTE_ORDER_MARK: &[u8] = "\u{feff}".as_bytes();

/// The fields of a record.
#[derive(Debug, Default)]
pub struct CsvRow {
    text: String,
    /// Where each field ends in `text`.
    ends: Vec<usize>,
}

impl CsvRow {
    pub fn field(&self, index: usize) -> Option<&str> {
        let end = *self.ends.get(index)?;
        let start = index.checked_sub(1).and_then(|before| self.ends.get(before)).map_or(0, |end| *end);
        self.text.get(start..end)
    }

    pub fn fields(&self) -> impl Iterator<Item = &str> {
        (0..self.ends.len()).filter_map(|index| self.field(index))
    }
}

/// Reads records.
pub struct Csv {
    parser: Parser,
    input: Input,
    /// The first byte of a record that isn't wanted any more.
    stop: u64,
    names: Option<Vec<String>>,
}

impl Csv {
    pub fn open(csv: &CsvInput, request: &Request, feed: &Feed) -> Result<Self, SelectError> {
        let compression = request.input.compression;
        let mut parser = Parser::new(csv);
        let mut input = Input::open(feed, 0, compression)?;
        if input.starts_with(BYTE_ORDER_MARK)? {
            input.advance(BYTE_ORDER_MARK.len());
        }
        let mut names = None;
        if csv.header != Header::None {
            let mut row = CsvRow::default();
            parser.next(&mut input, &mut row, u64::MAX)?;
            if csv.header == Header::Use {
                names = Some(row.fields().map(|name| name.trim().to_owned()).collect());
            }
        }
        let (start, stop) = match request.scan_range {
            None => (0, u64::MAX),
            Some(range) => super::json::bounds(range, feed.size()),
        };
        if start > input.offset() {
            // A record that begins at `start` has a delimiter in front of it.
            let delimiter = csv.record_delimiter.as_bytes();
            input = Input::open(feed, start - (delimiter.len() as u64).min(start), compression)?;
            parser.pass_delimiter(&mut input)?;
        }
        Ok(Csv { parser, input, stop, names })
    }

    pub fn names(&self) -> Option<&[String]> {
        self.names.as_deref()
    }

    /// The field that a path leads to, from zero.
    pub fn slot(&self, Path(steps): &Path) -> Result<usize, SelectError> {
        let [step @ Step::Key { name, exact }] = &**steps else {
            return fail(Code::InvalidKeyPath, "Fields of CSV have no members and no elements.");
        };
        let names = self.names.as_deref().unwrap_or_default();
        if let Some(index) = names.iter().position(|found| found == name) {
            return Ok(index);
        }
        let mut fitting = names.iter().enumerate().filter(|(_, found)| !exact && step.fits(found));
        if let Some((index, _)) = fitting.next() {
            if fitting.next().is_some() {
                return fail(Code::AmbiguousFieldName, format!("The column name '{name}' fits several columns."));
            }
            return Ok(index);
        }
        match step.position() {
            Some(0) => fail(Code::InvalidColumnIndex, "The column index _0 is invalid: the first column is _1."),
            Some(number) if number <= MAX_COLUMNS => Ok(number - 1),
            Some(number) => fail(Code::InvalidColumnIndex, format!("The column index _{number} is invalid.")),
            None => fail(Code::MissingHeaders, format!("The column '{name}' of the query is missing from the object.")),
        }
    }

    pub fn run(mut self, sink: &mut Sink<'_>) -> Result<(), SelectError> {
        let mut row = Row::Csv(CsvRow::default());
        loop {
            let Row::Csv(record) = &mut row else { return Ok(()) };
            if !self.parser.next(&mut self.input, record, self.stop)? {
                return Ok(());
            }
            if sink(&row)? == ControlFlow::Break(()) {
                return Ok(());
            }
        }
    }
}

/// How records are written.
pub struct Parser {
    record: Vec<u8>,
    field: Vec<u8>,
    quote: Option<u8>,
    escape: Option<u8>,
    comment: Option<u8>,
    multiline: bool,
    /// Bytes that may end an unquoted field.
    special: [bool; 256],
    /// The record in progress: its text, and whether it has a quoted field.
    text: Vec<u8>,
    quoted: bool,
}

/// What is behind a field.
#[derive(PartialEq)]
enum After {
    Field,
    Record,
}

impl Parser {
    pub fn new(csv: &CsvInput) -> Self {
        let (record, field) = (csv.record_delimiter.as_bytes().to_vec(), csv.field_delimiter.as_bytes().to_vec());
        let mut special = [false; 256];
        for byte in [record.first(), field.first()].into_iter().flatten() {
            special[usize::from(*byte)] = true;
        }
        Parser {
            record,
            field,
            quote: csv.quote,
            escape: csv.quote_escape,
            comment: csv.comments,
            multiline: csv.quoted_record_delimiter,
            special,
            text: Vec::new(),
            quoted: false,
        }
    }

    /// The next record that begins before `stop`; false if there is none. Empty lines and comments are passed over.
    pub fn next(&mut self, input: &mut Input, row: &mut CsvRow, stop: u64) -> Result<bool, SelectError> {
        loop {
            let start = input.offset();
            let Some(first) = input.peek()? else { return Ok(false) };
            if start >= stop {
                return Ok(false);
            }
            if Some(first) == self.comment {
                self.pass_delimiter(input)?;
                continue;
            }
            self.text = std::mem::take(&mut row.text).into_bytes();
            self.text.clear();
            row.ends.clear();
            self.quoted = false;
            self.record(input, &mut row.ends, start)?;
            if self.text.is_empty() && row.ends.len() == 1 && !self.quoted {
                continue;
            }
            row.text = String::from_utf8(std::mem::take(&mut self.text)).map_err(|_| {
                SelectError::new(Code::InvalidTextEncoding, format!("The record at byte {start} isn't UTF-8."))
            })?;
            return Ok(true);
        }
    }

    fn record(&mut self, input: &mut Input, ends: &mut Vec<usize>, start: u64) -> Result<(), SelectError> {
        loop {
            if ends.len() >= MAX_COLUMNS {
                let message = format!("The record at byte {start} has more than {MAX_COLUMNS} fields.");
                return fail(Code::OverMaxColumn, message);
            }
            let begin = self.text.len();
            if self.quote.is_some() && input.peek()? == self.quote {
                input.advance(1);
                self.quoted = true;
                self.quoted_part(input, start)?;
            }
            let quoted = self.text.len();
            let after = self.plain_part(input, start)?;
            // Lines may end in two bytes.
            if after == After::Record
                && self.record == b"\n"
                && self.text.len() > quoted.max(begin)
                && self.text.ends_with(b"\r")
            {
                self.text.pop();
            }
            ends.push(self.text.len());
            if after == After::Record {
                return Ok(());
            }
        }
    }

    /// Up to a delimiter, or the end.
    fn plain_part(&mut self, input: &mut Input, start: u64) -> Result<After, SelectError> {
        loop {
            self.check_size(start)?;
            let special = &self.special;
            let rest = input.at_hand()?;
            if rest.is_empty() {
                return Ok(After::Record);
            }
            let count = rest.iter().position(|byte| special[usize::from(*byte)]).unwrap_or(rest.len());
            self.text.extend_from_slice(&rest[..count]);
            input.advance(count);
            if input.peek()?.is_none() {
                self.check_size(start)?;
                return Ok(After::Record);
            }
            if input.starts_with(&self.record)? {
                self.check_size(start)?;
                input.advance(self.record.len());
                return Ok(After::Record);
            }
            if input.starts_with(&self.field)? {
                input.advance(self.field.len());
                return Ok(After::Field);
            }
            self.take_byte(input)?;
        }
    }

    /// From behind a quote to behind the one that closes it.
    fn quoted_part(&mut self, input: &mut Input, start: u64) -> Result<(), SelectError> {
        let unescaped = || {
            let message = format!("The record at byte {start} has a quote that isn't closed or not escaped.");
            fail(Code::CSVUnescapedQuote, message)
        };
        let delimiter = if self.multiline { None } else { self.record.first().copied() };
        loop {
            self.check_size(start)?;
            let (quote, escape) = (self.quote, self.escape);
            let rest = input.at_hand()?;
            if rest.is_empty() {
                return unescaped();
            }
            let stops = |byte: &u8| Some(*byte) == quote || Some(*byte) == escape || Some(*byte) == delimiter;
            let count = rest.iter().position(stops).unwrap_or(rest.len());
            self.text.extend_from_slice(&rest[..count]);
            input.advance(count);
            let Some(byte) = input.peek()? else { return unescaped() };
            if Some(byte) == delimiter && input.starts_with(&self.record)? {
                return unescaped();
            }
            if Some(byte) == escape {
                input.advance(1);
                let next = input.peek()?;
                if next == quote || (next == escape && next.is_some()) {
                    self.take_byte(input)?;
                } else if escape == quote {
                    return Ok(());
                } else {
                    self.text.push(byte);
                }
            } else if Some(byte) == quote {
                input.advance(1);
                return Ok(());
            } else if Some(byte) == delimiter {
                self.take_byte(input)?;
            }
        }
    }

    fn take_byte(&mut self, input: &mut Input) -> Result<(), SelectError> {
        if let Some(byte) = input.peek()? {
            self.text.push(byte);
            input.advance(1);
        }
        Ok(())
    }

    /// Passes over everything up to and with the next record delimiter.
    pub fn pass_delimiter(&self, input: &mut Input) -> Result<(), SelectError> {
        let Some(first) = self.record.first() else { return Ok(()) };
        loop {
            let rest = input.at_hand()?;
            if rest.is_empty() {
                return Ok(());
            }
            let count = rest.iter().position(|byte| byte == first).unwrap_or(rest.len());
            input.advance(count);
            if input.starts_with(&self.record)? {
                input.advance(self.record.len());
                return Ok(());
            }
            if input.peek()?.is_some() {
                input.advance(1);
            }
        }
    }

    fn check_size(&self, start: u64) -> Result<(), SelectError> {
        if self.text.len() > MAX_RECORD {
            let message = format!("The record at byte {start} is longer than the maximum of {MAX_RECORD} bytes.");
            return fail(Code::OverMaxRecordSize, message);
        }
        Ok(())
    }
}
