//! The msgpack dialect of the drive formats (section 1): a bounds-checked reader and a writer.
//!
//! Hashes are taken over encoded structures, so the writer has exactly one way to write a value. The reader
//! takes every width and signedness that fits the field. Neither recurses, so there is no depth to bound.

mod reader;
mod unknown;
mod writer;

#[cfg(test)]
mod tests;

pub use reader::Reader;
pub use unknown::UnknownFields;
pub use writer::Writer;

/// Why bytes are not the value that was expected.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The bytes end inside a value, or a count announces more elements than bytes are left.
    #[error("the bytes end inside a value")]
    Truncated,
    /// A value of another type, or a byte that begins no value.
    #[error("expected {expected}, found a value that begins with {found:#04x}")]
    Type {
        /// What the field holds.
        expected: &'static str,
        /// The first byte of what is there.
        found: u8,
    },
    /// A number that doesn't fit its field.
    #[error("a number does not fit its field")]
    Range,
    /// A fixed-length field of another length.
    #[error("a fixed-length field has another length")]
    Length,
    /// Text that is not UTF-8.
    #[error("text is not UTF-8")]
    Utf8,
}

/// First bytes of values, as the msgpack specification names them.
mod marker {
    pub const NIL: u8 = 0xc0;
    pub const FALSE: u8 = 0xc2;
    pub const TRUE: u8 = 0xc3;
    pub const BIN8: u8 = 0xc4;
    pub const BIN16: u8 = 0xc5;
    pub const BIN32: u8 = 0xc6;
    pub const EXT8: u8 = 0xc7;
    pub const EXT16: u8 = 0xc8;
    pub const EXT32: u8 = 0xc9;
    pub const FLOAT32: u8 = 0xca;
    pub const FLOAT64: u8 = 0xcb;
    pub const UINT8: u8 = 0xcc;
    pub const UINT16: u8 = 0xcd;
    pub const UINT32: u8 = 0xce;
    pub const UINT64: u8 = 0xcf;
    pub const INT8: u8 = 0xd0;
    pub const INT16: u8 = 0xd1;
    pub const INT32: u8 = 0xd2;
    pub const INT64: u8 = 0xd3;
    pub const FIXEXT1: u8 = 0xd4;
    pub const FIXEXT2: u8 = 0xd5;
    pub const FIXEXT4: u8 = 0xd6;
    pub const FIXEXT8: u8 = 0xd7;
    pub const FIXEXT16: u8 = 0xd8;
    pub const STR8: u8 = 0xd9;
    pub const STR16: u8 = 0xda;
    pub const STR32: u8 = 0xdb;
    pub const ARRAY16: u8 = 0xdc;
    pub const ARRAY32: u8 = 0xdd;
    pub const MAP16: u8 = 0xde;
    pub const MAP32: u8 = 0xdf;
}

/// Extension types of a time: Go's msgp library, and the one of the msgpack specification.
const TIME_GO: u8 = 5;
const TIME_STANDARD: u8 = 0xff;

/// Go's zero time, 0001-01-01T00:00:00Z, in seconds since the Unix epoch. The types of this crate hold it as
/// `Timestamp::ZERO`: both mean "not set".
const GO_ZERO_SECS: i64 = -62_135_596_800;
