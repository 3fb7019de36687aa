//! Writing values, each in the one form that MinIO writes.

use super::{GO_ZERO_SECS, TIME_GO, marker::*};
use base::Timestamp;
use uuid::Uuid;

/// Encoded values in the order in which they were written.
///
/// A length above 32 bits can't be expressed in msgpack; writing one is a bug of the caller and panics.
#[derive(Debug, Default)]
pub struct Writer {
    out: Vec<u8>,
}

impl Writer {
    /// An empty writer.
    pub fn new() -> Self {
        Writer::default()
    }

    /// An empty writer with room for `capacity` bytes.
    pub fn with_capacity(capacity: usize) -> Self {
        Writer { out: Vec::with_capacity(capacity) }
    }

    /// A writer that continues after `out`.
    pub fn after(out: Vec<u8>) -> Self {
        Writer { out }
    }

    /// What has been written.
    pub fn finish(self) -> Vec<u8> {
        self.out
    }

    /// A field of a signed type: never one of the unsigned forms beyond 127.
    pub fn int(&mut self, value: i64) {
        if let Ok(small) = i8::try_from(value) {
            match small {
                -32.. => self.out.extend(small.to_be_bytes()),
                _ => self.put(INT8, &small.to_be_bytes()),
            }
        } else if let Ok(value) = i16::try_from(value) {
            self.put(INT16, &value.to_be_bytes());
        } else if let Ok(value) = i32::try_from(value) {
            self.put(INT32, &value.to_be_bytes());
        } else {
            self.put(INT64, &value.to_be_bytes());
        }
    }

    /// A field of a signed type whose value is a size or count; saturates above 63 bits, which the reader refuses.
    pub fn size(&mut self, value: u64) {
        self.int(i64::try_from(value).unwrap_or(i64::MAX));
    }

    /// A field of an unsigned type.
    pub fn uint(&mut self, value: u64) {
        if let Ok(value) = u8::try_from(value) {
            match value {
                0..=0x7f => self.out.push(value),
                _ => self.put(UINT8, &[value]),
            }
        } else if let Ok(value) = u16::try_from(value) {
            self.put(UINT16, &value.to_be_bytes());
        } else if let Ok(value) = u32::try_from(value) {
            self.put(UINT32, &value.to_be_bytes());
        } else {
            self.put(UINT64, &value.to_be_bytes());
        }
    }

    /// True or false.
    pub fn bool(&mut self, value: bool) {
        self.out.push(if value { TRUE } else { FALSE });
    }

    /// Nil.
    pub fn nil(&mut self) {
        self.out.push(NIL);
    }

    /// Text.
    pub fn text(&mut self, value: &str) {
        self.text_bytes(value.as_bytes());
    }

    /// Text from bytes that need not be UTF-8.
    pub fn text_bytes(&mut self, value: &[u8]) {
        match u8::try_from(value.len()) {
            Ok(length @ 0..=31) => self.out.push(0xa0 | length),
            Ok(length) => self.put(STR8, &[length]),
            Err(_) => self.length(value.len(), STR16, STR32),
        }
        self.out.extend_from_slice(value);
    }

    /// Binary.
    pub fn binary(&mut self, value: &[u8]) {
        match u8::try_from(value.len()) {
            Ok(length) => self.put(BIN8, &[length]),
            Err(_) => self.length(value.len(), BIN16, BIN32),
        }
        self.out.extend_from_slice(value);
    }

    /// Binary in the 32-bit form whatever its length.
    pub(crate) fn binary32(&mut self, value: &[u8]) {
        self.put(BIN32, &length32(value.len()).to_be_bytes());
        self.out.extend_from_slice(value);
    }

    /// An unsigned number in the 32-bit form whatever its value.
    pub(crate) fn uint32(&mut self, value: u32) {
        self.put(UINT32, &value.to_be_bytes());
    }

    /// An id as 16 bytes of binary.
    pub fn uuid(&mut self, value: Uuid) {
        self.binary(value.as_bytes());
    }

    /// A time in UTC. `Timestamp::ZERO` is written as Go's zero time.
    pub fn time(&mut self, value: Timestamp) {
        let secs = if value.is_zero() { GO_ZERO_SECS } else { value.secs() };
        self.put(EXT8, &[12, TIME_GO]);
        self.out.extend(secs.to_be_bytes());
        self.out.extend(value.subsec_nanos().to_be_bytes());
    }

    /// The head of an array of `count` values.
    pub fn array(&mut self, count: usize) {
        match u8::try_from(count) {
            Ok(count @ 0..=15) => self.out.push(0x90 | count),
            _ => self.length(count, ARRAY16, ARRAY32),
        }
    }

    /// The head of a map of `count` pairs.
    pub fn map(&mut self, count: usize) {
        match u8::try_from(count) {
            Ok(count @ 0..=15) => self.out.push(0x80 | count),
            _ => self.length(count, MAP16, MAP32),
        }
    }

    /// An array of text.
    pub fn strings(&mut self, values: &[String]) {
        self.array(values.len());
        values.iter().for_each(|value| self.text(value));
    }

    /// Values that are encoded already.
    pub fn encoded(&mut self, values: &[u8]) {
        self.out.extend_from_slice(values);
    }

    fn put(&mut self, marker: u8, rest: &[u8]) {
        self.out.push(marker);
        self.out.extend_from_slice(rest);
    }

    fn length(&mut self, length: usize, marker16: u8, marker32: u8) {
        match u16::try_from(length) {
            Ok(length) => self.put(marker16, &length.to_be_bytes()),
            Err(_) => self.put(marker32, &length32(length).to_be_bytes()),
        }
    }
}

fn length32(length: usize) -> u32 {
    u32::try_from(length).expect("msgpack values are shorter than 4 GiB")
}
