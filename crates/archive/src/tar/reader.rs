//! A tar that comes in pieces, as events.

use super::header::{BLOCK, Header, HeaderKind, text};
use super::{EntryKind, MAX_LONG_NAME, MAX_PAX, TarEntry, TarError, pax};
use base::Timestamp;
use bytes::{Buf, Bytes};
use std::collections::VecDeque;

/// What comes next in a tar.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Event {
    Entry(TarEntry),
    /// Bytes of the entry that began last.
    Data(Bytes),
    /// The entry is whole.
    EntryEnd,
    /// The tar is over; what follows it means nothing.
    End,
}

/// Reads a tar that is pushed in pieces.
#[derive(Debug)]
pub struct TarReader {
    state: State,
    /// What came and wasn't used yet.
    input: VecDeque<Bytes>,
    ended: bool,
    /// For the next entry.
    long_name: Option<Vec<u8>>,
    records: Vec<(String, String)>,
}

#[derive(Debug)]
enum State {
    /// A header, or after one zero block a second.
    Header {
        zero: bool,
    },
    /// What describes the next entry.
    Extension {
        kind: HeaderKind,
        left: u64,
        padding: u64,
        bytes: Vec<u8>,
    },
    Data {
        left: u64,
        padding: u64,
    },
    Padding {
        left: u64,
    },
    Over,
}

impl TarReader {
    #[expect(clippy::new_without_default, reason = "a reader is made for a tar, not by default")]
    pub fn new() -> Self {
        TarReader {
            state: State::Header { zero: false },
            input: VecDeque::new(),
            ended: false,
            long_name: None,
            records: Vec::new(),
        }
    }

    /// Takes the next piece.
    pub fn push(&mut self, piece: Bytes) {
        if !piece.is_empty() && !matches!(self.state, State::Over) {
            self.input.push_back(piece);
        }
    }

    /// No more input follows.
    pub fn end(&mut self) {
        self.ended = true;
    }

    /// The next event; `None` asks for more input. After [`Event::End`] or an error nothing follows.
    pub fn next_event(&mut self) -> Result<Option<Event>, TarError> {
        let next = self.advance();
        if next.is_err() {
            self.state = State::Over;
        }
        next
    }

    fn advance(&mut self) -> Result<Option<Event>, TarError> {
        loop {
            match &mut self.state {
                State::Header { zero } => {
                    let zero = *zero;
                    let Some(block) = self.block()? else {
                        return Ok(self.at_end());
                    };
                    if block.iter().all(|byte| *byte == 0) {
                        if zero {
                            return Ok(Some(self.over()));
                        }
                        self.state = State::Header { zero: true };
                        continue;
                    }
                    if zero {
                        return Err(TarError::Header);
                    }
                    if let Some(entry) = self.header(&block)? {
                        return Ok(Some(Event::Entry(entry)));
                    }
                }
                State::Extension { kind, left, padding, bytes } => {
                    if *left > 0 {
                        let (kind, mut bytes, left, padding) = (*kind, std::mem::take(bytes), *left, *padding);
                        let Some(piece) = self.take(left)? else {
                            self.state = State::Extension { kind, left, padding, bytes };
                            return self.starved();
                        };
                        bytes.extend_from_slice(&piece);
                        let left = left - piece.len() as u64;
                        self.state = State::Extension { kind, left, padding, bytes };
                        continue;
                    }
                    let (kind, bytes, padding) = (*kind, std::mem::take(bytes), *padding);
                    self.extension(kind, &bytes)?;
                    self.state = State::Padding { left: padding };
                }
                State::Data { left: 0, padding } => {
                    self.state = State::Padding { left: *padding };
                    return Ok(Some(Event::EntryEnd));
                }
                State::Data { left, padding } => {
                    let (left, padding) = (*left, *padding);
                    let Some(piece) = self.take(left)? else { return self.starved() };
                    self.state = State::Data { left: left - piece.len() as u64, padding };
                    return Ok(Some(Event::Data(piece)));
                }
                State::Padding { left: 0 } => self.state = State::Header { zero: false },
                State::Padding { left } => {
                    let left = *left;
                    let Some(piece) = self.take(left)? else {
                        // Some programs leave out what only fills the last block.
                        return Ok(self.at_end());
                    };
                    self.state = State::Padding { left: left - piece.len() as u64 };
                }
                State::Over => return Ok(None),
            }
        }
    }

    /// Whether this is the end, where one may be.
    fn at_end(&mut self) -> Option<Event> {
        (self.ended && self.input.is_empty()).then(|| self.over())
    }

    fn over(&mut self) -> Event {
        self.state = State::Over;
        self.input.clear();
        Event::End
    }

    fn starved(&self) -> Result<Option<Event>, TarError> {
        if self.ended { Err(TarError::Truncated) } else { Ok(None) }
    }

    /// Up to `most` bytes of what came; `None` if there is nothing.
    fn take(&mut self, most: u64) -> Result<Option<Bytes>, TarError> {
        let Some(front) = self.input.front_mut() else { return Ok(None) };
        let length = usize::try_from(most).map_or(front.len(), |most| most.min(front.len()));
        let piece = front.split_to(length);
        if front.is_empty() {
            self.input.pop_front();
        }
        Ok(Some(piece))
    }

    /// A whole block, once it is there; an error if the tar ends within.
    fn block(&mut self) -> Result<Option<[u8; BLOCK]>, TarError> {
        let there: usize = self.input.iter().map(Bytes::len).sum();
        if there < BLOCK {
            return if self.ended && there > 0 { Err(TarError::Truncated) } else { Ok(None) };
        }
        let mut block = [0; BLOCK];
        let mut filled = 0;
        while filled < BLOCK
            && let Some(front) = self.input.front_mut()
        {
            let length = front.len().min(BLOCK - filled);
            front.copy_to_slice(&mut block[filled..filled + length]);
            filled += length;
            if front.is_empty() {
                self.input.pop_front();
            }
        }
        Ok(Some(block))
    }

    /// A header: the entry that begins, if it isn't about the next one.
    fn header(&mut self, block: &[u8; BLOCK]) -> Result<Option<TarEntry>, TarError> {
        let header = Header::parse(block)?;
        let limit = match header.kind {
            HeaderKind::Sparse => return Err(TarError::Sparse),
            HeaderKind::Entry(kind) => return self.entry(header, kind).map(Some),
            HeaderKind::Pax => MAX_PAX,
            HeaderKind::LongName | HeaderKind::LongLink => MAX_LONG_NAME,
        };
        if header.size > limit {
            return Err(TarError::TooLong);
        }
        let (left, padding) = (header.size, padding(header.size));
        self.state = State::Extension { kind: header.kind, left, padding, bytes: Vec::new() };
        Ok(None)
    }

    fn extension(&mut self, kind: HeaderKind, bytes: &[u8]) -> Result<(), TarError> {
        match kind {
            HeaderKind::Pax => self.records = pax::parse(bytes)?,
            HeaderKind::LongName => self.long_name = Some(text(bytes).to_vec()),
            _ => {}
        }
        Ok(())
    }

    fn entry(&mut self, header: Header, kind: EntryKind) -> Result<TarEntry, TarError> {
        let records = std::mem::take(&mut self.records);
        let name = self.long_name.take().unwrap_or(header.name);
        let seconds = header.mod_time.checked_mul(1_000_000_000).ok_or(TarError::Header)?;
        let mut entry = TarEntry {
            name: String::from_utf8_lossy(&name).into_owned(),
            kind,
            size: header.size,
            mod_time: Timestamp::from_nanos(seconds),
            records,
        };
        for (key, value) in &entry.records {
            match key.as_str() {
                "path" => entry.name.clone_from(value),
                "mtime" => entry.mod_time = pax::time(value)?,
                "size" if matches!(kind, EntryKind::File | EntryKind::Other) => {
                    let valid = value.bytes().all(|byte| byte.is_ascii_digit());
                    entry.size = value.parse().ok().filter(|_| valid).ok_or(TarError::Header)?;
                }
                _ => {}
            }
        }
        if header.v7_file && entry.name.ends_with('/') {
            entry.kind = EntryKind::Directory;
        }
        self.state = State::Data { left: entry.size, padding: padding(entry.size) };
        Ok(entry)
    }
}

/// Bytes up to the next block.
fn padding(size: u64) -> u64 {
    (BLOCK as u64 - size % BLOCK as u64) % BLOCK as u64
}
