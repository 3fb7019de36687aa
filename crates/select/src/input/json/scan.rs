//! Where values of JSON end.

use super::super::Input;
use crate::error::{Code, SelectError, fail};
use crate::limits::{MAX_JSON_DEPTH, MAX_RECORD};

pub fn pass_space(input: &mut Input) -> Result<(), SelectError> {
    loop {
        let rest = input.at_hand()?;
        let count = rest.iter().take_while(|byte| matches!(byte, b' ' | b'\t' | b'\r' | b'\n')).count();
        if count == 0 {
            return Ok(());
        }
        input.advance(count);
    }
}

/// Passes over everything up to and with the next line feed.
pub fn pass_line(input: &mut Input) -> Result<(), SelectError> {
    loop {
        let rest = input.at_hand()?;
        if rest.is_empty() {
            return Ok(());
        }
        match rest.iter().position(|byte| *byte == b'\n') {
            Some(at) => {
                input.advance(at + 1);
                return Ok(());
            }
            None => {
                let count = rest.len();
                input.advance(count);
            }
        }
    }
}

/// Passes over a value.
pub fn pass_value(input: &mut Input) -> Result<(), SelectError> {
    scan(input, &mut |_| Ok(()))
}

/// Takes a value's text, of the length of a record at most.
pub fn take_value(input: &mut Input, text: &mut Vec<u8>) -> Result<(), SelectError> {
    let start = input.offset();
    scan(input, &mut |piece| {
        text.extend_from_slice(piece);
        if text.len() > MAX_RECORD {
            let message = format!("The record at byte {start} is longer than the maximum of {MAX_RECORD} bytes.");
            return fail(Code::OverMaxRecordSize, message);
        }
        Ok(())
    })
}

/// Gives the bytes of the next value to `take`.
fn scan(input: &mut Input, take: &mut dyn FnMut(&[u8]) -> Result<(), SelectError>) -> Result<(), SelectError> {
    let start = input.offset();
    let mut state = State::default();
    loop {
        let rest = input.at_hand()?;
        if rest.is_empty() {
            if state.scalar {
                return Ok(());
            }
            return fail(Code::JSONParsingError, format!("The value at byte {start} is cut off."));
        }
        let mut count = 0;
        let mut over = false;
        for byte in rest {
            match state.step(*byte, start)? {
                Step::Within => count += 1,
                Step::Last => {
                    count += 1;
                    over = true;
                    break;
                }
                Step::Behind => {
                    over = true;
                    break;
                }
            }
        }
        take(&rest[..count])?;
        input.advance(count);
        if over {
            return Ok(());
        }
    }
}

/// Where in a value one is.
#[derive(Default)]
struct State {
    /// The brackets that are open.
    open: Vec<u8>,
    text: bool,
    escaped: bool,
    /// In a number or a word, which end where something else begins.
    scalar: bool,
}

/// What a byte is.
enum Step {
    Within,
    /// The last of the value.
    Last,
    /// Not of the value any more.
    Behind,
}

impl State {
    fn step(&mut self, byte: u8, start: u64) -> Result<Step, SelectError> {
        if self.text {
            if self.escaped {
                self.escaped = false;
            } else if byte == b'\\' {
                self.escaped = true;
            } else if byte == b'"' {
                self.text = false;
                return Ok(self.closed());
            }
            return Ok(Step::Within);
        }
        if self.scalar {
            let ends = matches!(byte, b' ' | b'\t' | b'\r' | b'\n' | b',' | b']' | b'}' | b':' | b'"' | b'[' | b'{');
            return Ok(if ends { Step::Behind } else { Step::Within });
        }
        match byte {
            b'"' => self.text = true,
            b'{' | b'[' if self.open.len() >= MAX_JSON_DEPTH => {
                let message = format!("The value at byte {start} nests deeper than {MAX_JSON_DEPTH} levels.");
                return fail(Code::JSONParsingError, message);
            }
            b'{' | b'[' => self.open.push(byte),
            b'}' | b']' => {
                let opened = if byte == b'}' { b'{' } else { b'[' };
                if self.open.pop() != Some(opened) {
                    let message = format!("The value at byte {start} has an unexpected '{}'.", char::from(byte));
                    return fail(Code::JSONParsingError, message);
                }
                return Ok(self.closed());
            }
            _ if self.open.is_empty() => self.scalar = true,
            _ => {}
        }
        Ok(Step::Within)
    }

    fn closed(&self) -> Step {
        if self.open.is_empty() { Step::Last } else { Step::Within }
    }
}
