//! A query string, taken apart and decoded once.

use std::borrow::Cow;

/// Decoded bytes: no text until somebody has looked.
type Decoded<'a> = Cow<'a, [u8]>;

/// The decoded parameters of a query in the order in which they were sent.
#[derive(Debug, Default)]
pub struct Query<'a> {
    pairs: Vec<(Decoded<'a>, Decoded<'a>)>,
}

impl<'a> Query<'a> {
    /// Takes a query apart. `None` if an escape is broken (`%zz`) or a bare `;` stands in it.
    pub fn parse(text: &'a str) -> Option<Query<'a>> {
        let mut pairs = Vec::new();
        for piece in text.split('&').filter(|piece| !piece.is_empty()) {
            if piece.contains(';') {
                return None;
            }
            let (key, value) = piece.split_once('=').unwrap_or((piece, ""));
            pairs.push((decode(key)?, decode(value)?));
        }
        Some(Query { pairs })
    }

    /// All parameters, decoded.
    pub fn pairs(&self) -> impl Iterator<Item = (&[u8], &[u8])> {
        self.pairs.iter().map(|(key, value)| (key.as_ref(), value.as_ref()))
    }

    /// The first value of a parameter; the key's case counts. `None` if the parameter isn't there or its value is no UTF-8.
    pub fn get(&self, key: &str) -> Option<&str> {
        let (_, value) = self.pairs().find(|(name, _)| *name == key.as_bytes())?;
        std::str::from_utf8(value).ok()
    }

    /// All values of a parameter whose key is written in any case.
    pub(super) fn all_ignoring_case(&self, key: &str) -> impl Iterator<Item = &[u8]> {
        self.pairs().filter(move |(name, _)| name.eq_ignore_ascii_case(key.as_bytes())).map(|(_, value)| value)
    }
}

fn decode(text: &str) -> Option<Decoded<'_>> {
    let bytes = text.as_bytes();
    if !bytes.iter().any(|byte| matches!(byte, b'%' | b'+')) {
        return Some(Cow::Borrowed(bytes));
    }
    let mut decoded = Vec::with_capacity(bytes.len());
    let mut rest = bytes.iter();
    while let Some(&byte) = rest.next() {
        decoded.push(match byte {
            b'+' => b' ',
            b'%' => hex_digit(*rest.next()?)? << 4 | hex_digit(*rest.next()?)?,
            other => other,
        });
    }
    Some(Cow::Owned(decoded))
}

pub(super) fn hex_digit(digit: u8) -> Option<u8> {
    match digit {
        b'0'..=b'9' => Some(digit - b'0'),
        b'a'..=b'f' => Some(digit - b'a' + 10),
        b'A'..=b'F' => Some(digit - b'A' + 10),
        _ => None,
    }
}
