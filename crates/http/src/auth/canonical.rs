//! The canonical request: what is signed.

use super::query::hex_digit;
use super::{AuthError, Query, RequestView};
use std::borrow::Cow;

/// A canonical request of an ordinary head fits without growing.
const TYPICAL_SIZE: usize = 1024;

/// The names in `SignedHeaders`: lower case, in order, once each.
#[derive(Debug)]
pub(super) struct SignedHeaders<'a> {
    /// The names joined with `;`.
    text: Cow<'a, str>,
}

impl<'a> SignedHeaders<'a> {
    /// Reads the list. `host` must be in it.
    pub(super) fn parse(text: &'a str) -> Result<Self, AuthError> {
        let list = SignedHeaders { text: in_order(text) };
        if list.contains("host") { Ok(list) } else { Err(AuthError::UnsignedHeaders) }
    }

    pub(super) fn contains(&self, name: &str) -> bool {
        self.names().any(|signed| signed == name)
    }

    fn names(&self) -> impl Iterator<Item = &str> {
        self.text.split(';')
    }
}

/// Clients send the list as it must be; for others it is brought into that shape.
fn in_order(text: &str) -> Cow<'_, str> {
    let sorted = text.split(';').is_sorted_by(|left, right| left < right);
    if sorted && !text.bytes().any(|byte| byte.is_ascii_uppercase()) {
        return Cow::Borrowed(text);
    }
    let lower = text.to_ascii_lowercase();
    let mut names: Vec<&str> = lower.split(';').collect();
    names.sort_unstable();
    names.dedup();
    Cow::Owned(names.join(";"))
}

/// The canonical request of `request`. `left_out` is the query parameter that isn't signed; `payload` the text that stands for the
/// body.
pub(super) fn request(
    request: &RequestView<'_>,
    query: &Query<'_>,
    left_out: Option<&str>,
    signed: &SignedHeaders<'_>,
    payload: &[u8],
) -> Result<Vec<u8>, AuthError> {
    let mut text = Vec::with_capacity(TYPICAL_SIZE);
    text.extend_from_slice(request.method.as_str().as_bytes());
    text.push(b'\n');
    push_path(&mut text, request.path);
    text.push(b'\n');
    push_query(&mut text, query, left_out);
    text.push(b'\n');
    for name in signed.names() {
        text.extend_from_slice(name.as_bytes());
        text.push(b':');
        push_header(&mut text, request, query, name)?;
        text.push(b'\n');
    }
    text.push(b'\n');
    text.extend_from_slice(signed.text.as_bytes());
    text.push(b'\n');
    text.extend_from_slice(payload);
    Ok(text)
}

/// The path, decoded and encoded again. An escape that is none stands for itself.
fn push_path(text: &mut Vec<u8>, path: &str) {
    let bytes = path.as_bytes();
    if bytes.is_empty() {
        text.push(b'/');
    }
    let mut at = 0;
    while let Some(&byte) = bytes.get(at) {
        let escaped = (byte == b'%').then(|| escape_at(bytes, at)).flatten();
        push_encoded(text, escaped.unwrap_or(byte), b'/');
        at += if escaped.is_some() { 3 } else { 1 };
    }
}

fn escape_at(bytes: &[u8], at: usize) -> Option<u8> {
    let [high, low] = [bytes.get(at + 1)?, bytes.get(at + 2)?];
    Some(hex_digit(*high)? << 4 | hex_digit(*low)?)
}

/// The parameters sorted by key; those of the same key stay in the order in which they were sent.
fn push_query(text: &mut Vec<u8>, query: &Query<'_>, left_out: Option<&str>) {
    let mut pairs: Vec<_> = query.pairs().filter(|(key, _)| left_out.map(str::as_bytes) != Some(*key)).collect();
    pairs.sort_by_key(|(key, _)| *key);
    for (index, (key, value)) in pairs.into_iter().enumerate() {
        if index > 0 {
            text.push(b'&');
        }
        key.iter().for_each(|byte| push_encoded(text, *byte, b'~'));
        text.push(b'=');
        value.iter().for_each(|byte| push_encoded(text, *byte, b'~'));
    }
}

/// One byte, escaped unless it is unreserved or `kept`.
fn push_encoded(text: &mut Vec<u8>, byte: u8, kept: u8) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    if byte.is_ascii_alphanumeric() || matches!(byte, b'-' | b'_' | b'.' | b'~') || byte == kept {
        text.push(byte);
    } else {
        text.extend_from_slice(&[b'%', DIGITS[usize::from(byte >> 4)], DIGITS[usize::from(byte & 15)]]);
    }
}

/// The values of a signed header. One that isn't there may stand in the query, or be what a proxy or the HTTP layer took away.
fn push_header(text: &mut Vec<u8>, request: &RequestView<'_>, query: &Query<'_>, name: &str) -> Result<(), AuthError> {
    if name == "host" {
        text.extend_from_slice(request.host.trim().as_bytes());
        return Ok(());
    }
    let from_headers = request.headers.get_all(name).iter().map(|value| value.as_bytes());
    if push_values(text, from_headers) || push_values(text, query.all_ignoring_case(name)) {
        return Ok(());
    }
    if name == "expect" {
        text.extend_from_slice(b"100-continue");
        return Ok(());
    }
    Err(AuthError::UnsignedHeaders)
}

/// Values trimmed, runs of blanks within them made one, joined by commas. Whether there were any.
fn push_values<'a>(text: &mut Vec<u8>, values: impl Iterator<Item = &'a [u8]>) -> bool {
    let mut any = false;
    for value in values {
        if any {
            text.push(b',');
        }
        any = true;
        let words = value.split(|byte| matches!(byte, b' ' | b'\t')).filter(|word| !word.is_empty());
        for (index, word) in words.enumerate() {
            if index > 0 {
                text.push(b' ');
            }
            text.extend_from_slice(word);
        }
    }
    any
}
