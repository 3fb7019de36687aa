//! Reading values from bytes that may be anything.

use super::{Error, GO_ZERO_SECS, TIME_GO, TIME_STANDARD, UnknownFields, marker::*};
use base::Timestamp;
use bytes::Bytes;
use uuid::Uuid;

/// A cursor over encoded values. After an error its position is unspecified.
#[derive(Debug, Clone)]
pub struct Reader<'a> {
    source: &'a Bytes,
    at: usize,
}

impl<'a> Reader<'a> {
    /// A reader at the first byte of `source`.
    pub fn new(source: &'a Bytes) -> Self {
        Reader { source, at: 0 }
    }

    /// How many bytes have been read.
    pub fn position(&self) -> usize {
        self.at
    }

    /// How many bytes are left.
    pub fn remaining(&self) -> usize {
        self.source.len() - self.at
    }

    /// A signed or unsigned integer of any width that fits 64 signed bits.
    pub fn int(&mut self) -> Result<i64, Error> {
        match self.number()? {
            Number::Signed(value) => Ok(value),
            Number::Unsigned(value) => i64::try_from(value).map_err(|_| Error::Range),
        }
    }

    /// A signed or unsigned integer of any width that is not negative.
    pub fn uint(&mut self) -> Result<u64, Error> {
        match self.number()? {
            Number::Signed(value) => u64::try_from(value).map_err(|_| Error::Range),
            Number::Unsigned(value) => Ok(value),
        }
    }

    /// A size or count that was written from a signed field: not negative, at most 63 bits.
    pub fn size(&mut self) -> Result<u64, Error> {
        u64::try_from(self.int()?).map_err(|_| Error::Range)
    }

    /// An integer that fits `T`.
    pub fn fit<T: TryFrom<u64>>(&mut self) -> Result<T, Error> {
        T::try_from(self.uint()?).map_err(|_| Error::Range)
    }

    /// True or false.
    pub fn bool(&mut self) -> Result<bool, Error> {
        match self.byte()? {
            FALSE => Ok(false),
            TRUE => Ok(true),
            found => Err(Error::Type { expected: "a boolean", found }),
        }
    }

    /// Steps over a nil if there is one here, and says whether there was.
    pub fn nil(&mut self) -> bool {
        let found = self.source.get(self.at) == Some(&NIL);
        self.at += usize::from(found);
        found
    }

    /// Text as the bytes it was stored as: Go strings need not be UTF-8.
    pub fn text_bytes(&mut self) -> Result<&'a [u8], Error> {
        let first = self.byte()?;
        match self.text_length(first)? {
            Some(length) => self.take(length),
            None => Err(Error::Type { expected: "text", found: first }),
        }
    }

    /// Text.
    pub fn text(&mut self) -> Result<&'a str, Error> {
        std::str::from_utf8(self.text_bytes()?).map_err(|_| Error::Utf8)
    }

    /// Text, as a string of its own.
    pub fn string(&mut self) -> Result<String, Error> {
        self.text().map(str::to_owned)
    }

    /// The key of a map: text or binary.
    pub fn key(&mut self) -> Result<&'a [u8], Error> {
        let first = self.byte()?;
        let length = match self.text_length(first)? {
            Some(length) => Some(length),
            None => self.binary_length(first)?,
        };
        self.take(length.ok_or(Error::Type { expected: "a map key", found: first })?)
    }

    /// Binary.
    pub fn binary(&mut self) -> Result<&'a [u8], Error> {
        let first = self.byte()?;
        match self.binary_length(first)? {
            Some(length) => self.take(length),
            None => Err(Error::Type { expected: "binary", found: first }),
        }
    }

    /// The length of a binary whose bytes need not be there; the reader stays before them.
    pub(crate) fn binary_head(&mut self) -> Result<usize, Error> {
        let first = self.byte()?;
        self.binary_length(first)?.ok_or(Error::Type { expected: "binary", found: first })
    }

    /// Binary, sharing the memory of the source.
    pub fn binary_shared(&mut self) -> Result<Bytes, Error> {
        let length = self.binary()?.len();
        Ok(self.source.slice(self.at - length..self.at))
    }

    /// Binary of exactly `N` bytes.
    pub fn fixed<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        self.binary()?.try_into().map_err(|_| Error::Length)
    }

    /// An id: binary of 16 bytes.
    pub fn uuid(&mut self) -> Result<Uuid, Error> {
        self.fixed().map(Uuid::from_bytes)
    }

    /// A time, Go's extension type or the standard one. Times outside of what a timestamp can hold saturate;
    /// Go's zero time is `Timestamp::ZERO`.
    pub fn time(&mut self) -> Result<Timestamp, Error> {
        let first = self.byte()?;
        let length = match first {
            EXT8 => self.length(1)?,
            FIXEXT4 => 4,
            FIXEXT8 => 8,
            found => return Err(Error::Type { expected: "a time", found }),
        };
        let kind = self.byte()?;
        let body = self.take(length)?;
        time_of(kind, body).ok_or(Error::Type { expected: "a time", found: first })
    }

    /// The number of elements of an array; `None` for nil. Each element takes a byte at least, so a count
    /// greater than the bytes left is an error.
    pub fn array_or_nil(&mut self) -> Result<Option<usize>, Error> {
        if self.nil() {
            return Ok(None);
        }
        self.array().map(Some)
    }

    /// The number of elements of an array.
    pub fn array(&mut self) -> Result<usize, Error> {
        let count = match self.byte()? {
            first @ 0x90..=0x9f => usize::from(first & 0x0f),
            ARRAY16 => self.length(2)?,
            ARRAY32 => self.length(4)?,
            found => return Err(Error::Type { expected: "an array", found }),
        };
        if count > self.remaining() { Err(Error::Truncated) } else { Ok(count) }
    }

    /// The number of pairs of a map; `None` for nil.
    pub fn map_or_nil(&mut self) -> Result<Option<usize>, Error> {
        if self.nil() {
            return Ok(None);
        }
        self.map().map(Some)
    }

    /// The number of pairs of a map. Each pair takes two bytes at least.
    pub fn map(&mut self) -> Result<usize, Error> {
        let count = self.map_unchecked()?;
        if count > self.remaining() / 2 { Err(Error::Truncated) } else { Ok(count) }
    }

    /// The number of pairs that a map announces, though the bytes left may not hold them.
    pub(crate) fn map_unchecked(&mut self) -> Result<usize, Error> {
        Ok(match self.byte()? {
            first @ 0x80..=0x8f => usize::from(first & 0x0f),
            MAP16 => self.length(2)?,
            MAP32 => self.length(4)?,
            found => return Err(Error::Type { expected: "a map", found }),
        })
    }

    /// An array of text; nil is an empty one.
    pub fn strings(&mut self) -> Result<Vec<String>, Error> {
        let count = self.array_or_nil()?.unwrap_or(0);
        (0..count).map(|_| self.string()).collect()
    }

    /// Reads a map with known fields. `field` is given each key with the reader at its value; it reads the
    /// value and says true, or says false without reading: then the pair goes to `unknown`.
    pub fn fields<E: From<Error>>(
        &mut self,
        unknown: &mut UnknownFields,
        mut field: impl FnMut(&'a [u8], &mut Reader<'a>) -> Result<bool, E>,
    ) -> Result<(), E> {
        for _ in 0..self.map()? {
            let start = self.at;
            let key = self.key()?;
            if !field(key, self)? {
                self.skip()?;
                unknown.push(&self.source[start..self.at]);
            }
        }
        Ok(())
    }

    /// Steps over one value of any type.
    pub fn skip(&mut self) -> Result<(), Error> {
        let mut pending: usize = 1;
        while pending > 0 {
            pending -= 1;
            // Counts are checked against the bytes left, so the sum stays far from overflow.
            pending += self.step()?;
        }
        Ok(())
    }

    /// One value of any type as encoded, sharing the memory of the source.
    pub fn raw(&mut self) -> Result<Bytes, Error> {
        let start = self.at;
        self.skip()?;
        Ok(self.source.slice(start..self.at))
    }

    /// Steps over one scalar or the head of one collection; returns how many values the collection holds.
    fn step(&mut self) -> Result<usize, Error> {
        let first = self.byte()?;
        let body = match first {
            0x00..=0x7f | 0xe0..=0xff | NIL | FALSE | TRUE => 0,
            0x80..=0x9f | ARRAY16 | ARRAY32 | MAP16 | MAP32 => {
                self.at -= 1;
                return if matches!(first, 0x80..=0x8f | MAP16 | MAP32) { Ok(self.map()? * 2) } else { self.array() };
            }
            0xa0..=0xbf => usize::from(first & 0x1f),
            UINT8 | INT8 => 1,
            UINT16 | INT16 | FIXEXT1 => 2,
            FIXEXT2 => 3,
            UINT32 | INT32 | FLOAT32 => 4,
            FIXEXT4 => 5,
            UINT64 | INT64 | FLOAT64 => 8,
            FIXEXT8 => 9,
            FIXEXT16 => 17,
            BIN8 | STR8 => self.length(1)?,
            BIN16 | STR16 => self.length(2)?,
            BIN32 | STR32 => self.length(4)?,
            EXT8 => self.length(1)?.saturating_add(1),
            EXT16 => self.length(2)?.saturating_add(1),
            EXT32 => self.length(4)?.saturating_add(1),
            found => return Err(Error::Type { expected: "a value", found }),
        };
        self.take(body).map(|_| 0)
    }

    fn number(&mut self) -> Result<Number, Error> {
        Ok(match self.byte()? {
            first @ 0x00..=0x7f => Number::Unsigned(first.into()),
            first @ 0xe0..=0xff => Number::Signed(i8::from_be_bytes([first]).into()),
            UINT8 => Number::Unsigned(self.byte()?.into()),
            UINT16 => Number::Unsigned(u16::from_be_bytes(self.bytes()?).into()),
            UINT32 => Number::Unsigned(u32::from_be_bytes(self.bytes()?).into()),
            UINT64 => Number::Unsigned(u64::from_be_bytes(self.bytes()?)),
            INT8 => Number::Signed(i8::from_be_bytes(self.bytes()?).into()),
            INT16 => Number::Signed(i16::from_be_bytes(self.bytes()?).into()),
            INT32 => Number::Signed(i32::from_be_bytes(self.bytes()?).into()),
            INT64 => Number::Signed(i64::from_be_bytes(self.bytes()?)),
            found => return Err(Error::Type { expected: "an integer", found }),
        })
    }

    fn text_length(&mut self, first: u8) -> Result<Option<usize>, Error> {
        Ok(Some(match first {
            0xa0..=0xbf => usize::from(first & 0x1f),
            STR8 => self.length(1)?,
            STR16 => self.length(2)?,
            STR32 => self.length(4)?,
            _ => return Ok(None),
        }))
    }

    fn binary_length(&mut self, first: u8) -> Result<Option<usize>, Error> {
        Ok(Some(match first {
            BIN8 => self.length(1)?,
            BIN16 => self.length(2)?,
            BIN32 => self.length(4)?,
            _ => return Ok(None),
        }))
    }

    /// A big-endian length of `width` bytes, at most four.
    fn length(&mut self, width: usize) -> Result<usize, Error> {
        let bytes = self.take(width)?;
        Ok(bytes.iter().fold(0, |length, &byte| length << 8 | usize::from(byte)))
    }

    fn byte(&mut self) -> Result<u8, Error> {
        let byte = *self.source.get(self.at).ok_or(Error::Truncated)?;
        self.at += 1;
        Ok(byte)
    }

    fn bytes<const N: usize>(&mut self) -> Result<[u8; N], Error> {
        self.take(N)?.try_into().map_err(|_| Error::Truncated)
    }

    fn take(&mut self, length: usize) -> Result<&'a [u8], Error> {
        let end = self.at.checked_add(length).ok_or(Error::Truncated)?;
        let taken = self.source.get(self.at..end).ok_or(Error::Truncated)?;
        self.at = end;
        Ok(taken)
    }
}

enum Number {
    Signed(i64),
    Unsigned(u64),
}

/// The time in the body of an extension of type `kind`.
fn time_of(kind: u8, body: &[u8]) -> Option<Timestamp> {
    let (secs, nanos) = match (kind, body.len()) {
        (TIME_GO, 12) => {
            let (secs, nanos) = body.split_first_chunk::<8>()?;
            (i64::from_be_bytes(*secs), u32::from_be_bytes(nanos.try_into().ok()?))
        }
        (TIME_STANDARD, 4) => (u32::from_be_bytes(body.try_into().ok()?).into(), 0),
        (TIME_STANDARD, 8) => {
            let word = u64::from_be_bytes(body.try_into().ok()?);
            (i64::try_from(word & ((1 << 34) - 1)).ok()?, u32::try_from(word >> 34).ok()?)
        }
        (TIME_STANDARD, 12) => {
            let (nanos, secs) = body.split_first_chunk::<4>()?;
            (i64::from_be_bytes(secs.try_into().ok()?), u32::from_be_bytes(*nanos))
        }
        _ => return None,
    };
    if nanos >= 1_000_000_000 {
        return None;
    }
    if secs == GO_ZERO_SECS && nanos == 0 {
        return Some(Timestamp::ZERO);
    }
    Some(Timestamp::from_nanos(secs.saturating_mul(1_000_000_000).saturating_add(nanos.into())))
}
