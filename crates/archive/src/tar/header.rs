//! The 512 bytes before an entry.

use super::{EntryKind, TarError};

pub(super) const BLOCK: usize = 512;

/// A header's fields, before longer ones elsewhere replace them.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(super) struct Header {
    pub name: Vec<u8>,
    pub size: u64,
    /// Seconds since 1970.
    pub mod_time: i64,
    pub kind: HeaderKind,
    /// A file by the oldest programs' word, which called directories so too.
    pub v7_file: bool,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum HeaderKind {
    Entry(EntryKind),
    /// The next entry's name follows (GNU).
    LongName,
    /// What a link points to follows (GNU).
    LongLink,
    /// The next entry's records follow.
    Pax,
    Sparse,
}

impl Header {
    pub fn parse(block: &[u8; BLOCK]) -> Result<Header, TarError> {
        check_sum(block)?;
        let kind = kind(block[156]);
        let size = number(&block[124..136])?;
        // Links, devices and directories have no bytes, whatever their size says.
        let bare = matches!(block[156], b'1'..=b'6')
            || kind == HeaderKind::Entry(EntryKind::Directory)
            || kind == HeaderKind::Entry(EntryKind::Special);
        Ok(Header {
            name: name(block),
            size: if bare { 0 } else { u64::try_from(size).map_err(|_| TarError::Header)? },
            mod_time: number(&block[136..148])?,
            kind,
            v7_file: block[156] == 0,
        })
    }
}

/// The sum of all bytes, its own field taken for blanks; old programs summed signed bytes.
fn check_sum(block: &[u8; BLOCK]) -> Result<(), TarError> {
    let stored = number(&block[148..156])?;
    let bytes = || block[..148].iter().chain(&[b' '; 8]).chain(&block[156..]);
    let unsigned: i64 = bytes().map(|byte| i64::from(*byte)).sum();
    let signed: i64 = bytes().map(|byte| i64::from(byte.cast_signed())).sum();
    if stored == unsigned || stored == signed { Ok(()) } else { Err(TarError::Header) }
}

fn kind(flag: u8) -> HeaderKind {
    match flag {
        0 | b'0' => HeaderKind::Entry(EntryKind::File),
        b'3' | b'4' | b'6' => HeaderKind::Entry(EntryKind::Special),
        b'5' => HeaderKind::Entry(EntryKind::Directory),
        b'L' => HeaderKind::LongName,
        b'K' => HeaderKind::LongLink,
        b'x' => HeaderKind::Pax,
        b'S' => HeaderKind::Sparse,
        _ => HeaderKind::Entry(EntryKind::Other),
    }
}

/// The name; in ustar with the directories before it.
fn name(block: &[u8; BLOCK]) -> Vec<u8> {
    let name = text(&block[..100]);
    let prefix = text(&block[345..500]);
    if &block[257..263] == b"ustar\0" && !prefix.is_empty() {
        return [prefix, b"/", name].concat();
    }
    name.to_vec()
}

/// A text up to its zero.
pub(super) fn text(field: &[u8]) -> &[u8] {
    let end = field.iter().position(|byte| *byte == 0).unwrap_or(field.len());
    &field[..end]
}

/// A number in octal digits, or (GNU) in binary behind a high bit.
fn number(field: &[u8]) -> Result<i64, TarError> {
    if field[0] & 0x80 != 0 {
        return binary(field);
    }
    let digits = std::str::from_utf8(field).map_err(|_| TarError::Header)?;
    let digits = digits.trim_matches([' ', '\0']);
    if digits.is_empty() {
        return Ok(0);
    }
    if !digits.bytes().all(|byte| (b'0'..=b'7').contains(&byte)) {
        return Err(TarError::Header);
    }
    i64::from_str_radix(digits, 8).map_err(|_| TarError::Header)
}

/// Two's complement, big endian, without the highest bit.
fn binary(field: &[u8]) -> Result<i64, TarError> {
    let negative = field[0] & 0x40 != 0;
    let mut value: i128 = if negative { -1 } else { 0 };
    for (at, byte) in field.iter().enumerate() {
        let byte = if at == 0 && !negative { byte & 0x7f } else { *byte };
        value = value << 8 | i128::from(byte);
    }
    i64::try_from(value).map_err(|_| TarError::Header)
}
