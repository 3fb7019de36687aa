//! Values of JSON, one after the other. A document is never held as a whole: what the path of FROM doesn't lead to is
//! passed over, and only rows are kept. What is passed over is checked for its strings and brackets alone.

mod datum;
mod scan;

use super::{Feed, Input, Row, Sink};
use crate::error::{Code, SelectError, fail};
use crate::request::{Compression, ScanRange};
use crate::sql::{Path, Step};
use crate::value::Datum;
use std::ops::ControlFlow;

/// Reads values.
pub struct Json {
    input: Input,
    /// The first byte of a value that isn't wanted any more.
    stop: u64,
    /// The value that is being read.
    text: Vec<u8>,
}

type Flow = Result<ControlFlow<()>, SelectError>;

impl Json {
    pub fn open(compression: Compression, range: Option<ScanRange>, feed: &Feed) -> Result<Self, SelectError> {
        let (start, stop) = range.map_or((0, u64::MAX), |range| bounds(range, feed.size()));
        let mut input = Input::open(feed, start.saturating_sub(1), compression)?;
        if start > 0 {
            scan::pass_line(&mut input)?;
        } else if input.starts_with("\u{feff}".as_bytes())? {
            input.advance(3);
        }
        Ok(Json { input, stop, text: Vec::new() })
    }

    pub fn run(mut self, Path(steps): &Path, sink: &mut Sink<'_>) -> Result<(), SelectError> {
        // `S3Object[*]` and `S3Object` are the same.
        let steps = steps.strip_prefix(&[Step::Each]).unwrap_or(steps);
        loop {
            scan::pass_space(&mut self.input)?;
            if self.input.peek()?.is_none() || self.input.offset() >= self.stop {
                return Ok(());
            }
            if self.walk(steps, sink)? == ControlFlow::Break(()) {
                return Ok(());
            }
        }
    }

    /// Hands out what the path leads to from the next value on; one row if it leads nowhere.
    fn walk(&mut self, steps: &[Step], sink: &mut Sink<'_>) -> Flow {
        scan::pass_space(&mut self.input)?;
        let Some((step, rest)) = steps.split_first() else {
            let datum = self.value()?;
            return sink(&Row::Tree(Some(datum)));
        };
        match (step, self.input.peek()?) {
            (Step::Key { .. }, Some(b'{')) => self.member(step, rest, sink),
            (Step::Each | Step::Index(_), Some(b'[')) => self.elements(step, rest, sink),
            _ => {
                scan::pass_value(&mut self.input)?;
                sink(&Row::Tree(None))
            }
        }
    }

    fn member(&mut self, step: &Step, rest: &[Step], sink: &mut Sink<'_>) -> Flow {
        self.input.advance(1);
        let mut found = false;
        let mut first = true;
        while self.goes_on(b'}', &mut first)? {
            if self.input.peek()? != Some(b'"') {
                return wrong(&self.input, "a name");
            }
            let Datum::Text(name) = self.value()? else { return wrong(&self.input, "a name") };
            scan::pass_space(&mut self.input)?;
            if self.input.peek()? != Some(b':') {
                return wrong(&self.input, "':'");
            }
            self.input.advance(1);
            if !found && step.fits(&name) {
                found = true;
                if self.walk(rest, sink)? == ControlFlow::Break(()) {
                    return Ok(ControlFlow::Break(()));
                }
            } else {
                scan::pass_space(&mut self.input)?;
                scan::pass_value(&mut self.input)?;
            }
        }
        if found { Ok(ControlFlow::Continue(())) } else { sink(&Row::Tree(None)) }
    }

    fn elements(&mut self, step: &Step, rest: &[Step], sink: &mut Sink<'_>) -> Flow {
        self.input.advance(1);
        let mut found = *step == Step::Each;
        let mut first = true;
        let mut index = 0;
        while self.goes_on(b']', &mut first)? {
            if *step == Step::Each || *step == Step::Index(index) {
                found = true;
                if self.walk(rest, sink)? == ControlFlow::Break(()) {
                    return Ok(ControlFlow::Break(()));
                }
            } else {
                scan::pass_value(&mut self.input)?;
            }
            index += 1;
        }
        if found { Ok(ControlFlow::Continue(())) } else { sink(&Row::Tree(None)) }
    }

    /// Whether another member or element follows, in front of which one is then; else one is behind `close`.
    fn goes_on(&mut self, close: u8, first: &mut bool) -> Result<bool, SelectError> {
        scan::pass_space(&mut self.input)?;
        match self.input.peek()? {
            Some(byte) if byte == close => {
                self.input.advance(1);
                return Ok(false);
            }
            Some(b',') if !*first => self.input.advance(1),
            Some(_) if *first => {}
            _ => return wrong(&self.input, &format!("',' or '{}'", char::from(close))),
        }
        *first = false;
        scan::pass_space(&mut self.input)?;
        Ok(true)
    }

    /// The next value.
    fn value(&mut self) -> Result<Datum, SelectError> {
        let start = self.input.offset();
        self.text.clear();
        scan::take_value(&mut self.input, &mut self.text)?;
        if std::str::from_utf8(&self.text).is_err() {
            return fail(Code::InvalidTextEncoding, format!("The value at byte {start} isn't UTF-8."));
        }
        serde_json::from_slice(&self.text)
            .or_else(|error| fail(Code::JSONParsingError, format!("The value at byte {start} isn't JSON: {error}.")))
    }
}

fn wrong<T>(input: &Input, expected: &str) -> Result<T, SelectError> {
    fail(Code::JSONParsingError, format!("Expected {expected} at byte {}.", input.offset()))
}

/// The first byte of a range, and the first behind it.
pub fn bounds(range: ScanRange, size: u64) -> (u64, u64) {
    match (range.start, range.end) {
        (Some(start), end) => (start, end.unwrap_or(u64::MAX)),
        // Only an end: so many bytes at the end of the object.
        (None, end) => (size.saturating_sub(end.unwrap_or(0)), u64::MAX),
    }
}
