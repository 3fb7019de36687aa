//! Looks at the heads of HTTP/1 requests as they come from the wire, before they are parsed.
//!
//! hyper follows RFC 9112 where length headers contradict each other, but what it drops on the way (a `Content-Length` beside
//! `Transfer-Encoding`, a repeated one) can't be seen afterwards. A proxy in front may have read such a head
//! differently, and the difference is what request smuggling lives on. So the lines are counted here, and the request is
//! refused (RFC 9112 §6.1, §6.3).
//!
//! The scanner only counts; where it disagreed with the parser it could refuse a request or overlook one, but never change how one
//! is framed.

use std::sync::atomic::{AtomicU64, Ordering};

/// A line's first bytes: the longest name looked for, a colon, blanks and the longest length.
const LINE_START: usize = 64;

/// The verdict on the heads of a connection, shared between the scanner and the service.
#[derive(Debug)]
pub(super) struct Heads {
    /// The number of the first request to refuse.
    bad: AtomicU64,
}

impl Heads {
    pub(super) fn new() -> Self {
        Heads { bad: AtomicU64::new(u64::MAX) }
    }

    /// Whether the request with this number, counted from zero, is to be refused.
    pub(super) fn is_bad(&self, number: u64) -> bool {
        number >= self.bad.load(Ordering::Acquire)
    }
}

/// Follows a connection's bytes from head to head.
#[derive(Debug)]
pub(super) struct Scanner {
    state: State,
    /// The beginning of the line being read.
    line: Vec<u8>,
    lengths: u32,
    encodings: u32,
    length: u64,
    /// How many heads have ended.
    number: u64,
}

#[derive(Debug, PartialEq, Eq)]
enum State {
    /// Before the request line: empty lines don't count.
    Start,
    /// In the headers.
    Headers,
    /// In a body, of which so many bytes are to come.
    Body(u64),
    /// The next head can't be told any more; the connection ends with this request.
    Last,
}

impl Scanner {
    pub(super) fn new() -> Self {
        let line = Vec::with_capacity(LINE_START);
        Scanner { state: State::Start, line, lengths: 0, encodings: 0, length: 0, number: 0 }
    }

    /// Looks at the next bytes.
    pub(super) fn scan(&mut self, mut bytes: &[u8], heads: &Heads) {
        while !bytes.is_empty() {
            match self.state {
                State::Last => return,
                State::Body(left) => {
                    let here = bytes.len() as u64;
                    if left > here {
                        self.state = State::Body(left - here);
                        return;
                    }
                    bytes = &bytes[usize::try_from(left).unwrap_or(bytes.len())..];
                    self.state = State::Start;
                }
                State::Start | State::Headers => bytes = self.take_line(bytes, heads),
            }
        }
    }

    /// Takes bytes up to the end of the line and gives back the rest.
    fn take_line<'a>(&mut self, bytes: &'a [u8], heads: &Heads) -> &'a [u8] {
        let end = bytes.iter().position(|byte| *byte == b'\n');
        let part = &bytes[..end.unwrap_or(bytes.len())];
        let room = LINE_START - self.line.len();
        self.line.extend_from_slice(&part[..part.len().min(room)]);
        let Some(end) = end else {
            return &[];
        };
        self.end_line(heads);
        self.line.clear();
        &bytes[end + 1..]
    }

    fn end_line(&mut self, heads: &Heads) {
        let line = self.line.strip_suffix(b"\r").unwrap_or(&self.line);
        match (&self.state, line.is_empty()) {
            (State::Start, true) => {}
            (State::Start, false) => self.state = State::Headers,
            (_, true) => self.end_head(heads),
            (_, false) => {
                if let Some(value) = value_of(line, b"content-length") {
                    self.lengths += 1;
                    self.length = parse_length(value).unwrap_or(0);
                } else if let Some(value) = value_of(line, b"transfer-encoding") {
                    // Nothing here undoes another coding than chunks: with one before them it is one too many.
                    self.encodings += if value.trim_ascii().eq_ignore_ascii_case(b"chunked") { 1 } else { 2 };
                }
            }
        }
    }

    fn end_head(&mut self, heads: &Heads) {
        let bad = self.lengths > 1 || self.encodings > 1 || (self.lengths > 0 && self.encodings > 0);
        if bad {
            heads.bad.store(self.number, Ordering::Release);
        }
        self.state = if bad || self.encodings > 0 { State::Last } else { State::Body(self.length) };
        self.number += 1;
        (self.lengths, self.encodings, self.length) = (0, 0, 0);
    }
}

fn value_of<'a>(line: &'a [u8], name: &[u8]) -> Option<&'a [u8]> {
    let (found, rest) = line.split_at_checked(name.len())?;
    if found.eq_ignore_ascii_case(name) { rest.strip_prefix(b":") } else { None }
}

/// The parser refuses what isn't a number.
fn parse_length(value: &[u8]) -> Option<u64> {
    std::str::from_utf8(value).ok()?.trim().parse().ok()
}
